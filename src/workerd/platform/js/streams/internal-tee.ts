// Teeing an internal stream gives two internal streams: each keeps its own backlog of what the other one has read.
import { type ByteSource, InternalController, MemorySource } from './internal-controller';
import { checkOwner, READABLE_TYPE } from '../pipe-owner';
import { Bytes, bytesLength, setBytes, viewBuffer, viewOffset } from './intrinsics';
import { LinkedList } from './queue';
import { CLOSED, ERRORED, ReadableState, ReaderState } from './readable-state';

export function internalTee(s: ReadableState, controller: InternalController): [ReadableState, ReadableState] {
  checkOwner(s.owner, READABLE_TYPE);
  if (controller.closing) throw new TypeError('This ReadableStream belongs to an object that is closing.');
  const one = new ReadableState();
  const two = new ReadableState();
  const sources = teeSource(controller.source);
  new InternalController(one, sources[0]);
  new InternalController(two, sources[1]);
  if (s.state === ERRORED) {
    one.state = two.state = ERRORED;
    one.error = two.error = s.error;
  } else if (s.state === CLOSED) {
    one.state = two.state = CLOSED;
  }
  // The original stays locked, for good, and is at its end.
  new ReaderState(s, false);
  s.disturbed = true;
  if (s.state !== ERRORED) s.state = CLOSED;
  return [one, two];
}

export function teeSource(source: ByteSource): [ByteSource, ByteSource] {
  if (source instanceof MemorySource) {
    const rest = source.rest();
    return [new MemorySource(rest, true), new MemorySource(rest, true)];
  }
  const shared = new Shared(source);
  return [shared.one, shared.two];
}

class Piece {
  next: Piece | undefined = undefined;
  constructor(public bytes: Uint8Array) {}
}

class Branch implements ByteSource {
  readonly backlog: LinkedList<Piece> = new LinkedList();
  queued = 0;
  cancelled = false;
  reason: unknown = undefined;
  wake: (() => void) | undefined = undefined;
  constructor(readonly shared: Shared) {}

  read(max: number, wake: () => void): Uint8Array | null | undefined {
    const first = this.backlog.first;
    if (first === undefined) return this.shared.read(this, max, wake);
    const n = bytesLength(first.bytes);
    if (n <= max) {
      this.backlog.shift();
      this.queued -= n;
      return first.bytes;
    }
    const part = copy(first.bytes, 0, max);
    first.bytes = copy(first.bytes, max, n);
    this.queued -= max;
    return part;
  }

  cancel(reason: unknown): unknown {
    this.cancelled = true;
    this.reason = reason;
    this.backlog.clear();
    this.queued = 0;
    const { one, two, source } = this.shared;
    if (one.cancelled && two.cancelled) return source.cancel(reason);
    return undefined;
  }

  length(): number {
    const rest = this.shared.length();
    return rest < 0 ? -1 : rest + this.queued;
  }
}

class Shared {
  readonly one: Branch = new Branch(this);
  readonly two: Branch = new Branch(this);
  #failed = false;
  #error: unknown = undefined;
  #ended = false;
  #waiting = false;

  constructor(readonly source: ByteSource) {}

  length(): number {
    return this.#ended ? 0 : this.source.length();
  }

  read(branch: Branch, max: number, wake: () => void): Uint8Array | null | undefined {
    if (this.#failed) throw this.#error;
    if (this.#ended) return null;
    const other = branch === this.one ? this.two : this.one;
    if (this.#waiting) {
      branch.wake = wake;
      return undefined;
    }
    let chunk: Uint8Array | null | undefined;
    try {
      chunk = this.source.read(max, this.#wakeBoth);
    } catch (e) {
      this.#failed = true;
      this.#error = e;
      this.#wake(other);
      throw e;
    }
    if (chunk === undefined) {
      this.#waiting = true;
      branch.wake = wake;
      return undefined;
    }
    if (chunk === null) {
      this.#ended = true;
    } else if (!other.cancelled) {
      const n = bytesLength(chunk);
      other.backlog.push(new Piece(copy(chunk, 0, n)));
      other.queued += n;
    }
    this.#wake(other);
    return chunk;
  }

  readonly #wakeBoth = (): void => {
    this.#waiting = false;
    this.#wake(this.one);
    this.#wake(this.two);
  };

  #wake(branch: Branch): void {
    const { wake } = branch;
    if (wake === undefined) return;
    branch.wake = undefined;
    wake();
  }
}

function copy(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const part = new Bytes(to - from);
  setBytes(part, new Bytes(viewBuffer(bytes), viewOffset(bytes) + from, to - from), 0);
  return part;
}
