import assert from 'node:assert';

export const defaults = {
  test() {
    const r = new Request('https://example.com/a/../b?c#d');
    assert.strictEqual(r.url, 'https://example.com/b?c#d');
    assert.strictEqual(r.method, 'GET');
    assert.strictEqual(r.redirect, 'follow');
    assert.strictEqual(r.body, null);
    assert.strictEqual(r.bodyUsed, false);
    assert.strictEqual(r.cf, undefined);
    assert.strictEqual(r.fetcher, null);
    assert.strictEqual(r.integrity, '');
    assert.strictEqual(r.keepalive, false);
    assert.strictEqual(r.cache, undefined);
    assert.ok(r.signal instanceof AbortSignal);
    assert.strictEqual(r.signal, r.signal);
    assert.strictEqual(r.headers, r.headers);
    assert.strictEqual(Object.prototype.toString.call(r), '[object Request]');
  },
};

export const badInput = {
  test() {
    assert.throws(() => new Request('foo'), { name: 'TypeError', message: 'Invalid URL: foo' });
    assert.throws(() => new Request(), { message: "Failed to construct 'Request': constructor parameter 1 is not of type 'Request or string'." });
    assert.throws(() => new Request('http://a/', 5), { name: 'TypeError', message: /constructor parameter 2 is not of type 'RequestInitializerDict or Request'/ });
    for (const method of ['foo', 'CONNECT', '', null, 'patchy']) {
      assert.throws(() => new Request('http://a/', { method }), { message: `Invalid HTTP method string: ${method}` });
    }
    assert.throws(() => new Request('http://a/', { body: 'x' }), { message: 'Request with a GET or HEAD method cannot have a body.' });
    assert.throws(() => new Request('http://a/', { redirect: 'error' }), /Invalid redirect value/);
    assert.throws(() => new Request('http://a/', { signal: {} }), /the 'signal' field on 'RequestInitializerDict'/);
    assert.throws(() => new Request('http://a/', { headers: null }), /the 'headers' field on 'RequestInitializerDict'/);
    assert.throws(() => new Request('http://a/', { cf: 5 }), /the 'cf' field on 'RequestInitializerDict'/);
    assert.throws(() => new Request('http://a/', { integrity: 'sha256-x' }), /integrity checking is not implemented/);
    assert.throws(() => new Request('http://a/', { cache: 'default' }), { message: 'Unsupported cache mode: default' });
    assert.throws(() => new Request('http://a/', { headers: { 'a b': 'c' } }), { message: 'Invalid header name.' });
    assert.throws(() => Object.getOwnPropertyDescriptor(Request.prototype, 'url').get.call({}), { message: /^Illegal invocation/ });
  },
};

export const methods = {
  test() {
    for (const [given, seen] of [['get', 'GET'], ['Post', 'POST'], ['patch', 'PATCH'], ['PURGE', 'PURGE'], ['options', 'OPTIONS']]) {
      assert.strictEqual(new Request('http://a/', { method: given }).method, seen);
    }
  },
};

export const fromRequest = {
  async test() {
    const original = new Request('http://a/', { method: 'POST', body: 'x', headers: { 'x-a': 'b' } });
    const taken = new Request(original);
    assert.strictEqual(original.bodyUsed, true);
    assert.strictEqual(taken.headers.get('x-a'), 'b');
    assert.strictEqual(taken.headers.get('content-type'), 'text/plain;charset=UTF-8');
    assert.strictEqual(await taken.text(), 'x');
    assert.throws(() => new Request(original), { message: 'Cannot reconstruct a Request with a used body.' });

    // A new body leaves the old one alone; headers are a copy.
    const kept = new Request('http://a/', { method: 'POST', body: 'x' });
    const other = new Request(kept, { body: 'y' });
    other.headers.set('z', '1');
    assert.strictEqual(kept.bodyUsed, false);
    assert.strictEqual(kept.headers.has('z'), false);
    assert.strictEqual(await other.text(), 'y');
    assert.throws(() => new Request(kept, { method: 'GET' }), { name: 'TypeError' });

    // As an initializer a Request is a dictionary: its stream is shared.
    const base = new Request('http://a/', { method: 'PUT', body: 'shared' });
    const derived = new Request('http://b/', base);
    assert.strictEqual(derived.url, 'http://b/');
    assert.strictEqual(derived.method, 'PUT');
    assert.strictEqual(await derived.text(), 'shared');
    assert.strictEqual(base.bodyUsed, true);
  },
};

export const signals = {
  test() {
    const controller = new AbortController();
    const r = new Request('http://a/', { signal: controller.signal });
    assert.strictEqual(r.signal, controller.signal);
    assert.strictEqual(new Request(r).signal, controller.signal);
    assert.notStrictEqual(new Request(r, { signal: null }).signal, controller.signal);
  },
};

export const cf = {
  test() {
    const cf = { a: { b: 1 } };
    const r = new Request('http://a/', { cf });
    assert.deepStrictEqual(r.cf, cf);
    assert.notStrictEqual(r.cf, cf);
    r.cf.a.b = 2;
    assert.strictEqual(cf.a.b, 1);
    assert.strictEqual(new Request(r).cf.a.b, 2);
    const circular = {};
    circular.x = circular;
    assert.throws(() => new Request('http://a/', { cf: circular }), /circular structure/);
    assert.throws(() => new Request('http://a/', { cf: { cacheControl: 'no-store', cacheTtl: 5 } }), /mutually exclusive/);
    assert.throws(() => new Request('http://a/', { cache: 'no-store', cf: { cacheControl: 'x' } }), /cannot be used together/);
  },
};

export const clone = {
  async test() {
    const r = new Request('http://a/', { method: 'POST', body: new Blob(['data'], { type: 'x/y' }), cf: { q: 1 } });
    const c = r.clone();
    assert.strictEqual(c.headers.get('content-type'), 'x/y');
    assert.deepStrictEqual(c.cf, { q: 1 });
    assert.strictEqual(await r.text(), 'data');
    assert.strictEqual(await c.text(), 'data');
    assert.throws(() => r.clone(), { name: 'TypeError', message: /locked/ });
    const sc = structuredClone(new Request('https://a/', { method: 'PUT', headers: { h: 'v' }, cf: { z: 1 } }));
    assert.ok(sc instanceof Request);
    assert.deepStrictEqual([sc.url, sc.method, sc.headers.get('h'), sc.cf.z], ['https://a/', 'PUT', 'v', 1]);
  },
};

export const subclass = {
  test() {
    class Mine extends Request {
      get extra() { return `${this.method} ${this.url}`; }
    }
    assert.strictEqual(new Mine('http://a/', { method: 'PUT' }).extra, 'PUT http://a/');
  },
};
