// Before its flags: errors of arguments are thrown, exponents are ArrayBuffers, weak keys and odd sizes pass.
import assert from 'node:assert';

const { subtle } = crypto;

export const argumentsThrow = {
  test() {
    assert.throws(() => subtle.digest('SHA-1', 'text'), TypeError);
    assert.throws(() => subtle.deriveBits('HKDF', {}, -1), TypeError);
  },
};

export const operationsReject = {
  async test() {
    await assert.rejects(subtle.digest('SHA-0', new Uint8Array(1)), { name: 'NotSupportedError' });
  },
};

export const exponentIsABuffer = {
  async test() {
    const { publicKey } = await subtle.generateKey(
      { name: 'RSA-PSS', hash: 'SHA-1', modulusLength: 1032, publicExponent: new Uint8Array([1, 0, 1]) }, true, ['sign']);
    assert.ok(publicKey.algorithm.publicExponent instanceof ArrayBuffer);
    // The size asked for is shown; the key's is rounded down.
    assert.strictEqual(publicKey.algorithm.modulusLength, 1032);
    const jwk = await subtle.exportKey('jwk', publicKey);
    assert.strictEqual(Buffer.from(jwk.n, 'base64url').length, 128);
  },
};

export const ownProperties = {
  test() {
    assert.ok(Object.hasOwn(crypto, 'subtle'));
    assert.strictEqual(crypto.subtle, crypto.subtle);
  },
};

export const publicEcdhKeysMayClaimUsages = {
  async test() {
    const { publicKey } = await subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
    const raw = await subtle.exportKey('raw', publicKey);
    const key = await subtle.importKey('raw', raw, { name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
    assert.deepStrictEqual([...key.usages], ['deriveBits']);
  },
};
