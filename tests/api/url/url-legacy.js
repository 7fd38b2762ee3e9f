import assert from 'node:assert';

export const parsing = {
  test() {
    const url = new URL('HTTP://A.B:80/x/../y/./z//w/?a+b=c%2Bd&e#f');
    assert.strictEqual(url.href, 'http://a.b/y/z/w/?a+b=c%2Bd&e#f');
    assert.strictEqual(new URL('http://a?b').href, 'http://a?b');
    assert.strictEqual(new URL('http://a?b').pathname, '/');
    assert.strictEqual(new URL('../x', 'http://a/b/c/').href, 'http://a/b/x');
    assert.strictEqual(new URL('http://a/%E9').pathname, '/%E9');
    for (const bad of ['mailto:x', 'http:/a', 'http://\u00e9/', 'http://a/%zz', ' http://a']) assert.throws(() => new URL(bad), TypeError, bad);
    assert.throws(() => new URL('x', 'bad'), { message: 'Invalid base URL string.' });
    assert.strictEqual(URL.canParse, undefined);
  },
};

export const setting = {
  test() {
    const url = new URL('http://u:p@a.b:81/x?c=d#e');
    url.protocol = 'https';
    url.host = 'c.d';
    assert.strictEqual(url.href, 'https://u:p@c.d:81/x?c=d#e');
    url.port = '443';
    url.pathname = 'q/../r s';
    url.search = 'a b=c&d';
    assert.strictEqual(url.href, 'https://u:p@c.d/r%20s?a+b=c&d#e');
    url.searchParams.append('n', '1');
    assert.strictEqual(url.search, '?a+b=c&d&n=1');
    url.host = 'b ad';
    assert.throws(() => url.href, { message: 'Invalid hostname when stringifying URL.' });
  },
};

export const params = {
  test() {
    assert.strictEqual(new URLSearchParams('?a=b&c&=d&&e=f=g').toString(), 'a=b&c=&=d&e=f%3Dg');
    assert.strictEqual(new URLSearchParams('%zz=%41').get('zz'), 'A');
    assert.throws(() => new URLSearchParams([['a']]), /each inner array must have exactly two elements/);
  },
};
