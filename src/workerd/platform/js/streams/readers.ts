// ReadableStreamDefaultReader and ReadableStreamBYOBReader.
import { flags } from '../flags';
import { addOwnProperties, badArgument, badConstructorArgument, defineInterface, illegalInvocation, legacyOwnProperties } from '../interface';
import { enforceUnsigned } from './byob-request';
import { ByteController } from './byte-controller';
import type { DefaultController } from './default-controller';
import { InternalController } from './internal-controller';
import { elementSize, isBuffer, isDetached, isView, viewBuffer, viewBytes } from './intrinsics';
import { isTypeScript, specMode } from './mode';
import { bare, rejected, settle, settled, takeReject, takeResolve } from './promises';
import { stateOf, isReadableStream } from './readable';
import { CLOSED, ERRORED, READABLE, type ReaderState, type ReadIntoRequest, type ReadRequest, acquireByobReader, acquireReader, cancelStream, readerRead,
  releasedError, releaseReader } from './readable-state';

export interface ReadResult<T> {
  value: T | undefined;
  done: boolean;
}

/** Before enable_fast_jsg_struct there was no `value` at the end. */
function endOfStream(): ReadResult<undefined> {
  return flags.enable_fast_jsg_struct || specMode() ? { value: undefined, done: true } : { done: true } as ReadResult<undefined>;
}

/** A read whose answer is a promise. */
class PromiseRequest implements ReadRequest {
  next: ReadRequest | undefined = undefined;
  constructor(readonly resolve: (r: ReadResult<unknown>) => void, readonly reject: (e: unknown) => void) {}
  chunk(value: unknown): void {
    settle(this.resolve, { value, done: false });
  }
  close(): void {
    settle(this.resolve, endOfStream());
  }
  error(reason: unknown): void {
    this.reject(reason);
  }
}

class PromiseIntoRequest implements ReadIntoRequest {
  next: ReadIntoRequest | undefined = undefined;
  constructor(readonly resolve: (r: ReadResult<ArrayBufferView>) => void, readonly reject: (e: unknown) => void) {}
  chunk(value: ArrayBufferView): void {
    settle(this.resolve, { value, done: false });
  }
  close(value: ArrayBufferView | undefined): void {
    settle(this.resolve, { value, done: true });
  }
  error(reason: unknown): void {
    this.reject(reason);
  }
}

/** Operations whose result is a promise report wrong arguments through it, unless the worker is older than that. */
export function refuse(e: unknown): Promise<never> {
  if (flags.capture_async_api_throws || specMode()) return rejected(e);
  throw e;
}

/** A read by a reader the layer or a user holds. */
export function readChunk(reader: ReaderState): Promise<ReadResult<unknown>> {
  const { stream } = reader;
  if (stream === undefined) return rejected(releasedError());
  // The common case, a queued chunk, needs no request.
  if (stream.state === READABLE && stream.controller.kind === 0) {
    const controller = stream.controller as DefaultController;
    if (controller.queue.length > 0) {
      stream.disturbed = true;
      return settled<ReadResult<unknown>>({ value: controller.take(), done: false });
    }
  } else if (stream.state === CLOSED) {
    stream.disturbed = true;
    return settled<ReadResult<unknown>>(endOfStream());
  } else if (stream.state === ERRORED) {
    stream.disturbed = true;
    return rejected(stream.error);
  }
  const promise = bare<ReadResult<unknown>>();
  readerRead(reader, new PromiseRequest(takeResolve(), takeReject()));
  return promise;
}

/** A reader that has let go of a stream that was not readable any more can still be cancelled and released in old workers. */
function cancelReader(reader: ReaderState, reason: unknown): Promise<undefined> {
  const { stream } = reader;
  return stream === undefined ? rejected(releasedError()) : cancelStream(stream, reason);
}

class ReadableStreamDefaultReader {
  readonly #r: ReaderState;

  constructor(stream: object) {
    if (!isReadableStream(stream)) throw badConstructorArgument('ReadableStreamDefaultReader', 1, 'ReadableStream');
    this.#r = acquireReader(stateOf(stream));
    if (legacyOwnProperties) addOwnProperties(this);
  }

  get closed(): Promise<undefined> {
    if (!(#r in this)) return rejected(illegalInvocation());
    return this.#r.closed;
  }

  cancel(reason: unknown = undefined): Promise<undefined> {
    if (!(#r in this)) return rejected(illegalInvocation());
    return cancelReader(this.#r, reason);
  }

  read(): Promise<ReadResult<unknown>> {
    if (!(#r in this)) return rejected(illegalInvocation());
    return readChunk(this.#r);
  }

  releaseLock(): void {
    if (!(#r in this)) throw illegalInvocation();
    release(this.#r);
  }
}

class ReadableStreamBYOBReader {
  readonly #r: ReaderState;

  constructor(stream: object) {
    if (!isReadableStream(stream)) throw badConstructorArgument('ReadableStreamBYOBReader', 1, 'ReadableStream');
    this.#r = acquireByobReader(stateOf(stream));
    if (legacyOwnProperties) addOwnProperties(this);
  }

  get closed(): Promise<undefined> {
    if (!(#r in this)) return rejected(illegalInvocation());
    return this.#r.closed;
  }

  cancel(reason: unknown = undefined): Promise<undefined> {
    if (!(#r in this)) return rejected(illegalInvocation());
    return cancelReader(this.#r, reason);
  }

  read(view: ArrayBufferView, options: { min?: number } | undefined = undefined): Promise<ReadResult<ArrayBufferView>> {
    if (!(#r in this)) return rejected(illegalInvocation());
    if (!isView(view)) return refuse(badArgument('read', 'ReadableStreamBYOBReader', 1, 'ArrayBufferView'));
    let min = 1;
    try {
      if (options !== undefined && options !== null) {
        if (typeof options !== 'object' && typeof options !== 'function') throw badArgument('read', 'ReadableStreamBYOBReader', 2, 'ReadableStreamBYOBReaderReadOptions');
        const given = options.min;
        if (given !== undefined) min = enforceUnsigned(given, 'min');
      }
    } catch (e) {
      return refuse(e);
    }
    return readInto(this.#r, view, min, flags.streams_byob_reader_detaches_buffer === true || specMode());
  }

  /** Workers only: waits for at least `minElements` elements, unless the stream ends before. */
  readAtLeast(minElements: number, view: ArrayBufferView): Promise<ReadResult<ArrayBufferView>> {
    if (!(#r in this)) return rejected(illegalInvocation());
    if (!isView(view)) return refuse(badArgument('readAtLeast', 'ReadableStreamBYOBReader', 2, 'ArrayBufferView'));
    let min: number;
    try {
      min = enforceUnsigned(minElements, 'minElements');
    } catch (e) {
      return refuse(e);
    }
    return readInto(this.#r, view, min, true);
  }

  releaseLock(): void {
    if (!(#r in this)) throw illegalInvocation();
    release(this.#r);
  }
}

function release(reader: ReaderState): void {
  const { stream } = reader;
  if (stream === undefined) return;
  const { controller } = stream;
  if (controller.kind === 2 && (controller as InternalController).busy) {
    throw new TypeError('Cannot call releaseLock() on a reader with outstanding read promises.');
  }
  releaseReader(reader);
}

function readInto(reader: ReaderState, view: ArrayBufferView, min: number, detach: boolean): Promise<ReadResult<ArrayBufferView>> {
  const { stream } = reader;
  if (stream === undefined) return rejected(releasedError());
  const buffer = viewBuffer(view);
  const byteLength = viewBytes(view);
  if (byteLength === 0 || (isBuffer(buffer) && isDetached(buffer))) {
    return rejected(new TypeError('You must call read() on a "byob" reader with a positive-sized TypedArray object.'));
  }
  if (min === 0) return rejected(new TypeError(`Requested invalid minimum number of bytes to read (${min}).`));
  if (min * elementSize(view) > byteLength) {
    const e = `Minimum bytes to read (${min * elementSize(view)}) exceeds size of buffer (${byteLength}).`;
    return rejected(specMode() ? new RangeError(e) : new TypeError(e));
  }
  if (!isBuffer(buffer)) return rejected(new TypeError('Unable to use non-detachable ArrayBuffer.'));
  stream.disturbed = true;
  if (stream.state === ERRORED) return rejected(stream.error);
  const promise = bare<ReadResult<ArrayBufferView>>();
  const request = new PromiseIntoRequest(takeResolve(), takeReject());
  const { controller } = stream;
  if (controller.kind === 1) (controller as ByteController).readInto(view, min, request);
  else if (controller.kind === 2) (controller as InternalController).readInto(view, min, request, detach);
  else request.close(undefined);
  return promise;
}

defineInterface(ReadableStreamDefaultReader, 'ReadableStreamDefaultReader', { standard: isTypeScript, ownProperties: ['closed'] });
defineInterface(ReadableStreamBYOBReader, 'ReadableStreamBYOBReader', { standard: isTypeScript, ownProperties: ['closed'] });
export { ReadableStreamBYOBReader, ReadableStreamDefaultReader };
