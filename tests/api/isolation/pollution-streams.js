// Streams, text and compression in a world whose builtins user code has replaced.
import { check, lengthOf } from 'pollution';

const test = (label, use, options) => ({ test: (_, env) => check(label, async (given) => await use(given), env, options) });
const bytes = new Uint8Array([1, 2, 3, 4, 5]);
const text = new TextEncoder().encode('héllo wörld, héllo wörld');
const bad_ = new Uint8Array([0xff]);
const latin_ = new Uint8Array([0xe9]);
const wide_ = new Uint8Array([0x61, 0, 0x62, 0]);
const numbers = () => {
  let n = 0;
  return new ReadableStream({ __proto__: null, pull(c) { if (n === 3) c.close(); else c.enqueue(++n); } });
};
const slice = Uint8Array.prototype.slice;
const sliced = (chunk) => Reflect_apply(slice, chunk, []);
const Reflect_apply = Reflect.apply;
const byteStream = () => {
  let sent = false;
  return new ReadableStream({ __proto__: null, type: 'bytes', pull(c) {
    if (sent) return c.close();
    sent = true;
    c.enqueue(sliced(bytes));
  } });
};
async function all(stream) {
  const reader = stream.getReader();
  let out = '';
  for (;;) {
    const step = await reader.read();
    if (step.done) return out;
    out += `${step.value};`;
  }
}
async function allBytes(stream) {
  const reader = stream.getReader();
  let out = 0;
  for (;;) {
    const step = await reader.read();
    if (step.done) return out;
    for (let i = 0; step.value[i] !== undefined && i < 1000; i++) out = (out * 31 + step.value[i]) % 1000003;
  }
}

export const readable = test('readable', async () => {
  const branches = numbers().tee();
  const errored = new ReadableStream({ __proto__: null, start(c) { c.error('wrong'); } });
  let error;
  try { await errored.getReader().read(); } catch (e) { error = e; }
  const cancelled = numbers();
  await cancelled.cancel('why');
  const reader = numbers().getReader();
  const first = (await reader.read()).value;
  reader.releaseLock();
  return [await all(numbers()), await all(branches[0]), await all(branches[1]), error, first];
});

export const iterated = test('iterated', async () => {
  const iterator = numbers().values({ __proto__: null, preventCancel: true });
  const first = await iterator.next();
  const second = await iterator.next();
  await iterator.return();
  return [first.value, second.value];
});

export const piped = test('piped', async () => {
  let out = '';
  await numbers().pipeTo(new WritableStream({ __proto__: null, write(x) { out += x; }, close() { out += 'closed'; } }));
  const through = await all(numbers().pipeThrough(new TransformStream({ __proto__: null, transform(x, c) { c.enqueue(x * 2); }, flush(c) { c.enqueue('end'); } })));
  const chained = await all(numbers().pipeThrough(new TransformStream()).pipeThrough(new TransformStream()));
  let error;
  try {
    await numbers().pipeTo(new WritableStream({ __proto__: null, write() { throw 'bad'; } }), { __proto__: null, preventAbort: true });
  } catch (e) { error = e; }
  return [out, through, chained, error];
});

export const writable = test('writable', async () => {
  let out = '';
  const stream = new WritableStream({ __proto__: null, write(x) { out += x; }, abort(r) { out += `abort ${r}`; } });
  const writer = stream.getWriter();
  await writer.ready;
  writer.write('a');
  await writer.write('b');
  const size = writer.desiredSize;
  await writer.abort('z');
  let closed;
  try { await writer.closed; } catch (e) { closed = e; }
  const counted = new WritableStream({ __proto__: null }, new CountQueuingStrategy({ __proto__: null, highWaterMark: 4 }));
  return [out, size, closed, counted.getWriter().desiredSize];
});

export const byteStreams = test('byte streams', async () => {
  const byob = byteStream().getReader({ __proto__: null, mode: 'byob' });
  const first = await byob.read(new Uint8Array(2));
  const second = await byob.read(new Uint8Array(8));
  const branches = byteStream().tee();
  const atLeast = byteStream().getReader({ __proto__: null, mode: 'byob' });
  const three = await atLeast.readAtLeast(3, new Uint8Array(8));
  return [first.value[1], second.value[0], second.value[2], await allBytes(branches[0]), await allBytes(branches[1]), three.value[2]];
});

export const identity = test('identity', async () => {
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  const writing = writer.write(sliced(bytes));
  const got = await readable.getReader().read();
  await writing;
  const fixed = new FixedLengthStream(5);
  const other = fixed.writable.getWriter();
  const done = other.write(sliced(bytes));
  const closing = other.close();
  const sum = await allBytes(fixed.readable);
  await done;
  await closing;
  return [got.value[4], sum];
});

export const encoding = test('encoding', async () => {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder('utf-8', { __proto__: null, fatal: true });
  const into = encoder.encodeInto('abc', new Uint8Array(2));
  const streamed = new TextDecoder();
  const a = streamed.decode(sliced(text), { __proto__: null, stream: true });
  const b = streamed.decode();
  let bad;
  try { decoder.decode(bad_); } catch (e) { bad = e.name; }
  const latin = new TextDecoder('latin1').decode(latin_);
  const wide = new TextDecoder('utf-16le').decode(wide_);


  return [encoder.encode('é')[1], into.read, into.written, a, b, bad, latin, wide, atob('aGk='), btoa('hi')];
});

export const textStreams = test('text streams', async () => {
  const decoded = await all(new Response(text).body.pipeThrough(new TextDecoderStream()));
  const source = new ReadableStream({ __proto__: null, start(c) { c.enqueue('ab'); c.enqueue('é'); c.close(); } });
  return [decoded, await allBytes(source.pipeThrough(new TextEncoderStream()))];
});

export const compression = test('compression', async () => {
  const packed = new Response(text).body.pipeThrough(new CompressionStream('gzip'));
  const unpacked = await new Response(packed.pipeThrough(new DecompressionStream('gzip'))).text();
  const raw = await new Response(new Response(text).body.pipeThrough(new CompressionStream('deflate-raw'))).arrayBuffer();
  let bad;
  try { await new Response(new Response('no gzip').body.pipeThrough(new DecompressionStream('gzip'))).text(); } catch (e) { bad = e.name; }
  return [unpacked, lengthOf(raw) > 5, bad];
});

export const from = test('from', async () => {
  let n = 0;
  const source = { __proto__: null, next() { return { __proto__: null, done: n === 2, value: n++ }; } };
  source[Symbol.asyncIterator] = () => source;
  return [await all(ReadableStream.from(source))];
});

export const digest = test('digest stream', async () => {
  const stream = new crypto.DigestStream('SHA-256');
  const writer = stream.getWriter();
  await writer.write(sliced(text));
  await writer.close();
  const result = await stream.digest;
  return [lengthOf(result), stream.bytesWritten === 27n];
});
