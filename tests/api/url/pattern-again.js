// Patterns that were made before are not parsed again, and simple ones are compiled when they are first matched: neither is to be seen.
import assert from 'node:assert';

const PARTS = ['protocol', 'username', 'password', 'hostname', 'port', 'pathname', 'search', 'hash', 'hasRegExpGroups'];
const show = (pattern) => PARTS.map((part) => pattern[part]);

export const sameTwice = {
  test() {
    for (const make of [() => new URLPattern({ pathname: '/users/:id/*' }), () => new URLPattern('https://:sub.example.com/a{/:b}?'),
      () => new URLPattern('/x/:y', 'https://a.example'), () => new URLPattern({ pathname: '/(\\d+)' })]) {
      const one = make();
      const two = make();
      assert.notStrictEqual(one, two);
      assert.deepStrictEqual(show(one), show(two));
      for (const url of ['https://x.example.com/a/7', 'https://a.example/x/1', 'https://h/users/5/z', 'https://h/12', 'https://h/z']) {
        assert.deepStrictEqual(one.exec(url), two.exec(url));
      }
    }
    const groups = new URLPattern({ pathname: '/:a' }).exec('https://h/1').pathname.groups;
    groups.a = 'changed';
    assert.strictEqual(new URLPattern({ pathname: '/:a' }).exec('https://h/1').pathname.groups.a, '1');
  },
};

export const notTheSame = {
  test() {
    const url = 'https://h/ABC';
    assert.strictEqual(new URLPattern({ pathname: '/abc' }).test(url), false);
    assert.strictEqual(new URLPattern({ pathname: '/abc' }, { ignoreCase: true }).test(url), true);
    assert.strictEqual(new URLPattern({ pathname: '/abc' }, { ignoreCase: false }).test(url), false);
    // The same characters in other members, or cut elsewhere.
    assert.deepStrictEqual(show(new URLPattern({ search: 'a' })).slice(5, 8), ['*', 'a', '*']);
    assert.deepStrictEqual(show(new URLPattern({ hash: 'a' })).slice(5, 8), ['*', '*', 'a']);
    assert.deepStrictEqual(show(new URLPattern({ search: 'a7\\:1\\:b' })).slice(6, 8), ['a7\\:1\\:b', '*']);
    assert.deepStrictEqual(show(new URLPattern({ search: 'a', hash: 'b' })).slice(6, 8), ['a', 'b']);
    assert.deepStrictEqual(show(new URLPattern({ search: '' })).slice(6, 8), ['', '*']);
    assert.deepStrictEqual(show(new URLPattern({})).slice(6, 8), ['*', '*']);
    assert.strictEqual(new URLPattern('/p', 'https://a.example').hostname, 'a.example');
    assert.strictEqual(new URLPattern('/p', 'https://b.example').hostname, 'b.example');
    assert.throws(() => new URLPattern('/p'), TypeError);
    assert.strictEqual(new URLPattern({ pathname: '/p', baseURL: 'https://a.example' }).hostname, 'a.example');
  },
};

export const many = {
  test() {
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 500; i++) {
        const pattern = new URLPattern({ pathname: `/n${i}/:id` });
        assert.strictEqual(pattern.exec(`https://h/n${i}/v`).pathname.groups.id, 'v');
        assert.strictEqual(pattern.test(`https://h/n${i + 1}/v`), false);
      }
    }
    const long = `/${'x'.repeat(5000)}/:id`;
    for (let i = 0; i < 2; i++) assert.strictEqual(new URLPattern({ pathname: long }).test(`https://h/${'x'.repeat(5000)}/1`), true);
  },
};

export const invalid = {
  test() {
    for (let i = 0; i < 2; i++) {
      for (const pathname of ['/(', '/([a)', '/(\\p{Nonsense})', '/((?<x>a)', '/(a', '/:', '/:a:a', '/{', '/(?:x)', '/([a&&&b])', '/(\\y)']) {
        assert.throws(() => new URLPattern({ pathname }), TypeError, pathname);
      }
    }
  },
};

// What is taken for simple matches as what it is.
export const shapes = {
  test() {
    const cases = [
      ['/a/:b', '/a/x', true], ['/a/:b', '/a/x/y', false], ['/a/:b?', '/a', true], ['/a/:b+', '/a/x/y', true], ['/a/:b*', '/a', true],
      ['/a{/b}?', '/a/b', true], ['/a{/b}*', '/a/b/b', true], ['/a{/b}+', '/a', false], ['/*.:ext', '/x/y.png', true], ['/a\\$', '/a$', true],
      ['/a\\(b\\)/:c', '/a(b)/c', true], ['/a.b/:c', '/axb/c', false], ['/:a-:b', '/1-2', true], ['/~_!&;,=@/:x', '/~_!&;,=@/1', true],
      ['/%20/:x', '/%20/1', true], ["/'/:x", "/'/1", true], ['/(a|b)/:x', '/b/1', true], ['/(a|b)/:x', '/c/1', false], ['/\u00e9/:x', '/%C3%A9/1', true],
    ];
    for (const [pathname, path, matches] of cases) {
      assert.strictEqual(new URLPattern({ pathname }).test({ pathname: path }), matches, `${pathname} ${path}`);
    }
  },
};
