// What is behind a WritableStream, its writer and its controller (https://streams.spec.whatwg.org/#ws-all-abstract-ops).
import { createAbortSignal, signalAbort, type AbortSignal } from '../abort';
import { flags } from '../flags';
import { specMode } from './mode';
import { type Deferred, deferred, markHandled, promiseFor, react, rejected, rejectedQuietly, resolvedVoid } from './promises';
import { SizedQueue } from './queue';
import { type SizeFunction, chunkSize } from './strategy';

export const WRITABLE = 0;
export const ERRORING = 1;
export const ERRORED = 2;
export const CLOSED = 3;

/** Where chunks go: user code or the layer itself. Results may be promises; a method may throw. */
export interface Sink {
  write: ((chunk: any, controller: WritableController) => unknown) | undefined;
  close: (() => unknown) | undefined;
  abort: ((reason: unknown) => unknown) | undefined;
}

class PendingAbort {
  readonly deferred: Deferred<undefined> = deferred();
  constructor(readonly reason: unknown, readonly wasAlreadyErroring: boolean) {}
}

/** A write waiting for its turn. */
export class WriteRecord {
  constructor(readonly chunk: unknown, readonly request: Deferred<undefined> | undefined, readonly kind: 'write' | 'close' | 'flush') {}
}

export class WritableState {
  state: 0 | 1 | 2 | 3 = WRITABLE;
  error: unknown = undefined;
  writer: WriterState | undefined = undefined;
  controller: WritableController = undefined as unknown as WritableController;
  backpressure = false;
  pendingAbort: PendingAbort | undefined = undefined;
  closeRequest: Deferred<undefined> | undefined = undefined;
  inFlightClose: Deferred<undefined> | undefined = undefined;
  /** The write that the sink is at. */
  inFlight: WriteRecord | undefined = undefined;
  /** Set for internal streams: bytes only, and the older rules of workerd. */
  internal = false;
  /** What an internal stream writes to. */
  byteSink: object | undefined = undefined;
  /** The object the stream belongs to is closing (sockets). */
  closing = false;
  abortPromise: Promise<undefined> | undefined = undefined;

  get closeQueuedOrInFlight(): boolean {
    return this.closeRequest !== undefined || this.inFlightClose !== undefined;
  }
}

const PENDING = 0;
const RESOLVED = 1;
const REJECTED = 2;

/** A promise a writer shows, made when first looked at. */
export class LazyPromise {
  #state: 0 | 1 | 2 = PENDING;
  #reason: unknown = undefined;
  #promise: Promise<undefined> | undefined = undefined;
  #deferred: Deferred<undefined> | undefined = undefined;

  get promise(): Promise<undefined> {
    if (this.#promise !== undefined) return this.#promise;
    if (this.#state === RESOLVED) return (this.#promise = resolvedVoid());
    if (this.#state === REJECTED) return (this.#promise = rejectedQuietly(this.#reason));
    const d = (this.#deferred = deferred<undefined>());
    markHandled(d.promise);
    return (this.#promise = d.promise);
  }

  get pending(): boolean {
    return this.#state === PENDING;
  }

  resolve(): void {
    if (this.#state !== PENDING) return;
    this.#state = RESOLVED;
    this.#deferred?.resolve(undefined);
    this.#deferred = undefined;
  }

  /** Rejects; a promise already settled is replaced by a new one. */
  reject(reason: unknown): void {
    if (this.#state !== PENDING) this.#promise = undefined;
    else this.#deferred?.reject(reason);
    this.#deferred = undefined;
    this.#state = REJECTED;
    this.#reason = reason;
  }

  /** A new pending promise takes the place of this one. */
  renew(): void {
    this.#state = PENDING;
    this.#promise = this.#deferred = undefined;
    this.#reason = undefined;
  }
}

export class WriterState {
  stream: WritableState | undefined;
  readonly closed: LazyPromise = new LazyPromise();
  readonly ready: LazyPromise = new LazyPromise();
  /** Told of less backpressure, of writes done, and of the final error; for pipes. */
  watcher: { writableChanged(): void; writableErrored(): void } | undefined = undefined;

  constructor(s: WritableState) {
    if (s.writer !== undefined) throw lockedWriterError();
    this.stream = s;
    s.writer = this;
    if (s.state === WRITABLE) {
      if (s.closeQueuedOrInFlight || !s.backpressure) this.ready.resolve();
    } else if (s.state === CLOSED) {
      this.ready.resolve();
      this.closed.resolve();
    } else {
      this.ready.reject(s.error);
      if (s.state === ERRORED) this.closed.reject(s.error);
    }
  }
}

export function isLockedWritable(s: WritableState): boolean {
  return s.writer !== undefined;
}

export function lockedWriterError(): TypeError {
  return new TypeError('This WritableStream is currently locked to a writer.');
}

export function releasedWriterError(): TypeError {
  return new TypeError('This WritableStream writer has been released.');
}

export function closedError(): TypeError {
  return new TypeError('This WritableStream has been closed.');
}

export function releaseWriter(writer: WriterState): void {
  const s = writer.stream!;
  const e = releasedWriterError();
  writer.ready.reject(e);
  writer.closed.reject(e);
  s.writer = undefined;
  writer.stream = undefined;
  // workerd also gives up the writes that wait, so that nobody hangs on them.
  if (!specMode() && !s.internal) s.controller.rejectQueued(e);
}

/** WritableStreamAbort */
export function abortWritable(s: WritableState, reason: unknown): Promise<undefined> {
  if (specMode() || s.internal) return abort(s, reason);
  // workerd answers a further abort with the first one's outcome.
  return (s.abortPromise ??= abort(s, reason));
}

function abort(s: WritableState, reason: unknown): Promise<undefined> {
  if (s.state === CLOSED || s.state === ERRORED) return resolvedVoid();
  if (s.internal && flags.internal_writable_stream_abort_clears_queue) return s.controller.abortNow(reason);
  s.controller.signalAbort(reason);
  const { state } = s;
  if (state === (CLOSED as number) || state === (ERRORED as number)) return resolvedVoid();
  if (s.pendingAbort !== undefined) return s.pendingAbort.deferred.promise;
  const wasAlreadyErroring = state === ERRORING;
  const pending = (s.pendingAbort = new PendingAbort(wasAlreadyErroring ? undefined : reason, wasAlreadyErroring));
  if (!wasAlreadyErroring) startErroring(s, reason);
  return pending.deferred.promise;
}

/** WritableStreamClose */
export function closeWritable(s: WritableState): Promise<undefined> {
  if (s.state === CLOSED || s.state === ERRORED) {
    if (s.state === ERRORED && !specMode()) return rejected(s.error);
    return rejected(closedError());
  }
  if (s.closeQueuedOrInFlight) return rejected(new TypeError('Cannot close a writer that is already being closed'));
  const d = (s.closeRequest = deferred<undefined>());
  const { writer } = s;
  if (writer !== undefined && s.backpressure && s.state === WRITABLE) writer.ready.resolve();
  s.controller.close();
  return d.promise;
}

export function startErroring(s: WritableState, reason: unknown): void {
  s.state = ERRORING;
  s.error = reason;
  s.writer?.ready.reject(reason);
  s.writer?.watcher?.writableChanged();
  if (s.inFlight === undefined && s.inFlightClose === undefined && s.controller.started) finishErroring(s);
}

function finishErroring(s: WritableState): void {
  s.state = ERRORED;
  const { controller } = s;
  controller.rejectQueued(s.error);
  const pending = s.pendingAbort;
  if (pending === undefined) {
    rejectCloseAndClosed(s);
    return;
  }
  s.pendingAbort = undefined;
  if (pending.wasAlreadyErroring) {
    pending.deferred.reject(s.error);
    rejectCloseAndClosed(s);
    return;
  }
  react(controller.abortSteps(pending.reason), () => {
    pending.deferred.resolve(undefined);
    rejectCloseAndClosed(s);
  }, (reason) => {
    pending.deferred.reject(reason);
    rejectCloseAndClosed(s);
  });
}

function rejectCloseAndClosed(s: WritableState): void {
  if (s.closeRequest !== undefined) {
    s.closeRequest.reject(s.error);
    s.closeRequest = undefined;
  }
  const { writer } = s;
  if (writer === undefined) return;
  writer.closed.reject(s.error);
  if (writer.watcher !== undefined) {
    writer.watcher.writableChanged();
    writer.watcher.writableErrored();
  }
}

function dealWithRejection(s: WritableState, reason: unknown): void {
  if (s.state === WRITABLE) startErroring(s, reason);
  else finishErroring(s);
}

export class WritableController {
  readonly stream: WritableState;
  readonly queue: SizedQueue<WriteRecord> = new SizedQueue();
  #sink: Sink | undefined;
  #size: SizeFunction | undefined;
  readonly #highWaterMark: number;
  started = false;
  #signal: AbortSignal | undefined = undefined;
  #abortReason: unknown = undefined;
  #aborted = false;
  face: object | undefined = undefined;

  constructor(stream: WritableState, sink: Sink, highWaterMark: number, size: SizeFunction | undefined) {
    this.stream = stream;
    stream.controller = this;
    this.#sink = sink;
    this.#highWaterMark = highWaterMark;
    this.#size = size;
    stream.backpressure = this.#hasBackpressure();
  }

  start(startResult: unknown): void {
    react(startResult, () => {
      this.started = true;
      this.#advance();
    }, (reason) => {
      this.started = true;
      dealWithRejection(this.stream, reason);
    });
  }

  /** For streams of the layer that need no start: the first write goes out at once. */
  startNow(): void {
    this.started = true;
  }

  get desiredSize(): number {
    return this.#highWaterMark - this.queue.total;
  }

  get signal(): AbortSignal {
    if (this.#signal === undefined) {
      this.#signal = createAbortSignal();
      if (this.#aborted) signalAbort(this.#signal, this.#abortReason);
    }
    return this.#signal;
  }

  signalAbort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#abortReason = reason;
    if (this.#signal !== undefined) signalAbort(this.#signal, reason);
  }

  #hasBackpressure(): boolean {
    return this.#highWaterMark - this.queue.total <= 0;
  }

  #updateBackpressure(): void {
    const s = this.stream;
    const backpressure = this.#hasBackpressure();
    if (backpressure === s.backpressure) return;
    const { writer } = s;
    if (writer !== undefined) {
      if (backpressure) writer.ready.renew();
      else writer.ready.resolve();
    }
    s.backpressure = backpressure;
    writer?.watcher?.writableChanged();
  }

  /** WritableStreamDefaultControllerGetChunkSize: an error of the size function errors the stream. */
  sizeOf(chunk: unknown): number {
    const size = this.#size;
    if (size === undefined) return 1;
    try {
      return chunkSize(size, chunk);
    } catch (e) {
      this.errorIfNeeded(e);
      return 1;
    }
  }

  write(chunk: unknown, size: number, request: Deferred<undefined> | undefined, kind: 'write' | 'flush' = 'write'): void {
    this.queue.push(new WriteRecord(chunk, request, kind), size);
    const s = this.stream;
    if (!s.closeQueuedOrInFlight && s.state === WRITABLE) this.#updateBackpressure();
    this.#advance();
  }

  close(): void {
    this.queue.push(new WriteRecord(undefined, undefined, 'close'), 0);
    this.#advance();
  }

  errorIfNeeded(reason: unknown): void {
    if (this.stream.state === WRITABLE) this.error(reason);
  }

  error(reason: unknown): void {
    this.#clearAlgorithms();
    startErroring(this.stream, reason);
  }

  abortSteps(reason: unknown): Promise<unknown> {
    const sink = this.#sink;
    this.#clearAlgorithms();
    try {
      return promiseFor(sink?.abort?.(reason));
    } catch (e) {
      return rejected(e);
    }
  }

  /** Fails what waits in the queue, and empties it. */
  rejectQueued(reason: unknown): void {
    const { queue } = this;
    const kept = new SizedQueue<WriteRecord>();
    while (queue.length > 0) {
      const size = queue.peekSize();
      const record = queue.shift();
      // The close marker and the write the sink is at stay with the stream while it is writable.
      if (this.stream.state === WRITABLE && (record.kind === 'close' || record === this.stream.inFlight)) kept.push(record, size);
      else record.request?.reject(reason);
    }
    while (kept.length > 0) {
      const size = kept.peekSize();
      queue.push(kept.shift(), size);
    }
  }

  /** An internal stream's abort with internal_writable_stream_abort_clears_queue: at once, whatever is under way. */
  abortNow(reason: unknown): Promise<undefined> {
    const s = this.stream;
    const aborted = this.abortSteps(reason);
    markHandled(aborted);
    s.state = ERRORED;
    s.error = reason;
    s.inFlight?.request?.reject(reason);
    s.inFlight = undefined;
    this.rejectQueued(reason);
    s.inFlightClose?.reject(reason);
    s.inFlightClose = undefined;
    s.writer?.ready.reject(reason);
    rejectCloseAndClosed(s);
    return resolvedVoid();
  }

  #clearAlgorithms(): void {
    this.#sink = undefined;
    this.#size = undefined;
  }

  /** Takes out everything written and not yet done, the chunk the sink is at included, unless `firstIsDone`. The sink's answer for that
   *  one is ignored. */
  takeQueued(into: (chunk: unknown) => void, firstIsDone: boolean): void {
    const at = this.stream.inFlight;
    this.stream.inFlight = undefined;
    const { queue } = this;
    while (queue.length > 0) {
      const record = queue.shift();
      if (record !== at || !firstIsDone) into(record.chunk);
      record.request?.resolve(undefined);
    }
  }

  /** The end of a stream whose bytes went another way: closed, or failed. */
  settleElsewhere(failed: boolean, reason: unknown): void {
    const s = this.stream;
    if (s.state !== WRITABLE) return;
    this.#clearAlgorithms();
    if (!failed) {
      s.state = CLOSED;
      s.writer?.closed.resolve();
      return;
    }
    s.state = ERRORED;
    s.error = reason;
    s.writer?.ready.reject(reason);
    s.writer?.closed.reject(reason);
  }

  #advance(): void {
    const s = this.stream;
    if (!this.started || s.inFlight !== undefined) return;
    if (s.state === ERRORING) {
      finishErroring(s);
      return;
    }
    if (this.queue.length === 0 || s.state !== WRITABLE) return;
    const record = this.queue.peek();
    if (record.kind === 'close') this.#processClose();
    else this.#processWrite(record);
  }

  #processClose(): void {
    const s = this.stream;
    const request = (s.inFlightClose = s.closeRequest!);
    s.closeRequest = undefined;
    this.queue.shift();
    const sink = this.#sink!;
    this.#clearAlgorithms();
    let result: unknown;
    try {
      result = sink.close === undefined ? undefined : sink.close();
    } catch (e) {
      result = rejected(e);
    }
    react(result, () => {
      if (s.inFlightClose !== request) return;
      request.resolve(undefined);
      s.inFlightClose = undefined;
      if (s.state === ERRORING) {
        s.error = undefined;
        if (s.pendingAbort !== undefined) {
          s.pendingAbort.deferred.resolve(undefined);
          s.pendingAbort = undefined;
        }
      }
      s.state = CLOSED;
      s.writer?.closed.resolve();
      s.writer?.watcher?.writableChanged();
    }, (reason) => {
      if (s.inFlightClose !== request) return;
      request.reject(reason);
      s.inFlightClose = undefined;
      if (s.pendingAbort !== undefined) {
        s.pendingAbort.deferred.reject(reason);
        s.pendingAbort = undefined;
      }
      dealWithRejection(s, reason);
    });
  }

  #processWrite(record: WriteRecord): void {
    const s = this.stream;
    s.inFlight = record;
    const sink = this.#sink!;
    let result: unknown;
    try {
      if (record.kind === 'write' && sink.write !== undefined) result = sink.write(record.chunk, this);
    } catch (e) {
      result = rejected(e);
    }
    react(result, (this.#written ??= () => this.#finishWrite()), (this.#writeFailed ??= (reason) => this.#failWrite(reason)));
  }

  #written: (() => void) | undefined = undefined;
  #writeFailed: ((reason: unknown) => void) | undefined = undefined;

  #finishWrite(): void {
    const s = this.stream;
    const record = s.inFlight;
    if (record === undefined) return;
    record.request?.resolve(undefined);
    s.inFlight = undefined;
    this.queue.shift();
    if (!s.closeQueuedOrInFlight && s.state === WRITABLE) this.#updateBackpressure();
    if (s.writer?.watcher !== undefined) s.writer.watcher.writableChanged();
    this.#advance();
  }

  #failWrite(reason: unknown): void {
    const s = this.stream;
    const record = s.inFlight;
    if (record === undefined) return;
    if (s.state === WRITABLE) this.#clearAlgorithms();
    record.request?.reject(reason);
    s.inFlight = undefined;
    this.queue.shift();
    dealWithRejection(s, reason);
  }
}

/** WritableStreamDefaultWriterWrite */
export function writerWrite(writer: WriterState, chunk: unknown): Promise<undefined> {
  const s = writer.stream;
  if (s === undefined) return rejected(releasedWriterError());
  const { controller } = s;
  const size = controller.sizeOf(chunk);
  if (writer.stream !== s) return rejected(releasedWriterError());
  if (s.state === ERRORED) return rejected(s.error);
  if (s.closeQueuedOrInFlight || s.state === CLOSED) return rejected(closedError());
  if (s.state === ERRORING) return rejected(s.error);
  const d = deferred<undefined>();
  controller.write(chunk, size, d);
  return d.promise;
}

