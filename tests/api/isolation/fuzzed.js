// Calls whatever the platform has with arguments that nobody would give. All that may come of it are exceptions.
import { crawl } from 'crawler';
import * as buffer from 'node:buffer';
import * as crypto_ from 'node:crypto';
import * as events from 'node:events';
import * as hooks from 'node:async_hooks';
import * as url from 'node:url';
import * as util from 'node:util';
import * as zlib from 'node:zlib';
import * as workers from 'cloudflare:workers';

/** A generator of numbers below 2^32, reproducible from its seed (mulberry32). */
function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}

const detached = () => { const b = new ArrayBuffer(8); structuredClone(b, { transfer: [b] }); return b; };
const revoked = () => { const { proxy, revoke } = Proxy.revocable(function () {}, {}); revoke(); return proxy; };
const thrower = () => { throw new Error('as planned'); };
const deep = (n) => { let o = {}; for (let i = 0; i < n; i++) o = { o }; return o; };
const cyclic = () => { const o = { a: [] }; o.a.push(o); return o; };

/** One odd argument. `pool`: objects that live. */
function oddity(next, pool) {
  const pick = (list) => list[next() % list.length];
  switch (next() % 34) {
    case 0: return undefined;
    case 1: return null;
    case 2: return pick([0, -0, 1, -1, NaN, Infinity, -Infinity, 2 ** 31, 2 ** 32, 2 ** 53, 1e308, 0.5, -(2 ** 31), 65536, 255]);
    case 3: return pick([0n, -1n, 2n ** 64n, 2n ** 63n - 1n]);
    case 4: return pick(['', 'a', '\0', '\ud800', 'é', '\uffff'.repeat(70), 'x'.repeat(70000), 'GET', 'http://x/', 'data:,x', 'utf-8', 'gzip', 'SHA-256', 'raw', 'AES-GCM',
      'bytes', 'byob', '__proto__', 'constructor', 'text/plain', 'multipart/form-data; boundary=x', '{"a":1}', '<a b=c>d</a>', '*', 'a[b]', '%', '[', '\r\n']);
    case 5: return pick([Symbol('s'), Symbol.iterator, Symbol.asyncIterator]);
    case 6: return pick([true, false]);
    case 7: return new Uint8Array(next() % 100);
    case 8: return detached();
    case 9: return new Uint8Array(detached());
    case 10: return new DataView(new ArrayBuffer(next() % 64, { maxByteLength: 64 }));
    case 11: return new Uint16Array(new ArrayBuffer(16, { maxByteLength: 64 }), 4);
    case 12: return new Uint8Array(new SharedArrayBuffer(8));
    case 13: return revoked();
    case 14: return new Proxy(next() % 2 ? {} : [], { get: thrower, has: thrower, ownKeys: thrower });
    case 15: return new Proxy(pick(pool) ?? {}, {});
    case 16: return () => {};
    case 17: return thrower;
    case 18: return async () => { throw new Error('later'); };
    case 19: return class {};
    case 20: return { then: pick([thrower, (ok) => ok(1), (_, bad) => bad(new Error('rejected')), 5]) };
    case 21: return { [Symbol.toPrimitive]: pick([thrower, () => 5, () => ({}), 7]) };
    case 22: return { get length() { return thrower(); }, 0: 1 };
    // Not 2 ** 32: V8's own functions go through all of it, and nothing can stop them.
    case 23: return { length: 2 ** 20, 0: 1 };
    case 24: return [[1, 2], ['a', 'b'], [], null];
    case 25: return { *[Symbol.iterator]() { yield ['a', 'b']; yield 5; thrower(); } };
    case 26: return { async *[Symbol.asyncIterator]() { yield new Uint8Array(2); yield 'a'; } };
    case 27: return pick([new Map([[1, 2]]), new Set([1]), new Date(NaN), /x/g, new Error('e', { cause: cyclic() }), cyclic(), deep(next() % 3000)]);
    case 28: return options(next, pool);
    case 29: return options(next, pool);
    case 30: return Object.create(pick(pool) ?? null);
    default: return pick(pool);
  }
}

const NAMES = ['method', 'headers', 'body', 'signal', 'redirect', 'cf', 'status', 'webSocket', 'type', 'start', 'pull', 'write', 'transform', 'size', 'highWaterMark', 'mode', 'min',
  'name', 'hash', 'iv', 'length', 'namedCurve', 'modulusLength', 'publicExponent', 'salt', 'info', 'iterations', 'counter', 'tagLength', 'public', 'stream', 'fatal', 'once',
  'capture', 'transfer', 'detail', 'html', 'pathname', 'key', 'kty', 'k', 'x', 'crv', 'n', 'e', 'data', 'start', 'end', 'duration', 'encoding', 'depth', 'level', 'chunkSize',
  'preventClose', 'preventCancel', 'readable', 'writable', 'value', 'done', 'message', 'code', 'filename', 'lastModified', 'autoAllocateChunkSize', 'params', 'windowBits'];

function options(next, pool) {
  const result = next() % 4 ? {} : { __proto__: null };
  for (let n = next() % 5; n >= 0; n--) {
    const name = NAMES[next() % NAMES.length];
    if (next() % 8 === 0) Object.defineProperty(result, name, { get: thrower, enumerable: true, configurable: true });
    else if (next() % 8 === 0) Object.defineProperty(result, name, { get: () => { delete result[NAMES[next() % NAMES.length]]; return oddity(next, pool); }, enumerable: true, configurable: true });
    else result[name] = next() % 12 ? scalar(next) : oddity(next, pool);
  }
  return result;
}

const scalar = (next) => [0, 1, 16, -1, 128, 'text', 'SHA-256', 'bytes', true, null, undefined, new Uint8Array(16), () => {}][next() % 13];

/** Calls that end the test, or wait for long. */
const NEVER = /process\.(exit|abort|kill|reallyExit|_)|\.abortIsolate$|globalThis\.(gc|debugger)$|(ctx|ExecutionContext)\b.*\.abort$|modules\.crypto_\.(generateKeyPair|generatePrime|checkPrime|scrypt|pbkdf2|createDiffieHellman|DiffieHellman|getDiffieHellman)|Atomics\.wait/;

function live(env, ctx) {
  const pair = new WebSocketPair();
  pair[0].accept();
  pair[1].accept();
  const through = new TransformStream();
  const source = new ReadableStream({ type: 'bytes', pull(c) { c.enqueue(new Uint8Array(10)); } });
  const [a, b] = new ReadableStream({ pull(c) { c.enqueue(1); } }).tee();
  const channel = new MessageChannel();
  return {
    request: new Request('http://x/', { method: 'POST', body: 'text' }), response: new Response('text'), empty: new Response(null), headers: new Headers({ a: 'b' }),
    streamed: new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(5)); c.close(); } })), form: new FormData(), blob: new Blob(['abc']), file: new File(['x'], 'y'),
    url: new URL('http://x/?a=b#c'), params: new URLSearchParams('a=b'), pattern: new URLPattern({ pathname: '/:a' }), source, reader: a.getReader(), b, writer: through.writable.getWriter(),
    readable: through.readable, byob: new ReadableStream({ type: 'bytes', pull(c) { c.enqueue(new Uint8Array(3)); } }).getReader({ mode: 'byob' }), identity: new IdentityTransformStream(),
    fixed: new FixedLengthStream(10), gzip: new CompressionStream('gzip'), gunzip: new DecompressionStream('gzip'), digest: new crypto.DigestStream('SHA-1'),
    target: new EventTarget(), event: new Event('x'), custom: new CustomEvent('y', { detail: 1 }), abort: new AbortController(), socket: pair[0], other: pair[1], pair,
    port: channel.port1, port2: channel.port2, decoder: new TextDecoder(), encoder: new TextEncoder(), rewriter: new HTMLRewriter(), exception: new DOMException('a', 'b'),
    buffer: buffer.Buffer.from('abc'), emitter: new events.EventEmitter(), storage: new hooks.AsyncLocalStorage(), resource: new hooks.AsyncResource('x'),
    deflate: zlib.createDeflate(), hashing: crypto_.createHash('sha256'), hmac: crypto_.createHmac('sha1', 'k'), env, ctx, fetcher: env.backend, calls: env.calls, kv: env.kv, r2: env.r2,
  };
}

/** `rounds` random calls. What they leave behind goes on meanwhile. */
export async function fuzz(env, ctx, seed, rounds, log) {
  const next = generator(seed);
  const reached = [...crawl([['globalThis', globalThis], ['modules', { buffer, crypto_, events, hooks, url, util, zlib, workers }], ['live', live(env, ctx)]], 20_000)];
  const functions = reached.filter(([value, path]) => typeof value === 'function' && !NEVER.test(path) && !path.includes('thrown'));
  // As many from the platform as from the language.
  const ours = functions.filter(([, path]) => !/globalThis\.(Object|Array|Function|String|RegExp|Math|Reflect|Symbol|Intl|Date|Temporal|Map|Set|Weak|Big|Number|Iterator|Error|Promise|Generator)/.test(path));
  let pool = Object.values(live(env, ctx));
  let thrown = 0;
  for (let round = 0; round < rounds; round++) {
    if (round % 100 === 99) {
      pool = Object.values(live(env, ctx));
      await scheduler.wait(0);
    }
    const list = next() % 8 ? ours : functions;
    const [fn, path] = list[next() % list.length];
    log?.(`${seed} ${round} ${path}`);
    try {
      const receiver = next() % 3 ? pool[next() % pool.length] : oddity(next, pool);
      const args = [];
      for (let n = next() % 5; n > 0; n--) args.push(oddity(next, pool));
      const result = next() % 4 ? Reflect.apply(fn, receiver, args) : Reflect.construct(fn, args);
      if (typeof result === 'object' && result !== null) {
        if (pool.length < 400) pool.push(result);
        // Rejections are no news.
        if (result instanceof Promise) result.then(undefined, () => {});
      }
    } catch {
      thrown++;
    }
  }
  return { functions: functions.length, thrown };
}

addEventListener('unhandledrejection', (event) => event.preventDefault());
addEventListener('error', (event) => event.preventDefault());

export default {
  async fetch(request, env, ctx) {
    const [seed, rounds, log] = new URL(request.url).pathname.slice(1).split('/');
    const respond = Response.json.bind(Response);
    return respond(await fuzz(env, ctx, Number(seed), Number(rounds), log === 'log' ? console.log.bind(console) : undefined));
  },
};
