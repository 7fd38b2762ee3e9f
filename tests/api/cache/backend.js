// A cache as the protocol behind cacheApiOutbound has it, small enough to see through.
const stored = new Map();

export default {
  async fetch(request) {
    const key = `${request.headers.get('cf-cache-namespace') ?? ''} ${request.url}`;
    switch (request.method) {
      case 'PUT': {
        const text = await request.text();
        const end = text.indexOf('\r\n\r\n');
        const [line, ...headers] = text.slice(0, end).split('\r\n');
        stored.set(key, { line, headers: headers.map((h) => h.split(': ')), body: text.slice(end + 4) });
        return new Response(null, { status: 204 });
      }
      case 'GET': {
        if (request.headers.get('cache-control') !== 'only-if-cached') return new Response('not a cache request', { status: 400 });
        const hit = stored.get(key);
        if (hit === undefined) return new Response('miss', { status: 504, headers: { 'cf-cache-status': 'MISS' } });
        const [, status] = hit.line.split(' ');
        const headers = hit.headers.filter(([name]) => !/^(content-length|transfer-encoding)$/i.test(name));
        return new Response(hit.body, { status: +status, headers: [...headers, ['cf-cache-status', 'HIT'], ['x-line', hit.line], ['x-framing', hit.headers[0].join('=')],
          ['x-headers', hit.headers.map(([name]) => name.toLowerCase()).join(' ')]] });
      }
      case 'PURGE': {
        if (request.headers.get('x-real-ip') !== '127.0.0.1') return new Response(null, { status: 403 });
        if (request.url.endsWith('/limited')) return new Response(null, { status: 429 });
        return new Response(null, { status: stored.delete(key) ? 200 : 404 });
      }
    }
    return new Response(null, { status: 405 });
  },
};
