import { exports, RpcTarget, ServiceStub, WorkerEntrypoint, withExports } from 'cloudflare:workers';
import assert from 'node:assert';

export class Greeter extends WorkerEntrypoint {
  greet(name) {
    return `${this.ctx.props.greeting ?? 'hi'} ${name}`;
  }
  props() {
    return JSON.stringify(this.ctx.props);
  }
  fetch() {
    return new Response(this.ctx.props.greeting ?? 'none');
  }
}

export class Outer extends WorkerEntrypoint {
  run(name) {
    return this.ctx.props.inner.greet(name);
  }
  change() {
    return (this.ctx.props.count = (this.ctx.props.count ?? 0) + 1);
  }
}

export const plain = {
  fetch() {
    return new Response('plain');
  },
};



export const members = {
  async test(_, env, ctx) {
    assert.deepStrictEqual(Object.keys(ctx.exports).sort(), ['Greeter', 'Outer', 'imported', 'members', 'plain', 'withProps']);
    const { Greeter } = ctx.exports;
    assert.strictEqual(typeof Greeter, 'function');
    assert.ok(Greeter instanceof ServiceStub);
    assert.strictEqual(Greeter.constructor.name, 'LoopbackServiceStub');
    assert.strictEqual(await Greeter.greet('you'), 'hi you');
    assert.strictEqual(await (await Greeter.fetch('http://x')).text(), 'none');
    assert.strictEqual(await (await ctx.exports.plain.fetch('http://x')).text(), 'plain');
    assert.strictEqual(await (await fetch(new Request('http://x', { fetcher: ctx.exports.plain }))).text(), 'plain');
    assert.throws(() => Greeter(), TypeError);
    assert.throws(() => Greeter({ props: 1 }), { name: 'TypeError', message: "Incorrect type for the 'props' field on 'Options': the provided value is not of type 'Object'." });
    assert.throws(() => Greeter({ props: { f() {} } }), { name: 'DataCloneError' });
    assert.throws(() => Greeter({ props: { t: new (class extends RpcTarget {})() } }), { name: 'DataCloneError' });
  },
};

export const withProps = {
  async test(_, env, ctx) {
    const props = { greeting: 'hello' };
    const greeter = ctx.exports.Greeter({ props });
    props.greeting = 'changed';
    assert.strictEqual(await greeter.greet('you'), 'hello you');
    assert.strictEqual(await (await greeter.fetch('http://x')).text(), 'hello');
    assert.strictEqual(await ctx.exports.Greeter({}).props(), '{}');
    // Services may be in them.
    const outer = ctx.exports.Outer({ props: { inner: greeter } });
    assert.strictEqual(await outer.run('there'), 'hello there');
    const callee = ctx.exports.Outer({ props: { inner: { greet: 1 }, callee: env.CALLEE } });
    assert.strictEqual(await callee.change(), 1);
    // Each invocation has properties of its own.
    assert.strictEqual(await callee.change(), 1);
    // They can be sent elsewhere.
    const { stub } = await env.CALLEE.echo({ stub: greeter });
    assert.strictEqual(await stub.greet('back'), 'hello back');
    const loopback = await env.CALLEE.echo(ctx.exports.Greeter);
    assert.strictEqual(await loopback.greet('again'), 'hi again');
  },
};

export const imported = {
  async test(_, env, ctx) {
    assert.strictEqual(exports.Greeter, ctx.exports.Greeter);
    assert.strictEqual('Greeter' in exports, true);
    await withExports({ other: 1 }, async () => {
      await scheduler.wait(1);
      assert.strictEqual(exports.other, 1);
      assert.strictEqual(exports.Greeter, undefined);
    });
    assert.strictEqual(typeof exports.Greeter, 'function');
  },
};
