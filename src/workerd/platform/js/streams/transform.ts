// TransformStream (https://streams.spec.whatwg.org/#ts-class).
import { flags } from '../flags';
import { addOwnProperties, defineInterface, illegalInvocation, legacyOwnProperties } from '../interface';
import { ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, ObjectGetPrototypeOf, ObjectSetPrototypeOf, ReflectConstruct } from '../primordials';
import { logWarning } from '../warnings';
import { DefaultController } from './default-controller';
import { identityPair } from './identity';
import { apply } from './intrinsics';
import { hasStandardTransform, isTypeScript, specMode } from './mode';
import { type Deferred, chain, deferred, nothing, promiseFor, react, rejected } from './promises';
import { type ReadableStream, wrapState } from './readable';
import { READABLE, ERRORED, ReadableState } from './readable-state';
import { type SizeFunction, highWaterMarkOf, toStrategy, toUint64 } from './strategy';
import { type WritableStream, wrapWritable } from './writable';
import { ERRORING, WritableController, WritableState } from './writable-state';

/** What a transform does; results may be promises, methods may throw. Undefined: the default. */
export interface Transformer {
  /** Undefined: chunks pass as they are. */
  transform: ((chunk: unknown, t: TransformState) => unknown) | undefined;
  flush: ((t: TransformState) => unknown) | undefined;
  cancel: ((reason: unknown) => unknown) | undefined;
}

/** The standard's "a promise resolved with" a promise is another one, two microtasks later. */
function resolvedWithPromise(promise: Promise<unknown>): Promise<unknown> {
  return chain(chain(promise, nothing), nothing);
}

export class TransformState {
  readonly readable: ReadableState = new ReadableState();
  readonly writable: WritableState = new WritableState();
  readonly #source: DefaultController;
  readonly #sink: WritableController;
  #transformer: Transformer | undefined;
  #passes: boolean;
  #backpressure = true;
  #waiting = false;
  /** Made when somebody waits for it. */
  #change: Deferred<undefined> | undefined = undefined;
  #finish: Deferred<undefined> | undefined = undefined;
  /** The object users see. */
  face: object | undefined = undefined;

  constructor(transformer: Transformer, writableMark: number, writableSize: SizeFunction | undefined, readableMark: number,
    readableSize: SizeFunction | undefined) {
    this.#transformer = transformer;
    this.#passes = transformer.transform === undefined;
    this.#sink = new WritableController(this.writable, {
      write: (chunk) => this.#write(chunk),
      close: () => this.#close(),
      abort: (reason) => this.#abort(reason),
    }, writableMark, writableSize);
    this.#source = new DefaultController(this.readable, {
      pull: () => this.#pull(),
      cancel: (reason) => this.#cancel(reason),
    }, readableMark, readableSize);
    this.#source.transform = this;
  }

  /** Chunks pass as they are. */
  get passes(): boolean {
    const t = this.#transformer;
    return t !== undefined && this.#passes && t.flush === undefined && t.cancel === undefined;
  }

  /** The chunk being written waits until it is wanted. */
  get waiting(): boolean {
    return this.#waiting;
  }

  /** Lets chunks flow once `result` is settled. */
  start(result: unknown): void {
    if (specMode()) result = resolvedWithPromise(promiseFor(result));
    this.#sink.start(result);
    this.#source.start(result);
  }

  get desiredSize(): number | null {
    return this.#source.desiredSize;
  }

  enqueue(chunk: unknown): void {
    const source = this.#source;
    if (!source.canCloseOrEnqueue) throw new TypeError('The readable side of this TransformStream is no longer readable.');
    try {
      source.enqueue(chunk);
    } catch (e) {
      this.#errorWritable(e);
      throw this.readable.state === ERRORED ? this.readable.error : e;
    }
    if (this.readable.state !== READABLE) {
      if (this.readable.state === ERRORED) this.#errorWritable(this.readable.error);
      return;
    }
    const backpressure = source.hasBackpressure;
    // Old workers relied on the missing backpressure.
    if (backpressure !== this.#backpressure && (flags['fixup-transform-stream-backpressure'] || specMode())) this.#setBackpressure(true);
  }

  error(reason: unknown): void {
    this.#source.error(reason);
    this.#errorWritable(reason);
  }

  terminate(): void {
    this.#source.close();
    this.#errorWritable(new TypeError('The transform stream has been terminated'));
  }

  #errorWritable(reason: unknown): void {
    this.#clearAlgorithms();
    this.#sink.errorIfNeeded(reason);
    this.#unblock();
  }

  #unblock(): void {
    if (this.#backpressure) this.#setBackpressure(false);
  }

  #clearAlgorithms(): void {
    this.#transformer = undefined;
  }

  #setBackpressure(backpressure: boolean): void {
    this.#change?.resolve(undefined);
    this.#change = undefined;
    this.#backpressure = backpressure;
  }

  #changed(): Promise<undefined> {
    return (this.#change ??= deferred<undefined>()).promise;
  }

  #write(chunk: unknown): unknown {
    if (!this.#backpressure) return this.#perform(chunk);
    this.#waiting = true;
    return chain(this.#changed(), () => {
      this.#waiting = false;
      if (this.writable.state === ERRORING) throw this.writable.error;
      return this.#perform(chunk);
    });
  }

  #perform(chunk: unknown): unknown {
    let result: unknown;
    try {
      if (this.#passes) {
        this.enqueue(chunk);
        return undefined;
      }
      result = this.#transformer?.transform!(chunk, this);
    } catch (e) {
      this.error(e);
      throw e;
    }
    if (result === undefined) return undefined;
    return chain(result, undefined as never, (e) => {
      this.error(e);
      throw e;
    });
  }

  #abort(reason: unknown): unknown {
    if (this.#finish !== undefined) return this.#finish.promise;
    const finish = (this.#finish = deferred<undefined>());
    const cancelled = this.#runCancel(reason);
    react(cancelled, () => {
      if (this.readable.state === ERRORED) {
        finish.reject(this.readable.error);
      } else {
        this.#source.error(reason);
        finish.resolve(undefined);
      }
    }, (e) => {
      this.#source.error(e);
      finish.reject(e);
    });
    return finish.promise;
  }

  #runCancel(reason: unknown): unknown {
    const transformer = this.#transformer;
    try {
      if (transformer?.cancel === undefined) return undefined;
      const result = transformer.cancel(reason);
      return specMode() && result !== undefined ? resolvedWithPromise(promiseFor(result)) : promiseFor(result);
    } catch (e) {
      return rejected(e);
    } finally {
      this.#clearAlgorithms();
    }
  }

  #close(): unknown {
    if (this.#finish !== undefined) return this.#finish.promise;
    const finish = (this.#finish = deferred<undefined>());
    const transformer = this.#transformer;
    let flushed: unknown;
    try {
      if (transformer?.flush !== undefined) flushed = promiseFor(transformer.flush(this));
    } catch (e) {
      flushed = rejected(e);
    }
    this.#clearAlgorithms();
    react(flushed, () => {
      if (this.readable.state === ERRORED) {
        finish.reject(this.readable.error);
      } else {
        this.#source.close();
        finish.resolve(undefined);
      }
    }, (e) => {
      this.#source.error(e);
      finish.reject(e);
    });
    return finish.promise;
  }

  #pull(): unknown {
    this.#setBackpressure(false);
    return this.#changed();
  }

  #cancel(reason: unknown): unknown {
    if (this.#finish !== undefined) return this.#finish.promise;
    const finish = (this.#finish = deferred<undefined>());
    react(this.#runCancel(reason), () => {
      if (this.writable.state === 2) {
        finish.reject(this.writable.error);
      } else {
        this.#sink.errorIfNeeded(reason);
        this.#unblock();
        finish.resolve(undefined);
      }
    }, (e) => {
      this.#sink.errorIfNeeded(e);
      this.#unblock();
      finish.reject(e);
    });
    return finish.promise;
  }
}

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
const ObjectPrototype = Object.prototype;
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

