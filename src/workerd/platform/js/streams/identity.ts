// IdentityTransformStream and FixedLengthStream: bytes handed from a writer to a reader, one write at a time, without a queue between.
import { type ByteSource, InternalController, toError } from './internal-controller';
import { type ByteSink, internalWritable } from './internal-writable';
import { Bytes, bytesLength, setBytes, viewBuffer, viewOffset } from './intrinsics';
import { specMode } from './mode';
import { type Deferred, deferred } from './promises';
import type { Pair } from './transform';
import { wrapState } from './readable';
import { ReadableState } from './readable-state';
import { wrapWritable } from './writable';
import type { WritableState } from './writable-state';

export class IdentityChannel implements ByteSource, ByteSink {
  #chunk: Uint8Array | undefined = undefined;
  #written: Deferred<undefined> | undefined = undefined;
  #wake: (() => void) | undefined = undefined;
  #closed = false;
  #failed = false;
  #error: unknown = undefined;
  /** What a FixedLengthStream still expects. */
  #left: number | undefined;
  /** The same at the writable side, where the standard mode checks it. */
  #unwritten: number | undefined;
  /** The stream this is the sink of. */
  writable: WritableState | undefined = undefined;

  constructor(expectedLength: number | undefined) {
    this.#left = expectedLength;
    this.#unwritten = specMode() ? expectedLength : undefined;
  }

  // ---- the readable side

  read(max: number, wake: () => void): Uint8Array | null | undefined {
    if (this.#failed) throw this.#error;
    const chunk = this.#chunk;
    if (chunk === undefined) {
      if (!this.#closed) {
        this.#wake = wake;
        return undefined;
      }
      if (this.#left !== undefined && this.#left > 0) {
        throw this.#fail(new TypeError('FixedLengthStream did not see all expected bytes before close().'));
      }
      return null;
    }
    let part = chunk;
    const size = bytesLength(chunk);
    if (size <= max) {
      this.#chunk = undefined;
      const written = this.#written;
      this.#written = undefined;
      written?.resolve(undefined);
    } else {
      part = slice(chunk, 0, max);
      this.#chunk = slice(chunk, max, size);
    }
    if (this.#left !== undefined) {
      const n = bytesLength(part);
      if (n > this.#left) throw this.#fail(new TypeError('Attempt to write too many bytes through a FixedLengthStream.'));
      this.#left -= n;
    }
    return part;
  }

  cancel(reason: unknown): void {
    if (!this.#failed && !this.#closed) this.#fail(toError(reason));
  }

  length(): number {
    return this.#left ?? -1;
  }

  /** The chunk that waits for a reader, taken out: somebody else reads on. */
  takeChunk(): Uint8Array | undefined {
    const chunk = this.#chunk;
    this.#chunk = undefined;
    return chunk;
  }

  #fail(error: unknown): unknown {
    this.#failed = true;
    this.#error = error;
    this.#chunk = undefined;
    const written = this.#written;
    this.#written = undefined;
    written?.reject(error);
    return error;
  }

  #notify(): void {
    const wake = this.#wake;
    if (wake === undefined) return;
    this.#wake = undefined;
    wake();
  }

  // ---- the writable side

  write(chunk: Uint8Array): Promise<undefined> | undefined {
    if (this.#failed) throw this.#error;
    if (this.#unwritten !== undefined) {
      this.#unwritten -= bytesLength(chunk);
      if (this.#unwritten < 0) {
        const e = this.#fail(new RangeError('Attempt to write too many bytes through a FixedLengthStream.'));
        this.#notify();
        throw e;
      }
    }
    this.#chunk = chunk;
    this.#notify();
    // The reader that waited may have taken all of it.
    if (this.#chunk === undefined) {
      if (this.#failed) throw this.#error;
      return undefined;
    }
    this.#written = deferred<undefined>();
    return this.#written.promise;
  }

  close(): void {
    if (this.#failed) throw this.#error;
    if (this.#unwritten !== undefined && this.#unwritten > 0) {
      const e = this.#fail(new RangeError('FixedLengthStream did not see all expected bytes before close().'));
      this.#notify();
      throw e;
    }
    this.#closed = true;
    this.#notify();
  }

  abort(reason: unknown): void {
    if (this.#failed) return;
    this.#fail(toError(reason));
    this.#notify();
  }
}

function slice(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const part = new Bytes(to - from);
  setBytes(part, new Bytes(viewBuffer(bytes), viewOffset(bytes) + from, to - from), 0);
  return part;
}

export function identityPair(expectedLength: number | undefined, highWaterMark: number | undefined): Pair {
  const channel = new IdentityChannel(expectedLength);
  const readable = new ReadableState();
  new InternalController(readable, channel);
  channel.writable = internalWritable(channel, highWaterMark);
  return { readable: wrapState(readable), writable: wrapWritable(channel.writable) };
}
