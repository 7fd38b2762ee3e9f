// ReadableStreamDefaultController (https://streams.spec.whatwg.org/#rs-default-controller-class) and the source interface that all
// streams of arbitrary chunks are fed through.
import { defineInterface, addOwnProperties, illegalInvocation, legacyOwnProperties } from '../interface';
import { isTypeScript, specMode } from './mode';
import { later, promiseFor, react, rejected } from './promises';
import { SizedQueue } from './queue';
import type { TransformState } from './transform-state';
import { CLOSED, type Controller, ERRORED, READABLE, type ReadableState, type ReadRequest, closeStream, errorStream } from './readable-state';
import { type SizeFunction, chunkSize } from './strategy';

/** Where chunks come from: user code (UserSource) or the layer itself. Methods may return a promise and may throw. */
export interface Source {
  /** Undefined when there is nothing to pull. */
  pull: ((controller: DefaultController) => unknown) | undefined;
  cancel: ((reason: unknown) => unknown) | undefined;
}

export class DefaultController implements Controller {
  readonly kind = 0;
  /** Changes when another stream takes this one over. */
  stream: ReadableState;
  readonly queue: SizedQueue<unknown> = new SizedQueue();
  #source: Source | undefined;
  #size: SizeFunction | undefined;
  readonly #highWaterMark: number;
  #started = false;
  #pulling = false;
  #pullAgain = false;
  closeRequested = false;
  /** The TransformStream this is the readable side of. */
  transform: TransformState | undefined = undefined;
  #pulled: (() => void) | undefined = undefined;
  #pullFailed: ((reason: unknown) => void) | undefined = undefined;
  /** The object users see, made when it is needed. */
  #face: ReadableStreamDefaultController | undefined = undefined;

  constructor(stream: ReadableState, source: Source, highWaterMark: number, size: SizeFunction | undefined) {
    this.stream = stream;
    stream.controller = this;
    this.#source = source;
    this.#highWaterMark = highWaterMark;
    this.#size = size;
  }

  get face(): ReadableStreamDefaultController {
    return (this.#face ??= newFace(this));
  }

  /** Begins pulling once `startResult` is settled. */
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

  get canCloseOrEnqueue(): boolean {
    return !this.closeRequested && this.stream.state === READABLE;
  }

  get desiredSize(): number | null {
    const { state } = this.stream;
    if (state === ERRORED) return null;
    if (state === CLOSED) return 0;
    return this.#highWaterMark - this.queue.total;
  }

  get hasBackpressure(): boolean {
    return !this.#shouldPull();
  }

  enqueue(chunk: unknown): void {
    const { stream, queue } = this;
    const reader = stream.reader;
    const wanted = reader !== undefined && reader.requests.first !== undefined;
    let size = 1;
    const sizeOf = this.#size;
    // workerd asks for the size of every chunk, the standard only of those that are queued.
    if (sizeOf !== undefined && !(wanted && specMode())) {
      try {
        size = chunkSize(sizeOf, chunk);
      } catch (e) {
        this.error(e);
        // workerd leaves it at the failed stream.
        if (!specMode()) return;
        throw e;
      }
      if (wanted && stream.state !== READABLE) return;
    }
    // In workerd a read that began inside the size function gets the chunk too; in the standard it waits for the next one.
    const now = specMode() ? (wanted ? reader : undefined) : stream.reader;
    if (now !== undefined && now.requests.first !== undefined) now.requests.shift().chunk(chunk);
    else queue.push(chunk, size);
    this.pullIfNeeded();
  }

  close(): void {
    if (!this.canCloseOrEnqueue) return;
    this.closeRequested = true;
    if (this.queue.length === 0) {
      this.#clearAlgorithms();
      closeStream(this.stream);
    }
  }

  error(reason: unknown): void {
    if (this.stream.state !== READABLE) return;
    this.queue.clear();
    this.#clearAlgorithms();
    errorStream(this.stream, reason);
  }

  /** The next queued chunk; only when `queue.length > 0`. */
  take(): unknown {
    const chunk = this.queue.shift();
    if (this.closeRequested && this.queue.length === 0) {
      this.#clearAlgorithms();
      closeStream(this.stream);
    } else if (specMode()) {
      // workerd does not ask the source to fill the queue up again before somebody waits for a chunk.
      this.pullIfNeeded();
    }
    return chunk;
  }

  /** Takes out queued chunks until their sizes reach `max`; the source is asked for more only then. */
  drain(max: number, give: (chunk: unknown) => void): void {
    const { queue } = this;
    if (queue.length === 0) return;
    let taken = 0;
    while (queue.length > 0 && taken < max) {
      taken += queue.peekSize();
      give(queue.shift());
    }
    if (queue.length > 0 || !this.closeRequested) {
      this.pullIfNeeded();
      return;
    }
    this.#clearAlgorithms();
    closeStream(this.stream);
  }

  read(request: ReadRequest): void {
    if (this.queue.length > 0) {
      request.chunk(this.take());
    } else {
      this.stream.reader!.requests.push(request);
      this.pullIfNeeded();
    }
  }

  cancel(reason: unknown): Promise<unknown> {
    this.queue.clear();
    const source = this.#source;
    this.#clearAlgorithms();
    try {
      return promiseFor(source?.cancel?.(reason));
    } catch (e) {
      return rejected(e);
    }
  }

  release(): void {}

  #clearAlgorithms(): void {
    this.#source = undefined;
    this.#size = undefined;
  }

  #shouldPull(): boolean {
    const { stream } = this;
    if (!this.#started || this.closeRequested || stream.state !== READABLE) return false;
    const reader = stream.reader;
    if (reader !== undefined && reader.requests.first !== undefined) return true;
    return this.#highWaterMark - this.queue.total > 0;
  }

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
    // The failure handler takes no part while pull gives no promise.
    if (result === undefined) later(this.#pulled);
    else react(result, this.#pulled, (this.#pullFailed ??= (reason) => this.error(reason)));
  }
}

let newFace: (c: DefaultController) => ReadableStreamDefaultController;
// What the constructor, which takes no arguments, is to wrap; user code always finds it empty.
let wrapping: DefaultController | undefined;

class ReadableStreamDefaultController {
  readonly #c: DefaultController;

  constructor() {
    if (wrapping === undefined) throw new TypeError('Illegal constructor');
    this.#c = wrapping;
    wrapping = undefined;
    if (legacyOwnProperties) addOwnProperties(this);
  }

  static {
    newFace = (c) => {
      wrapping = c;
      return new ReadableStreamDefaultController();
    };
  }

  get desiredSize(): number | null {
    if (!(#c in this)) throw illegalInvocation();
    return this.#c.desiredSize;
  }

  close(): void {
    if (!(#c in this)) throw illegalInvocation();
    if (!this.#c.canCloseOrEnqueue) throw new TypeError('This ReadableStream is closed.');
    this.#c.close();
  }

  enqueue(chunk: unknown = undefined): void {
    if (!(#c in this)) throw illegalInvocation();
    if (!this.#c.canCloseOrEnqueue) throw new TypeError('Unable to enqueue');
    this.#c.enqueue(chunk);
  }

  error(reason: unknown = undefined): void {
    if (!(#c in this)) throw illegalInvocation();
    this.#c.error(reason);
  }
}

defineInterface(ReadableStreamDefaultController, 'ReadableStreamDefaultController', { standard: isTypeScript, ownProperties: ['desiredSize'] });
export { ReadableStreamDefaultController };
