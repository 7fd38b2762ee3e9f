// Code that patches builtins and the streams' own prototypes, buffers that change under way, callbacks that call back, and bad data.
import { bytes, encode, equal, ok, rejects, same, throws, tick } from 'check';

const patched = (name) => function () { throw new Error(`patched ${name}`); };

// Descriptors that do not change with what is put on Object.prototype.
const nullPrototype = (descriptor) => (descriptor === undefined ? undefined : { __proto__: null, ...descriptor });

/** Runs `fn` with properties replaced; those that are promises must be looked at through what `run` gives. */
async function underPatches(patches, fn) {
  const undo = [];
  for (const [object, key, descriptor] of patches) {
    const old = nullPrototype(Object.getOwnPropertyDescriptor(object, key));
    undo.push(() => (old === undefined ? delete object[key] : Object.defineProperty(object, key, old)));
    Object.defineProperty(object, key, { __proto__: null, configurable: true, ...descriptor });
  }
  let result;
  try {
    result = fn();
    for (let i = 0; i < 200; i++) await null;
  } finally {
    for (let i = undo.length - 1; i >= 0; i--) undo[i]();
  }
  return result;
}

const thrower = (object, ...keys) => keys.map((key) => [object, key, { get: patched(String(key)) }]);
const TypedArray = Object.getPrototypeOf(Uint8Array.prototype);
const PATCHES = {
  'Promise.prototype.then': [[Promise.prototype, 'then', { value: patched('then'), writable: true }]],
  'Object.prototype.then': [[Object.prototype, 'then', { get: () => undefined }]],
  'Object.prototype.value and done': [[Object.prototype, 'value', { get: () => 'bad', set() {} }], [Object.prototype, 'done', { get: () => true, set() {} }]],
  'Array.prototype[Symbol.iterator]': [[Array.prototype, Symbol.iterator, { value: patched('iterator'), writable: true }]],
  'Array.prototype.push': [[Array.prototype, 'push', { value: patched('push'), writable: true }]],
  'Function.prototype': ['call', 'apply', 'bind'].map((key) => [Function.prototype, key, { value: patched(key), writable: true }]),
  ReadableStream: thrower(ReadableStream.prototype, 'getReader', 'cancel', 'pipeTo', 'tee', 'locked'),
  readers: [...thrower(ReadableStreamDefaultReader.prototype, 'read', 'releaseLock', 'closed', 'cancel'),
    ...thrower(ReadableStreamBYOBReader.prototype, 'read', 'releaseLock', 'closed')],
  writers: thrower(WritableStreamDefaultWriter.prototype, 'write', 'close', 'ready', 'closed', 'desiredSize', 'releaseLock'),
  transforms: thrower(TransformStream.prototype, 'readable', 'writable'),
  'typed arrays': thrower(TypedArray, 'buffer', 'byteLength', 'byteOffset', 'length', 'set', 'subarray', 'slice'),
  ArrayBuffer: thrower(ArrayBuffer.prototype, 'byteLength', 'slice', 'transfer', 'detached', 'resizable'),
  'Uint8Array[Symbol.species]': thrower(Uint8Array, Symbol.species),
};

export const patchedBuiltins = {
  async test() {
    for (const [name, patches] of Object.entries(PATCHES)) {
      const written = [];
      let count = 0;
      const source = new ReadableStream({ start(c) { c.enqueue('a'); c.enqueue('b'); c.close(); } });
      const dest = new WritableStream({ write(chunk) { written[count++] = chunk; } });
      const { pipeTo, tee, getReader } = ReadableStream.prototype;
      const { read } = ReadableStreamDefaultReader.prototype;
      const { text } = Response.prototype;
      const toTee = new ReadableStream({ start(c) { c.enqueue('t'); c.close(); } });
      const decoding = new TextDecoderStream();
      const piped = new Response(encode('h\u00e9').buffer).body.pipeThrough(decoding);
      const zipped = new Response('zip').body.pipeThrough(new CompressionStream('gzip')).pipeThrough(new DecompressionStream('gzip'));
      const toText = new Response(new ReadableStream({ start(c) { c.enqueue(encode('text')); c.close(); } }));
      const ofZip = new Response(zipped);
      const run = (fn, self, args = []) => Reflect.apply(fn, self, args);
      const got = await underPatches(patches, () => {
        const branches = run(tee, toTee);
        return {
          pipe: run(pipeTo, source, [dest]), tee: run(read, run(getReader, branches[1])), decoded: run(read, run(getReader, piped)),
          text: run(text, toText), zip: run(text, ofZip),
        };
      });
      await got.pipe;
      equal(written.join(), 'a,b', name);
      equal((await got.tee).value, 't', name);
      equal((await got.decoded).value, 'h\u00e9', name);
      equal(await got.text, 'text', name);
      equal(await got.zip, 'zip', name);
    }
  },
};

export const buffersChangeUnderWay = {
  async test() {
    for (const spoil of [(b) => b.transfer(), (b) => b.resize(4), (b) => b.resize(0)]) {
      // Reads into a buffer take it over: what its owner does to it then is the owner's business.
      const { readable, writable } = new IdentityTransformStream();
      const buffer = new ArrayBuffer(8, { maxByteLength: 16 });
      const read = readable.getReader({ mode: 'byob' }).read(new Uint8Array(buffer, 2, 6));
      throws(() => { spoil(buffer); if (buffer.byteLength === 0) throw new TypeError('is detached'); }, TypeError);
      const written = writable.getWriter().write(bytes(3, 4, 5));
      same([...(await read).value], [3, 4, 5]);
      await written;

      // The source of a byte stream may not shrink what it is to fill.
      let controller;
      const stream = new ReadableStream({ type: 'bytes', start(c) { controller = c; } });
      const pending = stream.getReader({ mode: 'byob' }).read(new Uint8Array(new ArrayBuffer(8, { maxByteLength: 16 })));
      spoil(controller.byobRequest.view.buffer);
      throws(() => controller.byobRequest.respond(3), TypeError);
      throws(() => controller.enqueue(bytes(1)), TypeError);
      controller.error(new Error('gives up'));
      await rejects(pending, 'gives up');
    }
    const chunk = bytes(1, 2, 3);
    const { readable, writable } = new IdentityTransformStream();
    const write = writable.getWriter().write(chunk);
    chunk[0] = 99;
    chunk.buffer.transfer();
    same([...(await readable.getReader().read()).value], [1, 2, 3]);
    await write;
  },
};

export const detachedChunksHoldNothing = {
  async test() {
    const detached = () => {
      const chunk = bytes(1, 2);
      chunk.buffer.transfer();
      return chunk;
    };
    const stream = (chunk) => new ReadableStream({ start(c) { c.enqueue(chunk); c.close(); } });
    equal(await new Response(stream(detached())).text(), '');
    const decoder = new TextDecoderStream();
    const writer = decoder.writable.getWriter();
    void writer.write(detached());
    void writer.write(encode('x'));
    equal((await decoder.readable.getReader().read()).value, 'x');
    let controller;
    new ReadableStream({ type: 'bytes', start(c) { controller = c; } });
    throws(() => controller.enqueue(detached()), TypeError);
    throws(() => controller.enqueue(new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer, 0, 4)), 'must be detachable');
    const reader = new ReadableStream({ type: 'bytes' }).getReader({ mode: 'byob' });
    await rejects(reader.read(detached()), TypeError);
    await rejects(reader.read(new Uint8Array(new SharedArrayBuffer(4))), TypeError);
  },
};

export const sizeCallsBack = {
  async test() {
    let controller;
    let early;
    const stream = new ReadableStream({ start(c) { controller = c; } }, { size() { early ??= reader.read(); return 1; }, highWaterMark: 5 });
    const reader = stream.getReader();
    controller.enqueue('chunk');
    equal((await early).value, 'chunk');

    const failing = new ReadableStream({ start(c) { controller = c; } }, { size() { throw new Error('no size'); } });
    controller.enqueue(1);
    await rejects(failing.getReader().read(), 'no size');

    const unsized = new ReadableStream({ start(c) { controller = c; } }, { size() {} });
    controller.enqueue(1);
    await rejects(unsized.getReader().read(), TypeError);

    const written = [];
    const writable = new WritableStream({ write(chunk) { written.push(chunk); } }, { size(n) { if (n < 3) void writer.write(n + 1); return 1; }, highWaterMark: 5 });
    const writer = writable.getWriter();
    await writer.write(1);
    same(written, [3, 2, 1]);
    const pipe = new ReadableStream({ start(c) { c.enqueue(1); } }).pipeTo(new WritableStream({}, { size() { throw new Error('no size'); } }));
    await rejects(pipe, 'no size');
  },
};

export const numbersOfStrategies = {
  test() {
    const desired = (highWaterMark) => new WritableStream({}, { highWaterMark }).getWriter().desiredSize;
    equal(desired(1.9), 1);
    equal(desired(3n), 3);
    equal(desired(Infinity), Infinity);
    for (const bad of [-1, NaN, -1n, {}, 'x']) throws(() => desired(bad), TypeError);
    throws(() => desired(2 ** 65), 'Must be less than or equal to');
    throws(() => new ReadableStream({}, 5), "parameter 2 is not of type 'StreamQueuingStrategy'");
    throws(() => new ReadableStream({}, { size: 5 }), "'size' field on 'StreamQueuingStrategy'");
    throws(() => new TransformStream({ readableType: 'x' }), 'transformer.readableType must be undefined.');
    new WritableStream({ type: 'anything' });
  },
};

export const writersOfInternalStreams = {
  async test() {
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    const end = readable.getReader().read();
    await writer.close();
    await end;
    await rejects(writer.close(), 'This WritableStream has been closed.');
    await writer.abort();
    equal(writer.desiredSize, 0);

    const other = new IdentityTransformStream();
    const late = other.writable.getWriter();
    await other.readable.cancel(new Error('unwanted'));
    await rejects(late.write('x'), 'unwanted');
    await rejects(late.write('x'), 'This WritableStream has been closed.');
    late.releaseLock();
    await rejects(other.writable.getWriter().write('x'), 'unwanted');
  },
};

async function gzip(stream) {
  return new Uint8Array(await new Response(stream.pipeThrough(new CompressionStream('gzip'))).arrayBuffer());
}

export const bombs = {
  async test() {
    let left = 64;
    const bomb = await gzip(new ReadableStream({ pull(c) { if (left-- > 0) c.enqueue(new Uint8Array(1 << 20)); else c.close(); } }));
    ok(bomb.length < 100_000, 'a small file');
    const { readable, writable } = new DecompressionStream('gzip');
    const writer = writable.getWriter();
    let done = false;
    const write = writer.write(bomb).then(() => { done = true; });
    for (let i = 0; i < 20; i++) await tick();
    equal(done, false, 'the writer waits for a reader');
    const reader = readable.getReader();
    let size = 0;
    for (let result; size < 64 << 20 && !(result = await reader.read()).done;) size += result.value.length;
    await write;
    equal(size, 64 << 20);
    await writer.close();
  },
};

export const damagedData = {
  async test() {
    const whole = await gzip(new Response('some data to compress, some data').body);
    const inflate = (data) => new Response(new Response(data).body.pipeThrough(new DecompressionStream('gzip'))).text();
    equal(await inflate(whole), 'some data to compress, some data');
    for (let size = 0; size < whole.length; size++) await rejects(inflate(whole.slice(0, size)), TypeError);
    for (const at of [0, 1, 2, 12, whole.length - 1, whole.length - 6]) {
      const flipped = whole.slice();
      flipped[at] ^= 0xff;
      await rejects(inflate(flipped), TypeError);
    }
    const trailing = new Uint8Array(whole.length + 3);
    trailing.set(whole);
    await rejects(inflate(trailing), 'Trailing bytes after end of compressed data');
  },
};
