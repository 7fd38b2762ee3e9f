import { RpcStub, RpcTarget } from 'cloudflare:workers';
import assert from 'node:assert';

class Counter extends RpcTarget {
  count = 0;
  disposals = 0;
  add(n) {
    return (this.count += n);
  }
  [Symbol.dispose]() {
    this.disposals++;
  }
}

const DISPOSED = { name: 'Error', message: 'RPC stub used after being disposed.' };

async function until(condition) {
  for (let i = 0; i < 200 && !(await condition()); i++) await scheduler.wait(2);
  assert.ok(await condition());
}

export const local = {
  async test() {
    const counter = new Counter();
    const stub = new RpcStub(counter);
    assert.ok(stub instanceof RpcStub);
    assert.strictEqual(await stub.add(2), 2);
    await assert.rejects(stub.count, /does not implement/);
    const dup = stub.dup();
    stub[Symbol.dispose]();
    await assert.rejects(stub.add(1), DISPOSED);
    assert.throws(() => stub.dup(), DISPOSED);
    assert.strictEqual(await dup.add(3), 5);
    assert.strictEqual(counter.disposals, 0);
    // What is under way is finished first.
    const last = dup.add(1);
    dup[Symbol.dispose]();
    dup[Symbol.dispose]();
    assert.strictEqual(await last, 6);
    await until(() => counter.disposals === 1);

    const f = new RpcStub((a, b) => a + b);
    assert.strictEqual(await f(1, 2), 3);
    const plain = new RpcStub({ x: { y: 1 } });
    assert.strictEqual(await plain.x.y, 1);
    for (const value of [new Date(), new (class {})(), Object.create(null)]) {
      assert.throws(() => new RpcStub(value), { message: 'RpcStubs can only wrap plain objects, functions, and RpcTarget derivatives.' });
    }
    assert.throws(() => new RpcStub(1), TypeError);
    assert.throws(() => RpcStub({}), TypeError);
  },
};

export const objectsOfTheirOwn = {
  async test() {
    const stub = new RpcStub({});
    stub.mine = 1;
    assert.strictEqual(stub.mine, 1);
    assert.deepStrictEqual(Object.keys(stub), ['mine']);
    delete stub.mine;
    assert.strictEqual(typeof stub.mine, 'function');
    assert.deepStrictEqual(Reflect.ownKeys(stub), []);
    assert.strictEqual(stub.then, undefined);
    assert.strictEqual(Object.getPrototypeOf(stub), RpcStub.prototype);
    assert.throws(() => structuredClone(stub), { name: 'DataCloneError', message: '#<RpcStub> could not be cloned.' });
    assert.throws(() => structuredClone(new Counter()), { name: 'DataCloneError' });
    // Another one shows nothing of it.
    assert.strictEqual(typeof new RpcStub({}).mine, 'function');
  },
};

export const given = {
  async test(_, { CALLEE }) {
    const counter = new Counter();
    const stub = new RpcStub(counter);
    // Parameters stay the caller's.
    const back = await CALLEE.echo(stub);
    assert.strictEqual(await back.add(1), 1);
    assert.strictEqual(await stub.add(1), 2);
    back[Symbol.dispose]();
    await assert.rejects(back.add(1), DISPOSED);
    assert.strictEqual(counter.disposals, 0);
    stub[Symbol.dispose]();
    await until(() => counter.disposals === 1);
    // A target is the callee's: for the time of the call.
    const target = new Counter();
    await CALLEE.describe(target);
    await until(() => target.disposals === 1);
    // One that can duplicate itself stays.
    let duplicates = 0;
    class Duplicable extends Counter {
      dup() {
        duplicates++;
        return new Counter();
      }
    }
    const duplicable = new Duplicable();
    await CALLEE.describe(duplicable);
    await scheduler.wait(2);
    assert.deepStrictEqual([duplicates, duplicable.disposals], [1, 0]);
    class Wrong extends RpcTarget {
      dup() {
        return 1;
      }
    }
    await assert.rejects(CALLEE.describe(new Wrong()), { name: 'DataCloneError' });
  },
};

export const results = {
  async test(_, { CALLEE }) {
    const result = await CALLEE.nested(1);
    const { counter } = result.a.b;
    assert.strictEqual(await counter.add(1), 2);
    assert.strictEqual(Object.keys(result).includes('a'), true);
    result[Symbol.dispose]();
    await assert.rejects(counter.add(1), DISPOSED);

    const name = crypto.randomUUID();
    const disposable = await CALLEE.disposable(name);
    assert.strictEqual(await disposable.use(), 0);
    disposable[Symbol.dispose]();
    await until(async () => (await CALLEE.disposals(name)) === 1);

    const other = crypto.randomUUID();
    {
      using object = await CALLEE.counter(1, other);
      await object.add(1);
      assert.strictEqual(await CALLEE.disposals(other), 0);
    }
    await until(async () => (await CALLEE.disposals(other)) === 1);

    // A promise that is disposed of before it resolves.
    const third = crypto.randomUUID();
    const promise = CALLEE.disposable(third);
    promise[Symbol.dispose]();
    await promise;
    await until(async () => (await CALLEE.disposals(third)) === 1);
  },
};

export const throughAnother = {
  async test(_, { BETWEEN, CALLEE }) {
    const name = crypto.randomUUID();
    const result = await BETWEEN.counterInside(1, name);
    assert.strictEqual(await result.counter.add(1), 2);
    await scheduler.wait(5);
    assert.strictEqual(await CALLEE.disposals(name), 0);
    result[Symbol.dispose]();
    await until(async () => (await CALLEE.disposals(name)) === 1);
  },
};

export const kept = {
  async test(_, { CALLEE }) {
    const counter = new Counter();
    await CALLEE.keep(counter);
    // The request that kept it is over, and with it what it held.
    await until(() => counter.disposals === 1);
    await assert.rejects(CALLEE.useKept(), /different request/);
  },
};

export const graphs = {
  async test(_, { CALLEE }) {
    const f = (x) => x + 1;
    const object = { f, again: f, list: [f, { f }], map: new Map([['f', f]]), set: new Set([f]), date: new Date(7) };
    object.self = object;
    const got = await CALLEE.echo(object);
    assert.strictEqual(got.self, got);
    assert.strictEqual(got.f, got.again);
    assert.strictEqual(got.list[0], got.f);
    assert.strictEqual(got.list[1].f, got.f);
    assert.strictEqual(got.map.get('f'), got.f);
    assert.ok(got.set.has(got.f));
    assert.strictEqual(got.date.getTime(), 7);
    assert.strictEqual(await got.f(1), 2);
    assert.strictEqual(await CALLEE.same(f, f), true);
    // Services are values, too.
    const { service } = await CALLEE.echo({ service: CALLEE });
    assert.strictEqual(await service.sum(1, 2), 3);
    assert.deepStrictEqual(await service.props(), { who: 'config' });
  },
};

export const classes = {
  async test(_, { CALLEE }) {
    class Plain {}
    const refused = (name) => ({ name: 'DataCloneError', message: `Could not serialize object of type "${name}". This type does not support serialization.` });
    await assert.rejects(CALLEE.echo(new Plain()), refused('Plain'));
    await assert.rejects(CALLEE.echo({ deep: [new Plain()] }), refused('Plain'));
    await assert.rejects(CALLEE.echo(Object.create(null)), refused('Object'));
    await assert.rejects(CALLEE.echo(new TextEncoder()), refused('TextEncoder'));
    await assert.rejects(CALLEE.plainInstance(), refused('Plain'));
    await assert.rejects(CALLEE.echo({ p: CALLEE.sum() }), refused('RpcPromise'));
    await assert.rejects(CALLEE.echo({ p: CALLEE.value }), refused('RpcProperty'));
    // A getter that throws.
    await assert.rejects(CALLEE.echo({ get x() { throw new RangeError('getter'); }, f() {} }), { name: 'RangeError', message: 'getter' });
  },
};

export const proxies = {
  async test(_, { CALLEE }) {
    const asked = [];
    const spy = (target) => new Proxy(target, {
      get(object, name) {
        asked.push(name);
        return Reflect.get(object, name);
      },
    });
    const stub = await CALLEE.echo(spy({ x: 1, f: () => 2 }));
    assert.strictEqual(await stub.f(), 2);
    assert.ok(asked.includes('f'));
    const counter = await CALLEE.echo({ deep: [new Proxy(new Counter(), {})] });
    await assert.rejects(counter.deep[0].count, /does not implement/);
    await assert.rejects(CALLEE.echo(new Proxy(new (class {})(), {})), { name: 'DataCloneError' });
    const faked = new Proxy({ add: (n) => n }, { getPrototypeOf: () => RpcTarget.prototype });
    const got = await CALLEE.echo(faked);
    await assert.rejects(got.add(1), /does not implement/);
  },
};

export const otherRequests = {
  async test(_, { CALLEE }) {
    const outside = (await CALLEE.counter(1)).dup;
    assert.strictEqual(typeof outside, 'function');
    const stub = await CALLEE.counter(1);
    globalThis.stub = stub;
    assert.strictEqual(await CALLEE.echo(1), 1);
  },
};

export const fromAnotherRequest = {
  async test() {
    // Left there by the test before.
    const { stub } = globalThis;
    if (stub === undefined) return;
    await assert.rejects(stub.add(1), /Cannot perform I\/O on behalf of a different request.*\(I\/O type: Client\)/);
  },
};
