// Cipheriv, Decipheriv, getCipherInfo, and encryption with RSA keys.
import { Buffer } from '../buffer';
import { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_MISSING_ARGS } from '../internal/errors';
import { validateNumber, validateObject, validateString, validateUint32 } from '../internal/validators';
import { Transform } from '../stream';
import { isKeyObject, materialOf, privateKeyOf, publicKeyOf } from './keys';
import { sync, wrapHandle } from './ops';
import { isBytes, output, toBytes } from './util';

const cipher_ops = { start: sync<any>('cipher'), info: sync<any>('cipher_info'), rsa: sync<Uint8Array>('rsa') };
const kHandle = Symbol('kHandle');
const kPending = Symbol('kPending');

function secretOf(key: any): Uint8Array {
  if (internals.isCryptoKey(key) || isKeyObject(key)) return materialOf(key, 'secret').der;
  if (typeof key !== 'string' && !isBytes(key)) {
    throw new ERR_INVALID_ARG_TYPE('key', ['string', 'Buffer', 'TypedArray', 'DataView', 'KeyObject', 'CryptoKey'], key);
  }
  return toBytes(key, 'key');
}

function ivOf(iv: any): Uint8Array {
  if (iv === null) return new Uint8Array(0);
  return toBytes(iv, 'iv', undefined, ['string', 'Buffer', 'TypedArray', 'DataView', 'null']);
}

function start(self: any, encrypt: boolean, algorithm: any, key: any, iv: any, options: any): void {
  validateString(algorithm, 'algorithm');
  const secret = secretOf(key);
  const vector = ivOf(iv);
  const tagLength = options?.authTagLength ?? options?.authLengthTag;
  if (tagLength !== undefined) validateUint32(tagLength, 'options.authTagLength');
  self[kHandle] = wrapHandle(cipher_ops.start(encrypt, algorithm, secret, vector, tagLength));
  Reflect.apply(Transform, self, [options]);
}

function dataBytes(data: any, encoding: any): Uint8Array {
  if (typeof data === 'string') {
    if (encoding === undefined) {
      throw new ERR_INVALID_ARG_VALUE('inputEncoding', encoding, 'If inputEncoding is not provided then the data must be a Buffer');
    }
    return Buffer.from(data, encoding);
  }
  return toBytes(data, 'data', undefined, ['string', 'Buffer', 'TypedArray', 'DataView']);
}

export function Cipheriv(this: any, algorithm: any, key: any, iv: any, options: any = {}): any {
  if (!(this instanceof Cipheriv)) return new (Cipheriv as any)(algorithm, key, iv, options);
  start(this, true, algorithm, key, iv, options);
  return undefined;
}
export function Decipheriv(this: any, algorithm: any, key: any, iv: any, options: any = {}): any {
  if (!(this instanceof Decipheriv)) return new (Decipheriv as any)(algorithm, key, iv, options);
  start(this, false, algorithm, key, iv, options);
  return undefined;
}

const shared: any = {
  update(this: any, data: any, inputEncoding?: any, outputEncoding?: any): any {
    return output(this[kHandle].update(dataBytes(data, inputEncoding)), outputEncoding);
  },
  final(this: any, outputEncoding?: any): any {
    return output(this[kHandle].final(), outputEncoding);
  },
  setAAD(this: any, buffer: any, options: any = {}): any {
    validateObject(options, 'options');
    const { plaintextLength, encoding } = options;
    if (plaintextLength !== undefined) validateUint32(plaintextLength, 'options.plaintextLength');
    if (encoding !== undefined) validateString(encoding, 'options.encoding');
    this[kHandle].setAAD(toBytes(buffer, 'buffer', encoding));
    return this;
  },
  setAutoPadding(this: any, autoPadding: any = true): any {
    this[kHandle].setAutoPadding(Boolean(autoPadding));
    return this;
  },
  _transform(this: any, chunk: any, encoding: any, callback: any): void {
    try {
      this.push(output(this[kHandle].update(toBytes(chunk, 'chunk', encoding))));
    } catch (e) {
      callback(e);
      return;
    }
    callback();
  },
  _flush(this: any, callback: any): void {
    try {
      this.push(output(this[kHandle].final()));
    } catch (e) {
      callback(e);
      return;
    }
    callback();
  },
};
for (const Class of [Cipheriv, Decipheriv] as any[]) {
  Object.setPrototypeOf(Class.prototype, Transform.prototype);
  Object.setPrototypeOf(Class, Transform);
  Object.assign(Class.prototype, shared);
}
Cipheriv.prototype.getAuthTag = function getAuthTag(this: any): any {
  const tag = this[kHandle].getAuthTag();
  return tag === undefined ? undefined : output(tag);
};
Decipheriv.prototype.setAuthTag = function setAuthTag(this: any, tag: any, encoding?: any): any {
  this[kHandle].setAuthTag(toBytes(tag, 'buffer', encoding));
  return this;
};
void kPending;

export function createCipheriv(algorithm: any, key: any, iv: any, options: any = {}): any {
  return new (Cipheriv as any)(algorithm, key, iv, options);
}
export function createDecipheriv(algorithm: any, key: any, iv: any, options: any = {}): any {
  return new (Decipheriv as any)(algorithm, key, iv, options);
}

export function getCipherInfo(nameOrNid: any, options: any = {}): any {
  if (typeof nameOrNid !== 'string' && typeof nameOrNid !== 'number') throw new ERR_INVALID_ARG_TYPE('nameOrId', ['string', 'number'], nameOrNid);
  validateObject(options, 'options');
  return cipher_ops.info(nameOrNid, options.keyLength, options.ivLength);
}
export function getCiphers(): string[] {
  const upper = ['AES-128-CBC', 'AES-192-CBC', 'AES-256-CBC', 'AES-128-CTR', 'AES-192-CTR', 'AES-256-CTR', 'AES-128-ECB', 'AES-192-ECB',
    'AES-256-ECB', 'AES-128-OFB', 'AES-192-OFB', 'AES-256-OFB', 'AES-128-GCM', 'AES-192-GCM', 'AES-256-GCM', 'DES-CBC', 'DES-ECB', 'DES-EDE',
    'DES-EDE-CBC', 'DES-EDE3-CBC', 'RC2-CBC', 'RC4'];
  return [...upper, ...upper.map((name) => name.toLowerCase()), 'chacha20-poly1305'];
}

// ---- RSA. Without a padding named it is PKCS #1, for encryption too: so in the runtime this one is compatible with, not in Node.
const RSA_PKCS1 = 1;

function crypt(action: string, isPrivate: boolean, key: any, buffer: any, defaultPadding: number): any {
  const name = isPrivate ? 'privateKey' : 'key';
  if (key === undefined) throw new ERR_MISSING_ARGS(name);
  if (buffer === undefined) throw new ERR_MISSING_ARGS('buffer');
  const data = isPrivate ? privateKeyOf(key) : publicKeyOf(key);
  const options = typeof key === 'object' && key !== null && !isBytes(key) ? key : {};
  const { padding = defaultPadding, oaepHash = 'sha256', oaepLabel, encoding = 'utf8' } = options;
  validateNumber(padding, 'options.padding');
  validateString(oaepHash, 'options.oaepHash');
  const label = oaepLabel === undefined ? undefined
    : toBytes(oaepLabel, 'options.oaepLabel', encoding, ['string', 'Buffer', 'TypedArray', 'DataView', 'ArrayBuffer']);
  return output(cipher_ops.rsa(action, data.der, data.type === 'private', padding, oaepHash, label, toBytes(buffer, 'buffer', encoding)));
}
export function privateEncrypt(key: any, buffer: any): any {
  return crypt('privateEncrypt', true, key, buffer, RSA_PKCS1);
}
export function privateDecrypt(key: any, buffer: any): any {
  return crypt('privateDecrypt', true, key, buffer, RSA_PKCS1);
}
export function publicEncrypt(key: any, buffer: any): any {
  return crypt('publicEncrypt', false, key, buffer, RSA_PKCS1);
}
export function publicDecrypt(key: any, buffer: any): any {
  return crypt('publicDecrypt', false, key, buffer, RSA_PKCS1);
}
