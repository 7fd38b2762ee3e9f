// The legacy multi-byte encodings as ICU's converters decode them, which Workers had before text_decoder_cjk_decoder. The characters
// are nearly those of the Encoding standard; what differs is which bytes of a malformed sequence are looked at again, and some rows.
//
// Sources: https://unicode-org.github.io/icu/userguide/conversion/data.html, and the outputs of the reference for all sequences of
// up to three bytes (and for random ones).
import { decodeIso2022Jp, type Iso2022State } from './icu-iso-2022-jp';

type Decoder = (bytes: Uint8Array, stream: boolean) => string;
type SpecDecoder = (bytes: Uint8Array) => string;

/** Reads the sequence that starts at `i`: how many bytes it has, or 0 when more are needed. `unit` and `second` are what it means. */
interface Scanner {
  (bytes: Uint8Array, i: number): number;
}

const REPLACEMENT = 0xfffd;
const { fromCharCode } = String;
const { apply } = Reflect;
// What the scanner found: one code unit or, with `second`, two. 0xFFFD: malformed (none of the encodings has the character itself,
// except gb18030 in four bytes).
let unit = 0;
let second = 0;
let malformed = false;

function bad(length: number): number {
  unit = REPLACEMENT;
  second = 0;
  malformed = true;
  return length;
}

function good(code: number, length: number): number {
  unit = code & 0xffff;
  second = 0;
  malformed = false;
  if (code > 0xffff) {
    second = unit;
    unit = code >>> 16;
  }
  return length;
}

function isLead(encoding: string, byte: number): boolean {
  switch (encoding) {
    case 'shift_jis': return (byte >= 0x81 && byte <= 0x9f) || (byte >= 0xe0 && byte <= 0xfc);
    case 'euc-jp': return byte === 0x8e || byte === 0x8f || (byte >= 0xa1 && byte <= 0xfe);
    default: return byte >= 0x81 && byte <= 0xfe;
  }
}

/** By lead - 0x80 and trail: a code unit, or two as one number, or 0. `before` stands before each pair. */
function pairs(encoding: string, decode: SpecDecoder, before: number[] = []): Uint32Array {
  const table = new Uint32Array(128 * 256);
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    if (!isLead(encoding, lead)) continue;
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      const text = decode(new Uint8Array([...before, lead, trail]));
      if (text.length > 2 || text.includes('\ufffd')) continue;
      const first = text.charCodeAt(0);
      const last = text.charCodeAt(1);
      if (text.length === 2 && last === trail) continue;
      table[(lead - 0x80) << 8 | trail] = text.length === 2 ? (first << 16 | last) >>> 0 : first;
    }
  }
  return table;
}

const scanners: Record<string, (decode: SpecDecoder) => Scanner> = {
  __proto__: null as never,
  'euc-kr'(decode) {
    const table = pairs('euc-kr', decode);
    return (bytes, i) => {
      const lead = bytes[i]!;
      if (!isLead('euc-kr', lead)) return bad(1);
      if (i + 1 === bytes.length) return 0;
      const trail = bytes[i + 1]!;
      const code = table[(lead - 0x80) << 8 | trail]!;
      return code !== 0 ? good(code, 2) : bad(trail < 0x80 ? 1 : 2);
    };
  },
  big5(decode) {
    const table = pairs('big5', decode);
    return (bytes, i) => {
      const lead = bytes[i]!;
      // The first rows are empty.
      if (lead < 0x87 || lead === 0xff) return bad(1);
      if (i + 1 === bytes.length) return 0;
      const trail = bytes[i + 1]!;
      const code = table[(lead - 0x80) << 8 | trail]!;
      return code !== 0 ? good(code, 2) : bad(trail < 0x80 || (trail >= 0x87 && trail <= 0xa0) ? 1 : 2);
    };
  },
  shift_jis(decode) {
    const table = pairs('shift_jis', decode);
    return (bytes, i) => {
      const lead = bytes[i]!;
      if (lead === 0x80) return good(lead, 1);
      if (lead >= 0xa1 && lead <= 0xdf) return good(0xff61 - 0xa1 + lead, 1);
      if (!isLead('shift_jis', lead)) return bad(1);
      if (i + 1 === bytes.length) return 0;
      const trail = bytes[i + 1]!;
      // Of the rows for private use the last one is not there.
      const code = lead === 0xf9 ? 0 : table[(lead - 0x80) << 8 | trail]!;
      return code !== 0 ? good(code, 2) : bad(trail >= 0x80 || (lead === 0x87 && trail === 0x5e) ? 2 : 1);
    };
  },
  'euc-jp'(decode) {
    const table = pairs('euc-jp', decode);
    const supplement = pairs('euc-jp', decode, [0x8f]);
    const starts = (byte: number): boolean => byte < 0x80 || isLead('euc-jp', byte);
    const inSet = (byte: number): boolean => byte >= 0xa1 && byte <= 0xfe;
    return (bytes, i) => {
      const lead = bytes[i]!;
      if (!isLead('euc-jp', lead)) return bad(1);
      if (i + 1 === bytes.length) return 0;
      const next = bytes[i + 1]!;
      if (lead !== 0x8f) {
        const code = table[(lead - 0x80) << 8 | next]!;
        return code !== 0 ? good(code, 2) : bad((lead !== 0x8e && inSet(next)) || !starts(next) ? 2 : 1);
      }
      if (!inSet(next)) return bad(starts(next) ? 1 : 2);
      if (i + 2 === bytes.length) return 0;
      const code = supplement[(next - 0x80) << 8 | bytes[i + 2]!]!;
      return code !== 0 ? good(code, 3) : bad(inSet(bytes[i + 2]!) ? 3 : 1);
    };
  },
  gb18030(decode) {
    const table = pairs('gb18030', decode);
    // GB 18030-2000 had these in the private use area.
    const older = [0xa6d9, 0xa6da, 0xa6db, 0xa6dc, 0xa6dd, 0xa6de, 0xa6df, 0xa6ec, 0xa6ed, 0xa6f3, 0xfe59, 0xfe61, 0xfe66, 0xfe67,
      0xfe6d, 0xfe7e, 0xfe90, 0xfea0];
    const olderUnits = [0xe78d, 0xe78e, 0xe78f, 0xe790, 0xe791, 0xe792, 0xe793, 0xe794, 0xe795, 0xe796, 0xe81e, 0xe826, 0xe82b,
      0xe82c, 0xe832, 0xe843, 0xe854, 0xe864];
    for (let i = 0; i < older.length; i++) table[((older[i]! >> 8) - 0x80) << 8 | (older[i]! & 0xff)] = olderUnits[i]!;
    const four = new Uint8Array(4);
    const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
    return (bytes, i) => {
      const lead = bytes[i]!;
      if (!isLead('gb18030', lead)) return bad(1);
      const left = bytes.length - i;
      if (left < 2) return 0;
      const next = bytes[i + 1]!;
      if (!isDigit(next)) {
        const code = table[(lead - 0x80) << 8 | next]!;
        return code !== 0 ? good(code, 2) : bad(next < 0x80 ? 1 : 2);
      }
      if (left < 3) return 0;
      if (!isLead('gb18030', bytes[i + 2]!)) return bad(1);
      if (left < 4) return 0;
      if (!isDigit(bytes[i + 3]!)) return bad(1);
      for (let k = 0; k < 4; k++) four[k] = bytes[i + k]!;
      const text = decode(four);
      if (text === '\ufffd' && !(lead === 0x84 && next === 0x31 && four[2] === 0xa4 && four[3] === 0x37)) return bad(4);
      return good(text.length === 2 ? (text.charCodeAt(0) << 16 | text.charCodeAt(1)) >>> 0 : text.charCodeAt(0), 4);
    };
  },
};

const made: Record<string, Scanner> = { __proto__: null as never };

function text(units: Uint16Array, length: number): string {
  let result = '';
  for (let i = 0; i < length; i += 8192) result += apply(fromCharCode, null, units.subarray(i, Math.min(length, i + 8192)) as never);
  return result;
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a, 0);
  both.set(b, a.length);
  return both;
}

/** After an error the rest of the chunk is dropped, but not what was kept of the chunks before. */
function unread(bytes: Uint8Array, from: number, chunk: Uint8Array): Uint8Array {
  return bytes.slice(from, Math.max(from, bytes.length - chunk.length));
}

const NOTHING = new Uint8Array(0);

function failure(): Error {
  return new TypeError('malformed');
}

/** `specDecoder` decodes whole texts by the Encoding standard, with U+FFFD for what is malformed; its tables are asked for. */
export function createIcuDecoder(encoding: string, fatal: boolean, specDecoder: SpecDecoder): Decoder {
  let pending: Uint8Array = NOTHING;
  if (encoding === 'iso-2022-jp') {
    const state: Iso2022State = { set: 0, empty: false, rest: 0, malformed: false };
    return (chunk, stream) => {
      const bytes = join(pending, chunk);
      pending = NOTHING;
      const units = new Uint16Array(bytes.length);
      const length = decodeIso2022Jp(bytes, units, stream, state, fatal, specDecoder);
      const failed = state.malformed && fatal;
      if (stream) pending = failed ? unread(bytes, bytes.length - state.rest, chunk) : bytes.slice(bytes.length - state.rest);
      else {
        state.set = 0;
        state.empty = false;
      }
      if (failed) throw failure();
      return text(units, length);
    };
  }
  const name = encoding === 'gbk' ? 'gb18030' : encoding;
  const scan = (made[name] ??= scanners[name]!(specDecoder));
  return (chunk, stream) => {
    const bytes = join(pending, chunk);
    pending = NOTHING;
    const units = new Uint16Array(bytes.length);
    let length = 0;
    for (let i = 0; i < bytes.length;) {
      if (bytes[i]! < 0x80) {
        units[length++] = bytes[i++]!;
        continue;
      }
      let size = scan(bytes, i);
      if (size === 0) {
        if (stream) {
          pending = bytes.slice(i);
          break;
        }
        size = bad(bytes.length - i);
      }
      if (malformed && fatal) {
        if (stream) pending = unread(bytes, i + size, chunk);
        throw failure();
      }
      units[length++] = unit;
      if (second !== 0) units[length++] = second;
      i += size;
    }
    return text(units, length);
  };
}
