// AsyncLocalStorage and diagnostics channels.
import assert from 'node:assert/strict';
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import diagnostics from 'node:diagnostics_channel';

const storage = new AsyncLocalStorage();

export const follows = {
  async test() {
    assert.equal(storage.getStore(), undefined);
    await storage.run('a', async () => {
      assert.equal(storage.getStore(), 'a');
      await null;
      assert.equal(storage.getStore(), 'a');
      await new Promise((resolve) => setTimeout(resolve, 1));
      assert.equal(storage.getStore(), 'a');
      assert.equal(storage.run('b', () => storage.getStore()), 'b');
      assert.equal(storage.exit(() => storage.getStore()), undefined);
      assert.equal(storage.getStore(), 'a');
    });
    assert.equal(storage.getStore(), undefined);
  },
};
export const separate = {
  async test() {
    // Interleaved runs do not see each other.
    const one = (name) => storage.run(name, async () => {
      for (let i = 0; i < 5; i++) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        assert.equal(storage.getStore(), name);
      }
      return storage.getStore();
    });
    assert.deepEqual(await Promise.all(['x', 'y', 'z'].map(one)), ['x', 'y', 'z']);
  },
};
export const bound = {
  test() {
    const get = () => storage.getStore();
    const [fn, resource, snapshot] = storage.run(1, () => [AsyncLocalStorage.bind(get), new AsyncResource('R'), AsyncLocalStorage.snapshot()]);
    storage.run(2, () => {
      assert.equal(fn(), 1);
      assert.equal(resource.runInAsyncScope(get), 1);
      assert.equal(snapshot(get), 1);
      assert.equal(get(), 2);
    });
    assert.equal(new AsyncLocalStorage({ defaultValue: 9 }).getStore(), 9);
  },
};
export const listeners = {
  test() {
    // Events run in the context that dispatches them.
    const target = new EventTarget();
    let seen;
    storage.run('adding', () => target.addEventListener('x', () => { seen = storage.getStore(); }));
    storage.run('dispatching', () => target.dispatchEvent(new Event('x')));
    assert.equal(seen, 'dispatching');
  },
};
export const channels = {
  async test() {
    const channel = diagnostics.channel('test');
    const got = [];
    const listener = (message, name) => got.push([message, name]);
    diagnostics.subscribe('test', listener);
    assert.ok(channel.hasSubscribers);
    channel.publish({ n: 1 });
    diagnostics.unsubscribe('test', listener);
    channel.publish({ n: 2 });
    assert.deepEqual(got, [[{ n: 1 }, 'test']]);
    const tracing = diagnostics.tracingChannel('work');
    const steps = [];
    tracing.subscribe({ start: () => steps.push('start'), end: () => steps.push('end'), asyncStart: () => steps.push('asyncStart'), asyncEnd: () => steps.push('asyncEnd'), error: () => steps.push('error') });
    await tracing.tracePromise(async () => { steps.push('work'); }, {});
    assert.deepEqual(steps, ['start', 'work', 'end', 'asyncStart', 'asyncEnd']);
  },
};
