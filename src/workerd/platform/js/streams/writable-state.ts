// What is behind a WritableStream, its writer and its controller (https://streams.spec.whatwg.org/#ws-all-abstract-ops).
import { flags } from '../flags';
import { otherRequestError } from '../io-context';
import { isForeign, WRITABLE_TYPE } from '../pipe-owner';
import { specMode } from './mode';
import { type Deferred, deferred, markHandled, react, rejected, rejectedQuietly, resolvedVoid } from './promises';
import type { WritableController } from './writable-controller';

export const WRITABLE = 0;
export const ERRORING = 1;
export const ERRORED = 2;
export const CLOSED = 3;

export { WritableController } from './writable-controller';

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
  /** The request an internal stream belongs to. */
  owner: object | undefined = undefined;
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
  /** The stream was neither closed nor failed when this writer came. */
  readonly sawItOpen: boolean;
  readonly closed: LazyPromise = new LazyPromise();
  readonly ready: LazyPromise = new LazyPromise();
  /** Told of less backpressure, of writes done, and of the final error; for pipes. */
  watcher: { writableChanged(): void; writableErrored(): void } | undefined = undefined;

  constructor(s: WritableState) {
    if (s.writer !== undefined) throw lockedWriterError();
    this.stream = s;
    s.writer = this;
    this.sawItOpen = s.state === WRITABLE || s.state === ERRORING;
    if (s.state === CLOSED) {
      this.ready.resolve();
      this.closed.resolve();
    } else if (s.state === ERRORED) {
      this.ready.reject(s.error);
      this.closed.reject(s.error);
    } else if (readyAtOnce(s)) {
      this.ready.resolve();
    } else if (s.state === ERRORING && (hasCompliantWriter() || s.internal)) {
      this.ready.reject(s.error);
    }
  }
}

/** Before writable_stream_spec_compliant_writer a new writer did not ask about backpressure, but whether the sink had started. */
function hasCompliantWriter(): boolean {
  return flags.writable_stream_spec_compliant_writer === true || specMode();
}

function readyAtOnce(s: WritableState): boolean {
  if (specMode()) return s.state === WRITABLE && (s.closeQueuedOrInFlight || !s.backpressure);
  if (s.internal) return s.state === WRITABLE;
  return hasCompliantWriter() ? s.state === WRITABLE && !s.backpressure : s.controller.started;
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
  // workerd's promises stay as they were settled, but for `ready` where the flag asks for the standard's new one.
  if (writer.ready.pending || specMode() || (!s.internal && hasCompliantWriter())) writer.ready.reject(e);
  if (writer.closed.pending || specMode()) writer.closed.reject(e);
  s.writer = undefined;
  writer.stream = undefined;
  // workerd also gives up the writes that wait, so that nobody hangs on them.
  if (!specMode() && !s.internal) s.controller.rejectQueued(e);
}

/** WritableStreamAbort */
export function abortWritable(s: WritableState, reason: unknown): Promise<undefined> {
  if (isForeign(s.owner)) return rejected(otherRequestError(WRITABLE_TYPE));
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

export function finishErroring(s: WritableState): void {
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

export function rejectCloseAndClosed(s: WritableState): void {
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

export function dealWithRejection(s: WritableState, reason: unknown): void {
  if (s.state === WRITABLE) startErroring(s, reason);
  else finishErroring(s);
}

/** WritableStreamDefaultWriterWrite */
export function writerWrite(writer: WriterState, chunk: unknown): Promise<undefined> {
  const s = writer.stream;
  if (s === undefined) return rejected(releasedWriterError());
  const { controller } = s;
  const size = controller.sizeOf(chunk);
  // The size function may have released the writer. Old workers write all the same, newer ones if there is another writer.
  if (writer.stream !== s && (specMode() || (s.writer === undefined && hasCompliantWriter()))) return rejected(releasedWriterError());
  if (s.state === ERRORED) return rejected(s.error);
  if (s.state === CLOSED) return rejected(closedError());
  if (s.closeQueuedOrInFlight) return rejected(specMode() ? closedError() : new TypeError('This ReadableStream is closed.'));
  if (s.state === ERRORING) return rejected(s.error);
  const d = deferred<undefined>();
  controller.write(chunk, size, d);
  return d.promise;
}

