// User code that patches what the platform is made of must neither break it nor see its inside.
import { collect, equal, same } from 'check';

async function patched(target, key, value, run) {
  const before = Object.getOwnPropertyDescriptor(target, key);
  Object.defineProperty(target, key, { value, writable: true, configurable: true });
  try {
    return await run();
  } finally {
    if (before === undefined) delete target[key];
    else Object.defineProperty(target, key, before);
  }
}

const fail = () => { throw new Error('patched builtin was used'); };

async function everything() {
  const results = [];
  const reader = new ReadableStream({ start(c) { c.enqueue(1); c.enqueue(2); c.close(); } })
    .pipeThrough(new TransformStream({ transform(x, c) { c.enqueue(x * 2); } })).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    results[results.length] = value;
  }
  const branches = new ReadableStream({ start(c) { c.enqueue('x'); c.close(); } }).tee();
  results[results.length] = (await branches[0].getReader().read()).value;
  results[results.length] = (await branches[1].getReader().read()).value;
  const identity = new IdentityTransformStream();
  const writer = identity.writable.getWriter();
  const chunk = new Uint8Array(2);
  chunk[0] = 5;
  chunk[1] = 6;
  const write = writer.write(chunk);
  const byob = identity.readable.getReader({ mode: 'byob' });
  results[results.length] = (await byob.read(new Uint8Array(1))).value[0];
  results[results.length] = (await byob.read(new Uint8Array(1))).value[0];
  await write;
  return results;
}

const EXPECTED = [2, 4, 'x', 'x', 5, 6];

export const patchedPrototypes = {
  async test() {
    same(await everything(), EXPECTED, 'unpatched');
    for (const key of ['then', 'catch', 'finally']) {
      const results = await patched(Promise.prototype, key, fail, everything);
      same(results, EXPECTED, `Promise.prototype.${key}`);
    }
    for (const key of ['push', 'shift', 'slice', 'map', Symbol.iterator]) {
      const results = await patched(Array.prototype, key, fail, everything);
      same(results, EXPECTED, `Array.prototype.${String(key)}`);
    }
    for (const key of ['set', 'slice', 'subarray', 'fill']) {
      const results = await patched(Object.getPrototypeOf(Uint8Array.prototype), key, fail, everything);
      same(results, EXPECTED, `TypedArray.prototype.${key}`);
    }
    for (const key of ['resolve', 'reject', 'all']) {
      const results = await patched(Promise, key, fail, everything);
      same(results, EXPECTED, `Promise.${key}`);
    }
  },
};

export const pollutedObjects = {
  async test() {
    let seen = 0;
    const keys = ['then', 'chunk', 'close', 'error', 'next', 'done', 'size', 'highWaterMark', 'pull', 'start'];
    for (const key of keys) {
      Object.defineProperty(Object.prototype, key, {
        configurable: true,
        get() { return undefined; },
        set(value) {
          seen++;
          Object.defineProperty(this, key, { value, writable: true, enumerable: true, configurable: true });
        },
      });
    }
    let results;
    try {
      results = await everything();
    } finally {
      for (const key of keys) delete Object.prototype[key];
    }
    same(results, EXPECTED);
    equal(seen, 0, 'setters of Object.prototype that were called');
  },
};

export const indexSettersSeeNothing = {
  async test() {
    let seen = 0;
    Object.defineProperty(Array.prototype, '0', { configurable: true, get() { return undefined; }, set() { seen++; } });
    let results;
    try {
      results = await collectTwo();
    } finally {
      delete Array.prototype['0'];
    }
    equal(seen, 0, 'chunks that a setter saw');
    equal(results, 3);
  },
};

async function collectTwo() {
  const reader = new ReadableStream({ start(c) { c.enqueue(1); c.enqueue(2); c.close(); } }).getReader();
  return (await reader.read()).value + (await reader.read()).value;
}

export const controllersAreNoConstructors = {
  async test() {
    for (const C of [ReadableStreamDefaultController, ReadableByteStreamController, ReadableStreamBYOBRequest, WritableStreamDefaultController,
      TransformStreamDefaultController]) {
      let threw = false;
      try {
        new C();
      } catch (e) {
        threw = e instanceof TypeError;
      }
      equal(threw, true, C.name);
    }
    same(await collect(ReadableStream.from([1])), [1]);
  },
};
