// node:assert, util, events, timers, querystring, string_decoder, path, punycode.
import assert, { AssertionError } from 'node:assert';
import strictAssert from 'node:assert/strict';
import { EventEmitter, once, on } from 'node:events';
import path from 'node:path';
import { createRequire } from 'node:module';
import punycode from 'node:punycode';
import querystring from 'node:querystring';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';
import util from 'node:util';

export const assertions = {
  test() {
    assert.strictEqual(strictAssert.equal, assert.strictEqual);
    assert.throws(() => assert.deepStrictEqual([1, '2'], [1, 2]), AssertionError);
    assert.deepStrictEqual(new Map([[{ a: 1 }, new Set([1])]]), new Map([[{ a: 1 }, new Set([1])]]));
    assert.notDeepStrictEqual([0], [-0]);
    assert.throws(() => assert(0), { name: 'AssertionError', code: 'ERR_ASSERTION' });
    assert.throws(() => assert.strictEqual(1, 2), { message: 'Expected values to be strictly equal:\n\n1 !== 2\n', actual: 1, expected: 2, operator: 'strictEqual' });
    assert.throws(() => assert.throws(() => {}), { message: 'Missing expected exception.' });
    assert.match('abc', /b/);
    assert.doesNotThrow(() => {});
  },
};
export const rejections = {
  async test() {
    await assert.rejects(Promise.reject(new RangeError('far')), { name: 'RangeError', message: 'far' });
    await assert.rejects(assert.doesNotReject(Promise.reject(new Error('no'))), { operator: 'doesNotReject' });
  },
};
export const argumentErrors = {
  test() {
    // What a program sees of a wrong argument: class, code and the exact message.
    assert.throws(() => path.join(1), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', message: 'The "path" argument must be of type string. Received type number (1)' });
    assert.throws(() => util.promisify(), { code: 'ERR_INVALID_ARG_TYPE', message: 'The "original" argument must be of type function. Received undefined' });
    const error = (() => { try { path.join({}); } catch (e) { return e; } })();
    assert.match(error.stack, /^TypeError \[ERR_INVALID_ARG_TYPE\]: /);
    assert.strictEqual(String(error), `TypeError [ERR_INVALID_ARG_TYPE]: ${error.message}`);
  },
};
export const inspection = {
  test() {
    assert.strictEqual(util.inspect({ a: 1, b: 'x', c: [1, , 3], d: new Map([['k', 1]]) }), "{ a: 1, b: 'x', c: [ 1, <1 empty item>, 3 ], d: Map(1) { 'k' => 1 } }");
    assert.strictEqual(util.format('%s %d %j %o|%%', 'a', 1.5, { x: 1 }, [1]), "a 1.5 {\"x\":1} [ 1, [length]: 1 ]|%");
    class Point { constructor() { this.x = 1; } [util.inspect.custom]() { return 'P(1)'; } }
    assert.strictEqual(util.inspect([new Point()]), '[ P(1) ]');
    const loop = {};
    loop.self = loop;
    assert.strictEqual(util.inspect(loop), '<ref *1> { self: [Circular *1] }');
  },
};
export const utilities = {
  async test() {
    const later = util.promisify((value, callback) => queueMicrotask(() => callback(null, value)));
    assert.strictEqual(await later(5), 5);
    assert.strictEqual(await new Promise((resolve) => util.callbackify(async (v) => v)(7, (e, v) => resolve(v))), 7);
    assert.ok(util.types.isRegExp(/a/) && !util.types.isRegExp({}));
    assert.strictEqual(util.stripVTControlCharacters('\x1b[31mred\x1b[0m'), 'red');
  },
};
export const emitters = {
  async test() {
    const emitter = new EventEmitter();
    const seen = [];
    emitter.on('a', (x) => seen.push(`on ${x}`));
    emitter.prependOnceListener('a', (x) => seen.push(`first ${x}`));
    assert.ok(emitter.emit('a', 1));
    assert.ok(emitter.emit('a', 2));
    assert.deepStrictEqual(seen, ['first 1', 'on 1', 'on 2']);
    assert.throws(() => emitter.emit('error', new Error('unheard')), { message: 'unheard' });
    queueMicrotask(() => emitter.emit('b', 'x', 'y'));
    assert.deepStrictEqual(await once(emitter, 'b'), ['x', 'y']);
    queueMicrotask(() => { emitter.emit('c', 1); emitter.emit('c', 2); });
    const got = [];
    for await (const [value] of on(emitter, 'c')) if (got.push(value) === 2) break;
    assert.deepStrictEqual(got, [1, 2]);
    assert.strictEqual(emitter.listenerCount('c'), 0);
  },
};
export const timers = {
  async test() {
    assert.strictEqual(await sleep(1, 'done'), 'done');
    await assert.rejects(sleep(1000, undefined, { signal: AbortSignal.abort() }), { name: 'AbortError' });
    const order = [];
    await new Promise((resolve) => {
      setImmediate(() => { order.push('immediate'); resolve(); });
      process.nextTick((x) => order.push(x), 'tick');
      order.push('now');
    });
    assert.deepStrictEqual(order, ['now', 'tick', 'immediate']);
  },
};
export const texts = {
  test() {
    assert.deepStrictEqual({ ...querystring.parse('a=1&b=%20x&a=2&c') }, { a: ['1', '2'], b: ' x', c: '' });
    assert.strictEqual(querystring.stringify({ a: [1, 'x y'], b: '' }), 'a=1&a=x%20y&b=');
    const decoder = new StringDecoder('utf8');
    assert.strictEqual(decoder.write(Buffer.from([0xe2, 0x82])) + decoder.write(Buffer.from([0xac])) + decoder.end(), '€');
    assert.strictEqual(path.relative('/a/b/c', '/a/d'), '../../d');
    assert.strictEqual(path.win32.join('a', '..', 'b\\c'), 'b\\c');
    assert.deepStrictEqual(path.parse('/home/x.tar.gz'), { root: '/', dir: '/home', base: 'x.tar.gz', ext: '.gz', name: 'x.tar' });
    assert.strictEqual(punycode.toASCII('mañana.com'), 'xn--maana-pta.com');
  },
};
export const modules = {
  async test() {
    assert.strictEqual(createRequire('file:///bundle/worker')('node:path'), path);
    assert.strictEqual(process.getBuiltinModule('path'), path);
    assert.strictEqual(process.getBuiltinModule('node:nothing'), undefined);
    const namespace = await import('node:path');
    assert.strictEqual(namespace.default, path);
    assert.strictEqual(namespace.join, path.join);
    await assert.rejects(import('node:nothing'), /No such module|Module not found/);
  },
};
