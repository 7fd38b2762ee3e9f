// KeyObject and what makes, reads and writes keys. https://nodejs.org/api/crypto.html#class-keyobject
import { Buffer } from '../buffer';
import {
  ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE, ERR_INCOMPATIBLE_OPTION_PAIR, ERR_INVALID_ARG_TYPE, ERR_METHOD_NOT_IMPLEMENTED, ERR_MISSING_OPTION,
} from '../internal/errors';
import { isUint8Array } from '../internal/types';
import {
  validateFunction, validateInt32, validateInteger, validateObject, validateOneOf, validateString, validateUint32,
} from '../internal/validators';
import { kKeyObject } from '../util-types';
import { sync } from './ops';
import { isBytes, output, toBigInt, toBytes } from './util';

interface KeyData {
  type: 'secret' | 'public' | 'private';
  /** PKCS #8 or SubjectPublicKeyInfo; the bytes themselves of a secret key. */
  der: Uint8Array;
  /** Node's asymmetricKeyType. */
  kind?: string;
  /** False: from a CryptoKey that must not be shown. */
  extractable?: boolean;
}
const key_ops = {
  import: sync<KeyData>('key_import'), public: sync<KeyData>('key_public'), details: sync<any>('key_details'), export: sync<any>('key_export'),
  equals: sync<boolean>('key_equals'), rsa: sync<KeyData[]>('generate_rsa'), ec: sync<KeyData[]>('generate_ec'),
  okp: sync<KeyData[]>('generate_okp'), dh: sync<KeyData[]>('generate_dh'),
};
const kInspect = Symbol.for('nodejs.util.inspect.custom');
const WHATEVER = ['ArrayBuffer', 'Buffer', 'TypedArray', 'DataView', 'string', 'object'];
let making: KeyData | undefined;
let dataOf: (key: any) => KeyData;

function checkExportOptions(options: any, type: string, name = 'options'): any {
  validateObject(options, name);
  const out: any = { ...options };
  if (out.format !== undefined) validateString(out.format, `${name}.format`);
  else out.format = 'buffer';
  if (out.type !== undefined) validateString(out.type, `${name}.type`);
  if (type === 'private' && out.cipher !== undefined) {
    validateString(out.cipher, `${name}.cipher`);
    if (typeof out.passphrase === 'string') out.passphrase = Buffer.from(out.passphrase, out.encoding);
    if (!isUint8Array(out.passphrase)) throw new ERR_INVALID_ARG_TYPE(`${name}.passphrase`, ['string', 'Uint8Array'], out.passphrase);
  }
  return out;
}

export let isKeyObject: (value: unknown) => value is KeyObject;
export class KeyObject {
  #data: KeyData;
  constructor() {
    if (making === undefined) throw new Error('Illegal constructor');
    this.#data = making;
    making = undefined;
  }
  static {
    dataOf = (key) => key.#data;
    isKeyObject = (value): value is KeyObject => typeof value === 'object' && value !== null && #data in value;
  }
  static from(key: any): KeyObject {
    if (!internals.isCryptoKey(key)) throw new ERR_INVALID_ARG_TYPE('key', 'CryptoKey', key);
    return fromCryptoKey(key);
  }
  get type(): string {
    return this.#data.type;
  }
  export(options: any = {}): any {
    validateObject(options, 'options');
    return exportKey(this.#data, checkExportOptions(options, this.#data.type));
  }
  equals(other: any): boolean {
    if (this === other) return true;
    if (!isKeyObject(other)) throw new ERR_INVALID_ARG_TYPE('otherKeyObject', 'KeyObject', other);
    const a = this.#data;
    const b = dataOf(other);
    if (a.type !== b.type || a.extractable === false || b.extractable === false) return false;
    if (a.type === 'secret') return a.der.length === b.der.length && (a.der.length === 0 || internals.native.timingSafeEqual(a.der, b.der));
    return a.kind === b.kind && key_ops.equals(a.der, b.der, a.type === 'private');
  }
  get [Symbol.toStringTag](): string {
    return 'KeyObject';
  }
}
/** True for real KeyObjects only. */
Object.defineProperty(KeyObject.prototype, kKeyObject, { value: true });
Object.defineProperty(KeyObject, 'name', { value: 'KeyObject' });

abstract class AsymmetricKeyObject extends KeyObject {
  get asymmetricKeyDetails(): any {
    const { der, type } = dataOf(this);
    const details = key_ops.details(der, type === 'private');
    if (details.publicExponent !== undefined) details.publicExponent = toBigInt(details.publicExponent);
    return details;
  }
  get asymmetricKeyType(): string {
    return dataOf(this).kind!;
  }
  toCryptoKey(): never {
    throw new ERR_METHOD_NOT_IMPLEMENTED('toCryptoKey');
  }
  [kInspect](depth: number, options: any): any {
    if (depth < 0) return this;
    const inner = { ...options, depth: options.depth == null ? null : options.depth - 1 };
    return `${this.constructor.name} ${internals.inspect.inspect({ type: this.asymmetricKeyType, details: this.asymmetricKeyDetails }, inner)}`;
  }
}
export class PublicKeyObject extends AsymmetricKeyObject {}
export class PrivateKeyObject extends AsymmetricKeyObject {}
export class SecretKeyObject extends KeyObject {
  get symmetricKeySize(): number {
    return dataOf(this).der.length;
  }
  [kInspect](depth: number, options: any): any {
    if (depth < 0) return this;
    const inner = { ...options, depth: options.depth == null ? null : options.depth - 1 };
    return `${this.constructor.name} ${internals.inspect.inspect({ size: this.symmetricKeySize }, inner)}`;
  }
}

export function makeKey(data: KeyData): any {
  making = data;
  try {
    return data.type === 'secret' ? new SecretKeyObject() : data.type === 'public' ? new PublicKeyObject() : new PrivateKeyObject();
  } finally {
    making = undefined;
  }
}

const KINDS: Record<string, string> = {
  'RSASSA-PKCS1-v1_5': 'rsa', 'RSA-PSS': 'rsa', 'RSA-OAEP': 'rsa', RSA: 'rsa', ECDSA: 'ec', ECDH: 'ec', Ed25519: 'ed25519', X25519: 'x25519',
  'NODE-ED25519': 'ed25519', EdDSA: 'ed25519',
};
function fromCryptoKey(key: any): any {
  const { type, bytes } = internals.cryptoKeyData(key);
  return makeKey({ type, der: bytes.slice(), extractable: key.extractable, kind: KINDS[key.algorithm.name] ?? key.algorithm.name.toLowerCase() });
}

/** The material of a KeyObject or CryptoKey of one of the given types. */
export function materialOf(key: any, ...types: string[]): KeyData {
  const data = isKeyObject(key) ? dataOf(key) : dataOf(fromCryptoKey(key));
  if (types.length > 0 && !types.includes(data.type)) throw new ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE(data.type, types[0]);
  return data;
}

/** The bytes of a secret key, given in any form. */
export function keyBytes(key: any, encoding?: string): Uint8Array {
  if (isKeyObject(key) || internals.isCryptoKey(key)) return materialOf(key, 'secret').der;
  if (typeof key !== 'string' && !isBytes(key)) {
    throw new ERR_INVALID_ARG_TYPE('key', ['ArrayBuffer', 'Buffer', 'TypedArray', 'DataView', 'string', 'KeyObject', 'CryptoKey'], key);
  }
  return toBytes(key, 'key', encoding).slice();
}

export function exportKey(data: KeyData, options: any): any {
  const { format, type, cipher, passphrase } = options;
  if (data.extractable === false) throw new internals.web.DOMException('Attempt to export non-extractable key.', 'InvalidAccessError');
  if (data.type === 'secret') {
    if (format === 'jwk') return { kty: 'oct', k: Buffer.from(data.der).toString('base64url'), ext: true };
    if (format !== 'buffer') throw new Error('Invalid format for secret key export');
    return Buffer.from(data.der);
  }
  if (format !== 'pem' && format !== 'der' && format !== 'jwk') {
    // Without a format, PEM.
    if (format !== 'buffer' && format !== undefined) throw new Error('Invalid format for asymmetric key export');
  }
  const result = key_ops.export(data.der, data.type === 'private', format === 'buffer' ? 'pem' : format, type, cipher, passphrase);
  return isUint8Array(result) ? output(result) : result;
}

// ---- making key objects
export function createSecretKey(key: any, encoding?: any): any {
  if (key == null) throw new ERR_INVALID_ARG_TYPE('key', ['string', 'ArrayBuffer', 'TypedArray', 'DataView'], key);
  return makeKey({ type: 'secret', der: toBytes(key, 'key', encoding).slice() });
}

function importKey(key: any, isPrivate: boolean): any {
  if (key == null) throw new ERR_INVALID_ARG_TYPE('key', WHATEVER, key);
  const given = typeof key === 'string' || isBytes(key) ? { key, format: 'pem' } : key;
  const { key: data, encoding = 'utf8', format = 'pem', type, passphrase } = given;
  if (data == null || isKeyObject(data) || internals.isCryptoKey(data)) throw new ERR_INVALID_ARG_TYPE('options.key', WHATEVER, data);
  if (typeof data === 'string' || isBytes(data)) {
    validateOneOf(format, 'format', ['pem', 'der']);
    if (type !== undefined) validateOneOf(type, 'type', isPrivate ? ['pkcs1', 'pkcs8', 'sec1'] : ['pkcs1', 'spki']);
    const bytes = toBytes(data, 'key', encoding);
    return makeKey(key_ops.import(bytes, format, type, passphrase != null ? toBytes(passphrase, 'passphrase', encoding) : undefined, isPrivate));
  }
  if (typeof data !== 'object') throw new ERR_INVALID_ARG_TYPE('key', WHATEVER, key);
  return makeKey(key_ops.import({ ...data }, 'jwk', undefined, undefined, isPrivate));
}

export function createPrivateKey(key: any): any {
  return importKey(key, true);
}
export function createPublicKey(key: any): any {
  if (isKeyObject(key) || internals.isCryptoKey(key)) {
    if ((key as any).type !== 'private') throw new ERR_INVALID_ARG_TYPE('key', 'PrivateKeyObject', key);
    return makeKey(key_ops.public(materialOf(key).der));
  }
  return importKey(key, false);
}

/** A private key to work with, from all that may name one. */
export function privateKeyOf(options: any): KeyData {
  if (internals.isCryptoKey(options)) return materialOf(options, 'private');
  if (isKeyObject(options)) {
    if (options.type === 'secret') {
      throw new ERR_INVALID_ARG_TYPE('options', ['PublicKeyObject', 'PrivateKeyObject', 'CryptoKey', 'object'], options.type);
    }
    return materialOf(options, 'private');
  }
  if (options !== null && typeof options === 'object' && !isBytes(options) && (isKeyObject(options.key) || internals.isCryptoKey(options.key))) {
    return privateKeyOf(options.key);
  }
  return dataOf(createPrivateKey(options));
}
/** A key to verify or encrypt with. */
export function publicKeyOf(options: any): KeyData {
  if (internals.isCryptoKey(options) || isKeyObject(options)) return materialOf(options, 'public', 'private');
  if (options !== null && typeof options === 'object' && !isBytes(options) && (isKeyObject(options.key) || internals.isCryptoKey(options.key))) {
    return publicKeyOf(options.key);
  }
  return dataOf(createPublicKey(options));
}

// ---- generating
export function generateKeySync(type: any, options: any): any {
  validateOneOf(type, 'type', ['hmac', 'aes']);
  validateObject(options, 'options');
  const { length } = options;
  if (type === 'hmac') validateInteger(length, 'options.length', 8, 65536);
  else validateOneOf(length, 'options.length', [128, 192, 256]);
  const bytes = new Uint8Array(Math.floor((length as number) / 8));
  internals.requireRequest();
  internals.native.getRandomValues(bytes);
  return makeKey({ type: 'secret', der: bytes });
}
export function generateKey(type: any, options: any, callback: any): void {
  settle(() => [generateKeySync(type, options)], callback);
}

function settle(work: () => unknown[], callback: any): void {
  let results: unknown[];
  try {
    results = work();
  } catch (error) {
    internals.web.queueMicrotask(() => callback(error));
    return;
  }
  internals.web.queueMicrotask(() => callback(null, ...results));
}

function generateDh(options: any): KeyData[] {
  const { prime, primeLength, generator, group, groupName } = options;
  if (generator != null) validateInt32(generator, 'options.generator', 0);
  if (group != null || groupName != null) {
    for (const [name, value] of [['prime', prime], ['primeLength', primeLength], ['generator', generator]]) {
      if (value != null) throw new ERR_INCOMPATIBLE_OPTION_PAIR('group', name);
    }
    const name = group || groupName;
    validateString(name, 'options.group');
    const [groupPrime] = sync<Uint8Array[]>('dh_group')(name);
    return key_ops.dh(groupPrime, 2);
  }
  if (prime != null) {
    if (primeLength != null) throw new ERR_INCOMPATIBLE_OPTION_PAIR('prime', 'primeLength');
    if (!isBytes(prime)) throw new ERR_INVALID_ARG_TYPE('options.prime', ['Buffer', 'TypedArray', 'ArrayBuffer'], prime);
    return key_ops.dh(toBytes(prime, 'options.prime'), generator ?? 2);
  }
  if (primeLength == null) throw new ERR_MISSING_OPTION('At least one of the group, prime, or primeLength options');
  validateInt32(primeLength, 'options.primeLength', 0);
  return key_ops.dh(primeLength, generator ?? 2);
}

export function generateKeyPairSync(type: any, options: any = {}): any {
  validateOneOf(type, 'type', ['rsa', 'ec', 'ed25519', 'x25519', 'dh']);
  validateObject(options, 'options');
  const { modulusLength, publicExponent = 0x10001, namedCurve, paramEncoding = 'named', publicKeyEncoding, privateKeyEncoding } = options;
  const publicForm = publicKeyEncoding === undefined ? undefined : checkExportOptions(publicKeyEncoding, 'public', 'options.publicKeyEncoding');
  const privateForm = privateKeyEncoding === undefined ? undefined : checkExportOptions(privateKeyEncoding, 'private', 'options.privateKeyEncoding');
  let pair: KeyData[];
  if (type === 'rsa') {
    validateUint32(modulusLength, 'options.modulusLength');
    validateUint32(publicExponent, 'options.publicExponent');
    pair = key_ops.rsa(modulusLength, publicExponent);
  } else if (type === 'ec') {
    validateString(namedCurve, 'options.namedCurve');
    validateOneOf(paramEncoding, 'options.paramEncoding', ['named', 'explicit']);
    pair = key_ops.ec(namedCurve);
  } else if (type === 'dh') pair = generateDh(options);
  else pair = key_ops.okp(type);
  return {
    publicKey: publicForm === undefined ? makeKey(pair[0]!) : exportKey(pair[0]!, publicForm),
    privateKey: privateForm === undefined ? makeKey(pair[1]!) : exportKey(pair[1]!, privateForm),
  };
}
export function generateKeyPair(type: any, options: any, callback: any): void {
  if (typeof options === 'function') {
    callback = options;
    options = {};
  }
  validateFunction(callback, 'callback');
  settle(() => {
    const { publicKey, privateKey } = generateKeyPairSync(type, options);
    return [publicKey, privateKey];
  }, callback);
}
Object.defineProperty(generateKeyPair, Symbol.for('nodejs.util.promisify.custom.args'), { value: ['publicKey', 'privateKey'], enumerable: false });
