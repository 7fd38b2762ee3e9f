// What may be done where no request is running.
import assert from 'node:assert';
import nodeCrypto from 'node:crypto';
import { connect } from 'cloudflare:sockets';
import { RpcStub, RpcTarget, waitUntil } from 'cloudflare:workers';

const refused = {
  fetch: () => fetch('http://x'),
  setTimeout: () => setTimeout(() => {}, 1),
  setInterval: () => setInterval(() => {}, 1),
  setImmediate: () => setImmediate(() => {}),
  clearTimeout: () => clearTimeout(1),
  wait: () => scheduler.wait(1),
  getRandomValues: () => crypto.getRandomValues(new Uint8Array(1)),
  randomUUID: () => crypto.randomUUID(),
  generateKey: () => crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt']),
  randomBytes: () => nodeCrypto.randomBytes(4),
  randomFill: () => new Promise((resolve, reject) => nodeCrypto.randomFill(new Uint8Array(4), (error) => (error ? reject(error) : resolve()))),
  nodeUUID: () => nodeCrypto.randomUUID(),
  generateKeySync: () => nodeCrypto.generateKeySync('hmac', { length: 64 }),
  match: () => caches.default.match('http://x'),
  delete: () => caches.default.delete('http://x'),
  webSocket: () => new WebSocket('ws://x'),
  pair: () => new WebSocketPair(),
  connect: () => connect('127.0.0.1:1'),
  timeout: () => AbortSignal.timeout(1),
  response: () => new Response('text'),
  bytes: () => new Response(new Uint8Array(1)),
  json: () => Response.json({}),
  request: () => new Request('http://x', { method: 'POST', body: 'text' }),
  identity: () => new IdentityTransformStream(),
  fixedLength: () => new FixedLengthStream(3),
  compression: () => new CompressionStream('gzip'),
  decompression: () => new DecompressionStream('gzip'),
  blobStream: () => new Blob(['x']).stream(),
  stub: () => new RpcStub(new (class extends RpcTarget {})()),
  waitUntil: () => waitUntil(Promise.resolve()),
};
const allowed = {
  response: () => new Response(null),
  streamed: () => new Response(new ReadableStream()),
  request: () => new Request('http://x'),
  readable: () => new ReadableStream({ start: (controller) => controller.close() }).getReader().read(),
  transform: () => new TransformStream(),
  decoder: () => new TextDecoderStream(),
  digestStream: () => new crypto.DigestStream('SHA-1'),
  digest: () => crypto.subtle.digest('SHA-1', new Uint8Array(1)),
  rewriter: () => new HTMLRewriter(),
  blob: () => new Blob(['x']).text(),
  abort: () => AbortSignal.any([AbortSignal.abort(), new AbortController().signal]),
  channel: () => new MessageChannel().port1.postMessage(1),
  clearNothing: () => clearTimeout(undefined),
  random: () => Math.random(),
  evaluated: () => new Function('return 1')(),
  cache: () => caches.open('x'),
};

async function outcome(fn) {
  try {
    await fn();
    return undefined;
  } catch (error) {
    return error;
  }
}
const outcomes = {};
for (const name in refused) outcomes[name] = outcome(refused[name]);
const others = {};
for (const name in allowed) others[name] = outcome(allowed[name]);
const eventSource = outcome(() => new EventSource('http://x'));
const time = [Date.now(), performance.now()];

export const globalScope = {
  async test() {
    for (const name in outcomes) {
      const error = await outcomes[name];
      assert.match(`${error}`, /^Error: Disallowed operation called within global scope\. Asynchronous I\/O/, name);
    }
    for (const name in others) assert.strictEqual(await others[name], undefined, name);
    assert.strictEqual((await eventSource).name, 'NotSupportedError');
    assert.deepStrictEqual(time, [0, 0]);
  },
};
