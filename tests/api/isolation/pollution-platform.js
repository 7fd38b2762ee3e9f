// URLs, events, timers, clones, channels, sockets, crypto, HTMLRewriter, bindings and calls in a world whose builtins user code has replaced.
import { check } from 'pollution';

const test = (label, use, options) => ({ test: (_, env) => check(label, async (given) => await use(given), env, options) });
const bytes = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
const nothing = { __proto__: null };

export const urls = test('URLs', () => {
  const url = new URL('../b?x=1#f', 'https://user:pw@Example.com:8080/a/c/');
  url.searchParams.append('y', '2');
  url.port = '443';
  url.hash = '';
  const params = new URLSearchParams('b=2&a=1&b=3');
  params.sort();
  params.set('c', '4');
  params.delete('a');
  let bad;
  try { new URL('no'); } catch (e) { bad = e.name; }
  const entries = params.entries();
  const first = entries.next().value;
  const record = new URLSearchParams({ __proto__: null, k: 'v' });
  return [url.href, url.host, url.origin, url.searchParams.get('x'), params.toString(), params.getAll('b')[1], params.has('c'), params.size, bad, URL.canParse('a:b'),
    first[0], first[1], record.toString()];
});

export const patterns = test('URLPattern', () => {
  const pattern = new URLPattern({ __proto__: null, pathname: '/a/:id/*' });
  const match = pattern.exec('http://x/a/7/b/c');
  return [match.pathname.groups.id, match.pathname.groups[0], pattern.test('http://x/b'), pattern.pathname];
// As in workerd, the method that user code has put in its place runs the regular expressions.
}, { allow: (what) => what === 'RegExp.prototype.exec' });

export const events = test('events', () => {
  const target = new EventTarget();
  let out = '';
  const listener = (event) => { out += event.type + event.detail; };
  target.addEventListener('a', listener, { __proto__: null, once: true });
  target.addEventListener('a', { __proto__: null, handleEvent(event) { out += event.constructor.name; event.preventDefault(); } });
  const first = target.dispatchEvent(new CustomEvent('a', { __proto__: null, detail: 5, cancelable: true }));
  target.removeEventListener('a', listener);
  const second = target.dispatchEvent(new Event('a'));
  return [out, first, second];
});

export const aborting = test('abort signals', async () => {
  const controller = new AbortController();
  let out = '';
  const any = AbortSignal.any([controller.signal]);
  any.onabort = () => { out += 'any'; };
  controller.signal.addEventListener('abort', () => { out += 'own'; });
  controller.abort('why');
  const timeout = AbortSignal.timeout(1);
  const waited = await new Promise_((resolve) => { timeout.onabort = () => resolve(timeout.reason.name); });
  let thrown;
  try { controller.signal.throwIfAborted(); } catch (e) { thrown = e; }
  return [out, any.reason, waited, thrown, AbortSignal.abort().reason.name];
}, { allow: (what) => what === 'Array.prototype.[Symbol.iterator]' || what === '%ArrayIterator%.next' });
const Promise_ = Promise;

export const timers = test('timers', async () => {
  let out = '';
  await new Promise_((resolve) => {
    const gone = setTimeout(() => { out += 'gone'; }, 1);
    clearTimeout(gone);
    let n = 0;
    const interval = setInterval((a) => { out += a; if (++n === 2) { clearInterval(interval); resolve(); } }, 1, 'i');
  });
  await scheduler.wait(1);
  await new Promise_((resolve) => queueMicrotask(resolve));
  return [out];
});

export const clones = test('structuredClone', () => {
  const date = structuredClone(when);
  const error = structuredClone(failure);
  const list = structuredClone([1, { __proto__: null, a: 'b' }]);
  const moved = structuredClone(bytes, nothing);
  let bad;
  try { structuredClone(() => {}); } catch (e) { bad = e.name; }
  return [date + 0 !== '', error.message, error.cause, list[1].a, moved[3], bad];
});
const when = 5;
const failure = new RangeError('bad', { cause: 'because' });

export const channels = test('MessageChannel', async () => {
  const { port1, port2 } = new MessageChannel();
  const got = new Promise_((resolve) => { port2.onmessage = (event) => resolve(event.data.a); });
  port1.postMessage({ __proto__: null, a: 'b' });
  const result = await got;
  port1.close();
  return [result];
});

export const sockets = test('WebSockets', async (env) => {
  const pair = new WebSocketPair();
  const server = pair[1];
  const client = pair[0];
  server.accept();
  client.accept();
  server.addEventListener('message', (event) => { server.send(`<${event.data}>`); });
  const got = new Promise_((resolve) => { client.addEventListener('message', (event) => resolve(event.data)); });
  const closed = new Promise_((resolve) => { client.addEventListener('close', (event) => resolve(event.code + event.reason)); });
  client.send('hi');
  const message = await got;
  server.close(4000, 'done');
  const end = await closed;
  const answer = await env.backend.fetch('http://backend/socket', { __proto__: null, headers: { __proto__: null, upgrade: 'websocket' } });
  const socket = answer.webSocket;
  socket.accept();
  const echoed = new Promise_((resolve) => { socket.onmessage = (event) => resolve(event.data); });
  socket.send('echo');
  const echo = await echoed;
  socket.close();
  return [message, end, echo, answer.status];
});

export const rewriting = test('HTMLRewriter', async () => {
  let seen = '';
  const rewriter = new HTMLRewriter()
    .on('a', { __proto__: null, element(e) { e.setAttribute('href', 'new'); e.append('<b>', { __proto__: null, html: true }); seen += e.tagName + e.getAttribute('x'); },
      text(t) { seen += t.text; }, comments(c) { c.remove(); } })
    .onDocument({ __proto__: null, doctype(d) { seen += d.name; }, async end(e) { await null; e.append('end'); } });
  const out = await rewriter.transform(new Response('<!doctype html><a href=old x=1>text<!--c--></a>')).text();
  const again = await new HTMLRewriter().on('p', { __proto__: null, async element(e) { await scheduler.wait(1); e.replace('q'); } })
    .transform(new Response('<p>1</p>')).text();
  return [out, seen, again];
});

export const als = test('AsyncLocalStorage', async () => {
  const inner = await storage.run('value', async () => { await scheduler.wait(1); return storage.getStore(); });
  const bound = storage.run('other', () => AsyncLocalStorage_.snapshot());
  return [inner, bound(() => storage.getStore()), storage.getStore() === undefined];
});
import { AsyncLocalStorage as AsyncLocalStorage_ } from 'node:async_hooks';
const storage = new AsyncLocalStorage_();

export const calls = test('remote calls', async (env) => {
  const sum = await env.calls.sum(1, 2);
  const echo = await env.calls.echo([1, 'x']);
  const counter = await env.calls.makeCounter();
  const one = await counter.add(1);
  const two = await counter.add(2);
  const pipelined = await env.calls.makeCounter().add(5);
  const called = await env.calls.call((n) => n * 2);
  let failed;
  try { await env.calls.fail(); } catch (e) { failed = e.name + e.message; }
  const property = await env.calls.property;
  const text = await env.calls.readText(new Response('streamed').body);
  return [sum, echo[1], one, two, pipelined, called, failed, property, text];
});

export const performances = test('performance', () => {
  performance.mark('m');
  const found = performance.getEntriesByName('m').length;
  performance.clearMarks('m');
  return [found >= 0, performance.now() >= 0, performance.timeOrigin >= 0, navigator.userAgent];
});

export const eventSources = test('EventSource', async () => {
  const source = EventSource.from(new Response('data: hello\n\n').body);
  const data = await new Promise_((resolve) => { source.onmessage = (event) => resolve(event.data); });
  source.close();
  return [data];
});

export const errors = test('errors', () => {
  const error = new DOMException('message', 'AbortError');
  let reported = '';
  const listener = (event) => { reported = event.message; event.preventDefault(); };
  addEventListener('error', listener);
  reportError(error);
  removeEventListener('error', listener);
  return [error.code, error.name, reported !== ''];
});
