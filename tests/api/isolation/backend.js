// What the tests of this folder send requests and calls to.
import { RpcTarget, WorkerEntrypoint } from 'cloudflare:workers';

class Counter extends RpcTarget {
  #n = 0;
  add(n) { return this.#n += n; }
}

export class Calls extends WorkerEntrypoint {
  sum(a, b) { return a + b; }
  echo(value) { return value; }
  makeCounter() { return new Counter(); }
  async call(fn) { return await fn(20) + 1; }
  fail() { throw new RangeError('as asked'); }
  get property() { return 'p'; }
  readText(stream) { return new Response(stream).text(); }
}

const cache = new Map();

export default {
  async fetch(request) {
    const url = new URL(request.url);
    if (url.hostname === 'cached') return cached(request);
    switch (url.pathname) {
      case '/echo': return new Response(request.body, { headers: { 'x-method': request.method } });
      case '/form': {
        const data = await request.formData();
        return new Response(`${data.get('text')} ${data.get('file').name} ${await data.get('file').text()}`);
      }
      case '/redirect': return new Response(null, { status: 302, headers: { location: 'http://backend/echo' } });
      case '/slow': return new Promise((resolve) => { setTimeout(() => resolve(new Response('late')), 2000); });
      case '/throw': throw new Error('backend fails');
      case '/stream': {
        const { readable, writable } = new TransformStream();
        const writer = writable.getWriter();
        (async () => {
          for (const part of ['one ', 'two ', 'three']) await writer.write(new TextEncoder().encode(part));
          await writer.close();
        })();
        return new Response(readable);
      }
      case '/socket': {
        const [client, server] = Object.values(new WebSocketPair());
        server.accept();
        server.addEventListener('message', ({ data }) => server.send(data));
        return new Response(null, { status: 101, webSocket: client });
      }
    }
    return new Response('hello');
  },
};

// The cache service's side: an HTTP cache of one worker.
async function cached(request) {
  const key = request.url;
  if (request.method === 'PUT') {
    const text = await request.text();
    const end = text.indexOf('\r\n\r\n');
    cache.set(key, text.slice(end + 4));
    return new Response(null, { status: 204 });
  }
  if (request.method === 'PURGE') return new Response(null, { status: cache.delete(key) ? 200 : 404 });
  if (!cache.has(key)) return new Response(null, { status: 504, headers: { 'cf-cache-status': 'MISS' } });
  return new Response(cache.get(key), { headers: { 'cf-cache-status': 'HIT' } });
}
