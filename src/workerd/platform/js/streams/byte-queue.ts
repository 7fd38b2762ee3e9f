// The queue of a byte stream, and the requests to fill buffers from it.
import { Bytes, type ViewConstructor, bufferLength, bufferTransfer, copyBytes, isDetached } from './intrinsics';
import { LinkedList } from './queue';

/** A request to fill a buffer, as long as it is not fulfilled. */
export class PullInto {
  next: PullInto | undefined = undefined;
  bytesFilled = 0;
  /** What the source is told it should fill at least, where that is more than this request needs: a tee asks for its branch. */
  hint = 0;
  constructor(
    public buffer: ArrayBuffer, readonly bufferByteLength: number, public byteOffset: number, readonly byteLength: number, public minimumFill: number,
    public elementSize: number, public View: ViewConstructor, public reader: 'default' | 'byob' | 'none') {}

  /** The source has neither detached nor shrunk the buffer. */
  get fits(): boolean {
    return !isDetached(this.buffer) && bufferLength(this.buffer) >= this.byteOffset + this.byteLength;
  }
}

class Chunk {
  next: Chunk | undefined = undefined;
  constructor(readonly buffer: ArrayBuffer, public byteOffset: number, public byteLength: number) {}
}

/** A view of what has been filled, with the buffer taken away from whoever held it. */
export function filledView(pullInto: PullInto): ArrayBufferView {
  const buffer = bufferTransfer(pullInto.buffer);
  return new pullInto.View(buffer, pullInto.byteOffset, pullInto.bytesFilled / pullInto.elementSize);
}

export class ByteQueue {
  readonly #chunks: LinkedList<Chunk> = new LinkedList();
  total = 0;

  push(buffer: ArrayBuffer, byteOffset: number, byteLength: number): void {
    this.#chunks.push(new Chunk(buffer, byteOffset, byteLength));
    this.total += byteLength;
  }

  shift(): Uint8Array {
    const chunk = this.#chunks.shift();
    this.total -= chunk.byteLength;
    return new Bytes(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }

  clear(): void {
    this.#chunks.clear();
    this.total = 0;
  }

  /** Several chunks, the first of them smaller than `size`. */
  holdsPieces(size: number): boolean {
    return this.#chunks.length > 1 && this.#chunks.first!.byteLength < size;
  }

  /** Moves queued bytes into the buffer; true when it holds enough to be handed out. */
  fill(pullInto: PullInto): boolean {
    const size = pullInto.elementSize;
    const space = pullInto.byteLength - pullInto.bytesFilled;
    const most = this.total < space ? this.total : space;
    const filled = pullInto.bytesFilled + most;
    const aligned = filled - (filled % size);
    let remaining = most;
    let ready = false;
    if (aligned >= pullInto.minimumFill) {
      remaining = aligned - pullInto.bytesFilled;
      ready = true;
    }
    while (remaining > 0) {
      const head = this.#chunks.first!;
      const n = remaining < head.byteLength ? remaining : head.byteLength;
      copyBytes(pullInto.buffer, pullInto.byteOffset + pullInto.bytesFilled, head.buffer, head.byteOffset, n);
      if (head.byteLength === n) {
        this.#chunks.shift();
      } else {
        head.byteOffset += n;
        head.byteLength -= n;
      }
      this.total -= n;
      pullInto.bytesFilled += n;
      remaining -= n;
    }
    return ready;
  }
}
