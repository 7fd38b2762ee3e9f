// URLs as workers saw them before url_standard: a strict scheme://authority form, everything percent-decoded when parsed and encoded
// again when written. Parts are kept as strings of UTF-8 bytes (one char a byte), since escapes need not be valid UTF-8.
import { native } from '../ops';
import { StringFromCharCode, StringPrototypeCharCodeAt, StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeToLowerCase } from '../primordials';

export interface QueryParam { name: string; /** undefined: no '=' */ value: string | undefined }

export interface LegacyParts {
  scheme: string;
  user: { name: string; password: string | undefined } | undefined;
  /** With the port. */
  host: string;
  path: string[];
  trailingSlash: boolean;
  query: QueryParam[];
  fragment: string | undefined;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (StringPrototypeCharCodeAt(text, i) >= 0x80) return false;
  return true;
}

export function toByteString(text: string): string {
  return isAscii(text) ? text : native.latin1Decode(native.utf8Encode(text));
}

export function fromByteString(bytes: string): string {
  return isAscii(bytes) ? bytes : native.utf8Decode(native.latin1Encode(bytes), false, true);
}

const HEX = '0123456789ABCDEF';

// Character classes: for each byte, bits of where it needs no escape.
const enum Safe { Fragment = 1, Path = 2, User = 4, Form = 8, Host = 16, Scheme = 32 }
const SAFE: number[] = [];
const letter = /[A-Za-z]/;
const digit = /[0-9]/;
for (let code = 0; code < 256; code++) {
  const char = code < 128 ? String.fromCharCode(code) : '';
  const common = letter.test(char) || digit.test(char);
  const among = (set: string): boolean => common || (char !== '' && set.includes(char));
  SAFE[code] = (among("!#$&'()*+,-./:;=?@[\\]^_{|}~") ? Safe.Fragment : 0) | (among("!$&'()*+,-.:;=@[]_|~^") ? Safe.Path : 0) |
    (among("!$&'()*+,-._~") ? Safe.User : 0) | (among('*-._') ? Safe.Form : 0) | (among('-._:[]') ? Safe.Host : 0) |
    (among('+-.') ? Safe.Scheme : 0);
}

function encode(bytes: string, safe: Safe): string {
  let out = '';
  for (let i = 0; i < bytes.length; i++) {
    const code = StringPrototypeCharCodeAt(bytes, i);
    if (SAFE[code]! & safe) out += StringFromCharCode(code);
    else if (safe === Safe.Form && code === 0x20) out += '+';
    else out += `%${HEX[code >> 4]!}${HEX[code & 15]!}`;
  }
  return out;
}

export const encodeFragment = (bytes: string): string => encode(bytes, Safe.Fragment);
export const encodePath = (bytes: string): string => encode(bytes, Safe.Path);
export const encodeUser = (bytes: string): string => encode(bytes, Safe.User);
export const encodeForm = (bytes: string): string => encode(bytes, Safe.Form);

function allOf(text: string, safe: Safe): boolean {
  for (let i = 0; i < text.length; i++) if (!(SAFE[StringPrototypeCharCodeAt(text, i)]! & safe)) return false;
  return true;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  code |= 0x20;
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
}

/** Set by decoding when an escape was malformed; cleared by whoever asks. */
let malformed = false;

export function takeMalformed(): boolean {
  const was = malformed;
  malformed = false;
  return was;
}

export function decode(text: string, form = false): string {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const code = StringPrototypeCharCodeAt(text, i);
    if (code === 0x25) {
      const high = i + 1 < text.length ? hexDigit(StringPrototypeCharCodeAt(text, i + 1)) : -1;
      const low = i + 2 < text.length ? hexDigit(StringPrototypeCharCodeAt(text, i + 2)) : -1;
      if (high < 0 || low < 0) {
        malformed = true;
        continue;
      }
      out += StringFromCharCode((high << 4) | low);
      i += 2;
    } else {
      out += form && code === 0x2b ? ' ' : StringFromCharCode(code);
    }
  }
  return out;
}

/** The index of the first of `ends` at or after `from`; the length if there is none. */
function endOf(text: string, from: number, ends: string): number {
  for (let i = from; i < text.length; i++) if (StringPrototypeIndexOf(ends, text[i]!) >= 0) return i;
  return text.length;
}

export function parseQuery(text: string, into: QueryParam[]): void {
  for (let start = 0; start <= text.length;) {
    const end = endOf(text, start, '&');
    if (end > start) {
      const part = StringPrototypeSlice(text, start, end);
      const equals = StringPrototypeIndexOf(part, '=');
      into[into.length] = equals < 0 ? { name: decode(part, true), value: undefined }
        : { name: decode(StringPrototypeSlice(part, 0, equals), true), value: decode(StringPrototypeSlice(part, equals + 1), true) };
    }
    start = end + 1;
  }
}

/** Adds one path segment; "..", "." and "" act on what is there. */
export function addSegment(parts: LegacyParts, segment: string): void {
  if (segment === '..') {
    if (parts.path.length > 0) parts.path.length--;
    parts.trailingSlash = true;
  } else if (segment === '' || segment === '.') {
    parts.trailingSlash = true;
  } else {
    parts.path[parts.path.length] = decode(segment);
    parts.trailingSlash = false;
  }
}

function parseAuthority(authority: string, parts: LegacyParts): boolean {
  const at = StringPrototypeIndexOf(authority, '@');
  if (at >= 0) {
    const user = StringPrototypeSlice(authority, 0, at);
    const colon = StringPrototypeIndexOf(user, ':');
    parts.user = colon < 0 ? { name: decode(user), password: undefined }
      : { name: decode(StringPrototypeSlice(user, 0, colon)), password: decode(StringPrototypeSlice(user, colon + 1)) };
  }
  const host = decode(StringPrototypeSlice(authority, at + 1));
  if (!allOf(host, Safe.Host)) return false;
  parts.host = StringPrototypeToLowerCase(host);
  return true;
}

/** Query and fragment from `at` on. */
function parseRest(text: string, at: number, parts: LegacyParts): void {
  if (text[at] === '?') {
    const end = endOf(text, at, '#');
    parts.query = [];
    parseQuery(StringPrototypeSlice(text, at + 1, end), parts.query);
    at = end;
  }
  if (text[at] === '#') parts.fragment = decode(StringPrototypeSlice(text, at + 1));
}

function emptyParts(): LegacyParts {
  return { scheme: '', user: undefined, host: '', path: [], trailingSlash: false, query: [], fragment: undefined };
}

/** Parses an absolute URL; undefined when invalid. */
export function parseLegacy(input: string): LegacyParts | undefined {
  const text = toByteString(input);
  const colon = StringPrototypeIndexOf(text, ':');
  if (colon <= 0) return undefined;
  const parts = emptyParts();
  const scheme = StringPrototypeSlice(text, 0, colon);
  if (!letter.test(scheme[0]!) || !allOf(scheme, Safe.Scheme)) return undefined;
  parts.scheme = StringPrototypeToLowerCase(scheme);
  if (StringPrototypeSlice(text, colon + 1, colon + 3) !== '//') return undefined;
  takeMalformed();
  let at = endOf(text, colon + 3, '/?#');
  if (!parseAuthority(StringPrototypeSlice(text, colon + 3, at), parts)) return undefined;
  while (text[at] === '/') {
    const end = endOf(text, at + 1, '/?#');
    addSegment(parts, StringPrototypeSlice(text, at + 1, end));
    at = end;
  }
  parseRest(text, at, parts);
  return takeMalformed() ? undefined : parts;
}

export function cloneParts(parts: LegacyParts): LegacyParts {
  return {
    ...parts, user: parts.user && { ...parts.user }, path: [...parts.path], query: parts.query.map((param) => ({ ...param })),
  };
}

/** Resolves a reference against a base; undefined when invalid. */
export function parseRelative(base: LegacyParts, input: string): LegacyParts | undefined {
  const text = toByteString(input);
  if (text === '') return cloneParts(base);
  const parts = emptyParts();
  takeMalformed();
  let at = 0;
  let i = 0;
  while (i < text.length && SAFE[StringPrototypeCharCodeAt(text, i)]! & Safe.Scheme) i++;
  if (text[i] === ':' && i > 0) {
    parts.scheme = StringPrototypeSlice(text, 0, i);
    at = i + 1;
  } else {
    parts.scheme = base.scheme;
  }
  const newAuthority = StringPrototypeSlice(text, at, at + 2) === '//';
  if (newAuthority) {
    const end = endOf(text, at + 2, '/?#');
    if (!parseAuthority(StringPrototypeSlice(text, at + 2, end), parts)) return undefined;
    at = end;
  } else {
    parts.user = base.user && { ...base.user };
    parts.host = base.host;
  }
  const newPath = at < text.length && text[at] !== '?' && text[at] !== '#';
  if (newPath) {
    if (text[at] === '/') {
      at++;
    } else {
      parts.path = [...base.path];
      if (!base.trailingSlash && parts.path.length > 0) parts.path.length--;
    }
    for (;;) {
      const end = endOf(text, at, '/?#');
      addSegment(parts, StringPrototypeSlice(text, at, end));
      at = end;
      if (text[at] !== '/') break;
      at++;
    }
  } else if (!newAuthority) {
    parts.path = [...base.path];
    parts.trailingSlash = base.trailingSlash;
  }
  if (!newPath && !newAuthority && text[at] !== '?') parts.query = base.query.map((param) => ({ ...param }));
  parseRest(text, at, parts);
  return takeMalformed() ? undefined : parts;
}

export function serializeQuery(query: readonly QueryParam[], bareNames: boolean): string {
  let out = '';
  for (let i = 0; i < query.length; i++) {
    const { name, value } = query[i]!;
    out += `${i === 0 ? '' : '&'}${encodeForm(name)}`;
    if (value !== undefined || !bareNames) out += `=${encodeForm(value ?? '')}`;
  }
  return out;
}

export function serializeLegacy(parts: LegacyParts): string {
  let out = `${parts.scheme}://`;
  if (parts.user !== undefined) {
    out += encodeUser(parts.user.name);
    if (parts.user.password !== undefined) out += `:${encodeUser(parts.user.password)}`;
    out += '@';
  }
  if (!allOf(parts.host, Safe.Host)) throw new TypeError('Invalid hostname when stringifying URL.');
  out += parts.host;
  for (let i = 0; i < parts.path.length; i++) {
    const segment = parts.path[i]!;
    // Only escapes get these here; written out they would mean something else.
    if (segment === '' || segment === '.' || segment === '..') throw new TypeError('Invalid pathname when stringifying URL.');
    out += `/${encodePath(segment)}`;
  }
  if (parts.trailingSlash) out += '/';
  if (parts.query.length > 0) out += `?${serializeQuery(parts.query, true)}`;
  if (parts.fragment !== undefined) out += `#${encodeFragment(parts.fragment)}`;
  return out;
}
