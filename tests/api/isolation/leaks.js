// Nothing internal may be reached: not from the global scope, not from live objects, not from what callbacks are called with.
import assert from 'node:assert';
import * as buffer from 'node:buffer';
import * as events from 'node:events';
import * as util from 'node:util';
import * as vm from 'node:vm';
import * as module from 'node:module';
import * as hooks from 'node:async_hooks';
import * as channel from 'node:diagnostics_channel';
import * as streams from 'node:stream';
import * as timers from 'node:timers';
import * as nodeCrypto from 'node:crypto';
import * as zlib from 'node:zlib';
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as net from 'node:net';
import * as workers from 'cloudflare:workers';
import * as sockets from 'cloudflare:sockets';
import { crawl } from 'crawler';
import { NATIVE_NAMES, PUBLIC_CLASSES } from 'expected';

const modules = { buffer, events, util, vm, module, hooks, channel, streams, timers, nodeCrypto, zlib, fs, http, net, workers, sockets };

/** What callbacks were called with: [path, value]. */
const received = [];
function spy(label, result) {
  // In a module, so that `this` is what was given.
  return function (...args) {
    received.push([`this of ${label}`, this]);
    args.forEach((arg, i) => received.push([`argument ${i} of ${label}`, arg]));
    return typeof result === 'function' ? result.apply(this, args) : result;
  };
}

async function quietly(run) {
  try {
    return await run();
  } catch (error) {
    received.push(['thrown', error]);
    return undefined;
  }
}

function traps(label) {
  const handler = {};
  for (const name of Object.getOwnPropertyNames(Reflect)) handler[name] = spy(`trap ${name} of ${label}`, (...args) => Reflect[name](...args));
  return handler;
}

async function live(env, ctx) {
  const objects = {};
  const keep = (name, value) => { objects[name] = value; return value; };
  keep('env', env);
  keep('ctx', ctx);
  keep('modules', modules);
  keep('meta', import.meta);
  const request = keep('request', new Request('http://x/', { method: 'POST', body: 'text', signal: new AbortController().signal, cf: { a: 1 } }));
  keep('response', new Response('text', { headers: { a: 'b' } }));
  keep('socketResponse', await env.backend.fetch('http://backend/socket', { headers: { upgrade: 'websocket' } }));
  keep('fetched', await env.backend.fetch('http://backend/stream'));
  keep('echoed', await env.backend.fetch(request));
  keep('fetchPromise', env.backend.fetch('http://backend/'));
  for (const type of [undefined, 'bytes']) {
    const source = { type, start: spy(`start ${type}`, (c) => { keep(`controller ${type}`, c); }), pull: spy(`pull ${type}`, (c) => {
      if (type) keep('byobRequest', c.byobRequest);
      c.enqueue(new Uint8Array(4));
    }), cancel: spy(`cancel ${type}`) };
    const stream = keep(`readable ${type}`, new ReadableStream(source, type ? undefined : { size: spy('size', () => 1), highWaterMark: 2 }));
    const [a, b] = stream.tee();
    keep('tee', a);
    keep('reader', b.getReader(type ? { mode: 'byob' } : undefined));
    await quietly(() => (type ? objects.reader.read(new Uint8Array(2)) : objects.reader.read()));
    await quietly(() => a.cancel());
  }
  const sink = { start: spy('sink start', (c) => { keep('sink controller', c); }), write: spy('sink write'), close: spy('sink close'), abort: spy('sink abort') };
  const writer = keep('writer', keep('writable', new WritableStream(sink)).getWriter());
  await writer.write(1);
  await writer.close();
  const transformer = { start: spy('transform start', (c) => { keep('transform controller', c); }), transform: spy('transform', (x, c) => c.enqueue(x)), flush: spy('flush'),
    cancel: spy('transform cancel') };
  const through = keep('transform', new TransformStream(transformer));
  await new Response('x').body.pipeThrough(through).pipeTo(new WritableStream({ write: spy('piped write') }));
  keep('identity', new IdentityTransformStream());
  keep('fixed', new FixedLengthStream(3));
  keep('compression', new CompressionStream('gzip'));
  keep('digest', new crypto.DigestStream('SHA-256'));
  keep('iterator', ReadableStream.from([1, 2]).values());
  await quietly(() => objects.iterator.next());
  const target = keep('target', new EventTarget());
  target.addEventListener('x', spy('listener', (e) => { keep('event', e); keep('path', e.composedPath()); }));
  target.addEventListener('x', { handleEvent: spy('handleEvent') });
  target.onx = spy('onx');
  target.dispatchEvent(new CustomEvent('x'));
  const controller = keep('abort', new AbortController());
  controller.signal.addEventListener('abort', spy('abort listener'));
  controller.signal.onabort = spy('onabort');
  keep('any', AbortSignal.any([controller.signal])).onabort = spy('any onabort');
  controller.abort();
  const pair = keep('pair', new WebSocketPair());
  pair[0].accept();
  pair[1].accept();
  for (const type of ['message', 'close']) pair[1].addEventListener(type, spy(`socket ${type}`));
  pair[1].onmessage = spy('onmessage');
  pair[0].send('x');
  await scheduler.wait(2);
  pair[0].close(1000, 'x');
  const { port1, port2 } = keep('channel', new MessageChannel());
  port2.onmessage = spy('port message');
  port1.postMessage({ a: 1 });
  await new Promise((resolve) => setTimeout(spy('timeout', resolve), 1, 'argument'));
  keep('timer', setTimeout(spy('never'), 10000));
  keep('immediate', setImmediate(spy('immediate')));
  queueMicrotask(spy('microtask'));
  await rewritten(keep);
  await calls(env, keep);
  await misc(keep);
  keep('open cache', await caches.open('x'));
  keep('kv', env.kv);
  keep('key', await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']));
  keep('socket', quietly(() => sockets.connect('127.0.0.1:1')));
  keep('formData', await new Response(new URLSearchParams('a=1')).formData());
  keep('url', new URL('http://x/?a=b'));
  keep('pattern', new URLPattern('http://x/:a').exec('http://x/b'));
  keep('eventSource', EventSource.from(new Response('data: x\n\n').body));
  objects.eventSource.onmessage = spy('event source');
  await scheduler.wait(5);
  objects.eventSource.close();
  clearTimeout(objects.timer);
  return objects;
}

async function rewritten(keep) {
  const handlers = {};
  for (const name of ['element', 'comments', 'text']) handlers[name] = spy(`rewriter ${name}`, (token) => { keep(`token ${name}`, token); });
  const rewriter = keep('rewriter', new HTMLRewriter().on('*', handlers)
    .on('a', { element: spy('async element', async (e) => { e.onEndTag(spy('end tag', (t) => { keep('end tag', t); })); await null; keep('attributes', e.attributes); }) })
    .onDocument({ doctype: spy('doctype'), comments: spy('document comments'), text: spy('document text'), end: spy('end') }));
  await rewriter.transform(new Response('<!doctype html><a x=1>text<!--c--></a>')).text();
}

async function calls(env, keep) {
  keep('stub', await env.calls.makeCounter());
  keep('rpc promise', env.calls.sum(1, 2));
  keep('rpc property', env.calls.property);
  await quietly(() => env.calls.call(spy('remote function', (n) => n)));
  await quietly(() => env.calls.fail());
  const thenable = { then: spy('then', (ok) => { keep('resolve', ok); ok(1); }) };
  await quietly(() => new Response(new ReadableStream({ pull: () => thenable, start: () => thenable })).body.cancel());
  await quietly(() => env.backend.fetch(new Proxy(new Request('http://x'), traps('request'))));
  await quietly(() => new Request('http://x', new Proxy({ method: 'POST', headers: new Proxy({ a: 'b' }, traps('headers')) }, traps('init'))));
  await quietly(() => new Response(new Proxy({}, traps('body'))).text());
  await quietly(() => structuredClone(new Proxy({}, traps('clone'))));
  await quietly(() => structuredClone({ get a() { return spy('getter')(); } }));
  await quietly(() => new Blob(new Proxy(['a'], traps('parts'))));
  await quietly(() => crypto.subtle.digest(new Proxy({ name: 'SHA-1' }, traps('algorithm')), new Uint8Array(1)));
  await quietly(() => env.calls.echo(new Proxy({}, traps('argument'))));
  await quietly(() => env.kv.get('x', new Proxy({}, traps('kv options'))));
  await quietly(() => new URLSearchParams(new Proxy({ a: 'b' }, traps('params'))));
  await quietly(() => new TextDecoder('utf-8', new Proxy({}, traps('decoder'))));
  await quietly(() => new EventTarget().addEventListener('a', () => {}, new Proxy({}, traps('listener options'))));
}

async function misc(keep) {
  const storage = new hooks.AsyncLocalStorage();
  storage.run({ a: 1 }, spy('als run'), 1);
  keep('snapshot', hooks.AsyncLocalStorage.snapshot());
  keep('bound', hooks.AsyncResource.bind(spy('bound')));
  objectsOfInspect(keep);
  const events_ = new events.EventEmitter();
  events_.on('x', spy('emitter'));
  events_.emit('x', 1);
  const diagnostics = channel.channel('x');
  diagnostics.subscribe(spy('diagnostics'));
  diagnostics.publish(1);
  const prepare = Error.prepareStackTrace;
  Error.prepareStackTrace = spy('prepareStackTrace', (error, sites) => {
    for (const site of sites) {
      received.push(['getThis', site.getThis()], ['getFunction', site.getFunction()], ['site', site]);
    }
    return sites;
  });
  try {
    const frames = (how) => { how(() => { received.push(['stack', new Error('x').stack]); const o = {}; Error.captureStackTrace(o); received.push(['captured', o.stack]); }); };
    frames((f) => new ReadableStream({ start: f }));
    frames((f) => { const t = new EventTarget(); t.addEventListener('x', f); t.dispatchEvent(new Event('x')); });
    frames((f) => new Headers([['a', 'b']]).forEach(f));
    frames((f) => structuredClone({ get a() { f(); return 1; } }));
    for (const wrong of [() => new Headers({ 'a b': 'c' }), () => Headers.prototype.get.call({}), () => new URL('x'), () => structuredClone(() => {})]) {
      try {
        wrong();
      } catch (e) {
        received.push(['error', e], ['stack', e.stack]);
      }
    }
  } finally {
    Error.prepareStackTrace = prepare;
  }
}

function objectsOfInspect(keep) {
  const custom = { [Symbol.for('nodejs.util.inspect.custom')]: spy('inspect', (depth, options, inspect) => {
    keep('inspect', inspect);
    keep('inspect options', options);
    return '';
  }) };
  console.log(custom);
  util.inspect(custom, { showHidden: true, showProxy: true });
  util.inspect(new Proxy({}, traps('inspected')), { showProxy: true });
}

const isNative = (fn) => /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(fn));

/** What of all that can be reached from these is internal. */
function problemsIn(roots) {
  const found = crawl(roots);
  const problems = [];
  const classes = new Set();
  for (const [object, path] of found) {
    if (typeof object === 'function') {
      if (NATIVE_NAMES.has(object.name) && isNative(object)) problems.push(`${path} looks like the operation ${object.name}`);
      // Sloppy functions have these; the platform's must not.
      for (const key of ['caller', 'arguments']) if ((Object.getOwnPropertyDescriptor(object, key)?.value ?? null) !== null) problems.push(`${path} has ${key}`);
      continue;
    }
    const proto = Object.getPrototypeOf(object);
    if (proto === null || proto === Object.prototype) continue;
    const constructor = Object.getOwnPropertyDescriptor(proto, 'constructor')?.value;
    const name = typeof constructor === 'function' ? constructor.name : '';
    const tag = Object.getOwnPropertyDescriptor(proto, Symbol.toStringTag)?.value ?? '';
    const known = `${name}|${typeof tag === 'string' ? tag : ''}`;
    if (classes.has(known)) continue;
    classes.add(known);
    // Handles of native objects are instances of a class without a name and without members.
    if (name || tag ? !PUBLIC_CLASSES.has(name || tag) : Reflect.ownKeys(proto).map(String).join() === 'constructor') problems.push(`${path} is of the class ${known}`);
  }
  assert(found.size > 3000, `only ${found.size} objects`);
  return problems;
}

export const nothingInternal = {
  async test(controller, env, ctx) {
    const objects = await live(env, ctx);
    objects.controller = controller;
    const problems = problemsIn([['globalThis', globalThis], ...Object.entries(objects), ...received]);
    if (problems.length > 0) throw new Error(problems.join('\n'));
  },
};

/** The same in a world in which every promise, and whatever a promise is resolved with, passes through user code. */
export const withPromisesReplaced = {
  async test(_, env, ctx) {
    const NativePromise = Promise;
    const { then, constructor } = Promise.prototype;
    const before = received.length;
    const keep = (label, value) => { if (received.length < 20_000) received.push([label, value]); };
    const Replaced = function (executor) {
      keep('executor', executor);
      return Reflect.construct(NativePromise, [(resolve, reject) => { keep('resolve', resolve); executor(resolve, reject); }]);
    };
    Object.defineProperty(Replaced, Symbol.species, { get: () => Replaced });
    Promise.prototype.constructor = Replaced;
    Promise.prototype.then = function (...handlers) {
      keep('this of then', this);
      keep('handlers', handlers);
      Reflect.apply(then, this, [(value) => keep('value', value), (reason) => keep('reason', reason)]);
      return Reflect.apply(then, this, handlers);
    };
    Object.defineProperty(Object.prototype, 'then', { configurable: true, get() { keep('what a promise is resolved with', this); return undefined; } });
    let objects;
    try {
      objects = await live(env, ctx);
    } finally {
      Promise.prototype.then = then;
      Promise.prototype.constructor = constructor;
      delete Object.prototype.then;
    }
    assert(received.length > before + 200, `only ${received.length - before} values`);
    const problems = problemsIn([['globalThis', globalThis], ...Object.entries(objects), ...received]);
    if (problems.length > 0) throw new Error(problems.join('\n'));
  },
};
