// What becomes of sockets when one side fails, and of those that belong to a request that is over.
import assert from 'node:assert';

const turn = () => scheduler.wait(1);

function watched(ws) {
  const log = [];
  // (No push(): one test patches it.)
  ws.addEventListener('message', (e) => { log[log.length] = ['message', e.data]; });
  ws.addEventListener('close', (e) => { log[log.length] = ['close', e.code, e.wasClean, ws.readyState]; });
  ws.addEventListener('error', (e) => { log[log.length] = ['error', e.message, ws.readyState]; });
  return log;
}

let left;

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const [client, server] = Object.values(new WebSocketPair());
    if (pathname === '/not-accepted') {
      const log = watched(server);
      scheduler.wait(5).then(() => { server.accept(); server.send('accepted'); });
      left = log;
      return new Response(null, { status: 101, webSocket: client });
    }
    server.accept({ allowHalfOpen: pathname === '/half-open' });
    left = watched(server);
    if (pathname === '/half-open') server.addEventListener('close', () => { scheduler.wait(5).then(() => server.close(4002, 'later')); });
    if (pathname === '/fails') server.addEventListener('message', () => { throw new RangeError('no'); });
    if (pathname === '/refuses') return new Response('refused', { status: 403 });
    const headers = pathname === '/own-extensions' ? { 'Sec-WebSocket-Extensions': 'permessage-deflate; server_no_context_takeover' } : {};
    return new Response(null, { status: 101, webSocket: client, headers });
  },
};

async function open(env, path, headers = {}) {
  const response = await env.self.fetch(`http://self${path}`, { headers: { Upgrade: 'websocket', ...headers } });
  return response;
}

export const afterAListenerThrew = {
  async test() {
    const [a, b] = Object.values(new WebSocketPair());
    a.accept();
    b.accept();
    const seen = watched(a);
    const log = watched(b);
    b.addEventListener('message', () => { throw new RangeError('no'); });
    a.send('one');
    a.send('two');
    await turn();
    // The second message is of no interest any more; the other side sees a connection that broke.
    assert.deepStrictEqual(log, [['message', 'one'], ['error', 'Uncaught RangeError: no', 3]]);
    assert.deepStrictEqual(seen, [['close', 1006, false, 1]]);
    assert.deepStrictEqual([a.readyState, b.readyState], [2, 3]);
    a.send('dropped');
    a.close();
    b.send('dropped');
    b.close();
  },
};

export const theOtherWorkerFails = {
  async test(_, env) {
    const { webSocket: ws } = await open(env, '/fails');
    const seen = watched(ws);
    ws.accept();
    ws.send('x');
    await turn();
    assert.deepStrictEqual(seen, [['close', 1006, false, 1]]);
  },
};

export const halfOpenAnswersLater = {
  async test(_, env) {
    const { webSocket: ws } = await open(env, '/half-open');
    const seen = watched(ws);
    ws.accept();
    ws.close(4001, 'first');
    await scheduler.wait(30);
    assert.deepStrictEqual(left, [['close', 4001, true, 2]]);
    assert.deepStrictEqual(seen, [['close', 4002, true, 3]]);
  },
};

export const acceptedAfterTheResponse = {
  async test(_, env) {
    const { webSocket: ws } = await open(env, '/not-accepted');
    const seen = watched(ws);
    ws.accept();
    ws.send('early');
    await scheduler.wait(30);
    assert.deepStrictEqual(seen, [['message', 'accepted']]);
    assert.deepStrictEqual(left, [['message', 'early']]);
    ws.close();
    await turn();
  },
};

export const refused = {
  async test(_, env) {
    const response = await open(env, '/refuses');
    assert.strictEqual(response.webSocket, null);
    assert.strictEqual(await response.text(), 'refused');
    // The socket that was not given away ended with its request, whose code hears nothing any more.
    assert.deepStrictEqual(left, []);
  },
};

export const extensions = {
  async test(_, env) {
    const header = async (path, headers) => (await open(env, path, headers)).headers.get('Sec-WebSocket-Extensions');
    const offer = { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' };
    assert.strictEqual(await header('/', {}), null);
    assert.strictEqual(await header('/', offer), 'permessage-deflate; client_max_window_bits');
    assert.strictEqual(await header('/own-extensions', {}), 'permessage-deflate; server_no_context_takeover');
    assert.strictEqual(await header('/own-extensions', offer), 'permessage-deflate; server_no_context_takeover');
  },
};

export const detachedBuffers = {
  async test() {
    const [a, b] = Object.values(new WebSocketPair());
    a.accept();
    b.accept();
    b.binaryType = 'arraybuffer';
    const log = [];
    b.addEventListener('message', (e) => { log.push([...new Uint8Array(e.data)]); });
    const gone = new Uint8Array([1, 2]);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    a.send(gone);
    a.send(gone.buffer);
    const shared = new Uint8Array(new SharedArrayBuffer(2));
    shared[1] = 5;
    a.send(shared);
    const resizable = new ArrayBuffer(4, { maxByteLength: 8 });
    const view = new Uint8Array(resizable, 2);
    view[0] = 7;
    a.send(view);
    const outside = new Uint8Array(resizable, 3, 1);
    resizable.resize(2);
    a.send(outside);
    shared[1] = 9;
    await turn();
    assert.deepStrictEqual(log, [[], [], [0, 5], [7, 0], []]);
    a.close();
    await turn();
  },
};

export const givenUp = {
  async test() {
    const ws = new WebSocket('ws://192.0.2.1/');
    const log = watched(ws);
    ws.close();
    assert.strictEqual(ws.readyState, WebSocket.CLOSING);
    ws.close();
    assert.deepStrictEqual(log, []);
    await turn();
    assert.deepStrictEqual(log, [
      ['error', 'Uncaught Error: Called close before connection was established.', 3],
      ['close', 1006, false, 3],
    ]);
  },
};

export const patchedBuiltins = {
  async test(_, env) {
    const restore = [];
    const patch = (holder, name, value) => {
      const before = Object.getOwnPropertyDescriptor(holder, name);
      restore[restore.length] = () => (before === undefined ? delete holder[name] : Object.defineProperty(holder, name, before));
      Object.defineProperty(holder, name, { configurable: true, writable: true, value });
    };
    const { webSocket: ws } = await open(env, '/');
    const [a, b] = Object.values(new WebSocketPair());
    const log = [];
    b.addEventListener('message', (e) => { log[log.length] = e.data; });
    const evil = () => { throw new Error('patched'); };
    patch(Array.prototype, 'push', evil);
    patch(Array.prototype, Symbol.iterator, evil);
    patch(Promise.prototype, 'then', evil);
    patch(Object.prototype, 'allowHalfOpen', true);
    patch(EventTarget.prototype, 'dispatchEvent', evil);
    patch(WebSocket.prototype, Symbol.toPrimitive, evil);
    patch(Uint8Array.prototype, 'slice', evil);
    patch(Map.prototype, 'get', evil);
    try {
      b.accept();
      a.accept();
      ws.accept();
      a.send('one');
      a.send(new Uint8Array(3));
      a.close(1000, 'bye');
      ws.send('x');
      ws.close();
    } finally {
      for (let i = 0; i < restore.length; i++) restore[i]();
    }
    await turn();
    assert.deepStrictEqual([log[0], log[1].size], ['one', 3]);
    assert.deepStrictEqual([a.readyState, b.readyState], [3, 3]);
  },
};
