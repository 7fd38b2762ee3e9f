// webcrypto_modern_algorithms, switched on: ML-KEM, ML-DSA, X-Wing, ChaCha20-Poly1305, SHA-3 and what came with them.
import assert from 'node:assert';
import { inspect } from 'node:util';

const { subtle } = crypto;
const bytes = (size, first = 0) => new Uint8Array(size).map((_, i) => first + i);
const hex = (buffer) => Buffer.from(buffer).toString('hex');
const own = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
const rejects = (promise, name, message) => assert.rejects(promise, { name, message });

export const surface = {
  test() {
    assert.deepStrictEqual(Object.keys(SubtleCrypto.prototype).slice(12),
      ['encapsulateKey', 'encapsulateBits', 'decapsulateKey', 'decapsulateBits', 'getPublicKey', 'timingSafeEqual']);
    assert.strictEqual(typeof SubtleCrypto.supports, 'function');
  },
};

export const encapsulation = {
  async test() {
    // [algorithm, seed bytes, ciphertext bytes, public key bytes, the secret that a ciphertext of ones stands for]
    const algorithms = [
      ['ML-KEM-768', 64, 1088, 1184, 'e50253479d106a5b1484e8f999a3b24e45d6c5726a0853d1705e669263e41c1e'],
      ['ML-KEM-1024', 64, 1568, 1568, undefined],
      ['MLKEM768-X25519', 32, 1120, 1216, '6a59fe1cde5180d452c519aff22bdad0023e8a631aa09ba92dcded61b13923d3'],
    ];
    for (const [name, seedSize, size, publicSize, ofOnes] of algorithms) {
      const secret = await subtle.importKey('raw-seed', bytes(seedSize), name, true, ['decapsulateBits', 'decapsulateKey']);
      const open = await subtle.getPublicKey(secret, ['encapsulateBits', 'encapsulateKey']);
      assert.strictEqual((await subtle.exportKey('raw-public', open)).byteLength, publicSize);
      const { sharedKey, ciphertext } = await subtle.encapsulateBits(name, open);
      assert.strictEqual(ciphertext.byteLength, size);
      assert.strictEqual(hex(await subtle.decapsulateBits(name, secret, ciphertext)), hex(sharedKey));
      const ones = hex(await subtle.decapsulateBits(name, secret, new Uint8Array(size).fill(1)));
      if (ofOnes !== undefined) assert.strictEqual(ones, ofOnes);
      const sent = await subtle.encapsulateKey(name, open, 'AES-GCM', true, ['encrypt']);
      const received = await subtle.decapsulateKey(name, secret, sent.ciphertext, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign']);
      assert.strictEqual(hex(await subtle.exportKey('raw-secret', sent.sharedKey)), hex(await subtle.exportKey('raw', received)));
      await assert.rejects(subtle.decapsulateBits(name, secret, new Uint8Array(5)), { name: 'OperationError', message: /Invalid ciphertext length/ });
      await rejects(subtle.encapsulateBits(name, secret), 'InvalidAccessError',
        'Requested key usage "encapsulateBits" does not match any usage listed in this CryptoKey.');
      await rejects(subtle.encapsulateKey(name, open, 'Ed25519', true, ['sign']), 'NotSupportedError',
        'Unrecognized key import format "raw-secret".');
    }
    const xwing = await subtle.importKey('raw-public', new Uint8Array(1216).fill(255), 'MLKEM768-X25519', true, ['encapsulateBits']);
    await rejects(subtle.encapsulateBits('MLKEM768-X25519', xwing), 'OperationError', 'MLKEM768-X25519 encapsulation failed.');
  },
};

export const signatures = {
  async test() {
    for (const [name, size] of [['ML-DSA-44', 2420], ['ML-DSA-65', 3309], ['ML-DSA-87', 4627]]) {
      const { publicKey, privateKey } = await subtle.generateKey(name, true, ['sign', 'verify']);
      const data = bytes(10);
      const signature = await subtle.sign(name, privateKey, data);
      assert.strictEqual(signature.byteLength, size);
      assert.strictEqual(await subtle.verify(name, publicKey, signature, data), true);
      assert.strictEqual(await subtle.verify(name, publicKey, signature, bytes(10, 1)), false);
      assert.strictEqual(await subtle.verify(name, publicKey, signature.slice(1), data), false);
      const context = bytes(255);
      const bound = await subtle.sign({ name, context }, privateKey, data);
      assert.strictEqual(await subtle.verify({ name, context }, publicKey, bound, data), true);
      assert.strictEqual(await subtle.verify(name, publicKey, bound, data), false);
      await rejects(subtle.sign({ name, context: bytes(256) }, privateKey, data), 'OperationError', 'ML-DSA context must be at most 255 bytes.');
      await rejects(subtle.sign({ name, context: 'x' }, privateKey, data), 'TypeError', 'ML-DSA context must be a buffer source.');
      for (const [format, key, usage] of [['raw-seed', privateKey, 'sign'], ['pkcs8', privateKey, 'sign'], ['jwk', privateKey, 'sign'],
        ['raw-public', publicKey, 'verify'], ['spki', publicKey, 'verify'], ['jwk', publicKey, 'verify']]) {
        const exported = await subtle.exportKey(format, key);
        const again = await subtle.importKey(format, exported, name, true, [usage]);
        if (usage === 'verify') assert.strictEqual(await subtle.verify(name, again, signature, data), true);
        else assert.strictEqual(await subtle.verify(name, publicKey, await subtle.sign(name, again, data), data), true);
      }
    }
  },
};

export const keys = {
  async test() {
    const { publicKey, privateKey } = await subtle.generateKey('ML-KEM-768', true, ['decapsulateBits', 'encapsulateBits']);
    assert.deepStrictEqual({ ...privateKey.algorithm }, { name: 'ML-KEM-768' });
    const jwk = own(await subtle.exportKey('jwk', privateKey));
    assert.deepStrictEqual(Object.keys(jwk), ['kty', 'key_ops', 'alg', 'ext', 'pub', 'priv']);
    assert.deepStrictEqual([jwk.kty, jwk.alg, jwk.key_ops], ['AKP', 'ML-KEM-768', ['decapsulateBits']]);
    const as = (change) => subtle.importKey('jwk', { ...jwk, ...change }, 'ML-KEM-768', true, ['decapsulateBits']);
    await rejects(as({ kty: 'OKP' }), 'DataError', 'JWK "kty" field must be "AKP" for ML-KEM-768.');
    await rejects(as({ alg: 'ML-KEM-1024' }), 'DataError', 'JWK "alg" field "ML-KEM-1024" does not match "ML-KEM-768".');
    await rejects(as({ pub: undefined }), 'DataError', 'JWK for ML-KEM-768 private keys must have "pub".');
    await rejects(as({ pub: 'AAAA' }), 'DataError', 'JWK "pub" does not match the public key derived from "priv".');
    await rejects(as({ priv: 'AAAA' }), 'DataError', 'Invalid JWK "priv" length for ML-KEM-768.');
    await rejects(as({ use: 'sig' }), 'DataError', 'JWK "use" field must be "enc" for ML-KEM-768.');
    await rejects(as({ ext: false }), 'DataError', 'JWK ext field for "ML-KEM-768" is set to false but extractable is true');
    const spki = new Uint8Array(await subtle.exportKey('spki', publicKey));
    const spoilt = (at, value) => subtle.importKey('spki', spki.with(at, value), 'ML-KEM-768', true, []);
    await rejects(spoilt(0, 4), 'DataError', 'Invalid SPKI structure.');
    await rejects(spoilt(4, 4), 'DataError', 'Invalid SPKI AlgorithmIdentifier.');
    await rejects(spoilt(16, 3), 'DataError', 'SPKI algorithm OID does not match ML-KEM-768.');
    await rejects(spoilt(21, 1), 'DataError', 'Invalid SPKI subjectPublicKey BIT STRING padding.');
    const expanded = Uint8Array.fromHex('3017020100300b060960864801650304040204050403010203');
    await rejects(subtle.importKey('pkcs8', expanded, 'ML-KEM-768', true, ['decapsulateBits']), 'NotSupportedError',
      'Only the seed PKCS8 private key format is supported for ML-KEM-768.');
    await rejects(subtle.importKey('raw-public', new Uint8Array(1184).fill(255), 'ML-KEM-768', true, []), 'DataError',
      'Failed to parse ML-KEM-768 public key');
    await rejects(subtle.exportKey('raw-public', privateKey), 'InvalidAccessError', 'raw-public export requires a public key.');
    await rejects(subtle.exportKey('raw', publicKey), 'NotSupportedError', 'Unrecognized export format "raw" for ML-KEM.');
    await rejects(subtle.generateKey('ML-KEM-512', true, ['decapsulateBits']), 'NotSupportedError',
      'Unrecognized key generation algorithm "ML-KEM-512" requested.');
    // A detached seed is an empty one.
    const seed = new ArrayBuffer(64);
    structuredClone(seed, { transfer: [seed] });
    await rejects(subtle.importKey('raw-seed', seed, 'ML-KEM-768', true, ['decapsulateBits']), 'DataError',
      'Invalid ML-KEM-768 seed length: expected 64 bytes, got 0');
  },
};

export const chacha = {
  async test() {
    const name = 'ChaCha20-Poly1305';
    const iv = new Uint8Array(12);
    const key = await subtle.importKey('raw-secret', bytes(32), name, true, ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey']);
    const sealed = await subtle.encrypt({ name, iv, additionalData: bytes(2, 1), tagLength: 128 }, key, new Uint8Array(5));
    assert.strictEqual(hex(sealed), '18b84231ad4c625ddbd932b55433fbd5b2bb26a880');
    assert.strictEqual(hex(await subtle.decrypt({ name, iv, additionalData: bytes(2, 1) }, key, sealed)), '0000000000');
    await rejects(subtle.decrypt({ name, iv }, key, sealed), 'OperationError', 'ChaCha20-Poly1305 authentication failed.');
    await rejects(subtle.decrypt({ name, iv }, key, new Uint8Array(15)), 'OperationError',
      'ChaCha20-Poly1305 ciphertext is shorter than its authentication tag.');
    await rejects(subtle.encrypt({ name, iv: bytes(8) }, key, iv), 'OperationError', 'ChaCha20-Poly1305 IV must be 12 bytes long.');
    await rejects(subtle.encrypt({ name, iv, tagLength: 96 }, key, iv), 'OperationError', 'ChaCha20-Poly1305 tag length must be 128 bits.');
    await rejects(subtle.encrypt({ name, iv, tagLength: NaN }, key, iv), 'TypeError', 'ChaCha20-Poly1305 tagLength must be finite.');
    await rejects(subtle.importKey('raw', bytes(32), name, true, ['encrypt']), 'NotSupportedError', 'Unrecognized key import format "raw".');
    assert.strictEqual((await subtle.exportKey('jwk', key)).alg, 'C20P');
    const large = new Uint8Array(3 << 20).fill(7);
    const opened = await subtle.decrypt({ name, iv }, key, await subtle.encrypt({ name, iv }, key, large));
    assert.strictEqual(Buffer.compare(Buffer.from(opened), large), 0);
    const { privateKey } = await subtle.generateKey('ML-DSA-44', true, ['sign']);
    const wrapped = await subtle.wrapKey('raw-seed', privateKey, key, { name, iv });
    const unwrapped = await subtle.unwrapKey('raw-seed', wrapped, key, { name, iv }, 'ML-DSA-44', true, ['sign']);
    assert.strictEqual(hex(await subtle.exportKey('raw-seed', unwrapped)), hex(await subtle.exportKey('raw-seed', privateKey)));
    const base = await subtle.importKey('raw-secret', bytes(8), 'HKDF', false, ['deriveKey']);
    const derived = await subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt: iv, info: iv }, base, name, true, ['encrypt']);
    assert.strictEqual((await subtle.exportKey('raw-secret', derived)).byteLength, 32);
  },
};

export const sha3 = {
  async test() {
    assert.strictEqual(hex(await subtle.digest('sha3-256', bytes(3, 1))), 'fd1780a6fc9ee0dab26ceb4b3941ab03e66ccd970d1db91612c66df4515b0a0a');
    assert.strictEqual((await subtle.digest('SHA3-384', bytes(3))).byteLength, 48);
    assert.strictEqual((await subtle.digest({ name: 'SHA3-512' }, bytes(3))).byteLength, 64);
    // For digest() alone.
    await rejects(subtle.generateKey({ name: 'HMAC', hash: 'SHA3-256' }, true, ['sign']), 'NotSupportedError',
      'Unrecognized or unimplemented digest algorithm requested.');
  },
};

export const publicKeys = {
  async test() {
    const rsa = { hash: 'SHA-256', modulusLength: 1024, publicExponent: bytes(3).map((i) => i === 1 ? 0 : 1) };
    for (const [algorithm, usage, publicUsages] of [['Ed25519', 'sign', ['verify']], ['X25519', 'deriveBits', []],
      [{ name: 'ECDSA', namedCurve: 'P-384' }, 'sign', ['verify']], [{ name: 'ECDH', namedCurve: 'P-256' }, 'deriveBits', []],
      [{ name: 'RSA-PSS', ...rsa }, 'sign', ['verify']], [{ name: 'RSA-OAEP', ...rsa }, 'decrypt', ['encrypt', 'wrapKey']]]) {
      const { publicKey, privateKey } = await subtle.generateKey(algorithm, false, [usage]);
      const found = await subtle.getPublicKey(privateKey, publicUsages);
      assert.deepStrictEqual([...found.usages], publicUsages);
      assert.strictEqual(hex(await subtle.exportKey('spki', found)), hex(await subtle.exportKey('spki', publicKey)));
      assert.deepStrictEqual(JSON.stringify(found.algorithm), JSON.stringify(publicKey.algorithm));
      await assert.rejects(subtle.getPublicKey(privateKey, [usage]), { name: 'SyntaxError' });
      await rejects(subtle.getPublicKey(publicKey, []), 'InvalidAccessError', 'The getPublicKey operation requires a private key.');
    }
    const secret = await subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt']);
    await rejects(subtle.getPublicKey(secret, []), 'NotSupportedError', 'The getPublicKey operation is not supported for symmetric keys.');
    const node = await subtle.generateKey({ name: 'NODE-ED25519', namedCurve: 'NODE-ED25519' }, true, ['sign']);
    await rejects(subtle.getPublicKey(node.privateKey, []), 'NotSupportedError', 'The getPublicKey operation is not supported for "NODE-ED25519".');
  },
};

export const supports = {
  test() {
    const iv = new Uint8Array(12);
    const salted = { hash: 'SHA-256', salt: iv, info: iv };
    for (const [expected, ...call] of [
      [true, 'encapsulateKey', 'ML-KEM-768', 'AES-GCM'], [false, 'encapsulateKey', 'ML-KEM-768', 'Ed25519'], [false, 'encapsulateBits', 'ML-DSA-44'],
      [true, 'digest', 'SHA3-256'], [false, 'Digest', 'SHA-256'], [false, 'digest', 'SHAKE128'],
      [false, 'encrypt', 'AES-GCM'], [true, 'encrypt', { name: 'aes-gcm', iv }], [false, 'encrypt', { name: 'AES-GCM', iv, tagLength: 5 }],
      [true, 'generateKey', { name: 'AES-GCM', length: 256 }], [false, 'generateKey', { name: 'AES-GCM', length: 5 }],
      [true, 'sign', { name: 'RSA-PSS', saltLength: 5 }], [false, 'sign', 'RSA-PSS'], [false, 'verify', 'RSA-RAW'],
      [true, 'deriveBits', { name: 'HKDF', ...salted }, 256], [false, 'deriveBits', { name: 'HKDF', ...salted }, 255],
      [false, 'deriveBits', { name: 'HKDF', ...salted }], [true, 'deriveKey', { name: 'HKDF', ...salted }, { name: 'AES-KW', length: 128 }],
      [false, 'deriveKey', { name: 'HKDF', ...salted }, 'AES-KW'], [true, 'wrapKey', 'AES-KW', 'Ed25519'], [false, 'wrapKey', 'AES-KW', 'HKDF'],
      [true, 'unwrapKey', 'AES-KW', 'HKDF'], [false, 'exportKey', 'PBKDF2'], [false, 'importKey', 'HMAC'], [true, 'getPublicKey', 'RSA-PSS'],
      [false, 'getPublicKey', 'RSA-RAW'], [false, 'encrypt', { get name() { throw new Error('never seen'); } }], [false, 'encrypt', null],
    ]) assert.strictEqual(SubtleCrypto.supports(...call), expected, `${call[0]} ${inspect(call[1])}`);
    assert.throws(() => SubtleCrypto.supports('deriveBits', 'HKDF', -8), { name: 'TypeError', message: 'length must be an unsigned long integer.' });
    assert.throws(() => SubtleCrypto.supports(), TypeError);
  },
};
