// TextDecoder (https://encoding.spec.whatwg.org/#interface-textdecoder). UTF-8, UTF-16 and windows-1252 are decoded in C++; the other
// legacy encodings by a bundle that is loaded when one of them is asked for.
import { flags } from '../flags';
import {
  addOwnProperties, badArgument, badConstructorArgument, defineInterface, illegalInvocation, legacyOwnProperties, toDictionary,
} from '../interface';
import { loadLazy } from '../load-lazy';
import { native } from '../ops';
import { StringFromCharCode, StringPrototypeCharCodeAt, StringPrototypeSlice } from '../primordials';
import { Bytes, bytesLength, isDetached, setBytes, viewBuffer, viewBytes, viewOffset } from '../streams/intrinsics';
import { typeOf, TypeBit } from '../type-bits';
import { encodingName } from './labels';

type Source = ArrayBufferLike | ArrayBufferView;
/** Decodes a chunk; `stream`: more will come. Throws for malformed input when it was made fatal. */
type Codec = (bytes: Uint8Array, stream: boolean) => string;

interface LegacyEncodings {
  createDecoder(encoding: string, fatal: boolean, standard: boolean): Codec;
}

function malformed(): TypeError {
  return new TypeError('Failed to decode input.');
}

export function toBytes(input: Source): Uint8Array {
  const bits = typeOf(input);
  // What has been detached holds nothing.
  if (bits & TypeBit.ArrayBuffer) return isDetached(input as ArrayBuffer) ? NO_BYTES : new Bytes(input as ArrayBuffer);
  if (bits & TypeBit.SharedArrayBuffer) return new Bytes(input as ArrayBuffer);
  const view = input as Uint8Array;
  const size = viewBytes(view);
  return size === 0 ? NO_BYTES : new Bytes(viewBuffer(view), viewOffset(view), size);
}

/** Both parts after each other; either may be empty. */
function join(a: Uint8Array | undefined, b: Uint8Array): Uint8Array {
  if (a === undefined || bytesLength(a) === 0) return b;
  const both = new Bytes(bytesLength(a) + bytesLength(b));
  setBytes(both, a, 0);
  setBytes(both, b, bytesLength(a));
  return both;
}

/** The bytes from `from` on, as a copy: the caller may change the chunk they came in. */
function keep(bytes: Uint8Array, from: number): Uint8Array | undefined {
  const size = bytesLength(bytes) - from;
  if (size === 0) return undefined;
  const rest = new Bytes(size);
  setBytes(rest, part(bytes, from, from + size), 0);
  return rest;
}

/** A view of a part. */
function part(bytes: Uint8Array, from: number, to: number): Uint8Array {
  return new Bytes(viewBuffer(bytes), viewOffset(bytes) + from, to - from);
}

const NO_BYTES = new Uint8Array(0);

class TextDecoder {
  readonly #encoding: string;
  readonly #fatal: boolean;
  readonly #ignoreBOM: boolean;
  /** Of the legacy encodings. */
  readonly #codec: Codec | undefined;
  #bomSeen = false;
  /** The beginning of a character whose rest is to come. */
  #pending: Uint8Array | undefined = undefined;

  constructor(label: string = 'utf-8', options: { fatal?: boolean; ignoreBOM?: boolean } = undefined!) {
    const text = `${label}`;
    const name = encodingName(text);
    const dictionary = toDictionary<{ fatal?: boolean; ignoreBOM?: boolean }>(
      options, () => badConstructorArgument('TextDecoder', 2, 'ConstructorOptions'));
    if (name === undefined || name === 'replacement') throw new RangeError(`"${text}" is not a valid encoding.`);
    this.#encoding = name;
    this.#fatal = !!dictionary?.fatal;
    this.#ignoreBOM = !!dictionary?.ignoreBOM;
    switch (name) {
      case 'utf-8': case 'utf-16le': case 'utf-16be': break;
      case 'windows-1252': this.#codec = native.windows1252Decode; break;
      case 'x-user-defined': this.#codec = decodeUserDefined; break;
      default: this.#codec = loadLazy<LegacyEncodings>('legacy-encodings').createDecoder(
        name, this.#fatal, flags.text_decoder_cjk_decoder === true);
    }
    if (legacyOwnProperties) addOwnProperties(this);
  }

  get encoding(): string { if (!(#encoding in this)) throw illegalInvocation(); return this.#encoding; }
  get fatal(): boolean { if (!(#encoding in this)) throw illegalInvocation(); return this.#fatal; }
  get ignoreBOM(): boolean { if (!(#encoding in this)) throw illegalInvocation(); return this.#ignoreBOM; }

  decode(input: Source = undefined!, options: { stream?: boolean } = undefined!): string {
    if (!(#encoding in this)) throw illegalInvocation();
    if (input !== undefined && !(typeOf(input) & (TypeBit.AnyArrayBuffer | TypeBit.TypedArray | TypeBit.DataView))) {
      throw badArgument('decode', 'TextDecoder', 1, 'Array');
    }
    const dictionary = toDictionary<{ stream?: boolean }>(options, () => badArgument('decode', 'TextDecoder', 2, 'DecodeOptions'));
    const stream = dictionary !== undefined && !!dictionary.stream;
    if (this.#codec !== undefined) {
      try {
        return this.#codec(input === undefined ? NO_BYTES : toBytes(input), stream);
      } catch {
        throw malformed();
      }
    }
    if (this.#encoding === 'utf-8' && !stream && !this.#bomSeen && this.#pending === undefined) {
      return input === undefined ? '' : native.utf8Decode(input as ArrayBuffer, this.#fatal, this.#ignoreBOM);
    }
    const chunk = input === undefined ? NO_BYTES : toBytes(input);
    return this.#encoding === 'utf-8' ? this.#decodeUtf8(chunk, stream) : this.#decodeUtf16(chunk, stream);
  }

  #decodeUtf8(chunk: Uint8Array, stream: boolean): string {
    let bytes = join(this.#pending, chunk);
    // ASCII alone does not count as the beginning, where a byte order mark may be: so it is in the reference.
    const bomMayFollow = stream && this.#pending === undefined && !this.#bomSeen && native.isAscii(bytes);
    let rest: Uint8Array | undefined;
    if (stream) {
      const end = bytesLength(bytes) - native.utf8Tail(bytes);
      rest = keep(bytes, end);
      bytes = part(bytes, 0, end);
    }
    this.#pending = undefined;
    let text: string;
    try {
      text = native.utf8Decode(bytes, this.#fatal, true);
    } catch (e) {
      // What followed the error in this chunk is dropped.
      if (!stream) this.#bomSeen = false;
      throw e;
    }
    this.#pending = rest;
    return bomMayFollow ? text : this.#withoutBom(text, stream);
  }

  #decodeUtf16(chunk: Uint8Array, stream: boolean): string {
    const whole = this.#pending === undefined;
    let bytes = join(this.#pending, chunk);
    this.#pending = undefined;
    const bigEndian = this.#encoding === 'utf-16be';
    const isHigh = (end: number): boolean => end >= 2 && (bytes[bigEndian ? end - 2 : end - 1]! & 0xfc) === 0xd8;
    let end = bytesLength(bytes) & ~1;
    const odd = bytesLength(bytes) !== end;
    // A high surrogate waits for its other half; at the end both it and half a unit are one error.
    const waits = (stream || odd) && isHigh(end);
    if (waits) end -= 2;
    const rest = stream ? keep(bytes, end) : undefined;
    const cut = !stream && odd;
    bytes = part(bytes, 0, end);
    // Before the flag, chunks of whole characters were taken as they are.
    const replace = flags.text_decoder_replace_surrogates === true || bigEndian || odd || waits || !whole;
    const text = native.utf16Decode(bytes, bigEndian, this.#fatal, replace);
    if (text === undefined || (cut && this.#fatal)) {
      if (!stream) this.#bomSeen = false;
      throw malformed();
    }
    this.#pending = rest;
    return this.#withoutBom(cut ? `${text}\ufffd` : text, stream);
  }

  #withoutBom(text: string, stream: boolean): string {
    const first = !this.#bomSeen && text.length > 0;
    this.#bomSeen = stream && (this.#bomSeen || first);
    return first && !this.#ignoreBOM && StringPrototypeCharCodeAt(text, 0) === 0xfeff ? StringPrototypeSlice(text, 1) : text;
  }

  static {
    defineInterface(this, 'TextDecoder', { brand: (o) => #encoding in o, ownProperties: ['encoding', 'fatal', 'ignoreBOM'] });
  }
}

// https://encoding.spec.whatwg.org/#x-user-defined-decoder
function decodeUserDefined(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytesLength(bytes); i++) text += StringFromCharCode(bytes[i]! < 0x80 ? bytes[i]! : 0xf780 + bytes[i]! - 0x80);
  return text;
}

export { TextDecoder };
