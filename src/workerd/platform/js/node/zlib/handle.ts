// The compressor behind a stream, in the form Node's own have: write() from and into buffers, counts of what is left in an array.
import { isAnyArrayBuffer } from '../internal/types';

type WriteArguments = [flush: number, input: any, inOffset: number, inLength: number, output: any, outOffset: number, outLength: number];
type Written = [out: Uint8Array, left: number, errno?: number, code?: string, message?: string];
interface Codec {
  write(flush: number, data: Uint8Array, size: number): Written;
  whole(flush: number, data: Uint8Array, max: number): [out: Uint8Array | undefined, left: number, errno?: number, code?: string, message?: string];
  params(level: number, strategy: number): [errno: number, code: string, message: string] | [];
  reset(): [errno: number, code: string, message: string] | [];
  close(): void;
}

const zlib_ops = {
  zlib: internals.pyOp<(...args: any[]) => Codec>('node_zlib.zlib'), brotli: internals.pyOp<(...args: any[]) => Codec | undefined>('node_zlib.brotli'),
  zstd: internals.pyOp<(...args: any[]) => Codec | undefined>('node_zlib.zstd'),
};
const NOTHING = new Uint8Array(0);

export class Handle {
  // What the stream keeps here while a write is under way.
  buffer: any = null;
  cb: any;
  availOutBefore = 0;
  availInBefore = 0;
  inOff = 0;
  flushFlag = 0;
  [key: symbol]: any;

  #codec: Codec | undefined;
  #state: Uint32Array | undefined;
  #done: (() => void) | undefined;
  #onError: (errno: number, code: string, message: string) => void = () => {};
  #closed = false;
  #telling = false;
  #next: WriteArguments | undefined;
  #validFlush: number;
  protected mode: number;

  constructor(mode: number, validFlush: number) {
    this.mode = mode;
    this.#validFlush = validFlush;
  }
  setErrorHandler(handler: (errno: number, code: string, message: string) => void): void {
    this.#onError = handler;
  }
  start(codec: Codec, state: Uint32Array, done: () => void): void {
    if (state.length < 2) throw new Error('Invalid write result buffer');
    this.#codec = codec;
    this.#state = state;
    this.#done = done;
  }
  #run(flush: number, input: any, inOffset: number, inLength: number, output: any, outOffset: number, outLength: number): boolean {
    if (this.#codec === undefined) throw new Error('Writing before initializing');
    if (this.#closed) throw new Error('Already finalized');
    if (!(flush >= 0 && flush <= this.#validFlush)) throw new Error('Invalid flush value');
    // Whatever runs while these become numbers may shrink the buffers: look at those afterwards.
    [inOffset, inLength, outOffset, outLength] = [inOffset >>> 0, inLength >>> 0, outOffset >>> 0, outLength >>> 0];
    const source = input == null ? NOTHING : bytes(input);
    const target = bytes(output);
    if (inOffset + inLength > source.length) throw new Error('Input access is not within bounds');
    if (outOffset + outLength > target.length) throw new Error('Output access is not within bounds');
    const [out, left, errno, code, message] = this.#codec.write(flush, source.subarray(inOffset, inOffset + inLength), outLength);
    target.set(out, outOffset);
    this.#state![0] = outLength - out.length;
    this.#state![1] = left;
    if (errno === undefined) return true;
    this.#onError(errno, code!, message!);
    return false;
  }
  /** Calls `done` before it returns; a write from there runs after it, so that long outputs need no deep stack. */
  write(...args: WriteArguments): void {
    if (this.#telling) {
      this.#next = args;
      return;
    }
    let next: WriteArguments | undefined = args;
    while (next !== undefined && this.#run(...next)) {
      this.#next = undefined;
      this.#telling = true;
      try {
        this.#done!();
      } finally {
        this.#telling = false;
      }
      next = this.#next;
    }
  }
  /** Everything in one go. */
  whole(flush: number, input: Uint8Array, max: number): [out: Uint8Array, consumed: number] {
    const [out, left, errno, code, message] = this.#codec!.whole(flush, input, max);
    if (out == null) throw new RangeError('Memory limit exceeded');
    if (errno !== undefined) this.#onError(errno, code!, message!);
    return [out, input.length - left];
  }
  writeSync(flush: number, input: any, inOffset: number, inLength: number, output: any, outOffset: number, outLength: number): void {
    this.#run(flush, input, inOffset, inLength, output, outOffset, outLength);
  }
  params(level: number, strategy: number): void {
    this.#report(this.#codec?.params(level, strategy));
  }
  reset(): void {
    this.#report(this.#codec?.reset());
  }
  #report(failure: any): void {
    if (failure !== undefined && failure.length > 0) this.#onError(failure[0], failure[1], failure[2]);
  }
  close(): void {
    this.#closed = true;
    this.#codec?.close();
  }
}

/** The one for zlib's own formats, which programs can also start by themselves. */
export class ZlibStream extends Handle {
  constructor(mode: number, validFlush = 5) {
    if (!(mode >= 1 && mode <= 7)) throw new TypeError('Invalid zlib mode');
    super(mode, validFlush);
  }
  initialize(windowBits: number, level: number, memLevel: number, strategy: number, state: Uint32Array, done: () => void, dictionary?: any): void {
    this.start(zlibCodec(this.mode, windowBits, level, memLevel, strategy, dictionary), state, done);
  }
}

function bytes(value: any): Uint8Array {
  if ((isAnyArrayBuffer(value) ? value : value.buffer).detached) return NOTHING;
  return isAnyArrayBuffer(value) ? new Uint8Array(value as ArrayBuffer) : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

export function zlibCodec(...args: unknown[]): Codec {
  const dictionary = args[5];
  return zlib_ops.zlib(...args.slice(0, 5), dictionary === undefined ? undefined : bytes(dictionary));
}
export function brotliCodec(encode: boolean, params: Record<string, number>): Codec | undefined {
  return zlib_ops.brotli(encode, params);
}
export function zstdCodec(encode: boolean, params: Record<string, number>, pledged: unknown, dictionary: unknown): Codec | undefined {
  return zlib_ops.zstd(encode, params, pledged, dictionary === undefined ? undefined : bytes(dictionary));
}
