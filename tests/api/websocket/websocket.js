import assert from 'node:assert';

function pair(options) {
  const [a, b] = Object.values(new WebSocketPair());
  a.accept(options);
  b.accept(options);
  return [a, b];
}
const next = (ws, type = 'message') => new Promise((resolve) => ws.addEventListener(type, resolve, { once: true }));

export const shape = {
  test() {
    const p = new WebSocketPair();
    assert.deepStrictEqual(Object.keys(p), ['0', '1']);
    assert.deepStrictEqual([...p], [p[0], p[1]]);
    const { readyState, url, protocol, extensions, binaryType, bufferedAmount } = p[0];
    assert.deepStrictEqual([readyState, url, protocol, extensions, binaryType, bufferedAmount], [1, null, '', '', 'blob', 0]);
    assert.deepStrictEqual([WebSocket.CONNECTING, WebSocket.OPEN, WebSocket.CLOSING, WebSocket.CLOSED, WebSocket.READY_STATE_OPEN], [0, 1, 2, 3, 1]);
    p[0].binaryType = 'nonsense';
    assert.strictEqual(p[0].binaryType, 'blob');
    p[0].binaryType = 'arraybuffer';
    assert.strictEqual(p[0].binaryType, 'arraybuffer');
    assert.ok(p[0] instanceof EventTarget);
  },
};

export const beforeAccept = {
  test() {
    const p = new WebSocketPair();
    const message = 'You must call one of accept() or state.acceptWebSocket() on this WebSocket before sending messages.';
    assert.throws(() => p[0].send('x'), { name: 'TypeError', message });
    assert.throws(() => p[0].close(), { name: 'TypeError', message });
    p[0].accept();
    p[0].accept();
    assert.throws(() => p[1].accept(5), { name: 'TypeError', message: "Failed to execute 'accept' on 'WebSocket': parameter 1 is not of type 'AcceptOptions'." });
    assert.throws(() => new Response(null, { status: 101, webSocket: p[0] }).clone(), { name: 'TypeError' });
  },
};

export const messages = {
  async test() {
    const [a, b] = pair();
    let m = next(b);
    a.send('té\ud83d\ude00');
    assert.strictEqual((await m).data, 'té\ud83d\ude00');
    m = next(b);
    a.send(new Uint8Array([1, 2, 3]).subarray(1));
    const blob = (await m).data;
    assert.ok(blob instanceof Blob);
    assert.deepStrictEqual([...await blob.bytes()], [2, 3]);
    b.binaryType = 'arraybuffer';
    m = next(b);
    const buffer = new Uint8Array([4]).buffer;
    a.send(buffer);
    new Uint8Array(buffer)[0] = 9;
    assert.deepStrictEqual([...new Uint8Array((await m).data)], [4]);
    m = next(b);
    a.send({ toString: () => 'converted' });
    assert.strictEqual((await m).data, 'converted');
    m = next(b);
    a.send('');
    assert.strictEqual((await m).data, '');
    assert.throws(() => a.send(), { name: 'TypeError' });
  },
};

// What is sent before the other side listens waits for it, in order.
export const held = {
  async test() {
    const [a, b] = Object.values(new WebSocketPair());
    a.accept();
    for (let i = 0; i < 100; i++) a.send(`${i}`);
    a.close(4000, 'done');
    await null;
    const got = [];
    b.addEventListener('message', (e) => got.push(e.data));
    const closed = next(b, 'close');
    b.accept();
    const { code, reason, wasClean } = await closed;
    assert.deepStrictEqual([got.length, got[99], code, reason, wasClean], [100, '99', 4000, 'done', true]);
  },
};

export const closing = {
  async test() {
    const [a, b] = pair();
    const atA = next(a, 'close');
    const atB = next(b, 'close');
    a.close(1000, 'bye');
    assert.strictEqual(a.readyState, WebSocket.CLOSING);
    assert.throws(() => a.send('x'), { name: 'TypeError', message: "Can't call WebSocket send() after close()." });
    a.close();
    const [ea, eb] = await Promise.all([atA, atB]);
    assert.deepStrictEqual([ea.code, ea.reason, eb.code, eb.reason, eb.wasClean], [1000, 'bye', 1000, 'bye', true]);
    assert.deepStrictEqual([a.readyState, b.readyState], [3, 3]);
  },
};

export const halfOpen = {
  async test() {
    const [a, b] = pair({ allowHalfOpen: true });
    const atB = next(b, 'close');
    a.close(1000);
    await atB;
    assert.strictEqual(b.readyState, WebSocket.CLOSING);
    const m = next(a);
    b.send('last words');
    assert.strictEqual((await m).data, 'last words');
    const atA = next(a, 'close');
    b.close(4321);
    assert.strictEqual((await atA).code, 4321);
    assert.deepStrictEqual([a.readyState, b.readyState], [3, 3]);
  },
};

export const closeArguments = {
  test() {
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 5000]) {
      assert.throws(() => pair()[0].close(code), { name: 'InvalidAccessError', message: `Invalid WebSocket close code: ${code}.` });
    }
    assert.throws(() => pair()[0].close(undefined, 'x'), { name: 'InvalidAccessError' });
    assert.throws(() => pair()[0].close(1000, 'é'.repeat(62)), { name: 'SyntaxError' });
    pair()[0].close(1000, 'x'.repeat(123));
  },
};

export const listenerErrors = {
  async test() {
    const [a, b] = pair();
    const failed = next(b, 'error');
    b.addEventListener('message', () => { throw new RangeError('in listener'); });
    a.send('x');
    const event = await failed;
    assert.strictEqual(event.error.message, 'in listener');
    assert.strictEqual(event.message, 'Uncaught RangeError: in listener');
    assert.strictEqual(b.readyState, WebSocket.CLOSED);
  },
};

export const attachments = {
  test() {
    const [a] = pair();
    assert.strictEqual(a.deserializeAttachment(), null);
    const value = { when: new Date(5), map: new Map([[1, 'x']]) };
    a.serializeAttachment(value);
    assert.deepStrictEqual(a.deserializeAttachment(), value);
    assert.notStrictEqual(a.deserializeAttachment(), a.deserializeAttachment());
    assert.throws(() => a.serializeAttachment('x'.repeat(20000)), { message: /cannot be larger than 16384 bytes/ });
    assert.throws(() => a.serializeAttachment(() => {}), { name: 'DataCloneError' });
  },
};

export default {
  fetch(request) {
    if (request.headers.get('upgrade') !== 'websocket') return new Response('no', { status: 426 });
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    server.addEventListener('message', (e) => (e.data === 'close' ? server.close(4001, 'asked') : server.send(`echo ${e.data}`)));
    return new Response(null, { status: 101, webSocket: client });
  },
};

export const throughService = {
  async test(_, env) {
    const { webSocket: ws } = await env.self.fetch('http://self/', { headers: { upgrade: 'websocket' } });
    ws.accept();
    const m = next(ws);
    ws.send('hi');
    assert.strictEqual((await m).data, 'echo hi');
    const closed = next(ws, 'close');
    ws.send('close');
    assert.deepStrictEqual([(await closed).code, (await closed).reason], [4001, 'asked']);
    const { webSocket: given } = await env.self.fetch('http://self/', { headers: { upgrade: 'websocket' } });
    const aborted = new AbortController();
    const r = await env.self.fetch('http://self/', { headers: { upgrade: 'websocket' }, signal: aborted.signal });
    r.webSocket.accept();
    const failed = next(r.webSocket, 'error');
    aborted.abort();
    assert.strictEqual((await failed).error.name, 'AbortError');
    given.accept();
    given.close();
  },
};

export const constructor = {
  test() {
    for (const [url, message] of [['foo', 'The url is invalid.'], ['http://a/', 'The url scheme must be ws or wss.'], ['ws://a/#b', 'The url fragment must be empty.']]) {
      assert.throws(() => new WebSocket(url), { name: 'SyntaxError', message: `WebSocket Constructor: ${message}` });
    }
    assert.throws(() => new WebSocket('ws://a/', 'a b'), { name: 'SyntaxError' });
    assert.throws(() => new WebSocket('ws://a/', ['x', 'x']), { name: 'SyntaxError' });
    assert.throws(() => new WebSocket(), { name: 'TypeError' });
    const ws = new WebSocket('ws://a.invalid/', []);
    assert.deepStrictEqual([ws.readyState, ws.url], [0, 'ws://a.invalid/']);
    assert.throws(() => ws.accept(), { message: "Websockets obtained from the 'new WebSocket()' constructor cannot call accept" });
    assert.throws(() => ws.send('x'), { name: 'TypeError' });
    ws.close();
  },
};
