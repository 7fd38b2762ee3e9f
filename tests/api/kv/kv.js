import assert from 'node:assert';

let seen;
let answer = () => new Response('value');

export default {
  async fetch(request) {
    seen = { method: request.method, url: request.url, headers: Object.fromEntries(request.headers), body: await request.text() };
    return answer(request);
  },
};

const sent = (method, path) => {
  assert.strictEqual(`${seen.method} ${seen.url}`, `${method} https://fake-host${path}`);
};

export const wireFormat = {
  async test(_, env) {
    answer = () => new Response('value', { headers: { 'CF-KV-Metadata': '{"m":1}', 'CF-Cache-Status': 'HIT' } });
    assert.deepStrictEqual(await env.KV.getWithMetadata('a b/é?', { cacheTtl: 60 }), { value: 'value', metadata: { m: 1 }, cacheStatus: 'HIT' });
    sent('GET', '/a%20b%2F%C3%A9%3F?urlencoded=true&cache_ttl=60');
    assert.strictEqual(seen.headers['cf-kv-flprod-405'], seen.url);

    await env.KV.put('k', 'text', { expiration: 10, expirationTtl: 20, metadata: { a: 'b' } });
    sent('PUT', '/k?urlencoded=true&expiration=10&expiration_ttl=20');
    assert.strictEqual(seen.body, 'text');
    assert.strictEqual(seen.headers['cf-kv-metadata'], '{"a":"b"}');
    assert.strictEqual(seen.headers['content-type'], 'text/plain;charset=UTF-8');
    await env.KV.put('k', new Uint8Array([65, 66, 67]).subarray(1));
    assert.strictEqual(seen.body, 'BC');
    assert.strictEqual(seen.headers['content-length'], '2');
    await env.KV.put('k', new Blob(['stream']).stream());
    assert.strictEqual(seen.body, 'stream');

    await env.KV.delete('a+b');
    sent('DELETE', '/a%2Bb?urlencoded=true');
  },
};

export const types = {
  async test(_, env) {
    answer = () => new Response('{"a":1}');
    assert.strictEqual(await env.KV.get('k'), '{"a":1}');
    assert.deepStrictEqual(await env.KV.get('k', 'json'), { a: 1 });
    assert.strictEqual((await env.KV.get('k', { type: 'arrayBuffer' })).byteLength, 7);
    assert.strictEqual(await new Response(await env.KV.get('k', 'stream')).text(), '{"a":1}');
    await assert.rejects(env.KV.get('k', 'xml'), { name: 'TypeError', message: /^Unknown response type/ });
    answer = () => new Response(null, { status: 404 });
    assert.strictEqual(await env.KV.get('k'), null);
    answer = () => new Response(null, { status: 500, statusText: 'Bad' });
    await assert.rejects(env.KV.get('k'), { message: 'KV GET failed: 500 Bad' });
    await assert.rejects(env.KV.delete('k'), { message: 'KV DELETE failed: 500 Bad' });
  },
};

export const bulkAndList = {
  async test(_, env) {
    answer = () => Response.json({ a: 'x', b: null });
    assert.deepStrictEqual(await env.KV.get(['a', 'b'], 'text'), new Map([['a', 'x'], ['b', null]]));
    sent('POST', '/bulk/get');
    assert.deepStrictEqual(JSON.parse(seen.body), { keys: ['a', 'b'], type: 'text' });
    await env.KV.getWithMetadata(['a'], { cacheTtl: 30 });
    assert.deepStrictEqual(JSON.parse(seen.body), { keys: ['a'], withMetadata: true, cacheTtl: '30' });

    answer = () => Response.json({ keys: [{ name: 'a', metadata: '{"x":1}' }, { name: 'b' }], list_complete: true });
    assert.deepStrictEqual(await env.KV.list({ prefix: 'a b', limit: 3, cursor: 'c' }),
      { keys: [{ name: 'a', metadata: { x: 1 } }, { name: 'b' }], list_complete: true, cacheStatus: null });
    sent('GET', '/?key_count_limit=3&prefix=a+b&cursor=c');
  },
};

export const refused = {
  async test(_, env) {
    for (const key of ['', '.', '..']) await assert.rejects(env.KV.get(key), TypeError);
    await assert.rejects(env.KV.put('é'.repeat(257), 'x'),
      { message: 'KV PUT failed: 414 UTF-8 encoded length of 514 exceeds key length limit of 512.' });
    await assert.rejects(env.KV.put('k', {}), { name: 'TypeError', message: /accepts only strings/ });
    await assert.rejects(env.KV.put('k', 'v', { expiration: NaN }), TypeError);
    assert.throws(() => new env.KV.constructor(), TypeError);
    assert.throws(() => structuredClone(env.KV), { name: 'DataCloneError' });
    assert.strictEqual(env.KV.constructor.name, 'KvNamespace');
  },
};

// What a worker does to builtins does not reach the binding.
export const pollution = {
  async test(_, env) {
    answer = () => new Response('safe');
    const { text } = Response.prototype;
    const body = Object.getPrototypeOf(Response.prototype);
    const saved = body.text;
    body.text = () => 'stolen';
    try {
      assert.strictEqual(await env.KV.get('k'), 'safe');
    } finally {
      body.text = saved;
    }
    assert.strictEqual(Response.prototype.text, text);
  },
};
