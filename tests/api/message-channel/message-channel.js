import assert from 'node:assert';

const next = (port) => new Promise((resolve) => port.addEventListener('message', resolve, { once: true }));

export const both = {
  async test() {
    const { port1, port2 } = new MessageChannel();
    assert.ok(port1 instanceof MessagePort && port1 instanceof EventTarget);
    const arriving = next(port2);
    const value = { when: new Date(3) };
    port1.postMessage(value);
    port2.start();
    const event = await arriving;
    assert.ok(event instanceof MessageEvent && event.target === port2 && event.isTrusted);
    assert.notStrictEqual(event.data, value);
    assert.strictEqual(event.data.when.getTime(), 3);
    port1.start();
    const back = next(port1);
    port2.postMessage('back');
    assert.strictEqual((await back).data, 'back');
    port1.close();
  },
};

export const order = {
  async test() {
    const { port1, port2 } = new MessageChannel();
    const seen = [];
    let finish;
    const finished = new Promise((resolve) => (finish = resolve));
    for (let i = 0; i < 5; i++) port1.postMessage(i);
    port2.onmessage = ({ data }) => {
      seen.push(data);
      if (data === 4) finish();
    };
    assert.deepStrictEqual(seen, []);
    await finished;
    assert.deepStrictEqual(seen, [0, 1, 2, 3, 4]);
    port2.close();
  },
};

export const closing = {
  async test() {
    const { port1, port2 } = new MessageChannel();
    const closed = new Promise((resolve) => port2.addEventListener('close', resolve, { once: true }));
    port2.onmessage = () => assert.fail('a closed port was given a message');
    port1.close();
    port1.postMessage('lost');
    await closed;
    await scheduler.wait(1);
  },
};

export const refusals = {
  test() {
    const { port1 } = new MessageChannel();
    assert.throws(() => port1.postMessage(() => 1), { name: 'DataCloneError' });
    assert.throws(() => new MessagePort(), TypeError);
    const shared = new SharedArrayBuffer(8);
    for (const value of [shared, { deep: [new Uint8Array(shared)] }]) {
      assert.throws(() => port1.postMessage(value), { name: 'TypeError', message: 'SharedArrayBuffer is unsupported with MessagePort' });
    }
    for (const options of ['x', 1]) assert.throws(() => port1.postMessage(1, options), TypeError);
    assert.throws(() => port1.postMessage(1, { transfer: 'x' }), TypeError);
    assert.throws(() => port1.postMessage(1, [new ArrayBuffer(1)]), { message: 'Transfer list is not supported' });
    port1.postMessage(1, []);
    port1.postMessage(1, { transfer: [] });
    // What cannot be cloned is refused whether or not anybody is left to get it.
    port1.close();
    assert.throws(() => port1.postMessage(() => 1), { name: 'DataCloneError' });
    port1.postMessage('lost');
  },
};

// A port without a listener keeps what comes.
export const paused = {
  async test() {
    const { port1, port2 } = new MessageChannel();
    const log = [];
    const listener = ({ data }) => { log.push(data); };
    port2.addEventListener('message', listener);
    port1.postMessage(1);
    await scheduler.wait(1);
    port2.removeEventListener('message', listener);
    port1.postMessage(2);
    await scheduler.wait(1);
    assert.deepStrictEqual(log, [1]);
    port2.onmessage = listener;
    await scheduler.wait(1);
    assert.deepStrictEqual(log, [1, 2]);
    port2.onmessage = null;
    assert.strictEqual(port2.onmessage, null);
    port1.postMessage(3);
    port2.start();
    await scheduler.wait(1);
    assert.deepStrictEqual(log, [1, 2]);
    port2.close();
  },
};

export const closingWhileDelivering = {
  async test() {
    const { port1, port2 } = new MessageChannel();
    const log = [];
    port1.addEventListener('close', () => { log.push('close 1'); });
    port2.addEventListener('close', () => { log.push('close 2'); });
    port2.onmessage = ({ data }) => {
      log.push(data);
      port2.close();
    };
    port1.postMessage('a');
    port1.postMessage('b');
    await scheduler.wait(1);
    // As in workerd what was under way still arrives.
    assert.deepStrictEqual(log, ['a', 'close 1', 'close 2', 'b']);
  },
};

export const patchedBuiltins = {
  async test() {
    const { then } = Promise.prototype;
    const { push } = Array.prototype;
    const iterator = Array.prototype[Symbol.iterator];
    const evil = () => { throw new Error('patched'); };
    const { port1, port2 } = new MessageChannel();
    const log = [];
    port2.onmessage = ({ data }) => { log[log.length] = data; };
    Promise.prototype.then = evil;
    Array.prototype.push = evil;
    Array.prototype[Symbol.iterator] = evil;
    try {
      port1.postMessage('one');
      port1.postMessage(['two']);
    } finally {
      Promise.prototype.then = then;
      Array.prototype.push = push;
      Array.prototype[Symbol.iterator] = iterator;
    }
    await scheduler.wait(1);
    assert.deepStrictEqual(log, ['one', ['two']]);
    port1.close();
  },
};
