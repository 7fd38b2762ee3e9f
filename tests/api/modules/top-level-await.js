// import() of modules that wait for something, in both registries.
import assert from 'node:assert';

const NEW = Cloudflare.compatibilityFlags.new_module_registry === true;
const UNSETTLED = { name: 'Error', message: 'Top-level await in module is unsettled.' };
const soon = (promise) => Promise.race([promise.then(() => 'done', () => 'failed'), scheduler.wait(30).then(() => 'pending')]);

export const ends = {
  async test() {
    assert.strictEqual((await import('ready')).default, 7);
    await assert.rejects(import('rejects'), { name: 'RangeError', message: 'later' });
    await assert.rejects(import('rejects'), { name: 'RangeError', message: 'later' });
    assert.strictEqual((await import('imports-ready')).default, 14);
  },
};

// The first registry waits as long as there is something left to run.
export const neverEnds = {
  async test() {
    for (const name of ['never', 'imports-never', 'never']) {
      if (NEW) assert.strictEqual(await soon(import(name)), 'pending');
      else await assert.rejects(import(name), UNSETTLED);
    }
    assert.strictEqual((await import('ready')).default, 7);
  },
};

export const endedByARequest = {
  async test() {
    globalThis.gate = Promise.withResolvers();
    const waiting = import('gated');
    if (!NEW) {
      await assert.rejects(waiting, UNSETTLED);
      return;
    }
    assert.strictEqual(await soon(waiting), 'pending');
    globalThis.gate.resolve(3);
    assert.strictEqual((await waiting).default, 3);
  },
};

// Many at once: each gets its own answer.
export const together = {
  async test() {
    const results = await Promise.allSettled([import('ready'), soon(import('never')), import('rejects'), import('none'), import('imports-ready')]);
    assert.deepStrictEqual(results.map(({ status }) => status), ['fulfilled', 'fulfilled', 'rejected', 'rejected', 'fulfilled']);
    assert.strictEqual(results[1].value, NEW ? 'pending' : 'failed');
  },
};

export const required = {
  async test() {
    const message = NEW ? /^Top-level await is not supported in this context for module: file:\/\/\/bundle\/never$/ : /^Top-level await in module is not permitted at this time\.$/;
    await assert.rejects(import('requires-never'), { name: 'Error', message });
    await assert.rejects(import('requires-never'), { name: 'Error', message });
  },
};
