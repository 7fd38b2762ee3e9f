import assert from 'node:assert';
import { WorkerEntrypoint } from 'cloudflare:workers';

const seen = new Map();

/** Another service that both sides talk to. */
export class Log extends WorkerEntrypoint {
  set(key, value) { seen.set(key, value); }
  get(key) { return seen.get(key); }
}

const routes = {
  '/answer': () => new Response('hello'),
  '/hang': () => new Promise(() => { setTimeout(() => {}, 10000); }),
  '/stream': () => new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array(3)); }, pull: () => new Promise(() => {}) })),
  '/finite': () => new Response(new ReadableStream({ async pull(c) { await scheduler.wait(1); c.enqueue(new Uint8Array(3)); c.close(); } })),
  '/throw': () => { throw new Error('boom'); },
};

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    await env.log.set(pathname, 'running');
    request.signal.onabort = () => ctx.waitUntil(env.log.set(pathname, request.signal.reason.message));
    return routes[pathname]();
  },
};

const LEFT = 'The client has disconnected';

export const staying = {
  async test(_, env) {
    assert.strictEqual(await (await env.self.fetch('http://x/answer')).text(), 'hello');
    assert.strictEqual((await (await env.self.fetch('http://x/finite')).bytes()).length, 3);
    await assert.rejects(env.self.fetch('http://x/throw'), { message: 'boom' });
    for (const path of ['/answer', '/finite', '/throw']) assert.strictEqual(await env.log.get(path), 'running', path);
  },
};

// What the handler does about it comes before what its caller does next.
export const leavingBeforeTheAnswer = {
  async test(_, env) {
    await assert.rejects(env.self.fetch('http://x/hang', { signal: AbortSignal.timeout(10) }), { name: 'TimeoutError' });
    assert.strictEqual(await env.log.get('/hang'), LEFT);
  },
};

export const leavingDuringTheBody = {
  async test(_, env) {
    const reader = (await env.self.fetch('http://x/stream')).body.getReader();
    assert.strictEqual((await reader.read()).value.length, 3);
    assert.strictEqual(await env.log.get('/stream'), 'running');
    await reader.cancel();
    await scheduler.wait(1);
    assert.strictEqual(await env.log.get('/stream'), LEFT);
  },
};
