import assert from 'node:assert';

export const matching = {
  test() {
    const pattern = new URLPattern({ hostname: '*.example.com', pathname: '/books/:id(\\d+)/*?' });
    assert.deepStrictEqual([pattern.protocol, pattern.hostname, pattern.pathname], ['*', '*.example.com', '/books/:id(\\d+)/*?']);
    assert.ok(pattern.hasRegExpGroups);
    assert.ok(pattern.test('https://www.example.com/books/12/page'));
    assert.ok(!pattern.test('https://www.example.com/books/x/page'));
    const result = pattern.exec('https://www.example.com/books/12');
    assert.deepStrictEqual(result.pathname, { input: '/books/12', groups: { id: '12', 0: undefined } });
    assert.deepStrictEqual(result.hostname.groups, { 0: 'www' });
    assert.deepStrictEqual(result.inputs, ['https://www.example.com/books/12']);
    assert.strictEqual(pattern.exec('no url'), null);
  },
};

export const forms = {
  test() {
    assert.ok(new URLPattern('https://a.example/:x').test({ protocol: 'https', hostname: 'a.example', pathname: '/b' }));
    assert.ok(new URLPattern('/x', 'https://a.example').test('https://a.example/x'));
    assert.ok(new URLPattern({ pathname: '/X' }, { ignoreCase: true }).test('https://a/x'));
    assert.ok(new URLPattern().test('anything://at/all'));
    assert.throws(() => new URLPattern('/relative'), TypeError);
    assert.throws(() => new URLPattern({ pathname: '/(' }), TypeError);
    assert.throws(() => new URLPattern({}).test({}, 'https://a'), TypeError);
  },
};
