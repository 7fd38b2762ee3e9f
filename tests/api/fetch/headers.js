import assert from 'node:assert';

export const names = {
  test() {
    const h = new Headers({ 'Content-Type': 'text/plain', 'X-A': '1' });
    assert.strictEqual(h.get('content-type'), 'text/plain');
    assert.strictEqual(h.get('CONTENT-TYPE'), 'text/plain');
    assert.strictEqual(h.get('x-b'), null);
    assert.ok(h.has('X-a'));
    for (const bad of ['', 'a b', 'a:b', 'a\n', 'é', '[x]']) {
      assert.throws(() => h.get(bad), { name: 'TypeError', message: 'Invalid header name.' });
      assert.throws(() => h.append(bad, 'x'), { name: 'TypeError', message: 'Invalid header name.' });
      assert.throws(() => new Headers([[bad, 'x']]), { name: 'TypeError' });
    }
  },
};

export const values = {
  test() {
    const h = new Headers();
    h.set('a', ' \t x y\r\n ');
    assert.strictEqual(h.get('a'), 'x y');
    for (const bad of ['x\ny', 'x\ry', 'x\0y']) {
      assert.throws(() => h.set('a', bad), { name: 'TypeError', message: 'Invalid header value.' });
    }
    h.set('b', 'é中');
    assert.strictEqual(h.get('b'), 'é中');
    h.set('c', undefined);
    assert.strictEqual(h.get('c'), 'undefined');
    h.set('d', '');
    assert.strictEqual(h.get('d'), '');
    // A name inside of a value is not a header.
    h.set('e', 'x-secret: 1');
    assert.strictEqual(h.get('x-secret'), null);
    assert.strictEqual(h.has('secret'), false);
  },
};

// The same operations on an object that is still a block and on one that is a list by now.
export const changes = {
  test() {
    for (const make of [(i) => new Headers(i), (i) => { const h = new Headers(i); for (const _ of h); return h; }]) {
      const h = make({ A: '1', b: '2' });
      h.append('a', '3');
      assert.strictEqual(h.get('A'), '1, 3');
      h.set('a', '4');
      assert.strictEqual(h.get('a'), '4');
      h.delete('B');
      assert.strictEqual(h.has('b'), false);
      h.delete('nothing');
      h.append('c', '5');
      assert.deepStrictEqual([...h], [['a', '4'], ['c', '5']]);
      for (let i = 0; i < 6; i++) assert.strictEqual(h.get('c'), '5');
    }
  },
};

export const iteration = {
  test() {
    const h = new Headers([['b', '1'], ['a', '2'], ['B', '3'], ['set-cookie', 'x=1'], ['set-cookie', 'y=2']]);
    assert.deepStrictEqual([...h], [['a', '2'], ['b', '1, 3'], ['set-cookie', 'x=1'], ['set-cookie', 'y=2']]);
    assert.deepStrictEqual([...h.keys()], ['a', 'b', 'set-cookie', 'set-cookie']);
    assert.deepStrictEqual([...h.values()], ['2', '1, 3', 'x=1', 'y=2']);
    assert.deepStrictEqual(h.getSetCookie(), ['x=1', 'y=2']);
    assert.deepStrictEqual(h.getAll('Set-Cookie'), ['x=1', 'y=2']);
    assert.throws(() => h.getAll('a'), /can only be used with the header name "Set-Cookie"/);
    const seen = [];
    h.forEach(function (value, key, parent) {
      assert.strictEqual(parent, h);
      assert.strictEqual(this, 5);
      seen.push(key, value);
    }, 5);
    assert.strictEqual(seen.length, 8);
    // Each iterator has its own copy.
    const it = h.entries();
    h.delete('a');
    assert.deepStrictEqual(it.next().value, ['a', '2']);
    assert.strictEqual(Object.prototype.toString.call(it), '[object EntryIterator]');
    assert.strictEqual(Headers.prototype[Symbol.iterator], Headers.prototype.entries);
  },
};

export const initializers = {
  test() {
    assert.deepStrictEqual([...new Headers(new Map([['k', 'v']]))], [['k', 'v']]);
    assert.deepStrictEqual([...new Headers({ a: 1, [Symbol('s')]: 2 })], [['a', '1']]);
    const original = new Headers({ 'X-Case': 'y' });
    const copy = new Headers(original);
    copy.set('x-case', 'z');
    assert.strictEqual(original.get('x-case'), 'y');
    assert.throws(() => new Headers([['a']]), /each inner sequence must have exactly two elements/);
    for (const bad of [null, 5, 'abc', Symbol.iterator]) {
      assert.throws(() => new Headers(bad), {
        name: 'TypeError',
        message: "Failed to construct 'Headers': constructor parameter 1 is not of type 'Headers or Sequence or object'.",
      });
    }
    assert.throws(() => new Headers([5]), { name: 'TypeError' });
    assert.throws(() => Headers.prototype.get.call({}, 'a'), { name: 'TypeError', message: /^Illegal invocation/ });
    assert.throws(() => new Headers().get(), { message: "Failed to execute 'get' on 'Headers': parameter 1 is not of type 'string'." });
  },
};

export const guards = {
  test() {
    const h = Response.redirect('https://example.com/').headers;
    for (const change of [() => h.set('a', 'b'), () => h.append('a', 'b'), () => h.delete('location')]) {
      assert.throws(change, { name: 'TypeError', message: "Can't modify immutable headers." });
    }
    const copy = new Headers(h);
    copy.set('a', 'b');
    assert.strictEqual(copy.get('location'), 'https://example.com/');
  },
};

export const many = {
  test() {
    const h = new Headers();
    for (let i = 0; i < 3000; i++) h.append(`x-${i}`, `${i}`);
    assert.strictEqual(h.get('x-2999'), '2999');
    assert.strictEqual([...h].length, 3000);
  },
};

export const clones = {
  test() {
    const h = structuredClone(new Headers({ a: 'b' }));
    assert.ok(h instanceof Headers);
    assert.strictEqual(h.get('a'), 'b');
  },
};

export const guardsOfClones = {
  test() {
    const fixed = structuredClone(Response.redirect('http://x/').headers);
    assert.strictEqual(fixed.get('location'), 'http://x/');
    assert.throws(() => fixed.set('a', 'b'), { name: 'TypeError', message: "Can't modify immutable headers." });
    const free = structuredClone(new Headers({ a: 'b' }));
    free.set('c', 'd');
    assert.deepStrictEqual([...free], [['a', 'b'], ['c', 'd']]);
    const copy = new Headers(Response.redirect('http://x/').headers);
    copy.set('a', 'b');
    assert.strictEqual(copy.get('a'), 'b');
  },
};
