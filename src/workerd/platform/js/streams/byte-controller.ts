// ReadableByteStreamController (https://streams.spec.whatwg.org/#rbs-controller-class): the state and the algorithms. What users see of
// it is in byob-request.ts.
import { Buffer, Bytes, type ViewConstructor, bufferLength, bufferSlice, bufferTransfer, bytesLength, elementSize, isDetached, viewBuffer, viewBytes,
  viewConstructor, viewOffset } from './intrinsics';
import { ByteQueue, PullInto, filledView } from './byte-queue';
import { specMode } from './mode';
import { later, promiseFor, react, rejected } from './promises';
import { LinkedList } from './queue';
import { CLOSED, type Controller, ERRORED, READABLE, type ReadableState, type ReadIntoRequest, type ReadRequest, closeStream, errorStream } from './readable-state';

export interface ByteStreamSource {
  pull: ((controller: ByteController) => unknown) | undefined;
  cancel: ((reason: unknown) => unknown) | undefined;
}

/** What the byte controller keeps of the BYOB request it gave to user code. */
export interface RequestHandle {
  /** The ReadableStreamBYOBRequest itself. */
  readonly face: object;
  invalidate(): void;
  /** The stream has ended with the request unanswered; a last respond(0) is in order. */
  finish(): void;
}

export class ByteController implements Controller {
  readonly kind = 1;
  /** Changes when another stream takes this one over. */
  stream: ReadableState;
  readonly #queue = new ByteQueue();
  readonly pullIntos: LinkedList<PullInto> = new LinkedList();
  #source: ByteStreamSource | undefined;
  readonly #highWaterMark: number;
  readonly #autoAllocate: number | undefined;
  #started = false;
  #pulling = false;
  #pullAgain = false;
  closeRequested = false;
  #pulled: (() => void) | undefined = undefined;
  #pullFailed: ((reason: unknown) => void) | undefined = undefined;
  /** The current ReadableStreamBYOBRequest, and this controller's own face; filled in by byob-request.ts. */
  request: RequestHandle | undefined = undefined;
  face: object | undefined = undefined;

  constructor(stream: ReadableState, source: ByteStreamSource, highWaterMark: number, autoAllocateChunkSize: number | undefined) {
    this.stream = stream;
    stream.controller = this;
    this.#source = source;
    this.#highWaterMark = highWaterMark;
    this.#autoAllocate = autoAllocateChunkSize;
  }

  start(startResult: unknown): void {
    react(startResult, () => {
      this.#started = true;
      this.pullIfNeeded();
    }, (reason) => this.error(reason));
  }

  /** workerd starts a source without a start function at once. */
  startNow(): void {
    this.#started = true;
    this.pullIfNeeded();
  }

  get autoAllocate(): number | undefined {
    return this.#autoAllocate;
  }

  /** Bytes the first pending read wants at least. */
  get wanted(): number | undefined {
    const first = this.pullIntos.first;
    return first === undefined ? undefined : first.hint > 0 ? first.hint : first.minimumFill - first.bytesFilled;
  }

  get desiredSize(): number | null {
    const { state } = this.stream;
    if (state === ERRORED) return null;
    if (state === CLOSED) return 0;
    return this.#highWaterMark - this.#queue.total;
  }

  // ---- what the source does

  close(): void {
    const { stream } = this;
    if (this.closeRequested || stream.state !== READABLE) return;
    if (this.#queue.total > 0) {
      this.closeRequested = true;
      return;
    }
    const first = this.pullIntos.first;
    if (first !== undefined && first.bytesFilled % first.elementSize !== 0) {
      const e = new TypeError('This ReadableStream was closed with a partial read pending.');
      this.error(e);
      throw e;
    }
    this.#clearAlgorithms();
    closeStream(stream);
    if (this.pullIntos.first !== undefined && !specMode()) this.#answerAtEnd();
  }

  /** The standard has the source respond(0) to reads into a buffer that are pending at the end. workerd answers them itself, those that
   *  have bytes with these bytes, and lets the source respond(0) all the same. */
  #answerAtEnd(): void {
    const { request } = this;
    const reader = this.stream.reader;
    while (this.pullIntos.first !== undefined) {
      const pullInto = this.#shiftPullInto();
      if (pullInto.reader !== 'byob' || reader === undefined || reader.intoRequests.first === undefined) continue;
      const filled = pullInto.bytesFilled > 0;
      const view = filledView(pullInto);
      const into = reader.intoRequests.shift();
      if (filled) into.chunk(view);
      else into.close(view);
    }
    request?.finish();
  }

  error(reason: unknown): void {
    if (this.stream.state !== READABLE) return;
    this.#clearPendingPullIntos();
    this.#queue.clear();
    this.#clearAlgorithms();
    errorStream(this.stream, reason);
  }

  enqueue(view: ArrayBufferView): void {
    this.enqueueRange(viewBuffer(view), viewOffset(view), viewBytes(view));
  }

  /** Takes `source` over (it is detached). */
  enqueueRange(source: ArrayBuffer, byteOffset: number, byteLength: number): void {
    const { stream } = this;
    if (this.closeRequested || stream.state !== READABLE) return;
    if (isDetached(source)) throw new TypeError('The provided ArrayBuffer has been detached.');
    let buffer: ArrayBuffer;
    try {
      buffer = bufferTransfer(source);
    } catch {
      throw new TypeError('The provided ArrayBuffer must be detachable.');
    }
    const first = this.pullIntos.first;
    if (first !== undefined) {
      if (!first.fits) throw new TypeError('The byobRequest.view is zero-length or was detached');
      this.#invalidateRequest();
      first.buffer = bufferTransfer(first.buffer);
      if (first.reader === 'none') this.#enqueueDetachedPullInto(first);
    }
    const reader = stream.reader;
    if (reader !== undefined && !reader.byob) {
      this.#processReadRequests();
      if (reader.requests.first === undefined) {
        this.#queue.push(buffer, byteOffset, byteLength);
      } else {
        if (this.pullIntos.first !== undefined) this.#shiftPullInto();
        reader.requests.shift().chunk(new Bytes(buffer, byteOffset, byteLength));
      }
    } else if (reader !== undefined) {
      this.#queue.push(buffer, byteOffset, byteLength);
      this.#commitFilled();
    } else {
      this.#queue.push(buffer, byteOffset, byteLength);
    }
    this.pullIfNeeded();
  }

  /** The view a BYOB request shows: what of the first pull-into is still to be filled. */
  requestView(): Uint8Array | undefined {
    const first = this.pullIntos.first;
    if (first === undefined) return undefined;
    return new Bytes(first.buffer, first.byteOffset + first.bytesFilled, first.byteLength - first.bytesFilled);
  }

  respond(bytesWritten: number): void {
    const first = this.pullIntos.first!;
    if (this.stream.state === CLOSED) {
      if (bytesWritten !== 0) throw new TypeError('The bytesWritten must be zero after the stream is closed.');
    } else {
      if (bytesWritten === 0) throw new TypeError('The bytesWritten must be more than zero while the stream is open.');
      if (first.bytesFilled + bytesWritten > first.byteLength) {
        throw new RangeError(`Too many bytes [${bytesWritten}] in response to a BYOB read request.`);
      }
    }
    first.buffer = bufferTransfer(first.buffer);
    this.#respond(bytesWritten);
  }

  /** `view`: what user code gave; workerd hands out its kind of view then, where the standard keeps to the reader's. */
  respondWithNewView(buffer: ArrayBuffer, byteOffset: number, byteLength: number, view: ArrayBufferView | undefined = undefined): void {
    const first = this.pullIntos.first!;
    if (this.stream.state === CLOSED) {
      if (byteLength !== 0) throw new TypeError('The view byte length must be zero after the stream is closed.');
    } else if (byteLength === 0) {
      throw new TypeError('The view byte length must be more than zero while the stream is open.');
    }
    if (first.byteOffset + first.bytesFilled !== byteOffset) throw new RangeError('The given view has an invalid byte offset.');
    if (first.bufferByteLength !== bufferLength(buffer)) throw new RangeError('The underlying ArrayBuffer is not the correct length.');
    if (first.bytesFilled + byteLength > first.byteLength) throw new RangeError('The view is not the correct length.');
    if (view !== undefined && first.reader === 'byob' && !specMode()) {
      first.View = viewConstructor(view);
      first.elementSize = elementSize(view);
    }
    first.buffer = bufferTransfer(buffer);
    this.#respond(byteLength);
  }

  #respond(bytesWritten: number): void {
    const first = this.pullIntos.first!;
    this.#invalidateRequest();
    if (this.stream.state === CLOSED) this.#respondInClosed(first);
    else this.#respondInReadable(bytesWritten, first);
    this.pullIfNeeded();
  }

  #respondInClosed(first: PullInto): void {
    if (first.reader === 'none') this.#shiftPullInto();
    const reader = this.stream.reader;
    if (reader === undefined || !reader.byob) return;
    const done = new LinkedList<PullInto>();
    for (let n = reader.intoRequests.length; n > 0; n--) done.push(this.#shiftPullInto());
    while (done.first !== undefined) this.#commit(done.shift());
  }

  #respondInReadable(bytesWritten: number, first: PullInto): void {
    first.bytesFilled += bytesWritten;
    if (first.reader === 'none') {
      this.#enqueueDetachedPullInto(first);
      this.#commitFilled();
      return;
    }
    if (first.bytesFilled < first.minimumFill) return;
    this.#shiftPullInto();
    const remainder = first.bytesFilled % first.elementSize;
    if (remainder > 0) {
      const end = first.byteOffset + first.bytesFilled;
      this.#queue.push(bufferSlice(first.buffer, end - remainder, end), 0, remainder);
    }
    first.bytesFilled -= remainder;
    const filled = this.#takeFilled();
    this.#commit(first);
    while (filled.first !== undefined) this.#commit(filled.shift());
  }

  // ---- what readers do

  /** Takes out queued chunks until they hold `max` bytes; the source is asked for more only then. */
  drain(max: number, give: (chunk: Uint8Array) => void): void {
    const queue = this.#queue;
    if (queue.total === 0) return;
    let taken = 0;
    while (queue.total > 0 && taken < max) {
      const chunk = queue.shift();
      taken += bytesLength(chunk);
      give(chunk);
    }
    this.#drained();
    this.pullIfNeeded();
  }

  read(request: ReadRequest, hint: number = 0, size: number | undefined = this.#autoAllocate): void {
    if (this.#queue.total > 0) {
      this.#readFromQueue(request);
      return;
    }
    if (size !== undefined) {
      let buffer: ArrayBuffer;
      try {
        buffer = new Buffer(size);
      } catch (e) {
        request.error(e);
        return;
      }
      const pullInto = new PullInto(buffer, size, 0, size, 1, 1, Bytes as ViewConstructor, 'default');
      pullInto.hint = hint;
      this.pullIntos.push(pullInto);
    }
    this.stream.reader!.requests.push(request);
    this.pullIfNeeded();
  }

  readInto(view: ArrayBufferView, minElements: number, request: ReadIntoRequest): void {
    const { stream } = this;
    const size = elementSize(view);
    const View = viewConstructor(view);
    const byteOffset = viewOffset(view);
    const byteLength = viewBytes(view);
    let buffer: ArrayBuffer;
    try {
      buffer = bufferTransfer(viewBuffer(view));
    } catch {
      request.error(new TypeError('Unable to use non-detachable ArrayBuffer.'));
      return;
    }
    const pullInto = new PullInto(buffer, bufferLength(buffer), byteOffset, byteLength, minElements * size, size, View, 'byob');
    if (this.pullIntos.first !== undefined) {
      this.pullIntos.push(pullInto);
      stream.reader!.intoRequests.push(request);
      return;
    }
    if (stream.state === CLOSED) {
      request.close(new View(buffer, byteOffset, 0));
      return;
    }
    if (this.#queue.total > 0) {
      if (this.#queue.fill(pullInto)) {
        const filled = filledView(pullInto);
        this.#drained();
        request.chunk(filled);
        return;
      }
      if (this.closeRequested && pullInto.bytesFilled >= size && !specMode()) {
        // workerd gives what there is, if less than was asked for.
        pullInto.bytesFilled -= pullInto.bytesFilled % size;
        const filled = filledView(pullInto);
        this.#queue.clear();
        this.#drained();
        request.chunk(filled);
        return;
      }
      if (this.closeRequested) {
        const e = new TypeError('This ReadableStream was closed with a partial read pending.');
        this.error(e);
        request.error(e);
        return;
      }
    }
    this.pullIntos.push(pullInto);
    stream.reader!.intoRequests.push(request);
    this.pullIfNeeded();
  }

  cancel(reason: unknown): Promise<unknown> {
    this.#clearPendingPullIntos();
    this.#queue.clear();
    const source = this.#source;
    this.#clearAlgorithms();
    try {
      return promiseFor(source?.cancel?.(reason));
    } catch (e) {
      return rejected(e);
    }
  }

  release(): void {
    const first = this.pullIntos.first;
    if (first === undefined) return;
    first.reader = 'none';
    this.pullIntos.clear();
    this.pullIntos.push(first);
  }

  // ---- inner workings

  pullIfNeeded(): void {
    if (!this.#shouldPull()) return;
    if (this.#pulling) {
      this.#pullAgain = true;
      return;
    }
    const source = this.#source!;
    if (source.pull === undefined) return;
    this.#pulling = true;
    this.#pulled ??= () => {
      this.#pulling = false;
      if (this.#pullAgain) {
        this.#pullAgain = false;
        this.pullIfNeeded();
      }
    };
    let result: unknown;
    try {
      result = source.pull(this);
    } catch (e) {
      later(() => this.error(e));
      return;
    }
    if (result === undefined) later(this.#pulled);
    else react(result, this.#pulled, (this.#pullFailed ??= (reason) => this.error(reason)));
  }

  #shouldPull(): boolean {
    const { stream } = this;
    if (stream.state !== READABLE || this.closeRequested || !this.#started) return false;
    const reader = stream.reader;
    if (reader !== undefined && (reader.byob ? reader.intoRequests.first : reader.requests.first) !== undefined) return true;
    return this.#highWaterMark - this.#queue.total > 0;
  }

  #clearAlgorithms(): void {
    this.#source = undefined;
  }

  #clearPendingPullIntos(): void {
    this.#invalidateRequest();
    this.pullIntos.clear();
  }

  #invalidateRequest(): void {
    const { request } = this;
    if (request === undefined) return;
    this.request = undefined;
    request.invalidate();
  }

  #drained(): void {
    if (this.#queue.total === 0 && this.closeRequested) {
      this.#clearAlgorithms();
      closeStream(this.stream);
    } else if (specMode()) {
      // workerd does not ask the source to fill the queue up again before somebody waits for bytes.
      this.pullIfNeeded();
    }
  }

  #readFromQueue(request: ReadRequest): void {
    const allocate = this.#autoAllocate;
    if (allocate !== undefined && this.#queue.holdsPieces(allocate) && !specMode()) {
      // workerd fills a buffer of its own from as many chunks as fit.
      const size = this.#queue.total < allocate ? this.#queue.total : allocate;
      const pullInto = new PullInto(new Buffer(size), size, 0, size, 1, 1, Bytes as ViewConstructor, 'default');
      this.#queue.fill(pullInto);
      this.#drained();
      request.chunk(filledView(pullInto));
      return;
    }
    const chunk = this.#queue.shift();
    this.#drained();
    request.chunk(chunk);
  }

  #processReadRequests(): void {
    const { requests } = this.stream.reader!;
    while (requests.first !== undefined && this.#queue.total > 0) this.#readFromQueue(requests.shift());
  }

  #shiftPullInto(): PullInto {
    return this.pullIntos.shift();
  }

  #enqueueDetachedPullInto(pullInto: PullInto): void {
    if (pullInto.bytesFilled > 0) {
      let copy: ArrayBuffer;
      try {
        copy = bufferSlice(pullInto.buffer, pullInto.byteOffset, pullInto.byteOffset + pullInto.bytesFilled);
      } catch (e) {
        this.error(e);
        throw e;
      }
      this.#queue.push(copy, 0, pullInto.bytesFilled);
    }
    this.#shiftPullInto();
  }

  /** Takes out the pull-intos that the queue can fill. Which requests they answer is for #commit, once the state is settled. */
  #takeFilled(): LinkedList<PullInto> {
    const filled = new LinkedList<PullInto>();
    while (this.pullIntos.first !== undefined && this.#queue.total > 0) {
      const first = this.pullIntos.first;
      if (!this.#queue.fill(first)) break;
      this.#shiftPullInto();
      filled.push(first);
    }
    return filled;
  }

  #commitFilled(): void {
    const filled = this.#takeFilled();
    while (filled.first !== undefined) this.#commit(filled.shift());
  }

  #commit(pullInto: PullInto): void {
    const { stream } = this;
    const done = stream.state === CLOSED;
    const view = filledView(pullInto);
    const reader = stream.reader!;
    if (pullInto.reader === 'default') {
      const request = reader.requests.shift();
      if (done) request.close();
      else request.chunk(view);
    } else {
      const request = reader.intoRequests.shift();
      if (done) request.close(view);
      else request.chunk(view);
    }
  }
}
