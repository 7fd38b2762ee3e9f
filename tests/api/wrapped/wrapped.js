import assert from 'node:assert';

const stored = new Map();

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (request.method === 'PUT') stored.set(pathname, await request.text());
    return stored.has(pathname) ? new Response(stored.get(pathname)) : new Response(null, { status: 404 });
  },
};

export const wrapped = {
  async test(_, env) {
    assert.strictEqual(await env.COUNTER.next('a'), 2);
    assert.strictEqual(await env.COUNTER.next('a'), 4);
    assert.strictEqual(env.COUNTER.constructor.name, 'Counter');
    assert.throws(() => structuredClone(env.COUNTER), { name: 'DataCloneError' });
  },
};

export const internalOnly = {
  async test() {
    await assert.rejects(import('cloudflare-internal:wrapped-binding'));
    await assert.rejects(import('test:counter'));
  },
};
