// What is behind a TransformStream (https://streams.spec.whatwg.org/#ts-abstract-ops): two controllers, and the transformer between them.
import { flags } from '../flags';
import { DefaultController } from './default-controller';
import { specMode } from './mode';
import { type Deferred, chain, deferred, nothing, promiseFor, react, rejected } from './promises';
import { READABLE, ERRORED, ReadableState } from './readable-state';
import type { SizeFunction } from './strategy';
import { ERRORING, WritableController, WritableState } from './writable-state';

/** What a transform does; results may be promises, methods may throw. Undefined: the default. */
export interface Transformer {
  /** Undefined: chunks pass as they are. */
  transform: ((chunk: unknown, t: TransformState) => unknown) | undefined;
  flush: ((t: TransformState) => unknown) | undefined;
  cancel: ((reason: unknown) => unknown) | undefined;
}

/** The standard's "a promise resolved with" a promise is another one, two microtasks later. */
function resolvedWithPromise(promise: Promise<unknown>): Promise<unknown> {
  return chain(chain(promise, nothing), nothing);
}

export class TransformState {
  readonly readable: ReadableState = new ReadableState();
  readonly writable: WritableState = new WritableState();
  readonly #source: DefaultController;
  readonly #sink: WritableController;
  #transformer: Transformer | undefined;
  #passes: boolean;
  #backpressure = true;
  #waiting = false;
  /** Made when somebody waits for it. */
  #change: Deferred<undefined> | undefined = undefined;
  #finish: Deferred<undefined> | undefined = undefined;
  /** The object users see. */
  face: object | undefined = undefined;

  constructor(transformer: Transformer, writableMark: number, writableSize: SizeFunction | undefined, readableMark: number,
    readableSize: SizeFunction | undefined) {
    this.#transformer = transformer;
    this.#passes = transformer.transform === undefined;
    this.#sink = new WritableController(this.writable, {
      write: (chunk) => this.#write(chunk),
      close: () => this.#close(),
      abort: (reason) => this.#abort(reason),
    }, writableMark, writableSize);
    this.#source = new DefaultController(this.readable, {
      pull: () => this.#pull(),
      cancel: (reason) => this.#cancel(reason),
    }, readableMark, readableSize);
    this.#source.transform = this;
  }

  /** Chunks pass as they are. */
  get passes(): boolean {
    const t = this.#transformer;
    return t !== undefined && this.#passes && t.flush === undefined && t.cancel === undefined;
  }

  /** The chunk being written waits until it is wanted. */
  get waiting(): boolean {
    return this.#waiting;
  }

  /** Lets chunks flow once `result` is settled. */
  start(result: unknown): void {
    if (specMode()) result = resolvedWithPromise(promiseFor(result));
    this.#sink.start(result);
    this.#source.start(result);
  }

  get desiredSize(): number | null {
    return this.#source.desiredSize;
  }

  enqueue(chunk: unknown): void {
    const source = this.#source;
    if (!source.canCloseOrEnqueue) throw new TypeError('The readable side of this TransformStream is no longer readable.');
    try {
      source.enqueue(chunk);
    } catch (e) {
      this.#errorWritable(e);
      throw this.readable.state === ERRORED ? this.readable.error : e;
    }
    if (this.readable.state !== READABLE) {
      if (this.readable.state === ERRORED) this.#errorWritable(this.readable.error);
      return;
    }
    const backpressure = source.hasBackpressure;
    // Old workers relied on the missing backpressure.
    if (backpressure !== this.#backpressure && (flags['fixup-transform-stream-backpressure'] || specMode())) this.#setBackpressure(true);
  }

  error(reason: unknown): void {
    this.#source.error(reason);
    this.#errorWritable(reason);
  }

  terminate(): void {
    this.#source.close();
    this.#errorWritable(new TypeError('The transform stream has been terminated'));
  }

  #errorWritable(reason: unknown): void {
    this.#clearAlgorithms();
    this.#sink.errorIfNeeded(reason);
    this.#unblock();
  }

  #unblock(): void {
    if (this.#backpressure) this.#setBackpressure(false);
  }

  #clearAlgorithms(): void {
    this.#transformer = undefined;
  }

  #setBackpressure(backpressure: boolean): void {
    this.#change?.resolve(undefined);
    this.#change = undefined;
    this.#backpressure = backpressure;
  }

  #changed(): Promise<undefined> {
    return (this.#change ??= deferred<undefined>()).promise;
  }

  #write(chunk: unknown): unknown {
    if (!this.#backpressure) return this.#perform(chunk);
    this.#waiting = true;
    return chain(this.#changed(), () => {
      this.#waiting = false;
      if (this.writable.state === ERRORING) throw this.writable.error;
      return this.#perform(chunk);
    });
  }

  #perform(chunk: unknown): unknown {
    let result: unknown;
    try {
      if (this.#passes) {
        this.enqueue(chunk);
        return undefined;
      }
      result = this.#transformer?.transform!(chunk, this);
    } catch (e) {
      this.error(e);
      throw e;
    }
    if (result === undefined) return undefined;
    return chain(result, undefined as never, (e) => {
      this.error(e);
      throw e;
    });
  }

  #abort(reason: unknown): unknown {
    if (this.#finish !== undefined) return this.#finish.promise;
    const finish = (this.#finish = deferred<undefined>());
    const cancelled = this.#runCancel(reason);
    react(cancelled, () => {
      if (this.readable.state === ERRORED) {
        finish.reject(this.readable.error);
      } else {
        this.#source.error(reason);
        finish.resolve(undefined);
      }
    }, (e) => {
      this.#source.error(e);
      finish.reject(e);
    });
    return finish.promise;
  }

  #runCancel(reason: unknown): unknown {
    const transformer = this.#transformer;
    try {
      if (transformer?.cancel === undefined) return undefined;
      const result = transformer.cancel(reason);
      return specMode() && result !== undefined ? resolvedWithPromise(promiseFor(result)) : promiseFor(result);
    } catch (e) {
      return rejected(e);
    } finally {
      this.#clearAlgorithms();
    }
  }

  #close(): unknown {
    if (this.#finish !== undefined) return this.#finish.promise;
    const finish = (this.#finish = deferred<undefined>());
    const transformer = this.#transformer;
    let flushed: unknown;
    try {
      if (transformer?.flush !== undefined) flushed = promiseFor(transformer.flush(this));
    } catch (e) {
      flushed = rejected(e);
    }
    this.#clearAlgorithms();
    react(flushed, () => {
      if (this.readable.state === ERRORED) {
        finish.reject(this.readable.error);
      } else {
        this.#source.close();
        finish.resolve(undefined);
      }
    }, (e) => {
      this.#source.error(e);
      finish.reject(e);
    });
    return finish.promise;
  }

  #pull(): unknown {
    this.#setBackpressure(false);
    return this.#changed();
  }

  #cancel(reason: unknown): unknown {
    if (this.#finish !== undefined) return this.#finish.promise;
    const finish = (this.#finish = deferred<undefined>());
    react(this.#runCancel(reason), () => {
      if (this.writable.state === 2) {
        finish.reject(this.writable.error);
      } else {
        this.#sink.errorIfNeeded(reason);
        this.#unblock();
        finish.resolve(undefined);
      }
    }, (e) => {
      this.#sink.errorIfNeeded(e);
      this.#unblock();
      finish.reject(e);
    });
    return finish.promise;
  }
}
