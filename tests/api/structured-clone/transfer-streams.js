// Transfer of streams by structuredClone() and postMessage(): data, backpressure, ends from both sides, and what is refused.
const equal = (actual, expected, what = '') => {
  if (!Object.is(actual, expected)) throw new Error(`${what}: expected ${String(expected)}, got ${String(actual)}`);
};
const same = (actual, expected) => equal(JSON.stringify(actual), JSON.stringify(expected));
const tick = () => scheduler.wait(1);

async function reasonOf(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('did not reject');
}

function refusal(fn) {
  try {
    fn();
  } catch (error) {
    return error.name;
  }
  throw new Error('did not throw');
}

const transfer = (stream) => structuredClone(stream, { transfer: [stream] });

async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

export const readable = {
  async test() {
    const object = { deep: [1, 2] };
    const original = new ReadableStream({
      start(c) {
        for (const chunk of ['text', 1n, object, new Uint8Array([1, 2]), undefined]) c.enqueue(chunk);
        c.close();
      },
    });
    const received = transfer(original);
    equal(received instanceof ReadableStream, true);
    equal(received === original, false);
    equal(original.locked, true, 'the original is locked');
    equal(received.locked, false);
    const chunks = await collect(received);
    equal(chunks.length, 5);
    equal(chunks[0], 'text');
    equal(chunks[1], 1n);
    same(chunks[2], object);
    equal(chunks[2] === object, false, 'chunks are clones');
    same([...chunks[3]], [1, 2]);
    equal(chunks[4], undefined);
  },
};

export const readableBackpressure = {
  async test() {
    let pulls = 0;
    const received = transfer(new ReadableStream({ pull(c) { c.enqueue(++pulls); } }));
    await tick();
    // One in the original's queue, one on its way.
    equal(pulls <= 3, true, `only ${pulls} chunks are made ahead`);
    const before = pulls;
    await tick();
    equal(pulls, before, 'and no more with time');
    const reader = received.getReader();
    for (let i = 1; i <= 50; i++) equal((await reader.read()).value, i);
    await tick();
    equal(pulls <= 53, true, `${pulls} chunks for 50 reads`);
  },
};

export const readableEnds = {
  async test() {
    const error = new RangeError('broken');
    let controller;
    const failing = transfer(new ReadableStream({ start(c) { controller = c; } }));
    const pending = failing.getReader().read();
    controller.error(error);
    const reason = await reasonOf(pending);
    equal(reason instanceof RangeError && reason.message === 'broken' && reason !== error, true, 'the error is a clone');

    const cancelled = Promise.withResolvers();
    const received = transfer(new ReadableStream({ cancel(r) { cancelled.resolve(r); } }));
    await received.cancel({ why: 'enough' });
    same(await cancelled.promise, { why: 'enough' });

    const uncloneable = Promise.withResolvers();
    const other = transfer(new ReadableStream({ cancel(r) { uncloneable.resolve(r); } }));
    equal((await reasonOf(other.cancel(() => {}))).name, 'DataCloneError');
    equal((await uncloneable.promise).name, 'DataCloneError');
  },
};

export const uncloneableChunk = {
  async test() {
    const cancelled = Promise.withResolvers();
    const received = transfer(new ReadableStream({
      start(c) { c.enqueue(() => {}); },
      cancel(r) { cancelled.resolve(r); },
    }));
    equal((await reasonOf(received.getReader().read())).name, 'DataCloneError');
    equal((await cancelled.promise).name, 'DataCloneError');
  },
};

export const writable = {
  async test() {
    const seen = [];
    const release = [];
    const original = new WritableStream({
      write(chunk) {
        seen.push(chunk);
        return new Promise((resolve) => release.push(resolve));
      },
      close() { seen.push('closed'); },
    });
    const received = transfer(original);
    equal(original.locked, true);
    const writer = received.getWriter();
    equal(writer.desiredSize, 1);
    const writes = [];
    for (let i = 0; i < 6; i++) writes.push(writer.write(i));
    const closed = writer.close();
    await tick();
    same(seen, [0]);
    equal(writer.desiredSize < 0, true, 'the writer sees backpressure');
    for (let i = 0; i < 6; i++) {
      release.shift()();
      await tick();
    }
    await Promise.all(writes);
    await closed;
    await tick();
    same(seen, [0, 1, 2, 3, 4, 5, 'closed']);
  },
};

export const writableEnds = {
  async test() {
    const aborted = Promise.withResolvers();
    await transfer(new WritableStream({ abort(r) { aborted.resolve(r); } })).abort('stop');
    equal(await aborted.promise, 'stop');

    let controller;
    const writer = transfer(new WritableStream({ start(c) { controller = c; } })).getWriter();
    controller.error(new TypeError('no more'));
    const reason = await reasonOf(writer.closed);
    equal(reason instanceof TypeError && reason.message === 'no more', true);

    const failing = transfer(new WritableStream({ abort(r) { failed.resolve(r); } })).getWriter();
    const failed = Promise.withResolvers();
    equal((await reasonOf(failing.write(Symbol('s')))).name, 'DataCloneError');
    equal((await failed.promise).name, 'DataCloneError');
  },
};

export const transform = {
  async test() {
    const original = new TransformStream({ transform(chunk, c) { c.enqueue(chunk * 2); } });
    const { readable: r, writable: w } = original;
    const received = transfer(original);
    equal(received instanceof TransformStream, true);
    equal(r.locked && w.locked, true);
    const source = new ReadableStream({
      start(c) {
        for (const n of [1, 2, 3]) c.enqueue(n);
        c.close();
      },
    });
    same(await collect(source.pipeThrough(received)), [2, 4, 6]);
  },
};

export const byteStreams = {
  async test() {
    equal(await new Response(transfer(new Response('a body').body)).text(), 'a body');
    const identity = new IdentityTransformStream();
    const received = transfer(identity.writable);
    const text = new Response(identity.readable).text();
    const writer = received.getWriter();
    await writer.write(new TextEncoder().encode('bytes'));
    await writer.close();
    equal(await text, 'bytes');
    const big = new Uint8Array(3_000_000).fill(7);
    const copy = new Uint8Array(await new Response(transfer(new Response(big).body)).arrayBuffer());
    equal(copy.length, big.length);
    equal(copy.every((byte) => byte === 7), true);
  },
};

export const insideValues = {
  async test() {
    const a = new ReadableStream({ start(c) { c.enqueue('in a'); c.close(); } });
    const b = new WritableStream();
    const buffer = new ArrayBuffer(8);
    const value = structuredClone({ list: [a, a], map: new Map([['b', b]]), buffer }, { transfer: [b, buffer, a] });
    equal(value.list[0], value.list[1], 'once for all places');
    same(await collect(value.list[0]), ['in a']);
    equal(value.map.get('b') instanceof WritableStream, true);
    equal(buffer.detached && value.buffer.byteLength === 8, true);
    const unused = new ReadableStream();
    equal(structuredClone('other', { transfer: [unused] }), 'other');
    equal(unused.locked, true, 'transferred though not in the value');
    class Derived extends ReadableStream {}
    const derived = new Derived();
    equal(Object.getPrototypeOf(structuredClone(derived, { transfer: [derived] })), ReadableStream.prototype);
  },
};

export const chained = {
  async test() {
    let received = new ReadableStream({ start(c) { c.enqueue(1); c.enqueue(2); c.close(); } });
    for (let i = 0; i < 5; i++) received = transfer(received);
    same(await collect(received), [1, 2]);
  },
};

export const refusals = {
  test() {
    equal(refusal(() => structuredClone(new ReadableStream())), 'DataCloneError');
    equal(refusal(() => structuredClone({ s: new WritableStream() })), 'DataCloneError');
    const locked = new ReadableStream();
    locked.getReader();
    equal(refusal(() => transfer(locked)), 'DataCloneError');
    const written = new WritableStream();
    written.getWriter();
    equal(refusal(() => transfer(written)), 'DataCloneError');
    const half = new TransformStream();
    half.writable.getWriter();
    equal(refusal(() => transfer(half)), 'DataCloneError');
    equal(half.readable.locked, false, 'nothing has happened to the other half');
    const twice = new ReadableStream();
    equal(refusal(() => structuredClone(twice, { transfer: [twice, twice] })), 'DataCloneError');
    const gone = new ReadableStream();
    transfer(gone);
    equal(refusal(() => transfer(gone)), 'DataCloneError');
    const failed = new ReadableStream();
    equal(refusal(() => structuredClone([failed, () => {}], { transfer: [failed] })), 'DataCloneError');
    equal(failed.locked, false, 'a value that cannot be cloned takes nothing along');
    const compression = new CompressionStream('gzip');
    equal(refusal(() => structuredClone(compression, { transfer: [compression] })), 'TypeError');
    for (const pair of [(t) => [t, t.readable], (t) => [t.writable, t]]) {
      const list = pair(new TransformStream());
      equal(refusal(() => structuredClone(list, { transfer: list })), 'DataCloneError');
    }
    const busy = new ReadableStream();
    const value = { get first() { busy.getReader(); return 1; }, busy };
    equal(refusal(() => structuredClone(value, { transfer: [busy] })), 'DataCloneError');
    equal(refusal(() => structuredClone(1, { transfer: [{}] })), 'TypeError');
    equal(refusal(() => structuredClone(1, { transfer: 'x' })), 'TypeError');
  },
};

export const nestedClones = {
  test() {
    const outer = new ReadableStream();
    const value = {
      get inner() {
        equal(refusal(() => structuredClone(outer)), 'DataCloneError', 'the list is not for other clones');
        return structuredClone({ x: 1 });
      },
      outer,
    };
    const clone = structuredClone(value, { transfer: [outer] });
    equal(clone.inner.x, 1);
    equal(clone.outer instanceof ReadableStream, true);
  },
};

export const patchedByUsers = {
  async test() {
    const originals = [Promise.prototype.then, ReadableStream.prototype.getReader, ReadableStream.prototype.pipeTo];
    const original = new ReadableStream({ start(c) { c.enqueue('safe'); c.close(); } });
    let received;
    try {
      Promise.prototype.then = () => { throw new Error('patched then'); };
      ReadableStream.prototype.pipeTo = ReadableStream.prototype.getReader = () => { throw new Error('patched'); };
      Object.defineProperty(Object.prototype, 'readable', { get() { throw new Error('patched getter'); }, configurable: true });
      received = transfer(original);
    } finally {
      [Promise.prototype.then, ReadableStream.prototype.getReader, ReadableStream.prototype.pipeTo] = originals;
      delete Object.prototype.readable;
    }
    same(await collect(received), ['safe']);
  },
};

export const messages = {
  async test() {
    const { port1, port2 } = new MessageChannel();
    const arrived = new Promise((resolve) => port2.addEventListener('message', (event) => resolve(event.data)));
    const stream = new ReadableStream({ start(c) { c.enqueue('by message'); c.close(); } });
    const buffer = new ArrayBuffer(4);
    port1.postMessage({ stream, buffer }, [stream, buffer]);
    equal(stream.locked && buffer.detached, true);
    const data = await arrived;
    same(await collect(data.stream), ['by message']);
    equal(data.buffer.byteLength, 4);
    const other = new WritableStream();
    equal(refusal(() => port1.postMessage(other)), 'DataCloneError');
    port1.postMessage(other, { transfer: [other] });
    equal(other.locked, true);
    equal(refusal(() => port1.postMessage(other, [other])), 'DataCloneError');
    port1.close();
  },
};
