// Internal writable streams: bytes to the platform (sockets, IdentityTransformStream, compression). They run on the spec's controller, with
// workerd's older rules on top: chunks are copied when written, strings are taken as UTF-8, closing twice is no error.
import { flags } from '../flags';
import { otherRequestError } from '../io-context';
import { native } from '../ops';
import { currentOwner, isForeign, WRITABLE_TYPE } from '../pipe-owner';
import { bytesLength, copyOf, isBuffer, isView, viewBuffer, viewBytes } from './intrinsics';
import { specMode } from './mode';
import { deferred, rejected, resolvedVoid } from './promises';
import { CLOSED, ERRORED, ERRORING, WritableController, WritableState, closedError } from './writable-state';

/** What an internal byte sink must be able to do. A promise tells when the stream may go on; a throw errors it. */
export interface ByteSink {
  /** `chunk` is a private copy, never empty. */
  write(chunk: Uint8Array): unknown;
  close(): unknown;
  abort(reason: unknown): unknown;
  flush?(): unknown;
  /** In the standard mode: strings and shared memory are no chunks, and what is no chunk fails the stream at both ends, here by `fail`. */
  readonly bytesOnly?: boolean;
  fail?(error: unknown): void;
}

export class InternalSink {
  readonly sink: ByteSink;
  constructor(sink: ByteSink) {
    this.sink = sink;
  }
  write(chunk: Uint8Array): unknown {
    return this.sink.write(chunk);
  }
  close(): unknown {
    return this.sink.close();
  }
  abort(reason: unknown): unknown {
    return this.sink.abort(reason);
  }
}

function byteSize(chunk: unknown): number {
  return viewBytes(chunk as Uint8Array);
}

/** `highWaterMark` in bytes; undefined: writers see no backpressure. */
export function internalWritable(sink: ByteSink, highWaterMark: number | undefined): WritableState {
  const s = new WritableState();
  s.internal = true;
  s.byteSink = sink;
  s.owner = currentOwner();
  const c = new WritableController(s, new InternalSink(sink), highWaterMark ?? Infinity, byteSize);
  c.startNow();
  return s;
}

export function internalDesiredSize(s: WritableState): number {
  const size = s.controller.desiredSize;
  return size === Infinity ? 1 : size;
}

/** A chunk as private bytes; undefined for nothing. */
export function chunkBytes(chunk: unknown): Uint8Array | undefined {
  if (chunk === undefined) return undefined;
  if (typeof chunk === 'string') return native.utf8Encode(chunk);
  const copy = copyOf(chunk);
  if (copy !== undefined) return copy;
  throw new TypeError('This TransformStream is being used as a byte stream, but received an object of non-ArrayBuffer/ArrayBufferView type on its ' +
    'writable side.');
}

export function internalWrite(s: WritableState, chunk: unknown): Promise<undefined> {
  if (isForeign(s.owner)) return rejected(otherRequestError(WRITABLE_TYPE));
  if (s.closing) return rejected(new TypeError('This WritableStream belongs to an object that is closing.'));
  if (s.closeQueuedOrInFlight || s.state === CLOSED) return rejected(closedError());
  if (s.state === ERRORED || s.state === ERRORING) return rejected(s.error);
  let bytes: Uint8Array | undefined;
  const sink = s.byteSink as ByteSink;
  if (specMode() && sink.bytesOnly && !isBufferSource(chunk)) return failByChunk(s, sink);
  try {
    bytes = chunkBytes(chunk);
  } catch (e) {
    if (flags.capture_async_api_throws || specMode()) return rejected(e);
    throw e;
  }
  if (bytes === undefined) return resolvedVoid();
  const size = bytesLength(bytes);
  if (size === 0) return resolvedVoid();
  const d = deferred<undefined>();
  s.controller.write(bytes, size, d);
  return d.promise;
}

function isBufferSource(chunk: unknown): boolean {
  return isView(chunk) ? isBuffer(viewBuffer(chunk)) : isBuffer(chunk);
}

function failByChunk(s: WritableState, sink: ByteSink): Promise<never> {
  const e = new TypeError('The provided value is not of type (ArrayBuffer or ArrayBufferView)');
  sink.fail?.(e);
  s.controller.errorIfNeeded(e);
  return rejected(e);
}

export function internalClose(s: WritableState): Promise<undefined> {
  if (isForeign(s.owner)) return rejected(otherRequestError(WRITABLE_TYPE));
  if (s.closeQueuedOrInFlight || s.state === CLOSED) return resolvedVoid();
  if (s.state === ERRORED || s.state === ERRORING) return rejected(s.error);
  const d = (s.closeRequest = deferred<undefined>());
  if (s.writer !== undefined && s.backpressure) s.writer.ready.resolve();
  s.controller.close();
  return d.promise;
}
