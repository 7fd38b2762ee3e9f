import assert from 'node:assert';
import { AsyncLocalStorage } from 'node:async_hooks';

export const order = {
  async test() {
    const seen = [];
    setTimeout(() => seen.push(20), 20);
    setTimeout(() => seen.push(0));
    setTimeout((...args) => seen.push(args), 5, 'a', 'b');
    queueMicrotask(() => seen.push('microtask'));
    await scheduler.wait(40);
    assert.deepStrictEqual(seen, ['microtask', 0, ['a', 'b'], 20]);
  },
};

export const clearing = {
  async test() {
    let n = 0;
    clearTimeout(setTimeout(() => n++, 1));
    const interval = setInterval(() => {
      if (++n === 3) clearInterval(interval);
    }, 1);
    for (const nothing of [undefined, null, NaN, -1, 1.5, 'x', {}, 2 ** 60]) clearTimeout(nothing);
    await scheduler.wait(30);
    assert.strictEqual(n, 3);
  },
};

export const frames = {
  async test() {
    const store = new AsyncLocalStorage();
    const value = await store.run('inside', () => new Promise((resolve) => setTimeout(() => resolve(store.getStore()), 1)));
    assert.strictEqual(value, 'inside');
    assert.strictEqual(store.getStore(), undefined);
  },
};

export const limits = {
  test() {
    assert.throws(() => setTimeout('alert()'), TypeError);
    const ids = [];
    for (let i = 0; i < 10_000; i++) ids.push(setTimeout(() => {}, 1000));
    assert.throws(() => setTimeout(() => {}), {
      name: 'QuotaExceededError',
      message: 'You have exceeded the number of active timeouts you may set. max active timeouts: 10000, current active timeouts: 10000, finished timeouts: 0',
    });
    ids.forEach(clearTimeout);
    clearTimeout(setTimeout(() => {}));
  },
};

export const wait = {
  async test() {
    const controller = new AbortController();
    const waiting = scheduler.wait(10_000, { signal: controller.signal });
    controller.abort('enough');
    await assert.rejects(waiting, (e) => e === 'enough');
    await assert.rejects(scheduler.wait(1, { signal: AbortSignal.abort('before') }), (e) => e === 'before');
    await assert.rejects(scheduler.wait(), /parameter 1 is not of type 'number'/);
    await assert.rejects(scheduler.wait(1, { signal: {} }), /'signal' field on 'WaitOptions'/);
  },
};

export const dieWithTheRequest = {
  test() {
    setTimeout(() => { throw new Error('must never run'); }, 60_000);
  },
};
