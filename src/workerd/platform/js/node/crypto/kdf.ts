// hkdf, pbkdf2 and scrypt.
import { ERR_INCOMPATIBLE_OPTION_PAIR, ERR_INVALID_ARG_TYPE } from '../internal/errors';
import { validateFunction, validateInt32, validateInteger, validateObject, validateString, validateUint32 } from '../internal/validators';
import { isKeyObject, keyBytes } from './keys';
import { later, sync } from './ops';
import { isBytes, output, toBytes } from './util';

const kdf_ops = {
  hkdf: sync<Uint8Array>('hkdf'), hkdfLater: later<Uint8Array>('hkdf'), pbkdf2: sync<Uint8Array>('pbkdf2'),
  pbkdf2Later: later<Uint8Array>('pbkdf2'), scrypt: sync<Uint8Array>('scrypt'), scryptLater: later<Uint8Array>('scrypt'),
};
const MAX_LENGTH = 2147483647;
const SOURCES = ['string', 'ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'];

/** Calls a callback with what a promise becomes; what the callback throws is nobody's to catch. */
export function finish(promise: Promise<any>, callback: (...args: any[]) => void, map: (value: any) => any = (v) => v): void {
  promise.then((value) => internals.web.queueMicrotask(() => callback(null, map(value))), (error) => internals.web.queueMicrotask(() => callback(error)));
}

function toArrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.byteLength === bytes.byteLength ? bytes.buffer as ArrayBuffer : bytes.slice().buffer as ArrayBuffer;
}

function hkdfArguments(digest: any, key: any, salt: any, info: any, length: any): any[] {
  validateString(digest, 'digest');
  let ikm: Uint8Array;
  if (isKeyObject(key) || internals.isCryptoKey(key)) ikm = keyBytes(key);
  else if (typeof key === 'string' || isBytes(key)) ikm = toBytes(key, 'ikm');
  else throw new ERR_INVALID_ARG_TYPE('ikm', ['string', 'SecretKeyObject', 'ArrayBuffer', 'TypedArray', 'DataView', 'Buffer'], key);
  const saltBytes = toBytes(salt, 'salt', undefined, SOURCES);
  const infoBytes = toBytes(info, 'info', undefined, SOURCES);
  validateInteger(length, 'length', 0, MAX_LENGTH);
  if (infoBytes.byteLength > 1024) {
    const error: any = new RangeError(`The value of "info" is out of range. It must be must not contain more than 1024 bytes. Received ${infoBytes.byteLength}`);
    error.code = 'ERR_OUT_OF_RANGE';
    throw error;
  }
  return [digest, ikm, saltBytes, infoBytes, length];
}
export function hkdf(digest: any, key: any, salt: any, info: any, length: any, callback: any): void {
  const args = hkdfArguments(digest, key, salt, info, length);
  validateFunction(callback, 'callback');
  finish(kdf_ops.hkdfLater(...args), callback, toArrayBuffer);
}
export function hkdfSync(digest: any, key: any, salt: any, info: any, length: any): ArrayBuffer {
  return toArrayBuffer(kdf_ops.hkdf(...hkdfArguments(digest, key, salt, info, length)));
}

function pbkdf2Arguments(password: any, salt: any, iterations: any, length: any, digest: any): any[] {
  validateString(digest, 'digest');
  const secret = toBytes(password, 'password', undefined, SOURCES);
  const saltBytes = toBytes(salt, 'salt', undefined, SOURCES);
  validateInt32(iterations, 'iterations', 1);
  validateInt32(length, 'keylen', 0);
  return [digest, secret, saltBytes, iterations, length];
}
export function pbkdf2(password: any, salt: any, iterations: any, length: any, digest: any, callback: any): void {
  if (typeof digest === 'function') {
    // Without a digest the callback stands in its place.
    callback = digest;
    digest = undefined;
  }
  const args = pbkdf2Arguments(password, salt, iterations, length, digest);
  validateFunction(callback, 'callback');
  finish(kdf_ops.pbkdf2Later(...args), callback, (bytes) => output(bytes));
}
export function pbkdf2Sync(password: any, salt: any, iterations: any, length: any, digest: any): any {
  return output(kdf_ops.pbkdf2(...pbkdf2Arguments(password, salt, iterations, length, digest)));
}

const DEFAULTS = { N: 16384, r: 8, p: 1, maxmem: 32 * 1024 * 1024 };
function scryptArguments(password: any, salt: any, length: any, options: any): any[] {
  const secret = toBytes(password, 'password', undefined, SOURCES);
  const saltBytes = toBytes(salt, 'salt', undefined, SOURCES);
  validateInteger(length, 'keylen', 0, MAX_LENGTH);
  let { N, r, p, maxmem } = DEFAULTS;
  if (options && options !== DEFAULTS) {
    const pick = (short: string, long: string, fallback: number): number => {
      const hasShort = options[short] !== undefined;
      if (hasShort) validateUint32(options[short], short);
      if (options[long] !== undefined) {
        if (hasShort) throw new ERR_INCOMPATIBLE_OPTION_PAIR(short, long);
        validateUint32(options[long], long);
      }
      return options[short] ?? options[long] ?? fallback;
    };
    N = pick('N', 'cost', N);
    r = pick('r', 'blockSize', r);
    p = pick('p', 'parallelization', p);
    if (options.maxmem !== undefined) {
      maxmem = options.maxmem;
      validateInteger(maxmem, 'maxmem', 0);
    }
    N ||= DEFAULTS.N;
    r ||= DEFAULTS.r;
    p ||= DEFAULTS.p;
    maxmem ||= DEFAULTS.maxmem;
  }
  return [secret, saltBytes, N, r, p, maxmem, length];
}
export function scrypt(password: any, salt: any, length: any, options: any, callback: any): void {
  if (callback === undefined) {
    callback = options;
    options = undefined;
  } else validateObject(options, 'options');
  const args = scryptArguments(password, salt, length, options);
  validateFunction(callback, 'callback');
  finish(kdf_ops.scryptLater(...args), callback, (bytes) => output(bytes));
}
export function scryptSync(password: any, salt: any, length: any, options?: any): any {
  return output(kdf_ops.scrypt(...scryptArguments(password, salt, length, options)));
}
