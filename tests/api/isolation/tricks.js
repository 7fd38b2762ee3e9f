// What code tries to get behind the platform: names of scripts, call sites, sloppy functions, wrong receivers, numbers that stand for requests.
import assert from 'node:assert';
import vm from 'node:vm';
import util from 'node:util';

// Functions that are not strict can only be made while the worker starts.
const sloppy = new Function('seen', 'return function named() { seen(this, arguments.callee.caller, named.caller, arguments); }');
const hidden = new Function('fn', 'return fn();\n//# sourceURL=workerd:platform');
const spoofed = new Function('return new Error("x").stack;\n//# sourceURL=workerd:platform');

const callbacks = (fn) => [
  () => { const t = new EventTarget(); t.addEventListener('x', fn); t.dispatchEvent(new Event('x')); },
  () => { const t = new EventTarget(); t.addEventListener('x', { handleEvent: fn }); t.dispatchEvent(new Event('x')); },
  () => new ReadableStream({ start: fn, pull: fn }), () => new ReadableStream({}, { size: fn }), () => new WritableStream({ start: fn }),
  () => new TransformStream({ start: fn, transform: fn }), () => new Headers({ a: 'b' }).forEach(fn), () => new URLSearchParams('a=b').forEach(fn),
  () => { const f = new FormData(); f.append('a', 'b'); f.forEach(fn); }, () => queueMicrotask(fn), () => new Promise((r) => setTimeout(() => { fn(); r(); }, 1)),
  () => new Promise((r) => { setTimeout(fn, 1); setTimeout(r, 2); }), () => scheduler.wait(1).then(fn),
  () => { const c = new AbortController(); c.signal.onabort = fn; c.abort(); },
  () => new HTMLRewriter().on('a', { element: fn, text: fn }).onDocument({ end: fn }).transform(new Response('<a>b</a>')).text(),
  async () => { const { port1, port2 } = new MessageChannel(); port2.onmessage = fn; port1.postMessage(1); await scheduler.wait(1); port1.close(); },
  () => new Request('http://x', { get method() { fn(); return 'GET'; } }), () => structuredClone({ get a() { fn(); } }), () => `${new URL({ toString() { fn(); return 'http://x'; } })}`,
  () => util.inspect({ [util.inspect.custom]: fn }), () => new Response({ toString() { fn(); return ''; } }),
  async () => { const p = new WebSocketPair(); p[0].accept(); p[1].accept(); p[1].addEventListener('message', fn); p[0].send('x'); await scheduler.wait(2); p[0].close(); },
];

export const sloppyFunctions = {
  async test() {
    let calls = 0;
    const fn = sloppy((self, caller, own, args) => {
      calls++;
      // Strict callers, as all of the platform are, cannot be seen.
      for (const seen of [caller, own]) {
        if (seen === null || seen === undefined) continue;
        assert(!/\[native code\]/.test(Function.prototype.toString.call(seen)), `a caller was seen: ${seen.name}`);
      }
      for (const arg of args) assert(typeof arg !== 'function' || arg === util.inspect, 'a function was given');
    });
    for (const use of callbacks(fn)) {
      const before = calls;
      await use();
      await scheduler.wait(1);
      assert(calls > before || /size|pull/.test(use), `never called: ${use}`);
    }
  },
};

export const callSites = {
  async test() {
    const prepare = Error.prepareStackTrace;
    const problems = [];
    let stacks = 0;
    Error.prepareStackTrace = (error, sites) => {
      stacks++;
      for (const site of sites) {
        const name = site.getScriptNameOrSourceURL();
        if (typeof name === 'string' && /^(workerd:|node:internal)/.test(name)) problems.push(`a frame of ${name}`);
        const fn = site.getFunction();
        if (typeof fn === 'function' && /\[native code\]/.test(Function.prototype.toString.call(fn)) && fn.name !== '') problems.push(`the function ${fn.name}`);
      }
      return String(error);
    };
    try {
      for (const use of callbacks(() => { new Error('x').stack; const o = {}; Error.captureStackTrace(o); o.stack; })) {
        await use();
        await scheduler.wait(1);
      }
      for (const wrong of [() => new Headers({ 'a b': '' }), () => Headers.prototype.get.call(1), () => new URL(''), () => atob('%')]) {
        try { wrong(); } catch (e) { e.stack; }
      }
    } finally {
      Error.prepareStackTrace = prepare;
    }
    assert(stacks > 20, `${stacks} stacks`);
    assert.deepStrictEqual(problems, []);
  },
};

export const namesOfScripts = {
  test() {
    // Code that calls itself one of the platform's scripts is none.
    let error;
    hidden(() => { error = new Error('inner'); });
    assert.match(error.stack, /eval|hidden|anonymous/);
    assert.match(spoofed(), /eval|spoofed|anonymous/);
    assert.throws(() => hidden(() => Headers.prototype.get.call({}, 'a')), TypeError);
  },
};

export const constructors = {
  async test(_, env, ctx) {
    const objects = [ctx, env.backend, new Request('http://x'), new Response('x').body, new WebSocketPair()[0], await caches.open('x'), crypto.subtle, new HTMLRewriter(), performance];
    for (const object of objects) {
      const Class = object.constructor;
      // All there is behind a constructor is the language's Function, which evaluates nothing here.
      assert.throws(() => Class.constructor('return 1')(), EvalError, Class.name);
      const made = (() => { try { return new Class(); } catch (e) { return e; } })();
      if (!(made instanceof Error)) continue;
      assert(made instanceof TypeError, `${Class.name}: ${made}`);
    }
    assert.throws(() => vm.runInThisContext('1'));
    assert.throws(() => new Function('return 1'), EvalError);
  },
};

export const receivers = {
  async test() {
    // Every accessor and method of every interface, on what is no instance of it.
    const wrong = [undefined, null, 1, 'a', {}, [], () => {}, new Proxy({}, {}), Object.create(Request.prototype), Object.create(ReadableStream.prototype), new Headers(), new Event('x'),
      globalThis, Symbol('s'), new Proxy(new Headers(), {})];
    let called = 0;
    let wrongErrors = [];
    const names = new Set();
    for (let o = globalThis; o !== null; o = Object.getPrototypeOf(o)) for (const name of Object.getOwnPropertyNames(o)) names.add(name);
    for (const name of names) {
      const descriptor = [globalThis, Object.getPrototypeOf(globalThis), Object.getPrototypeOf(Object.getPrototypeOf(globalThis))].map((o) => Object.getOwnPropertyDescriptor(o, name)).find(Boolean);
      const Class = descriptor?.value;
      if (typeof Class !== 'function' || Class.prototype?.[Symbol.for('cloudflare:internal-class')] === undefined) continue;
      for (const key of Reflect.ownKeys(Class.prototype)) {
        if (key === 'constructor') continue;
        const { get, set, value } = Object.getOwnPropertyDescriptor(Class.prototype, key);
        for (const fn of [get, set, value]) {
          if (typeof fn !== 'function') continue;
          for (const self of wrong) {
            if (self !== undefined && self !== null && typeof self === 'object' && self instanceof Class && self !== Object(self).constructor?.prototype) continue;
            called++;
            try {
              const result = fn.call(self);
              if (result instanceof Promise) await result.catch((e) => { if (!(e instanceof TypeError) && !/is not implemented/.test(e.message)) wrongErrors.push(`${name}.${String(key)}: ${e}`); });
            } catch (e) {
              if (!(e instanceof TypeError) && !/is not implemented/.test(e.message)) wrongErrors.push(`${name}.${String(key)}: ${e}`);
            }
          }
        }
      }
    }
    assert(called > 3000, `only ${called}`);
    assert.deepStrictEqual([...new Set(wrongErrors)], []);
  },
};
