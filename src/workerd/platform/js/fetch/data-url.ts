// data: URLs (https://fetch.spec.whatwg.org/#data-url-processor).
import { native } from '../ops';
import {
  StringFromCharCode, StringPrototypeCharCodeAt, StringPrototypeIndexOf, StringPrototypeLastIndexOf, StringPrototypeSlice,
  StringPrototypeToLowerCase, StringPrototypeTrim,
} from '../primordials';
import { mimeToString, parseMime } from './mime';

export interface DataUrl { type: string; bytes: Uint8Array<ArrayBuffer> }

function hex(c: number): number {
  if (c >= 0x30 && c <= 0x39) return c - 0x30;
  c |= 0x20;
  return c >= 0x61 && c <= 0x66 ? c - 0x57 : -1;
}

/** Bytes in a latin-1 string. `s` is part of a parsed URL: ASCII. */
function percentDecode(s: string): string {
  let out = '';
  for (let i = 0; i < s.length; i++) {
    const c = StringPrototypeCharCodeAt(s, i);
    if (c === 0x25 && i + 2 < s.length) {
      const high = hex(StringPrototypeCharCodeAt(s, i + 1));
      const low = hex(StringPrototypeCharCodeAt(s, i + 2));
      if (high >= 0 && low >= 0) {
        out += StringFromCharCode(high * 16 + low);
        i += 2;
        continue;
      }
    }
    out += StringFromCharCode(c);
  }
  return out;
}

const SIXES = new Int8Array(128).fill(-1);
for (let i = 0; i < 64; i++) SIXES['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.charCodeAt(i)] = i;

/** As lenient as the reference: what is not of the alphabet is skipped. */
function decodeBase64(s: string): string {
  let out = '';
  let bits = 0;
  let count = 0;
  for (let i = 0; i < s.length; i++) {
    const c = StringPrototypeCharCodeAt(s, i);
    const six = c < 128 ? SIXES[c]! : -1;
    if (six < 0) continue;
    bits = bits << 6 | six;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += StringFromCharCode(bits >> count & 255);
    }
  }
  return out;
}

/** `href`: a parsed URL of the data: scheme. undefined when it has no comma. */
export function parseDataUrl(href: string): DataUrl | undefined {
  const hash = StringPrototypeIndexOf(href, '#');
  const url = hash < 0 ? href : StringPrototypeSlice(href, 0, hash);
  const comma = StringPrototypeIndexOf(url, ',');
  if (comma < 0) return undefined;
  let type = StringPrototypeTrim(StringPrototypeSlice(url, 5, comma));
  let data = percentDecode(StringPrototypeSlice(url, comma + 1));
  const semicolon = StringPrototypeLastIndexOf(type, ';');
  if (semicolon >= 0 && StringPrototypeToLowerCase(StringPrototypeTrim(StringPrototypeSlice(type, semicolon + 1))) === 'base64') {
    type = StringPrototypeSlice(type, 0, semicolon);
    data = decodeBase64(data);
  }
  const mime = parseMime(type[0] === ';' ? `text/plain${type}` : type);
  return { type: mime === undefined ? 'text/plain;charset=US-ASCII' : mimeToString(mime), bytes: native.latin1Encode(data) as Uint8Array<ArrayBuffer> };
}
