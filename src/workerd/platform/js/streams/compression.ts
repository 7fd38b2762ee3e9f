// CompressionStream and DecompressionStream (https://compression.spec.whatwg.org/). The codecs are in Python (platform/compression.py).
import { flags } from '../flags';
import { badConstructorArgument, defineInterface } from '../interface';
import { requireIoContext } from '../io-context';
import { pyOp } from '../ops';
import { type ByteSource, InternalController, toError } from './internal-controller';
import { type ByteSink, internalWritable } from './internal-writable';
import { Bytes, bytesLength, setBytes, viewBuffer, viewOffset } from './intrinsics';
import { isTypeScript, specMode } from './mode';
import { type Deferred, chain, deferred } from './promises';
import { LinkedList } from './queue';
import { wrapState } from './readable';
import { ReadableState } from './readable-state';
import { type Pair, inheritTransform, transformAround } from './transform';
import { wrapWritable } from './writable';

/** What a step gives: output; in an array when the same input has more to give. */
type Step = Uint8Array | [Uint8Array];
/** what: 0 take `data`, 1 go on with what was taken, 2 finish. */
type Codec = (what: 0 | 1 | 2, data?: Uint8Array) => Step | Promise<Step>;

const compressor = pyOp<(format: string) => Codec>('compression.compressor');
const decompressor = pyOp<(format: string, strict: boolean) => Codec>('compression.decompressor');

/** Output nobody has read yet, in bytes, above which a writer has to wait: what bounds a decompression bomb. */
const MOST_UNREAD = 16 * 1024 * 1024;

class Piece {
  next: Piece | undefined = undefined;
  constructor(public bytes: Uint8Array) {}
}

class CodecChannel implements ByteSource, ByteSink {
  readonly bytesOnly = true;
  readonly #codec: Codec;
  readonly #output: LinkedList<Piece> = new LinkedList();
  #unread = 0;
  #ended = false;
  #failed = false;
  #error: unknown = undefined;
  #wake: (() => void) | undefined = undefined;
  /** The writer waits for a reader. */
  #room: Deferred<undefined> | undefined = undefined;

  constructor(codec: Codec) {
    this.#codec = codec;
  }

  // ---- the readable side

  read(max: number, wake: () => void): Uint8Array | null | undefined {
    if (this.#failed) throw this.#error;
    if (this.#unread === 0) {
      if (this.#ended) return null;
      this.#wake = wake;
      return undefined;
    }
    const bytes = this.#take(max < this.#unread ? max : this.#unread);
    if (this.#room !== undefined && this.#unread <= MOST_UNREAD / 2) {
      const room = this.#room;
      this.#room = undefined;
      room.resolve(undefined);
    }
    return bytes;
  }

  /** The next `n` bytes of the output, however they came; there are as many. */
  #take(n: number): Uint8Array {
    const output = this.#output;
    this.#unread -= n;
    if (bytesLength(output.first!.bytes) === n) return output.shift().bytes;
    const taken = new Bytes(n);
    for (let at = 0; at < n;) {
      const piece = output.first!;
      const { bytes } = piece;
      const size = bytesLength(bytes);
      const wanted = n - at;
      if (size <= wanted) {
        setBytes(taken, bytes, at);
        output.shift();
        at += size;
      } else {
        setBytes(taken, new Bytes(viewBuffer(bytes), viewOffset(bytes), wanted), at);
        piece.bytes = new Bytes(viewBuffer(bytes), viewOffset(bytes) + wanted, size - wanted);
        at = n;
      }
    }
    return taken;
  }

  cancel(reason: unknown): void {
    this.#fail(toError(reason));
  }

  length(): number {
    return -1;
  }

  // ---- the writable side

  write(chunk: Uint8Array): unknown {
    return this.#run(0, chunk);
  }

  close(): unknown {
    const done = this.#run(2, undefined);
    if (done === undefined) {
      this.#end();
      return undefined;
    }
    return chain(done, () => this.#end());
  }

  abort(reason: unknown): void {
    this.#fail(toError(reason));
  }

  fail(error: unknown): void {
    this.#fail(error);
  }

  #end(): void {
    this.#ended = true;
    this.#notify();
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#error = error;
    this.#output.clear();
    this.#unread = 0;
    this.#room?.reject(error);
    this.#room = undefined;
    this.#notify();
  }

  #notify(): void {
    const wake = this.#wake;
    if (wake === undefined) return;
    this.#wake = undefined;
    wake();
  }

  /** Runs the codec until the input is used up. At once (undefined), or a promise when it takes a thread or a reader. */
  #run(what: 0 | 1 | 2, data: Uint8Array | undefined): Promise<undefined> | undefined {
    if (this.#failed) throw this.#error;
    try {
      for (;;) {
        const step = this.#codec(what, data);
        if (!isBytes(step)) {
          if (isStep(step)) {
            this.#emit(step[0]);
            if (this.#unread > MOST_UNREAD) return this.#continue();
            what = 1;
            data = undefined;
            continue;
          }
          return this.#runThreaded(step);
        }
        this.#emit(step);
        return this.#unread > MOST_UNREAD && what !== 2 ? this.#waitForReader() : undefined;
      }
    } catch (e) {
      this.#fail(e);
      throw e;
    }
  }

  async #runThreaded(pending: Promise<Step>): Promise<undefined> {
    try {
      let step = await pending;
      for (;;) {
        if (this.#failed) throw this.#error;
        if (isBytes(step)) {
          this.#emit(step);
          if (this.#unread > MOST_UNREAD) await this.#waitForReader();
          return undefined;
        }
        this.#emit(step[0]);
        if (this.#unread > MOST_UNREAD) await this.#waitForReader();
        step = await this.#codec(1);
      }
    } catch (e) {
      this.#fail(e);
      throw e;
    }
  }

  async #continue(): Promise<undefined> {
    await this.#waitForReader();
    return this.#run(1, undefined);
  }

  #waitForReader(): Promise<undefined> {
    return (this.#room ??= deferred<undefined>()).promise;
  }

  #emit(bytes: Uint8Array): void {
    const size = bytesLength(bytes);
    if (size === 0 || this.#failed) return;
    this.#output.push(new Piece(bytes));
    this.#unread += size;
    this.#notify();
  }
}

function isBytes(step: unknown): step is Uint8Array {
  return step instanceof Bytes;
}

function isStep(step: Step | Promise<Step>): step is [Uint8Array] {
  return (step as { length?: number }).length === 1;
}

function pair(codec: Codec): Pair {
  const channel = new CodecChannel(codec);
  const readable = new ReadableState();
  new InternalController(readable, channel);
  return { readable: wrapState(readable), writable: wrapWritable(internalWritable(channel, undefined)) };
}

function checkFormat(format: unknown, given: number, owner: string): string {
  if (given === 0) throw badConstructorArgument(owner, 1, 'string');
  const name = `${format as string}`;
  if (name !== 'deflate' && name !== 'gzip' && name !== 'deflate-raw') {
    throw new TypeError("The compression format must be either 'deflate', 'deflate-raw' or 'gzip'.");
  }
  if (!isTypeScript()) requireIoContext();
  return name;
}

class CompressionStream {
  constructor(format: string) {
    return transformAround(pair(compressor(checkFormat(format, arguments.length, 'CompressionStream'))), new.target);
  }
}

class DecompressionStream {
  constructor(format: string) {
    const name = checkFormat(format, arguments.length, 'DecompressionStream');
    return transformAround(pair(decompressor(name, flags.strict_compression_checks === true || specMode())), new.target);
  }
}

inheritTransform(CompressionStream);
inheritTransform(DecompressionStream);
defineInterface(CompressionStream, 'CompressionStream', { standard: isTypeScript });
defineInterface(DecompressionStream, 'DecompressionStream', { standard: isTypeScript });
export { CompressionStream, DecompressionStream };
