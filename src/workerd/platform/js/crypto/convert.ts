// JavaScript values to WebCrypto's dictionaries. Members are read in the reference's order, and unlike Web IDL's conversion a string is
// an algorithm with all other members missing.
import { EMPTY_BYTES, byteLengthOf, isBufferSource } from '../blob/bytes';
import { badArgument, badField } from '../interface';
import { ArrayIsArray } from '../primordials';
import type { Source } from './algorithm';
import { type Key, isCryptoKey, keyOf } from './key';

export interface CipherParams {
  readonly name: string;
  readonly iv?: Source | undefined;
  readonly additionalData?: Source | undefined;
  readonly tagLength?: number | undefined;
  readonly counter?: Source | undefined;
  readonly length?: number | undefined;
  readonly label?: Source | undefined;
}
export interface SignParams {
  readonly name: string;
  readonly hash?: string | undefined;
  readonly saltLength?: number | undefined;
  /** As it was given. */
  readonly context?: unknown;
}
export interface GenerateParams {
  readonly name: string;
  readonly hash?: string | undefined;
  readonly modulusLength?: number | undefined;
  readonly publicExponent?: Source | undefined;
  readonly length?: number | undefined;
  readonly namedCurve?: string | undefined;
}
export interface ImportParams {
  readonly name: string;
  readonly hash?: string | undefined;
  readonly length?: number | undefined;
  readonly namedCurve?: string | undefined;
  readonly compressed?: boolean | undefined;
}
export interface DeriveParams {
  readonly name: string;
  readonly salt?: Source | undefined;
  readonly iterations?: number | undefined;
  readonly hash?: string | undefined;
  readonly public?: Key | undefined;
  readonly info?: Source | undefined;
}
export interface JsonWebKey {
  kty: string;
  use?: string | undefined;
  key_ops?: string[] | undefined;
  alg?: string | undefined;
  ext?: boolean | undefined;
  crv?: string | undefined;
  x?: string | undefined;
  y?: string | undefined;
  d?: string | undefined;
  n?: string | undefined;
  e?: string | undefined;
  p?: string | undefined;
  q?: string | undefined;
  dp?: string | undefined;
  dq?: string | undefined;
  qi?: string | undefined;
  oth?: object[] | undefined;
  k?: string | undefined;
  pub?: string | undefined;
  priv?: string | undefined;
}

// ---- members

function optionalString(value: unknown): string | undefined {
  return value === undefined ? undefined : `${value}`;
}

const INT_MAX = 2 ** 31 - 1;
const INT_MIN = -(2 ** 31);

/** A C `int`, as the reference's members are declared. */
export function toInt(value: unknown): number {
  const number = +(value as number);
  if (number !== number || number === Infinity || number === -Infinity) return 0;
  if (number > INT_MAX || number < INT_MIN) {
    throw new TypeError(`Value out of range. Must be between ${INT_MIN} and ${INT_MAX} (inclusive).`);
  }
  return number | 0;
}

/** A number as such: what range it has depends on the algorithm. */
function optionalNumber(value: unknown): number | undefined {
  return value === undefined ? undefined : +(value as number);
}

function optionalInt(value: unknown): number | undefined {
  return value === undefined ? undefined : toInt(value);
}

function optionalSource(value: unknown, field: string, dictionary: string): Source | undefined {
  if (value === undefined) return undefined;
  if (!isBufferSource(value)) throw badField(field, dictionary, 'BufferSource');
  return attached(value);
}

function optionalHash(value: unknown): string | undefined {
  return value === undefined ? undefined : nameOf(value, 'HashAlgorithm');
}

/** The name of an AlgorithmIdentifier. */
function nameOf(value: unknown, dictionary: string): string {
  if (isObject(value)) return `${(value as { name: unknown }).name}`;
  if (value === null || value === undefined) throw cannotInitialize(dictionary);
  return `${value}`;
}

function cannotInitialize(dictionary: string): TypeError {
  return new TypeError(`Cannot initialize ${dictionary} with required members from an undefined or null value.`);
}

function isObject(value: unknown): boolean {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** Detached buffers count as empty. */
function attached(source: Source): Source {
  return byteLengthOf(source) === 0 ? EMPTY_BYTES : source;
}

// ---- arguments

const OWNER = 'SubtleCrypto';

type Reader<T> = (value: any, dictionary: string) => T;

function algorithm<T>(value: unknown, method: string, index: number, dictionary: string, read: Reader<T>): T | { name: string } {
  if (isObject(value)) return read(value, dictionary);
  if (value === undefined) throw badArgument(method, OWNER, index, `string or ${dictionary}`);
  return { __proto__: null, name: nameOf(value, dictionary) } as { name: string };
}

export function cipherParams(value: unknown, method: string, index: number): CipherParams {
  return algorithm<CipherParams>(value, method, index, 'EncryptAlgorithm', (v, dictionary) => ({
    name: `${v.name}`,
    iv: optionalSource(v.iv, 'iv', dictionary),
    additionalData: optionalSource(v.additionalData, 'additionalData', dictionary),
    tagLength: optionalNumber(v.tagLength),
    counter: optionalSource(v.counter, 'counter', dictionary),
    length: optionalInt(v.length),
    label: optionalSource(v.label, 'label', dictionary),
  }));
}

export function signParams(value: unknown, method: string): SignParams {
  return algorithm<SignParams>(value, method, 1, 'SignAlgorithm', (v) => ({
    name: `${v.name}`,
    hash: optionalHash(v.hash),
    saltLength: (optionalInt(v.dataLength), optionalInt(v.saltLength)),
    context: v.context,
  }));
}

export function hashParams(value: unknown, method: string): string {
  return algorithm<{ name: string }>(value, method, 1, 'HashAlgorithm', (v) => ({ name: `${v.name}` })).name;
}

export function generateParams(value: unknown, method: string): GenerateParams {
  return algorithm<GenerateParams>(value, method, 1, 'GenerateKeyAlgorithm', (v, dictionary) => ({
    name: `${v.name}`,
    hash: optionalHash(v.hash),
    modulusLength: optionalInt(v.modulusLength),
    publicExponent: optionalSource(v.publicExponent, 'publicExponent', dictionary),
    length: optionalInt(v.length),
    namedCurve: optionalString(v.namedCurve),
  }));
}

export function importParams(value: unknown, method: string, index: number): ImportParams {
  return algorithm<ImportParams>(value, method, index, 'ImportKeyAlgorithm', (v) => ({
    name: `${v.name}`,
    hash: optionalHash(v.hash),
    length: optionalInt(v.length),
    namedCurve: optionalString(v.namedCurve),
    // Read, and of no consequence.
    compressed: optionalBoolean(v.compressed),
  }));
}

export function deriveParams(value: unknown, method: string): DeriveParams {
  return algorithm<DeriveParams>(value, method, 1, 'DeriveKeyAlgorithm', (v, dictionary) => ({
    name: `${v.name}`,
    salt: optionalSource(v.salt, 'salt', dictionary),
    iterations: optionalInt(v.iterations),
    hash: optionalHash(v.hash),
    public: optionalKey(v.public, 'public', dictionary),
    info: optionalSource(v.info, 'info', dictionary),
  }));
}

function optionalKey(value: unknown, field: string, dictionary: string): Key | undefined {
  if (value === undefined) return undefined;
  if (!isCryptoKey(value)) throw badField(field, dictionary, 'CryptoKey');
  return keyOf(value);
}

export function keyArgument(value: unknown, method: string, index: number): Key {
  if (!isCryptoKey(value)) throw badArgument(method, OWNER, index, 'CryptoKey');
  return keyOf(value);
}

export function dataArgument(value: unknown, method: string, index: number): Source {
  if (!isBufferSource(value)) throw badArgument(method, OWNER, index, 'BufferSource');
  return attached(value);
}

/** The ciphertext to decapsulate. */
export function ciphertextArgument(value: unknown, method: string): Source {
  if (!isBufferSource(value)) throw badArgument(method, OWNER, 3, 'Array');
  return attached(value);
}

/** A format, which may be anything that can be a string, if it was given at all. `count`: of arguments. */
export function formatArgument(value: unknown, method: string, count: number): string {
  if (count < 1) throw badArgument(method, OWNER, 1, 'string');
  return `${value as string}`;
}

export function extractableArgument(value: unknown, method: string, index: number, count: number): boolean {
  if (count < index) throw badArgument(method, OWNER, index, 'boolean');
  return !!value;
}

export function usagesArgument(value: unknown, method: string, index: number): string[] {
  if (!ArrayIsArray(value)) throw badArgument(method, OWNER, index, 'Array');
  return strings(value);
}

function strings(array: readonly unknown[]): string[] {
  const copy: string[] = [];
  for (let i = 0; i < array.length; i++) copy[copy.length] = `${array[i]}`;
  return copy;
}

/** deriveBits' length: undefined and null mean "all there are". */
export function lengthArgument(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const length = toInt(value);
  if (length < 0) throw new TypeError('deriveBits length must be an unsigned long integer.');
  return length;
}

export function importDataArgument(value: unknown, method: string, index: number): Source | JsonWebKey {
  if (isBufferSource(value)) return attached(value);
  if (isObject(value)) return jsonWebKey(value);
  if (value === null) throw cannotInitialize('JsonWebKey');
  throw badArgument(method, OWNER, index, 'BufferSource or JsonWebKey');
}

/** The JsonWebKey dictionary of an object. */
export function jsonWebKey(v: any): JsonWebKey {
  return {
    kty: `${v.kty}`,
    use: optionalString(v.use),
    key_ops: optionalArray(v.key_ops, 'key_ops', strings),
    alg: optionalString(v.alg),
    ext: optionalBoolean(v.ext),
    crv: optionalString(v.crv),
    x: optionalString(v.x),
    y: optionalString(v.y),
    d: optionalString(v.d),
    n: optionalString(v.n),
    e: optionalString(v.e),
    p: optionalString(v.p),
    q: optionalString(v.q),
    dp: optionalString(v.dp),
    dq: optionalString(v.dq),
    qi: optionalString(v.qi),
    oth: optionalArray(v.oth, 'oth', otherPrimes),
    k: optionalString(v.k),
    pub: optionalString(v.pub),
    priv: optionalString(v.priv),
  };
}

function optionalBoolean(value: unknown): boolean | undefined {
  return value === undefined ? undefined : !!value;
}

function optionalArray<T>(value: unknown, field: string, convert: (array: readonly unknown[]) => T[]): T[] | undefined {
  if (value === undefined) return undefined;
  if (!ArrayIsArray(value)) throw badField(field, 'JsonWebKey', 'Array');
  return convert(value);
}

function otherPrimes(array: readonly unknown[]): object[] {
  const copy: object[] = [];
  for (let i = 0; i < array.length; i++) {
    const prime = array[i];
    if (!isObject(prime) && prime !== undefined && prime !== null) {
      throw new TypeError(`Incorrect type for array element ${i}: the provided value is not of type 'RsaOtherPrimesInfo'.`);
    }
    copy[copy.length] = {};
  }
  return copy;
}
