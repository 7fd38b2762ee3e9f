// Random bytes and numbers, and primes.
import { Buffer, kMaxLength } from '../buffer';
import { ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE } from '../internal/errors';
import { isAnyArrayBuffer } from '../internal/types';
import {
  validateBoolean, validateFunction, validateInt32, validateInteger, validateNumber, validateObject,
} from '../internal/validators';
import { finish } from './kdf';
import { later, sync } from './ops';
import { isBytes, toBigInt, toBytes } from './util';

const { native } = internals;
const prime_ops = {
  generate: sync<Uint8Array>('generate_prime'), generateLater: later<Uint8Array>('generate_prime'), check: sync<boolean>('check_prime'),
  checkLater: later<boolean>('check_prime'),
};
/** getRandomValues takes no more at once. */
const QUOTA = 65536;

function fill(bytes: Uint8Array): void {
  internals.requireRequest();
  for (let at = 0; at < bytes.length; at += QUOTA) native.getRandomValues(bytes.subarray(at, at + QUOTA));
}

/** The outcome of `fn`: given back, or told to the callback, what it throws too. */
function outcome<T>(fn: () => T, none: null | undefined, callback: ((error: unknown, value?: T) => void) | undefined): T | undefined {
  if (callback === undefined) return fn();
  let value: T;
  try {
    value = fn();
  } catch (error) {
    internals.web.queueMicrotask(() => callback(error));
    return undefined;
  }
  internals.web.queueMicrotask(() => callback(none, value));
  return undefined;
}

export function randomBytes(size: any, callback?: any): any {
  validateNumber(size, 'size');
  if (!(size >= 0 && size <= kMaxLength)) throw new ERR_OUT_OF_RANGE('size', `>= 0 && <= ${kMaxLength}`, size);
  if (callback !== undefined) validateFunction(callback, 'callback');
  const buffer = Buffer.alloc(Math.trunc(size));
  return outcome(() => {
    fill(buffer);
    return buffer;
  }, null, callback);
}

function region(buffer: any, offset: any, size: any): Uint8Array {
  if (!isBytes(buffer)) throw new ERR_INVALID_ARG_TYPE('buffer', ['TypedArray', 'DataView', 'ArrayBuffer', 'SharedArrayBuffer'], buffer);
  const unit = (buffer as any).BYTES_PER_ELEMENT || 1;
  const { byteLength } = buffer;
  validateNumber(offset, 'offset');
  const from = offset * unit;
  if (Number.isNaN(from) || from > kMaxLength || from < 0) throw new ERR_OUT_OF_RANGE('offset', `>= 0 && <= ${Math.min(byteLength, kMaxLength)}`, from);
  let count = byteLength - from;
  if (size !== undefined) {
    validateNumber(size, 'size');
    count = size * unit;
    if (Number.isNaN(count) || count > kMaxLength || count < 0) throw new ERR_OUT_OF_RANGE('size', `>= 0 && <= ${kMaxLength}`, count);
  }
  if (from > byteLength) throw new ERR_OUT_OF_RANGE('offset', `>= 0 && <= ${byteLength}`, from);
  if (count + from > byteLength) throw new ERR_OUT_OF_RANGE('size + offset', `<= ${byteLength}`, count + from);
  return isAnyArrayBuffer(buffer) ? new Uint8Array(buffer as ArrayBuffer, from, count)
    : new Uint8Array(buffer.buffer, buffer.byteOffset + from, count);
}
export function randomFillSync(buffer: any, offset: any = 0, size?: any): any {
  fill(region(buffer, offset ?? 0, size));
  return buffer;
}
export function randomFill(buffer: any, offset: any, size: any, callback: any): void {
  if (!isBytes(buffer)) throw new ERR_INVALID_ARG_TYPE('buffer', ['TypedArray', 'DataView', 'ArrayBuffer', 'SharedArrayBuffer'], buffer);
  if (typeof offset === 'function') {
    callback = offset;
    offset = 0;
    size = undefined;
  } else if (typeof size === 'function') {
    callback = size;
    size = undefined;
  } else validateFunction(callback, 'callback');
  const target = region(buffer, offset ?? 0, size);
  outcome(() => {
    fill(target);
    return buffer;
  }, null, callback);
}

const RAND_MAX = 0xffff_ffff_ffff;
export function randomInt(min: any, max: any, callback?: any): any {
  const missing = max === undefined || typeof max === 'function';
  if (missing) {
    callback = max;
    max = min;
    min = 0;
  }
  if (callback !== undefined) validateFunction(callback, 'callback');
  validateInteger(min, 'min');
  validateInteger(max, 'max');
  if (max <= min) throw new ERR_OUT_OF_RANGE('max', `greater than the value of "min" (${min})`, max);
  const range = max - min;
  if (!(range <= RAND_MAX)) throw new ERR_OUT_OF_RANGE(missing ? 'max' : 'max - min', `<= ${RAND_MAX}`, range);
  // Values past the last whole multiple of the range would come out too often.
  const limit = RAND_MAX - (RAND_MAX % range);
  return outcome(() => {
    const bytes = new Uint8Array(6);
    let value: number;
    do {
      fill(bytes);
      value = bytes.reduce((n, b) => n * 256 + b, 0);
    } while (value >= limit);
    return (value % range) + min;
  }, undefined, callback);
}

export function randomUUID(options?: any): string {
  if (options !== undefined) {
    validateObject(options, 'options');
    if (options.disableEntropyCache !== undefined) validateBoolean(options.disableEntropyCache, 'options.disableEntropyCache');
  }
  internals.requireRequest();
  return native.randomUUID();
}

function bigIntBytes(value: bigint, name: string): Uint8Array {
  if (value < 0n) throw new ERR_OUT_OF_RANGE(name, '>= 0', value);
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}
function number(value: any, name: string): Uint8Array | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'bigint') return bigIntBytes(value, name);
  if (!isBytes(value)) throw new ERR_INVALID_ARG_TYPE(name, ['ArrayBuffer', 'TypedArray', 'Buffer', 'DataView', 'bigint'], value);
  return toBytes(value, name);
}
function generateArguments(size: any, options: any): { args: any[]; bigint: boolean } {
  validateInt32(size, 'size', 1);
  validateObject(options, 'options');
  const { safe = false, bigint = false } = options;
  validateBoolean(safe, 'options.safe');
  validateBoolean(bigint, 'options.bigint');
  const add = number(options.add, 'options.add');
  const rem = number(options.rem, 'options.rem');
  if (size > 8192) throw new RangeError('The value of "size" is out of range. It must be <= 8192 bits.');
  if (add !== undefined) {
    const sum = toBigInt(add);
    if (sum.toString(2).length > size) throw new ERR_OUT_OF_RANGE('options.add', `<= ${size} bits`, sum);
    if (rem !== undefined && toBigInt(rem) >= sum) throw new ERR_OUT_OF_RANGE('options.rem', '< options.add', toBigInt(rem));
  }
  return { args: [size, safe, add, rem], bigint };
}
function prime(bytes: Uint8Array, bigint: boolean): any {
  return bigint ? toBigInt(bytes) : bytes.slice().buffer;
}
export function generatePrimeSync(size: any, options: any = {}): any {
  const { args, bigint } = generateArguments(size, options);
  return prime(prime_ops.generate(...args), bigint);
}
export function generatePrime(size: any, options: any, callback: any): void {
  if (typeof options === 'function') {
    callback = options;
    options = {};
  }
  const { args, bigint } = generateArguments(size, options ?? {});
  validateFunction(callback, 'callback');
  finish(prime_ops.generateLater(...args), callback, (bytes) => prime(bytes, bigint));
}
function checkArguments(candidate: any, options: any): any[] {
  const bytes = typeof candidate === 'bigint' ? bigIntBytes(candidate, 'candidate') : candidate;
  if (!isBytes(bytes)) {
    throw new ERR_INVALID_ARG_TYPE('candidate', ['ArrayBuffer', 'TypedArray', 'Buffer', 'DataView', 'bigint'], candidate);
  }
  validateObject(options, 'options');
  const { checks = 0 } = options;
  validateInt32(checks, 'options.checks', 0);
  if (checks > 64) throw new RangeError('The value of "options.checks" is out of range: too many checks.');
  return [toBytes(bytes, 'candidate'), checks];
}
export function checkPrimeSync(candidate: any, options: any = {}): boolean {
  return prime_ops.check(...checkArguments(candidate, options));
}
export function checkPrime(candidate: any, options: any, callback: any): void {
  if (typeof options === 'function') {
    callback = options;
    options = {};
  }
  const args = checkArguments(candidate, options ?? {});
  validateFunction(callback, 'callback');
  finish(prime_ops.checkLater(...args), callback);
}
void validateInteger;
