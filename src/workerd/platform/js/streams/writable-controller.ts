// WritableStreamDefaultController (https://streams.spec.whatwg.org/#ws-default-controller-class): the queue and the sink.
import { createAbortSignal, signalAbort, type AbortSignal } from '../abort';
import { specMode } from './mode';
import { type Deferred, markHandled, promiseFor, react, rejected, resolvedVoid } from './promises';
import { SizedQueue } from './queue';
import { type SizeFunction, chunkSize } from './strategy';
import { CLOSED, ERRORED, ERRORING, WRITABLE, WriteRecord, type Sink, type WritableState, dealWithRejection, finishErroring, rejectCloseAndClosed,
  startErroring } from './writable-state';

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
    const s = this.stream;
    react(startResult, () => {
      this.started = true;
      // In workerd a sink that has started is ready for a first chunk, whatever the strategy says.
      if (s.state === WRITABLE && !specMode()) s.writer?.ready.resolve();
      this.#advance();
    }, (reason) => {
      this.started = true;
      if (s.state === WRITABLE && !specMode()) s.writer?.ready.reject(reason);
      dealWithRejection(s, reason);
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
      // The close marker and the write the sink is at stay with the stream until it has failed.
      if (this.stream.state !== ERRORED && (record.kind === 'close' || record === this.stream.inFlight)) kept.push(record, size);
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
