import assert from 'node:assert';

export const parts = {
  async test() {
    const b = new Blob(['é', new Uint8Array([65, 66]), new DataView(new Uint8Array([67, 68, 69]).buffer, 1, 1), new Blob(['z']), 5, null]);
    assert.strictEqual(b.size, 2 + 2 + 1 + 1 + 1 + 4);
    assert.strictEqual(await b.text(), 'éABDz5null');
    assert.strictEqual(b.type, '');
    for (const bad of [null, 5, 'abc', new Set(['a'])]) {
      assert.throws(() => new Blob(bad), { message: "Failed to construct 'Blob': constructor parameter 1 is not of type 'Array'." });
    }
    assert.throws(() => new Blob([], { endings: 'native' }), { message: "The 'endings' field on 'Options' is not implemented." });
    assert.throws(() => new Blob([Symbol()]), { name: 'TypeError' });
    assert.throws(() => new Blob([new ArrayBuffer(128 * 1024 * 1024 + 1)]), { name: 'RangeError', message: 'Blob size 134217729 exceeds limit 134217728' });
  },
};

export const types = {
  test() {
    for (const [given, seen] of [['Text/HTML', 'text/html'], ['a\u0001b', ''], ['caf\u00e9', ''], ['x y', 'x y']]) {
      assert.strictEqual(new Blob([], { type: given }).type, seen);
    }
  },
};

export const slices = {
  async test() {
    const b = new Blob(['0123456789'], { type: 'a/b' });
    for (const [args, text] of [[[], '0123456789'], [[2], '23456789'], [[-3], '789'], [[2, 4], '23'], [[-5, -2], '567'], [[8, 2], ''],
      [[0, 99], '0123456789'], [[NaN, 3], '012'], [['1', '3'], '12']]) {
      assert.strictEqual(await b.slice(...args).text(), text, JSON.stringify(args));
    }
    assert.strictEqual(b.slice(0, 1).type, '');
    assert.strictEqual(b.slice(0, 1, 'X/Y').type, 'x/y');
    assert.strictEqual(await b.slice(2).slice(2).slice(-2).text(), '89');
    assert.throws(() => b.slice(0, 2 ** 33), { name: 'TypeError', message: /Value out of range/ });
  },
};

export const contents = {
  async test() {
    const source = new Uint8Array([1, 2, 3]);
    const b = new Blob([source]);
    source[0] = 9;
    const first = await b.bytes();
    first[1] = 9;
    (await b.stream().getReader().read()).value[2] = 9;
    assert.deepStrictEqual([...new Uint8Array(await b.arrayBuffer())], [1, 2, 3]);
    assert.strictEqual((await b.slice(1, 2).arrayBuffer()).byteLength, 1);
    let size = 0;
    for await (const chunk of new Blob(['x'.repeat(300000)]).stream()) size += chunk.length;
    assert.strictEqual(size, 300000);
    assert.strictEqual(await new Blob(['\ufeffx']).text(), '\ufeffx');
  },
};

export const files = {
  async test() {
    const f = new File(['abc'], 'dir/name.txt', { type: 'Text/Plain', lastModified: 5 });
    assert.deepStrictEqual([f.name, f.type, f.lastModified, f.size, await f.text()], ['dir/name.txt', 'text/plain', 5, 3, 'abc']);
    assert.ok(f instanceof Blob);
    const before = Date.now();
    assert.ok(new File([], 'x').lastModified >= before);
    assert.strictEqual(new File([], 'x', { lastModified: NaN }).lastModified, 0);
    assert.strictEqual(new File(undefined, 'x').size, 0);
    assert.throws(() => new File(['a']), { message: "Failed to construct 'File': constructor parameter 2 is not of type 'string'." });
    assert.ok(!(f.slice(1) instanceof File));
    assert.throws(() => Object.getOwnPropertyDescriptor(File.prototype, 'name').get.call(new Blob()), { message: /^Illegal invocation/ });
    assert.strictEqual(Object.prototype.toString.call(f), '[object File]');
  },
};

export const clones = {
  async test() {
    const c = structuredClone({ b: new Blob(['data'], { type: 'a/b' }) }).b;
    assert.deepStrictEqual([c instanceof Blob, c.type, await c.text()], [true, 'a/b', 'data']);
  },
};
