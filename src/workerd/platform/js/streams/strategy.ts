// Queuing strategies (https://streams.spec.whatwg.org/#qs).
import { badConstructorArgument, badField, defineInterface, illegalInvocation } from '../interface';
import { MathTrunc } from '../primordials';
import { isView, viewBytes } from './intrinsics';
import { isTypeScript, specMode } from './mode';

export type SizeFunction = (chunk: unknown) => unknown;

function readHighWaterMark(init: unknown, owner: string): number {
  if (init === null || typeof init !== 'object') {
    throw new TypeError(`Failed to construct '${owner}': constructor parameter 1 is not of type 'QueuingStrategyInit'.`);
  }
  const value = (init as { highWaterMark?: unknown }).highWaterMark;
  if (value === undefined && specMode()) {
    throw new TypeError(`Failed to construct '${owner}': the 'highWaterMark' field of constructor parameter 1 is required.`);
  }
  return +(value as number);
}

// One function for all instances. A method, so that it is no constructor and has no prototype property. Its parameter is optional in
// the count strategy, which gives it the length 0.
const countSize = { size(): number { return 1; } }.size;
const byteLengthSize = { size(chunk: any): unknown {
  if (specMode()) return chunk.byteLength;
  // workerd knows no size of what is no object, where the standard throws.
  if (chunk === null || (typeof chunk !== 'object' && typeof chunk !== 'function')) return undefined;
  const { byteLength } = chunk;
  return typeof byteLength === 'number' ? byteLength : undefined;
} }.size;

class CountQueuingStrategy {
  readonly #highWaterMark: number;
  constructor(init: { highWaterMark: number }) {
    this.#highWaterMark = readHighWaterMark(init, 'CountQueuingStrategy');
  }
  get highWaterMark(): number {
    if (!(#highWaterMark in this)) throw illegalInvocation();
    return this.#highWaterMark;
  }
  get size(): SizeFunction {
    if (!(#highWaterMark in this)) throw illegalInvocation();
    return countSize;
  }
}

class ByteLengthQueuingStrategy {
  readonly #highWaterMark: number;
  constructor(init: { highWaterMark: number }) {
    this.#highWaterMark = readHighWaterMark(init, 'ByteLengthQueuingStrategy');
  }
  get highWaterMark(): number {
    if (!(#highWaterMark in this)) throw illegalInvocation();
    return this.#highWaterMark;
  }
  get size(): SizeFunction {
    if (!(#highWaterMark in this)) throw illegalInvocation();
    return byteLengthSize;
  }
}

defineInterface(CountQueuingStrategy, 'CountQueuingStrategy', { standard: isTypeScript });
defineInterface(ByteLengthQueuingStrategy, 'ByteLengthQueuingStrategy', { standard: isTypeScript });
export { ByteLengthQueuingStrategy, CountQueuingStrategy };

export interface Strategy {
  /** Undefined: not given. */
  highWaterMark: number | undefined;
  /** Undefined: every chunk counts 1. */
  size: SizeFunction | undefined;
  /** A size function was given, one of the builtin ones perhaps. */
  sized: boolean;
}

const MOST = 2 ** 64;
const toNumber = Number;

/** A number as workerd takes it where it wants an unsigned one of 64 bits; bigints will do. */
export function toUint64(value: unknown): number {
  if (typeof value === 'bigint') {
    if (value >= 0n && value < 0x1_0000_0000_0000_0000n) return toNumber(value);
    throw new TypeError('The value cannot be converted because it is either negative and this API expects a positive bigint, or the value would be ' +
      'truncated.');
  }
  const n = +(value as number);
  if (n !== n || n === Infinity || n === -Infinity) throw new TypeError('The value cannot be converted because it is not an integer.');
  if (n < 0) throw new TypeError('The value cannot be converted because it is negative and this API expects a positive bigint.');
  if (n > MOST) throw new TypeError('Value out of range. Must be less than or equal to 18446744073709551615.');
  return MathTrunc(n);
}

/** Converts a QueuingStrategy argument as Web IDL does: members in the order of their names. `index`: which parameter of whose. */
export function toStrategy(value: unknown, owner: string, index: number): Strategy {
  if (value === undefined || value === null) return { highWaterMark: undefined, size: undefined, sized: false };
  if (typeof value !== 'object' && typeof value !== 'function') throw badConstructorArgument(owner, index, 'StreamQueuingStrategy');
  const hwm = (value as { highWaterMark?: unknown }).highWaterMark;
  // workerd has no unlimited queues; here they are what they are in the standard.
  const highWaterMark = hwm === undefined ? undefined : specMode() || hwm === Infinity ? +(hwm as number) : toUint64(hwm);
  const size = (value as { size?: unknown }).size;
  if (size !== undefined && typeof size !== 'function') throw badField('size', 'StreamQueuingStrategy', 'function');
  // The two shared functions of the builtin strategies need no call.
  return { highWaterMark, size: size === countSize ? undefined : (size as SizeFunction | undefined), sized: size !== undefined };
}

export function highWaterMarkOf(strategy: Strategy, fallback: number): number {
  const hwm = strategy.highWaterMark;
  if (hwm === undefined) return fallback;
  if (hwm !== hwm || hwm < 0) {
    throw new RangeError(`Invalid highWaterMark: ${hwm}.`);
  }
  return hwm;
}

/** The size of a chunk by the user's function, as a finite number not below 0. Throws what it throws, and RangeError (workerd: TypeError). */
export function chunkSize(size: SizeFunction, chunk: unknown): number {
  if (size === byteLengthSize && isView(chunk)) return viewBytes(chunk);
  const value = size(chunk);
  if (typeof value === 'number' && value >= 0 && value !== Infinity) return specMode() ? value : MathTrunc(value);
  if (!specMode()) return toUint64(value);
  const n = +(value as number);
  if (!(n >= 0) || n === Infinity) throw new RangeError(`Invalid chunk size: ${n}.`);
  return n;
}
