import { RpcPromise, RpcProperty, RpcTarget, ServiceStub } from 'cloudflare:workers';
import assert from 'node:assert';

export const methods = {
  async test(_, { CALLEE, DEFAULT }) {
    assert.strictEqual(await CALLEE.sum(), 0);
    assert.strictEqual(await CALLEE.sum(1, 2, 3), 6);
    assert.strictEqual(await DEFAULT.hello('you'), 'hello you');
    assert.strictEqual(await (await DEFAULT.fetch('http://x', { method: 'PUT' })).text(), 'default PUT');
    // Methods may be torn off.
    const { sum } = CALLEE;
    assert.strictEqual(await sum(4, 5), 9);
    assert.strictEqual(await CALLEE.get(1), 'get 1');
    assert.deepStrictEqual(await CALLEE.props(), { who: 'config' });
    assert.deepStrictEqual(await DEFAULT.hello.toString === Object.prototype.toString, true);
  },
};

export const properties = {
  async test(_, { CALLEE }) {
    assert.strictEqual(await CALLEE.value, 17);
    assert.deepStrictEqual(await CALLEE.object.list, [1, 2, 3]);
    assert.strictEqual(await CALLEE.object.f(1), 2);
    assert.strictEqual(await CALLEE.value.then((value) => value + 1), 18);
    let done = 0;
    await CALLEE.value.finally(() => done++);
    assert.strictEqual(done, 1);
  },
};

export const kinds = {
  async test(_, { CALLEE }) {
    assert.ok(CALLEE instanceof ServiceStub);
    assert.ok(CALLEE.sum instanceof RpcProperty);
    const promise = CALLEE.sum();
    assert.ok(promise instanceof RpcPromise);
    assert.strictEqual(typeof promise, 'function');
    await promise;
    assert.strictEqual('then' in CALLEE, false);
    assert.strictEqual('whatever' in CALLEE, true);
    assert.strictEqual(CALLEE[0], undefined);
    assert.strictEqual(0 in CALLEE.sum, false);
    // Not sent anywhere.
    assert.strictEqual(JSON.stringify({ CALLEE, f: CALLEE.sum }), '{"CALLEE":{}}');
    assert.strictEqual(`${CALLEE}`, '[object Fetcher]');
    assert.throws(() => new RpcPromise(), TypeError);
    assert.throws(() => new RpcProperty(), TypeError);
  },
};

export const refused = {
  async test(_, { CALLEE, OBJECT, SCRIPT, DISK }) {
    const missing = (name) => ({ name: 'TypeError', message: `The RPC receiver does not implement the method "${name}".` });
    await assert.rejects(CALLEE.nothing(), missing('nothing'));
    await assert.rejects(CALLEE.own, missing('own'));
    await assert.rejects(CALLEE.env, missing('env'));
    await assert.rejects(CALLEE.object.list.x.y(), missing('list'));
    await assert.rejects(CALLEE.value(), { name: 'TypeError', message: '"value" is not a function.' });
    await assert.rejects(CALLEE.alarm(), { name: 'TypeError', message: "'alarm' is a reserved method and cannot be called over RPC." });
    await assert.rejects(CALLEE.dup(), { message: "'dup' is a reserved method and cannot be called over RPC." });
    await assert.rejects(OBJECT.above(1), missing('above'));
    await assert.rejects(SCRIPT.anything(), { name: 'TypeError', message: 'The receiver is not an RPC object' });
    await assert.rejects(DISK.anything(), { name: 'TypeError', message: 'The receiver is not an RPC object' });
  },
};

export const objects = {
  async test(_, { OBJECT }) {
    assert.deepStrictEqual(await OBJECT.one('a'), ['a', 'function', 'function']);
    await assert.rejects(OBJECT.one(), /wrong number of arguments/);
    await assert.rejects(OBJECT.one(1, 2), /wrong number of arguments/);
    await assert.rejects(OBJECT.four(1), /has the wrong number of arguments/);
  },
};

export const values = {
  async test(_, { CALLEE }) {
    const values = [
      undefined, null, true, 'text', 'ü😀', 1.5, 2n ** 70n, new Date(5), /x/gi, new Map([[1, { a: 1 }]]), new Set(['a']), new Uint8Array([1, 2]),
      new Float64Array([0.5]), [1, , 3], { nested: { deep: [null] } },
    ];
    for (const value of values) {
      const got = await CALLEE.echo(value);
      if (typeof got === 'object' && got !== null) delete got[Symbol.dispose];
      assert.deepStrictEqual(got, value);
    }
    const cycle = {};
    cycle.self = cycle;
    const got = await CALLEE.echo(cycle);
    assert.strictEqual(got.self, got);
    await assert.rejects(CALLEE.echo(Symbol('s')), { name: 'DataCloneError' });
    await assert.rejects(CALLEE.echo(Promise.resolve()), { name: 'DataCloneError' });
    await assert.rejects(CALLEE.echo('x'.repeat(2 ** 25)), /limited to 32MiB/);
    const same = {};
    assert.strictEqual(await CALLEE.same(same, same), true);
  },
};

export const errors = {
  async test(_, { CALLEE }) {
    for (const [kind, Class] of Object.entries({ TypeError, RangeError, Error, SyntaxError })) {
      try {
        await CALLEE.fail(kind, 'oh');
        assert.fail('did not throw');
      } catch (error) {
        assert.ok(error instanceof Class);
        assert.strictEqual(error.message, 'oh');
        assert.strictEqual(error.remote, true);
        assert.deepStrictEqual(error.extra, { deep: [1] });
        assert.strictEqual(error.cause, 'why');
        // The stack is that of the caller.
        assert.match(error.stack, /at async Object\.test/);
        assert.doesNotMatch(error.stack, /Callee\.fail/);
      }
    }
    await assert.rejects(CALLEE.throwValue('text'), { name: 'Error', message: 'text' });
    await assert.rejects(CALLEE.throwValue(undefined), { name: 'Error', message: 'undefined' });
    await assert.rejects(CALLEE.throwValue(new DOMException('no', 'DataError')), { name: 'DataError', code: 0 });
    // An error as a value keeps what it has, but no stack of elsewhere.
    const sent = new TypeError('a value');
    sent.a = 1;
    const got = await CALLEE.echo(sent);
    assert.ok(got instanceof TypeError);
    assert.strictEqual(got.a, 1);
    assert.strictEqual(got.remote, undefined);
  },
};

export const order = {
  async test(_, { CALLEE }) {
    using counter = await CALLEE.counter(0);
    const results = await Promise.all(Array.from({ length: 50 }, () => counter.add(1)));
    assert.deepStrictEqual(results, Array.from({ length: 50 }, (_, i) => i + 1));
  },
};

export const pipelining = {
  async test(_, { CALLEE, BETWEEN, DEFAULT }) {
    assert.strictEqual(await CALLEE.counter(1).add(2), 3);
    assert.strictEqual(await CALLEE.nested(1).a.b.counter.add(2), 3);
    assert.strictEqual(await CALLEE.nested(1).a.b.text, 'deep');
    assert.strictEqual(await CALLEE.nested(1).a.b.f(21), 42);
    assert.strictEqual(await BETWEEN.counter(5).add(1), 6);
    assert.strictEqual(await BETWEEN.counterInside(5).counter.add(1), 6);
    assert.strictEqual(await CALLEE.echo(() => () => 'twice')()(), 'twice');
    assert.strictEqual(await DEFAULT.stub().f(), 2);
    // In order, and after what was there before.
    const promise = CALLEE.slowly({ list: [1] }, 5);
    const [list, second] = await Promise.all([promise.list, promise.list]);
    assert.deepStrictEqual([list.length, second.length], [1, 1]);
    // When the value is there already.
    assert.deepStrictEqual((await promise.list).length, 1);
    const counter = CALLEE.counter(1);
    await counter;
    assert.strictEqual(await counter.add(1), 2);
  },
};

export const pipeliningFails = {
  async test(_, { CALLEE }) {
    const failed = CALLEE.fail('RangeError', 'first');
    const second = failed.a.b();
    await assert.rejects(failed, { name: 'RangeError', message: 'first' });
    await assert.rejects(second, { name: 'RangeError', message: 'first' });
    await assert.rejects(failed.c(), { name: 'RangeError', message: 'first' });
    await assert.rejects(CALLEE.sum(1).toFixed(), { message: 'The RPC receiver does not implement the method "toFixed".' });
    await assert.rejects(CALLEE.sum(1)(), { message: '"(this)" is not a function.' });
    await assert.rejects(CALLEE.echo(Symbol()).x(), { name: 'DataCloneError' });
    const promise = CALLEE.slowly({ a: 1 }, 1);
    promise[Symbol.dispose]();
    await assert.rejects(promise.a, { message: 'RPC promise used after being disposed.' });
    let deep = CALLEE;
    assert.throws(() => {
      for (let i = 0; i < 100; i++) deep = deep.x;
    }, /too deep \(max 64\)/);
  },
};

export const callbacks = {
  async test(_, { CALLEE }) {
    const seen = [];
    const result = await CALLEE.callTwice((n) => {
      seen.push(n);
      return { n };
    });
    assert.deepStrictEqual(seen, [1, 2]);
    assert.deepStrictEqual(result.map((r) => r.n), [1, 2]);
    class Target extends RpcTarget {
      value = 1;
      get visible() {
        return 2;
      }
    }
    const stub = await CALLEE.echo(new Target());
    assert.strictEqual(await stub.visible, 2);
    await assert.rejects(stub.value, /does not implement/);
  },
};

export const waitUntil = {
  async test(_, { CALLEE }) {
    const before = await CALLEE.disposals('later');
    await CALLEE.later(20);
    assert.strictEqual(await CALLEE.disposals('later'), before);
    for (let i = 0; i < 100 && (await CALLEE.disposals('later')) === before; i++) await scheduler.wait(5);
    assert.strictEqual(await CALLEE.disposals('later'), before + 1);
  },
};

export const patchedBuiltins = {
  async test(_, { CALLEE }) {
    const { then } = Promise.prototype;
    const iterator = Array.prototype[Symbol.iterator];
    const { push, slice } = Array.prototype;
    const { get, set } = Map.prototype;
    const { add } = Set.prototype;
    Promise.prototype.then = Array.prototype[Symbol.iterator] = Array.prototype.push = Array.prototype.slice = () => {
      throw new Error('patched');
    };
    Map.prototype.get = Map.prototype.set = Set.prototype.add = Promise.prototype.then;
    let result;
    try {
      result = CALLEE.nested(1).a.b.f(2);
    } finally {
      Promise.prototype.then = then;
      Array.prototype[Symbol.iterator] = iterator;
      Object.assign(Array.prototype, { push, slice });
      Object.assign(Map.prototype, { get, set });
      Set.prototype.add = add;
    }
    assert.strictEqual(await result, 4);
  },
};
