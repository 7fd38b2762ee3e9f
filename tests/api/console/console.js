import assert from 'node:assert';
import { format, inspect } from 'node:util';

export const formatting = {
  test() {
    assert.strictEqual(format('%s %d %i %f %j %% %o', 'a', '1.5', '1.5', '1.5', { b: 1 }, [1]), 'a 1.5 1 1.5 {"b":1} % [ 1, [length]: 1 ]');
    assert.strictEqual(format('%c styled', 'color: red'), ' styled');
    assert.strictEqual(format('%s'), '%s');
    assert.strictEqual(format('a', { b: [1] }, 2n), 'a { b: [ 1 ] } 2n');
    assert.strictEqual(format('%s', Symbol('x')), 'Symbol(x)');
  },
};

export const values = {
  test() {
    const circular = { name: 'c' };
    circular.self = circular;
    assert.strictEqual(inspect(circular), "<ref *1> { name: 'c', self: [Circular *1] }");
    assert.strictEqual(inspect(new Map([['k', { v: 1 }]])), "Map(1) { 'k' => { v: 1 } }");
    assert.strictEqual(inspect(Promise.resolve(1)), 'Promise { 1 }');
    assert.strictEqual(inspect(new Proxy({ a: 1 }, { get() { throw new Error('trap'); } })), 'Proxy({ a: 1 })');
    assert.strictEqual(inspect([, 1, , ,]), '[ <1 empty item>, 1, <2 empty items> ]');
    assert.strictEqual(inspect(class A extends Map {}), '[class A extends Map]');
    assert.strictEqual(inspect("it's"), '"it\'s"');
    assert.strictEqual(inspect('\u001b\ud800'), "'\\x1B\\ud800'");
    assert.strictEqual(inspect({ a: { b: { c: {} } } }), '{ a: { b: { c: {} } } }');
    assert.strictEqual(inspect({ a: { b: { c: { d: 1 } } } }), '{ a: { b: { c: [Object] } } }');
    assert.strictEqual(inspect(Array.from({ length: 101 }, () => 1)).endsWith('... 1 more item\n]'), true);
    assert.strictEqual(inspect(Object.create(null)), '[Object: null prototype] {}');
    assert.strictEqual(inspect(new Uint8Array([1, 2])), 'Uint8Array(2) [ 1, 2 ]');
  },
};

export const platformObjects = {
  test() {
    assert.strictEqual(inspect(new URLSearchParams('a=1&a=2')), "URLSearchParams(2) { 'a' => '1', 'a' => '2' }");
    assert.match(inspect(new URL('http://a/b')), /^URL \{\n {2}origin: 'http:\/\/a',/);
    assert.strictEqual(inspect({ s: new AbortController().signal }), '{ s: AbortSignal { aborted: false, reason: undefined, onabort: null } }');
    assert.strictEqual(inspect([[[new Event('x')]]]), '[ [ [ [Event] ] ] ]');
  },
};

export const errors = {
  test() {
    const text = inspect(new Error('outer', { cause: new TypeError('inner') }));
    assert.match(text, /^Error: outer\n {4}at /);
    assert.match(text, /\[cause\]: TypeError: inner/);
    assert.strictEqual(inspect(Object.assign(new RangeError('r'), { stack: 'RangeError: r', code: 'X' })), "[RangeError: r] { code: 'X' }");
  },
};

export const neverThrows = {
  test() {
    // What goes to the log may be hostile.
    console.log({ get [Symbol.toStringTag]() { throw new Error('hostile'); } });
    console.log({ [inspect.custom]() { throw { toString() { throw 1; } }; } });
    console.table([{ a: 1 }, { b: 2 }]);
    console.group('group');
    console.warn('inside\ntwo lines');
    console.groupEnd();
    console.time('t');
    console.timeEnd('t');
    console.timeEnd('unknown');
    console.count();
    console.countReset('none');
    console.assert(true);
    console.assert(false, 'said %s', 'so');
    console.dir({ a: { b: { c: {} } } }, { depth: 0 });
    console.trace();
    const { log } = console;
    log('without a receiver');
  },
};

export const patchedRegExp = {
  test() {
    const { exec } = RegExp.prototype;
    RegExp.prototype.exec = () => ['always'];
    try {
      assert.strictEqual(inspect({ 'a-b': "it's\n" }), '{ \'a-b\': "it\'s\\n" }');
    } finally {
      RegExp.prototype.exec = exec;
    }
  },
};
