import assert from 'node:assert';

// Where a name of the global is defined: interface objects live on its prototypes.
function descriptor(name) {
  for (let at = globalThis; at; at = Object.getPrototypeOf(at)) {
    const found = Object.getOwnPropertyDescriptor(at, name);
    if (found) return found;
  }
}

export const scope = {
  test() {
    assert.strictEqual(self, globalThis);
    assert.ok(globalThis instanceof EventTarget);
    assert.strictEqual(Object.prototype.toString.call(globalThis), '[object ServiceWorkerGlobalScope]');
    const chain = [];
    for (let at = Object.getPrototypeOf(globalThis); at !== Object.prototype; at = Object.getPrototypeOf(at)) chain.push(at.constructor.name);
    assert.deepStrictEqual(chain.slice(-3), ['ServiceWorkerGlobalScope', 'WorkerGlobalScope', 'EventTarget']);
    assert.throws(() => new ServiceWorkerGlobalScope(), TypeError);
    assert.throws(() => importScripts('x'));
  },
};

export const attributes = {
  test() {
    for (const name of ['URL', 'Event', 'AbortSignal', 'TextDecoder', 'DOMException', 'Performance']) {
      const { value, writable, enumerable, configurable } = descriptor(name);
      assert.deepStrictEqual([typeof value, writable, enumerable, configurable], ['function', true, true, true], name);
    }
    for (const Class of [URL, Event, AbortSignal, Performance]) {
      assert.strictEqual(Class.prototype[Symbol.toStringTag], Class.name);
    }
    const constant = Object.getOwnPropertyDescriptor(Event, 'BUBBLING_PHASE');
    assert.deepStrictEqual(constant, { value: 3, writable: false, enumerable: true, configurable: true });
  },
};

export const unboundCalls = {
  async test() {
    const { setTimeout: later, queueMicrotask: soon, structuredClone: copy, atob: decode, addEventListener: listen, removeEventListener: unlisten } = globalThis;
    await new Promise((resolve) => later(resolve, 0));
    await new Promise((resolve) => soon(resolve));
    assert.strictEqual(copy(1), 1);
    assert.strictEqual(decode('YQ=='), 'a');
    const listener = () => {};
    listen('x', listener);
    unlisten('x', listener);
    assert.throws(() => queueMicrotask('x'), TypeError);
  },
};

// Methods and accessors called on what is not one of theirs, or on nothing: one error, whatever the class keeps.
export const wrongReceivers = {
  async test() {
    const { text, slice } = new Blob([]);
    const { getRandomValues } = crypto;
    const { get } = new Headers();
    const { json } = new Response('1');
    const encoding = Object.getOwnPropertyDescriptor(TextDecoderStream.prototype, 'encoding').get;
    const href = Object.getOwnPropertyDescriptor(URL.prototype, 'href').get;
    for (const receiver of [undefined, null, 5, 'x', {}, new Proxy(new Blob([]), {})]) {
      for (const method of [text, slice, getRandomValues, get, json, encoding, href]) {
        await assert.rejects(async () => method.call(receiver, 'x'), { name: 'TypeError', message: /^Illegal invocation: / });
      }
    }
  },
};

// As the reference has them, unless a flag asks for those of the standard (globals-spec.js).
export const functionAttributes = {
  test() {
    for (const fn of [fetch, atob, structuredClone, queueMicrotask, Request, Headers, URL, Event, AbortSignal.any, Response.json,
      EventTarget.prototype.addEventListener, Blob.prototype.slice, crypto.subtle.importKey]) assert.strictEqual(fn.length, 0, fn.name);
    const { get, set } = Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'onabort');
    assert.deepStrictEqual([get.name, set.name, set.length], ['', '', 0]);
    for (const fn of [fetch, atob, btoa, queueMicrotask, reportError, structuredClone]) {
      assert.strictEqual('prototype' in fn, false, fn.name);
      assert.throws(() => new fn(), { message: /is not a constructor/ });
    }
    assert.strictEqual(Object.getOwnPropertyDescriptor(console, 'log').value.name, '');
    assert.strictEqual(Object.getPrototypeOf(new Headers().entries()).constructor.length, 0);
    assert.deepStrictEqual(Object.keys(new DOMException('message', 'AbortError')), ['code', 'name', 'message', 'stack']);
  },
};

export const context = {
  test(controller, _env, ctx) {
    assert.deepStrictEqual(Object.keys(ctx).sort(), ['access', 'cache', 'exports', 'props', 'tracing']);
    assert.strictEqual({ ...ctx }.exports, ctx.exports);
    assert.strictEqual(`${controller}`, '[object TestController]');
  },
};

// The platform is native code to the worker.
export const texts = {
  test() {
    const href = Object.getOwnPropertyDescriptor(URL.prototype, 'href').get;
    for (const [fn, name] of [[fetch, 'fetch'], [Request, 'Request'], [Response.json, 'json'], [href, ''], [Map, 'Map']]) {
      assert.strictEqual(Function.prototype.toString.call(fn), `function ${name}() { [native code] }`);
    }
    assert.strictEqual(`${Function.prototype.toString}`, 'function toString() { [native code] }');
    class Mine extends Response { get fetch() { return 1; } }
    assert.strictEqual(`${Mine}`, 'class Mine extends Response { get fetch() { return 1; } }');
    assert.throws(() => Function.prototype.toString.call({}), TypeError);
    assert.throws(() => new Function.prototype.toString(), TypeError);
  },
};

export const globalEvents = {
  test() {
    let seen;
    const listener = function (event) {
      seen = [this === globalThis, event.target === globalThis, event.type];
    };
    addEventListener('custom', listener);
    assert.ok(dispatchEvent(new Event('custom')));
    removeEventListener('custom', listener);
    assert.deepStrictEqual(seen, [true, true, 'custom']);
  },
};

export const reports = {
  test() {
    const error = new TypeError('reported');
    let seen;
    const listener = (event) => {
      seen = event;
      event.preventDefault();
    };
    addEventListener('error', listener);
    reportError(error);
    removeEventListener('error', listener);
    assert.ok(seen instanceof ErrorEvent && seen.error === error);
    assert.ok(seen.message.includes('reported'));
  },
};

export const codeGeneration = {
  test() {
    assert.throws(() => eval('1'), EvalError);
    assert.throws(() => new Function('return 1'), EvalError);
    const empty = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
    assert.throws(() => new WebAssembly.Module(empty), WebAssembly.CompileError);
  },
};

export const flags = {
  test() {
    const { compatibilityFlags } = Cloudflare;
    assert.ok(Object.isFrozen(compatibilityFlags));
    assert.strictEqual(compatibilityFlags.nodejs_compat, true);
    assert.strictEqual(compatibilityFlags.url_standard, true);
    assert.ok(!('url_original' in compatibilityFlags));
  },
};

export const navigators = {
  test() {
    assert.strictEqual(navigator.userAgent, 'Cloudflare-Workers');
    assert.ok(navigator instanceof Navigator);
    assert.ok(descriptor('navigator'));
  },
};

export const prototypePollution = {
  test() {
    Object.prototype.bubbles = true;
    Object.prototype.once = true;
    try {
      const target = new EventTarget();
      let calls = 0;
      target.addEventListener('x', () => calls++, {});
      target.dispatchEvent(new Event('x'));
      assert.strictEqual(calls, 1);
    } finally {
      delete Object.prototype.bubbles;
      delete Object.prototype.once;
    }
  },
};

export const pairs = {
  test() {
    const pair = new WebSocketRequestResponsePair('ping\ud800', { toString: () => 'pong' });
    assert.deepStrictEqual([pair.request, pair.response], ['ping\ufffd', 'pong']);
    assert.throws(() => { pair.request = 'x'; }, TypeError);
    assert.throws(() => new WebSocketRequestResponsePair('a'),
      { message: "Failed to construct 'WebSocketRequestResponsePair': constructor parameter 2 is not of type 'string'." });
    assert.throws(() => Object.getOwnPropertyDescriptor(WebSocketRequestResponsePair.prototype, 'request').get.call({}), /Illegal invocation/);
    assert.throws(() => structuredClone(pair), { name: 'DataCloneError' });
    assert.strictEqual(TailEvent, TraceEvent);
    assert.throws(() => new TailEvent('tail'), { name: 'TypeError', message: 'Illegal constructor' });
  },
};
