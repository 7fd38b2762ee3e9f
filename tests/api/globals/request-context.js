// What belongs to one request and is used in another one.
import assert from 'node:assert';

const kept = {};

export const echo = {
  async fetch(request) {
    if (request.headers.get('upgrade') === null) return new Response('from the subrequest');
    const [here, there] = Object.values(new WebSocketPair());
    there.accept();
    return new Response(null, { status: 101, webSocket: here });
  },
};

export const maker = {
  async fetch(request, env, ctx) {
    const subrequest = () => env.echo.fetch('http://x');
    kept.text = new Response('text');
    kept.cloned = new Response('text').clone();
    kept.json = Response.json({});
    kept.subrequest = await subrequest();
    kept.toClone = await subrequest();
    kept.toTee = await subrequest();
    kept.toCancel = await subrequest();
    kept.toPipe = await subrequest();
    kept.toRead = (await subrequest()).body.getReader();
    kept.tee = (await subrequest()).body.tee()[0];
    kept.signalled = await env.echo.fetch('http://x', { signal: new AbortController().signal });
    kept.rewritten = new HTMLRewriter().on('a', { element() {} }).transform(new Response('<a>'));
    kept.request = new Request('http://x', { method: 'POST', body: 'text' });
    kept.incoming = request;
    kept.identity = new IdentityTransformStream();
    kept.writer = new IdentityTransformStream().writable.getWriter();
    kept.compression = new CompressionStream('gzip');
    const pair = new WebSocketPair();
    [kept.socket, kept.idle] = Object.values(pair);
    kept.socket.accept();
    kept.client = (await env.echo.fetch('http://x', { headers: { upgrade: 'websocket' } })).webSocket;
    kept.source = EventSource.from(new ReadableStream({}));
    kept.immediate = setImmediate(() => {});
    kept.nothing = new Response(null, { status: 204 });
    kept.stream = new Response(new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('of JavaScript'));
        controller.close();
      },
    }));
    kept.blob = new Blob(['blob']);
    kept.controller = new AbortController();
    kept.digest = new crypto.DigestStream('SHA-1');
    // Whether the other request is still there makes no difference.
    if (request.url.endsWith('/alive')) ctx.waitUntil(scheduler.wait(300));
    return new Response('made');
  },
};

const READABLE = 'ReadableStreamSource>';
const refused = {
  text: [() => kept.text.text(), READABLE],
  cloned: [() => kept.cloned.arrayBuffer(), READABLE],
  body: [() => kept.json.body.getReader().read(), READABLE],
  subrequest: [() => kept.subrequest.text(), READABLE],
  clone: [async () => kept.toClone.clone(), READABLE],
  toTee: [async () => kept.toTee.body.tee(), READABLE],
  toCancel: [() => kept.toCancel.body.cancel(), READABLE],
  toPipe: [() => kept.toPipe.body.pipeTo(new WritableStream()), READABLE],
  toRead: [() => kept.toRead.read(), READABLE],
  tee: [() => new Response(kept.tee).text(), READABLE],
  signalled: [() => kept.signalled.text(), READABLE],
  rewritten: [() => kept.rewritten.text(), READABLE],
  request: [() => kept.request.text(), READABLE],
  incoming: [() => kept.incoming.text(), READABLE],
  identity: [() => kept.identity.readable.getReader().read(), READABLE],
  written: [() => kept.identity.writable.getWriter().write(new Uint8Array(1)), 'Writable'],
  closed: [() => kept.writer.close(), 'Writable'],
  aborted: [() => kept.writer.abort(), 'Writable'],
  compressed: [() => kept.compression.readable.getReader().read(), READABLE],
  send: [async () => kept.socket.send('x'), 'Native'],
  close: [async () => kept.socket.close(), 'Native'],
  readyState: [async () => kept.socket.readyState, 'Native'],
  accept: [async () => kept.idle.accept(), 'Native'],
  client: [async () => kept.client.accept(), 'Native'],
  source: [async () => kept.source.close(), undefined],
  immediate: [async () => clearImmediate(kept.immediate), 'IoContext'],
};

export const user = {
  async fetch(request) {
    // As an answer they are just as little to be had.
    if (request.url.endsWith('/text')) return kept.text;
    if (request.url.endsWith('/nothing')) return kept.nothing;
    for (const name in refused) {
      const [fn, type] = refused[name];
      await assert.rejects(fn, (error) => {
        assert.match(error.message, /^Cannot perform I\/O on behalf of a different request\. /, name);
        assert.strictEqual(/\(I\/O type: (.*)\)$/.exec(error.message)?.[1], type, name);
        return error.constructor === Error;
      }, name);
    }
    // What is made of JavaScript alone belongs to nobody.
    assert.strictEqual(await kept.stream.text(), 'of JavaScript');
    assert.strictEqual(await kept.blob.text(), 'blob');
    assert.strictEqual(kept.subrequest.status, 200);
    kept.controller.abort();
    assert.strictEqual(kept.controller.signal.aborted, true);
    await kept.digest.getWriter().write(new Uint8Array(1));
    return new Response('used');
  },
};

async function exchange(env, path) {
  await (await env.maker.fetch(`http://x${path}`, { method: 'POST', body: 'incoming' })).text();
  if (path === '/over') await scheduler.wait(5);
  assert.strictEqual(await (await env.user.fetch('http://x')).text(), 'used');
}

export const overRequest = { test: (_controller, env) => exchange(env, '/over') };
export const aliveRequest = { test: (_controller, env) => exchange(env, '/alive') };

export const answered = {
  async test(_controller, env) {
    await (await env.maker.fetch('http://x/over', { method: 'POST', body: 'incoming' })).text();
    await assert.rejects(env.user.fetch('http://x/text'), { message: /^Cannot perform I\/O on behalf of a different request/ });
    assert.strictEqual((await env.user.fetch('http://x/nothing')).status, 204);
  },
};
