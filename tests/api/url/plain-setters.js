// Setters replace a part that needs no encoding without the parser. A tab is dropped wherever it stands in what is set, and makes the
// parser look: with and without one the outcome is the same. What comes out is what parsing it again gives.
import assert from 'node:assert';

const PARTS = ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'];

function randomFrom(seed) {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * n);
  };
}

const URLS = ['https://example.com/', 'http://example.com/a/b?x=1#h', 'https://user@example.org:8443/a?#', 'http://u:p@127.0.0.1/?q',
  'http://[::1]:81/x#y', 'ws://h/', 'wss://u@h:9/p?q#f', 'ftp://f.example:2121/', 'file:///C:/x?y#z', 'file://host/share', 'mailto:a@b.example?s#t',
  'data:text/plain,x', 'web+demo:/.//not-a-host/', 'other://h:5/p?q#f', 'other:///p', 'httpx://h/', 'blob:https://a.example/id'];

const VALUES = {
  pathname: ['', '/', '/a', 'a', '/a/b', '/a//b', '//', '/.', '/..', '/a/..', '/a/../b', '/a/./b', '/%2e', '/a/%2E%2e/b', '/.a', '/..a', '/a.b', '/a.',
    '/a%20b', '/%41', '/a\\b', '/a?b', '/a#b', '/\u00e9', '/a b', '/C:', '/c|/x', '/^', '/`', '/{}', '/"', '/[', "/'", '/;a=b,c', '/~-_!$&()*+', `/${'x'.repeat(300)}`],
  search: ['', '?', '??', 'a=b', '?a=b&c=d', 'a b', "a'b", '#', 'a#b', '%', '%zz', '"', '<>', '\u20ac', '?[x]', '{', '|', '^', '`', '\\', '+', 'x'.repeat(300)],
  hash: ['', '#', '##', 'a', '#a', 'a#b', 'a?b', '`', '"', '<', 'a b', '\u20ac', "'", '{|}', '^', '%', '\\', 'x'.repeat(300)],
  hostname: ['', 'a', 'a.b', 'a.b.', '.', '.a', 'a..b', 'A.B', 'a-b.c', '-a', 'a-', 'a-.b', 'a--b', 'xn--', 'xn--a', 'xn--maana-pta.com', 'a.xn--maana-pta', '1', 'a.1',
    '1.a', '1.2.3.4', '0x1', 'a.0x', 'a.0xg', 'a.b1', '1a', 'a:1', 'a/b', 'a?b', 'a#b', 'a@b', 'a_b', 'a%62', '\u00e4.de', '[::1]', 'a b', 'localhost', 'x'.repeat(64), 'x'.repeat(300)],
  port: ['', '0', '1', '01', '80', '443', '81', '8080', '65535', '65536', '99999', '100000', '8x', 'x', '-1', '1.5', ' 1', '21'],
};
VALUES.host = [...VALUES.hostname, ...VALUES.port.flatMap((port) => [`a.example:${port}`, `:${port}`, `1.2.3.4:${port}`]), 'a:1:2', 'a:1/x', 'a:81?', 'user@a:81', '[::1]:82'];

const show = (url) => PARTS.map((part) => url[part]);

function check(url, part, value) {
  const slow = new URL(url.href);
  const before = url.href;
  // To set nothing at all is another thing than to set a tab.
  slow[part] = value === '' ? value : `${value}\t`;
  url[part] = value;
  const message = `${before} ${part} = ${value}`;
  assert.deepStrictEqual(show(url), show(slow), message);
  assert.deepStrictEqual(show(new URL(url.href)), show(url), message);
  assert.deepStrictEqual([...url.searchParams], [...new URLSearchParams(url.search)], message);
}

export const each = {
  test() {
    for (const href of URLS) {
      for (const part in VALUES) for (const value of VALUES[part]) check(new URL(href), part, value);
    }
  },
};

// One after the other on the same URL, as places that are wrong after one show in the next.
export const sequences = {
  test() {
    const random = randomFrom(20261126);
    const parts = Object.keys(VALUES);
    for (let i = 0; i < 1500; i++) {
      const url = new URL(URLS[random(URLS.length)]);
      for (let n = 0; n < 8; n++) {
        const part = parts[random(parts.length)];
        check(url, part, VALUES[part][random(VALUES[part].length)]);
        if (random(4) === 0) url.searchParams.append(`n${random(3)}`, 'v w');
        if (random(6) === 0) url.searchParams.delete(`n${random(3)}`);
        if (random(20) === 0) url.href = URLS[random(URLS.length)];
      }
    }
  },
};

// The characters of one byte, each in the middle of a value.
export const characters = {
  test() {
    for (let code = 0; code < 256; code++) {
      const char = String.fromCharCode(code);
      for (const href of ['https://u:p@example.com:81/a?b#c', 'other://h/p?q#f']) {
        for (const [part, value] of [['pathname', `/a${char}b`], ['pathname', `/${char}`], ['search', `a${char}b`], ['hash', `a${char}b`],
          ['hostname', `a${char}b.example`], ['hostname', `a.${char}`], ['host', `a${char}b:82`], ['port', `8${char}1`]]) check(new URL(href), part, value);
      }
    }
  },
};

// A setter that fails leaves nothing behind for those after it.
export const failures = {
  test() {
    const url = new URL('https://a.example:81/p?q#f');
    for (const [part, value] of [['host', 'a b'], ['host', '[::'], ['hostname', '1.2.3.4.5'], ['port', '99999'], ['port', 'x'], ['protocol', 'mailto'], ['protocol', '1']]) {
      url[part] = value;
      assert.strictEqual(url.href, 'https://a.example:81/p?q#f', `${part} = ${value}`);
    }
    assert.throws(() => { url.href = 'nonsense'; }, TypeError);
    url.protocol = 'http';
    url.username = 'x y';
    url.port = '';
    url.host = '\u00e4.example';
    assert.strictEqual(url.href, 'http://x%20y@xn--4ca.example/p?q#f');
  },
};
