// Buffer, streams, zlib, crypto.
import assert from 'node:assert/strict';
import { Blob, Buffer, isUtf8, transcode } from 'node:buffer';
import crypto from 'node:crypto';
import { Duplex, PassThrough, Readable, Transform, Writable, finished, pipeline } from 'node:stream';
import { pipeline as piped } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import zlib from 'node:zlib';

export const buffers = {
  test() {
    assert.equal(Buffer.from('héllo', 'latin1').toString('hex'), '68e96c6c6f');
    assert.equal(Buffer.from('aGk-_w', 'base64').toString('base64url'), 'aGk-_w');
    assert.equal(Buffer.from('zz', 'hex').length, 0);
    assert.equal(Buffer.from('ab', 'utf16le').toString('ucs2'), 'ab');
    const b = Buffer.alloc(16);
    b.writeDoubleBE(0.5, 0);
    b.writeBigInt64LE(-2n, 8);
    assert.deepEqual([b.readDoubleBE(0), b.readBigInt64LE(8), b.readUIntBE(8, 6)], [0.5, -2n, 0xfeffffffffff]);
    assert.throws(() => b.readInt32LE(13), { code: 'ERR_OUT_OF_RANGE' });
    assert.throws(() => b.writeUInt8(256), { code: 'ERR_OUT_OF_RANGE' });
    assert.equal(Buffer.from('abcabc').lastIndexOf('bc'), 4);
    assert.ok(Buffer.compare(Buffer.from('a'), Buffer.from('b')) < 0);
    assert.deepEqual(Buffer.concat([Buffer.from('a'), Buffer.from('bc')], 2), Buffer.from('ab'));
    assert.equal(JSON.stringify(Buffer.from('a')), '{"type":"Buffer","data":[97]}');
    assert.equal(transcode(Buffer.from('€'), 'utf8', 'utf16le').toString('hex'), 'ac20');
    assert.ok(isUtf8(Buffer.from('é')) && !isUtf8(Buffer.from([0xff])));
    assert.ok(Blob === globalThis.Blob);
  },
};
export const streams = {
  async test() {
    const upper = new Transform({ transform(chunk, encoding, callback) { callback(null, String(chunk).toUpperCase()); } });
    assert.equal(await text(Readable.from(['a', 'b']).pipe(upper)), 'AB');
    const out = [];
    await piped(Readable.from([1, 2, 3]), async function* (source) { for await (const x of source) yield x * 2; },
      new Writable({ objectMode: true, write(chunk, encoding, callback) { out.push(chunk); callback(); } }));
    assert.deepEqual(out, [2, 4, 6]);
    await assert.rejects(promisify(pipeline)(new Readable({ read() { this.destroy(new Error('broken')); } }), new PassThrough()), { message: 'broken' });
    assert.equal(await new Response(Readable.toWeb(Readable.from([Buffer.from('web')]))).text(), 'web');
    assert.equal(await text(Readable.fromWeb(new Response('node').body)), 'node');
    assert.deepEqual(await Readable.from([1, 2, 3, 4]).filter((x) => x % 2).map((x) => x + 1).toArray(), [2, 4]);
    const duplex = new Duplex({ read() {}, write(chunk, encoding, callback) { callback(); } });
    const closed = new Promise((resolve) => finished(duplex, resolve));
    duplex.destroy(new Error('gone'));
    assert.equal((await closed).message, 'gone');
  },
};
/** Writes before a stream is constructed keep their order. */
export const earlyWrites = {
  async test() {
    const got = [];
    const slow = new Writable({
      construct(callback) { queueMicrotask(() => queueMicrotask(callback)); },
      write(chunk, encoding, callback) { got.push(String(chunk)); callback(); },
    });
    slow.write('1');
    for (const x of ['2', '3', '4']) { await null; slow.write(x); }
    await new Promise((resolve) => slow.end(resolve));
    assert.equal(got.join(''), '1234');
  },
};
const ROUND = [['gzip', 'gunzip'], ['deflate', 'inflate'], ['deflateRaw', 'inflateRaw'], ['brotliCompress', 'brotliDecompress'], ['zstdCompress', 'zstdDecompress']];
export const compression = {
  async test() {
    const data = Buffer.from('compress me '.repeat(5000));
    for (const [pack, unpack] of ROUND) {
      const packed = zlib[`${pack}Sync`](data);
      assert.ok(packed.length < data.length / 10, pack);
      assert.deepEqual(zlib[`${unpack}Sync`](packed), data, unpack);
      assert.deepEqual(await promisify(zlib[unpack])(await promisify(zlib[pack])(data)), data);
      const stream = zlib[`create${unpack[0].toUpperCase()}${unpack.slice(1)}`]();
      for (let i = 0; i < packed.length; i += 7) stream.write(packed.subarray(i, i + 7));
      stream.end();
      assert.deepEqual(Buffer.concat(await stream.toArray()), data, `${unpack} in pieces`);
      await assert.rejects(promisify(zlib[unpack])(Buffer.from('this is not compressed')));
      assert.throws(() => zlib[`${unpack}Sync`](packed, { maxOutputLength: 100 }), RangeError);
      assert.throws(() => zlib[`${unpack}Sync`](packed.subarray(0, packed.length - 4)), /[uU]nexpected end of file/);
    }
    assert.equal(zlib.crc32('hello'), 0x3610a686);
    assert.deepEqual(zlib.gunzipSync(Buffer.concat([zlib.gzipSync('a'), zlib.gzipSync('b')])).toString(), 'ab');
    const dictionary = Buffer.from('compress me');
    assert.equal(zlib.inflateSync(zlib.deflateSync('compress me!', { dictionary }), { dictionary }).toString(), 'compress me!');
    assert.throws(() => zlib.gzipSync('a', { level: 12 }), { code: 'ERR_OUT_OF_RANGE' });
  },
};
export const compressionStreams = {
  async test() {
    // Flushes make what was written so far readable, and parameters may change on the way.
    const deflate = zlib.createDeflate({ level: 0 });
    const chunks = [];
    deflate.on('data', (chunk) => chunks.push(chunk));
    deflate.write('first ');
    await new Promise((resolve) => deflate.flush(resolve));
    assert.equal(zlib.inflateSync(Buffer.concat(chunks), { finishFlush: zlib.constants.Z_SYNC_FLUSH }).toString(), 'first ');
    await new Promise((resolve, reject) => deflate.params(9, zlib.constants.Z_DEFAULT_STRATEGY, (e) => (e ? reject(e) : resolve())));
    deflate.end('second');
    await new Promise((resolve) => deflate.on('end', resolve));
    assert.equal(zlib.inflateSync(Buffer.concat(chunks)).toString(), 'first second');
  },
};
export const digests = {
  test() {
    assert.equal(crypto.createHash('sha256').update('abc').digest('hex'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    assert.equal(crypto.createHash('md5').update('').digest('base64'), '1B2M2Y8AsgTpgAmY7PhCfg==');
    assert.equal(crypto.createHmac('sha1', 'key').update('The quick brown fox jumps over the lazy dog').digest('hex'), 'de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9');
    assert.equal(crypto.hash('sha1', 'abc'), 'a9993e364706816aba3e25717850c26c9cd0d89d');
    assert.throws(() => crypto.createHash('nope'), { message: 'Digest method not supported' });
    const hash = crypto.createHash('sha1').update('a');
    hash.digest();
    assert.throws(() => hash.update('b'), { code: 'ERR_CRYPTO_HASH_FINALIZED' });
    // RFC 6070, RFC 5869 (test case 1), RFC 7914.
    assert.equal(crypto.pbkdf2Sync('password', 'salt', 2, 20, 'sha1').toString('hex'), 'ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957');
    assert.equal(crypto.pbkdf2Sync('password', 'salt', 1, 20, 'sha1').toString('hex'), '0c60c80f961f0e71f3a9b524af6012062fe037a6');
    assert.equal(crypto.scryptSync('', '', 16, { N: 16, r: 1, p: 1 }).toString('hex'), '77d6576238657b203b19ca42c18a0497');
    const okm = crypto.hkdfSync('sha256', Buffer.alloc(22, 0x0b), Buffer.from('000102030405060708090a0b0c', 'hex'), Buffer.from('f0f1f2f3f4f5f6f7f8f9', 'hex'), 42);
    assert.equal(Buffer.from(okm).toString('hex'), '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865');
    assert.ok(crypto.timingSafeEqual(Buffer.from('a'), Buffer.from('a')));
  },
};
export const ciphers = {
  test() {
    const key = Buffer.alloc(32, 1);
    for (const [name, iv] of [['aes-256-cbc', 16], ['aes-256-ctr', 16], ['aes-256-gcm', 12]]) {
      const cipher = crypto.createCipheriv(name, key, Buffer.alloc(iv, 2));
      const sealed = Buffer.concat([cipher.update('some text', 'utf8'), cipher.final()]);
      const decipher = crypto.createDecipheriv(name, key, Buffer.alloc(iv, 2));
      if (name.endsWith('gcm')) decipher.setAuthTag(cipher.getAuthTag());
      assert.equal(decipher.update(sealed, undefined, 'utf8') + decipher.final('utf8'), 'some text');
    }
    const wrong = crypto.createDecipheriv('aes-256-gcm', key, Buffer.alloc(12, 2));
    wrong.setAuthTag(Buffer.alloc(16));
    wrong.update('00', 'hex');
    assert.throws(() => wrong.final());
    assert.throws(() => crypto.createCipheriv('aes-256-cbc', Buffer.alloc(3), Buffer.alloc(16)), RangeError);
  },
};
export const keys = {
  async test() {
    const { publicKey, privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const signature = crypto.sign('sha256', Buffer.from('m'), privateKey);
    assert.ok(crypto.verify('sha256', Buffer.from('m'), publicKey, signature));
    assert.ok(!crypto.verify('sha256', Buffer.from('n'), publicKey, signature));
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'secret' });
    assert.match(pem, /^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
    assert.ok(crypto.createPrivateKey({ key: pem, passphrase: 'secret' }).equals(privateKey));
    assert.throws(() => crypto.createPrivateKey({ key: pem, passphrase: 'wrong' }));
    const jwk = publicKey.export({ format: 'jwk' });
    assert.ok(crypto.createPublicKey({ key: jwk, format: 'jwk' }).equals(publicKey));
    const web = await globalThis.crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt']);
    assert.equal(crypto.KeyObject.from(web).symmetricKeySize, 16);
    const one = crypto.createECDH('prime256v1');
    const two = crypto.createECDH('prime256v1');
    one.generateKeys();
    two.generateKeys();
    assert.deepEqual(one.computeSecret(two.getPublicKey()), two.computeSecret(one.getPublicKey()));
  },
};
export const randomness = {
  async test() {
    assert.equal(crypto.randomBytes(8).length, 8);
    assert.match(crypto.randomUUID(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    for (let i = 0; i < 100; i++) assert.ok([5, 6, 7].includes(crypto.randomInt(5, 8)));
    assert.ok(crypto.checkPrimeSync(crypto.generatePrimeSync(64)));
    assert.equal((await promisify(crypto.randomFill)(Buffer.alloc(4))).length, 4);
  },
};
