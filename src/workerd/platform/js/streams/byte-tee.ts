// ReadableByteStreamTee (https://streams.spec.whatwg.org/#abstract-opdef-readablebytestreamtee).
import { ByteController } from './byte-controller';
import { Bytes, bytesLength, bytesOf, setBytes, viewBuffer, viewBytes, viewOffset } from './intrinsics';
import { specMode } from './mode';
import { type Deferred, deferred, later, react } from './promises';
import { READABLE, ReadableState, type ReaderState, type ReadIntoRequest, type ReadRequest, acquireByobReader, acquireReader, cancelStream, readerRead,
  releaseReader } from './readable-state';

export function byteTee(s: ReadableState): [ReadableState, ReadableState] {
  return new ByteTee(s).branches;
}

function clone(view: ArrayBufferView): Uint8Array {
  const bytes = bytesOf(view);
  const copy = new Bytes(bytesLength(bytes));
  setBytes(copy, bytes, 0);
  return copy;
}

class ByteTee {
  readonly branches: [ReadableState, ReadableState];
  readonly stream: ReadableState;
  reader: ReaderState;
  readonly one: ByteController;
  readonly two: ByteController;
  reading = false;
  againOne = false;
  againTwo = false;
  oneCancelled = false;
  twoCancelled = false;
  #oneReason: unknown = undefined;
  #twoReason: unknown = undefined;
  readonly cancel: Deferred<unknown> = deferred();
  readonly #sharing: boolean;

  constructor(s: ReadableState) {
    this.stream = s;
    const allocate = specMode() ? undefined : (s.controller as ByteController).autoAllocate;
    this.#sharing = allocate !== undefined;
    this.reader = acquireReader(s);
    s.disturbed = true;
    const one = new ReadableState();
    const two = new ReadableState();
    this.one = new ByteController(one, { pull: () => this.pull(false), cancel: (reason) => this.#cancelOne(reason) }, 0, allocate);
    this.two = new ByteController(two, { pull: () => this.pull(true), cancel: (reason) => this.#cancelTwo(reason) }, 0, allocate);
    this.branches = [one, two];
    if (specMode()) {
      this.one.start(undefined);
      this.two.start(undefined);
    } else {
      // workerd's branches read at once.
      this.one.startNow();
      this.two.startNow();
    }
    this.#forwardError(this.reader);
  }

  #forwardError(reader: ReaderState): void {
    react(reader.closed, undefined, (reason) => {
      if (reader !== this.reader) return;
      this.one.error(reason);
      this.two.error(reason);
      if (!this.oneCancelled || !this.twoCancelled) this.cancel.resolve(undefined);
    });
  }

  /** `second`: for the second branch. */
  pull(second: boolean): undefined {
    if (this.reading) {
      if (second) this.againTwo = true;
      else this.againOne = true;
      return undefined;
    }
    this.reading = true;
    const branch = second ? this.two : this.one;
    const first = branch.pullIntos.first;
    if (first === undefined) this.#pullDefault(0);
    // workerd's branches share what the source gives, whole, and tell it how much the branch that asks wants, and has room for.
    else if (this.#sharing) this.#pullDefault(branch.wanted!, first.reader === 'byob' ? first.byteLength - first.bytesFilled : undefined);
    else this.#pullInto(branch.requestView()!, second);
    return undefined;
  }

  #switchReader(byob: boolean): void {
    if (this.reader.byob === byob) return;
    releaseReader(this.reader);
    this.reader = byob ? acquireByobReader(this.stream) : acquireReader(this.stream);
    this.#forwardError(this.reader);
  }

  #pullDefault(atLeast: number, room?: number): void {
    this.#switchReader(false);
    const { stream } = this;
    if (stream.state === READABLE) (stream.controller as ByteController).read(new DefaultRead(this), atLeast, room);
    else readerRead(this.reader, new DefaultRead(this));
  }

  #pullInto(view: Uint8Array, second: boolean): void {
    this.#switchReader(true);
    const { stream } = this;
    stream.disturbed = true;
    const request = new IntoRead(this, second);
    if (stream.state === 2) request.error();
    else (stream.controller as ByteController).readInto(view, 1, request);
  }

  again(): void {
    this.reading = false;
    if (this.againOne) this.pull(false);
    else if (this.againTwo) this.pull(true);
  }

  fail(e: unknown): void {
    this.one.error(e);
    this.two.error(e);
    this.cancel.resolve(cancelStream(this.stream, e));
  }

  #cancelOne(reason: unknown): Promise<unknown> | undefined {
    this.oneCancelled = true;
    this.#oneReason = reason;
    if (this.twoCancelled) this.#cancelBoth(reason);
    else if (!specMode()) return undefined;
    return this.cancel.promise;
  }

  #cancelTwo(reason: unknown): Promise<unknown> | undefined {
    this.twoCancelled = true;
    this.#twoReason = reason;
    if (this.oneCancelled) this.#cancelBoth(reason);
    else if (!specMode()) return undefined;
    return this.cancel.promise;
  }

  #cancelBoth(last: unknown): void {
    this.cancel.resolve(cancelStream(this.stream, specMode() ? [this.#oneReason, this.#twoReason] : last));
  }
}

class DefaultRead implements ReadRequest {
  next: ReadRequest | undefined = undefined;
  constructor(readonly tee: ByteTee) {}

  chunk(chunk: Uint8Array): void {
    later(() => {
      const { tee } = this;
      tee.againOne = tee.againTwo = false;
      let second = chunk;
      if (!tee.oneCancelled && !tee.twoCancelled) {
        try {
          second = clone(chunk);
        } catch (e) {
          tee.fail(e);
          return;
        }
      }
      if (!tee.oneCancelled) tee.one.enqueue(chunk);
      if (!tee.twoCancelled) tee.two.enqueue(second);
      tee.again();
    });
  }

  close(): void {
    const { tee } = this;
    tee.reading = false;
    if (!tee.oneCancelled) tee.one.close();
    if (!tee.twoCancelled) tee.two.close();
    if (tee.one.pullIntos.first !== undefined) tee.one.respond(0);
    if (tee.two.pullIntos.first !== undefined) tee.two.respond(0);
    if (!tee.oneCancelled || !tee.twoCancelled) tee.cancel.resolve(undefined);
  }

  error(): void {
    this.tee.reading = false;
  }
}

class IntoRead implements ReadIntoRequest {
  next: ReadIntoRequest | undefined = undefined;
  constructor(readonly tee: ByteTee, readonly second: boolean) {}

  chunk(chunk: ArrayBufferView): void {
    later(() => {
      const { tee, second } = this;
      tee.againOne = tee.againTwo = false;
      const byobCancelled = second ? tee.twoCancelled : tee.oneCancelled;
      const otherCancelled = second ? tee.oneCancelled : tee.twoCancelled;
      const byob = second ? tee.two : tee.one;
      const other = second ? tee.one : tee.two;
      if (!otherCancelled) {
        let copy: Uint8Array;
        try {
          copy = clone(chunk);
        } catch (e) {
          tee.fail(e);
          return;
        }
        if (!byobCancelled) respondWith(byob, chunk);
        other.enqueue(copy);
      } else if (!byobCancelled) {
        respondWith(byob, chunk);
      }
      tee.again();
    });
  }

  close(chunk: ArrayBufferView | undefined): void {
    const { tee, second } = this;
    tee.reading = false;
    const byobCancelled = second ? tee.twoCancelled : tee.oneCancelled;
    const otherCancelled = second ? tee.oneCancelled : tee.twoCancelled;
    const byob = second ? tee.two : tee.one;
    const other = second ? tee.one : tee.two;
    if (!byobCancelled) byob.close();
    if (!otherCancelled) other.close();
    if (chunk !== undefined) {
      if (!byobCancelled) respondWith(byob, chunk);
      if (!otherCancelled && other.pullIntos.first !== undefined) other.respond(0);
    }
    if (!byobCancelled || !otherCancelled) tee.cancel.resolve(undefined);
  }

  error(): void {
    this.tee.reading = false;
  }
}

function respondWith(c: ByteController, view: ArrayBufferView): void {
  // workerd's end of a stream has answered already.
  if (c.pullIntos.first !== undefined) c.respondWithNewView(viewBuffer(view), viewOffset(view), viewBytes(view));
}
