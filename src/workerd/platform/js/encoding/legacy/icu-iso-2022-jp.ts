// ISO-2022-JP as ICU's converter decodes it: more escape sequences are known (and refused), the end of a line leads back to ASCII,
// and two escape sequences with nothing between them are an error.
type SpecDecoder = (bytes: Uint8Array) => string;

const enum CharacterSet { Ascii, Roman, Kana, Jis0208 }

export interface Iso2022State {
  set: number;
  /** Nothing came after the last escape sequence. */
  empty: boolean;
  /** Of the last call: how many bytes at the end were not read (they wait for more, or come after the error), and whether something was wrong. */
  rest: number;
  malformed: boolean;
}

const ESC = 0x1b;
const REPLACEMENT = 0xfffd;

/** What can follow ESC and does not end there. */
const UNFINISHED = ['$', '$(', '$)', '$*', '$+', '%', '%/', '&', '(', '.'];
const KNOWN = '(B (H (J (I $@ $B &@'.split(' ');
const SETS = [CharacterSet.Ascii, CharacterSet.Roman, CharacterSet.Roman, CharacterSet.Kana, CharacterSet.Jis0208, CharacterSet.Jis0208,
  CharacterSet.Jis0208];
/** Well-formed, but for sets that this encoding does not have. */
const OTHERS = ('$(@ $(A $(B $(C $(D $(E $(G $(H $(I $(J $(K $(L $(M $)A $)C $)E $)G $*H $+I $+J $+K $+L $+M $A %/@ %/A %/C %/D %/E %/F ' +
  '%B (@ (A (C (D (E (F (G (K (R .A .F O').split(' ');

const { fromCharCode } = String;
let table: Uint16Array | undefined;

function jis0208(decode: SpecDecoder): Uint16Array {
  const made = new Uint16Array(128 * 128);
  for (let lead = 0x21; lead <= 0x7e; lead++) {
    for (let trail = 0x21; trail <= 0x7e; trail++) {
      const code = decode(new Uint8Array([ESC, 0x24, 0x42, lead, trail])).charCodeAt(0);
      if (code !== REPLACEMENT) made[lead << 7 | trail] = code;
    }
  }
  return made;
}

function inSet(byte: number): boolean {
  return byte >= 0x21 && byte <= 0x7e;
}

const enum Escape { Cut, Illegal, Other, Known }
let escapeLength = 0;
let escapeSet = CharacterSet.Ascii;

function readEscape(bytes: Uint8Array, start: number): Escape {
  let key = '';
  for (let i = start + 1; i < bytes.length; i++) {
    key += fromCharCode(bytes[i]!);
    if (UNFINISHED.indexOf(key) >= 0) continue;
    escapeLength = i + 1 - start;
    const known = KNOWN.indexOf(key);
    if (known >= 0) {
      escapeSet = SETS[known]!;
      return Escape.Known;
    }
    return OTHERS.indexOf(key) >= 0 ? Escape.Other : Escape.Illegal;
  }
  return Escape.Cut;
}

/** How many code units were written to `units`, which has room for one for each byte. Stops at an error if that is `fatal`. */
export function decodeIso2022Jp(
  bytes: Uint8Array, units: Uint16Array, stream: boolean, state: Iso2022State, fatal: boolean, specDecoder: SpecDecoder,
): number {
  table ??= jis0208(specDecoder);
  const end = bytes.length;
  let length = 0;
  let i = 0;
  state.malformed = false;
  while (i < end && !(fatal && state.malformed)) {
    const byte = bytes[i]!;
    let code = REPLACEMENT;
    if (byte === ESC) {
      const kind = readEscape(bytes, i);
      if (kind === Escape.Cut) {
        if (stream) break;
        i = end;
      } else if (kind === Escape.Known) {
        i += escapeLength;
        state.set = escapeSet;
        if (!state.empty) {
          state.empty = true;
          continue;
        }
      } else {
        i += kind === Escape.Other ? escapeLength : 1;
      }
      state.empty = false;
    } else {
      if ((byte === 0x0a || byte === 0x0d) && state.set !== CharacterSet.Roman) state.set = CharacterSet.Ascii;
      const { set } = state;
      const isShift = byte === 0x0e || byte === 0x0f;
      if (set === CharacterSet.Jis0208 && !isShift) {
        if (i + 1 === end) {
          if (stream) break;
          i = end;
        } else {
          const next = bytes[i + 1]!;
          if (inSet(byte) && inSet(next)) {
            code = table[byte << 7 | next]! || REPLACEMENT;
            i += 2;
          } else {
            i += inSet(next) || next === ESC || next === 0x0e || next === 0x0f ? 1 : 2;
          }
        }
      } else {
        i++;
        if (set === CharacterSet.Kana) {
          if (byte >= 0x21 && byte <= 0x5f) code = 0xff61 - 0x21 + byte;
        } else if (byte < 0x80 && !isShift) {
          code = set === CharacterSet.Roman && byte === 0x5c ? 0xa5 : set === CharacterSet.Roman && byte === 0x7e ? 0x203e : byte;
        }
      }
      state.empty = false;
    }
    if (code === REPLACEMENT) state.malformed = true;
    units[length++] = code;
  }
  state.rest = end - i;
  return length;
}
