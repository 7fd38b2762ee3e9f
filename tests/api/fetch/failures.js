// Requests that nobody answers: the error says where in the worker they were waited for.
import assert from 'node:assert';

async function innermost() {
  return await fetch('http://nobody/');
}
async function around() {
  const response = await innermost();
  return response.text();
}
const functions = (error) => [...error.stack.matchAll(/at async (\w+) /g)].map((match) => match[1]);

export const stacksNameWhoWaits = {
  async test() {
    const error = await around().catch((e) => e);
    assert.deepStrictEqual([error.name, error.message, error.retryable], ['Error', 'Network connection lost.', true]);
    assert.deepStrictEqual(functions(error).slice(0, 2), ['innermost', 'around']);
    const [{ reason }] = await Promise.allSettled([around(), 1]);
    assert.deepStrictEqual(functions(reason).slice(0, 2), ['innermost', 'around']);
    assert.deepStrictEqual(functions(await fetch('http://nobody/').catch((e) => e)), []);
  },
};

/** A replaced then() neither hears of the platform's promises nor keeps the error back. */
export const withoutTheirThen = {
  async test() {
    const { then } = Promise.prototype;
    let calls = 0;
    Promise.prototype.then = function (...args) {
      calls++;
      return Reflect.apply(then, this, args);
    };
    let error;
    try {
      await fetch('http://nobody/');
    } catch (e) {
      error = e;
    } finally {
      Promise.prototype.then = then;
    }
    assert.deepStrictEqual([error.message, calls], ['Network connection lost.', 0]);
  },
};
