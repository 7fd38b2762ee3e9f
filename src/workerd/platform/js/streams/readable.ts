// ReadableStream: what users see of it, and how the layer makes and recognises one.
import { flags } from '../flags';
import { isAbortSignal, type AbortSignal } from '../abort';
import { addOwnProperties, badArgument, badField, defineInterface, illegalInvocation, legacyOwnProperties, toDictionary } from '../interface';
import { ObjectDefineProperty, SymbolAsyncIterator } from '../primordials';
import { makeIterator } from './async-iterator';
import { byteControllerFace, enforceUnsigned } from './byob-request';
import { ByteController, type ByteStreamSource } from './byte-controller';
import { DefaultController, type Source } from './default-controller';
import { fromIterable } from './from';
import type { InternalController } from './internal-controller';
import { apply } from './intrinsics';
import { hasConstructors, isTypeScript, specMode } from './mode';
import { type PipeOptions, pipeStates } from './pipe';
import { markHandled, rejected } from './promises';
import { CLOSED, ReadableState, READABLE, cancelStream, isLockedState, lockedError } from './readable-state';
import { ReadableStreamBYOBReader, ReadableStreamDefaultReader, refuse } from './readers';
import { type Strategy, highWaterMarkOf, toStrategy, toUint64 } from './strategy';
import { teeState } from './tee';
import { type WritableStream, isWritableStream, writableStateOf } from './writable';
import { isLockedWritable } from './writable-state';

/** True for every ReadableStream of this context, subclass instances included. */
export let isReadableStream: (v: unknown) => v is ReadableStream;
export let stateOf: (s: ReadableStream) => ReadableState;

// What the next constructor call is to wrap instead of making a stream of user code's source.
let wrapping: ReadableState | undefined;

/** The bytes still to come, where known. */
export function lengthOf(s: ReadableState): number | undefined {
  if (s.controller.kind !== 2) return s.expectedLength;
  if (s.state === CLOSED) return 0;
  const n = (s.controller as InternalController).source.length();
  return n < 0 ? undefined : n;
}

/** The object users see of a state. */
export function wrapState(state: ReadableState): ReadableStream {
  wrapping = state;
  return new ReadableStream();
}

class ReadableStream<R = any> {
  readonly #s: ReadableState;
  declare private _r: R;

  constructor(source: unknown = undefined, strategy: unknown = undefined) {
    if (wrapping !== undefined) {
      this.#s = wrapping;
      wrapping = undefined;
    } else {
      if (!hasConstructors()) {
        throw new Error('To use the new ReadableStream() constructor, enable the streams_enable_constructors compatibility flag. ' +
          'Refer to the docs for more information: https://developers.cloudflare.com/workers/platform/compatibility-dates/#compatibility-flags');
      }
      this.#s = new ReadableState();
      setUp(this.#s, source, toStrategy(strategy, 'ReadableStream', 2));
    }
    if (legacyOwnProperties) addOwnProperties(this);
  }

  static {
    isReadableStream = (v): v is ReadableStream => typeof v === 'object' && v !== null && #s in v;
    stateOf = (s) => s.#s;
  }

  static from(iterable: unknown): ReadableStream {
    if (arguments.length === 0) throw badArgument('from', 'ReadableStream', 1, 'AsyncIterable');
    return wrapState(fromIterable(iterable));
  }

  get locked(): boolean {
    if (!(#s in this)) throw illegalInvocation();
    return isLockedState(this.#s);
  }

  cancel(reason: unknown = undefined): Promise<undefined> {
    if (!(#s in this)) return rejected(illegalInvocation());
    if (isLockedState(this.#s)) return rejected(lockedError());
    return cancelStream(this.#s, reason);
  }

  getReader(options: { mode?: unknown } | undefined = undefined): ReadableStreamDefaultReader | ReadableStreamBYOBReader {
    if (!(#s in this)) throw illegalInvocation();
    const mode = toDictionary<{ mode?: unknown }>(options, () => badArgument('getReader', 'ReadableStream', 1, 'GetReaderOptions'))?.mode;
    if (mode === undefined) return new ReadableStreamDefaultReader(this);
    if (`${mode as string}` !== 'byob') throw new TypeError("mode must be undefined or 'byob' in call to getReader().");
    return new ReadableStreamBYOBReader(this);
  }

  pipeThrough(transform: { readable: ReadableStream; writable: WritableStream }, options: unknown = undefined): ReadableStream {
    if (!(#s in this)) throw illegalInvocation();
    if ((typeof transform !== 'object' && typeof transform !== 'function') || transform === null) {
      throw badArgument('pipeThrough', 'ReadableStream', 1, 'Transform');
    }
    const { readable } = transform;
    if (!isReadableStream(readable)) throw badField('readable', 'Transform', 'ReadableStream');
    const { writable } = transform;
    if (!isWritableStream(writable)) throw badField('writable', 'Transform', 'WritableStream');
    const converted = pipeOptions(options, 'pipeThrough');
    if (isLockedState(this.#s)) throw lockedError();
    const target = writableStateOf(writable);
    if (isLockedWritable(target)) throw new TypeError('This WritableStream is currently locked to a writer.');
    markHandled(pipeStates(this.#s, target, converted));
    return readable;
  }

  pipeTo(destination: WritableStream, options: unknown = undefined): Promise<undefined> {
    if (!(#s in this)) return rejected(illegalInvocation());
    if (!isWritableStream(destination)) return refuse(badArgument('pipeTo', 'ReadableStream', 1, 'WritableStream'));
    let converted: PipeOptions;
    try {
      converted = pipeOptions(options, 'pipeTo');
    } catch (e) {
      return refuse(e);
    }
    if (isLockedState(this.#s)) return rejected(lockedError());
    const target = writableStateOf(destination);
    if (isLockedWritable(target)) return rejected(new TypeError('This WritableStream is currently locked to a writer.'));
    return pipeStates(this.#s, target, converted);
  }

  tee(): [ReadableStream, ReadableStream] {
    if (!(#s in this)) throw illegalInvocation();
    const branches = teeState(this.#s);
    return [wrapState(branches[0]), wrapState(branches[1])];
  }

  values(options: { preventCancel?: unknown } | undefined = undefined): AsyncIterableIterator<R> {
    if (!(#s in this)) throw illegalInvocation();
    const preventCancel = !!toDictionary<{ preventCancel?: unknown }>(options,
      () => badArgument('values', 'ReadableStream', 1, 'ValuesOptions'))?.preventCancel;
    return makeIterator(this.#s, preventCancel) as AsyncIterableIterator<R>;
  }

  declare [Symbol.asyncIterator]: ReadableStream<R>['values'];
}

const STATES = ['readable', 'closed', 'errored'];

/** What console.log shows of a stream and scripts cannot see. */
function extraFacts(stream: ReadableStream): Record<string, unknown> {
  const s = stateOf(stream);
  const length = lengthOf(s);
  return { state: STATES[s.state], supportsBYOB: s.controller.kind !== 0, length: length === undefined ? undefined : toBigInt(length) };
}
const toBigInt = BigInt;

defineInterface(ReadableStream, 'ReadableStream', { standard: isTypeScript, brand: isReadableStream, ownProperties: ['locked'], inspector: { extra: extraFacts } });
ObjectDefineProperty(ReadableStream.prototype, SymbolAsyncIterator, { value: ReadableStream.prototype.values, writable: true, enumerable: false,
  configurable: true });
export { ReadableStream };

function pipeOptions(value: unknown, method: string): PipeOptions {
  const o = toDictionary<Record<string, unknown>>(value, () => badArgument(method, 'ReadableStream', 2, 'PipeToOptions'));
  if (o === undefined) return { preventAbort: false, preventCancel: false, preventClose: false, signal: undefined };
  const preventAbort = !!o.preventAbort;
  const preventCancel = !!o.preventCancel;
  const preventClose = !!o.preventClose;
  const { signal } = o;
  if (signal !== undefined && (typeof signal !== 'object' || signal === null || !isAbortSignal(signal))) {
    throw new TypeError("Incorrect type for the 'signal' field on 'PipeToOptions': the provided value is not of type 'AbortSignal'.");
  }
  return { preventAbort, preventCancel, preventClose, signal: signal as AbortSignal | undefined };
}


function callback(source: any, name: string): Function | undefined {
  const fn = source[name];
  if (fn === undefined) return undefined;
  if (typeof fn !== 'function') {
    throw new TypeError(`Incorrect type for the '${name}' field on 'UnderlyingSource': the provided value is not of type 'function'.`);
  }
  return fn;
}

/** The constructor's work: a controller fed by user code. */
function setUp(state: ReadableState, source: any, strategy: Strategy): void {
  if (source === undefined || (source === null && !specMode())) source = {};
  else if ((typeof source !== 'object' && typeof source !== 'function') || source === null) {
    throw new TypeError("Failed to construct 'ReadableStream': constructor parameter 1 is not of type 'UnderlyingSource'.");
  }
  // Members in the order of their names, as Web IDL reads dictionaries.
  let allocate: number | undefined;
  const given = source.autoAllocateChunkSize;
  if (given !== undefined) allocate = enforceUnsigned(given, 'autoAllocateChunkSize');
  const cancelFn = callback(source, 'cancel');
  const expected = specMode() && !isTypeScript() ? undefined : source.expectedLength;
  const pullFn = callback(source, 'pull');
  const startFn = callback(source, 'start');
  const rawType = source.type;
  const type = rawType === undefined ? '' : `${rawType}`;
  if (expected !== undefined) state.expectedLength = toUint64(expected);
  const cancel = cancelFn === undefined ? undefined : (reason: unknown) => apply(cancelFn, source, [reason]);
  if (type === 'bytes') {
    if (strategy.sized && specMode()) throw new RangeError('A byte stream takes no size function.');
    if (allocate === 0) throw new TypeError('The autoAllocateChunkSize option cannot be zero.');
    if (allocate === undefined && !flags.streams_no_default_auto_allocate_chunk_size && !specMode()) allocate = 4096;
    const byteSource: ByteStreamSource = {
      pull: pullFn === undefined ? undefined : (c) => apply(pullFn, source, [byteControllerFace(c)]),
      cancel,
    };
    const c = new ByteController(state, byteSource, highWaterMarkOf(strategy, 0), allocate);
    start(c, startFn, source, () => byteControllerFace(c));
  } else if (rawType === undefined || (type === '' && !specMode())) {
    const chunkSource: Source = {
      pull: pullFn === undefined ? undefined : (c) => apply(pullFn, source, [c.face]),
      cancel,
    };
    const c = new DefaultController(state, chunkSource, highWaterMarkOf(strategy, 1), strategy.size);
    start(c, startFn, source, () => c.face);
  } else {
    throw new TypeError(`"${type}" is not a valid type of ReadableStream.`);
  }
}

function start(c: DefaultController | ByteController, startFn: Function | undefined, source: unknown, face: () => object): void {
  let result: unknown;
  if (startFn !== undefined) {
    try {
      result = apply(startFn, source, [face()]);
    } catch (e) {
      if (specMode()) throw e;
      // workerd gives a stream that has failed, where the standard throws.
      if (c.stream.state === READABLE) c.error(e);
      return;
    }
  }
  if (startFn === undefined && !specMode()) c.startNow();
  else c.start(result);
}
