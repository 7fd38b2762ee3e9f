// Code may call itself what a built-in module is called: it is none for that. Only built-in modules may import internal ones.
import assert from 'node:assert';
import { createRequire } from 'node:module';
import inner from 'test:outer';

const INTERNAL = ['test:inner', 'cloudflare-internal:wrapped-binding', 'internal:unsafe-eval'];
const none = /^Error: (No such module|Module not found)/;

export const evaluated = {
  async test(_, { EVAL }) {
    for (const name of ['test:outer', 'test:inner', 'cloudflare:workers', 'node:fs', 'workerd:platform']) {
      for (const specifier of INTERNAL) {
        const code = `import('${specifier}')`;
        await assert.rejects(EVAL.eval(code, name), none);
        await assert.rejects(EVAL.newFunction(`return ${code}`, name)(), none);
        await assert.rejects(EVAL.eval(`${code}\n//# sourceURL=${name}`, 'mine'), none);
        await assert.rejects(EVAL.eval(`(async () => eval("${code}"))()`, name), none);
      }
    }
  },
};

export const required = {
  test() {
    for (const start of ['/test:outer', 'file:///test:outer', '/test%3Aouter', '/x/../test:outer', '/test:inner']) {
      for (const specifier of INTERNAL) assert.throws(() => createRequire(start)(specifier), none);
    }
  },
};

export const builtIn = {
  async test() {
    assert.strictEqual(inner.value, 'inner');
    // Its own import()s are allowed, whoever calls the function that makes them.
    assert.strictEqual((await inner.later()).default, 'inner');
    await assert.rejects(async () => inner.callback(() => import('test:inner')), none);
  },
};
