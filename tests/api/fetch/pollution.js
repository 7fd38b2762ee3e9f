// What user code does to the builtins must not reach the platform.
import assert from 'node:assert';

const patches = [
  [Array.prototype, 'push'], [Array.prototype, Symbol.iterator], [Array.prototype, 'join'], [Array.prototype, 'slice'], [Array.prototype, 'sort'],
  [String.prototype, 'toLowerCase'], [String.prototype, 'indexOf'], [String.prototype, 'charCodeAt'], [String.prototype, 'slice'],
  [Promise.prototype, 'then'], [Promise, 'resolve'], [RegExp.prototype, 'exec'], [Map.prototype, 'get'], [JSON, 'parse'], [JSON, 'stringify'],
  [Uint8Array.prototype.__proto__, 'set'], [Uint8Array.prototype.__proto__, 'slice'], [Object, 'keys'], [Reflect, 'apply'], [Number.prototype, 'toString'], [String.prototype, 'padStart'], [Error.prototype, 'toString'],
  [AbortController.prototype, 'abort'], [Headers.prototype, 'get'], [Headers.prototype, 'set'], [Headers.prototype, Symbol.iterator],
  [Response.prototype, 'clone'], [ReadableStream.prototype, 'tee'], [ReadableStream.prototype, 'getReader'], [EventTarget.prototype, 'addEventListener'],
  [EventTarget.prototype, 'dispatchEvent'],
];
const { get, set } = Headers.prototype;
const { clone } = Response.prototype;
const call = Reflect.apply;

export const test = {
  async test(_, env) {
    const results = [];
    const saved = patches.map(([holder, key]) => Object.getOwnPropertyDescriptor(holder, key));
    const define = Object.defineProperty;
    const broken = function () { throw new Error('patched'); };
    const body = JSON.stringify({ a: 1 });
    const bytes = new TextEncoder().encode('st');
    const event = new TextEncoder().encode('data: said\n\n');
    for (let i = 0; i < patches.length; i++) define(patches[i][0], patches[i][1], { value: broken, writable: true, configurable: true });
    define(Object.prototype, 'method', { get: () => 'DELETE', configurable: true });
    define(Object.prototype, 'headers', { get: () => ({ injected: '1' }), configurable: true });
    let failure;
    try {
      const h = new Headers({ 'Content-Type': 'a/b' });
      h.append('x', 'y');
      call(set, h, ['x', 'z']);
      results[0] = call(get, h, ['content-type']) + call(get, h, ['x']);
      const r = new Response(body);
      results[1] = await call(clone, r, []).text();
      results[2] = (await r.json()).a;
      const answer = await env.other.fetch('http://backend/teapot');
      results[3] = await answer.text();
      const fd = new FormData();
      fd.append('k', 'v');
      results[4] = (await new Response(fd).formData()).get('k');
      results[5] = await new Blob(['a', 'b']).slice(1).text();
      const streamed = new Response(new ReadableStream({ start(c) { c.enqueue(bytes); c.close(); } }));
      const other = call(clone, streamed, []);
      results[6] = await streamed.text() + await other.text();
      try {
        await env.other.fetch('http://backend/throw');
      } catch (e) {
        results[7] = `${e.name}: ${e.message}`;
      }
      const source = EventSource.from(new ReadableStream({ start(c) { c.enqueue(event); c.close(); } }));
      results[8] = await new Promise((resolve) => { source.onmessage = (e) => resolve(e.data); });
      results[9] = await new HTMLRewriter().on('a', { element(e) { e.replace(new Response('<i>'), { html: true }); } })
        .transform(new Response('<a>x</a>')).text();
      results[10] = await (await env.other.fetch('http://backend/302')).text();
    } catch (e) {
      failure = e;
    }
    delete Object.prototype.method;
    delete Object.prototype.headers;
    for (let i = 0; i < patches.length; i++) define(patches[i][0], patches[i][1], saved[i]);
    assert.ifError(failure);
    results[10] = JSON.parse(results[10]).url;
    assert.deepStrictEqual(results, ['a/bz', body, 1, 'short and stout', 'v', 'b', 'stst', 'RangeError: boom', 'said', '<i>',
      'http://backend/echo?from=302']);
  },
};
