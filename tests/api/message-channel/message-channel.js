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
    port1.close();
  },
};
