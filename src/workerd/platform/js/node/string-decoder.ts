// node:string_decoder: bytes to text in pieces, keeping characters whole. https://nodejs.org/api/string_decoder.html
//
// The state is a 7-byte buffer under a symbol, as in Node (programs have been seen to look at it): the bytes of a character that is
// not complete, how many are missing, how many are there, and the encoding's number.
import { Buffer } from './buffer';
import { ERR_INVALID_ARG_TYPE, ERR_INVALID_THIS, ERR_UNKNOWN_ENCODING } from './internal/errors';
import { decode, normalizeEncoding, type Encoding } from './internal/encodings';

const kState = Symbol('kNativeDecoder');
const MISSING = 4;
const BUFFERED = 5;
const ENCODING = 6;
const SIZE = 7;
const NUMBERS: Encoding[] = ['ascii', 'latin1', 'utf16le', 'utf8', 'base64', 'hex', 'base64url'];

function invalid(message: string): never {
  throw new Error(message);
}

function stateOf(self: any): Uint8Array {
  const state = self?.[kState];
  if (state === undefined) throw new ERR_INVALID_THIS('StringDecoder');
  if (!ArrayBuffer.isView(state)) throw new ERR_INVALID_ARG_TYPE('decoder', ['Buffer'], state);
  const bytes = state as Uint8Array;
  if (bytes.byteLength !== SIZE) invalid('Invalid StringDecoder');
  if (NUMBERS[bytes[ENCODING]!] === undefined) invalid('Invalid StringDecoder state');
  if (bytes[BUFFERED]! > 4) invalid('Buffered bytes cannot exceed 4');
  if (bytes[MISSING]! > 4) invalid('Missing bytes cannot exceed 4');
  if (bytes[MISSING]! + bytes[BUFFERED]! > 4) invalid('Invalid StringDecoder state');
  return bytes;
}

/** How many bytes at the end begin a UTF-8 character that is not complete, and how many it lacks. */
function incompleteUtf8(bytes: Uint8Array): [held: number, missing: number] {
  const { length } = bytes;
  for (let back = 1; back <= Math.min(3, length); back++) {
    const byte = bytes[length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    const total = (byte & 0xe0) === 0xc0 ? 2 : (byte & 0xf0) === 0xe0 ? 3 : (byte & 0xf8) === 0xf0 ? 4 : 0;
    return total > back ? [back, total - back] : [0, 0];
  }
  return [0, 0];
}

function incomplete(bytes: Uint8Array, encoding: Encoding): [held: number, missing: number] {
  if (encoding === 'utf8') return incompleteUtf8(bytes);
  if (encoding === 'utf16le') {
    const odd = bytes.length % 2;
    if (odd === 1) return [1, 1];
    // A high surrogate waits for its other half.
    return bytes.length >= 2 && (bytes[bytes.length - 1]! & 0xfc) === 0xd8 ? [2, 2] : [0, 0];
  }
  const held = bytes.length % 3;
  return held === 0 ? [0, 0] : [held, 3 - held];
}

function write(state: Uint8Array, chunk: Uint8Array): string {
  const encoding = NUMBERS[state[ENCODING]!]!;
  if (encoding === 'latin1' || encoding === 'ascii' || encoding === 'hex') return decode(chunk, encoding);
  let text = '';
  while (state[MISSING]! > 0 && chunk.length > 0) {
    if (encoding === 'utf8') {
      // A byte that cannot continue the character ends it, malformed.
      let i = 0;
      while (i < chunk.length && i < state[MISSING]! && (chunk[i]! & 0xc0) === 0x80) i++;
      if (i < state[MISSING]! && i < chunk.length) {
        state.set(chunk.subarray(0, i), state[BUFFERED]!);
        text += decode(state.slice(0, state[BUFFERED]! + i), encoding);
        state[MISSING] = state[BUFFERED] = 0;
        chunk = chunk.subarray(i);
        break;
      }
    }
    const taken = Math.min(state[MISSING]!, chunk.length);
    state.set(chunk.subarray(0, taken), state[BUFFERED]!);
    state[BUFFERED]! += taken;
    state[MISSING]! -= taken;
    chunk = chunk.subarray(taken);
    if (state[MISSING]! > 0) return text;
    const whole = state.slice(0, state[BUFFERED]!);
    // Two bytes of UTF-16 may turn out to be the first half of a pair.
    if (encoding === 'utf16le' && whole.length === 2 && (whole[1]! & 0xfc) === 0xd8) {
      state[MISSING] = 2;
      continue;
    }
    state[BUFFERED] = 0;
    text += decode(whole, encoding);
  }
  if (chunk.length === 0) return text;
  const [held, missing] = incomplete(chunk, encoding);
  if (held > 0) {
    const from = chunk.length - held;
    state.set(chunk.subarray(from));
    state[BUFFERED] = held;
    state[MISSING] = missing;
    chunk = chunk.subarray(0, from);
  }
  return chunk.length === 0 ? text : text + decode(chunk, encoding);
}

function flush(state: Uint8Array): string {
  const encoding = NUMBERS[state[ENCODING]!]!;
  let count = state[BUFFERED]!;
  if (encoding === 'utf16le' && count % 2 === 1) {
    // Half a unit is no character.
    count--;
  }
  const text = count === 0 ? '' : decode(state.slice(0, count), encoding);
  state[BUFFERED] = state[MISSING] = 0;
  return text;
}

function toBytes(value: any): Uint8Array {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  throw new ERR_INVALID_ARG_TYPE('buf', ['Buffer', 'TypedArray', 'DataView', 'string'], value);
}

// A function, so that old code can call it without `new` on an object of its own.
export function StringDecoder(this: any, encoding?: any): void {
  const normalized = normalizeEncoding(encoding);
  if (normalized === undefined) throw new ERR_UNKNOWN_ENCODING(encoding);
  this.encoding = normalized;
  this[kState] = Buffer.alloc(SIZE);
  this[kState][ENCODING] = NUMBERS.indexOf(normalized);
}
StringDecoder.prototype.write = function write_(this: any, chunk: any): string {
  const state = stateOf(this);
  return typeof chunk === 'string' ? chunk : write(state, toBytes(chunk));
};
StringDecoder.prototype.end = function end(this: any, chunk?: any): string {
  const state = stateOf(this);
  let text = '';
  if (chunk !== undefined) text = typeof chunk === 'string' ? chunk : write(state, toBytes(chunk));
  return text + flush(state);
};
StringDecoder.prototype.text = function text(this: any, chunk: any, offset: any): string {
  const state = stateOf(this);
  state[BUFFERED] = state[MISSING] = 0;
  return write(state, toBytes(chunk).subarray(offset));
};
Object.defineProperties(StringDecoder.prototype, {
  lastChar: { enumerable: true, configurable: true, get(this: any) { return this[kState].subarray(0, 4); } },
  lastNeed: { enumerable: true, configurable: true, get(this: any) { return this[kState][MISSING]; } },
  lastTotal: { enumerable: true, configurable: true, get(this: any) { return this[kState][BUFFERED] + this[kState][MISSING]; } },
});

export default { StringDecoder };
