// WebCrypto's operations in Python (src/workerd/platform/crypto), and the choice between doing one at once and in a thread.
import { currentIo } from '../async-context';
import { inherits } from '../interface';
import { pyOp } from '../ops';
import { PrimordialPromise, ReflectApply, TypedArrayPrototypeGetBuffer } from '../primordials';

type Op<A extends unknown[], R> = { readonly now: (...args: A) => R; readonly threaded: (...args: A) => Promise<R> };

function op<A extends unknown[], R>(name: string): Op<A, R> {
  return { now: pyOp(`crypto.${name}`), threaded: pyOp(`crypto.${name}.threaded`) };
}

/** Runs an operation: in a thread if it is `heavy` (over a millisecond or so) and there is a request that can wait for it. */
export function run<A extends unknown[], R>(operation: Op<A, R>, heavy: boolean, ...args: A): R | Promise<R> {
  return heavy && currentIo() !== undefined ? ReflectApply(operation.threaded, undefined, args) : ReflectApply(operation.now, undefined, args);
}

export type Bytes = Uint8Array<ArrayBuffer>;
/** What crosses as bytes: a copy is made while the call begins. */
type Data = ArrayBuffer | ArrayBufferView;

/** A description of an asymmetric key, see keys.py. */
export interface KeyDescription {
  readonly kind: 'rsa' | 'ec' | 'ed25519' | 'x25519' | 'other';
  readonly der: Bytes;
  readonly bits: number;
  readonly e: Bytes;
  readonly curve: string;
}
export type RsaNumbers = Omit<KeyDescription, 'der'> & { readonly der: Bytes | undefined };

export const digest = op<[algorithm: string, data: Data], Bytes>('digest');
export const hmac = op<[algorithm: string, key: Data, data: Data], Bytes>('hmac');
export const hkdf = op<[algorithm: string, key: Data, salt: Data, info: Data, length: number], Bytes>('hkdf');
export const pbkdf2 = op<[algorithm: string, password: Data, salt: Data, iterations: number, length: number], Bytes>('pbkdf2');

type Aead<R> = Op<[key: Data, iv: Data, additionalData: Data | undefined, tagBytes: number, data: Data], R>;
export const aesGcmEncrypt: Aead<Bytes> = op('aes_gcm_encrypt');
export const aesGcmDecrypt: Aead<Bytes | undefined> = op('aes_gcm_decrypt');
/** For AES-GCM at once, with an IV of 8 to 128 bytes and a whole tag: into memory that is there. */
type AeadInto<R> = (key: Data, iv: Data, additionalData: Data | undefined, data: Data, out: Bytes) => R;
export const aesGcmEncryptInto: AeadInto<undefined> = pyOp('crypto.aes_gcm_encrypt_into');
export const aesGcmDecryptInto: AeadInto<boolean> = pyOp('crypto.aes_gcm_decrypt_into');
export const aesCbcEncrypt = op<[key: Data, iv: Data, data: Data], Bytes>('aes_cbc_encrypt');
export const aesCbcDecrypt = op<[key: Data, iv: Data, data: Data], Bytes | undefined>('aes_cbc_decrypt');
export const aesCtr = op<[key: Data, counter: Data, counterBits: number, data: Data], Bytes | undefined>('aes_ctr');
export const aesKwWrap = op<[key: Data, data: Data], Bytes>('aes_kw_wrap');
export const aesKwUnwrap = op<[key: Data, data: Data], Bytes | undefined>('aes_kw_unwrap');

export const readSpki = op<[data: Data], KeyDescription | number | undefined>('read_spki');
export const readPkcs8 = op<[data: Data], KeyDescription | number | undefined>('read_pkcs8');

export const rsaGenerate = op<[bits: number, exponent: number], [Bytes, Bytes]>('rsa_generate');
export const rsaSign = op<[key: Data, hash: string, saltLength: number | undefined, data: Data], Bytes>('rsa_sign');
export const rsaVerify =
  op<[key: Data, hash: string, saltLength: number | undefined, signature: Data, data: Data], boolean>('rsa_verify');
type Oaep = Op<[key: Data, hash: string, label: Data | undefined, data: Data], Bytes | undefined>;
export const rsaOaepEncrypt: Oaep = op('rsa_oaep_encrypt');
export const rsaOaepDecrypt: Oaep = op('rsa_oaep_decrypt');
export const rsaRawSign = op<[key: Data, data: Data], Bytes | undefined>('rsa_raw_sign');
export const rsaFromNumbers =
  op<[n: Data, e: Data, d: Data | undefined, crt: Data[] | undefined], RsaNumbers>('rsa_from_numbers');
export const rsaNumbers = op<[key: Data, isPrivate: boolean], Bytes[]>('rsa_numbers');

export const ecGenerate = op<[curve: string], [Bytes, Bytes]>('ec_generate');
export const ecSign = op<[key: Data, hash: string, data: Data], Bytes>('ec_sign');
export const ecVerify = op<[key: Data, hash: string, signature: Data, data: Data], boolean>('ec_verify');
export const ecdh = op<[key: Data, peer: Data], Bytes>('ecdh');
export const ecFromPoint = op<[curve: string, point: Data], Bytes | string>('ec_from_point');
export const ecFromNumbers = op<[curve: string, x: Data, y: Data, d: Data | undefined], Bytes | string>('ec_from_numbers');
export const ecPoint = op<[key: Data], Bytes>('ec_point');
export const ecNumbers = op<[key: Data, isPrivate: boolean], Bytes[]>('ec_numbers');

export const okpGenerate = op<[kind: string], [Bytes, Bytes]>('okp_generate');
export const okpFromRaw = op<[kind: string, raw: Data, isPrivate: boolean], Bytes>('okp_from_raw');
export const okpRaw = op<[key: Data, isPrivate: boolean], Bytes[]>('okp_raw');
export const ed25519Sign = op<[key: Data, data: Data], Bytes>('ed25519_sign');
export const ed25519Verify = op<[key: Data, signature: Data, data: Data], boolean>('ed25519_verify');
export const x25519 = op<[key: Data, peer: Data], Bytes | undefined>('x25519');

export const pqGenerate = op<[name: string], [Bytes, Bytes]>('pq_generate');
export const pqFromSeed = op<[name: string, seed: Data], Bytes>('pq_from_seed');
export const pqFromPublic = op<[name: string, raw: Data], Bytes | undefined>('pq_from_public');
export const publicOf = op<[key: Data], Bytes>('public_of');
export const mlKemEncapsulate = op<[key: Data], [Bytes, Bytes]>('ml_kem_encapsulate');
export const mlKemDecapsulate = op<[key: Data, ciphertext: Data], Bytes>('ml_kem_decapsulate');
export const mlDsaSign = op<[key: Data, context: Data, data: Data], Bytes>('ml_dsa_sign');
export const mlDsaVerify = op<[key: Data, context: Data, signature: Data, data: Data], boolean>('ml_dsa_verify');
export const xwingPublic = op<[seed: Data], Bytes>('xwing_public');
export const xwingEncapsulate = op<[key: Data], [Bytes, Bytes] | undefined>('xwing_encapsulate');
export const xwingDecapsulate = op<[seed: Data, ciphertext: Data], Bytes | undefined>('xwing_decapsulate');
type Chacha<R> = Op<[key: Data, iv: Data, additionalData: Data | undefined, data: Data], R>;
export const chachaEncrypt: Chacha<Bytes> = op('chacha_encrypt');
export const chachaDecrypt: Chacha<Bytes | undefined> = op('chacha_decrypt');

/** `update(data)`, `digest()` and an `update(data)` in another thread, of a digest in progress. */
export const digestStart =
  pyOp<(algorithm: string) => [update: (data: Data) => void, digest: () => Bytes, updateLater: (data: Data) => Promise<void>]>('crypto.digest_start');

/** The buffer of bytes that an operation gave. */
export function bufferOf(bytes: Bytes): ArrayBuffer {
  return TypedArrayPrototypeGetBuffer(bytes);
}

/** `next` of a value that is there or will be: at once in the first case, so that small operations resolve at once. */
export function chain<T, R>(value: T | Promise<T>, next: (value: T) => R | Promise<R>): R | Promise<R> {
  return isPending(value) ? later(value, next) : next(value);
}

export function isPending<T>(value: T | Promise<T>): value is Promise<T> {
  return inherits(value, PrimordialPromise);
}

async function later<T, R>(value: Promise<T>, next: (value: T) => R | Promise<R>): Promise<R> {
  return await next(await value);
}
