// What is behind a ReadableStream and its readers, and the abstract operations on them (https://streams.spec.whatwg.org/#rs-all-abstract-ops).
// The objects users hold are thin shells around these; nothing here is ever handed to user code.
import { otherRequestError } from '../io-context';
import { isForeign, READABLE_TYPE } from '../pipe-owner';
import { type Deferred, deferred, markHandled, nothing, promiseFor, rejected, rejectedQuietly, resolvedVoid, chain } from './promises';
import { type Linked, LinkedList } from './queue';

export const READABLE = 0;
export const CLOSED = 1;
export const ERRORED = 2;

/** What waits for a chunk. One class for each reason to read. */
export interface ReadRequest extends Linked<ReadRequest> {
  chunk(value: any): void;
  close(): void;
  error(reason: unknown): void;
}

/** The same for reads into a buffer; `close` gets the empty view, or undefined after a cancel. */
export interface ReadIntoRequest extends Linked<ReadIntoRequest> {
  chunk(view: ArrayBufferView): void;
  close(view: ArrayBufferView | undefined): void;
  error(reason: unknown): void;
}

/** What feeds a stream: the two controllers of the spec and the one of internal streams. */
export interface Controller {
  /** 0: chunks of any kind; 1: the spec's byte stream; 2: an internal byte stream. */
  readonly kind: 0 | 1 | 2;
  stream: ReadableState;
  /** [[PullSteps]]: called only while the stream is readable. */
  read(request: ReadRequest): void;
  /** [[CancelSteps]] */
  cancel(reason: unknown): Promise<unknown>;
  /** [[ReleaseSteps]]: pending requests are rejected by the caller. */
  release(): void;
}

export class ReadableState {
  state: 0 | 1 | 2 = READABLE;
  error: unknown = undefined;
  reader: ReaderState | undefined = undefined;
  disturbed = false;
  controller: Controller = undefined as unknown as Controller;
  /** The request an internal stream belongs to. */
  owner: object | undefined = undefined;
  /** A pipe that let go of the stream, whose promise is still settled with its end. */
  abandonedPipe: Deferred<undefined> | undefined = undefined;
  /** `expectedLength` of a user's source. */
  expectedLength: number | undefined = undefined;
}

const PENDING = 0;
const RESOLVED = 1;
const REJECTED = 2;

/** A lock on a stream: a user's reader, or one of the layer's own (pipes, tees, whole-body reads). */
export class ReaderState {
  stream: ReadableState | undefined;
  readonly byob: boolean;
  readonly requests: LinkedList<ReadRequest> = new LinkedList();
  readonly intoRequests: LinkedList<ReadIntoRequest> = new LinkedList();
  // The closed promise is made when first looked at.
  #closedState: 0 | 1 | 2 = PENDING;
  #closedReason: unknown = undefined;
  #closed: Promise<undefined> | undefined = undefined;
  #closedDeferred: Deferred<undefined> | undefined = undefined;
  /** Called when the stream closes or errors; for the layer's own readers. */
  watcher: { streamClosed(): void; streamErrored(reason: unknown): void } | undefined = undefined;

  constructor(stream: ReadableState, byob: boolean) {
    this.stream = stream;
    this.byob = byob;
    stream.reader = this;
    if (stream.state === CLOSED) this.#closedState = RESOLVED;
    else if (stream.state === ERRORED) this.rejectClosed(stream.error);
  }

  get closed(): Promise<undefined> {
    if (this.#closed !== undefined) return this.#closed;
    if (this.#closedState === RESOLVED) return (this.#closed = resolvedVoid());
    if (this.#closedState === REJECTED) return (this.#closed = rejectedQuietly(this.#closedReason));
    const d = (this.#closedDeferred = deferred<undefined>());
    markHandled(d.promise);
    return (this.#closed = d.promise);
  }

  resolveClosed(): void {
    if (this.#closedState !== PENDING) return;
    this.#closedState = RESOLVED;
    if (this.#closedDeferred !== undefined) this.#closedDeferred.resolve(undefined);
    this.#closedDeferred = undefined;
  }

  rejectClosed(reason: unknown): void {
    if (this.#closedState !== PENDING) {
      // Released after the stream had closed or failed: a new, rejected promise takes the old one's place.
      this.#closed = undefined;
    } else if (this.#closedDeferred !== undefined) {
      this.#closedDeferred.reject(reason);
      this.#closedDeferred = undefined;
    }
    this.#closedState = REJECTED;
    this.#closedReason = reason;
  }
}

export function isLockedState(s: ReadableState): boolean {
  return s.reader !== undefined;
}

export function lockedError(): TypeError {
  return new TypeError('This ReadableStream is currently locked to a reader.');
}

export function releasedError(): TypeError {
  return new TypeError('This ReadableStream reader has been released.');
}

/** Locks the stream to a new default reader. */
export function acquireReader(s: ReadableState): ReaderState {
  if (s.reader !== undefined) throw lockedError();
  return new ReaderState(s, false);
}

export function acquireByobReader(s: ReadableState): ReaderState {
  if (s.reader !== undefined) throw lockedError();
  if (s.controller.kind === 0) throw new TypeError('This ReadableStream does not support BYOB reads.');
  return new ReaderState(s, true);
}

/** ReadableStreamDefaultReaderRead */
export function readerRead(reader: ReaderState, request: ReadRequest): void {
  const s = reader.stream!;
  s.disturbed = true;
  if (s.state === READABLE) s.controller.read(request);
  else if (s.state === CLOSED) request.close();
  else request.error(s.error);
}

/** ReadableStreamReaderGenericRelease and what the two kinds of reader add to it. */
export function releaseReader(reader: ReaderState): void {
  const s = reader.stream!;
  reader.rejectClosed(releasedError());
  s.controller.release();
  s.reader = undefined;
  reader.stream = undefined;
  if (reader.requests.first !== undefined) errorRequests(reader, releasedError());
  if (reader.intoRequests.first !== undefined) errorIntoRequests(reader, releasedError());
}

export function errorRequests(reader: ReaderState, reason: unknown): void {
  let request = reader.requests.take();
  while (request !== undefined) {
    const next: ReadRequest | undefined = request.next;
    request.error(reason);
    request = next;
  }
}

export function errorIntoRequests(reader: ReaderState, reason: unknown): void {
  let request = reader.intoRequests.take();
  while (request !== undefined) {
    const next: ReadIntoRequest | undefined = request.next;
    request.error(reason);
    request = next;
  }
}

/** ReadableStreamClose */
export function closeStream(s: ReadableState): void {
  s.state = CLOSED;
  s.abandonedPipe?.resolve(undefined);
  const reader = s.reader;
  if (reader === undefined) return;
  reader.resolveClosed();
  if (!reader.byob) {
    let request = reader.requests.take();
    while (request !== undefined) {
      const next: ReadRequest | undefined = request.next;
      request.close();
      request = next;
    }
  }
  reader.watcher?.streamClosed();
}

/** ReadableStreamError */
export function errorStream(s: ReadableState, reason: unknown): void {
  s.state = ERRORED;
  s.error = reason;
  s.abandonedPipe?.resolve(undefined);
  const reader = s.reader;
  if (reader === undefined) return;
  reader.rejectClosed(reason);
  errorRequests(reader, reason);
  errorIntoRequests(reader, reason);
  reader.watcher?.streamErrored(reason);
}

/** ReadableStreamCancel */
export function cancelStream(s: ReadableState, reason: unknown): Promise<undefined> {
  if (isForeign(s.owner)) return rejected(otherRequestError(READABLE_TYPE));
  s.disturbed = true;
  if (s.state === CLOSED) return resolvedVoid();
  if (s.state === ERRORED) return rejected(s.error);
  closeStream(s);
  const reader = s.reader;
  if (reader !== undefined && reader.byob) {
    let request = reader.intoRequests.take();
    while (request !== undefined) {
      const next: ReadIntoRequest | undefined = request.next;
      request.close(undefined);
      request = next;
    }
  }
  return chain(s.controller.cancel(reason), nothing as () => undefined);
}

/** The same for callers that want no word of failure. */
export function cancelStreamQuietly(s: ReadableState, reason: unknown): void {
  markHandled(promiseFor(cancelStream(s, reason)));
}
