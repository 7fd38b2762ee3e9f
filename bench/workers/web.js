// One entry for each case of the "Web APIs" table: `work(n)` does the operation n times. The driver asks for /name?n=COUNT, first a
// smaller count as warm-up, then the counted one, and takes time from outside. Results are added up and returned, so that nothing
// measured can be optimised away.
import { AsyncLocalStorage } from 'node:async_hooks';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const bytes64K = new Uint8Array(65536).map((_, i) => (i * 31) & 255);
const text1K = JSON.stringify({ items: Array.from({ length: 20 }, (_, i) => ({ id: i, name: `item ${i}`, on: i % 2 === 0 })) });
const text1M = JSON.stringify(Array.from({ length: 24000 }, (_, i) => ({ id: i, name: `item ${i}`, price: i * 1.25 })));
const bytes1K = encoder.encode(text1K);
const bytes1M = encoder.encode(text1M);
const html1M = '<!doctype html><html><head><title>x</title></head><body>'
  + '<div class="row"><a href="/some/path?q=1">link</a> and <b>bold text</b> &amp; <img src="a.png" alt="pic"></div>\n'.repeat(9500)
  + '</body></html>';
const ascii200 = 'The quick brown fox jumps over the lazy dog. '.repeat(5).slice(0, 200);
const mixed200 = 'Grüße aus Köln, 你好, привет — €5. '.repeat(7).slice(0, 200);
const encoded200 = encoder.encode(mixed200);
const base64 = btoa(ascii200);
const plain = { a: 1, list: [1, 2, 3, { b: 'text', date: new Date(0) }], map: new Map([['k', 1], ['l', 2]]), deep: { deeper: { deepest: true } } };
const urls = [
  'https://example.com/a/b/../c?x=1&y=2#frag', 'http://user:pass@sub.example.org:8080/path/to/file.html',
  'https://www.example.net/search?q=workers&lang=en', 'https://bücher.example/straße?größe=1',
];
const pattern = new URLPattern({ pathname: '/users/:id/posts/:post' });
const store = new AsyncLocalStorage();

let html10M;
function text10M() {
  if (html10M === undefined) {
    const part = encoder.encode(html1M);
    html10M = new Uint8Array(10_000_000);
    for (let at = 0, i = 0; at < html10M.length; at += part.length, i++) {
      html10M.set(part.subarray(0, Math.min(part.length, html10M.length - at)), at);
      html10M[at] = i;
    }
  }
  return html10M;
}

/** A stream of `count` chunks of 64 KB, made in JavaScript. */
function source(count) {
  return new ReadableStream({
    pull(controller) {
      if (count-- > 0) controller.enqueue(bytes64K);
      else controller.close();
    },
  });
}

async function drain(stream) {
  const reader = stream.getReader();
  let total = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return total;
    total += value.byteLength;
  }
}

async function aesGcm(n) {
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  const iv = new Uint8Array(12);
  let total = 0;
  for (let i = 0; i < n; i++) total += (await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, bytes64K)).byteLength;
  return total;
}

const loop = (body) => (n) => {
  let total = 0;
  for (let i = 0; i < n; i++) total += body(i);
  return total;
};
const loopAsync = (body) => async (n) => {
  let total = 0;
  for (let i = 0; i < n; i++) total += await body(i);
  return total;
};

const cases = {
  'url-parse': loop((i) => new URL(urls[i & 3]).pathname.length),
  'url-search-params': loop((i) => {
    const url = new URL('https://example.com/?a=1&b=2&c=three');
    url.searchParams.set('b', String(i & 15));
    return url.href.length + url.searchParams.get('c').length;
  }),
  'headers': loop((i) => {
    const headers = new Headers({ 'content-type': 'text/html', 'x-one': '1' });
    headers.set('cache-control', 'no-store');
    headers.append('x-one', '2');
    let total = headers.get('X-One').length + (headers.has('accept') ? 1 : 0);
    for (const [name, value] of headers) total += name.length + value.length;
    return total;
  }),
  'request': loop((i) => new Request('https://example.com/path', { method: 'POST', headers: { 'x-a': 'b' }, body: 'hello' }).url.length),
  'response': loop((i) => new Response('hello', { status: 201, headers: { 'content-type': 'text/plain', 'x-a': 'b' } }).status),
  'response-plain': loop((i) => new Response('hello').status),
  'text-1k': loopAsync(async () => (await new Response(text1K).text()).length),
  'json-1k': loopAsync(async () => (await new Response(text1K).json()).items.length),
  'text-1m': loopAsync(async () => (await new Response(text1M).text()).length),
  'json-1m': loopAsync(async () => (await new Response(text1M).json()).length),
  // Nothing of the platform: what a difference here says of the others is that V8 was built in another way.
  'json-parse-1m': loop(() => JSON.parse(text1M).length),
  'text-bytes-1k': loopAsync(async () => (await new Response(bytes1K).text()).length),
  'text-bytes-1m': loopAsync(async () => (await new Response(bytes1M).text()).length),
  'json-bytes-1m': loopAsync(async () => (await new Response(bytes1M).json()).length),
  'text-stream-1m': loopAsync(async () => (await new Response(source(16)).text()).length),
  // 64 MB each
  'sha256-64m': loopAsync(async () => {
    const digest = new crypto.DigestStream('SHA-256');
    const writer = digest.getWriter();
    for (let i = 0; i < 1024; i++) await writer.write(bytes64K);
    await writer.close();
    return new Uint8Array(await digest.digest)[0];
  }),
  'digest-1k': loopAsync(async () => (await crypto.subtle.digest('SHA-256', bytes64K.subarray(0, 1024))).byteLength),
  'aes-gcm-64k': aesGcm,
  // 10 MB each
  'gzip-10m': loopAsync(async () => {
    const data = text10M();
    let at = 0;
    const input = new ReadableStream({
      pull(controller) {
        controller.enqueue(data.subarray(at, at + 65536));
        at += 65536;
        if (at >= data.length) controller.close();
      },
    });
    return drain(input.pipeThrough(new CompressionStream('gzip')));
  }),
  // 100 MB each
  'transform-100m': loopAsync(() => drain(source(1526).pipeThrough(new TransformStream({
    transform(chunk, controller) { controller.enqueue(chunk); },
  })))),
  'identity-100m': loopAsync(() => drain(source(1526).pipeThrough(new IdentityTransformStream()))),
  'html-rewriter-1m': loopAsync(async () => (await new HTMLRewriter()
    .on('a[href]', { element(e) { e.setAttribute('href', 'https://example.com' + e.getAttribute('href')); } })
    .on('img', { element(e) { e.setAttribute('loading', 'lazy'); } })
    .transform(new Response(html1M)).text()).length),
  'html-rewriter-unmatched-1m': loopAsync(async () => (await new HTMLRewriter()
    .on('video', { element(e) { e.remove(); } })
    .transform(new Response(html1M)).text()).length),
  'structured-clone': loop(() => structuredClone(plain).list.length),
  'encode-200': loop(() => encoder.encode(ascii200).length),
  'encode-into-200': ((dest) => loop(() => encoder.encodeInto(mixed200, dest).written))(new Uint8Array(1024)),
  'decode-200': loop(() => decoder.decode(encoded200).length),
  'atob': loop(() => atob(base64).length),
  'btoa': loop(() => btoa(ascii200).length),
  'url-pattern': loop((i) => pattern.exec({ pathname: `/users/${i}/posts/7` }).pathname.groups.id.length),
  'random-uuid': loop(() => crypto.randomUUID().length),
  'async-local-storage': loop((i) => store.run(i, () => store.getStore())),
  'async-local-storage-await': loopAsync((i) => store.run(i, async () => { await null; return store.getStore(); })),
};

function echo() {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.addEventListener('message', (event) => server.send(event.data));
  return new Response(null, { status: 101, webSocket: client });
}

export default {
  async fetch(request) {
    if (request.headers.get('upgrade') === 'websocket') return echo();
    const url = new URL(request.url);
    const name = url.pathname.slice(1);
    const work = cases[name];
    if (work === undefined) return new Response('no such case: ' + name, { status: 404 });
    return new Response(String(await work(Number(url.searchParams.get('n')))));
  },
};
