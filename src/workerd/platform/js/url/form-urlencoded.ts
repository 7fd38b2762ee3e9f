// application/x-www-form-urlencoded (https://url.spec.whatwg.org/#application/x-www-form-urlencoded): query strings and form bodies
// as a flat list [name, value, name, value...].
import { native } from '../ops';
import {
  decodeComponent, encodeComponent, StringPrototypeCharCodeAt, StringPrototypeIncludes, StringPrototypeIndexOf,
  StringPrototypeReplace, StringPrototypeSlice, Uint8ArrayPrototypeSubarray,
} from '../primordials';

function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  code |= 0x20;
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
}

/** Percent-decodes and reads the bytes as UTF-8; malformed escapes stand for themselves. */
export function percentDecode(text: string): string {
  if (!StringPrototypeIncludes(text, '%')) return text;
  try {
    // Nearly always right, and fast; throws for malformed escapes and malformed UTF-8.
    return decodeComponent(text);
  } catch {
    const input = native.utf8Encode(text);
    const bytes = new Uint8Array(input.length);
    let n = 0;
    for (let i = 0; i < input.length; i++) {
      const byte = input[i]!;
      if (byte === 0x25 && i + 2 < input.length) {
        const high = hexValue(input[i + 1]!);
        const low = hexValue(input[i + 2]!);
        if (high >= 0 && low >= 0) {
          bytes[n++] = (high << 4) | low;
          i += 2;
          continue;
        }
      }
      bytes[n++] = byte;
    }
    return native.utf8Decode(Uint8ArrayPrototypeSubarray(bytes, 0, n), false, true);
  }
}

const PLUS = /\+/g;

function decodePart(text: string): string {
  return percentDecode(StringPrototypeIncludes(text, '+') ? StringPrototypeReplace(text, PLUS, ' ') : text);
}

function asItIs(text: string): string {
  return text;
}

/** The pairs of a query string or body; `text` is well formed (no lone surrogates). */
export function parseForm(text: string): string[] {
  const list: string[] = [];
  const { length } = text;
  const decode = StringPrototypeIncludes(text, '%') || StringPrototypeIncludes(text, '+') ? decodePart : asItIs;
  let equals = -1;
  for (let start = 0; start < length;) {
    let end = StringPrototypeIndexOf(text, '&', start);
    if (end < 0) end = length;
    if (end > start) {
      // Looked for only once it has been passed: else a text without any is read again for every pair.
      if (equals < start) equals = StringPrototypeIndexOf(text, '=', start);
      if (equals < 0) equals = length;
      if (equals < end) {
        list[list.length] = decode(StringPrototypeSlice(text, start, equals));
        list[list.length] = decode(StringPrototypeSlice(text, equals + 1, end));
      } else {
        list[list.length] = decode(StringPrototypeSlice(text, start, end));
        list[list.length] = '';
      }
    }
    start = end + 1;
  }
  return list;
}

// What each ASCII character becomes; itself if it is safe.
const ENCODED: string[] = [];
for (let code = 0; code < 128; code++) {
  const char = String.fromCharCode(code);
  ENCODED[code] = /[A-Za-z0-9*\-._]/.test(char) ? char : code === 0x20 ? '+'
    : `%${code < 16 ? '0' : ''}${code.toString(16).toUpperCase()}`;
}

function encodePart(text: string): string {
  let out = '';
  let done = 0;
  const { length } = text;
  for (let i = 0; i < length; i++) {
    const code = StringPrototypeCharCodeAt(text, i);
    if (code < 128) {
      const encoded = ENCODED[code]!;
      if (encoded.length === 1 && code !== 0x20) continue;
      out += StringPrototypeSlice(text, done, i) + encoded;
      done = i + 1;
      continue;
    }
    // A run of other characters: here encodeURIComponent does what is wanted.
    let end = i + 1;
    while (end < length && StringPrototypeCharCodeAt(text, end) >= 128) end++;
    out += StringPrototypeSlice(text, done, i) + encodeComponent(StringPrototypeSlice(text, i, end));
    done = end;
    i = end - 1;
  }
  return done === 0 ? text : out + StringPrototypeSlice(text, done);
}

export function serializeForm(list: readonly string[]): string {
  let text = '';
  for (let i = 0; i < list.length; i += 2) {
    text += `${i === 0 ? '' : '&'}${encodePart(list[i]!)}=${encodePart(list[i + 1]!)}`;
  }
  return text;
}

/** Drops one leading '?'. */
export function withoutQuestionMark(text: string): string {
  return StringPrototypeCharCodeAt(text, 0) === 0x3f ? StringPrototypeSlice(text, 1) : text;
}
