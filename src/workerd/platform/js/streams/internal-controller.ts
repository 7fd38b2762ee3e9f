// The controller of internal streams: bytes from the platform (bodies, sockets, compression, IdentityTransformStream), without a queue of
// its own. As in workerd they differ from the spec's byte streams: one read at a time, and a lock with a read under way is not released.
import { flags } from '../flags';
import { otherRequestError } from '../io-context';
import { native } from '../ops';
import { currentOwner, isForeign, READABLE_TYPE } from '../pipe-owner';
import { Bytes, bufferLength, bufferTransfer, bytesLength, elementSize, isDetached, setBytes, viewBuffer, viewBytes, viewOffset } from './intrinsics';
import { specMode } from './mode';
import { promiseFor, rejected } from './promises';
import { LinkedList } from './queue';
import { type Controller, READABLE, CLOSED, type ReadableState, type ReadIntoRequest, type ReadRequest, closeStream, errorStream } from './readable-state';

/** What an internal byte source must be able to do. */
export interface ByteSource {
  /** At most `max` bytes: a chunk (never empty; the stream's to give away), null at the end, undefined: none yet, then `wake` is called
   *  once, later, when asking again makes sense. A throw errors the stream. */
  read(max: number, wake: () => void): Uint8Array | null | undefined;
  /** Nobody reads on. */
  cancel(reason: unknown): unknown;
  /** Bytes still to come, or -1. */
  length(): number;
}

/** How much one default read may give. */
const DEFAULT_READ = 64 * 1024;

class Part {
  next: Part | undefined = undefined;
  constructor(readonly bytes: Uint8Array) {}
}

/** A read into a buffer that is under way. */
class Into {
  readonly parts: LinkedList<Part> = new LinkedList();
  filled = 0;
  constructor(readonly view: ArrayBufferView, readonly buffer: ArrayBuffer, readonly byteOffset: number, readonly byteLength: number, readonly min: number,
    readonly request: ReadIntoRequest) {}
}

export class InternalController implements Controller {
  readonly kind = 2;
  stream: ReadableState;
  source: ByteSource;
  #pending: ReadRequest | undefined = undefined;
  #into: Into | undefined = undefined;
  #wake: (() => void) | undefined = undefined;
  /** The object the stream belongs to is closing (sockets): reads and pipes are refused. */
  closing = false;

  constructor(stream: ReadableState, source: ByteSource) {
    this.stream = stream;
    stream.controller = this;
    this.source = source;
    stream.owner = currentOwner();
  }

  get busy(): boolean {
    return this.#pending !== undefined || this.#into !== undefined;
  }

  #refusal(): Error | undefined {
    if (isForeign(this.stream.owner)) return otherRequestError(READABLE_TYPE);
    if (this.closing) return new TypeError('This ReadableStream belongs to an object that is closing.');
    if (this.busy) return new TypeError('This ReadableStream only supports a single pending read request at a time.');
    return undefined;
  }

  read(request: ReadRequest): void {
    const refusal = this.#refusal();
    if (refusal !== undefined) request.error(refusal);
    else this.#read(request);
  }

  #read(request: ReadRequest): void {
    let chunk: Uint8Array | null | undefined;
    // Pending during the call: a source may close or error the stream from inside it.
    this.#pending = request;
    try {
      chunk = this.source.read(DEFAULT_READ, (this.#wake ??= () => this.#awake()));
    } catch (e) {
      this.error(e);
      return;
    }
    if (chunk === undefined || this.#pending !== request) return;
    this.#pending = undefined;
    if (chunk !== null) {
      request.chunk(chunk);
      return;
    }
    closeStream(this.stream);
    request.close();
  }

  /** Forgets the read under way; whoever asked for it knows. */
  forget(): void {
    this.#pending = undefined;
  }

  #awake(): void {
    if (this.#pending !== undefined) this.#read(this.#pending);
    else if (this.#into !== undefined) this.#fill(this.#into);
  }

  readInto(view: ArrayBufferView, minElements: number, request: ReadIntoRequest, detach: boolean): void {
    const refusal = this.#refusal();
    if (refusal !== undefined) {
      request.error(refusal);
      return;
    }
    const byteOffset = viewOffset(view);
    const byteLength = viewBytes(view);
    const size = elementSize(view);
    let buffer = viewBuffer(view);
    if (detach) {
      try {
        buffer = bufferTransfer(buffer);
      } catch {
        request.error(new TypeError('Unable to use non-detachable ArrayBuffer'));
        return;
      }
    }
    const into = new Into(view, buffer, byteOffset, byteLength, minElements * size, request);
    if (this.stream.state === CLOSED) this.#end(into);
    else this.#fill(into);
  }

  #fill(into: Into): void {
    this.#into = into;
    while (into.filled < into.min) {
      let chunk: Uint8Array | null | undefined;
      try {
        chunk = this.source.read(into.byteLength - into.filled, (this.#wake ??= () => this.#awake()));
      } catch (e) {
        this.error(e);
        return;
      }
      if (chunk === undefined || this.#into !== into) return;
      if (chunk === null) {
        if (into.filled > 0) break;
        this.#into = undefined;
        closeStream(this.stream);
        this.#end(into);
        return;
      }
      into.parts.push(new Part(chunk));
      into.filled += bytesLength(chunk);
    }
    this.#into = undefined;
    into.request.chunk(deliver(into));
  }

  #end(into: Into): void {
    into.request.close(flags.internal_stream_byob_return_view || specMode() ? new Bytes(into.buffer, 0, 0) : undefined);
  }

  cancel(reason: unknown): Promise<unknown> {
    this.#settlePending(reason);
    try {
      return promiseFor(this.source.cancel(reason));
    } catch (e) {
      return rejected(e);
    }
  }

  /** In the standard a cancelled stream is at its end for the read under way too; in workerd that read fails. */
  #settlePending(reason: unknown): void {
    const pending = this.#pending;
    const into = this.#into;
    this.#pending = this.#into = undefined;
    if (specMode()) {
      if (pending !== undefined) pending.close();
      if (into !== undefined) this.#end(into);
    } else {
      const fail = (): void => {
        if (pending !== undefined) pending.error(toError(reason));
        if (into !== undefined) into.request.error(toError(reason));
      };
      // Whoever waits for a socket's end hears of that first, and so knows why the read fails.
      if (this.closing) native.enqueueMicrotask(fail);
      else fail();
    }
  }

  error(reason: unknown): void {
    const pending = this.#pending;
    const into = this.#into;
    this.#pending = this.#into = undefined;
    if (this.stream.state === READABLE) errorStream(this.stream, reason);
    if (pending !== undefined) pending.error(reason);
    if (into !== undefined) into.request.error(reason);
  }

  release(): void {}
}

/** Puts what was read into the reader's buffer, which the user may have detached or resized meanwhile when it was left to them. */
function deliver(into: Into): Uint8Array {
  const { buffer, byteOffset, parts } = into;
  if (isDetached(buffer)) return new Bytes(0);
  const room = bufferLength(buffer) - byteOffset;
  if (room <= 0) return new Bytes(buffer, 0, 0);
  const total = into.filled < room ? into.filled : room;
  const target = new Bytes(buffer, byteOffset, total);
  let at = 0;
  while (parts.first !== undefined && at < total) {
    let part = parts.shift().bytes;
    const n = bytesLength(part);
    if (n > total - at) part = new Bytes(viewBuffer(part), viewOffset(part), total - at);
    setBytes(target, part, at);
    at += n;
  }
  return target;
}

/** Bytes in memory. */
export class MemorySource implements ByteSource {
  #at = 0;
  /** `shared`: others read the same bytes, so chunks are copies. */
  constructor(readonly bytes: Uint8Array, readonly shared: boolean) {}

  read(max: number): Uint8Array | null {
    const left = this.length();
    if (left === 0) return null;
    const n = max < left ? max : left;
    const offset = viewOffset(this.bytes) + this.#at;
    const whole = this.#at === 0 && n === left;
    this.#at += n;
    const part = new Bytes(viewBuffer(this.bytes), offset, n);
    if (!this.shared && whole) return part;
    const copy = new Bytes(n);
    setBytes(copy, part, 0);
    return copy;
  }

  cancel(): void {
    this.#at = bytesLength(this.bytes);
  }

  length(): number {
    return bytesLength(this.bytes) - this.#at;
  }

  /** Everything that is left, in place. */
  rest(): Uint8Array {
    return new Bytes(viewBuffer(this.bytes), viewOffset(this.bytes) + this.#at, this.length());
  }
}

/** Reasons cross internal streams as errors. */
export function toError(reason: unknown): unknown {
  if (typeof reason === 'object' && reason !== null) return reason;
  if (reason === undefined) return new Error('Stream was cancelled.');
  return new Error(typeof reason === 'symbol' ? 'Symbol' : `${reason as string}`);
}

/** A source that has nothing. */
export const emptySource: ByteSource = { read: () => null, cancel: () => undefined, length: () => 0 };
