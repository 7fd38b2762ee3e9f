import assert from 'node:assert';

export const defaults = {
  test() {
    const r = new Response();
    assert.deepStrictEqual([r.status, r.statusText, r.ok, r.body, r.url, r.redirected, r.type, r.webSocket, r.cf],
      [200, '', true, null, '', false, 'default', null, undefined]);
    assert.strictEqual(new Response('x').headers.get('content-type'), 'text/plain;charset=UTF-8');
    assert.strictEqual(new Response(new Uint8Array(1)).headers.get('content-type'), null);
    assert.strictEqual(new Response(new URLSearchParams('a=b')).headers.get('content-type'), 'application/x-www-form-urlencoded;charset=UTF-8');
    assert.strictEqual(new Response('x', { headers: { 'content-TYPE': 'a/b' } }).headers.get('content-type'), 'a/b');
    assert.strictEqual(new Response(5).headers.get('content-type'), 'text/plain;charset=UTF-8');
    assert.ok(Object.getPrototypeOf(Response.prototype) === Body.prototype);
    assert.throws(() => new Body(), { message: 'Illegal constructor' });
  },
};

export const status = {
  test() {
    assert.strictEqual(new Response(null, { status: '201' }).status, 201);
    assert.strictEqual(new Response(null, { status: 200.7 }).status, 200);
    for (const status of [0, 99, 101, 199, 600, NaN, null, -1]) {
      assert.throws(() => new Response(null, { status }), { name: 'RangeError', message: /in the range 200 to 599/ });
    }
    assert.throws(() => new Response(null, { status: 2 ** 40 }), { name: 'TypeError' });
    assert.strictEqual(new Response(null, { statusText: 'Fine' }).statusText, 'Fine');
    assert.throws(() => new Response(null, { statusText: 'a\nb' }), { name: 'TypeError', message: 'Invalid statusText' });
    for (const status of [204, 205, 304]) {
      assert.strictEqual(new Response(null, { status }).body, null);
      assert.strictEqual(new Response('', { status }).body, null);
      assert.throws(() => new Response('x', { status }), /cannot have a body/);
      assert.throws(() => new Response(new ReadableStream(), { status }), /cannot have a body/);
    }
  },
};

export const statics = {
  async test() {
    const r = Response.redirect('https://example.com/x y', 301);
    assert.deepStrictEqual([r.status, r.headers.get('location'), r.body], [301, 'https://example.com/x%20y', null]);
    assert.strictEqual(Response.redirect('https://example.com').status, 302);
    assert.throws(() => Response.redirect('https://example.com', 200), { name: 'RangeError' });
    assert.throws(() => Response.redirect('nope'), { name: 'TypeError', message: 'Unable to parse URL: nope' });
    const e = Response.error();
    assert.deepStrictEqual([e.status, e.type, e.ok, e.statusText, e.body], [0, 'error', false, '', null]);
    const j = Response.json({ a: [1] }, { status: 418 });
    assert.deepStrictEqual([j.status, j.headers.get('content-type'), await j.text()], [418, 'application/json', '{"a":[1]}']);
    assert.strictEqual(Response.json(1, { headers: { 'content-type': 'x/y' } }).headers.get('content-type'), 'x/y');
    assert.throws(() => Response.json(1n), { name: 'TypeError' });
  },
};

export const initializers = {
  test() {
    const first = new Response('y', { status: 201, statusText: 'Made', headers: { a: 'b' }, cf: { q: 1 } });
    const second = new Response('x', first);
    assert.deepStrictEqual([second.status, second.statusText, second.headers.get('a'), second.cf.q], [201, 'Made', 'b', 1]);
    second.headers.set('a', 'c');
    assert.strictEqual(first.headers.get('a'), 'b');
    assert.throws(() => new Response('x', 5), { name: 'TypeError', message: /parameter 2 is not of type 'InitializerDict or Response'/ });
    assert.throws(() => new Response('x', { webSocket: {} }), /the 'webSocket' field on 'InitializerDict'/);
    assert.throws(() => new Response('x', { encodeBody: 'no' }), { message: 'encodeBody: unexpected value: no' });
    assert.throws(() => new Response(Symbol()), { name: 'TypeError' });
    const pair = new WebSocketPair();
    assert.throws(() => new Response(null, { webSocket: pair[0] }), { name: 'RangeError', message: 'Responses with a WebSocket must have status code 101.' });
    assert.throws(() => new Response(null, { status: 101, webSocket: pair[0] }).clone(), /Cannot clone a response to a WebSocket handshake/);
  },
};

export const clone = {
  async test() {
    const r = new Response('abc', { status: 202, headers: { x: 'y' } });
    const c = r.clone();
    assert.strictEqual(await c.text(), 'abc');
    assert.strictEqual(r.bodyUsed, false);
    assert.strictEqual(await r.text(), 'abc');
    assert.throws(() => r.clone(), { name: 'TypeError' });
    const streamed = new Response(new ReadableStream({ start(k) { k.enqueue(new TextEncoder().encode('s')); k.close(); } }));
    const twin = streamed.clone();
    assert.deepStrictEqual(await Promise.all([streamed.text(), twin.text()]), ['s', 's']);
    const sc = structuredClone(new Response(null, { status: 299, headers: { k: 'v' } }));
    assert.deepStrictEqual([sc.status, sc.headers.get('k'), sc.body], [299, 'v', null]);
  },
};

export const inheritance = {
  async test() {
    for (const C of [Request, Response, Body]) {
      assert.strictEqual(Object.getPrototypeOf(C), Function.prototype);
      assert.strictEqual(C.prototype.constructor, C);
    }
    assert.strictEqual(Object.getPrototypeOf(Request.prototype), Body.prototype);
    assert.strictEqual(Object.getPrototypeOf(Response.prototype), Body.prototype);
    assert.strictEqual(Object.getPrototypeOf(Body.prototype), Object.prototype);
    assert.throws(() => new Body(), { name: 'TypeError', message: 'Illegal constructor' });
    assert.throws(() => Body.prototype.text.call({}), { name: 'TypeError', message: /^Illegal invocation/ });
    assert.throws(() => Object.create(Response.prototype).text(), { name: 'TypeError', message: /^Illegal invocation/ });
    class Mine extends Response { get mine() { return this.status; } }
    const mine = new Mine('x', { status: 201 });
    assert.deepStrictEqual([mine.mine, await mine.text(), mine instanceof Body], [201, 'x', true]);
    assert.strictEqual(await Body.prototype.text.call(new Request('http://x', { method: 'POST', body: 'y' })), 'y');
  },
};
