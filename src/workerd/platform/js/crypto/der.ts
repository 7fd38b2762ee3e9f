// As much of DER (X.690) as SubjectPublicKeyInfo and PKCS #8 of a key without parameters take.
import { StringPrototypeCharCodeAt, TypedArrayPrototypeGetByteLength } from '../primordials';
import { subBytes } from '../blob/bytes';
import type { Bytes } from './ops';

export const enum Tag { Integer = 0x02, BitString = 0x03, OctetString = 0x04, ObjectId = 0x06, Sequence = 0x30, Context0 = 0x80 }

/** Reads elements one after the other. */
export class DerReader {
  #at = 0;
  readonly #bytes: Bytes;
  readonly #size: number;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
    this.#size = TypedArrayPrototypeGetByteLength(bytes);
  }

  get done(): boolean {
    return this.#at === this.#size;
  }

  /** The content of the next element, if it has this tag and DER's shortest form of length; else undefined, and nothing is read. */
  read(tag: Tag): Bytes | undefined {
    const bytes = this.#bytes;
    let at = this.#at;
    if (at + 2 > this.#size || bytes[at] !== tag) return undefined;
    let length = bytes[at + 1]!;
    at += 2;
    if (length >= 0x80) {
      let count = length & 0x7f;
      if (count === 0 || count > 4 || at + count > this.#size || bytes[at] === 0) return undefined;
      for (length = 0; count > 0; count--) length = length * 256 + bytes[at++]!;
      if (length < 0x80) return undefined;
    }
    if (length > this.#size - at) return undefined;
    this.#at = at + length;
    return subBytes(bytes, at, at + length);
  }
}

/** Whether these are the bytes that `hex` writes. */
export function isHex(bytes: Bytes, hex: string): boolean {
  const length = TypedArrayPrototypeGetByteLength(bytes);
  if (hex.length !== length * 2) return false;
  for (let i = 0; i < length; i++) {
    if (bytes[i] !== (digit(StringPrototypeCharCodeAt(hex, i * 2)) << 4 | digit(StringPrototypeCharCodeAt(hex, i * 2 + 1)))) return false;
  }
  return true;
}

function digit(code: number): number {
  return code <= 0x39 ? code - 0x30 : code - 0x61 + 10;
}
