// The standard's streams, in the mode that keeps to the standard everywhere (pedantic_wpt).
import { bytes, collect, equal, ok, rejects, same, throws, tick } from 'check';

export const pullsAsMuchAsTheMarkAllows = {
  async test() {
    let pulls = 0;
    const stream = new ReadableStream({ pull(c) { c.enqueue(pulls++); } }, { highWaterMark: 3 });
    equal(pulls, 0, 'no pull before start is done');
    await tick();
    equal(pulls, 3);
    const reader = stream.getReader();
    same(await reader.read(), { value: 0, done: false });
    await tick();
    equal(pulls, 4);
  },
};

export const sizesAndMarksAreChecked = {
  test() {
    throws(() => new ReadableStream({}, { highWaterMark: -1 }), RangeError);
    throws(() => new ReadableStream({ type: 'bytes' }, { size() { return 1; } }), RangeError);
    let controller;
    new ReadableStream({ start(c) { controller = c; } }, { size() { return NaN; } });
    throws(() => controller.enqueue(1), RangeError);
    equal(controller.desiredSize, null);
    throws(() => new ReadableStream({ start() { throw new TypeError('at once'); } }), 'at once');
  },
};

export const teeGivesBothTheSame = {
  async test() {
    let reasons;
    const stream = new ReadableStream({
      start(c) { for (const x of ['a', 'b']) c.enqueue(x); },
      cancel(reason) { reasons = reason; },
    });
    const [one, two] = stream.tee();
    throws(() => stream.getReader(), 'locked');
    const first = one.getReader();
    const second = two.getReader();
    equal((await first.read()).value, 'a');
    equal((await second.read()).value, 'a');
    equal((await second.read()).value, 'b');
    const cancelled = first.cancel(1);
    equal(reasons, undefined, 'the source lives while one branch does');
    await second.cancel(2);
    await cancelled;
    same(reasons, [1, 2]);
  },
};

export const byteStreamsFillTheReadersBuffer = {
  async test() {
    const seen = [];
    const stream = new ReadableStream({
      type: 'bytes',
      pull(c) {
        const { view } = c.byobRequest;
        seen.push(view.byteLength);
        view[0] = seen.length;
        c.byobRequest.respond(1);
      },
    });
    const reader = stream.getReader({ mode: 'byob' });
    const buffer = new ArrayBuffer(8);
    const { value } = await reader.read(new Uint16Array(buffer, 2, 2), { min: 2 });
    ok(value instanceof Uint16Array);
    equal(value.byteOffset, 2);
    equal(value.length, 2);
    equal(buffer.byteLength, 0, 'the buffer given is detached');
    same(seen, [4, 3, 2, 1]);
  },
};

export const bytesLeftOverAreKept = {
  async test() {
    let controller;
    const stream = new ReadableStream({ type: 'bytes', start(c) { controller = c; } });
    controller.enqueue(bytes(1, 2, 3, 4, 5));
    const reader = stream.getReader({ mode: 'byob' });
    same([...(await reader.read(new Uint8Array(2))).value], [1, 2]);
    const pending = reader.read(new Uint32Array(1));
    controller.enqueue(bytes(6));
    const { value } = await pending;
    same([...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)], [3, 4, 5, 6]);
    controller.enqueue(bytes(7));
    const cut = reader.read(new Uint16Array(1));
    throws(() => controller.close(), TypeError);
    await rejects(cut, TypeError);
  },
};

export const releasedReadersForget = {
  async test() {
    const stream = new ReadableStream();
    const reader = stream.getReader();
    const read = reader.read();
    const { closed } = reader;
    reader.releaseLock();
    await rejects(read, 'released');
    await rejects(closed, 'released');
    await rejects(reader.read(), 'released');
    stream.getReader();
  },
};

export const iterationCancelsUnlessAskedNotTo = {
  async test() {
    let cancelled = 0;
    const make = () => new ReadableStream({ pull(c) { c.enqueue(1); }, cancel() { cancelled++; } });
    for await (const _ of make()) break;
    equal(cancelled, 1);
    const kept = make();
    for await (const _ of kept.values({ preventCancel: true })) break;
    equal(cancelled, 1);
    equal(kept.locked, false);
    equal(ReadableStream.prototype.values, ReadableStream.prototype[Symbol.asyncIterator]);
  },
};

export const streamsFromIterables = {
  async test() {
    same(await collect(ReadableStream.from([1, Promise.resolve(2)])), [1, 2]);
    let closed = false;
    async function* letters() {
      try {
        yield 'a';
        yield 'b';
      } finally {
        closed = true;
      }
    }
    for await (const letter of ReadableStream.from(letters())) {
      equal(letter, 'a');
      break;
    }
    ok(closed, 'the iterator was closed');
    throws(() => ReadableStream.from(5), TypeError);
    throws(() => ReadableStream.from(null), TypeError);
  },
};

export const writesWaitForEachOther = {
  async test() {
    const log = [];
    const stream = new WritableStream({
      async write(x) {
        log.push(`write ${x}`);
        await tick();
        log.push(`wrote ${x}`);
      },
      close() { log.push('close'); },
    }, { highWaterMark: 2 });
    const writer = stream.getWriter();
    equal(writer.desiredSize, 2);
    writer.write(1);
    writer.write(2);
    equal(writer.desiredSize, 0);
    await writer.ready;
    await writer.close();
    await writer.closed;
    same(log, ['write 1', 'wrote 1', 'write 2', 'wrote 2', 'close']);
    await rejects(writer.write(3), TypeError);
  },
};

export const abortWaitsForTheWriteUnderWay = {
  async test() {
    let signal;
    let finish;
    let reason;
    const stream = new WritableStream({
      start(c) { signal = c.signal; },
      write() { return new Promise((resolve) => { finish = resolve; }); },
      abort(r) { reason = r; },
    });
    const writer = stream.getWriter();
    await tick();
    const first = writer.write(1);
    const second = writer.write(2);
    const aborted = writer.abort('enough');
    ok(signal.aborted);
    equal(reason, undefined);
    finish();
    await first;
    await rejects(second, 'enough');
    await aborted;
    equal(reason, 'enough');
  },
};

export const pipesPropagate = {
  async test() {
    const failure = new Error('source');
    let aborted;
    const bad = new ReadableStream({ pull() { throw failure; } });
    await rejects(bad.pipeTo(new WritableStream({ abort(r) { aborted = r; } })), failure);
    equal(aborted, failure);

    let cancelled;
    const endless = new ReadableStream({ pull(c) { c.enqueue(1); }, cancel(r) { cancelled = r; } });
    const refusal = new Error('sink');
    await rejects(endless.pipeTo(new WritableStream({ write() { throw refusal; } })), refusal);
    equal(cancelled, refusal);

    const kept = new WritableStream();
    await ReadableStream.from([1, 2]).pipeTo(kept, { preventClose: true });
    const writer = kept.getWriter();
    await writer.write(3);
    await writer.close();

    const source = new ReadableStream({ cancel(r) { cancelled = r; } });
    const controller = new AbortController();
    const piped = source.pipeTo(new WritableStream(), { signal: controller.signal, preventAbort: true });
    controller.abort('stop');
    await rejects(piped, 'stop');
    equal(cancelled, 'stop');
    equal(source.locked, false);
  },
};

export const transformsTransform = {
  async test() {
    const upper = new TransformStream({
      start(c) { c.enqueue('<'); },
      async transform(chunk, c) {
        if (chunk === '') return;
        await tick();
        c.enqueue(chunk.toUpperCase());
      },
      flush(c) { c.enqueue('>'); },
    });
    same(await collect(ReadableStream.from(['a', '', 'b']).pipeThrough(upper)), ['<', 'A', 'B', '>']);

    const failing = new TransformStream({ transform() { throw new Error('no'); } });
    const writer = failing.writable.getWriter();
    const read = failing.readable.getReader().read();
    await rejects(writer.write(1), 'no');
    await rejects(read, 'no');
    await rejects(writer.closed, 'no');

    const ended = new TransformStream({ transform(_, c) { c.terminate(); } });
    const source = ReadableStream.from([1, 2]);
    same(await collect(source.pipeThrough(ended)), []);
  },
};

export const backpressureReachesTheWriter = {
  async test() {
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    let written = false;
    const write = writer.write(1).then(() => { written = true; });
    await tick();
    equal(written, false, 'nobody reads yet');
    equal((await readable.getReader().read()).value, 1);
    await write;
  },
};
