// What user code does to the builtins must not reach the platform.
import assert from 'node:assert';

const patches = [
  [Array.prototype, 'push'], [Array.prototype, Symbol.iterator], [Array.prototype, 'join'], [Array.prototype, 'slice'], [Array.prototype, 'sort'],
  [String.prototype, 'toLowerCase'], [String.prototype, 'indexOf'], [String.prototype, 'charCodeAt'], [String.prototype, 'slice'],
  [Promise.prototype, 'then'], [Promise, 'resolve'], [RegExp.prototype, 'exec'], [Map.prototype, 'get'], [JSON, 'parse'], [JSON, 'stringify'],
  [Uint8Array.prototype.__proto__, 'set'], [Uint8Array.prototype.__proto__, 'slice'], [Object, 'keys'], [Reflect, 'apply'],
];

export const test = {
  async test(_, env) {
    const results = [];
    const saved = patches.map(([holder, key]) => Object.getOwnPropertyDescriptor(holder, key));
    const define = Object.defineProperty;
    const broken = function () { throw new Error('patched'); };
    const body = JSON.stringify({ a: 1 });
    for (let i = 0; i < patches.length; i++) define(patches[i][0], patches[i][1], { value: broken, writable: true, configurable: true });
    define(Object.prototype, 'method', { get: () => 'DELETE', configurable: true });
    define(Object.prototype, 'headers', { get: () => ({ injected: '1' }), configurable: true });
    let failure;
    try {
      const h = new Headers({ 'Content-Type': 'a/b' });
      h.append('x', 'y');
      h.set('x', 'z');
      results[0] = h.get('content-type') + h.get('x');
      const r = new Response(body);
      results[1] = await r.clone().text();
      results[2] = (await r.json()).a;
      const answer = await env.other.fetch('http://backend/teapot');
      results[3] = await answer.text();
      const fd = new FormData();
      fd.append('k', 'v');
      results[4] = (await new Response(fd).formData()).get('k');
      results[5] = await new Blob(['a', 'b']).slice(1).text();
    } catch (e) {
      failure = e;
    }
    delete Object.prototype.method;
    delete Object.prototype.headers;
    for (let i = 0; i < patches.length; i++) define(patches[i][0], patches[i][1], saved[i]);
    assert.ifError(failure);
    assert.deepStrictEqual(results, ['a/bz', body, 1, 'short and stout', 'v', 'b']);
  },
};
