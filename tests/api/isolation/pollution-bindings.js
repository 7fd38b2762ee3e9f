// Stores and cryptography in a world whose builtins user code has replaced.
import { check, lengthOf } from 'pollution';

const test = (label, use, options) => ({ test: (_, env) => check(label, async (given) => await use(given), env, options) });
const data = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
const { subtle } = crypto;
// Sequences of user code are iterated by what user code has put there.
const sequences = { allow: (what, self) => what === 'Array.prototype.[Symbol.iterator]' || what === '%ArrayIterator%.next' ||
  // Key pairs and JSON Web Keys are plain objects of the user's.
  (what === 'get Object.prototype.then' && ('publicKey' in self || 'kty' in self)) };
const sum = (buffer) => {
  const view = new Bytes(buffer);
  let out = 0;
  for (let i = 0; i < 4096 && view[i] !== undefined; i++) out = (out * 31 + view[i]) % 1000003;
  return out;
};
const Bytes = Uint8Array;

export const digests = test('digests', async () => [sum(await subtle.digest('SHA-256', data)), sum(await subtle.digest({ __proto__: null, name: 'MD5' }, data)),
  sum(await subtle.digest('SHA-512', data))]);

export const macs = test('HMAC', async () => {
  const key = await subtle.importKey('raw', data, { __proto__: null, name: 'HMAC', hash: 'SHA-256' }, true, ['sign', 'verify']);
  const signature = await subtle.sign('HMAC', key, data);
  const jwk = await subtle.exportKey('jwk', key);
  const again = await subtle.importKey('jwk', jwk, { __proto__: null, name: 'HMAC', hash: 'SHA-256' }, true, ['verify']);
  return [sum(signature), await subtle.verify('HMAC', again, signature, data), jwk.k, key.algorithm.hash.name, key.usages.length];
}, sequences);

export const ciphers = test('AES', async () => {
  const key = await subtle.importKey('raw', data, 'AES-GCM', true, ['encrypt', 'decrypt']);
  const gcm = { __proto__: null, name: 'AES-GCM', iv: data };
  const sealed = await subtle.encrypt(gcm, key, data);
  const opened = await subtle.decrypt(gcm, key, sealed);
  const made = await subtle.generateKey({ __proto__: null, name: 'AES-CBC', length: 256 }, true, ['encrypt', 'decrypt']);
  const raw = await subtle.exportKey('raw', made);
  const cbc = { __proto__: null, name: 'AES-CBC', iv: data };
  const round = await subtle.decrypt(cbc, made, await subtle.encrypt(cbc, made, data));
  let bad;
  try { await subtle.decrypt(gcm, key, data); } catch (e) { bad = e.name; }
  return [sum(sealed), sum(opened), lengthOf(raw), sum(round), bad];
}, sequences);

export const derivation = test('derivation', async () => {
  const secret = await subtle.importKey('raw', data, 'PBKDF2', false, ['deriveBits', 'deriveKey']);
  const bits = await subtle.deriveBits({ __proto__: null, name: 'PBKDF2', hash: 'SHA-256', salt: data, iterations: 10 }, secret, 128);
  const key = await subtle.deriveKey({ __proto__: null, name: 'PBKDF2', hash: 'SHA-256', salt: data, iterations: 10 }, secret,
    { __proto__: null, name: 'AES-GCM', length: 128 }, true, ['encrypt']);
  const material = await subtle.importKey('raw', data, 'HKDF', false, ['deriveBits']);
  const expanded = await subtle.deriveBits({ __proto__: null, name: 'HKDF', hash: 'SHA-256', salt: data, info: data }, material, 256);
  return [sum(bits), sum(await subtle.exportKey('raw', key)), sum(expanded)];
}, sequences);

export const signatures = test('signatures', async () => {
  const ec = await subtle.generateKey({ __proto__: null, name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const ecdsa = { __proto__: null, name: 'ECDSA', hash: 'SHA-256' };
  const one = await subtle.verify(ecdsa, ec.publicKey, await subtle.sign(ecdsa, ec.privateKey, data), data);
  const ed = await subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  const two = await subtle.verify('Ed25519', ed.publicKey, await subtle.sign('Ed25519', ed.privateKey, data), data);
  const rsa = await subtle.generateKey({ __proto__: null, name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 1024, publicExponent: exponent }, true,
    ['sign', 'verify']);
  const three = await subtle.verify('RSASSA-PKCS1-v1_5', rsa.publicKey, await subtle.sign('RSASSA-PKCS1-v1_5', rsa.privateKey, data), data);
  const spki = await subtle.exportKey('spki', ec.publicKey);
  const jwk = await subtle.exportKey('jwk', rsa.publicKey);
  return [one, two, three, lengthOf(spki), jwk.e];
}, sequences);
const exponent = new Uint8Array([1, 0, 1]);

export const agreement = test('agreement', async () => {
  const a = await subtle.generateKey('X25519', true, ['deriveBits']);
  const b = await subtle.generateKey('X25519', true, ['deriveBits']);
  const left = await subtle.deriveBits({ __proto__: null, name: 'X25519', public: b.publicKey }, a.privateKey, 256);
  const right = await subtle.deriveBits({ __proto__: null, name: 'X25519', public: a.publicKey }, b.privateKey, 256);
  return [sum(left) === sum(right)];
}, sequences);

export const random = test('random', () => {
  const view = crypto.getRandomValues(new Bytes(8));
  const id = crypto.randomUUID();
  return [view[7] !== undefined, id[8], crypto.subtle.timingSafeEqual(data, data)];
});

export const kv = test('KV', async (env) => {
  await env.kv.put('key', 'value', { __proto__: null, metadata: { __proto__: null, m: 1 } });
  const value = await env.kv.get('key');
  const withMetadata = await env.kv.getWithMetadata('key', { __proto__: null, type: 'text' });
  const missing = await env.kv.get('missing');
  const list = await env.kv.list({ __proto__: null, prefix: 'k' });
  await env.kv.delete('key');
  return [value, withMetadata.value, withMetadata.metadata, missing, list.keys.length, list.list_complete];
}, { allow: (what) => what === 'get Object.prototype.then' });

export const queues = test('queues', async (env) => {
  await env.queue.send('message');
  await env.queue.sendBatch([{ __proto__: null, body: 'a' }, { __proto__: null, body: 'b', contentType: 'text' }]);
  return [1];
}, { allow: (what, self, args) => what === 'get Object.prototype.then' || sequences.allow(what, self, args) });
