// The platform called where the stack ends, with values that are too deep and with numbers that are too large: errors, and nothing else.
import assert from 'node:assert';
import util from 'node:util';
import { Buffer } from 'node:buffer';
import { EventEmitter } from 'node:events';
import { AsyncLocalStorage } from 'node:async_hooks';

const bytes = new Uint8Array(64);
const storage = new AsyncLocalStorage();
const emitter = new EventEmitter();
emitter.on('x', () => {});
const target = new EventTarget();
target.addEventListener('x', () => {});

/** Calls `fn` at each of the last frames that the stack has room for. */
function atTheEnd(fn) {
  let calls = 0;
  let thrown = 0;
  const dive = () => {
    try {
      dive();
    } catch {}
    if (calls < 120) {
      calls++;
      try {
        const result = fn();
        if (result instanceof Promise) result.catch(() => {});
      } catch {
        thrown++;
      }
    }
  };
  dive();
  return thrown;
}

const uses = (env) => ({
  headers: () => new Headers({ a: 'b', c: 'd' }).get('a'),
  iterated: () => [...new Headers({ a: 'b' })],
  request: () => new Request('http://x/', { method: 'POST', body: 'x', headers: { a: 'b' } }),
  response: () => new Response('x').text(),
  json: () => new Response('{"a":[1,2,3]}').json(),
  longJson: () => new Response(`[${'{"a":1},'.repeat(1000)}1]`).json(),
  deepJson: () => new Response('['.repeat(5000) + ']'.repeat(5000)).json(),
  form: () => { const f = new FormData(); f.append('a', 'b'); return new Response(f).formData(); },
  fetch: () => env.backend.fetch('http://backend/'),
  fetchBody: () => env.backend.fetch('http://backend/echo', { method: 'POST', body: bytes }),
  url: () => new URL('http://x/?a=b').searchParams.get('a'),
  pattern: () => new URLPattern({ pathname: '/:a' }).exec('http://x/b'),
  readable: () => new ReadableStream({ start(c) { c.enqueue(1); } }).getReader().read(),
  byob: () => new ReadableStream({ type: 'bytes', pull(c) { c.enqueue(new Uint8Array(3)); } }).getReader({ mode: 'byob' }).read(new Uint8Array(8)),
  tee: () => new Response('x').body.tee(),
  pipe: () => new Response('x').body.pipeThrough(new TransformStream()).pipeTo(new WritableStream()),
  identity: () => { const { readable, writable } = new IdentityTransformStream(); writable.getWriter().write(bytes); return readable.getReader().read(); },
  gzip: () => new Response('x').body.pipeThrough(new CompressionStream('gzip')).getReader().read(),
  encode: () => new TextDecoder().decode(new TextEncoder().encode('é')),
  clone: () => structuredClone({ a: [1, { b: new Map([[1, 2]]) }] }),
  cloneHeaders: () => structuredClone(new Headers({ a: 'b' })),
  digest: () => crypto.subtle.digest('SHA-256', bytes),
  key: () => crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt']),
  random: () => crypto.getRandomValues(bytes),
  events: () => target.dispatchEvent(new Event('x')),
  abort: () => AbortSignal.any([AbortSignal.abort(), AbortSignal.timeout(5)]),
  timer: () => clearTimeout(setTimeout(() => {}, 1)),
  socket: () => { const pair = new WebSocketPair(); pair[0].accept(); pair[1].accept(); pair[0].send('x'); pair[0].close(); },
  port: () => { const { port1 } = new MessageChannel(); port1.postMessage({ a: 1 }); },
  rewriter: () => new HTMLRewriter().on('a', { element() {} }).transform(new Response('<a>')).text(),
  selector: () => new HTMLRewriter().on('a[b=c] > d', {}),
  rpc: () => env.calls.sum(1, 2),
  rpcFunction: () => env.calls.call((n) => n),
  kv: () => env.kv.get('x'),
  cache: () => caches.default.match('http://x/'),
  inspect: () => util.inspect({ a: [1, { b: 2 }] }, { depth: 9 }),
  console: () => console.debug('at the end of the stack'),
  buffer: () => Buffer.from('abc').toString('base64'),
  emitter: () => emitter.emit('x'),
  als: () => storage.run(1, () => storage.getStore()),
  stack: () => new Error('x').stack,
  reported: () => { try { null.x; } catch (e) { return `${e.stack}`; } },
  wasm: () => new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])),
  blob: () => new Blob(['a', bytes]).slice(1).text(),
  performance: () => performance.mark('x'),
});

export const endOfTheStack = {
  async test(_, env) {
    const all = uses(env);
    for (const name of Object.keys(all)) {
      const thrown = atTheEnd(all[name]);
      // What is called with room enough does as ever.
      try {
        await all[name]();
      } catch (error) {
        assert(name === 'deepJson' || name === 'fetch' || name === 'wasm' || name === 'cache' || name === 'kv', `${name} after ${thrown} overflows: ${error?.stack}`);
      }
    }
    assert.strictEqual(await (await env.backend.fetch('http://backend/')).text(), 'hello');
  },
};

export const deepValues = {
  async test(_, env) {
    let deep = [];
    for (let i = 0; i < 200_000; i++) deep = [deep];
    let chain = { a: 1 };
    for (let i = 0; i < 200_000; i++) chain = { chain };
    let cause = new Error('innermost');
    for (let i = 0; i < 20_000; i++) cause = new Error('outer', { cause });
    for (const value of [deep, chain, cause]) {
      for (const use of [() => structuredClone(value), () => JSON.stringify(value), () => util.inspect(value, { depth: Infinity }), () => Response.json(value), () => env.calls.echo(value),
        () => new MessageChannel().port1.postMessage(value), () => reportError(value), () => console.debug(value),
        () => util.isDeepStrictEqual(value, value), () => Promise.reject(value), () => new Response(value)]) {
        try {
          await use();
        } catch {} // RangeError, DataCloneError: as long as it is one.
      }
    }
  },
};

export const hugeSizes = {
  async test() {
    // Buffers of more than the limit end the worker: not here.
    const huge = [2 ** 31, 2 ** 32, 2 ** 33, 2 ** 40, 2 ** 52, 2 ** 53 - 1, Infinity, NaN, -1, -(2 ** 31)];
    const uses = [
      (n) => 'x'.repeat(n), (n) => new Array(n).fill(0, 0, 10), (n) => new WebAssembly.Memory({ initial: n }), (n) => new WebAssembly.Memory({ initial: 1, maximum: n }),
      (n) => new FixedLengthStream(n), (n) => new TransformStream({}, { highWaterMark: n }), (n) => new ArrayBuffer(8, { maxByteLength: n }),
      (n) => new ReadableStream({ type: 'bytes', autoAllocateChunkSize: n }),
      (n) => crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-1', salt: bytes, info: bytes }, null, n).catch(() => {}),
      (n) => new Blob(['abc']).slice(n, -n), (n) => clearTimeout(setTimeout(() => {}, n)), (n) => AbortSignal.timeout(n), (n) => Buffer.from('abc').fill('x', n),
      (n) => bytes.subarray(n).slice(n), (n) => Atomics.notify(new Int32Array(new SharedArrayBuffer(8)), 0, n), (n) => new Uint8Array(new ArrayBuffer(8), n),
      (n) => String.fromCodePoint(n), (n) => new Date(n).toISOString(), (n) => Buffer.from('abc').readUIntBE(n, n),
      (n) => util.inspect([1], { maxArrayLength: n, breakLength: n, depth: n }), (n) => new CountQueuingStrategy({ highWaterMark: n }),
    ];
    let thrown = 0;
    for (const use of uses) {
      for (const n of huge) {
        try {
          await use(n);
        } catch {
          thrown++;
        }
      }
    }
    assert(thrown > 50, `only ${thrown}`);
  },
};
