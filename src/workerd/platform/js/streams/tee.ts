// Teeing: ReadableStreamDefaultTee (https://streams.spec.whatwg.org/#abstract-opdef-readablestreamdefaulttee); byte streams are in
// byte-tee.ts, internal ones in internal-tee.ts.
import { byteTee } from './byte-tee';
import { DefaultController } from './default-controller';
import type { InternalController } from './internal-controller';
import { internalTee } from './internal-tee';
import { specMode } from './mode';
import { type Deferred, deferred, react, later } from './promises';
import { ReadableState, type ReaderState, type ReadRequest, acquireReader, cancelStream, lockedError, readerRead } from './readable-state';

export function teeState(s: ReadableState): [ReadableState, ReadableState] {
  if (s.reader !== undefined) throw lockedError();
  const { controller } = s;
  if (controller.kind === 1) return byteTee(s);
  if (controller.kind === 2) return internalTee(s, controller as InternalController);
  return new DefaultTee(s).branches;
}

class DefaultTee implements ReadRequest {
  next: ReadRequest | undefined = undefined;
  readonly branches: [ReadableState, ReadableState];
  readonly #stream: ReadableState;
  readonly #reader: ReaderState;
  readonly #one: DefaultController;
  readonly #two: DefaultController;
  #reading = false;
  #readAgain = false;
  #oneCancelled = false;
  #twoCancelled = false;
  #oneReason: unknown = undefined;
  #twoReason: unknown = undefined;
  readonly #cancel: Deferred<unknown> = deferred();

  constructor(s: ReadableState) {
    this.#stream = s;
    this.#reader = acquireReader(s);
    const pull = (): undefined => this.#pull();
    const one = new ReadableState();
    const two = new ReadableState();
    this.#one = new DefaultController(one, { pull, cancel: (reason) => this.#cancelOne(reason) }, 1, undefined);
    this.#two = new DefaultController(two, { pull, cancel: (reason) => this.#cancelTwo(reason) }, 1, undefined);
    this.branches = [one, two];
    this.#one.start(undefined);
    this.#two.start(undefined);
    react(this.#reader.closed, undefined, (reason) => {
      this.#one.error(reason);
      this.#two.error(reason);
      if (!this.#oneCancelled || !this.#twoCancelled) this.#cancel.resolve(undefined);
    });
  }

  #pull(): undefined {
    if (this.#reading) {
      this.#readAgain = true;
      return undefined;
    }
    this.#reading = true;
    readerRead(this.#reader, this);
    return undefined;
  }

  chunk(value: unknown): void {
    // A tick later, so that errors of the source reach the branches before the chunk does.
    later(() => {
      this.#readAgain = false;
      if (!this.#oneCancelled) tryEnqueue(this.#one, value);
      if (!this.#twoCancelled) tryEnqueue(this.#two, value);
      this.#reading = false;
      if (this.#readAgain) this.#pull();
    });
  }

  close(): void {
    this.#reading = false;
    if (!this.#oneCancelled) this.#one.close();
    if (!this.#twoCancelled) this.#two.close();
    if (!this.#oneCancelled || !this.#twoCancelled) this.#cancel.resolve(undefined);
  }

  error(): void {
    this.#reading = false;
  }

  #cancelOne(reason: unknown): Promise<unknown> | undefined {
    this.#oneCancelled = true;
    this.#oneReason = reason;
    // workerd lets a branch go at once, and passes on the reason of the last one.
    if (this.#twoCancelled) this.#cancelBoth(reason);
    else if (!specMode()) return undefined;
    return this.#cancel.promise;
  }

  #cancelTwo(reason: unknown): Promise<unknown> | undefined {
    this.#twoCancelled = true;
    this.#twoReason = reason;
    if (this.#oneCancelled) this.#cancelBoth(reason);
    else if (!specMode()) return undefined;
    return this.#cancel.promise;
  }

  #cancelBoth(last: unknown): void {
    this.#cancel.resolve(cancelStream(this.#stream, specMode() ? [this.#oneReason, this.#twoReason] : last));
  }
}

function tryEnqueue(c: DefaultController, value: unknown): void {
  if (c.canCloseOrEnqueue) c.enqueue(value);
}
