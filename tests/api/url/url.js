import assert from 'node:assert';

export const parts = {
  test() {
    const url = new URL('HTTPS://us%20er:p@Ex\u00e4mple.com:8080/a/../b?x=1#frag');
    assert.strictEqual(url.href, 'https://us%20er:p@xn--exmple-cua.com:8080/b?x=1#frag');
    assert.deepStrictEqual(
      [url.origin, url.protocol, url.username, url.password, url.host, url.hostname, url.port, url.pathname, url.search, url.hash],
      ['https://xn--exmple-cua.com:8080', 'https:', 'us%20er', 'p', 'xn--exmple-cua.com:8080', 'xn--exmple-cua.com', '8080', '/b', '?x=1', '#frag']);
    assert.strictEqual(JSON.stringify({ url }), `{"url":"${url.href}"}`);
    assert.strictEqual(String(url), url.href);
  },
};

export const oddShapes = {
  test() {
    const cases = [
      ['web+demo:/.//not-a-host/', { host: '', pathname: '//not-a-host/' }],
      ['data:text/plain,x?', { pathname: 'text/plain,x', search: '', origin: 'null' }],
      ['blob:https://a.example/id', { origin: 'https://a.example' }],
      ['blob:ftp://a.example/id', { origin: 'null' }],
      ['file:///C:/x', { host: '', pathname: '/C:/x', origin: 'null' }],
      ['http://[::1]:80/', { host: '[::1]', port: '' }],
      ['https://a/#', { hash: '', href: 'https://a/#' }],
      ['non-special://user@h?q', { username: 'user', host: 'h', pathname: '', search: '?q' }],
    ];
    for (const [input, expected] of cases) {
      const url = new URL(input);
      for (const part in expected) assert.strictEqual(url[part], expected[part], `${input} ${part}`);
    }
  },
};

export const setters = {
  test() {
    const url = new URL('http://a.example/p?q#h');
    url.protocol = 'https';
    url.port = '8443x';
    url.pathname = 'x y';
    url.search = 'n=\u00e9';
    url.hash = '';
    assert.strictEqual(url.href, 'https://a.example:8443/x%20y?n=%C3%A9');
    url.host = 'b.example:443';
    url.protocol = 'mailto';
    assert.strictEqual(url.href, 'https://b.example/x%20y?n=%C3%A9');
    assert.throws(() => { url.href = 'nonsense'; }, /Failed to set the 'href' property on 'URL'/);
  },
};

export const invalid = {
  test() {
    assert.throws(() => new URL('nonsense'), { name: 'TypeError', message: 'Invalid URL string.' });
    assert.throws(() => new URL('x', 'also'), TypeError);
    assert.throws(() => new URL(), /constructor parameter 1 is not of type 'USVString'/);
    assert.strictEqual(URL.canParse('x'), false);
    assert.strictEqual(URL.canParse('x', 'http://a'), true);
    assert.strictEqual(URL.parse('x'), null);
    assert.strictEqual(URL.parse('/x', 'http://a').href, 'http://a/x');
    for (const bad of ['http://a b/', 'http://[::1', 'https://a:99999/', 'http://%zz/', '//x']) assert.strictEqual(URL.canParse(bad), false, bad);
  },
};

export const searchParams = {
  test() {
    const url = new URL('http://a/?x=1&y=%F0%9F%98%80&z=a+b&bad=%zz%ff');
    const params = url.searchParams;
    assert.strictEqual(params, url.searchParams);
    assert.deepStrictEqual([...params], [['x', '1'], ['y', '\u{1f600}'], ['z', 'a b'], ['bad', '%zz\ufffd']]);
    params.append('new', "!'()~*-._&=");
    assert.ok(url.search.endsWith('&new=%21%27%28%29%7E*-._%26%3D'));
    url.search = '?only=1';
    assert.deepStrictEqual([...params.entries()], [['only', '1']]);
    params.delete('only');
    assert.strictEqual(url.href, 'http://a/');
  },
};

export const searchParamsAlone = {
  test() {
    assert.strictEqual(new URLSearchParams('?a=1&a=2&b').toString(), 'a=1&a=2&b=');
    assert.strictEqual(new URLSearchParams({ a: 1, b: 'x y' }).toString(), 'a=1&b=x+y');
    assert.strictEqual(new URLSearchParams([['a', 'b'], ['c', 'd']]).toString(), 'a=b&c=d');
    assert.strictEqual(new URLSearchParams(new URLSearchParams('q')).toString(), 'q=');
    assert.throws(() => new URLSearchParams([['a']]), { message: 'Invalid URL search params sequence.' });
    assert.throws(() => new URLSearchParams([1]), TypeError);
    const params = new URLSearchParams('b=2&a=1&b=1&\ufb03=x&\u{1f308}=y');
    assert.strictEqual(params.size, 5);
    assert.ok(params.has('b', '1') && !params.has('b', '3'));
    params.delete('b', '2');
    params.set('a', 'z');
    params.sort();
    assert.deepStrictEqual([...params.keys()], ['a', 'b', '\u{1f308}', '\ufb03']);
    assert.deepStrictEqual([params.get('a'), params.get('none'), params.getAll('b')], ['z', null, ['1']]);
    // Iteration is live.
    const seen = [];
    for (const [name] of params) {
      seen.push(name);
      params.delete(name);
    }
    assert.strictEqual(seen.length, 2);
    assert.throws(() => params.append('x'), /parameter 2 is not of type 'USVString'/);
  },
};

export const pollution = {
  test() {
    Object.defineProperty(Object.prototype, 'evil', { value: 'x', enumerable: true, configurable: true });
    const { slice } = String.prototype;
    String.prototype.slice = () => 'patched';
    try {
      assert.strictEqual(new URL('http://a/b?c').pathname, '/b');
      assert.strictEqual(new URLSearchParams({ a: 1 }).toString(), 'a=1');
    } finally {
      String.prototype.slice = slice;
      delete Object.prototype.evil;
    }
  },
};
