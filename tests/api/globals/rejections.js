import assert from 'node:assert';

const seen = [];
addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  seen.push(['unhandled', event.reason, event.promise]);
});
addEventListener('rejectionhandled', (event) => seen.push(['handled', event.reason, event.promise]));

const turn = () => scheduler.wait(1);

export const unhandled = {
  async test() {
    seen.length = 0;
    const promise = Promise.reject('lost');
    await turn();
    assert.deepStrictEqual(seen.map(([kind, reason]) => [kind, reason]), [['unhandled', 'lost']]);
    assert.strictEqual(seen[0][2], promise);
    await promise.catch(() => {});
    await turn();
    assert.deepStrictEqual(seen.map(([kind]) => kind), ['unhandled', 'handled']);
  },
};

export const handledAtOnce = {
  async test() {
    seen.length = 0;
    const promise = Promise.reject('caught');
    promise.catch(() => {});
    await turn();
    assert.deepStrictEqual(seen, []);
  },
};

export const settledTwice = {
  async test() {
    seen.length = 0;
    new Promise((resolve, reject) => {
      resolve(1);
      reject('ignored');
    });
    await turn();
    assert.deepStrictEqual(seen, []);
  },
};
