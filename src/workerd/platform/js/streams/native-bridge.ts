// Where streams meet the native side: pipes as streams, streams as pipes.
import { currentIo, frameWithIo, runInFrame } from '../async-context';
import type { NativeBody, Pipe } from '../native';
import { native } from '../ops';
import { checkOwner, READABLE_TYPE } from '../pipe-owner';
import { SafeWeakMap, WeakMapPrototypeGet, WeakMapPrototypeSet } from '../primordials';
import { reportUncaught } from '../report';
import { type ByteSource, InternalController, MemorySource, emptySource } from './internal-controller';
import { type ByteSink, internalWritable } from './internal-writable';
import { Bytes, bytesLength, isBuffer, isDetached, isView, viewBuffer, viewBytes, viewOffset, bufferLength } from './intrinsics';
import { takeFeed } from './native-link';
import { PipeSink, PipeSource, messageOf } from './native-pipe';
import { type ReadableStream, lengthOf, stateOf, wrapState } from './readable';
import { CLOSED, ERRORED, READABLE, ReadableState, type ReadRequest, type ReaderState, acquireReader, cancelStreamQuietly, closeStream,
  lockedError, readerRead } from './readable-state';
import { type WritableStream, wrapWritable } from './writable';

export function stateFromSource(source: ByteSource): ReadableState {
  const s = new ReadableState();
  new InternalController(s, source);
  return s;
}

/** Says which request an internal stream belongs to, when it was not the running one that made its bytes. */
export function setStreamOwner(stream: ReadableStream, owner: object | undefined): void {
  stateOf(stream).owner = owner;
}

export function readableFromSource(source: ByteSource): ReadableStream<Uint8Array> {
  return wrapState(stateFromSource(source));
}

/** A byte stream (BYOB too) over a native pipe, which it owns from now on. */
export function readableFromPipe(pipe: Pipe): ReadableStream<Uint8Array> {
  return readableFromSource(new PipeSource(pipe));
}

/** A byte stream over bytes in memory. `shared`: others hold them too, so readers get copies; otherwise the caller gives them away. */
export function readableFromBytes(bytes: Uint8Array, shared: boolean = false): ReadableStream<Uint8Array> {
  return readableFromSource(new MemorySource(bytes, shared));
}

/** A byte stream that is already at its end. */
export function emptyReadable(): ReadableStream<Uint8Array> {
  const s = stateFromSource(emptySource);
  s.state = CLOSED;
  return wrapState(s);
}

/** `highWaterMark` in bytes; undefined: no backpressure is shown to the writer (desiredSize stays 1). */
export function writableFromSink(sink: ByteSink, highWaterMark?: number): WritableStream<Uint8Array> {
  return wrapWritable(internalWritable(sink, highWaterMark));
}

/** A byte WritableStream that feeds a native pipe (sockets, request bodies). */
export function writableFromPipe(pipe: Pipe, highWaterMark?: number): WritableStream<Uint8Array> {
  return writableFromSink(new PipeSink(pipe), highWaterMark);
}

/** The source of an internal stream nobody has touched. */
export function untouchedSource(s: ReadableState): ByteSource | undefined {
  if (s.controller.kind !== 2 || s.disturbed || s.reader !== undefined || s.state !== READABLE) return undefined;
  const controller = s.controller as InternalController;
  checkOwner(s.owner, READABLE_TYPE);
  return controller.closing ? undefined : controller.source;
}

/** Locks and disturbs the stream for good: what it held now belongs to someone else. */
export function seal(s: ReadableState): ReaderState {
  s.disturbed = true;
  return acquireReader(s);
}

/** The stream's bytes as a native body; see index.ts. */
export function bodyFromReadable(stream: ReadableStream): NativeBody {
  const s = stateOf(stream);
  const source = untouchedSource(s);
  if (source instanceof MemorySource) {
    seal(s);
    closeStream(s);
    return source.rest();
  }
  return pipeFromState(s);
}

export function pipeFromReadable(stream: ReadableStream): Pipe {
  return pipeFromState(stateOf(stream));
}

function pipeFromState(s: ReadableState): Pipe {
  const source = untouchedSource(s);
  if (source instanceof PipeSource) {
    seal(s);
    closeStream(s);
    return source.pipe;
  }
  const pipe = native.pipeNew(undefined, lengthOf(s) ?? -1);
  // What a native stream is being piped into, unchanged, need not pass through JS.
  const feed = takeFeed(s);
  if (feed !== undefined) {
    seal(s);
    feed(pipe);
    return pipe;
  }
  const pump = new Pump(acquireReader(s), pipe);
  WeakMapPrototypeSet(pumps, pipe, pump);
  pump.run();
  return pipe;
}

const pumps = new SafeWeakMap<Pipe, Pump>();

/** For a pipe made of a user's stream, nobody but its reader hears when that stream fails: has the error logged as uncaught, for responses. */
export function reportFailures(pipe: Pipe): void {
  WeakMapPrototypeGet(pumps, pipe)?.report();
}

/** Bytes of a chunk, in place. */
export function bytesOfChunk(chunk: unknown): Uint8Array | undefined {
  if (isView(chunk)) {
    const n = viewBytes(chunk);
    // What has been detached holds nothing, and nothing can be made of its buffer.
    return n === 0 ? new Bytes(0) : new Bytes(viewBuffer(chunk), viewOffset(chunk), n);
  }
  if (isBuffer(chunk)) return isDetached(chunk) ? new Bytes(0) : new Bytes(chunk, 0, bufferLength(chunk));
  return undefined;
}

/** What may be sent though somebody has read a part of it. Throws for what may not. */
export function checkPumpable(stream: ReadableStream): void {
  const s = stateOf(stream);
  if (s.reader !== undefined) throw new TypeError('The ReadableStream has been locked to a reader.');
  if (s.disturbed && s.controller.kind === 2) throw new TypeError('This ReadableStream is disturbed.');
  if (s.state === ERRORED) throw s.error;
}

export function notBytes(): TypeError {
  return new TypeError('This ReadableStream did not return bytes.');
}

/** Moves a stream's chunks into a native pipe. */
class Pump implements ReadRequest {
  next: ReadRequest | undefined = undefined;
  #running = false;
  #reading = false;
  #waiting = false;
  #done = false;
  // Where the native side sets user code going (pull, cancel), that runs in this request.
  #reports = false;
  #failed = false;
  #failure: unknown = undefined;
  readonly #frame = frameWithIo(undefined, currentIo());

  constructor(readonly reader: ReaderState, readonly pipe: Pipe) {}

  run(): void {
    // A loop, not recursion: chunks may be there at once.
    this.#running = true;
    while (!this.#done && !this.#waiting) {
      this.#reading = true;
      readerRead(this.reader, this);
      if (this.#reading) break;
    }
    this.#running = false;
  }

  chunk(value: unknown): void {
    this.#reading = false;
    // Strings are sent as UTF-8, though body mixins do not read them.
    const bytes = typeof value === 'string' ? native.utf8Encode(value) : bytesOfChunk(value);
    if (bytes === undefined) {
      const e = new TypeError('Draining read encountered a value that cannot be converted to bytes');
      this.#done = true;
      native.pipeAbort(this.pipe, messageOf(e));
      cancelStreamQuietly(this.reader.stream!, e);
      return;
    }
    const answer = bytesLength(bytes) === 0 ? 0 : native.pipeWrite(this.pipe, bytes);
    if (answer === 2) {
      this.#cancelled();
    } else if (answer === 1) {
      this.#waiting = true;
      native.pipeOnDrain(this.pipe, this.#drained);
    } else if (!this.#running) {
      this.run();
    }
  }

  readonly #drained = (cancelled: boolean): void => {
    runInFrame(this.#frame, this.#goOn, this, [cancelled]);
  };

  #goOn(cancelled: boolean): void {
    this.#waiting = false;
    if (cancelled) this.#cancelled();
    else if (!this.#running && !this.#reading) this.run();
  }

  #cancelled(): void {
    if (this.#done) return;
    this.#done = true;
    cancelStreamQuietly(this.reader.stream!, new Error('Network connection lost.'));
  }

  close(): void {
    this.#reading = false;
    if (this.#done) return;
    this.#done = true;
    native.pipeClose(this.pipe);
  }

  error(reason: unknown): void {
    this.#reading = false;
    if (this.#done) return;
    this.#done = true;
    native.pipeAbort(this.pipe, messageOf(reason));
    this.#failed = true;
    this.#failure = reason;
    if (this.#reports) runInFrame(this.#frame, reportUncaught, undefined, [reason, 'stream']);
  }

  report(): void {
    this.#reports = true;
    if (this.#failed) reportUncaught(this.#failure, 'stream');
  }
}

/** A new stream that takes over `stream`, which is left locked, disturbed and at its end. */
export function takeReadable(stream: ReadableStream): ReadableStream {
  const old = stateOf(stream);
  if (old.reader !== undefined) throw lockedError();
  const s = new ReadableState();
  s.state = old.state;
  s.error = old.error;
  s.expectedLength = old.expectedLength;
  s.controller = old.controller;
  s.controller.stream = s;
  // The old one must not reach the controller any more.
  new InternalController(old, emptySource);
  old.disturbed = true;
  if (old.state !== ERRORED) old.state = CLOSED;
  acquireReader(old);
  return wrapState(s);
}

/** Cancels without the lock check. Never throws, never an unhandled rejection. */
export function cancelQuietly(stream: ReadableStream, reason: unknown): void {
  cancelStreamQuietly(stateOf(stream), reason);
}
