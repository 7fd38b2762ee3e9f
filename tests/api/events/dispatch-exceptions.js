// What becomes of errors that event listeners throw, with spec_compliant_dispatch_exceptions and without.
import assert from 'node:assert';

const reports = Cloudflare.compatibilityFlags.spec_compliant_dispatch_exceptions;

/** Runs `fn`; the messages of the errors that the global object was told of, and what `fn` threw. */
async function observe(fn) {
  const seen = [];
  const listener = (event) => {
    seen.push(event.error.message);
    event.preventDefault();
  };
  globalThis.addEventListener('error', listener);
  let thrown;
  try {
    await fn();
  } catch (error) {
    thrown = error.message;
  }
  globalThis.removeEventListener('error', listener);
  return { seen, thrown };
}

function thrower(message) {
  return () => { throw new Error(message); };
}

export const target = {
  async test() {
    const ran = [];
    const it = new EventTarget();
    it.onx = thrower('property');
    it.addEventListener('x', thrower('first'), { once: true });
    it.addEventListener('x', (event) => {
      ran.push('second');
      event.preventDefault();
    });
    let result;
    const { seen, thrown } = await observe(() => { result = it.dispatchEvent(new Event('x', { cancelable: true })); });
    assert.deepStrictEqual({ seen, thrown, ran, result }, reports
      ? { seen: ['property', 'first'], thrown: undefined, ran: ['second'], result: false }
      : { seen: [], thrown: 'property', ran: [], result: undefined });
  },
};

export const dispatchedTwice = {
  async test() {
    const it = new EventTarget();
    it.addEventListener('x', (event) => it.dispatchEvent(event));
    const { seen, thrown } = await observe(() => it.dispatchEvent(new Event('x')));
    const message = 'The event is already being dispatched.';
    assert.deepStrictEqual([seen, thrown], reports ? [[message], undefined] : [[], message]);
  },
};

export const signal = {
  async test() {
    const ran = [];
    const controller = new AbortController();
    controller.signal.addEventListener('abort', () => ran.push('first'));
    controller.signal.onabort = thrower('onabort');
    controller.signal.addEventListener('abort', () => ran.push('last'));
    const { seen, thrown } = await observe(() => controller.abort());
    assert.deepStrictEqual([seen, thrown, ran], reports ? [['onabort'], undefined, ['first', 'last']] : [[], 'onabort', ['first']]);
  },
};

export const messagePort = {
  async test() {
    const events = [];
    const { port1, port2 } = new MessageChannel();
    const { seen } = await observe(async () => {
      let failed = false;
      port2.onmessage = () => {
        if (failed) return;
        failed = true;
        throw new Error('message');
      };
      for (const type of ['message', 'messageerror']) {
        port2.addEventListener(type, (event) => events.push(`${type} ${event.data.message ?? event.data}`));
      }
      port1.postMessage('hello');
      await scheduler.wait(1);
    });
    assert.deepStrictEqual([seen, events], reports ? [['message'], ['message hello', 'messageerror message']] : [[], ['message message']]);
  },
};

export const eventSource = {
  async test() {
    const events = [];
    const { seen } = await observe(async () => {
      const source = EventSource.from(new Response('data: a\n\ndata: b\n\n').body);
      source.onmessage = thrower('message');
      source.addEventListener('message', (event) => events.push(event.data));
      source.onerror = (event) => events.push(event.error.message, source.readyState);
      await scheduler.wait(5);
    });
    // Either way the source fails, and what else has come is dropped.
    assert.deepStrictEqual([seen, events], reports ? [['message'], ['a', 'message', 2]] : [[], ['message', 2]]);
  },
};

export const webSocket = {
  async test() {
    const events = [];
    const [here, there] = Object.values(new WebSocketPair());
    here.accept();
    there.accept();
    const { seen } = await observe(async () => {
      here.addEventListener('message', thrower('message'));
      here.addEventListener('message', (event) => events.push(event.data));
      here.addEventListener('error', (event) => events.push(event.error.message));
      there.send('hello');
      await scheduler.wait(5);
    });
    assert.deepStrictEqual([seen, events, here.readyState], reports ? [['message'], ['hello', 'message'], 3] : [[], ['message'], 3]);
  },
};

export const errorListener = {
  test() {
    // Errors of listeners of 'error' are not reported to these listeners again.
    let calls = 0;
    const listener = () => {
      calls++;
      throw new Error('in the listener');
    };
    globalThis.addEventListener('error', listener);
    let thrown;
    try {
      reportError(new Error('reported'));
    } catch (error) {
      thrown = error.message;
    }
    globalThis.removeEventListener('error', listener);
    assert.deepStrictEqual([calls, thrown], [1, reports ? undefined : 'in the listener']);
  },
};

export const handlerAttribute = {
  test() {
    // The attribute keeps its place among the listeners while it is set to one object after the other.
    const ran = [];
    const { signal } = new AbortController();
    assert.strictEqual(signal.onabort, null);
    signal.onabort = () => ran.push('old');
    const controller = new AbortController();
    controller.signal.onabort = () => ran.push('replaced');
    controller.signal.addEventListener('abort', () => ran.push('listener'));
    const handler = function () { ran.push(this === globalThis ? 'handler' : 'wrong this'); };
    controller.signal.onabort = handler;
    assert.strictEqual(controller.signal.onabort, handler);
    controller.abort();
    assert.deepStrictEqual(ran, ['handler', 'listener']);
    signal.onabort = 5;
    assert.strictEqual(signal.onabort, null);
    const object = {};
    signal.onabort = object;
    assert.strictEqual(signal.onabort, object);
  },
};
