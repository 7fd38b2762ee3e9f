// What compatibility dates before the flags gave.
import assert from 'node:assert';

export const urls = {
  async test(_, env) {
    assert.strictEqual(new Request('http://foo').url, 'http://foo');
    assert.strictEqual(new Request('foo').url, 'foo');
    await assert.rejects(env.other.fetch('foo'), { name: 'TypeError', message: 'Fetch API cannot load: foo' });
    const seen = await (await env.other.fetch('http://backend/a/../echo?x#y')).json();
    assert.strictEqual(seen.url, 'http://backend/echo?x');
    // Nothing is normalized, but nothing that could end a request line is sent either.
    const odd = await (await env.other.fetch('http://backend/echo?a b\r\nc\0"<>|\x7f')).json();
    assert.strictEqual(odd.url, 'http://backend/echo?a%20b%0D%0Ac%00"<>|\x7f');
    assert.strictEqual(Response.redirect('http://a').headers.get('location'), 'http://a');
  },
};

export const members = {
  test() {
    assert.strictEqual(Headers.prototype.getSetCookie, undefined);
    assert.strictEqual('cache' in Request.prototype, false);
    assert.ok(Object.hasOwn(new Response(), 'status'));
    assert.ok(Object.hasOwn(new Request('http://a/'), 'url'));
    assert.strictEqual(Object.prototype.toString.call(new Headers()), '[object Object]');
    assert.throws(() => new Request('http://a/', { cache: 'no-store' }), { name: 'Error', message: "The 'cache' field on 'RequestInitializerDict' is not implemented." });
    assert.throws(() => new Request('http://a/', { method: 'patch' }), { message: 'Invalid HTTP method string: patch' });
    const h = new Headers([['set-cookie', 'a=1'], ['set-cookie', 'b=2']]);
    assert.deepStrictEqual([...h], [['set-cookie', 'a=1, b=2']]);
  },
};

export const legacyMethods = {
  async test(_, env) {
    assert.strictEqual(await env.other.get('http://backend/big', 'text').then((t) => t.length), 240000);
    assert.strictEqual((await env.other.get('http://backend/echo', 'json')).method, 'GET');
    await assert.rejects(env.other.get('http://backend/teapot'), { message: /^HTTP GET request failed: 418 / });
    await env.other.put('http://backend/echo', 'x', { expiration: 5 });
    await env.other.delete('http://backend/echo');
  },
};

export const bodies = {
  async test() {
    assert.strictEqual((await new Response(['a', 'b']).text()), 'a,b');
    assert.strictEqual((await new Response('\ufeffx').text()).length, 2);
    const r = new Response('--b\r\nContent-Disposition: form-data; name="f"; filename="n"\r\n\r\ndata\r\n--b--', { headers: { 'content-type': 'multipart/form-data; boundary=b' } });
    assert.strictEqual((await r.formData()).get('f'), 'data');
  },
};
