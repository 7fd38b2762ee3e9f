// Content codings of bodies. What the network sends compressed is shown uncompressed, and a response that says it is compressed is
// compressed on its way out, unless both ends agree on the coding: then the bytes pass as they are.
// The codecs are Python's: platform/compression.py and platform/content_coding.py.
import { checkPipe } from '../pipe-owner';
import { flags } from '../flags';
import type { NativeBody, Pipe } from '../native';
import { native, pyOp } from '../ops';
import {
  ArrayBufferIsView, ArrayIsArray, PromisePrototypeThen, SafeWeakMap, TypedArrayPrototypeGetByteLength, WeakMapPrototypeGet,
  WeakMapPrototypeSet,
} from '../primordials';
import { bodyFromReadable, isDisturbed, readableFromSource, takeReadable, type ByteSource, type ReadableStream } from '../streams';
import { subBytes } from '../blob/bytes';
import { errorFromText } from './native-error';

export const enum Coding { Identity, Gzip, Brotli }

/** What a step gives: output; in an array when the same input has more to give. */
type Step = Uint8Array | [Uint8Array];
/** what: 0 take `data`, 1 go on with what was taken, 2 finish. */
type Codec = (what: 0 | 1 | 2, data?: Uint8Array) => Step | Promise<Step>;

const gzip = pyOp<(format: string) => Codec>('compression.compressor');
const gunzip = pyOp<() => Codec>('content_coding.gunzip');
const brotli = pyOp<() => Codec>('content_coding.compressor');
const unbrotli = pyOp<() => Codec>('content_coding.decompressor');
const READ_SIZE = 65536;

/** What a Content-Encoding value means for the body; others, and combinations, are left to the user. */
export function codingNamed(value: string | null): Coding {
  if (value === 'gzip') return Coding.Gzip;
  if (value === 'br' && flags.brotli_content_encoding) return Coding.Brotli;
  return Coding.Identity;
}

/** A pipe as a source of bytes. */
export function pipeSource(pipe: Pipe): ByteSource {
  return {
    read: (max, wake) => {
      checkPipe(pipe);
      try {
        return native.pipeRead(pipe, max, wake);
      } catch (error) {
        throw errorFromText((error as Error).message);
      }
    },
    cancel: (reason) => native.pipeCancel(pipe, `${reason as any}`),
    length: () => native.pipeLength(pipe),
  };
}

function memorySource(bytes: Uint8Array): ByteSource {
  let rest: Uint8Array | undefined = bytes;
  return {
    read() {
      const all = rest;
      rest = undefined;
      return all !== undefined && TypedArrayPrototypeGetByteLength(all) > 0 ? all : null;
    },
    cancel() { rest = undefined; },
    length: () => (rest === undefined ? 0 : TypedArrayPrototypeGetByteLength(rest)),
  };
}

/** Runs bytes through a codec as they are asked for: nothing is read, and nothing grows, ahead of the reader. */
class CodingSource implements ByteSource {
  #inner: ByteSource;
  #codec: Codec;
  #output: Uint8Array | undefined = undefined;
  /** The codec has more output for what it was given. */
  #more = false;
  #ended = false;
  #pending = false;
  #failed = false;
  #error: unknown = undefined;

  /** What is decoded, for error messages; undefined when encoding. */
  #label: string | undefined;

  constructor(inner: ByteSource, codec: Codec, label: string | undefined) {
    this.#inner = inner;
    this.#codec = codec;
    this.#label = label;
  }

  #run(what: 0 | 1 | 2, data?: Uint8Array): Step | Promise<Step> {
    try {
      return data === undefined ? this.#codec(what) : this.#codec(what, data);
    } catch (error) {
      throw this.#explain(what, error);
    }
  }

  #explain(what: 0 | 1 | 2, error: unknown): unknown {
    if (this.#label === undefined) return error;
    return new TypeError(what === 2 ? `${this.#label} compressed stream ended prematurely.` : `${this.#label} decompression failed.`);
  }

  read(max: number, wake: () => void): Uint8Array | null | undefined {
    for (;;) {
      if (this.#failed) throw this.#error;
      const output = this.#output;
      if (output !== undefined) {
        const size = TypedArrayPrototypeGetByteLength(output);
        if (size <= max) {
          this.#output = undefined;
          return output;
        }
        this.#output = subBytes(output, max, size);
        return subBytes(output, 0, max);
      }
      if (this.#pending) return undefined;
      let step: Step | Promise<Step>;
      let what: 0 | 1 | 2 = 1;
      if (this.#more) step = this.#run(1);
      else if (this.#ended) return null;
      else {
        const input = this.#inner.read(READ_SIZE, wake);
        if (input === undefined) return undefined;
        this.#ended = input === null;
        what = input === null ? 2 : 0;
        step = input === null ? this.#run(2) : this.#run(0, input);
      }
      if (!ArrayBufferIsView(step) && !ArrayIsArray(step)) {
        this.#pending = true;
        PromisePrototypeThen(step as Promise<Step>, (s) => {
          this.#pending = false;
          this.#take(s);
          wake();
        }, (e) => {
          this.#failed = true;
          this.#error = this.#explain(what, e);
          wake();
        });
        return undefined;
      }
      this.#take(step as Step);
    }
  }

  #take(step: Step): void {
    this.#more = ArrayIsArray(step);
    const bytes = ArrayIsArray(step) ? step[0] : step;
    if (TypedArrayPrototypeGetByteLength(bytes) > 0) this.#output = bytes;
  }

  cancel(reason: unknown): void {
    this.#inner.cancel(reason);
  }

  length(): number {
    return -1;
  }
}

interface Coded { body: Uint8Array | Pipe; coding: Coding }

const coded = new SafeWeakMap<ReadableStream, Coded>();

/** The bytes behind a coding. */
export function decodedReadable(inner: ByteSource, coding: Coding): ReadableStream {
  return readableFromSource(new CodingSource(inner, coding === Coding.Gzip ? gunzip() : unbrotli(), coding === Coding.Gzip ? 'Gzip' : 'Brotli'));
}

/** The same for a body as it came; it can still be passed on as it is while nobody has read from the stream. */
export function decodedBody(body: Uint8Array | Pipe, coding: Coding): ReadableStream {
  const stream = decodedReadable(ArrayBufferIsView(body) ? memorySource(body) : pipeSource(body), coding);
  WeakMapPrototypeSet(coded, stream, { body, coding });
  return stream;
}

/** The stream's bytes for the native side, in a coding. */
export function encodedBody(stream: ReadableStream, coding: Coding): NativeBody {
  if (coding === Coding.Identity) return bodyFromReadable(stream);
  const source = WeakMapPrototypeGet(coded, stream);
  if (source !== undefined && source.coding === coding && !isDisturbed(stream)) {
    takeReadable(stream);
    return source.body;
  }
  const body = bodyFromReadable(stream);
  const bytes = typeof body === 'string' ? native.utf8Encode(body) : body!;
  const inner = ArrayBufferIsView(bytes) ? memorySource(bytes) : pipeSource(bytes);
  return bodyFromReadable(readableFromSource(new CodingSource(inner, coding === Coding.Gzip ? gzip('gzip') : brotli(), undefined)));
}
