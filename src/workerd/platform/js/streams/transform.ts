// TransformStream (https://streams.spec.whatwg.org/#ts-class).
import { addOwnProperties, defineInterface, illegalInvocation, legacyOwnProperties } from '../interface';
import { ObjectPrototype, ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, ObjectGetPrototypeOf, ObjectSetPrototypeOf, ReflectConstruct } from '../primordials';
import { logWarning } from '../warnings';
import { identityPair } from './identity';
import { apply } from './intrinsics';
import { hasStandardTransform, isTypeScript, specMode } from './mode';
import { rejected } from './promises';
import { type ReadableStream, wrapState } from './readable';
import { highWaterMarkOf, toStrategy, toUint64 } from './strategy';
import { TransformState } from './transform-state';
import { type WritableStream, wrapWritable } from './writable';

let newFace: (t: TransformState) => TransformStreamDefaultController;
let wrapping: TransformState | undefined;

class TransformStreamDefaultController {
  readonly #t: TransformState;

  constructor() {
    if (wrapping === undefined) throw new TypeError('Illegal constructor');
    this.#t = wrapping;
    wrapping = undefined;
  }

  static {
    newFace = (t) => {
      wrapping = t;
      return new TransformStreamDefaultController();
    };
  }

  get desiredSize(): number | null {
    if (!(#t in this)) throw illegalInvocation();
    return this.#t.desiredSize;
  }

  enqueue(chunk: unknown = undefined): void {
    if (!(#t in this)) throw illegalInvocation();
    this.#t.enqueue(chunk);
  }

  error(reason: unknown = undefined): void {
    if (!(#t in this)) throw illegalInvocation();
    this.#t.error(reason);
  }

  terminate(): void {
    if (!(#t in this)) throw illegalInvocation();
    this.#t.terminate();
  }
}

export interface Pair {
  readable: ReadableStream;
  writable: WritableStream;
}

export let isTransformStream: (v: unknown) => v is TransformStream;
export let sidesOf: (t: TransformStream) => Pair;
let pairGiven: Pair | undefined;

/** Makes `new TransformStream()`, or a class derived from it, wrap two existing streams. For the constructors of the layer's own classes. */
export function givePair(pair: Pair): undefined {
  pairGiven = pair;
  return undefined;
}

export function takePair(): Pair | undefined {
  const pair = pairGiven;
  pairGiven = undefined;
  return pair;
}

export function wrapTransform(t: TransformState): Pair {
  return { readable: wrapState(t.readable), writable: wrapWritable(t.writable) };
}

class TransformStream {
  readonly #readable: ReadableStream;
  readonly #writable: WritableStream;

  constructor(transformer: unknown = undefined, writableStrategy: unknown = undefined, readableStrategy: unknown = undefined) {
    let pair = pairGiven;
    if (pair !== undefined) {
      pairGiven = undefined;
    } else if (hasStandardTransform()) {
      pair = setUp(transformer, writableStrategy, readableStrategy);
    } else {
      if (transformer !== undefined || writableStrategy !== undefined || readableStrategy !== undefined) {
        logWarning('To use the new TransformStream() constructor with a custom transformer, enable the ' +
          'transformstream_enable_standard_constructor compatibility flag. Refer to the docs for more information: ' +
          'https://developers.cloudflare.com/workers/platform/compatibility-dates/#compatibility-flags');
      }
      pair = identityPair(undefined, undefined);
    }
    this.#readable = pair.readable;
    this.#writable = pair.writable;
    if (legacyOwnProperties) addOwnProperties(this);
  }

  static {
    isTransformStream = (v): v is TransformStream => typeof v === 'object' && v !== null && #readable in v;
    sidesOf = (t) => ({ readable: t.#readable, writable: t.#writable });
  }

  get readable(): ReadableStream {
    if (!(#readable in this)) throw illegalInvocation();
    return this.#readable;
  }

  get writable(): WritableStream {
    if (!(#readable in this)) throw illegalInvocation();
    return this.#writable;
  }
}

/** What the constructor of a class that only inherits TransformStream's prototype returns (its interface object inherits nothing). */
export function transformAround(pair: Pair, newTarget: Function): TransformStream {
  return ReflectConstruct(TransformStream, [givePair(pair)], newTarget) as TransformStream;
}

export function inheritTransform(Class: Function): void {
  ObjectSetPrototypeOf(Class.prototype as object, TransformStream.prototype);
}

/** The standard's shape of such a class: related to TransformStream only by having the same two attributes. */
export function detachTransform(Class: Function): void {
  const prototype = Class.prototype as object;
  ObjectSetPrototypeOf(prototype, ObjectPrototype);
  if (ObjectGetPrototypeOf(Class) === TransformStream) ObjectSetPrototypeOf(Class, FunctionPrototype);
  for (const name of ['readable', 'writable'] as const) {
    ObjectDefineProperty(prototype, name, ObjectGetOwnPropertyDescriptor(TransformStream.prototype, name)!);
  }
}
const FunctionPrototype = Function.prototype;

defineInterface(TransformStream, 'TransformStream', { standard: isTypeScript, brand: isTransformStream, ownProperties: ['readable', 'writable'] });
defineInterface(TransformStreamDefaultController, 'TransformStreamDefaultController', { standard: isTypeScript });
export { TransformStream, TransformStreamDefaultController };

function callback(transformer: any, name: string): Function | undefined {
  const fn = transformer[name];
  if (fn === undefined) return undefined;
  if (typeof fn !== 'function') {
    throw new TypeError(`Incorrect type for the '${name}' field on 'Transformer': the provided value is not of type 'function'.`);
  }
  return fn;
}

function badType(member: string): Error {
  const message = `transformer.${member} must be undefined.`;
  return specMode() ? new RangeError(message) : new TypeError(message);
}

function setUp(transformer: any, writableStrategy: unknown, readableStrategy: unknown): Pair {
  const writing = toStrategy(writableStrategy, 'TransformStream', 2);
  const reading = toStrategy(readableStrategy, 'TransformStream', 3);
  if (transformer === undefined || (transformer === null && !specMode())) transformer = { __proto__: null };
  else if ((typeof transformer !== 'object' && typeof transformer !== 'function') || transformer === null) {
    throw new TypeError("Failed to construct 'TransformStream': constructor parameter 1 is not of type 'Transformer'.");
  }
  const cancelFn = callback(transformer, 'cancel');
  const expected = specMode() ? undefined : transformer.expectedLength;
  const flushFn = callback(transformer, 'flush');
  const { readableType } = transformer;
  const startFn = callback(transformer, 'start');
  const transformFn = callback(transformer, 'transform');
  const { writableType } = transformer;
  if (readableType !== undefined) throw badType('readableType');
  if (writableType !== undefined) throw badType('writableType');
  // workerd gives a strategy without a mark the mark of a ReadableStream.
  const readableMark = highWaterMarkOf(reading, readableStrategy !== undefined && readableStrategy !== null && !specMode() ? 1 : 0);
  const writableMark = highWaterMarkOf(writing, 1);
  const face = (t: TransformState): object => (t.face ??= newFace(t));
  const t = new TransformState({
    transform: transformFn === undefined ? undefined : (chunk, state) => apply(transformFn, transformer, [chunk, face(state)]),
    flush: flushFn === undefined ? undefined : (state) => apply(flushFn, transformer, [face(state)]),
    cancel: cancelFn === undefined ? undefined : (reason) => apply(cancelFn, transformer, [reason]),
  }, writableMark, writing.size, readableMark, reading.size);
  if (expected !== undefined) t.readable.expectedLength = toUint64(expected);
  let result: unknown;
  if (startFn !== undefined) {
    try {
      result = apply(startFn, transformer, [face(t)]);
    } catch (e) {
      if (specMode()) throw e;
      result = rejected(e);
    }
  }
  t.start(result);
  return wrapTransform(t);
}

