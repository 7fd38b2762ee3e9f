// typescript_implemented_streams: IdentityTransformStream and its kin have the standard's behaviour and shape.
import { bytes, decode, equal, ok, rejects, same, tick } from 'check';

export const shapes = {
  test() {
    for (const Class of [IdentityTransformStream, CompressionStream, DecompressionStream, TextEncoderStream, TextDecoderStream]) {
      equal(Object.getPrototypeOf(Class.prototype), Object.prototype, Class.name);
      equal(Object.getPrototypeOf(Class), Function.prototype, Class.name);
      ok(Object.getOwnPropertyDescriptor(Class.prototype, 'readable').enumerable, Class.name);
      equal(Class.prototype[Symbol.toStringTag], Class.name);
    }
    ok(new FixedLengthStream(1) instanceof IdentityTransformStream, 'derived');
    ok(Object.hasOwn(ReadableStream.prototype, 'locked'), 'accessors are on the prototype at any date');
  },
};

export const endsAreKnownAtOnce = {
  async test() {
    const cancelled = new IdentityTransformStream();
    const writer = cancelled.writable.getWriter();
    const pending = writer.write('x');
    pending.catch(() => {});
    await cancelled.readable.cancel('why');
    equal(await pending.catch((e) => e), 'why');
    equal(await writer.closed.catch((e) => e), 'why');
    const aborted = new IdentityTransformStream();
    const reader = aborted.readable.getReader();
    const read = reader.read();
    read.catch(() => {});
    await aborted.writable.abort(new Error('stop'));
    await rejects(reader.closed, 'stop');
    await rejects(read, 'stop');
  },
};

export const severalReads = {
  async test() {
    const { readable, writable } = new IdentityTransformStream();
    const reader = readable.getReader();
    const reads = [reader.read(), reader.read(), reader.read()];
    const writer = writable.getWriter();
    await writer.write('a');
    await writer.write('b');
    await writer.close();
    equal(decode((await reads[0]).value) + decode((await reads[1]).value), 'ab');
    same(await reads[2], { done: true });
    const left = new ReadableStream().getReader();
    const unanswered = left.read();
    left.releaseLock();
    await rejects(unanswered, 'released');
  },
};

export const intoBuffers = {
  async test() {
    const { readable, writable } = new IdentityTransformStream();
    const reader = readable.getReader({ mode: 'byob' });
    const writer = writable.getWriter();
    let written = false;
    const write = writer.write(bytes(1, 2, 3, 4, 5)).then(() => { written = true; });
    same([...(await reader.read(new Uint8Array(2))).value], [1, 2]);
    await tick();
    equal(written, false, 'a write lasts until all of it is read');
    same([...(await reader.read(new Uint8Array(10))).value], [3, 4, 5]);
    await write;
    const atLeast = reader.read(new Uint8Array(4), { min: 3 });
    await writer.write(bytes(6, 7));
    await writer.write(bytes(8, 9, 10).subarray(0, 2));
    same([...(await atLeast).value], [6, 7, 8, 9]);
    const last = reader.read(new Uint8Array(4));
    await writer.close();
    equal((await last).done, true);
  },
};

export const lengths = {
  async test() {
    const short = new FixedLengthStream(5);
    const writer = short.writable.getWriter();
    const read = short.readable.getReader();
    const first = read.read();
    await writer.write('abc');
    equal(decode((await first).value), 'abc');
    await rejects(writer.close(), RangeError);
    await rejects(read.read(), RangeError);
    const long = new FixedLengthStream(2);
    const text = new Response(long.readable).text();
    text.catch(() => {});
    await rejects(long.writable.getWriter().write('abc'), RangeError);
    await rejects(text, RangeError);
    const right = new FixedLengthStream(3);
    const whole = new Response(right.readable).text();
    const w = right.writable.getWriter();
    void w.write('abc');
    void w.close();
    equal(await whole, 'abc');
  },
};

export const compressionWantsBytes = {
  async test() {
    for (const bad of [undefined, null, 1, {}, 'text', new SharedArrayBuffer(1), new Uint8Array(new SharedArrayBuffer(1))]) {
      const { readable, writable } = new CompressionStream('gzip');
      const read = readable.getReader().read();
      await rejects(writable.getWriter().write(bad), TypeError);
      await rejects(read, TypeError);
    }
  },
};
