// ReadableStreamDrainingReader: a reader that takes everything that is queued at once. workerd shows it only to its own tests, with both
// typescript_implemented_streams and expose_draining_reader.
import { badConstructorArgument, defineInterface } from '../interface';
import { ObjectCreate } from '../primordials';
import type { ByteController } from './byte-controller';
import type { DefaultController } from './default-controller';
import { isTypeScript } from './mode';
import { rejected } from './promises';
import { isReadableStream, lengthOf, stateOf } from './readable';
import { readChunk } from './readers';
import { CLOSED, ERRORED, type ReadableState, ReaderState, cancelStream, releaseReader } from './readable-state';

export interface DrainResult {
  chunks: unknown[];
  done: boolean;
}

const toBigInt = BigInt;

function released(): TypeError {
  return new TypeError('This reader has been released');
}

function result(chunks: unknown[], done: boolean): DrainResult {
  const r = ObjectCreate(null) as DrainResult;
  r.chunks = chunks;
  r.done = done;
  return r;
}

/** Adds what is queued to `chunks`. Streams of the platform have no queue. */
function sweep(s: ReadableState, max: number, chunks: unknown[]): void {
  const { controller } = s;
  if (controller.kind === 2) return;
  (controller as DefaultController | ByteController).drain(max, (chunk: unknown) => {
    chunks[chunks.length] = chunk;
  });
}

async function drain(reader: ReaderState, s: ReadableState, max: number): Promise<DrainResult> {
  s.disturbed = true;
  if (s.state === ERRORED) throw s.error;
  const chunks: unknown[] = [];
  if (s.state === CLOSED) return result(chunks, true);
  sweep(s, max, chunks);
  if (chunks.length === 0) {
    const { value, done } = await readChunk(reader);
    if (done) return result(chunks, true);
    chunks[chunks.length] = value;
    // What came along with it; a tee's or a released reader's stream has gone on without us.
    if (reader.stream === s) sweep(s, max, chunks);
  }
  return result(chunks, s.state === (CLOSED as number) && s.controller.kind !== 2);
}

class ReadableStreamDrainingReader {
  readonly #r: ReaderState;

  constructor(stream: object) {
    if (!isReadableStream(stream)) throw badConstructorArgument('ReadableStreamDrainingReader', 1, 'ReadableStream');
    const s = stateOf(stream);
    if (s.reader !== undefined) throw new TypeError('Cannot get a reader for a stream that is locked');
    this.#r = new ReaderState(s, false);
  }

  get closed(): Promise<undefined> {
    if (!(#r in this)) return rejected(new TypeError('Illegal invocation'));
    return this.#r.closed;
  }

  /** Bytes the stream is known to give, or undefined. */
  get expectedLength(): bigint | undefined {
    if (!(#r in this)) throw new TypeError('Illegal invocation');
    const { stream } = this.#r;
    const length = stream === undefined ? undefined : lengthOf(stream);
    return length === undefined ? undefined : toBigInt(length);
  }

  cancel(reason: unknown = undefined): Promise<undefined> {
    if (!(#r in this)) return rejected(new TypeError('Illegal invocation'));
    const { stream } = this.#r;
    return stream === undefined ? rejected(released()) : cancelStream(stream, reason);
  }

  /** All that is queued, up to about `maxSize` in the units of the strategy; at least one chunk, for which it waits. */
  async read(options: { maxSize?: number } = ObjectCreate(null) as object): Promise<DrainResult> {
    if (!(#r in this)) throw new TypeError('Illegal invocation');
    const reader = this.#r;
    const { stream } = reader;
    if (stream === undefined) throw released();
    const given = options.maxSize;
    const max = given === undefined ? Infinity : +given;
    if (!(max > 0)) throw new TypeError('options.maxSize must be a positive number');
    return drain(reader, stream, max);
  }

  releaseLock(): void {
    if (!(#r in this)) throw new TypeError('Illegal invocation');
    if (this.#r.stream !== undefined) releaseReader(this.#r);
  }
}

defineInterface(ReadableStreamDrainingReader, 'ReadableStreamDrainingReader', { standard: isTypeScript });
export { ReadableStreamDrainingReader };
