// What becomes of code whose request is over.
import assert from 'node:assert';

const flags = Cloudflare.compatibilityFlags;
const seen = [];
let resolvers;

export const slow = {
  async fetch() {
    await scheduler.wait(20);
    return new Response('slow');
  },
};

export default {
  async fetch(request, env) {
    switch (new URL(request.url).pathname) {
      case '/leave':
        // Nobody waits for these: they end with the request.
        env.slow.fetch('http://x').then(() => seen.push('fetch'));
        setTimeout(() => seen.push('timer'), 10);
        break;
      case '/wait':
        resolvers = Promise.withResolvers();
        resolvers.promise.then(async () => {
          try {
            await scheduler.wait(1);
            seen.push((await env.slow.fetch('http://x')).status);
          } catch (error) {
            seen.push(error.message.slice(0, 62));
          }
        });
        break;
      case '/resolve':
        resolvers.resolve();
        await scheduler.wait(50);
    }
    return new Response('done');
  },
};

async function get(env, path) {
  await (await env.self.fetch(`http://x${path}`)).text();
}

export const left = {
  async test(_controller, env) {
    seen.length = 0;
    await get(env, '/leave');
    await scheduler.wait(60);
    assert.deepStrictEqual(seen, []);
  },
};

export const resolvedLater = {
  async test(_controller, env) {
    seen.length = 0;
    await get(env, '/wait');
    await get(env, '/resolve');
    assert.deepStrictEqual(seen, flags.handle_cross_request_promise_resolution
      ? ['The request that this code belongs to has already been completed'.slice(0, 62)] : [200]);
  },
};
