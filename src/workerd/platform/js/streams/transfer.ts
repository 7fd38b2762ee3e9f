// Transfer of streams by structuredClone() and postMessage() (https://streams.spec.whatwg.org/#rs-transfer, #ws-transfer, #ts-transfer),
// within one realm: what the standard sends through a pair of ports goes through a Link. Chunks and reasons are cloned on their way.
import { native } from '../ops';
import { interfaceNameOf } from '../interface';
import { DefaultController } from './default-controller';
import { pipeStates } from './pipe';
import { type Deferred, chain, deferred, laterIn, markHandled } from './promises';
import { isReadableStream, stateOf, wrapState } from './readable';
import { ReadableState, isLockedState } from './readable-state';
import { type Pair, TransformStream, isTransformStream, sidesOf, transformAround } from './transform';
import { isWritableStream, wrapWritable, writableStateOf } from './writable';
import { WritableController, WritableState, isLockedWritable } from './writable-state';

/** A transfer that is prepared. Nothing has happened to the original yet. */
export interface Transfer {
  readonly original: object;
  /** What takes the original's place. */
  readonly received: object;
  /** Moves the original's data there from now on. Gives false when the original has been locked meanwhile. */
  connect(): boolean;
}

function clone(value: unknown): unknown {
  const type = typeof value;
  return type === 'object' || type === 'function' || type === 'symbol' ? native.structuredClone(value, undefined) : value;
}

/** A writable end and a readable end, one of them here and one there. */
class Link {
  readonly readable: ReadableState = new ReadableState();
  readonly writable: WritableState = new WritableState();
  readonly #source: DefaultController;
  readonly #sink: WritableController;
  // Who has ended hears no more.
  #readableEnded = false;
  #writableEnded = false;
  /** Resolved when the readable end wants a chunk. */
  #wanted: Deferred<undefined> | undefined = deferred();
  readonly #frame: unknown = native.getAsyncFrame();

  constructor() {
    this.#source = new DefaultController(this.readable, {
      pull: () => this.#toWritable(() => this.#want()),
      cancel: (reason) => {
        this.#readableEnded = true;
        this.#fail(reason, (e) => this.#toWritable(() => this.#writableFails(e)));
      },
    }, 0, undefined);
    this.#sink = new WritableController(this.writable, {
      write: (chunk) => (this.#wanted === undefined ? this.#send(chunk) : chain(this.#wanted.promise, () => this.#send(chunk))),
      close: () => {
        this.#writableEnded = true;
        this.#toReadable(() => {
          this.#readableEnded = true;
          this.#source.close();
        });
      },
      abort: (reason) => {
        this.#writableEnded = true;
        this.#fail(reason, (e) => this.#readableFails(e));
      },
    }, 1, undefined);
    this.#source.start(undefined);
    this.#sink.start(undefined);
  }

  #send(chunk: unknown): void {
    this.#wanted = deferred();
    let copy: unknown;
    try {
      copy = clone(chunk);
    } catch (e) {
      this.#writableEnded = true;
      this.#readableFails(e);
      throw e;
    }
    this.#toReadable(() => {
      if (this.#source.canCloseOrEnqueue) this.#source.enqueue(copy);
    });
  }

  /** Tells the other end of a reason; of the reason's own fault if it cannot be cloned, and then throws it too. */
  #fail(reason: unknown, tell: (reason: unknown) => void): void {
    let copy: unknown;
    try {
      copy = clone(reason);
    } catch (e) {
      tell(e);
      throw e;
    }
    tell(copy);
  }

  #readableFails(reason: unknown): void {
    this.#toReadable(() => {
      this.#readableEnded = true;
      this.#source.error(reason);
    });
  }

  #writableFails(reason: unknown): void {
    this.#writableEnded = true;
    this.#sink.errorIfNeeded(reason);
    this.#want();
  }

  #want(): void {
    this.#wanted?.resolve(undefined);
    this.#wanted = undefined;
  }

  #toReadable(message: () => void): void {
    laterIn(this.#frame, () => {
      if (!this.#readableEnded) message();
    });
  }

  #toWritable(message: () => void): void {
    laterIn(this.#frame, () => {
      if (!this.#writableEnded) message();
    });
  }
}

const OPTIONS = { preventAbort: false, preventCancel: false, preventClose: false, signal: undefined };

function pipe(from: ReadableState, to: WritableState): void {
  markHandled(pipeStates(from, to, OPTIONS));
}

/** Undefined: not a stream that can be transferred. 'locked': not now. */
export function prepareTransfer(value: unknown): Transfer | 'locked' | undefined {
  if (isReadableStream(value)) {
    const s = stateOf(value);
    if (isLockedState(s)) return 'locked';
    const link = new Link();
    const connect = (): boolean => {
      if (isLockedState(s)) return false;
      pipe(s, link.writable);
      return true;
    };
    return { original: value, received: wrapState(link.readable), connect };
  }
  if (isWritableStream(value)) {
    const s = writableStateOf(value);
    if (isLockedWritable(s)) return 'locked';
    const link = new Link();
    const connect = (): boolean => {
      if (isLockedWritable(s)) return false;
      pipe(link.readable, s);
      return true;
    };
    return { original: value, received: wrapWritable(link.writable), connect };
  }
  return isTransformStream(value) ? prepareTransform(value) : undefined;
}

/** The streams that only resemble TransformStream, like CompressionStream, cannot be transferred. */
function isTransferableTransform(value: TransformStream): boolean {
  const name = interfaceNameOf(value);
  return name === 'TransformStream' || name === 'IdentityTransformStream' || name === 'FixedLengthStream';
}

function prepareTransform(value: TransformStream): Transfer | 'locked' | undefined {
  if (!isTransferableTransform(value)) return undefined;
  const sides = sidesOf(value);
  const readable = prepareTransfer(sides.readable);
  const writable = prepareTransfer(sides.writable);
  if (readable === 'locked' || writable === 'locked') return 'locked';
  return {
    original: value,
    received: transformAround({ readable: readable!.received, writable: writable!.received } as Pair, TransformStream),
    connect: () => readable!.connect() && writable!.connect(),
  };
}
