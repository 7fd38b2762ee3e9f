import assert from 'node:assert';

const clone = (value, options) => structuredClone(value, options);

export const values = {
  test() {
    const shared = {};
    const source = {
      n: -0, big: 2n ** 70n, date: new Date(5), re: /x/gi, map: new Map([[1, shared]]), set: new Set([shared]), nothing: undefined,
      bytes: new Uint16Array([1, 2, 3]), boxed: Object('s'), hole: [, 1],
    };
    source.self = source;
    const copy = clone(source);
    assert.notStrictEqual(copy, source);
    assert.strictEqual(copy.self, copy);
    assert.ok(Object.is(copy.n, -0) && copy.big === source.big && 'nothing' in copy);
    assert.ok(copy.date instanceof Date && copy.date.getTime() === 5);
    assert.strictEqual(String(copy.re), '/x/gi');
    assert.strictEqual([...copy.set][0], copy.map.get(1));
    assert.deepStrictEqual(copy.bytes, source.bytes);
    assert.ok(typeof copy.boxed === 'object' && String(copy.boxed) === 's');
    assert.ok(!(0 in copy.hole) && copy.hole.length === 2);
  },
};

export const errors = {
  test() {
    const cause = new RangeError('inner');
    const copy = clone(new TypeError('outer', { cause }));
    assert.ok(copy instanceof TypeError && copy.message === 'outer' && typeof copy.stack === 'string');
    const exception = clone(new DOMException('m', 'AbortError'));
    assert.ok(exception instanceof DOMException);
    assert.deepStrictEqual([exception.name, exception.message, exception.code], ['AbortError', 'm', 20]);
  },
};

export const refusals = {
  test() {
    for (const value of [() => 1, Symbol('s'), { f() {} }, new WeakMap(), Promise.resolve(), new EventTarget(), new URL('http://a/')]) {
      assert.throws(() => clone(value), (e) => e instanceof DOMException && e.name === 'DataCloneError' && e.code === 25);
    }
    assert.throws(() => structuredClone(), TypeError);
    const thrown = new Error('getter');
    assert.throws(() => clone({ get x() { throw thrown; } }), (e) => e === thrown);
  },
};

export const hostObjects = {
  async test() {
    const { headers, again } = clone({ headers: new Headers({ a: 'b' }), again: 1 });
    assert.ok(headers instanceof Headers && headers.get('a') === 'b' && again === 1);
  },
};

export const transfer = {
  test() {
    const buffer = new ArrayBuffer(8);
    new Uint8Array(buffer)[3] = 7;
    const copy = clone({ view: new Uint8Array(buffer, 2) }, { transfer: [buffer] });
    assert.strictEqual(buffer.byteLength, 0);
    assert.ok(copy.view[1] === 7 && copy.view.byteOffset === 2);
    assert.throws(() => clone(buffer, { transfer: [buffer] }));
    const twice = new ArrayBuffer(1);
    clone(1, { transfer: [twice, twice] });
    assert.strictEqual(twice.byteLength, 0);
    assert.throws(() => clone(1, { transfer: [{}] }));
    assert.throws(() => clone(1, { transfer: 3 }), TypeError);
    const shared = new SharedArrayBuffer(4);
    assert.strictEqual(clone(new Uint8Array(shared)).buffer.byteLength, 4);
  },
};

export const wholeErrors = {
  test() {
    class Mine extends TypeError {
      name = 'Mine';
    }
    const inner = new Mine('inner');
    const source = { list: [new Error('outer', { cause: inner })], inner, both: new AggregateError([inner], 'all') };
    source.list[0].code = 'E1';
    const { list, inner: one, both } = clone(source);
    assert.deepStrictEqual([list[0].code, list[0].cause, both.errors[0]], ['E1', one, one]);
    assert.deepStrictEqual([one.name, one.message, one.constructor, one.stack], ['Mine', 'inner', Error, inner.stack]);
    assert.ok(both instanceof AggregateError);
    inner.attached = () => 1;
    assert.throws(() => clone(source), { name: 'DataCloneError' });
  },
};
