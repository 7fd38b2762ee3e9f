// ReadableStreamDrainingReader: there with both flags, and how it reads.
import { equal, ok, rejects, same, throws, tick } from 'check';

export const whetherThere = {
  test(_, env) {
    equal(typeof globalThis.ReadableStreamDrainingReader, env.exposed ? 'function' : 'undefined');
    equal(/\[native code\]/.test(ReadableStream.toString()), !env.typescript);
    equal(new IdentityTransformStream() instanceof TransformStream, !env.typescript);
    equal(Object.hasOwn(IdentityTransformStream.prototype, 'readable'), env.typescript);
  },
};

const queued = (options, ...chunks) => new ReadableStream({
  ...options,
  start(c) {
    for (const chunk of chunks) c.enqueue(chunk);
    c.close();
  },
});

export const reads = {
  async test(_, env) {
    if (!env.exposed) return;
    const Reader = ReadableStreamDrainingReader;
    const result = await new Reader(queued({}, 'a', 'b', 'c')).read();
    same(result, { chunks: ['a', 'b', 'c'], done: true });
    equal(Object.getPrototypeOf(result), null);
    const limited = new Reader(queued({}, 'a', 'b', 'c'));
    same(await limited.read({ maxSize: 1 }), { chunks: ['a'], done: false });
    same(await limited.read({ maxSize: 1.5 }), { chunks: ['b', 'c'], done: true });
    same(await limited.read(), { chunks: [], done: true });
    const bytes = new Reader(queued({ type: 'bytes' }, new Uint8Array(3), new Uint8Array(4), new Uint8Array(5)));
    same((await bytes.read({ maxSize: 4 })).chunks.map((chunk) => chunk.length), [3, 4]);
  },
};

export const waits = {
  async test(_, env) {
    if (!env.exposed) return;
    let controller;
    const reader = new ReadableStreamDrainingReader(new ReadableStream({ start(c) { controller = c; } }));
    const first = reader.read();
    await tick();
    controller.enqueue(1);
    controller.enqueue(2);
    same(await first, { chunks: [1, 2], done: false });
    const pending = reader.read();
    controller.error(new Error('broken'));
    await rejects(pending, 'broken');
    await rejects(reader.read(), 'broken');
  },
};

export const pullsAfterwards = {
  async test(_, env) {
    if (!env.exposed) return;
    let n = 0;
    const reader = new ReadableStreamDrainingReader(new ReadableStream({
      pull(c) {
        c.enqueue(++n);
        if (n === 5) c.close();
      },
    }, { highWaterMark: 2 }));
    const seen = [];
    for (let result; !result?.done;) seen.push((result = await reader.read()).chunks.join('+'));
    equal(seen.join('+'), '1+2+3+4+5');
    ok(seen.length < 5, 'chunks come together');
  },
};

export const knowsLengths = {
  async test(_, env) {
    if (!env.exposed) return;
    const lengthOf = (stream) => new ReadableStreamDrainingReader(stream).expectedLength;
    equal(lengthOf(new FixedLengthStream(42).readable), 42n);
    equal(lengthOf(new FixedLengthStream(0).readable), 0n);
    equal(lengthOf(new IdentityTransformStream().readable), undefined);
    equal(lengthOf(new ReadableStream({ expectedLength: 7 })), 7n);
    equal(lengthOf(new Response('hello').body), 5n);
  },
};

export const locksAndRefuses = {
  async test(_, env) {
    if (!env.exposed) return;
    const Reader = ReadableStreamDrainingReader;
    const stream = new ReadableStream();
    const reader = new Reader(stream);
    ok(stream.locked, 'locked');
    throws(() => new Reader(stream), 'Cannot get a reader for a stream that is locked');
    throws(() => new Reader({}), TypeError);
    await rejects(reader.read({ maxSize: 0 }), 'options.maxSize must be a positive number');
    await rejects(Reader.prototype.read.call({}), 'Illegal invocation');
    const pending = reader.read();
    reader.releaseLock();
    await rejects(pending, 'released');
    await rejects(reader.read(), 'This reader has been released');
    ok(!stream.locked, 'released');
    reader.releaseLock();
    const reasons = [];
    const other = new Reader(new ReadableStream({ cancel(reason) { reasons.push(reason); } }));
    await other.cancel('why');
    same(reasons, ['why']);
    await other.closed;
  },
};
