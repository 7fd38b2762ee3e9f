// Streams consumed whole, as bytes or as text: what Body's methods are made of. Native ones are read inside C++.
import { otherRequestError } from '../io-context';
import { checkPipe, isForeign, READABLE_TYPE } from '../pipe-owner';
import { native } from '../ops';
import { type ByteSource, MemorySource } from './internal-controller';
import { Bytes, bufferLength, bytesLength, copyOf, setBytes, viewBuffer, viewOffset } from './intrinsics';
import { bytesOfChunk, notBytes, seal, untouchedSource } from './native-bridge';
import { PipeSource } from './native-pipe';
import { type Deferred, deferred, promiseFor, rejected } from './promises';
import { type ReadableStream, stateOf } from './readable';
import { READABLE, type ReadableState, type ReadRequest, type ReaderState, acquireReader, cancelStreamQuietly, closeStream, errorStream, lockedError,
  readerRead } from './readable-state';

class Part {
  next: Part | undefined = undefined;
  constructor(readonly bytes: Uint8Array) {}
}

/** Reads a stream to its end. */
abstract class AllReader<T> implements ReadRequest {
  next: ReadRequest | undefined = undefined;
  readonly result: Deferred<T> = deferred();
  #running = false;
  #reading = false;
  #done = false;

  constructor(readonly reader: ReaderState) {}

  /** `bytes` are the user's own where the stream is not internal. */
  protected abstract take(bytes: Uint8Array): void;
  protected abstract finish(): T;

  run(): void {
    this.#running = true;
    while (!this.#done) {
      this.#reading = true;
      readerRead(this.reader, this);
      if (this.#reading) break;
    }
    this.#running = false;
  }

  chunk(value: unknown): void {
    this.#reading = false;
    try {
      const bytes = bytesOfChunk(value);
      if (bytes === undefined) throw notBytes();
      if (bytesLength(bytes) > 0) this.take(bytes);
    } catch (e) {
      this.#done = true;
      cancelStreamQuietly(this.reader.stream!, e);
      this.result.reject(e);
      return;
    }
    if (!this.#running) this.run();
  }

  close(): void {
    this.#reading = false;
    if (this.#done) return;
    this.#done = true;
    let result: T;
    try {
      result = this.finish();
    } catch (e) {
      this.result.reject(e);
      return;
    }
    this.result.resolve(result);
  }

  error(reason: unknown): void {
    this.#reading = false;
    if (this.#done) return;
    this.#done = true;
    this.result.reject(reason);
  }
}

/** Bytes kept until they are all there. */
class Parts {
  #first: Part | undefined = undefined;
  #last: Part | undefined = undefined;
  total = 0;

  push(bytes: Uint8Array): void {
    const part = new Part(bytes);
    if (this.#last === undefined) this.#first = part;
    else this.#last.next = part;
    this.#last = part;
    this.total += bytesLength(bytes);
  }

  /** All of them, alone in their buffer. */
  join(): ArrayBuffer {
    const first = this.#first;
    if (first !== undefined && first.next === undefined) {
      const buffer = viewBuffer(first.bytes);
      if (bufferLength(buffer) === this.total) return buffer;
    }
    const all = new Bytes(this.total);
    let at = 0;
    for (let part = first; part !== undefined; part = part.next) {
      setBytes(all, part.bytes, at);
      at += bytesLength(part.bytes);
    }
    return viewBuffer(all);
  }
}

class BytesReader extends AllReader<ArrayBuffer> {
  readonly #parts = new Parts();

  protected override take(bytes: Uint8Array): void {
    this.#parts.push(this.reader.stream!.controller.kind === 2 ? bytes : copyOf(bytes)!);
  }

  protected override finish(): ArrayBuffer {
    return this.#parts.join();
  }
}

/** What V8 can hold in a string. */
const MOST_TEXT = 0x1fffffe8;
/** Text is decoded chunk by chunk, which needs no copy of the bytes, up to this size; what is longer would crowd V8's heap. */
const DECODED_AT_ONCE = 16 * 1024 * 1024;

class TextReader extends AllReader<string> {
  #text = '';
  /** The beginning of a character at the end of a chunk. */
  #rest: Uint8Array | undefined = undefined;
  #keepBOM: boolean;
  #late: Parts | undefined = undefined;
  #total = 0;

  constructor(reader: ReaderState, stripBOM: boolean) {
    super(reader);
    this.#keepBOM = !stripBOM;
  }

  protected override take(bytes: Uint8Array): void {
    this.#total += bytesLength(bytes);
    if (this.#total > MOST_TEXT) throw new RangeError('The text is longer than a string can be.');
    if (this.#total > DECODED_AT_ONCE && this.#text !== '') {
      const late = (this.#late ??= new Parts());
      if (this.#rest !== undefined) late.push(this.#rest);
      this.#rest = undefined;
      late.push(copyOf(bytes)!);
    } else {
      this.#decode(bytes);
    }
  }

  #decode(bytes: Uint8Array): void {
    const rest = this.#rest;
    if (rest !== undefined) {
      const joined = new Bytes(bytesLength(rest) + bytesLength(bytes));
      setBytes(joined, rest, 0);
      setBytes(joined, bytes, bytesLength(rest));
      bytes = joined;
      this.#rest = undefined;
    }
    const size = bytesLength(bytes);
    const whole = wholeCharacters(bytes, size);
    if (whole < size) {
      const offset = viewOffset(bytes);
      this.#rest = copyOf(new Bytes(viewBuffer(bytes), offset + whole, size - whole));
      if (whole === 0) return;
      bytes = new Bytes(viewBuffer(bytes), offset, whole);
    }
    this.#text += native.utf8Decode(bytes, false, this.#keepBOM);
    this.#keepBOM = true;
  }

  protected override finish(): string {
    if (this.#late !== undefined) return this.#text + native.utf8Decode(this.#late.join(), false, true);
    if (this.#rest !== undefined) this.#text += native.utf8Decode(this.#rest, false, this.#keepBOM);
    return this.#text;
  }
}

/** How many of the bytes make whole characters of UTF-8: all, or all but up to three that need more after them. */
function wholeCharacters(bytes: Uint8Array, size: number): number {
  for (let back = 1; back <= 3 && back <= size; back++) {
    const byte = bytes[size - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 && byte < 0xf8 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return byte < 0xf8 && length > back ? size - back : size;
  }
  return size;
}

function readNative<T>(s: ReadableState, source: PipeSource, as: 0 | 1, stripBOM: boolean): Promise<T> {
  const { pipe } = source;
  seal(s);
  const d = deferred<T>();
  checkPipe(pipe);
  native.pipeReadAll(pipe, as, stripBOM, (error, result) => {
    if (error === undefined) {
      if (s.state === READABLE) closeStream(s);
      d.resolve(result as T);
    } else {
      const e = source.failure(error);
      if (s.state === READABLE) errorStream(s, e);
      d.reject(e);
    }
  });
  return d.promise;
}

/** What is left of bytes in memory nobody has touched. */
function memoryOf(s: ReadableState, source: ByteSource | undefined): Uint8Array | undefined {
  if (!(source instanceof MemorySource)) return undefined;
  seal(s);
  const rest = source.rest();
  closeStream(s);
  return rest;
}

export function readAllBytes(stream: ReadableStream): Promise<ArrayBuffer> {
  const s = stateOf(stream);
  if (isForeign(s.owner)) return rejected(otherRequestError(READABLE_TYPE));
  const source = untouchedSource(s);
  if (source instanceof PipeSource) return readNative(s, source, 0, false);
  const memory = memoryOf(s, source);
  if (memory !== undefined) return promiseFor(viewBuffer(copyOf(memory)!));
  return readAll(s, BytesReader, false);
}

export function readAllText(stream: ReadableStream, stripBOM: boolean): Promise<string> {
  const s = stateOf(stream);
  if (isForeign(s.owner)) return rejected(otherRequestError(READABLE_TYPE));
  const source = untouchedSource(s);
  if (source instanceof PipeSource) return readNative(s, source, 1, stripBOM);
  const memory = memoryOf(s, source);
  if (memory !== undefined) return promiseFor(native.utf8Decode(memory, false, !stripBOM));
  return readAll(s, TextReader, stripBOM);
}

function readAll<T>(s: ReadableState, Reader: new (reader: ReaderState, stripBOM: boolean) => AllReader<T>, stripBOM: boolean): Promise<T> {
  if (s.reader !== undefined) return rejected(lockedError());
  const all = new Reader(acquireReader(s), stripBOM);
  all.run();
  return all.result.promise;
}
