// pipeTo (https://streams.spec.whatwg.org/#readable-stream-pipe-to), without a promise for each chunk: chunks go from the source's
// controller to the destination's queue, and both sides tell of their changes through the watchers of reader and writer.
import { abortReason, addAbortAlgorithm, isAborted, type AbortSignal } from '../abort';
import { flags } from '../flags';
import type { Pipe } from '../native';
import { otherRequestError } from '../io-context';
import { native } from '../ops';
import { isForeign, READABLE_TYPE, WRITABLE_TYPE } from '../pipe-owner';
import { bytesLength } from './intrinsics';
import { specMode } from './mode';
import { chunkBytes } from './internal-writable';
import { type Deferred, deferred, laterIn, react, rejected, resolvedVoid } from './promises';
import { CLOSED as READ_CLOSED, ERRORED as READ_ERRORED, READABLE, type ReadableState, type ReaderState, type ReadRequest, acquireReader, cancelStream, cancelStreamQuietly, readerRead,
  releaseReader } from './readable-state';
import type { InternalController } from './internal-controller';
import { settleLink } from './native-link';
import { PipeSink, PipeSource } from './native-pipe';
import { CLOSED, ERRORED, ERRORING, WRITABLE, type WritableState, WriterState, abortWritable, closeWritable, releaseWriter } from './writable-state';
import { internalClose } from './internal-writable';

export interface PipeOptions {
  preventAbort: boolean;
  preventCancel: boolean;
  preventClose: boolean;
  signal: AbortSignal | undefined;
}

/** Both streams are known to be unlocked. */
export function pipeStates(source: ReadableState, dest: WritableState, options: PipeOptions): Promise<undefined> {
  if (source.controller.kind === 2 && (source.controller as InternalController).closing) {
    return rejected(new TypeError('This ReadableStream belongs to an object that is closing.'));
  }
  if (isForeign(source.owner)) return rejected(otherRequestError(READABLE_TYPE));
  if (isForeign(dest.owner)) return rejected(otherRequestError(WRITABLE_TYPE));
  const pipe = new PipeState(source, dest, options);
  pipe.begin();
  return pipe.result.promise;
}

export class PipeState implements ReadRequest {
  next: ReadRequest | undefined = undefined;
  readonly result: Deferred<undefined> = deferred();
  readonly #source: ReadableState;
  readonly #dest: WritableState;
  readonly #reader: ReaderState;
  readonly #writer: WriterState;
  readonly #options: PipeOptions;
  /** User code at either end runs in the async context, and so in the request, of the one who called pipeTo(). */
  readonly #frame: unknown = native.getAsyncFrame();
  #shuttingDown = false;
  #aborted = false;
  /** The reader is released. */
  #sourceFree = false;
  /** An internal destination that was closed stays locked. */
  #keepLock = false;
  /** A destination was closing before the pipe began; workerd notices when it is closed. */
  #awaitsClose = false;
  /** A chunk of this pipe is with the destination and not done. */
  #writing = false;
  #reading = false;
  #scheduled = false;
  #stepping = false;
  /** A chunk that was read and is not written yet. */
  #arrived: { value: unknown } | undefined = undefined;
  /** What is to be done when the writes are through. */
  #afterWrites: (() => void) | undefined = undefined;
  #removeAbort: (() => void) | undefined = undefined;

  constructor(source: ReadableState, dest: WritableState, options: PipeOptions) {
    this.#source = source;
    this.#dest = dest;
    this.#options = options;
    this.#reader = acquireReader(source);
    this.#writer = new WriterState(dest);
    source.disturbed = true;
  }

  begin(): void {
    const source = this.#source;
    const dest = this.#dest;
    const { signal } = this.#options;
    if (signal !== undefined) {
      if (isAborted(signal)) {
        if (specMode()) this.#abort(abortReason(signal));
        else this.#abortBeforeStart(abortReason(signal));
        return;
      }
      this.#removeAbort = addAbortAlgorithm(signal, (reason) => this.#abort(reason));
    }
    this.#reader.watcher = this;
    this.#writer.watcher = this;
    if (source.state === READ_ERRORED) this.#sourceErrored();
    else if (dest.state === ERRORED || (dest.state === ERRORING && !specMode())) this.#failBackwards(dest.error);
    else if (source.state === READ_CLOSED) this.#sourceClosed();
    else if (dest.state === CLOSED) this.#destClosed();
    else if (dest.closeQueuedOrInFlight) {
      if (specMode() || dest.internal) this.#destClosed();
      else this.#awaitsClose = true;
    } else if (!this.#link()) this.#readNow();
  }

  // ---- native streams

  /** The source, if it is a native one and nothing about this pipe needs JS. */
  get nativeSource(): PipeSource | undefined {
    const { signal, preventAbort, preventCancel, preventClose } = this.#options;
    if (this.#shuttingDown || this.#aborted || signal !== undefined || preventAbort || preventCancel || preventClose) return undefined;
    return this.#sourcePipe();
  }

  #sourcePipe(): PipeSource | undefined {
    const { controller, state } = this.#source;
    if (controller.kind !== 2 || state !== READABLE) return undefined;
    const { source } = controller as InternalController;
    return source instanceof PipeSource ? source : undefined;
  }

  /** From one native stream to another: the bytes move inside C++. */
  #link(): boolean {
    const dest = this.#dest;
    const { byteSink } = dest;
    const source = this.#sourcePipe();
    if (source === undefined || !(byteSink instanceof PipeSink) || this.#options.signal !== undefined) return false;
    if (dest.state !== WRITABLE || dest.controller.queue.length > 0) return false;
    this.#shuttingDown = true;
    const to = byteSink.pipe;
    native.pipeLink(source.pipe, to, !this.#options.preventClose, (what, message) => this.ended(to, what, message));
    return true;
  }

  /** Stops this pipe's own loop, and gives what it has read and not written, and what is written and not done. */
  leaveToNative(give: (chunk: unknown) => void, firstIsDone: boolean): void {
    this.#shuttingDown = true;
    if (this.#reading && this.#arrived === undefined) (this.#source.controller as InternalController).forget();
    this.#dest.controller.takeQueued(give, firstIsDone);
    if (this.#arrived !== undefined) give(this.#arrived.value);
    this.#arrived = undefined;
  }

  ended(to: Pipe, what: 0 | 1 | 2, message: string): void {
    const { failed, error } = settleLink(this.#source, this.#dest, to, what, message, this.#options);
    this.#keepLock = this.#dest.internal && what === 0 && !this.#options.preventClose;
    this.#finish(failed, error);
  }

  // ---- the watchers: reactions come a microtask later, as those to promises do

  streamClosed(): void {
    laterIn(this.#frame, () => this.#sourceClosed());
  }
  streamErrored(): void {
    laterIn(this.#frame, () => this.#sourceErrored());
  }
  writableChanged(): void {
    if (this.#dest.state === WRITABLE && this.#dest.controller.queue.length === 0) this.#writing = false;
    if (this.#awaitsClose) {
      if (this.#dest.state === CLOSED && !this.#shuttingDown) this.#closedUnderWay();
      return;
    }
    const then = this.#afterWrites;
    if (then !== undefined) {
      if (this.#dest.controller.queue.length > 0) return;
      this.#afterWrites = undefined;
      laterIn(this.#frame, then);
    } else if (!this.#shuttingDown) {
      this.#schedule();
    }
  }
  writableErrored(): void {
    laterIn(this.#frame, () => this.#destErrored());
  }

  // ---- the loop

  #schedule(): void {
    if (this.#scheduled || this.#reading || this.#shuttingDown) return;
    this.#scheduled = true;
    laterIn(this.#frame, this.#step);
  }

  /** The first chunk is asked for at once, and written later. */
  #readNow(): void {
    if (!this.#destReady()) return;
    this.#reading = true;
    readerRead(this.#reader, this);
  }

  readonly #step = (): void => {
    this.#scheduled = false;
    if (this.#shuttingDown || this.#reading || !this.#destReady() || this.#source.state !== READABLE) return;
    this.#reading = this.#stepping = true;
    readerRead(this.#reader, this);
    this.#stepping = false;
    this.#writeArrived();
  };

  readonly #writeArrived = (): void => {
    const arrived = this.#arrived;
    if (arrived === undefined) return;
    this.#arrived = undefined;
    this.#write(arrived.value);
  };

  #destReady(): boolean {
    const dest = this.#dest;
    if (dest.state !== WRITABLE || dest.closeQueuedOrInFlight) return false;
    // An internal stream shows writers no backpressure unless asked to; a pipe waits for it all the same.
    return dest.internal ? dest.controller.queue.length === 0 : !dest.backpressure;
  }

  chunk(value: unknown): void {
    // Never inside the source's enqueue(): the destination's code is not to run there.
    this.#arrived = { value };
    if (!this.#stepping) laterIn(this.#frame, this.#writeArrived);
  }

  #write(value: unknown): void {
    this.#reading = false;
    // workerd drops what arrives after an abort; the standard writes it.
    if (this.#aborted && !specMode()) return;
    const dest = this.#dest;
    if (dest.internal) {
      this.#writeBytes(value);
    } else if (dest.state === WRITABLE) {
      const { controller } = dest;
      this.#writing = true;
      const size = controller.sizeOf(value);
      if (dest.state === WRITABLE) controller.write(value, size, undefined);
    }
    this.#schedule();
  }

  #writeBytes(value: unknown): void {
    const dest = this.#dest;
    let bytes: Uint8Array | undefined;
    try {
      bytes = this.#source.controller.kind === 2 ? (value as Uint8Array) : chunkBytes(value);
      if (bytes === undefined) throw undefined;
    } catch {
      const e = new TypeError('This WritableStream only supports writing byte types.');
      this.#shutdown(() => both(
        this.#options.preventCancel ? undefined : cancelStream(this.#source, e),
        this.#options.preventAbort ? undefined : abortWritable(dest, e)), e, true);
      return;
    }
    const size = bytesLength(bytes);
    if (size > 0 && dest.state === WRITABLE) dest.controller.write(bytes, size, undefined);
  }

  close(): void {
    this.#reading = false;
  }

  error(): void {
    this.#reading = false;
  }

  // ---- how it ends

  #abort(reason: unknown): void {
    this.#aborted = true;
    const { preventAbort, preventCancel } = this.#options;
    const dest = this.#dest;
    if (dest.internal && dest.inFlight !== undefined && !this.#shuttingDown && !specMode()) {
      // workerd does not wait for the write under way: its chunk is lost, and what it was meant for fails.
      void dest.controller.abortNow(preventAbort ? new Error('The write was cancelled.') : reason);
    }
    this.#shutdown(() => both(
      preventAbort || this.#dest.state !== WRITABLE ? undefined : abortWritable(this.#dest, reason),
      preventCancel || this.#source.state !== READABLE ? undefined : cancelStream(this.#source, reason)), reason, true);
  }

  /** The signal had aborted already. As in workerd the source is let go before code that listens to the destination's abort runs: it may use
   *  the source again. */
  #abortBeforeStart(reason: unknown): void {
    this.#aborted = this.#shuttingDown = this.#sourceFree = true;
    const { preventAbort, preventCancel } = this.#options;
    const cancelled = preventCancel || this.#source.state !== READABLE ? undefined : cancelStream(this.#source, reason);
    releaseReader(this.#reader);
    const aborted = preventAbort || this.#dest.state !== WRITABLE ? undefined : abortWritable(this.#dest, reason);
    react(both(aborted, cancelled), () => this.#finish(true, reason), (error) => this.#finish(true, error));
  }

  #sourceErrored(): void {
    const { error } = this.#source;
    this.#shutdown(this.#options.preventAbort ? undefined : () => abortWritable(this.#dest, error), error, true);
  }

  #destErrored(): void {
    const { error } = this.#dest;
    if (!this.#writing && this.#silentBackwards) {
      if (!this.#shuttingDown) this.#endSilently(error);
    } else {
      this.#failBackwards(error);
    }
  }

  #failBackwards(error: unknown): void {
    this.#shutdown(this.#options.preventCancel ? undefined : () => cancelStream(this.#source, error), error, true);
  }

  #sourceClosed(): void {
    if (!this.#shuttingDown) this.#keepLock = this.#dest.internal && !this.#options.preventClose;
    this.#shutdown(this.#options.preventClose ? undefined : () => closeWithErrorPropagation(this.#dest), undefined, false);
  }

  #destClosed(): void {
    this.#failBackwards(new TypeError('This destination writable stream is closed.'));
  }

  /** The close that was queued before the pipe began is done. */
  #closedUnderWay(): void {
    const e = new TypeError('This destination writable stream is closed.');
    if (this.#silentBackwards) this.#endSilently(e);
    else this.#failBackwards(e);
  }

  /** Before pipe_to_backward_propagation, the end of a destination that no write was waiting for did not fail the pipe. */
  get #silentBackwards(): boolean {
    return !flags.pipe_to_backward_propagation && !specMode() && !this.#dest.internal;
  }

  /** Both streams are let go. The promise is settled when the source is at its end: because it was cancelled, its bytes are all there, or
   *  whenever that comes. */
  #endSilently(reason: unknown): void {
    this.#shuttingDown = true;
    const source = this.#source;
    const known = source.controller.kind === 2 && (source.controller as InternalController).source.length() >= 0;
    if (!this.#options.preventCancel) cancelStreamQuietly(source, reason);
    this.#release();
    if (!this.#options.preventCancel || known) this.result.resolve(undefined);
    else source.abandonedPipe = this.result;
  }

  #shutdown(action: (() => Promise<unknown> | undefined) | undefined, error: unknown, failed: boolean): void {
    if (this.#shuttingDown) return;
    this.#shuttingDown = true;
    const rest = (): void => {
      if (action === undefined) {
        this.#finish(failed, error);
        return;
      }
      react(action(), () => this.#finish(failed, error), (reason) => this.#finish(true, reason));
    };
    const dest = this.#dest;
    if (dest.state !== WRITABLE || dest.closeQueuedOrInFlight) {
      rest();
      return;
    }
    // A chunk that was read may still be on its way into the queue.
    const settle = (): void => {
      if (dest.state === WRITABLE && dest.controller.queue.length > 0) this.#afterWrites = settle;
      else rest();
    };
    laterIn(this.#frame, settle);
  }

  #finish(failed: boolean, error: unknown): void {
    this.#release();
    if (failed) this.result.reject(error);
    else this.result.resolve(undefined);
  }

  #release(): void {
    this.#writer.watcher = undefined;
    this.#reader.watcher = undefined;
    if (!this.#keepLock || specMode()) releaseWriter(this.#writer);
    if (!this.#sourceFree) releaseReader(this.#reader);
    this.#removeAbort?.();
  }
}

/** WritableStreamDefaultWriterCloseWithErrorPropagation */
function closeWithErrorPropagation(dest: WritableState): Promise<undefined> {
  if (dest.closeQueuedOrInFlight || dest.state === CLOSED) return resolvedVoid();
  if (dest.state === ERRORED) return rejected(dest.error);
  return dest.internal ? internalClose(dest) : closeWritable(dest);
}

/** Waits for both; the first failure counts. */
function both(a: Promise<unknown> | undefined, b: Promise<unknown> | undefined): Promise<unknown> | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  const d = deferred<undefined>();
  let left = 2;
  const ok = (): void => {
    if (--left === 0) d.resolve(undefined);
  };
  react(a, ok, d.reject);
  react(b, ok, d.reject);
  return d.promise;
}
