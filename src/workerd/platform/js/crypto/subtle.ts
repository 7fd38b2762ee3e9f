// SubtleCrypto (https://w3c.github.io/webcrypto/#subtlecrypto-interface): arguments, checks that all algorithms share, and promises.
import { byteLengthOf, isBufferSource } from '../blob/bytes';
import { flags } from '../flags';
import { defineInterface, illegalInvocation, inherits } from '../interface';
import { native } from '../ops';
import { JSONParse, JSONStringify, ObjectHasOwn, PromiseReject, PromiseResolve, StringPrototypeToLowerCase } from '../primordials';
import type { Algorithm, Encapsulated, ImportData, Source } from './algorithm';
import * as convert from './convert';
import { cannotTellPublicKey, dataError, invalidAccess, notSupported, syntaxError } from './errors';
import { lookupDigest } from './hash';
import { derivedLength } from './key-length';
import { type CryptoKey, Key, type KeyPair, makeCryptoKey } from './key';
import * as ops from './ops';
import { supports } from './supports';
import { lookupAlgorithm } from './table';
import { Usage, usageName } from './usages';

type Soon<T> = T | Promise<T>;

/** Bytes of a message whose digest takes about half a millisecond. */
const HEAVY_DIGEST = 1 << 19;

let constructing = false;
let isSubtleCrypto: (value: unknown) => boolean;

class SubtleCrypto {
  readonly #brand = true;

  constructor() {
    if (!constructing) throw new TypeError('Illegal constructor');
  }

  static {
    isSubtleCrypto = (value) => typeof value === 'object' && value !== null && #brand in value;
  }

  encrypt(algorithm: unknown = undefined, key: unknown = undefined, data: unknown = undefined): Promise<ArrayBuffer> {
    if (!isSubtleCrypto(this)) throw illegalInvocation();
    return settle(
      () => ({ params: convert.cipherParams(algorithm, 'encrypt', 1), key: convert.keyArgument(key, 'encrypt', 2),
        data: convert.dataArgument(data, 'encrypt', 3) }),
      (call) => {
        checkOperation(call.key, call.params.name, Usage.Encrypt);
        return encryptWith(call.key, call.params, call.data);
      });
  }

  decrypt(algorithm: unknown = undefined, key: unknown = undefined, data: unknown = undefined): Promise<ArrayBuffer> {
    if (!isSubtleCrypto(this)) throw illegalInvocation();
    return settle(
      () => ({ params: convert.cipherParams(algorithm, 'decrypt', 1), key: convert.keyArgument(key, 'decrypt', 2),
        data: convert.dataArgument(data, 'decrypt', 3) }),
      (call) => {
        checkOperation(call.key, call.params.name, Usage.Decrypt);
        return decryptWith(call.key, call.params, call.data);
      });
  }

  sign(algorithm: unknown = undefined, key: unknown = undefined, data: unknown = undefined): Promise<ArrayBuffer> {
    if (!isSubtleCrypto(this)) throw illegalInvocation();
    return settle(
      () => ({ params: convert.signParams(algorithm, 'sign'), key: convert.keyArgument(key, 'sign', 2),
        data: convert.dataArgument(data, 'sign', 3) }),
      (call) => {
        checkOperation(call.key, call.params.name, Usage.Sign);
        const implementation = call.key.algorithm;
        if (implementation.sign === undefined) throw notImplemented('sign operation is', implementation);
        return implementation.sign(call.key, call.params, call.data);
      });
  }

  verify(
    algorithm: unknown = undefined, key: unknown = undefined, signature: unknown = undefined, data: unknown = undefined,
  ): Promise<boolean> {
    if (!isSubtleCrypto(this)) throw illegalInvocation();
    return settle(
      () => ({ params: convert.signParams(algorithm, 'verify'), key: convert.keyArgument(key, 'verify', 2),
        signature: convert.dataArgument(signature, 'verify', 3), data: convert.dataArgument(data, 'verify', 4) }),
      (call) => {
        checkOperation(call.key, call.params.name, Usage.Verify);
        const implementation = call.key.algorithm;
        if (implementation.verify === undefined) throw notImplemented('verify operation is', implementation);
        return implementation.verify(call.key, call.params, call.signature, call.data);
      });
  }

  digest(algorithm: unknown = undefined, data: unknown = undefined): Promise<ArrayBuffer> {
    if (!isSubtleCrypto(this)) throw illegalInvocation();
    return settle(
      () => ({ name: convert.hashParams(algorithm, 'digest'), data: convert.dataArgument(data, 'digest', 2) }),
      (call) => ops.chain(
        ops.run(ops.digest, byteLengthOf(call.data) > HEAVY_DIGEST, lookupDigest(call.name), call.data), ops.bufferOf));
  }

  generateKey(
    algorithm: unknown = undefined, extractable: unknown = undefined, keyUsages: unknown = undefined,
  ): Promise<CryptoKey | CryptoKeyPair> {
    if (!isSubtleCrypto(this)) throw illegalInvocation();
    return settle(
      () => ({ params: convert.generateParams(algorithm, 'generateKey'),
        extractable: convert.extractableArgument(extractable, 'generateKey', 2, arguments.length),
        usages: convert.usagesArgument(keyUsages, 'generateKey', 3) }),
      ({ params, extractable, usages }): Soon<CryptoKey | CryptoKeyPair> => {
        const implementation = lookupAlgorithm(params.name);
        if (implementation?.generateKey === undefined) {
          throw notSupported(`Unrecognized key generation algorithm "${params.name}" requested.`);
        }
        return ops.chain<Key | KeyPair, CryptoKey | CryptoKeyPair>(implementation.generateKey(params, extractable, usages), generated);
      });
  }

  deriveKey(
    algorithm: unknown = undefined, baseKey: unknown = undefined, derivedKeyAlgorithm: unknown = undefined,
    extractable: unknown = undefined, keyUsages: unknown = undefined,
  ): Promise<CryptoKey> {
    if (!isSubtleCrypto(this)) throw illegalInvocation();
    return settle(
      () => ({ params: convert.deriveParams(algorithm, 'deriveKey'), key: convert.keyArgument(baseKey, 'deriveKey', 2),
        derived: convert.importParams(derivedKeyAlgorithm, 'deriveKey', 3),
        extractable: convert.extractableArgument(extractable, 'deriveKey', 4, arguments.length),
        usages: convert.usagesArgument(keyUsages, 'deriveKey', 5) }),
      ({ params, key, derived, extractable, usages }) => {
        checkOperation(key, params.name, Usage.DeriveKey);
        return ops.chain(deriveWith(key, params, derivedLength(derived)), (secret) =>
          ops.chain(importKey(rawFormat(derived.name), secret, derived, extractable, usages), makeCryptoKey));
      });
  }

  deriveBits(algorithm: unknown = undefined, baseKey: unknown = undefined, length: unknown = undefined): Promise<ArrayBuffer> {
    if (!isSubtleCrypto(this)) throw illegalInvocation();
    return settle(
      () => ({ params: convert.deriveParams(algorithm, 'deriveBits'), key: convert.keyArgument(baseKey, 'deriveBits', 2),
        length: convert.lengthArgument(length) }),
      ({ params, key, length }) => {
        checkOperation(key, params.name, Usage.DeriveBits);
        return deriveWith(key, params, length);
      });
  }

  importKey(
    format: unknown = undefined, keyData: unknown = undefined, algorithm: unknown = undefined, extractable: unknown = undefined,
    keyUsages: unknown = undefined,
  ): Promise<CryptoKey> {
    if (!isSubtleCrypto(this)) throw illegalInvocation();
    return settle(
      () => ({ format: convert.formatArgument(format, 'importKey', arguments.length),
        data: convert.importDataArgument(keyData, 'importKey', 2),
        params: convert.importParams(algorithm, 'importKey', 3),
        extractable: convert.extractableArgument(extractable, 'importKey', 4, arguments.length),
        usages: convert.usagesArgument(keyUsages, 'importKey', 5) }),
      (call) => ops.chain(importKey(call.format, call.data, call.params, call.extractable, call.usages), makeCryptoKey));
  }

  exportKey(format: unknown = undefined, key: unknown = undefined): Promise<ArrayBuffer | convert.JsonWebKey> {
    if (!isSubtleCrypto(this)) throw illegalInvocation();
    return settle(
      () => ({ format: convert.formatArgument(format, 'exportKey', arguments.length), key: convert.keyArgument(key, 'exportKey', 2) }),
      (call) => {
        const exported = exportKey(call.format, call.key);
        return call.format === 'jwk' && flags.enable_fast_jsg_struct ? withAllMembers(exported as convert.JsonWebKey) : exported;
      });
  }

  wrapKey(
    format: unknown = undefined, key: unknown = undefined, wrappingKey: unknown = undefined, wrapAlgorithm: unknown = undefined,
  ): Promise<ArrayBuffer> {
    if (!isSubtleCrypto(this)) throw illegalInvocation();
    return settle(
      () => ({ format: convert.formatArgument(format, 'wrapKey', arguments.length), key: convert.keyArgument(key, 'wrapKey', 2),
        wrapping: convert.keyArgument(wrappingKey, 'wrapKey', 3),
        params: convert.cipherParams(wrapAlgorithm, 'wrapKey', 4) }),
      ({ format, key, wrapping, params }) => {
        checkOperation(wrapping, params.name, Usage.WrapKey);
        const exported = exportKey(format, key);
        const data = format === 'jwk' ? native.utf8Encode(JSONStringify(exported)) : exported as ArrayBuffer;
        const implementation = wrapping.algorithm;
        return implementation.wrapKey === undefined ? encryptWith(wrapping, params, data as Source)
          : implementation.wrapKey(wrapping, data as Source);
      });
  }

  unwrapKey(
    format: unknown = undefined, wrappedKey: unknown = undefined, unwrappingKey: unknown = undefined,
    unwrapAlgorithm: unknown = undefined, unwrappedKeyAlgorithm: unknown = undefined, extractable: unknown = undefined,
    keyUsages: unknown = undefined,
  ): Promise<CryptoKey> {
    if (!isSubtleCrypto(this)) throw illegalInvocation();
    return settle(
      () => ({ format: convert.formatArgument(format, 'unwrapKey', arguments.length),
        data: convert.dataArgument(wrappedKey, 'unwrapKey', 2),
        unwrapping: convert.keyArgument(unwrappingKey, 'unwrapKey', 3), params: convert.cipherParams(unwrapAlgorithm, 'unwrapKey', 4),
        derived: convert.importParams(unwrappedKeyAlgorithm, 'unwrapKey', 5),
        extractable: convert.extractableArgument(extractable, 'unwrapKey', 6, arguments.length),
        usages: convert.usagesArgument(keyUsages, 'unwrapKey', 7) }),
      ({ format, data, unwrapping, params, derived, extractable, usages }) => {
        checkOperation(unwrapping, params.name, Usage.UnwrapKey);
        const implementation = unwrapping.algorithm;
        const bytes = implementation.unwrapKey === undefined ? decryptWith(unwrapping, params, data)
          : implementation.unwrapKey(unwrapping, data);
        return ops.chain(bytes, (plain) => {
          const keyData = format === 'jwk' ? parseJwk(plain) : plain;
          return ops.chain(importKey(format, keyData, derived, extractable, usages), makeCryptoKey);
        });
      });
  }

  encapsulateKey(
    algorithm: unknown = undefined, encapsulationKey: unknown = undefined, sharedKeyAlgorithm: unknown = undefined,
    extractable: unknown = undefined, keyUsages: unknown = undefined,
  ): Promise<EncapsulatedKey> {
    if (!isSubtleCrypto(this)) throw illegalInvocation();
    const method = 'encapsulateKey';
    return settle(
      () => ({ params: convert.importParams(algorithm, method, 1), key: convert.keyArgument(encapsulationKey, method, 2),
        shared: convert.importParams(sharedKeyAlgorithm, method, 3),
        extractable: convert.extractableArgument(extractable, method, 4, arguments.length),
        usages: convert.usagesArgument(keyUsages, method, 5) }),
      ({ params, key, shared, extractable, usages }) => {
        const { sharedKey, ciphertext } = encapsulateWith(key, params, Usage.EncapsulateKey);
        return ops.chain(importKey('raw-secret', sharedKey, shared, extractable, usages), (imported): EncapsulatedKey => (
          { sharedKey: makeCryptoKey(imported), ciphertext: ops.bufferOf(ciphertext) }));
      });
  }

  encapsulateBits(algorithm: unknown = undefined, encapsulationKey: unknown = undefined): Promise<EncapsulatedBits> {
    if (!isSubtleCrypto(this)) throw illegalInvocation();
    const method = 'encapsulateBits';
    return settle(
      () => ({ params: convert.importParams(algorithm, method, 1), key: convert.keyArgument(encapsulationKey, method, 2) }),
      ({ params, key }): EncapsulatedBits => {
        const { sharedKey, ciphertext } = encapsulateWith(key, params, Usage.EncapsulateBits);
        return { sharedKey: ops.bufferOf(sharedKey), ciphertext: ops.bufferOf(ciphertext) };
      });
  }

  decapsulateKey(
    algorithm: unknown = undefined, decapsulationKey: unknown = undefined, ciphertext: unknown = undefined,
    sharedKeyAlgorithm: unknown = undefined, extractable: unknown = undefined, keyUsages: unknown = undefined,
  ): Promise<CryptoKey> {
    if (!isSubtleCrypto(this)) throw illegalInvocation();
    const method = 'decapsulateKey';
    return settle(
      () => ({ params: convert.importParams(algorithm, method, 1), key: convert.keyArgument(decapsulationKey, method, 2),
        ciphertext: convert.ciphertextArgument(ciphertext, method), shared: convert.importParams(sharedKeyAlgorithm, method, 4),
        extractable: convert.extractableArgument(extractable, method, 5, arguments.length),
        usages: convert.usagesArgument(keyUsages, method, 6) }),
      (call) => {
        const secret = decapsulateWith(call.key, call.params, Usage.DecapsulateKey, call.ciphertext);
        return ops.chain(importKey('raw-secret', secret, call.shared, call.extractable, call.usages), makeCryptoKey);
      });
  }

  decapsulateBits(
    algorithm: unknown = undefined, decapsulationKey: unknown = undefined, ciphertext: unknown = undefined,
  ): Promise<ArrayBuffer> {
    if (!isSubtleCrypto(this)) throw illegalInvocation();
    const method = 'decapsulateBits';
    return settle(
      () => ({ params: convert.importParams(algorithm, method, 1), key: convert.keyArgument(decapsulationKey, method, 2),
        ciphertext: convert.ciphertextArgument(ciphertext, method) }),
      (call) => ops.bufferOf(decapsulateWith(call.key, call.params, Usage.DecapsulateBits, call.ciphertext)));
  }

  getPublicKey(key: unknown = undefined, keyUsages: unknown = undefined): Promise<CryptoKey> {
    if (!isSubtleCrypto(this)) throw illegalInvocation();
    return settle(
      () => ({ key: convert.keyArgument(key, 'getPublicKey', 1), usages: convert.usagesArgument(keyUsages, 'getPublicKey', 2) }),
      (call) => {
        const { type, algorithm } = call.key;
        if (type === 'secret') throw notSupported('The getPublicKey operation is not supported for symmetric keys.');
        if (type !== 'private') throw invalidAccess('The getPublicKey operation requires a private key.');
        if (algorithm.publicKey === undefined) throw cannotTellPublicKey(algorithm.name);
        return makeCryptoKey(algorithm.publicKey(call.key, call.usages));
      });
  }

  static supports(operation: unknown = undefined, algorithm: unknown = undefined, extra: unknown = undefined): boolean {
    return supports(operation, algorithm, extra);
  }

  timingSafeEqual(a: unknown = undefined, b: unknown = undefined): boolean {
    if (!isSubtleCrypto(this)) throw illegalInvocation();
    const left = convert.dataArgument(a, 'timingSafeEqual', 1);
    const right = convert.dataArgument(b, 'timingSafeEqual', 2);
    if (byteLengthOf(left) !== byteLengthOf(right)) throw new TypeError('Input buffers must have the same byte length.');
    return native.timingSafeEqual(left, right);
  }
}

export interface EncapsulatedKey { sharedKey: CryptoKey; ciphertext: ArrayBuffer }
export interface EncapsulatedBits { sharedKey: ArrayBuffer; ciphertext: ArrayBuffer }
export interface CryptoKeyPair { publicKey: CryptoKey; privateKey: CryptoKey }

/** Errors of an argument throw where async APIs used to (before capture_async_api_throws); those of the operation always reject. */
function settle<A, R>(read: () => A, work: (call: A) => Soon<R>): Promise<R> {
  let call: A;
  try {
    call = read();
  } catch (e) {
    if (!flags.capture_async_api_throws) throw e;
    return PromiseReject(e);
  }
  try {
    const result = work(call);
    return ops.isPending(result) ? result : PromiseResolve(result);
  } catch (e) {
    return PromiseReject(e);
  }
}

function checkOperation(key: Key, name: string, usage: number): void {
  const own = key.algorithm.name;
  if (name !== own && StringPrototypeToLowerCase(name) !== StringPrototypeToLowerCase(own)) {
    throw invalidAccess(`Requested algorithm "${name}" does not match this CryptoKey's algorithm "${own}".`);
  }
  if ((key.usages & usage) === 0) {
    throw invalidAccess(`Requested key usage "${usageName(usage)}" does not match any usage listed in this CryptoKey.`);
  }
}

function notImplemented(what: string, algorithm: Algorithm): Error {
  return notSupported(`The ${what} not implemented for "${algorithm.name}".`);
}

function encryptWith(key: Key, params: convert.CipherParams, data: Source): Soon<ArrayBuffer> {
  const { algorithm } = key;
  if (algorithm.encrypt === undefined) throw notImplemented('encrypt operation is', algorithm);
  return algorithm.encrypt(key, params, data);
}

function decryptWith(key: Key, params: convert.CipherParams, data: Source): Soon<ArrayBuffer> {
  const { algorithm } = key;
  if (algorithm.decrypt === undefined) throw notImplemented('decrypt operation is', algorithm);
  return algorithm.decrypt(key, params, data);
}

function encapsulateWith(key: Key, params: convert.ImportParams, usage: number): Encapsulated {
  checkOperation(key, params.name, usage);
  const { algorithm } = key;
  if (algorithm.encapsulate === undefined) throw notImplemented('encapsulate operation is', algorithm);
  return algorithm.encapsulate(key);
}

function decapsulateWith(key: Key, params: convert.ImportParams, usage: number, ciphertext: Source): ops.Bytes {
  checkOperation(key, params.name, usage);
  const { algorithm } = key;
  if (algorithm.decapsulate === undefined) throw notImplemented('decapsulate operation is', algorithm);
  return algorithm.decapsulate(key, ciphertext);
}

function deriveWith(key: Key, params: convert.DeriveParams, length: number | undefined): Soon<ArrayBuffer> {
  const { algorithm } = key;
  if (algorithm.deriveBits === undefined) throw notImplemented('deriveKey and deriveBits operations are', algorithm);
  return algorithm.deriveBits(key, params, length);
}

function isKey(result: Key | KeyPair): result is Key {
  return inherits(result, Key);
}

function generated(result: Key | KeyPair): CryptoKey | CryptoKeyPair {
  if (isKey(result)) {
    if (result.usages === 0) throw syntaxError('Secret/private CryptoKeys must have at least one usage.');
    return makeCryptoKey(result);
  }
  if (result.privateKey.usages === 0) {
    throw syntaxError('Attempt to generate asymmetric keys with no valid private key usages.');
  }
  return { publicKey: makeCryptoKey(result.publicKey), privateKey: makeCryptoKey(result.privateKey) };
}

export function importKey(
  format: string, data: ImportData, params: convert.ImportParams, extractable: boolean, usages: readonly string[],
): Soon<Key> {
  const isSource = isBufferSource(data);
  checkFormat(format);
  if (format === 'raw' || format === 'pkcs8' || format === 'spki' || isModernFormat(format)) {
    if (!isSource) throw new TypeError('Import data provided for buffer-based import formats must be a buffer source.');
  } else if (format === 'jwk') {
    if (isSource) throw new TypeError('Import data provided for "jwk" import format must be a JsonWebKey.');
    if ((data as convert.JsonWebKey).ext === false && extractable) {
      throw dataError(`JWK ext field for "${params.name}" is set to false but extractable is true`);
    }
  } else {
    throw notSupported(`Unrecognized key import format "${format}".`);
  }
  const algorithm = lookupAlgorithm(params.name);
  if (algorithm === undefined) throw notSupported(`Unrecognized key import algorithm "${params.name}" requested.`);
  return ops.chain(algorithm.importKey(format, data, params, extractable, usages), (key) => {
    if (key.usages === 0 && key.type !== 'public') {
      throw syntaxError('Secret/private CryptoKeys must have at least one usage.');
    }
    return key;
  });
}

/** The format that derived bits have: what is new takes no "raw". */
function rawFormat(name: string): string {
  return lookupAlgorithm(name)?.name === 'ChaCha20-Poly1305' ? 'raw-secret' : 'raw';
}

function isModernFormat(format: string): boolean {
  return format === 'raw-secret' || format === 'raw-public' || format === 'raw-private' || format === 'raw-seed';
}

function checkFormat(format: string): void {
  if (!flags.webcrypto_modern_algorithms && isModernFormat(format)) {
    throw notSupported(`Key format "${format}" requires the webcrypto_modern_algorithms flag.`);
  }
}

export function exportKey(format: string, key: Key): ArrayBuffer | convert.JsonWebKey {
  const { algorithm } = key;
  checkFormat(format);
  if (!key.extractable) throw invalidAccess(`Attempt to export non-extractable ${algorithm.name} key.`);
  if (algorithm.exportKey === undefined) {
    throw notSupported(`Unrecognized or unsupported export of "${algorithm.name}" requested.`);
  }
  return algorithm.exportKey(key, format);
}

/** The key with every member that a key can have: undefined where this one has none (enable_fast_jsg_struct). */
function withAllMembers(key: convert.JsonWebKey): convert.JsonWebKey {
  const of = (name: keyof convert.JsonWebKey): unknown => (ObjectHasOwn(key, name) ? key[name] : undefined);
  return {
    kty: of('kty'), use: of('use'), key_ops: of('key_ops'), alg: of('alg'), ext: of('ext'), crv: of('crv'), x: of('x'),
    y: of('y'), d: of('d'), n: of('n'), e: of('e'), p: of('p'), q: of('q'), dp: of('dp'), dq: of('dq'), qi: of('qi'),
    oth: of('oth'), k: of('k'), pub: of('pub'), priv: of('priv'),
  } as unknown as convert.JsonWebKey;
}

function parseJwk(bytes: ArrayBuffer): convert.JsonWebKey {
  const value = JSONParse(native.utf8Decode(bytes, false, false)) as unknown;
  if (typeof value !== 'object' || value === null) {
    throw dataError('Missing "kty" field or corrupt JSON unwrapping key?');
  }
  return convert.jsonWebKey(value);
}

/** Takes away what is not for this worker. Called at bootstrap. */
export function installSubtle(): void {
  if (flags.webcrypto_modern_algorithms) return;
  const prototype = SubtleCrypto.prototype as Partial<SubtleCrypto>;
  delete prototype.encapsulateKey;
  delete prototype.encapsulateBits;
  delete prototype.decapsulateKey;
  delete prototype.decapsulateBits;
  delete prototype.getPublicKey;
  delete (SubtleCrypto as Partial<typeof SubtleCrypto>).supports;
}

export function makeSubtleCrypto(): SubtleCrypto {
  constructing = true;
  try {
    return new SubtleCrypto();
  } finally {
    constructing = false;
  }
}

defineInterface(SubtleCrypto, 'SubtleCrypto', { brand: (o) => isSubtleCrypto(o) });
export { SubtleCrypto };
