import assert from 'node:assert';

const { subtle } = crypto;
const bytes = (...values) => new Uint8Array(values);
const text = (s) => new TextEncoder().encode(s);
const hex = (buffer) => Buffer.from(buffer).toString('hex');
const fails = (promise, name, message) => assert.rejects(promise, (e) => {
  assert.ok(e instanceof DOMException);
  assert.strictEqual(e.name, name);
  if (message !== undefined) assert.match(e.message, message);
  return true;
});

export const shapes = {
  async test() {
    assert.deepStrictEqual(Object.keys(crypto), []);
    assert.strictEqual(Object.prototype.toString.call(crypto), '[object Crypto]');
    for (const name of ['Crypto', 'SubtleCrypto', 'CryptoKey']) assert.throws(() => new globalThis[name](), TypeError);
    const key = await subtle.importKey('raw', new Uint8Array(16), 'aes-gcm', true, ['decrypt', 'encrypt', 'encrypt']);
    assert.ok(key instanceof CryptoKey);
    assert.deepStrictEqual({ ...key }, {
      usages: ['encrypt', 'decrypt'], algorithm: { name: 'AES-GCM', length: 128 }, extractable: true, type: 'secret',
    });
    assert.strictEqual(key.algorithm, key.algorithm);
    assert.throws(() => structuredClone(key), { name: 'DataCloneError' });
    assert.throws(() => subtle.digest.call({}, 'SHA-1', bytes()), /Illegal invocation/);
  },
};

export const random = {
  test() {
    const a = crypto.getRandomValues(new Uint8Array(65536));
    assert.ok(a.some((v) => v !== a[0]));
    const view = new BigInt64Array(2);
    assert.strictEqual(crypto.getRandomValues(view), view);
    assert.throws(() => crypto.getRandomValues(new Uint8Array(65537)), { name: 'QuotaExceededError' });
    assert.throws(() => crypto.getRandomValues(new Float64Array(1)), { name: 'TypeMismatchError' });
    assert.throws(() => crypto.getRandomValues(new ArrayBuffer(1)), TypeError);
    assert.match(crypto.randomUUID(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.notStrictEqual(crypto.randomUUID(), crypto.randomUUID());
  },
};

export const timingSafeEqual = {
  test() {
    assert.ok(subtle.timingSafeEqual(text('abc'), text('abc').buffer));
    assert.ok(!subtle.timingSafeEqual(text('abc'), text('abd')));
    assert.ok(subtle.timingSafeEqual(bytes(), bytes()));
    assert.throws(() => subtle.timingSafeEqual(text('abc'), text('ab')), TypeError);
  },
};

export const digests = {
  async test() {
    const expected = {
      'MD5': '900150983cd24fb0d6963f7d28e17f72', 'SHA-1': 'a9993e364706816aba3e25717850c26c9cd0d89d',
      'SHA-256': 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    };
    for (const name in expected) {
      assert.strictEqual(hex(await subtle.digest(name, text('abc'))), expected[name]);
      assert.strictEqual(hex(await subtle.digest({ name: name.toLowerCase() }, text('abc').buffer)), expected[name]);
    }
    assert.strictEqual((await subtle.digest('SHA-512', bytes())).byteLength, 64);
    await fails(subtle.digest('SHA-3', bytes()), 'NotSupportedError');
    // Large enough to leave the thread; what is digested is what there was at the call.
    const large = new Uint8Array(2_000_000);
    const [first] = await Promise.all([subtle.digest('SHA-256', large), Promise.resolve().then(() => large.fill(1))]);
    const zeros = await subtle.digest('SHA-256', new Uint8Array(2_000_000));
    assert.strictEqual(hex(first), hex(zeros));
  },
};

export const digestStream = {
  async test() {
    const stream = new crypto.DigestStream('SHA-256');
    await new Blob(['a', 'b', 'c']).stream().pipeTo(stream);
    assert.strictEqual(hex(await stream.digest), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    assert.strictEqual(stream.bytesWritten, 3n);
    const sums = { crc32: 'cbf43926', crc32c: 'e3069283', crc64nvme: 'ae8b14860a799888' };
    for (const name in sums) {
      for (const pieces of [['123456789'], ['1', '2345678', '', '9'], [...'123456789']]) {
        const sum = new crypto.DigestStream(name);
        const writer = sum.getWriter();
        for (const piece of pieces) await writer.write(text(piece));
        await writer.close();
        assert.strictEqual(hex(await sum.digest), sums[name]);
      }
    }
    const aborted = new crypto.DigestStream('md5');
    await aborted.abort(new Error('enough'));
    await assert.rejects(aborted.digest, { message: 'enough' });
    const wrong = new crypto.DigestStream('md5').getWriter();
    await assert.rejects(wrong.write(5), TypeError);
    assert.throws(() => new crypto.DigestStream('md4'), { name: 'NotSupportedError' });
    assert.throws(() => new crypto.DigestStream(), TypeError);
  },
};

// A checksum does not depend on how its input is cut into pieces, and the table-driven steps agree with single bytes.
export const checksumPieces = {
  async test() {
    const data = crypto.getRandomValues(new Uint8Array(1000));
    for (const name of ['crc32', 'crc32c', 'crc64nvme']) {
      const sum = async (size) => {
        const stream = new crypto.DigestStream(name);
        const writer = stream.getWriter();
        for (let at = 0; at < data.length; at += size) await writer.write(data.subarray(at, at + size));
        await writer.close();
        return hex(await stream.digest);
      };
      const expected = await sum(1);
      for (const size of [3, 7, 8, 9, 64, 1000]) assert.strictEqual(await sum(size), expected);
    }
  },
};

export const aes = {
  async test() {
    for (const [name, params] of [['AES-CBC', { iv: new Uint8Array(16) }], ['AES-CTR', { counter: new Uint8Array(16), length: 64 }],
      ['AES-GCM', { iv: new Uint8Array(12), additionalData: text('x') }], ['AES-GCM', { iv: bytes(1), tagLength: 32 }]]) {
      for (const length of [128, 192, 256]) {
        const key = await subtle.generateKey({ name, length }, true, ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey']);
        const data = crypto.getRandomValues(new Uint8Array(333));
        const sealed = await subtle.encrypt({ name, ...params }, key, data);
        assert.ok(sealed instanceof ArrayBuffer);
        assert.deepStrictEqual(new Uint8Array(await subtle.decrypt({ name, ...params }, key, sealed)), data);
        const jwk = await subtle.exportKey('jwk', key);
        assert.strictEqual(jwk.alg, `A${length}${name.slice(4)}`);
        const again = await subtle.importKey('jwk', jwk, name, false, ['decrypt']);
        assert.deepStrictEqual(new Uint8Array(await subtle.decrypt({ name, ...params }, again, sealed)), data);
        await fails(subtle.encrypt({ name, ...params }, again, data), 'InvalidAccessError');
        await fails(subtle.exportKey('raw', again), 'InvalidAccessError');
      }
    }
    const gcm = await subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', false, ['encrypt', 'decrypt']);
    await fails(subtle.decrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, gcm, new Uint8Array(20)), 'OperationError', /Decryption failed/);
    await fails(subtle.encrypt({ name: 'AES-GCM', iv: bytes() }, gcm, bytes()), 'OperationError', /IV must not be empty/);
    await assert.rejects(subtle.encrypt('AES-GCM', gcm, bytes()), { name: 'TypeError', message: 'Missing field "iv" in "algorithm".' });
  },
};

export const hmac = {
  async test() {
    const key = await subtle.importKey('raw', text('Jefe'), { name: 'HMAC', hash: 'SHA-256' }, true, ['sign', 'verify']);
    const data = text('what do ya want for nothing?');
    const code = await subtle.sign('HMAC', key, data);
    assert.strictEqual(hex(code), '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
    assert.strictEqual(await subtle.verify('HMAC', key, code, data), true);
    assert.strictEqual(await subtle.verify('HMAC', key, code.slice(1), data), false);
    assert.strictEqual(await subtle.verify('HMAC', key, code, text('x')), false);
    const odd = await subtle.importKey('raw', bytes(255, 255), { name: 'HMAC', hash: 'SHA-1', length: 12 }, true, ['sign']);
    assert.strictEqual(hex(await subtle.exportKey('raw', odd)), 'fff0');
    const generated = await subtle.generateKey({ name: 'HMAC', hash: 'SHA-512' }, true, ['sign']);
    assert.strictEqual(generated.algorithm.length, 1024);
  },
};

export const rsa = {
  async test() {
    const publicExponent = bytes(1, 0, 1);
    const pair = (name, usages) => subtle.generateKey({ name, hash: 'SHA-256', modulusLength: 2048, publicExponent }, true, usages);
    const data = text('data');
    for (const [name, params] of [['RSASSA-PKCS1-v1_5', {}], ['RSA-PSS', { saltLength: 32 }]]) {
      const { publicKey, privateKey } = await pair(name, ['sign', 'verify']);
      assert.deepStrictEqual(publicKey.algorithm.publicExponent, publicExponent);
      const signature = await subtle.sign({ name, ...params }, privateKey, data);
      assert.strictEqual(signature.byteLength, 256);
      for (const format of ['jwk', 'spki']) {
        const key = await subtle.importKey(format, await subtle.exportKey(format, publicKey), { name, hash: 'SHA-256' }, true, ['verify']);
        assert.strictEqual(await subtle.verify({ name, ...params }, key, signature, data), true);
        assert.strictEqual(await subtle.verify({ name, ...params }, key, signature, text('date')), false);
      }
      for (const format of ['jwk', 'pkcs8']) {
        const key = await subtle.importKey(format, await subtle.exportKey(format, privateKey), { name, hash: 'SHA-256' }, false, ['sign']);
        assert.ok(await subtle.verify({ name, ...params }, publicKey, await subtle.sign({ name, ...params }, key, data), data));
      }
      await fails(subtle.exportKey('spki', privateKey), 'InvalidAccessError');
      await fails(subtle.exportKey('raw', publicKey), 'InvalidAccessError');
    }
    const { publicKey, privateKey } = await pair('RSA-OAEP', ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey']);
    const params = { name: 'RSA-OAEP', label: text('l') };
    const sealed = await subtle.encrypt(params, publicKey, data);
    assert.deepStrictEqual(new Uint8Array(await subtle.decrypt(params, privateKey, sealed)), data);
    await fails(subtle.decrypt('RSA-OAEP', privateKey, sealed), 'OperationError');
    await fails(subtle.encrypt(params, publicKey, new Uint8Array(300)), 'OperationError');
    // Blind signatures: the operation without padding, and its inverse in whole numbers.
    const raw = await subtle.importKey('pkcs8', await subtle.exportKey('pkcs8', privateKey), 'RSA-RAW', false, ['sign']);
    const message = new Uint8Array(256).fill(1);
    const signature = BigInt('0x' + hex(await subtle.sign('RSA-RAW', raw, message)));
    const n = BigInt('0x' + hex(Buffer.from((await subtle.exportKey('jwk', publicKey)).n, 'base64url')));
    let power = signature;
    for (let i = 0; i < 16; i++) power = power * power % n;
    assert.strictEqual(power * signature % n, BigInt('0x' + hex(message)));
    await fails(subtle.generateKey({ name: 'RSA-PSS', hash: 'SHA-1', modulusLength: 2048, publicExponent: bytes(5) }, true, ['sign']),
      'OperationError', /must be either 3 or 65537, but got 5/);
  },
};

export const elliptic = {
  async test() {
    for (const namedCurve of ['P-256', 'P-384', 'P-521']) {
      const ecdsa = { name: 'ECDSA', namedCurve };
      const { publicKey, privateKey } = await subtle.generateKey(ecdsa, true, ['sign', 'verify']);
      const params = { name: 'ECDSA', hash: 'SHA-384' };
      const signature = await subtle.sign(params, privateKey, text('data'));
      for (const format of ['raw', 'spki', 'jwk']) {
        const key = await subtle.importKey(format, await subtle.exportKey(format, publicKey), ecdsa, true, ['verify']);
        assert.strictEqual(await subtle.verify(params, key, signature, text('data')), true);
        assert.strictEqual(await subtle.verify(params, key, signature.slice(1), text('data')), false);
      }
      const ecdh = { name: 'ECDH', namedCurve };
      const [a, b] = await Promise.all([1, 2].map(() => subtle.generateKey(ecdh, true, ['deriveBits', 'deriveKey'])));
      const ab = await subtle.deriveBits({ name: 'ECDH', public: b.publicKey }, a.privateKey, null);
      const ba = await subtle.deriveBits({ name: 'ECDH', public: a.publicKey }, b.privateKey);
      assert.strictEqual(hex(ab), hex(ba));
      const five = new Uint8Array(await subtle.deriveBits({ name: 'ECDH', public: b.publicKey }, a.privateKey, 5));
      assert.deepStrictEqual([...five], [new Uint8Array(ab)[0] & 0xf8]);
      const key = await subtle.deriveKey({ name: 'ECDH', public: b.publicKey }, a.privateKey, { name: 'AES-CBC', length: 256 }, true, ['encrypt']);
      assert.strictEqual(hex(await subtle.exportKey('raw', key)), hex(ab.slice(0, 32)));
    }
  },
};

export const edwards = {
  async test() {
    for (const algorithm of ['Ed25519', { name: 'NODE-ED25519', namedCurve: 'NODE-ED25519' }]) {
      const { publicKey, privateKey } = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
      const name = privateKey.algorithm.name;
      const signature = await subtle.sign(name, privateKey, text('data'));
      assert.strictEqual(await subtle.verify(name, publicKey, signature, text('data')), true);
      const jwk = await subtle.exportKey('jwk', privateKey);
      assert.strictEqual(jwk.crv, 'Ed25519');
      const again = await subtle.importKey('jwk', jwk, algorithm, true, ['sign']);
      assert.strictEqual(hex(await subtle.sign(name, again, text('data'))), hex(signature));
    }
    const [a, b] = await Promise.all([1, 2].map(() => subtle.generateKey('X25519', false, ['deriveBits'])));
    assert.strictEqual(hex(await subtle.deriveBits({ name: 'X25519', public: b.publicKey }, a.privateKey, 256)),
      hex(await subtle.deriveBits({ name: 'X25519', public: a.publicKey }, b.privateKey, 256)));
    const zero = await subtle.importKey('raw', new Uint8Array(32), 'X25519', true, []);
    await fails(subtle.deriveBits({ name: 'X25519', public: zero }, a.privateKey, 256), 'OperationError');
    // A key of another kind is none of this one.
    const ec = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
    await fails(subtle.importKey('spki', await subtle.exportKey('spki', ec.publicKey), 'Ed25519', true, ['verify']), 'DataError');
  },
};

export const derivation = {
  async test() {
    const hkdf = await subtle.importKey('raw', new Uint8Array(22).fill(11), 'HKDF', false, ['deriveBits', 'deriveKey']);
    const params = { name: 'HKDF', hash: 'SHA-256', salt: Uint8Array.from({ length: 13 }, (_, i) => i), info: Uint8Array.from({ length: 10 }, (_, i) => 240 + i) };
    assert.strictEqual(hex(await subtle.deriveBits(params, hkdf, 336)),
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865');
    await fails(subtle.deriveBits(params, hkdf, 255 * 256 + 8), 'OperationError');
    const pbkdf2 = await subtle.importKey('raw', text('password'), 'PBKDF2', false, ['deriveBits']);
    const rounds = (iterations) => subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-1', salt: text('salt'), iterations }, pbkdf2, 160);
    assert.strictEqual(hex(await rounds(1)), '0c60c80f961f0e71f3a9b524af6012062fe037a6');
    assert.strictEqual(hex(await rounds(4096)), '4b007901b765489abead49d926f721d065a429c1');
    await fails(rounds(0), 'OperationError');
    await fails(subtle.importKey('raw', text('x'), 'PBKDF2', true, ['deriveBits']), 'SyntaxError');
  },
};

export const wrapping = {
  async test() {
    const kw = await subtle.generateKey({ name: 'AES-KW', length: 256 }, false, ['wrapKey', 'unwrapKey']);
    const cbc = await subtle.generateKey({ name: 'AES-CBC', length: 128 }, false, ['wrapKey', 'unwrapKey']);
    const aes = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt', 'decrypt']);
    const wrapped = await subtle.wrapKey('raw', aes, kw, 'AES-KW');
    const unwrapped = await subtle.unwrapKey('raw', wrapped, kw, 'AES-KW', 'AES-GCM', true, ['encrypt']);
    assert.strictEqual(hex(await subtle.exportKey('raw', unwrapped)), hex(await subtle.exportKey('raw', aes)));
    await fails(subtle.unwrapKey('raw', new Uint8Array(40), kw, 'AES-KW', 'AES-GCM', true, ['encrypt']), 'OperationError');
    const ec = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
    const params = { name: 'AES-CBC', iv: new Uint8Array(16) };
    for (const format of ['jwk', 'pkcs8']) {
      const key = await subtle.unwrapKey(format, await subtle.wrapKey(format, ec.privateKey, cbc, params), cbc, params, ec.privateKey.algorithm, true, ['sign']);
      assert.deepStrictEqual(await subtle.exportKey('jwk', key), await subtle.exportKey('jwk', ec.privateKey));
    }
    await assert.rejects(subtle.unwrapKey('jwk', await subtle.wrapKey('raw', aes, cbc, params), cbc, params, 'AES-GCM', true, ['encrypt']), SyntaxError);
  },
};

export const badKeys = {
  async test() {
    const imports = (format, data, algorithm, usages = ['sign']) => subtle.importKey(format, data, algorithm, true, usages);
    await fails(imports('pkcs8', bytes(0x30, 0), { name: 'RSA-PSS', hash: 'SHA-1' }), 'DataError', /Invalid PKCS8 input/);
    await fails(imports('spki', bytes(1, 2, 3), { name: 'ECDSA', namedCurve: 'P-256' }, ['verify']), 'DataError', /Invalid SPKI input/);
    await fails(imports('raw', new Uint8Array(65).fill(4), { name: 'ECDSA', namedCurve: 'P-256' }, ['verify']), 'DataError', /not on curve/);
    await fails(imports('raw', bytes(1), 'AES-GCM', ['encrypt']), 'DataError');
    await fails(imports('raw', new Uint8Array(16), 'AES-GCM', ['sign']), 'SyntaxError', /invalid usage "sign"/);
    await fails(imports('raw', new Uint8Array(16), 'AES-GCM', []), 'SyntaxError');
    await fails(imports('jwk', { kty: 'oct', k: '*' }, { name: 'HMAC', hash: 'SHA-1' }), 'DataError');
    await fails(imports('jwk', { kty: 'RSA', n: 'AQAB', e: 'AQAB' }, { name: 'RSA-PSS', hash: 'SHA-1' }, ['verify']), 'OperationError');
    await fails(imports('nothing', bytes(), 'AES-GCM'), 'NotSupportedError');
    await fails(imports('raw', new Uint8Array(16), 'DES'), 'NotSupportedError');
    const detached = new ArrayBuffer(16);
    structuredClone(detached, { transfer: [detached] });
    await fails(imports('raw', detached, 'AES-GCM', ['encrypt']), 'DataError');
  },
};

export const bindings = {
  async test(controller, env) {
    assert.ok(env.HEX instanceof CryptoKey);
    assert.strictEqual(env.HEX.extractable, false);
    const params = { name: 'AES-GCM', iv: new Uint8Array(12) };
    const same = await subtle.importKey('raw', Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex'), 'AES-GCM', false, ['decrypt']);
    const sealed = await subtle.encrypt(params, env.HEX, text('data'));
    assert.deepStrictEqual(new Uint8Array(await subtle.decrypt(params, same, sealed)), text('data'));
    assert.strictEqual(hex(await subtle.exportKey('raw', env.JWK)), '000102030405060708090a0b0c0d0e0f');
    assert.deepStrictEqual(env.JWK.algorithm, { name: 'HMAC', hash: { name: 'SHA-256' }, length: 128 });
  },
};

// What user code does to builtins and prototypes neither breaks the platform nor gets hold of keys.
export const pollution = {
  async test() {
    const seen = [];
    const spy = { configurable: true, get() { seen.push('get'); return undefined; }, set(v) { seen.push(v); } };
    const names = ['iv', 'hash', 'k', 'd', 'length', 'public', 'algorithm', 'bytes', 'key_ops'];
    const saved = [Array.prototype[Symbol.iterator], Promise.prototype.then, Uint8Array.prototype.slice];
    const key = await subtle.generateKey({ name: 'AES-GCM', length: 128 }, false, ['encrypt', 'decrypt', 'wrapKey']);
    let result;
    try {
      for (const name of names) Object.defineProperty(Object.prototype, name, spy);
      Array.prototype[Symbol.iterator] = () => { throw new Error('iterator'); };
      Promise.prototype.then = () => { throw new Error('then'); };
      Object.getPrototypeOf(Uint8Array.prototype).slice = () => { throw new Error('slice'); };
      result = subtle.encrypt({ __proto__: null, name: 'AES-GCM', iv: new Uint8Array(12) }, key, new Uint8Array(3));
    } finally {
      Array.prototype[Symbol.iterator] = saved[0];
      Promise.prototype.then = saved[1];
      Object.getPrototypeOf(Uint8Array.prototype).slice = saved[2];
      for (const name of names) delete Object.prototype[name];
    }
    assert.strictEqual((await result).byteLength, 19);
    assert.deepStrictEqual(seen, []);
  },
};

// Large messages are worked on in JavaScript's own memory, small ones are copied.
export const gcmOfAllSizes = {
  async test() {
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
    for (const size of [0, 1, 2047, 2048, 2064, 65536, 5 << 20]) {
      for (const ivSize of [1, 12, 129]) {
        const plain = new Uint8Array(size + 8).map((_, i) => i * 7).subarray(8);
        const params = { name: 'AES-GCM', iv: new Uint8Array(ivSize).fill(3), additionalData: new Uint8Array(size ? 5000 : 5).fill(1) };
        const sealed = await crypto.subtle.encrypt(params, key, plain);
        assert.strictEqual(sealed.byteLength, size + 16);
        assert.strictEqual(Buffer.compare(Buffer.from(await crypto.subtle.decrypt(params, key, sealed)), Buffer.from(plain)), 0);
        // A shorter tag is the beginning of the long one.
        const shorter = await crypto.subtle.encrypt({ ...params, tagLength: 96 }, key, plain);
        assert.strictEqual(Buffer.compare(Buffer.from(shorter), Buffer.from(sealed, 0, size + 12)), 0);
        new Uint8Array(sealed)[size] ^= 1;
        await assert.rejects(crypto.subtle.decrypt(params, key, sealed), { name: 'OperationError', message: /authentication failure/ });
      }
    }
  },
};

export const digestsOfLentMemory = {
  async test() {
    for (const size of [2047, 2048, 100_000]) {
      const data = new Uint8Array(size).fill(size);
      const stream = new crypto.DigestStream('SHA-256');
      const writer = stream.getWriter();
      await writer.write(data.subarray(0, size >> 1));
      await writer.write(new DataView(data.buffer, size >> 1));
      await writer.close();
      assert.deepStrictEqual(Buffer.from(await stream.digest), Buffer.from(await crypto.subtle.digest('SHA-256', data)));
      // What was lent is JavaScript's again.
      assert.strictEqual(structuredClone(data.buffer, { transfer: [data.buffer] }).byteLength, size);
      assert.strictEqual(data.byteLength, 0);
    }
  },
};

/** Memory that is not simply there: views that follow their buffer, that lost it, and shared ones. */
export const unusualBuffers = {
  async test() {
    const sha1 = async (data) => hex(await subtle.digest('SHA-1', data));
    const resizable = new ArrayBuffer(4, { maxByteLength: 5000 });
    const following = new Uint8Array(resizable);
    following.set([1, 2, 3, 4]);
    assert.strictEqual(await sha1(following), '12dada1fff4d4787ade3333147202c3b443e376f');
    const late = new Uint8Array(resizable, 2, 2);
    resizable.resize(3);
    assert.strictEqual(await sha1(late), await sha1(new Uint8Array(0)));
    resizable.resize(4000);
    assert.strictEqual(await sha1(following), await sha1(new Uint8Array([1, 2, 3, ...new Uint8Array(3997)])));
    const shared = new SharedArrayBuffer(16);
    assert.strictEqual(await sha1(new Uint8Array(shared)), await sha1(new Uint8Array(16)));
    await assert.rejects(subtle.digest('SHA-1', shared),
      { name: 'TypeError', message: "Failed to execute 'digest' on 'SubtleCrypto': parameter 2 is not of type 'BufferSource'." });
    await assert.rejects(subtle.importKey('raw', shared, 'AES-GCM', true, ['encrypt']), TypeError);
    assert.strictEqual(await new Blob([shared]).text(), '[object SharedArrayBuffer]');
    const key = await subtle.importKey('raw', new Uint8Array(16), 'AES-CTR', false, ['encrypt']);
    const counter = new Uint8Array(new ArrayBuffer(16, { maxByteLength: 32 }));
    assert.strictEqual(hex(await subtle.encrypt({ name: 'AES-CTR', counter, length: 64 }, key, new Uint8Array(4))), '66e94bd4');
  },
};

/** A context that is used again starts anew: each message is encrypted as if it were the only one. */
export const contextsAreReused = {
  async test() {
    const key = await subtle.importKey('raw', new Uint8Array(16).fill(7), 'AES-CBC', false, ['encrypt', 'decrypt']);
    const seal = async (iv, data) => hex(await subtle.encrypt({ name: 'AES-CBC', iv }, key, data));
    const iv = new Uint8Array(16).fill(1);
    const first = await seal(iv, text('message'));
    await seal(new Uint8Array(16).fill(2), new Uint8Array(100));
    await seal(iv, new Uint8Array(20000));
    assert.strictEqual(await seal(iv, text('message')), first);
    for (const size of [1, 16, 33, 16383, 16384, 16385, 3 << 20]) {
      const data = new Uint8Array(size).map((_, i) => i);
      const sealed = await subtle.encrypt({ name: 'AES-CBC', iv }, key, data);
      assert.strictEqual(Buffer.compare(Buffer.from(await subtle.decrypt({ name: 'AES-CBC', iv }, key, sealed)), data), 0);
    }
    await assert.rejects(subtle.decrypt({ name: 'AES-CBC', iv }, key, new Uint8Array(16)), { name: 'OperationError' });
    assert.strictEqual(await seal(iv, text('message')), first);
  },
};

export const missingArguments = {
  async test() {
    const needs = (promise, method, index, type) => assert.rejects(promise,
      { name: 'TypeError', message: `Failed to execute '${method}' on 'SubtleCrypto': parameter ${index} is not of type '${type}'.` });
    await needs(subtle.importKey(), 'importKey', 1, 'string');
    await needs(subtle.exportKey(), 'exportKey', 1, 'string');
    await needs(subtle.wrapKey(), 'wrapKey', 1, 'string');
    await needs(subtle.unwrapKey(), 'unwrapKey', 1, 'string');
    await needs(subtle.importKey('raw', new Uint8Array(16), 'AES-GCM'), 'importKey', 4, 'boolean');
    // What is given and undefined is something else.
    await assert.rejects(subtle.importKey(undefined, new Uint8Array(16), 'AES-GCM', false, []),
      { name: 'NotSupportedError', message: 'Unrecognized key import format "undefined".' });
    assert.strictEqual((await subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', undefined, ['encrypt'])).extractable, false);
  },
};

/** What OpenSSL has no plain word for is no key either. */
export const strangeKeys = {
  async test() {
    const { privateKey } = await subtle.generateKey('Ed25519', true, ['sign']);
    const der = new Uint8Array(await subtle.exportKey('pkcs8', privateKey));
    await assert.rejects(subtle.importKey('pkcs8', der.with(11, der[11] ^ 1), 'Ed25519', true, ['sign']),
      { name: 'DataError', message: 'Invalid PKCS8 input.' });
    // secp256k1
    const spki = Uint8Array.fromHex('3056301006072a8648ce3d020106052b8104000a034200' + '0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798' +
      '483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8');
    await assert.rejects(subtle.importKey('spki', spki, { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify']),
      { name: 'DataError', message: 'Invalid SPKI input.' });
  },
};

/** Large chunks are digested in another thread, in their order. */
export const digestsOfLargeChunks = {
  async test() {
    const chunks = [5 << 20, 10, 4 << 20, 1000].map((size, i) => new Uint8Array(size).fill(i + 1));
    const stream = new crypto.DigestStream('SHA-256');
    const writer = stream.getWriter();
    for (const chunk of chunks) writer.write(chunk);
    await writer.close();
    assert.strictEqual(hex(await stream.digest), hex(await subtle.digest('SHA-256', Buffer.concat(chunks))));
    assert.strictEqual(stream.bytesWritten, BigInt(chunks.reduce((sum, { length }) => sum + length, 0)));
  },
};

/** An RSA key of its modulus and exponents alone: the factors are found, in no time. */
export const rsaWithoutFactors = {
  async test() {
    const algorithm = { name: 'RSA-PSS', hash: 'SHA-256' };
    const { privateKey, publicKey } = await subtle.generateKey(
      { ...algorithm, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }, true, ['sign', 'verify']);
    const { kty, n, e, d } = await subtle.exportKey('jwk', privateKey);
    const key = await subtle.importKey('jwk', { kty, n, e, d }, algorithm, true, ['sign']);
    const signature = await subtle.sign({ name: 'RSA-PSS', saltLength: 32 }, key, text('data'));
    assert.strictEqual(await subtle.verify({ name: 'RSA-PSS', saltLength: 32 }, publicKey, signature, text('data')), true);
    await assert.rejects(subtle.importKey('jwk', { kty, n, e, d: `A${d.slice(1)}` }, algorithm, true, ['sign']), { name: 'DataError' });
  },
};
