// The asynchronous iterator of a ReadableStream (https://streams.spec.whatwg.org/#rs-asynciterator).
import { flags } from '../flags';
import { illegalInvocation } from '../interface';
import { ObjectDefineProperties, ObjectDefineProperty, ObjectSetPrototypeOf, SymbolToStringTag } from '../primordials';
import { specMode } from './mode';
import { chain, deferred, promiseFor, rejected, settle, settled } from './promises';
import { type ReadableState, type ReaderState, type ReadRequest, acquireReader, cancelStream, readerRead, releaseReader } from './readable-state';

/** In the reference's order; before enable_fast_jsg_struct there was no `value` where it is undefined. */
function ended(value: unknown): IteratorResult<unknown> {
  return value === undefined && !flags.enable_fast_jsg_struct && !specMode() ? { done: true } as IteratorResult<unknown> : { done: true, value };
}

class NextRequest implements ReadRequest {
  next: ReadRequest | undefined = undefined;
  constructor(readonly state: IteratorState, readonly resolve: (r: IteratorResult<unknown>) => void, readonly reject: (e: unknown) => void) {}
  chunk(value: unknown): void {
    if (--this.state.outstanding === 0) this.state.ongoing = undefined;
    settle(this.resolve, { done: false, value });
  }
  close(): void {
    this.state.finish();
    settle(this.resolve, ended(undefined));
  }
  error(reason: unknown): void {
    this.state.finish();
    this.reject(reason);
  }
}

class IteratorState {
  /** What a further call has to wait for; forgotten as soon as no call is outstanding. */
  ongoing: Promise<unknown> | undefined = undefined;
  outstanding = 0;
  finished = false;
  constructor(readonly reader: ReaderState, readonly preventCancel: boolean) {}

  finish(): void {
    this.ongoing = undefined;
    this.finished = true;
    if (this.reader.stream !== undefined) releaseReader(this.reader);
  }

  next(): Promise<IteratorResult<unknown>> {
    if (this.finished) return settled(ended(undefined));
    const d = deferred<IteratorResult<unknown>>();
    readerRead(this.reader, new NextRequest(this, d.resolve, d.reject));
    // Web IDL answers with a promise of its own, one step later; sources may count on being pulled before.
    return chain(d.promise, same);
  }

  return(value: unknown): Promise<IteratorResult<unknown>> {
    const result = ended(value);
    if (this.finished) return promiseFor(result);
    this.finished = true;
    const { reader } = this;
    const { stream } = reader;
    if (stream === undefined) return promiseFor(result);
    if (this.preventCancel) {
      releaseReader(reader);
      return promiseFor(result);
    }
    const cancelled = cancelStream(stream, value);
    releaseReader(reader);
    return chain(cancelled, () => result);
  }
}

function same<T>(value: T): T {
  return value;
}

let newIterator: (state: IteratorState) => object;

class ReadableStreamAsyncIterator {
  readonly #i: IteratorState;

  constructor(state: IteratorState) {
    this.#i = state;
  }

  static {
    newIterator = (state) => new ReadableStreamAsyncIterator(state);
  }

  next(): Promise<IteratorResult<unknown>> {
    if (!(#i in this)) return rejected(illegalInvocation());
    const state = this.#i;
    const { ongoing } = state;
    state.outstanding++;
    if (ongoing === undefined) {
      const p = state.next();
      if (!state.finished && state.outstanding > 0) state.ongoing = p;
      return p;
    }
    const after = (): Promise<IteratorResult<unknown>> => state.next();
    const p = chain(ongoing, after, after);
    state.ongoing = p;
    return p;
  }

  return(value: unknown): Promise<IteratorResult<unknown>> {
    if (!(#i in this)) return rejected(illegalInvocation());
    const state = this.#i;
    const { ongoing } = state;
    if (ongoing === undefined) return (state.ongoing = state.return(value));
    const after = (): Promise<IteratorResult<unknown>> => state.return(value);
    return (state.ongoing = chain(ongoing, after, after));
  }
}

// %AsyncIteratorPrototype%, which makes an iterator iterable.
const AsyncIteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf((async function* () {}).prototype)) as object;
ObjectSetPrototypeOf(ReadableStreamAsyncIterator.prototype, AsyncIteratorPrototype);
delete (ReadableStreamAsyncIterator.prototype as { constructor?: unknown }).constructor;
ObjectDefineProperties(ReadableStreamAsyncIterator.prototype, { next: { enumerable: true }, return: { enumerable: true } });
ObjectDefineProperty(ReadableStreamAsyncIterator.prototype, SymbolToStringTag, { value: 'ReadableStream AsyncIterator', configurable: true });

export function makeIterator(stream: ReadableState, preventCancel: boolean): object {
  return newIterator(new IteratorState(acquireReader(stream), preventCancel));
}
