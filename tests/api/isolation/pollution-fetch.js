// Requests, responses, headers, bodies, forms and subrequests in a world whose builtins user code has replaced.
import { check, lengthOf } from 'pollution';

const bytes = new Uint8Array([104, 105]);
const encoded = new TextEncoder().encode('{"a":[1,{"b":null}],"c":"d"}');
const form = () => {
  const data = new FormData();
  data.append('text', 'value');
  data.append('file', new File(['content'], 'name.txt', { __proto__: null, type: 'text/plain' }));
  return data;
};
// What json() resolves with is the user's object.
const thenOfJson = (what, self) => what === 'get Object.prototype.then' && 'a' in self;
const stream = () => new ReadableStream({ __proto__: null, start(c) { c.enqueue(encoded); c.close(); } });
const test = (label, use, options) => ({ test: (_, env) => check(label, async (given) => await use(given), env, options) });

export const headers = test('headers', () => {
  const h = new Headers({ __proto__: null, 'Content-Type': 'a/b', X: '1' });
  h.append('x', '2');
  h.append('Set-Cookie', 'a=1');
  h.append('set-cookie', 'b=2');
  h.set('y', '3');
  h.delete('content-type');
  const copy = new Headers(h);
  let all = '';
  const entries = h.entries();
  for (let step = entries.next(); !step.done; step = entries.next()) all += `${step.value[0]}=${step.value[1]};`;
  const keys = copy.keys();
  for (let step = keys.next(); !step.done; step = keys.next()) all += step.value;
  const values = copy.values();
  for (let step = values.next(); !step.done; step = values.next()) all += step.value;
  copy.forEach((value, key) => { all += value + key; });
  const cookies = h.getSetCookie();
  let thrown = '';
  try { h.set('a b', 'c'); } catch (e) { thrown = e.message; }
  try { h.set('a', 'c\r\nd'); } catch (e) { thrown += e.message; }
  return [all, h.get('x'), h.has('q'), cookies[0], cookies[1], cookies.length, thrown, h.get('set-cookie')];
});

export const headersFromPairs = test('headers from pairs', () => {
  const h = new Headers([['a', '1'], ['b', '2']]);
  return [h.get('a'), h.get('b')];
}, { allow: (what) => what === 'Array.prototype.[Symbol.iterator]' || what === '%ArrayIterator%.next' });

export const requests = test('requests', async () => {
  const r = new Request('http://host/path?q=1', { __proto__: null, method: 'POST', headers: { __proto__: null, a: 'b' }, body: 'text', redirect: 'manual', cf: { __proto__: null, x: 1 } });
  const copy = new Request(r.clone(), { __proto__: null, headers: { __proto__: null, c: 'd' } });
  const second = new Request(r.clone());
  return [r.url, r.method, r.redirect, r.cf.x, copy.headers.get('c'), copy.headers.get('a'), await r.text(), await copy.text(), await second.text(),
    r.bodyUsed, r.signal.aborted, r.headers.get('content-type')];
});

export const responses = test('responses', async () => {
  const r = new Response('body', { __proto__: null, status: 201, statusText: 'Made', headers: { __proto__: null, a: 'b' } });
  const clone = r.clone();
  const json = Response.json({ __proto__: null, a: 1 });
  const redirect = Response.redirect('http://x/y', 303);
  const wrong = Response.error();
  return [r.status, r.statusText, r.ok, await clone.text(), await r.text(), (await json.json()).a, redirect.headers.get('location'), redirect.status, wrong.type];
}, { allow: thenOfJson });

export const bodies = test('bodies', async () => {
  const text = await new Response(encoded).text();
  const buffer = await new Response('abc').arrayBuffer();
  const blob = await new Response('abc', { __proto__: null, headers: { __proto__: null, 'content-type': 'x/y' } }).blob();
  const json = await new Response(encoded).json();
  const streamed = await new Response(stream()).text();
  const fromBlob = await new Response(new Blob(['a', bytes, new Blob(['c'])])).text();
  const params = await new Response(new URLSearchParams('a=1&b=2')).text();
  const asBytes = await new Response('xyz').bytes();
  let bad = '';
  try { await new Response('{').json(); } catch (e) { bad = e.name; }
  return [text, lengthOf(buffer), blob.type, blob.size, json.a[1].b, json.c, streamed, fromBlob, params, asBytes[1], bad];
}, { allow: thenOfJson });

export const longJson = test('long JSON', async () => {
  let text = '[';
  for (let i = 0; i < 500; i++) text += `${i === 0 ? '' : ','}{"key":"value ${i}","n":${i},"list":[1,2,{"x":null}]}`;
  const value = await new Response(`${text}]`).json();
  return [value.length, value[499].key, value[7].n, value[3].list.length, value[3].list[2].x];
});

export const forms = test('forms', async () => {
  const data = form();
  const parsed = await new Response(data).formData();
  const file = parsed.get('file');
  const urlencoded = await new Response('a=1&b=%20x', { __proto__: null, headers: { __proto__: null, 'content-type': 'application/x-www-form-urlencoded' } }).formData();
  data.set('text', 'other');
  data.delete('file');
  let all = '';
  const entries = data.entries();
  for (let step = entries.next(); !step.done; step = entries.next()) all += step.value[0] + step.value[1];
  return [parsed.get('text'), file.name, file.type, await file.text(), urlencoded.get('b'), all, data.has('file'), parsed.getAll('text').length];
});

export const blobs = test('blobs', async () => {
  const blob = new Blob(['ab', bytes, 'cd'], { __proto__: null, type: 'a/b' });
  const file = new File([blob, 'x'], 'f', { __proto__: null, type: 'c/d', lastModified: 5 });
  const reader = blob.slice(1, 4).stream().getReader();
  const first = await reader.read();
  return [blob.size, blob.type, await blob.text(), await file.text(), file.name, file.lastModified, lengthOf(await blob.arrayBuffer()), first.value[0], (await blob.bytes())[1]];
}, { allow: (what) => what === 'Array.prototype.[Symbol.iterator]' || what === '%ArrayIterator%.next' });

export const subrequests = test('subrequests', async (env) => {
  const plain = await env.backend.fetch('http://backend/echo');
  const posted = await env.backend.fetch('http://backend/echo', { __proto__: null, method: 'POST', body: 'text', headers: { __proto__: null, a: 'b' } });
  const bytesBack = await env.backend.fetch(new Request('http://backend/echo', { __proto__: null, method: 'PUT', body: bytes }));
  const streamed = await env.backend.fetch('http://backend/echo', { __proto__: null, method: 'POST', body: stream() });
  const blob = await env.backend.fetch('http://backend/echo', { __proto__: null, method: 'POST', body: new Blob(['blob']) });
  const params = await env.backend.fetch('http://backend/echo', { __proto__: null, method: 'POST', body: new URLSearchParams('a=1') });
  const data = await env.backend.fetch('http://backend/form', { __proto__: null, method: 'POST', body: form() });
  const redirected = await env.backend.fetch('http://backend/redirect');
  const manual = await env.backend.fetch('http://backend/redirect', { __proto__: null, redirect: 'manual' });
  return [await plain.text(), plain.status, posted.headers.get('x-method'), await posted.text(), await bytesBack.text(), await streamed.text(), await blob.text(),
    await params.text(), await data.text(), redirected.url, await redirected.text(), manual.status, manual.headers.get('location')];
});

export const aborted = test('aborted subrequest', async (env) => {
  const controller = new AbortController();
  const pending = env.backend.fetch('http://backend/slow', { __proto__: null, signal: controller.signal });
  controller.abort();
  let name = '';
  try { await pending; } catch (e) { name = e.name; }
  let failed = '';
  try { await env.backend.fetch('http://backend/throw'); } catch (e) { failed = e.message; }
  const data = await fetch('data:text/plain;base64,aGk=');
  let bad = '';
  try { await fetch('no url'); } catch (e) { bad = e.name; }
  return [name, failed, await data.text(), bad];
});

export const proxied = test('bodies passed on', async (env) => {
  const answer = await env.backend.fetch('http://backend/stream');
  const copy = new Response(answer.body, answer);
  const again = await env.backend.fetch('http://backend/echo', { __proto__: null, method: 'POST', body: copy.body });
  const teed = (await env.backend.fetch('http://backend/stream')).body.tee();
  return [await again.text(), await new Response(teed[0]).text(), await new Response(teed[1]).text()];
});

export const caching = test('cache', async () => {
  const request = 'http://cached/thing';
  await caches.default.put(request, new Response('kept', { __proto__: null, headers: { __proto__: null, 'cache-control': 'max-age=60' } }));
  const found = await caches.default.match(request);
  const open = await caches.open('named');
  const missing = await open.match(new Request('http://cached/missing'));
  const deleted = await caches.default.delete(request);
  return [found && await found.text(), missing === undefined, deleted];
});
