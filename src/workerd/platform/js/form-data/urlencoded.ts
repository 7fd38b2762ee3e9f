// application/x-www-form-urlencoded bodies (https://url.spec.whatwg.org/#urlencoded-parsing), from bytes held as a latin-1 string.
import { native } from '../ops';
import { StringFromCharCode, StringPrototypeCharCodeAt, StringPrototypeIndexOf, StringPrototypeSlice } from '../primordials';

/** -1 for anything else, NaN included. */
function hexDigit(c: number): number {
  if (c >= 0x30 && c <= 0x39) return c - 0x30;
  c |= 0x20;
  return c >= 0x61 && c <= 0x66 ? c - 0x57 : -1;
}

/** Bytes in a latin-1 string, as UTF-8 text. */
export function utf8FromLatin1(bytes: string): string {
  for (let i = 0; i < bytes.length; i++) {
    if (StringPrototypeCharCodeAt(bytes, i) > 127) return native.utf8Decode(native.latin1Encode(bytes), false, true);
  }
  return bytes;
}

function decode(bytes: string): string {
  let out = '';
  let from = 0;
  for (let i = 0; i < bytes.length; i++) {
    const c = StringPrototypeCharCodeAt(bytes, i);
    if (c === 0x2b) {
      out += `${StringPrototypeSlice(bytes, from, i)} `;
      from = i + 1;
    } else if (c === 0x25) {
      // One digit does, and without any the sign is dropped: so it is in the reference, whatever URLSearchParams does.
      out += StringPrototypeSlice(bytes, from, i);
      const high = hexDigit(StringPrototypeCharCodeAt(bytes, i + 1));
      const low = high < 0 ? -1 : hexDigit(StringPrototypeCharCodeAt(bytes, i + 2));
      if (high >= 0) {
        out += StringFromCharCode(low < 0 ? high : high * 16 + low);
        i += low < 0 ? 1 : 2;
      }
      from = i + 1;
    }
  }
  return utf8FromLatin1(from === 0 ? bytes : out + StringPrototypeSlice(bytes, from));
}

export function parseUrlEncoded(body: string, add: (name: string, value: string) => void): void {
  for (let at = 0; at < body.length;) {
    let end = StringPrototypeIndexOf(body, '&', at);
    if (end < 0) end = body.length;
    if (end > at) {
      let equals = StringPrototypeIndexOf(body, '=', at);
      if (equals < 0 || equals > end) equals = end;
      add(decode(StringPrototypeSlice(body, at, equals)), decode(StringPrototypeSlice(body, equals + 1, end)));
    }
    at = end + 1;
  }
}
