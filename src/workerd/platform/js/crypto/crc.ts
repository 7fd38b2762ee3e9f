// CRC-32C (RFC 3720) and CRC-64/NVME, eight bytes a step ("slicing by 8"). zlib has neither.
import { PrimordialUint8Array, TypedArrayPrototypeGetByteLength } from '../primordials';

export interface Checksum {
  update(bytes: Uint8Array): void;
  digest(): Uint8Array<ArrayBuffer>;
  /** Leaves the thread; until the promise is fulfilled nothing else may be asked for. */
  updateLater?(bytes: Uint8Array): Promise<void>;
}

const POLYNOMIAL_32C = 0x82f63b78;
/** 0x9a6c9329ac4bc9b5, reflected. */
const POLYNOMIAL_64_HIGH = 0x9a6c9329;
const POLYNOMIAL_64_LOW = 0xac4bc9b5;

let tables32: Int32Array | undefined;

function makeTables32(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let i = 0; i < 256; i++) {
    let crc = i;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) !== 0 ? (crc >>> 1) ^ POLYNOMIAL_32C : crc >>> 1;
    tables[i] = crc;
  }
  for (let i = 256; i < 8 * 256; i++) {
    const previous = tables[i - 256]!;
    tables[i] = (previous >>> 8) ^ tables[previous & 0xff]!;
  }
  return tables;
}

export class Crc32c implements Checksum {
  #crc = -1;

  update(bytes: Uint8Array): void {
    const t = (tables32 ??= makeTables32());
    const end = TypedArrayPrototypeGetByteLength(bytes);
    let crc = this.#crc;
    let i = 0;
    for (; i + 8 <= end; i += 8) {
      const low = crc ^ (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
      crc = t[1792 + (low & 0xff)]! ^ t[1536 + ((low >>> 8) & 0xff)]! ^ t[1280 + ((low >>> 16) & 0xff)]! ^ t[1024 + (low >>> 24)]! ^
        t[768 + bytes[i + 4]!]! ^ t[512 + bytes[i + 5]!]! ^ t[256 + bytes[i + 6]!]! ^ t[bytes[i + 7]!]!;
    }
    for (; i < end; i++) crc = (crc >>> 8) ^ t[(crc ^ bytes[i]!) & 0xff]!;
    this.#crc = crc;
  }

  digest(): Uint8Array<ArrayBuffer> {
    return bigEndian([~this.#crc]);
  }
}

interface Tables64 { readonly high: Int32Array; readonly low: Int32Array }
let tables64: Tables64 | undefined;

function makeTables64(): Tables64 {
  const high = new Int32Array(8 * 256);
  const low = new Int32Array(8 * 256);
  for (let i = 0; i < 256; i++) {
    let h = 0;
    let l = i;
    for (let bit = 0; bit < 8; bit++) {
      const odd = (l & 1) !== 0;
      l = (l >>> 1) | (h << 31);
      h >>>= 1;
      if (odd) {
        l ^= POLYNOMIAL_64_LOW;
        h ^= POLYNOMIAL_64_HIGH;
      }
    }
    high[i] = h;
    low[i] = l;
  }
  for (let i = 256; i < 8 * 256; i++) {
    const h = high[i - 256]!;
    const l = low[i - 256]!;
    high[i] = (h >>> 8) ^ high[l & 0xff]!;
    low[i] = ((l >>> 8) | (h << 24)) ^ low[l & 0xff]!;
  }
  return { high, low };
}

export class Crc64Nvme implements Checksum {
  #high = -1;
  #low = -1;

  update(bytes: Uint8Array): void {
    const { high, low } = (tables64 ??= makeTables64());
    const end = TypedArrayPrototypeGetByteLength(bytes);
    let h = this.#high;
    let l = this.#low;
    let i = 0;
    for (; i + 8 <= end; i += 8) {
      const a = l ^ (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
      const b = h ^ (bytes[i + 4]! | (bytes[i + 5]! << 8) | (bytes[i + 6]! << 16) | (bytes[i + 7]! << 24));
      const i7 = 1792 + (a & 0xff), i6 = 1536 + ((a >>> 8) & 0xff), i5 = 1280 + ((a >>> 16) & 0xff), i4 = 1024 + (a >>> 24);
      const i3 = 768 + (b & 0xff), i2 = 512 + ((b >>> 8) & 0xff), i1 = 256 + ((b >>> 16) & 0xff), i0 = b >>> 24;
      h = high[i7]! ^ high[i6]! ^ high[i5]! ^ high[i4]! ^ high[i3]! ^ high[i2]! ^ high[i1]! ^ high[i0]!;
      l = low[i7]! ^ low[i6]! ^ low[i5]! ^ low[i4]! ^ low[i3]! ^ low[i2]! ^ low[i1]! ^ low[i0]!;
    }
    for (; i < end; i++) {
      const index = (l ^ bytes[i]!) & 0xff;
      l = ((l >>> 8) | (h << 24)) ^ low[index]!;
      h = (h >>> 8) ^ high[index]!;
    }
    this.#high = h;
    this.#low = l;
  }

  digest(): Uint8Array<ArrayBuffer> {
    return bigEndian([~this.#high, ~this.#low]);
  }
}

function bigEndian(words: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new PrimordialUint8Array(words.length * 4);
  for (let i = 0; i < words.length * 4; i++) bytes[i] = words[i >> 2]! >>> (24 - 8 * (i & 3));
  return bytes;
}
