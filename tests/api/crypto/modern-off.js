// Without webcrypto_modern_algorithms nothing of it is there.
import assert from 'node:assert';

const { subtle } = crypto;

export const off = {
  async test() {
    for (const name of ['encapsulateKey', 'encapsulateBits', 'decapsulateKey', 'decapsulateBits', 'getPublicKey']) {
      assert.strictEqual(name in subtle, false);
    }
    assert.strictEqual('supports' in SubtleCrypto, false);
    const unknown = (name) => ({ name: 'NotSupportedError', message: `Unrecognized key generation algorithm "${name}" requested.` });
    for (const name of ['ML-KEM-768', 'ML-DSA-44', 'MLKEM768-X25519', 'ChaCha20-Poly1305']) {
      await assert.rejects(subtle.generateKey(name, true, ['encrypt']), unknown(name));
    }
    await assert.rejects(subtle.digest('SHA3-256', new Uint8Array(1)),
      { name: 'NotSupportedError', message: 'Unrecognized or unimplemented digest algorithm requested.' });
    const key = await subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt']);
    for (const format of ['raw-secret', 'raw-public', 'raw-seed', 'raw-private']) {
      const refused = { name: 'NotSupportedError', message: `Key format "${format}" requires the webcrypto_modern_algorithms flag.` };
      await assert.rejects(subtle.exportKey(format, key), refused);
      await assert.rejects(subtle.importKey(format, new Uint8Array(16), 'AES-GCM', true, ['encrypt']), refused);
    }
  },
};
