// What the parser has written, until somebody reads it: chunks of bytes, and streams where tokens were given streams as content.
// lol-html's WebAssembly takes only strings. A stream is represented by a placeholder, a string nobody can guess, which is found again in
// the output.
import { subBytes } from '../blob/bytes';
import { native } from '../ops';
import { NumberPrototypeToString, PrimordialUint8Array, StringPrototypePadStart, TypedArrayPrototypeGetByteLength, TypedArrayPrototypeSet, TypedArrayPrototypeSubarray } from '../primordials';
import type { ReadableStream } from '../streams';

export class Insertion {
  constructor(readonly stream: ReadableStream, readonly html: boolean) {}
}

type Item = Uint8Array<ArrayBuffer> | Insertion;

const FIRST_BUFFER = 4096;
const LARGEST_BUFFER = 65536;
/** Bytes of a placeholder after its prefix: the number of the insertion, in hexadecimal. */
const NUMBER_SIZE = 8;

export class Output {
  #buffer: Uint8Array<ArrayBuffer> | undefined;
  #used = 0;
  // A queue: [#first, items.length).
  #items: Item[] = [];
  #first = 0;
  #insertions: Insertion[] = [];
  #prefix = '';
  #prefixBytes: Uint8Array = undefined as never;
  /** Counts what the parser has written: between two tokens that are both kept there is always something. */
  writes = 0;

  get isEmpty(): boolean {
    return this.#first === this.#items.length && this.#used === 0;
  }

  /** The next chunk, at most `max` bytes, or insertion; undefined if there is none. */
  take(max: number): Item | undefined {
    this.flush();
    if (this.#first >= this.#items.length) return undefined;
    const item = this.#items[this.#first]!;
    if (!(item instanceof Insertion)) {
      const size = TypedArrayPrototypeGetByteLength(item);
      if (size > max) {
        // Copies: each chunk's buffer is the reader's alone.
        const chunk = copyOf(item, 0, max);
        this.#items[this.#first] = subBytes(item, max, size);
        return chunk;
      }
    }
    this.#items[this.#first] = undefined as never;
    if (++this.#first === this.#items.length) {
      this.#items.length = 0;
      this.#first = 0;
    }
    return item;
  }

  /** A string that stands for `stream` in what is written to the parser. */
  placeholder(stream: ReadableStream, html: boolean): string {
    if (this.#prefix === '') {
      this.#prefix = `workerd-${native.randomUUID()}-`;
      this.#prefixBytes = native.utf8Encode(this.#prefix);
    }
    const number = this.#insertions.length;
    this.#insertions[this.#insertions.length] = new Insertion(stream, html);
    return this.#prefix + StringPrototypePadStart(NumberPrototypeToString(number, 16), NUMBER_SIZE, '0');
  }

  /** Bytes [at, end) of `source`, which the caller may change afterwards. */
  write(source: Uint8Array, at: number, end: number): void {
    this.writes++;
    if (this.#insertions.length > 0) {
      const size = this.#prefix.length;
      for (let found = this.#find(source, at, end); found >= 0; found = this.#find(source, at, end)) {
        this.append(source, at, found);
        let number = 0;
        for (let i = found + size; i < found + size + NUMBER_SIZE; i++) number = number * 16 + hexValue(source[i]!);
        this.flush();
        this.#items[this.#items.length] = this.#insertions[number]!;
        at = found + size + NUMBER_SIZE;
      }
    }
    this.append(source, at, end);
  }

  /** Where a placeholder begins, or -1. lol-html writes inserted content in one piece. */
  #find(source: Uint8Array, at: number, end: number): number {
    const prefix = this.#prefixBytes;
    const size = this.#prefix.length;
    const last = end - size - NUMBER_SIZE;
    for (let i = at; i <= last; i++) {
      let n = 0;
      while (n < size && source[i + n] === prefix[n]) n++;
      if (n === size) return i;
    }
    return -1;
  }

  append(source: Uint8Array, at: number, end: number): void {
    while (at < end) {
      let buffer = this.#buffer;
      if (buffer === undefined) buffer = this.#buffer = new PrimordialUint8Array(end - at > FIRST_BUFFER ? LARGEST_BUFFER : FIRST_BUFFER);
      const capacity = TypedArrayPrototypeGetByteLength(buffer);
      const size = end - at < capacity - this.#used ? end - at : capacity - this.#used;
      if (size === 0) {
        this.#grow(buffer, capacity);
        continue;
      }
      const to = this.#used;
      if (size < 32) for (let i = 0; i < size; i++) buffer[to + i] = source[at + i]!;
      else TypedArrayPrototypeSet(buffer, TypedArrayPrototypeSubarray(source, at, at + size), to);
      this.#used = to + size;
      at += size;
    }
  }

  #grow(buffer: Uint8Array<ArrayBuffer>, capacity: number): void {
    if (capacity >= LARGEST_BUFFER) {
      // Full as it is: given away without a copy.
      this.#items[this.#items.length] = buffer;
      this.#buffer = undefined;
      this.#used = 0;
      return;
    }
    const larger = new PrimordialUint8Array(capacity * 4);
    TypedArrayPrototypeSet(larger, buffer);
    this.#buffer = larger;
  }

  /** Makes a chunk of what is in the buffer. */
  flush(): void {
    if (this.#used === 0) return;
    this.#items[this.#items.length] = copyOf(this.#buffer!, 0, this.#used);
    this.#used = 0;
  }

  clear(): void {
    this.#items.length = 0;
    this.#first = 0;
    this.#used = 0;
    this.#buffer = undefined;
    this.#insertions.length = 0;
  }
}

function copyOf(bytes: Uint8Array, from: number, to: number): Uint8Array<ArrayBuffer> {
  const copy = new PrimordialUint8Array(to - from);
  TypedArrayPrototypeSet(copy, TypedArrayPrototypeSubarray(bytes, from, to));
  return copy;
}

function hexValue(code: number): number {
  return code < 0x3a ? code - 0x30 : code - 0x57;
}
