// node:crypto. https://nodejs.org/api/crypto.html
import { ERR_INVALID_ARG_TYPE, ERR_METHOD_NOT_IMPLEMENTED } from './internal/errors';
import * as cipher from './crypto/cipher';
import constants from './data/crypto-constants.json';
import * as dh from './crypto/dh';
import * as hashes from './crypto/hash';
import * as kdf from './crypto/kdf';
import * as keys from './crypto/keys';
import * as random from './crypto/random';
import * as signing from './crypto/sign';
import { isBytes } from './crypto/util';
import { Certificate, X509Certificate } from './crypto/x509';

const { web, native } = internals;

function timingSafeEqual(a: any, b: any): boolean {
  if (!isBytes(a)) throw new ERR_INVALID_ARG_TYPE('buf1', ['ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'], a);
  if (!isBytes(b)) throw new ERR_INVALID_ARG_TYPE('buf2', ['ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'], b);
  if (a.byteLength !== b.byteLength) {
    const error: any = new RangeError('Input buffers must have the same byte length');
    error.code = 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH';
    throw error;
  }
  return native.timingSafeEqual(a, b);
}

/** The ciphers without an initialization vector were taken out of Node. */
function removed(name: string): any {
  return { [name]() { throw new ERR_METHOD_NOT_IMPLEMENTED(name); } }[name];
}

function getRandomValues(array: any): any {
  return web.crypto.getRandomValues(array);
}

const api: any = {
  constants: Object.freeze(Object.assign(Object.create(null), constants)),
  DiffieHellman: dh.DiffieHellman, DiffieHellmanGroup: dh.DiffieHellmanGroup, createDiffieHellman: dh.createDiffieHellman,
  createDiffieHellmanGroup: dh.createDiffieHellmanGroup, getDiffieHellman: dh.getDiffieHellman, diffieHellman: dh.diffieHellman, ECDH: dh.ECDH,
  createECDH: dh.createECDH,
  KeyObject: keys.KeyObject, PublicKeyObject: keys.PublicKeyObject, PrivateKeyObject: keys.PrivateKeyObject, SecretKeyObject: keys.SecretKeyObject,
  generateKey: keys.generateKey, generateKeyPair: keys.generateKeyPair, generateKeyPairSync: keys.generateKeyPairSync,
  generateKeySync: keys.generateKeySync, createPrivateKey: keys.createPrivateKey, createPublicKey: keys.createPublicKey,
  createSecretKey: keys.createSecretKey,
  getRandomValues, pseudoRandomBytes: random.randomBytes, randomBytes: random.randomBytes, randomFillSync: random.randomFillSync,
  randomFill: random.randomFill, randomInt: random.randomInt, randomUUID: random.randomUUID, generatePrime: random.generatePrime,
  generatePrimeSync: random.generatePrimeSync, checkPrime: random.checkPrime, checkPrimeSync: random.checkPrimeSync,
  Hash: hashes.Hash, Hmac: hashes.Hmac, createHash: hashes.createHash, createHmac: hashes.createHmac, getHashes: hashes.getHashes,
  hash: hashes.hash,
  hkdf: kdf.hkdf, hkdfSync: kdf.hkdfSync, pbkdf2: kdf.pbkdf2, pbkdf2Sync: kdf.pbkdf2Sync, scrypt: kdf.scrypt, scryptSync: kdf.scryptSync,
  getCiphers: cipher.getCiphers, getCurves: dh.getCurves,
  secureHeapUsed: () => ({ total: 0, used: 0, utilization: 0, min: 0 }),
  setEngine: removed('setEngine'), timingSafeEqual, getFips: () => 1, setFips: removed('setFips'),
  subtle: web.crypto?.subtle, webcrypto: web.crypto,
  Certificate, X509Certificate, createSign: signing.createSign, createVerify: signing.createVerify, sign: signing.sign, verify: signing.verify,
  Sign: signing.Sign, Verify: signing.Verify, Cipheriv: cipher.Cipheriv, Decipheriv: cipher.Decipheriv, createCipheriv: cipher.createCipheriv,
  createDecipheriv: cipher.createDecipheriv, publicDecrypt: cipher.publicDecrypt, publicEncrypt: cipher.publicEncrypt,
  privateDecrypt: cipher.privateDecrypt, privateEncrypt: cipher.privateEncrypt, getCipherInfo: cipher.getCipherInfo,
  CryptoKey: web.CryptoKey,
};
if (!internals.flags.remove_nodejs_compat_eol_v22) {
  Object.assign(api, { createCipher: removed('createCipher'), createDecipher: removed('createDecipher'), Cipher: removed('Cipher'), Decipher: removed('Decipher') });
}
Object.defineProperty(api, 'fips', {
  enumerable: true, configurable: true,
  get: () => true,
  set() { throw new ERR_METHOD_NOT_IMPLEMENTED('setFips'); },
});
export default api;
