// Header names and values: validation, and their form on the wire, where values are bytes in a latin-1 string. Values that are not
// ASCII travel as UTF-8, both ways, as the reference has it (browsers would refuse them).
import { native } from '../ops';
import {
  MapPrototypeGet, MapPrototypeSet, SafeMap, StringPrototypeCharCodeAt, StringPrototypeSlice, StringPrototypeToLowerCase,
} from '../primordials';

/** A validated header name. */
export interface HeaderName {
  readonly lower: string;
  /** What a line of this name begins with, in lower case. */
  readonly prefix: string;
}

const TOKEN = new Uint8Array(128);
for (let c = 0x21; c < 0x7f; c++) TOKEN[c] = 1;
for (const c of '()<>@,;:\\"/[]?={}') TOKEN[c.charCodeAt(0)] = 0;

// Names repeat, and checking one costs more than looking it up.
const known = new SafeMap<string, HeaderName>();
let room = 512;

export function headerName(name: string): HeaderName {
  const found = MapPrototypeGet(known, name);
  if (found !== undefined) return found;
  const length = name.length;
  if (length === 0) throw new TypeError('Invalid header name.');
  for (let i = 0; i < length; i++) {
    const c = StringPrototypeCharCodeAt(name, i);
    if (c > 127 || TOKEN[c] === 0) throw new TypeError('Invalid header name.');
  }
  const lower = StringPrototypeToLowerCase(name);
  const entry = { lower, prefix: `${lower}:` };
  if (room > 0 && length <= 64) {
    room--;
    MapPrototypeSet(known, name, entry);
  }
  return entry;
}

export function isSpace(c: number): boolean {
  return c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09;
}

/** The value without white space around it; throws when it could not be sent. */
export function headerValue(value: string): string {
  let start = 0;
  let end = value.length;
  if (end === 0) return value;
  if (isSpace(StringPrototypeCharCodeAt(value, 0)) || isSpace(StringPrototypeCharCodeAt(value, end - 1))) {
    while (start < end && isSpace(StringPrototypeCharCodeAt(value, start))) start++;
    while (end > start && isSpace(StringPrototypeCharCodeAt(value, end - 1))) end--;
    value = StringPrototypeSlice(value, start, end);
    end -= start;
  }
  for (let i = 0; i < end; i++) {
    const c = StringPrototypeCharCodeAt(value, i);
    if (c <= 0x0d && (c === 0 || c === 0x0a || c === 0x0d)) throw new TypeError('Invalid header value.');
  }
  return value;
}

function isAscii(s: string): boolean {
  for (let i = 0; i < s.length; i++) if (StringPrototypeCharCodeAt(s, i) > 127) return false;
  return true;
}

export function valueToWire(value: string): string {
  return isAscii(value) ? value : native.latin1Decode(native.utf8Encode(value));
}

export function valueFromWire(bytes: string): string {
  return isAscii(bytes) ? bytes : native.utf8Decode(native.latin1Encode(bytes), false, true);
}
