// Where workerd's streams are more, or other, than the standard's.
import { bytes, collect, decode, encode, equal, ok, rejects, same, throws, tick } from 'check';

export const identityHandsOverByteForByte = {
  async test() {
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    const reader = readable.getReader();
    const chunk = bytes(1, 2, 3);
    const write = writer.write(chunk);
    chunk[0] = 9;
    same([...(await reader.read()).value], [1, 2, 3], 'a copy of what was written');
    await write;
    writer.write('text');
    equal(decode((await reader.read()).value), 'text');
    const pending = reader.read();
    await rejects(reader.read(), 'single pending read');
    throws(() => reader.releaseLock(), 'outstanding');
    await writer.close();
    same(await pending, { done: true });
    await rejects(writer.close(), 'This WritableStream has been closed.');
    await rejects(writer.write(bytes(1)), 'closed');
    writer.releaseLock();
    await writable.close();
  },
};

export const identityRefusesWhatIsNoBytes = {
  async test() {
    const { writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    await rejects((async () => writer.write({}))(), 'non-ArrayBuffer/ArrayBufferView');
    await writer.write(undefined);
    await writer.write(new Uint8Array(0));
  },
};

export const reasonsCrossAsErrors = {
  async test() {
    for (const [reason, message] of [['why', 'why'], [undefined, 'Stream was cancelled.'], [new TypeError('typed'), 'typed']]) {
      const { readable, writable } = new IdentityTransformStream();
      const write = writable.getWriter().write(bytes(1));
      await readable.cancel(reason);
      await rejects(write, message);
    }
    const { readable, writable } = new IdentityTransformStream();
    const read = readable.getReader().read();
    await writable.abort(new RangeError('abort'));
    await rejects(read, RangeError);
  },
};

export const markedIdentityShowsBackpressure = {
  async test() {
    const { readable, writable } = new IdentityTransformStream({ highWaterMark: 4 });
    const writer = writable.getWriter();
    const reader = readable.getReader();
    equal(writer.desiredSize, 4);
    writer.write(bytes(1));
    writer.write(bytes(2, 3, 4, 5));
    equal(writer.desiredSize, -1);
    await reader.read();
    await tick();
    equal(writer.desiredSize, 0);
    await reader.read();
    await writer.ready;
    equal(writer.desiredSize, 4);
  },
};

export const fixedLengthsAreKept = {
  async test() {
    throws(() => new FixedLengthStream(-1), TypeError);
    throws(() => new FixedLengthStream(2 ** 53), TypeError);
    ok(new FixedLengthStream(1n) instanceof IdentityTransformStream);
    {
      const { readable, writable } = new FixedLengthStream(2);
      const writer = writable.getWriter();
      writer.write(bytes(1, 2, 3)).catch(() => {});
      await rejects(readable.getReader().read(), 'too many bytes');
    }
    {
      const { readable, writable } = new FixedLengthStream(2);
      writable.close();
      await rejects(readable.getReader().read(), 'did not see all expected bytes');
    }
  },
};

export const readAtLeastWaits = {
  async test() {
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    const reader = readable.getReader({ mode: 'byob' });
    for (const n of [1, 2, 3]) writer.write(bytes(n));
    writer.close();
    same([...(await reader.readAtLeast(2, new Uint8Array(10))).value], [1, 2]);
    const last = await reader.readAtLeast(5, new Uint8Array(10));
    same([last.done, ...last.value], [false, 3]);
    const end = await reader.readAtLeast(5, new Uint8Array(10));
    equal(end.done, true);
    if (Cloudflare.compatibilityFlags.internal_stream_byob_return_view) equal(end.value.byteLength, 0);
    await rejects(reader.readAtLeast(11, new Uint8Array(10)), 'exceeds size of buffer');
    await rejects(reader.read(new Uint8Array(0)), 'positive-sized');
  },
};

export const endsAnswerReadsIntoBuffers = {
  async test() {
    const wanted = [];
    const parts = ['hello', 'there'];
    const stream = new ReadableStream({
      type: 'bytes',
      pull(c) {
        wanted.push(c.byobRequest.atLeast);
        const part = encode(parts.shift());
        c.byobRequest.view.set(part);
        c.byobRequest.respond(part.length);
        if (parts.length === 0) c.close();
      },
    });
    const reader = stream.getReader({ mode: 'byob' });
    const { value, done } = await reader.readAtLeast(100, new Uint8Array(100));
    equal(decode(value), 'hellothere');
    equal(done, false);
    same(wanted, [100, 95]);
  },
};

export const byteStreamsAllocateByThemselves = {
  async test() {
    let size;
    const stream = new ReadableStream({
      type: 'bytes',
      pull(c) {
        size = c.byobRequest.view.byteLength;
        c.byobRequest.view[0] = 7;
        c.byobRequest.respond(1);
      },
    });
    same([...(await stream.getReader().read()).value], [7]);
    equal(size, 4096);
  },
};

export const branchesGoOneByOne = {
  async test() {
    let reason;
    const [one, two] = new ReadableStream({ cancel(r) { reason = r; } }).tee();
    await one.cancel('first');
    equal(reason, undefined);
    await two.cancel('last');
    equal(reason, 'last');
  },
};

export const teeKeepsUpWithTheFastBranch = {
  async test() {
    const { readable, writable } = new IdentityTransformStream();
    const [one, two] = readable.tee();
    ok(readable.locked);
    const writer = writable.getWriter();
    const fast = one.getReader();
    for (const n of [1, 2]) {
      const read = fast.read();
      await writer.write(bytes(n));
      same([...(await read).value], [n]);
    }
    writer.close();
    const slow = two.getReader({ mode: 'byob' });
    same([...(await slow.readAtLeast(2, new Uint8Array(2))).value], [1, 2]);
    equal((await fast.read()).done, true);
    equal((await slow.read(new Uint8Array(1))).done, true);
  },
};

export const oldConstructorsAreIdentity = {
  async test() {
    const standard = Cloudflare.compatibilityFlags.transformstream_enable_standard_constructor;
    const { readable } = new TransformStream();
    if (standard) throws(() => readable.getReader({ mode: 'byob' }), 'BYOB');
    else readable.getReader({ mode: 'byob' });
  },
};

export const failedStartsFailTheStream = {
  async test() {
    const failure = new Error('start');
    await rejects(new ReadableStream({ start() { throw failure; } }).getReader().read(), failure);
    await rejects(new WritableStream({ start() { throw failure; } }).getWriter().write(1), failure);
  },
};

export const textStreams = {
  async test() {
    const encoder = new TextEncoderStream();
    const writer = encoder.writable.getWriter();
    for (const part of ['\ud83d', '\ude00', '\ud800', '']) writer.write(part);
    writer.close();
    same((await collect(encoder.readable)).map((c) => [...c]), [[0xf0, 0x9f, 0x98, 0x80], [0xef, 0xbf, 0xbd]]);

    const decoder = new TextDecoderStream();
    const source = ReadableStream.from([bytes(0xef, 0xbb), bytes(0xbf, 0xe2), bytes(0x82, 0xac)]);
    same(await collect(source.pipeThrough(decoder)), ['€']);
    equal(decoder.encoding, 'utf-8');

    const fatal = new TextDecoderStream('utf-8', { fatal: true });
    await rejects(collect(ReadableStream.from([bytes(0xff)]).pipeThrough(fatal)), TypeError);
    await rejects(collect(ReadableStream.from([1]).pipeThrough(new TextDecoderStream())), 'not a BufferSource');
  },
};
