// WritableStream, its writer and its controller: what users see.
import type { AbortSignal } from '../abort';
import { flags } from '../flags';
import { addOwnProperties, badConstructorArgument, defineInterface, illegalInvocation, legacyOwnProperties } from '../interface';
import { apply } from './intrinsics';
import { internalClose, internalDesiredSize, internalWrite } from './internal-writable';
import { hasConstructors, isTypeScript, specMode } from './mode';
import { rejected } from './promises';
import { type Strategy, highWaterMarkOf, toStrategy } from './strategy';
import { CLOSED, ERRORED, ERRORING, WRITABLE, type Sink, WritableController, WritableState, WriterState, abortWritable, closeWritable, closedError, isLockedWritable,
  lockedWriterError, releasedWriterError, releaseWriter, writerWrite } from './writable-state';

/** True for every WritableStream of this context, subclass instances included. */
export let isWritableStream: (v: unknown) => v is WritableStream;
export let writableStateOf: (s: WritableStream) => WritableState;

let wrapping: WritableState | undefined;

/** The object users see of a state. */
export function wrapWritable(state: WritableState): WritableStream {
  wrapping = state;
  return new WritableStream();
}

/** The same for a subclass of the layer, whose constructor calls `super()` next. */
export function wrapNext(state: WritableState): void {
  wrapping = state;
}

/** The same with a state that writes to `sink`. */
export function wrapNextSink(sink: object): void {
  const state = new WritableState();
  setUp(state, sink, toStrategy(undefined, 'WritableStream', 2));
  wrapNext(state);
}

/** Web IDL reports what an operation throws as a rejection; old workers have it thrown. */
function close(s: WritableState): Promise<undefined> {
  if (s.internal) return internalClose(s);
  if (s.closeQueuedOrInFlight && !flags.capture_async_api_throws && !specMode()) throw new TypeError('Cannot close a writer that is already being closed');
  return closeWritable(s);
}

class WritableStream<W = any> {
  readonly #s: WritableState;
  declare private _w: W;

  constructor(sink: unknown = undefined, strategy: unknown = undefined) {
    if (wrapping !== undefined) {
      this.#s = wrapping;
      wrapping = undefined;
    } else {
      if (!hasConstructors()) {
        throw new Error('To use the new WritableStream() constructor, enable the streams_enable_constructors compatibility flag. ' +
          'Refer to the docs for more information: https://developers.cloudflare.com/workers/platform/compatibility-dates/#compatibility-flags');
      }
      this.#s = new WritableState();
      setUp(this.#s, sink, toStrategy(strategy, 'WritableStream', 2));
    }
    if (legacyOwnProperties) addOwnProperties(this);
  }

  static {
    isWritableStream = (v): v is WritableStream => typeof v === 'object' && v !== null && #s in v;
    writableStateOf = (s) => s.#s;
  }

  get locked(): boolean {
    if (!(#s in this)) throw illegalInvocation();
    return isLockedWritable(this.#s);
  }

  abort(reason: unknown = undefined): Promise<undefined> {
    if (!(#s in this)) return rejected(illegalInvocation());
    if (isLockedWritable(this.#s)) return rejected(lockedWriterError());
    return abortWritable(this.#s, reason);
  }

  close(): Promise<undefined> {
    if (!(#s in this)) return rejected(illegalInvocation());
    if (isLockedWritable(this.#s)) return rejected(lockedWriterError());
    return close(this.#s);
  }

  getWriter(): WritableStreamDefaultWriter {
    if (!(#s in this)) throw illegalInvocation();
    return new WritableStreamDefaultWriter(this);
  }
}

/** workerd takes the writer of an internal stream off it when that closes or fails: it then only knows that the stream is closed. */
function isOver(writer: WriterState, s: WritableState): boolean {
  return s.internal && writer.sawItOpen && (s.state === CLOSED || s.state === ERRORED) && !specMode();
}

class WritableStreamDefaultWriter {
  readonly #w: WriterState;

  constructor(stream: object) {
    if (!isWritableStream(stream)) throw badConstructorArgument('WritableStreamDefaultWriter', 1, 'WritableStream');
    this.#w = new WriterState(writableStateOf(stream));
    if (legacyOwnProperties) addOwnProperties(this);
  }

  get closed(): Promise<undefined> {
    if (!(#w in this)) return rejected(illegalInvocation());
    return this.#w.closed.promise;
  }

  get desiredSize(): number | null {
    if (!(#w in this)) throw illegalInvocation();
    const s = this.#w.stream;
    if (s === undefined) throw releasedWriterError();
    if (isOver(this.#w, s)) return 0;
    // workerd tells the size also of a JS stream that is about to fail.
    if (s.state === ERRORED || (s.state === ERRORING && (s.internal || specMode()))) return null;
    if (s.state === CLOSED) return 0;
    return s.internal ? internalDesiredSize(s) : s.controller.desiredSize;
  }

  get ready(): Promise<undefined> {
    if (!(#w in this)) return rejected(illegalInvocation());
    return this.#w.ready.promise;
  }

  abort(reason: unknown = undefined): Promise<undefined> {
    if (!(#w in this)) return rejected(illegalInvocation());
    const s = this.#w.stream;
    return s === undefined ? rejected(releasedWriterError()) : abortWritable(s, reason);
  }

  close(): Promise<undefined> {
    if (!(#w in this)) return rejected(illegalInvocation());
    const s = this.#w.stream;
    if (s === undefined) return rejected(releasedWriterError());
    return isOver(this.#w, s) ? rejected(closedError()) : close(s);
  }

  releaseLock(): void {
    if (!(#w in this)) throw illegalInvocation();
    if (this.#w.stream !== undefined) releaseWriter(this.#w);
  }

  write(chunk: unknown = undefined): Promise<undefined> {
    if (!(#w in this)) return rejected(illegalInvocation());
    const writer = this.#w;
    const s = writer.stream;
    if (s === undefined || !s.internal) return writerWrite(writer, chunk);
    return isOver(writer, s) ? rejected(closedError()) : internalWrite(s, chunk);
  }
}

// What the next constructor call is to wrap; empty for user code.
let wrappingController: WritableController | undefined;
let newFace: (c: WritableController) => WritableStreamDefaultController;

class WritableStreamDefaultController {
  readonly #c: WritableController;

  constructor() {
    if (wrappingController === undefined) throw new TypeError('Illegal constructor');
    this.#c = wrappingController;
    wrappingController = undefined;
  }

  static {
    newFace = (c) => {
      wrappingController = c;
      return new WritableStreamDefaultController();
    };
  }

  get signal(): AbortSignal {
    if (!(#c in this)) throw illegalInvocation();
    return this.#c.signal;
  }

  error(reason: unknown = undefined): void {
    if (!(#c in this)) throw illegalInvocation();
    if (this.#c.stream.state === WRITABLE) this.#c.error(reason);
  }
}

/** What console.log shows of a stream and scripts cannot see. */
function extraFacts(stream: WritableStream): Record<string, unknown> {
  const s = writableStateOf(stream);
  let state = 'writable';
  if (s.state === ERRORED) state = 'errored';
  else if (s.state === ERRORING) state = 'erroring';
  else if (s.state === CLOSED || s.closeQueuedOrInFlight) state = 'closed';
  return { state, expectsBytes: s.internal };
}

defineInterface(WritableStream, 'WritableStream', { standard: isTypeScript, brand: isWritableStream, ownProperties: ['locked'], inspector: { extra: extraFacts } });
defineInterface(WritableStreamDefaultWriter, 'WritableStreamDefaultWriter', { standard: isTypeScript, ownProperties: ['closed', 'ready', 'desiredSize'] });
defineInterface(WritableStreamDefaultController, 'WritableStreamDefaultController', { standard: isTypeScript });
export { WritableStream, WritableStreamDefaultController, WritableStreamDefaultWriter };

function callback(sink: any, name: string): Function | undefined {
  const fn = sink[name];
  if (fn === undefined) return undefined;
  if (typeof fn !== 'function') {
    throw new TypeError(`Incorrect type for the '${name}' field on 'UnderlyingSink': the provided value is not of type 'function'.`);
  }
  return fn;
}

/** The constructor's work: a controller that feeds user code. */
function setUp(state: WritableState, sink: any, strategy: Strategy): void {
  if (sink === undefined || (sink === null && !specMode())) sink = {};
  else if ((typeof sink !== 'object' && typeof sink !== 'function') || sink === null) {
    throw new TypeError("Failed to construct 'WritableStream': constructor parameter 1 is not of type 'UnderlyingSink'.");
  }
  const abortFn = callback(sink, 'abort');
  const closeFn = callback(sink, 'close');
  const startFn = callback(sink, 'start');
  const { type } = sink;
  const writeFn = callback(sink, 'write');
  if (type !== undefined && specMode()) throw new RangeError('The type of an underlying sink must be undefined.');
  const face = (c: WritableController): object => (c.face ??= newFace(c));
  const algorithms: Sink = {
    write: writeFn === undefined ? undefined : (chunk, c) => apply(writeFn, sink, [chunk, face(c)]),
    close: closeFn === undefined ? undefined : () => apply(closeFn, sink, []),
    abort: abortFn === undefined ? undefined : (reason) => apply(abortFn, sink, [reason]),
  };
  const highWaterMark = highWaterMarkOf(strategy, 1);
  const c = new WritableController(state, algorithms, highWaterMark, strategy.size);
  let result: unknown;
  if (startFn !== undefined) {
    try {
      result = apply(startFn, sink, [face(c)]);
    } catch (e) {
      if (specMode()) throw e;
      // workerd gives a stream that has failed, where the standard throws.
      result = rejected(e);
    }
  }
  if (startFn === undefined && !specMode()) c.startNow();
  else c.start(result);
}
