import { RpcStub, RpcTarget, WorkerEntrypoint } from 'cloudflare:workers';

// How often something was disposed of, by name.
const disposals = {};
function disposed(name) {
  disposals[name] = (disposals[name] ?? 0) + 1;
}

class Counter extends RpcTarget {
  #count;
  own = 'not to be seen';
  constructor(start, name) {
    super();
    this.#count = start;
    this.name = name;
  }
  add(n) {
    return (this.#count += n);
  }
  get count() {
    return this.#count;
  }
  [Symbol.dispose]() {
    if (this.name !== undefined) disposed(this.name);
  }
}

class Plain {
  method() {}
}

export class Callee extends WorkerEntrypoint {
  own = 5;
  sum(...numbers) {
    return numbers.reduce((a, b) => a + b, 0);
  }
  echo(value) {
    return value;
  }
  async slowly(value, ms) {
    await scheduler.wait(ms);
    return value;
  }
  props() {
    return this.ctx.props;
  }
  describe(value) {
    return `${Object.prototype.toString.call(value)} ${value?.constructor?.name}`;
  }
  counter(start, name) {
    return new Counter(start, name);
  }
  nested(start) {
    return { a: { b: { counter: new Counter(start), text: 'deep', f: (x) => x * 2 } }, list: [1, 2] };
  }
  disposable(name) {
    return {
      name,
      use: () => disposals[name] ?? 0,
      [Symbol.dispose]() {
        disposed(name);
      },
    };
  }
  disposals(name) {
    return disposals[name] ?? 0;
  }
  plainInstance() {
    return { it: new Plain() };
  }
  fail(kind, message) {
    const error = new { TypeError, RangeError, Error, SyntaxError }[kind](message, { cause: 'why' });
    error.extra = { deep: [1] };
    throw error;
  }
  throwValue(value) {
    throw value;
  }
  async callTwice(f) {
    return [await f(1), await f(2)];
  }
  async keep(stub) {
    globalThis.kept = stub.dup();
  }
  async useKept() {
    return await globalThis.kept.add(1);
  }
  same(a, b) {
    return a === b;
  }
  readText(stream) {
    return new Response(stream).text();
  }
  async write(stream, chunks) {
    const writer = stream.getWriter();
    for (const chunk of chunks) await writer.write(new TextEncoder().encode(chunk));
    await writer.close();
  }
  endless() {
    let n = 0;
    return new ReadableStream({
      pull(controller) {
        if (n++ > 1000) throw new Error('not cancelled');
        controller.enqueue(new TextEncoder().encode('x'.repeat(1000)));
      },
      cancel() {
        disposed('endless');
      },
    });
  }
  async *notAStream() {}
  async waitFor(signal) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return signal.reason;
  }
  get value() {
    return 17;
  }
  get object() {
    return { list: [1, 2, 3], f: (x) => x + 1 };
  }
  get(x) {
    return `get ${x}`;
  }
  later(ms) {
    this.ctx.waitUntil(scheduler.wait(ms).then(() => disposed('later')));
  }
  loop() {
    for (;;);
  }
}

export class Between extends WorkerEntrypoint {
  counter(start) {
    return this.env.CALLEE.counter(start);
  }
  async counterInside(start, name) {
    return { counter: await this.env.CALLEE.counter(start, name) };
  }
  echo(value) {
    return this.env.CALLEE.echo(value);
  }
}

export const object = {
  one(argument, env, ctx) {
    return [argument, typeof env.CALLEE.fetch, typeof ctx.waitUntil];
  },
  four(a, b, env, ctx) {},
  inherited: 1,
  __proto__: { above() {} },
};

export default class extends WorkerEntrypoint {
  fetch(request) {
    return new Response(`default ${request.method}`);
  }
  hello(name) {
    return `hello ${name}`;
  }
  stub() {
    return new RpcStub({ x: 1, f: () => 2 });
  }
}
