// URLPattern before urlpattern_standard: a string that names a protocol leaves nothing open, a base URL gives everything that is missing, and
// errors have words.
import assert from 'node:assert';

const NAMES = ['protocol', 'username', 'password', 'hostname', 'port', 'pathname', 'search', 'hash'];
const show = (...args) => {
  try {
    const pattern = new URLPattern(...args);
    return NAMES.map((name) => pattern[name]).join('|');
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};

export const strings = {
  test() {
    assert.strictEqual(show('https://example.com/*'), 'https|||example.com||/*||');
    assert.ok(new URLPattern('https://example.com/*').test('https://example.com/foo'));
    assert.ok(!new URLPattern('https://example.com/*').test('https://example.com/foo?x=1'));
    assert.strictEqual(show('https://example.com'), 'https|||example.com||||');
    assert.strictEqual(show('http{s}?://*.example.com/:x?*#*'), 'http{s}?|||*.example.com||/:x?*||*');
    assert.strictEqual(show('https://u@x:443/'), 'https|u||x|443|/||');
    assert.strictEqual(show('https:example.com/foo'), 'TypeError: Syntax error in URL Pattern: a relative pattern must have a base URL.');
    assert.strictEqual(show('*://x'), '*|||x||||');
    assert.strictEqual(show('/foo'), 'TypeError: Syntax error in URL Pattern: a relative pattern must have a base URL.');
  },
};

export const bases = {
  test() {
    assert.strictEqual(show('/foo', 'https://u:p@example.com:8080/a?b#c'), 'https|u|p|example.com|8080|/foo||');
    assert.strictEqual(show('?q', 'https://example.com/a?b#c'), 'https|||example.com||/a|q|');
    assert.strictEqual(show('#q', 'https://example.com/a?b#c'), 'https|||example.com||/a|b|q');
    assert.strictEqual(show('foo', 'https://example.com/a/b'), 'https|||example.com||/a/foo||');
    assert.strictEqual(show({ hostname: 'x', baseURL: 'https://a/b?c#d' }), 'https|||x||/b|c|d');
    assert.strictEqual(show({ pathname: 'x', baseURL: 'https://u:p@a/b/c?c#d' }), 'https|u|p|a||/b/x|c|d');
    assert.strictEqual(show({ pathname: 'a' }, 'https://x/y'), '*|*|*|*|*|a|*|*');
    assert.strictEqual(show({ protocol: 'https:', port: '443' }), 'https|*|*|*|443|*|*|*');
    assert.strictEqual(show('/a', 'bad'), 'TypeError: Invalid base URL.');
    assert.strictEqual(show({ baseURL: 'x' }), 'TypeError: Invalid base URL.');
    assert.strictEqual(show({ hostname: 'a b' }), 'TypeError: Syntax error in URL Pattern');
  },
};

export const dictionaries = {
  test() {
    const pattern = new URLPattern({});
    const inputs = (init) => {
      try {
        const result = pattern.exec(init);
        return NAMES.map((name) => result[name].input).join('|');
      } catch (error) {
        return `${error.name}: ${error.message}`;
      }
    };
    assert.strictEqual(inputs({ protocol: 'https:', pathname: 'x' }), 'https|||||/x||');
    assert.strictEqual(inputs({ pathname: 'b', baseURL: 'https://x/a/c?d#e' }), 'https|||x||/a/b|d|e');
    assert.strictEqual(inputs({ search: '?x y', hash: '#x y' }), '||||||x%20y|x%20y');
    assert.strictEqual(inputs({ protocol: '1' }), 'TypeError: Invalid URL protocol component');
    assert.strictEqual(inputs({ username: 'a', baseURL: 'file:///x' }), 'TypeError: Invalid URL username component');
    assert.strictEqual(inputs({ hostname: 'a b' }), 'TypeError: Invalid URL hostname component');
    assert.strictEqual(inputs({ port: '99999' }), 'TypeError: Invalid URL port component');
    assert.strictEqual(inputs({ pathname: 'y', baseURL: 'data:x' }), 'TypeError: Invalid URL pathname component');
    assert.strictEqual(inputs({ baseURL: 'zz' }), 'TypeError: Invalid base URL.');
    assert.throws(() => pattern.test({}, 'https://x'), { message: 'A baseURL is not allowed when input is an object.' });
    assert.strictEqual(pattern.exec('zz'), null);
    assert.strictEqual(pattern.hasRegExpGroups, undefined);
  },
};
