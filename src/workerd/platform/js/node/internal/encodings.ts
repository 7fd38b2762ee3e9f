// Text <-> bytes in each of Node's encodings. https://nodejs.org/api/buffer.html#buffers-and-character-encodings
const { native } = internals;

export type Encoding = 'utf8' | 'utf16le' | 'latin1' | 'ascii' | 'base64' | 'base64url' | 'hex';

const NAMES: Record<string, Encoding> = {
  __proto__: null as never,
  utf8: 'utf8', 'utf-8': 'utf8', ucs2: 'utf16le', 'ucs-2': 'utf16le', utf16le: 'utf16le', 'utf-16le': 'utf16le',
  latin1: 'latin1', binary: 'latin1', ascii: 'ascii', base64: 'base64', base64url: 'base64url', hex: 'hex',
};

export function normalizeEncoding(encoding: unknown): Encoding | undefined {
  if (encoding === undefined || encoding === null || encoding === '') return 'utf8';
  const text = String(encoding);
  return NAMES[text] ?? NAMES[text.toLowerCase()];
}

/** The encoding of a name that is one, without a default. */
export function encodingOf(name: string): Encoding | undefined {
  return NAMES[name] ?? NAMES[name.toLowerCase()];
}

/** So many bytes fit into the longest string. */
const MAX_BASE64 = Math.floor(((2 ** 29 - 24) / 4) * 3);
// ---- base64, as lenient as Node: both alphabets, foreign characters skipped, the first '=' ends it
const SEXTETS = new Uint8Array(128).fill(255);
'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.split('').forEach((c, i) => { SEXTETS[c.charCodeAt(0)] = i; });
SEXTETS[45] = 62; // -
SEXTETS[95] = 63; // _

function base64Lenient(text: string): Uint8Array {
  const out = new Uint8Array(Math.ceil((text.length * 3) / 4));
  let n = 0;
  let bits = 0;
  let held = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 61) break;
    const value = code < 128 ? SEXTETS[code]! : 255;
    if (value === 255) continue;
    held = (held << 6) | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[n++] = held >> bits;
      held &= (1 << bits) - 1;
    }
  }
  return out.subarray(0, n);
}

const fromBase64 = (Uint8Array as any).fromBase64 as ((text: string, options: object) => Uint8Array) | undefined;
const toHexFast = (Uint8Array.prototype as any).toHex as (() => string) | undefined;
const STANDARD = { alphabet: 'base64', lastChunkHandling: 'loose' };
const URL_SAFE = { alphabet: 'base64url', lastChunkHandling: 'loose' };

export function base64Decode(text: string, url: boolean): Uint8Array {
  if (fromBase64 !== undefined && text.length > 64) {
    try {
      return fromBase64(text, url ? URL_SAFE : STANDARD);
    } catch {
      // Not the strict form; Node takes it all the same.
    }
  }
  return base64Lenient(text);
}

function base64Length(text: string): number {
  let length = text.length;
  if (length > 0 && text.charCodeAt(length - 1) === 61) length--;
  if (length > 1 && text.charCodeAt(length - 1) === 61) length--;
  return (length * 3) >>> 2;
}

// ---- hex: ends at the first pair that is none
const NIBBLES = new Int8Array(128).fill(-1);
for (let i = 0; i < 16; i++) {
  NIBBLES[i.toString(16).charCodeAt(0)] = i;
  NIBBLES[i.toString(16).toUpperCase().charCodeAt(0)] = i;
}
const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

function hexDecodeInto(text: string, out: Uint8Array, offset: number, max: number): number {
  const count = Math.min(text.length >>> 1, max);
  for (let i = 0; i < count; i++) {
    const a = text.charCodeAt(2 * i);
    const b = text.charCodeAt(2 * i + 1);
    const hi = a < 128 ? NIBBLES[a]! : -1;
    const lo = b < 128 ? NIBBLES[b]! : -1;
    if (hi < 0 || lo < 0) return i;
    out[offset + i] = hi * 16 + lo;
  }
  return count;
}

function hexEncode(bytes: Uint8Array): string {
  if (toHexFast !== undefined) return toHexFast.call(bytes);
  let out = '';
  for (let i = 0; i < bytes.length; i++) out += HEX[bytes[i]!];
  return out;
}

// ---- UTF-16
const CHUNK = 4096;
function utf16Decode(bytes: Uint8Array): string {
  const length = bytes.length >>> 1;
  let out = '';
  for (let at = 0; at < length; at += CHUNK) {
    const n = Math.min(CHUNK, length - at);
    const units = new Array<number>(n);
    for (let i = 0; i < n; i++) units[i] = bytes[2 * (at + i)]! | (bytes[2 * (at + i) + 1]! << 8);
    out += String.fromCharCode.apply(null, units);
  }
  return out;
}

function asciiDecode(bytes: Uint8Array): string {
  const low = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) low[i] = bytes[i]! & 0x7f;
  return native.latin1Decode(low);
}

/** How many bytes `text` takes. For base64 an upper bound, as in Node. */
export function encodedLength(text: string, encoding: Encoding): number {
  switch (encoding) {
    case 'utf8': return utf8Length(text);
    case 'utf16le': return text.length * 2;
    case 'hex': return text.length >>> 1;
    case 'base64':
    case 'base64url': return base64Length(text);
    default: return text.length;
  }
}

function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    if (code < 0x800) length += 1;
    else {
      length += 2;
      // A pair takes four bytes, which is 2 units + 2; a lone surrogate becomes U+FFFD, three bytes.
      if (code >= 0xd800 && code < 0xdc00 && i + 1 < text.length && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) i++;
    }
  }
  return length;
}

export function encode(text: string, encoding: Encoding): Uint8Array {
  switch (encoding) {
    case 'utf8': return native.utf8Encode(text);
    case 'base64': return base64Decode(text, false);
    case 'base64url': return base64Decode(text, true);
    case 'latin1':
    case 'ascii': {
      const out = new Uint8Array(text.length);
      for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
      return out;
    }
    case 'hex': {
      const out = new Uint8Array(text.length >>> 1);
      const n = hexDecodeInto(text, out, 0, out.length);
      return n === out.length ? out : out.slice(0, n);
    }
    case 'utf16le': {
      const out = new Uint8Array(text.length * 2);
      encodeUtf16Into(text, out, 0, out.length);
      return out;
    }
  }
}

function encodeUtf16Into(text: string, out: Uint8Array, offset: number, max: number): number {
  const count = Math.min(text.length, max >>> 1);
  for (let i = 0; i < count; i++) {
    const code = text.charCodeAt(i);
    out[offset + 2 * i] = code & 0xff;
    out[offset + 2 * i + 1] = code >>> 8;
  }
  return count * 2;
}

/** Writes as many whole characters as fit; gives the number of bytes written. */
export function encodeInto(text: string, out: Uint8Array, offset: number, max: number, encoding: Encoding): number {
  const room = Math.min(max, out.length - offset);
  switch (encoding) {
    case 'utf8': return native.utf8EncodeInto(text, out.subarray(offset, offset + room))[1];
    case 'hex': return hexDecodeInto(text, out, offset, room);
    case 'utf16le': return encodeUtf16Into(text, out, offset, room);
    case 'latin1':
    case 'ascii': {
      const count = Math.min(text.length, room);
      for (let i = 0; i < count; i++) out[offset + i] = text.charCodeAt(i);
      return count;
    }
    default: {
      const bytes = base64Decode(text, encoding === 'base64url');
      const part = bytes.length > room ? bytes.subarray(0, room) : bytes;
      out.set(part, offset);
      return part.length;
    }
  }
}

export function decode(bytes: Uint8Array, encoding: Encoding): string {
  switch (encoding) {
    case 'utf8': return native.utf8Decode(bytes, false, true);
    case 'latin1': return native.latin1Decode(bytes);
    case 'ascii': return asciiDecode(bytes);
    case 'hex': return hexEncode(bytes);
    case 'utf16le': return utf16Decode(bytes);
    case 'base64':
    case 'base64url':
      if (bytes.length > MAX_BASE64) throw new RangeError('String is too long for a V8 string');
      return native.base64Encode(bytes, encoding === 'base64url');
  }
}
