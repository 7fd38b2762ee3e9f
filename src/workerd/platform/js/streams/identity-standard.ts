// IdentityTransformStream and FixedLengthStream as typescript_implemented_streams has them: the readable side is a byte stream like any
// other, several reads may wait, and an end of one side is at once known to the other.
import { ByteController } from './byte-controller';
import { type ByteSink, internalWritable } from './internal-writable';
import { Bytes, bytesLength, setBytes, viewBuffer, viewOffset } from './intrinsics';
import { type Deferred, deferred } from './promises';
import { wrapState } from './readable';
import { READABLE, ReadableState } from './readable-state';
import type { Pair } from './transform';
import { wrapWritable } from './writable';
import type { WritableState } from './writable-state';

class StandardIdentity implements ByteSink {
  readonly readable: ReadableState = new ReadableState();
  readonly writable: WritableState;
  readonly #source: ByteController;
  /** What the sink is at, and how it went. */
  #chunk: Uint8Array | undefined = undefined;
  #written: Deferred<undefined> | undefined = undefined;
  /** A reader waits. */
  #wanted = false;
  #feeding = false;
  /** What a FixedLengthStream still expects. */
  #left: number | undefined;

  constructor(expectedLength: number | undefined, highWaterMark: number | undefined) {
    this.#left = expectedLength;
    this.readable.expectedLength = expectedLength;
    this.#source = new ByteController(this.readable, {
      pull: () => {
        this.#wanted = true;
        this.#feed();
      },
      cancel: (reason) => {
        const written = this.#take();
        this.writable.controller.errorIfNeeded(reason);
        written?.reject(reason);
      },
    }, 0, undefined);
    this.writable = internalWritable(this, highWaterMark);
    this.#source.startNow();
  }

  write(chunk: Uint8Array): Promise<undefined> | undefined {
    if (this.#left !== undefined) {
      this.#left -= bytesLength(chunk);
      if (this.#left < 0) throw this.#fail(new RangeError('Attempt to write too many bytes through a FixedLengthStream.'));
    }
    this.#chunk = chunk;
    this.#feed();
    if (this.#chunk === undefined) return undefined;
    this.#written = deferred<undefined>();
    return this.#written.promise;
  }

  close(): void {
    if (this.#left !== undefined && this.#left > 0) {
      throw this.#fail(new RangeError('FixedLengthStream did not see all expected bytes before close().'));
    }
    this.#source.close();
    // Reads into a buffer that are pending at the end are answered by the source.
    if (this.#source.pullIntos.first !== undefined) this.#source.respond(0);
  }

  abort(reason: unknown): void {
    this.#take();
    this.#source.error(reason);
  }

  #fail(error: unknown): unknown {
    this.#source.error(error);
    return error;
  }

  /** The chunk is somebody else's now, or nobody's. */
  #take(): Deferred<undefined> | undefined {
    const written = this.#written;
    this.#chunk = this.#written = undefined;
    return written;
  }

  /** Gives readers of the chunk for as long as they want. */
  #feed(): void {
    if (this.#feeding) return;
    this.#feeding = true;
    while (this.#wanted && this.#chunk !== undefined && this.readable.state === READABLE) {
      this.#wanted = false;
      this.#giveSome(this.#chunk);
    }
    this.#feeding = false;
  }

  #giveSome(chunk: Uint8Array): void {
    const size = bytesLength(chunk);
    const into = this.#source.requestView();
    if (into === undefined) {
      this.#take()?.resolve(undefined);
      this.#source.enqueue(chunk);
      return;
    }
    const space = bytesLength(into);
    const n = size < space ? size : space;
    setBytes(into, new Bytes(viewBuffer(chunk), viewOffset(chunk), n), 0);
    if (n === size) this.#take()?.resolve(undefined);
    else this.#chunk = new Bytes(viewBuffer(chunk), viewOffset(chunk) + n, size - n);
    this.#source.respond(n);
  }
}

export function standardIdentityPair(expectedLength: number | undefined, highWaterMark: number | undefined): Pair {
  const identity = new StandardIdentity(expectedLength, highWaterMark);
  return { readable: wrapState(identity.readable), writable: wrapWritable(identity.writable) };
}
