const big = 'hello world '.repeat(20000);

const gzipped = async (...texts) => {
  const parts = [];
  for (const text of texts) parts.push(await new Response(new Response(text).body.pipeThrough(new CompressionStream('gzip'))).arrayBuffer());
  return parts;
};
const asGzip = (...parts) => new Response(new Blob(parts), { encodeBody: 'manual', headers: { 'content-encoding': 'gzip' } });

const routes = {
  '/echo': async (request) => Response.json({
    method: request.method, url: request.url, headers: [...request.headers], body: request.body === null ? null : await request.text(),
    redirect: request.redirect, cf: request.cf,
  }),
  '/null': () => new Response(null),
  '/204': () => new Response(null, { status: 204 }),
  '/teapot': () => new Response('short and stout', { status: 418, headers: [['set-cookie', 'a=1'], ['set-cookie', 'b=2'], ['x-u', 'é']] }),
  '/throw': () => { throw new RangeError('boom'); },
  '/throw-own': () => { const e = new Error('own'); e.name = 'OwnError'; throw e; },
  '/throw-string': () => { throw 'a string'; },
  '/reject': async () => { await null; throw new TypeError('later'); },
  '/nothing': () => undefined,
  '/error-response': () => Response.error(),
  '/bad-stream': () => new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array(3)); c.error(new Error('broken')); } })),
  '/midway': () => new Response(new ReadableStream({
    start(c) { c.enqueue(new Uint8Array(3)); }, pull(c) { c.error(new RangeError('midway')); },
  })),
  '/midway-odd': () => new Response(new ReadableStream({ pull(c) { c.error(new Error('TypeError: not what it seems')); } })),
  '/302': () => new Response(null, { status: 302, headers: { location: '/echo?from=302#part' } }),
  '/303': () => new Response(null, { status: 303, headers: { location: 'http://backend/echo' } }),
  '/307': () => new Response(null, { status: 307, headers: { location: '/echo' } }),
  '/308-out': () => new Response(null, { status: 308, headers: { location: 'http://elsewhere/echo' } }),
  '/loop': () => new Response(null, { status: 301, headers: { location: '/loop' } }),
  '/empty-location': () => new Response('stay', { status: 302, headers: { location: '' } }),
  '/bad-location': () => new Response(null, { status: 301, headers: { location: 'http://:::' } }),
  '/no-location': () => new Response('stay', { status: 301 }),
  '/gzip': () => new Response(big, { headers: { 'content-encoding': 'gzip' } }),
  '/br': () => new Response(big, { headers: { 'content-encoding': 'br' } }),
  '/gzip-stream': () => new Response(new Response(big).body, { headers: { 'content-encoding': 'gzip' } }),
  '/not-gzip': () => new Response('plain', { encodeBody: 'manual', headers: { 'content-encoding': 'gzip' } }),
  '/gzip-members': async () => asGzip(...await gzipped('one ', '', big, 'end')),
  '/gzip-then-junk': async () => asGzip(...await gzipped('one'), 'junk'),
  '/gzip-cut': async () => asGzip((await gzipped(big))[0].slice(0, -9)),
  '/gzip-members-cut': async () => { const [a, b] = await gzipped('one', 'two'); return asGzip(a, b.slice(0, -1)); },
  '/big': () => new Response(big),
  '/slow': async () => { await new Promise((done) => setTimeout(done, 10000)); return new Response('late'); },
  '/slow-body': () => new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array(1)); }, pull: () => new Promise(() => {}) })),
  '/socket': () => { const [a, b] = Object.values(new WebSocketPair()); a.accept(); a.addEventListener('message', (e) => a.send(`echo ${e.data}`)); return new Response(null, { status: 101, webSocket: b, headers: { 'x-h': 'v' } }); },
};

export default {
  async fetch(request) {
    try {
      request.headers.set('x', 'y');
      return new Response('headers of an incoming request can be changed', { status: 500 });
    } catch {
      return routes[new URL(request.url).pathname](request);
    }
  },
};
