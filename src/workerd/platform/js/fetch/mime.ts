// MIME types (https://mimesniff.spec.whatwg.org/#parsing-a-mime-type), as Content-Type headers, data: URLs and blobs need them.
import {
  StringPrototypeCharCodeAt, StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeToLowerCase,
} from '../primordials';
import { isSpace } from './header-text';

export interface MimeType {
  /** `type/subtype`, in lower case. */
  readonly essence: string;
  /** Name (lower case), value, name, value... */
  readonly params: string[];
}

export const TEXT_PLAIN_UTF8 = 'text/plain;charset=UTF-8';
export const FORM_URLENCODED_UTF8 = 'application/x-www-form-urlencoded;charset=UTF-8';

const TOKEN = new Uint8Array(256);
for (const c of "!#$%&'*+-.^_`|~0123456789") TOKEN[c.charCodeAt(0)] = 1;
for (let c = 97; c < 123; c++) TOKEN[c] = TOKEN[c - 32] = 1;

function isToken(s: string): boolean {
  for (let i = 0; i < s.length; i++) {
    const c = StringPrototypeCharCodeAt(s, i);
    if (c > 255 || TOKEN[c] === 0) return false;
  }
  return s.length > 0;
}

function isQuotable(s: string): boolean {
  for (let i = 0; i < s.length; i++) {
    const c = StringPrototypeCharCodeAt(s, i);
    if (c !== 9 && (c < 0x20 || c === 0x7f)) return false;
  }
  return true;
}

function trimEnd(s: string, start: number, end: number): string {
  while (end > start && isSpace(StringPrototypeCharCodeAt(s, end - 1))) end--;
  return StringPrototypeSlice(s, start, end);
}

function indexOrEnd(s: string, what: string, from: number): number {
  const i = StringPrototypeIndexOf(s, what, from);
  return i < 0 ? s.length : i;
}

export function mimeParam(mime: MimeType, name: string): string | undefined {
  for (let i = 0; i < mime.params.length; i += 2) if (mime.params[i] === name) return mime.params[i + 1];
  return undefined;
}

function addParam(params: string[], name: string, value: string): void {
  const lower = StringPrototypeToLowerCase(name);
  for (let i = 0; i < params.length; i += 2) if (params[i] === lower) return;
  params[params.length] = lower;
  params[params.length] = value;
}

/** undefined when it is not a MIME type. */
export function parseMime(input: string): MimeType | undefined {
  let first = 0;
  while (isSpace(StringPrototypeCharCodeAt(input, first))) first++;
  const s = trimEnd(input, first, input.length);
  const slash = StringPrototypeIndexOf(s, '/');
  if (slash < 0) return undefined;
  const type = StringPrototypeSlice(s, 0, slash);
  let at = indexOrEnd(s, ';', slash);
  const subtype = trimEnd(s, slash + 1, at);
  if (!isToken(type) || !isToken(subtype)) return undefined;
  const params: string[] = [];
  while (at < s.length) {
    at++;
    while (at < s.length && isSpace(StringPrototypeCharCodeAt(s, at))) at++;
    const nameStart = at;
    while (at < s.length && s[at] !== ';' && s[at] !== '=') at++;
    if (at >= s.length) break;
    if (s[at] === ';') continue;
    const name = StringPrototypeSlice(s, nameStart, at++);
    let value: string;
    if (s[at] === '"') {
      value = '';
      for (at++; at < s.length && s[at] !== '"'; at++) {
        if (s[at] === '\\' && at + 1 < s.length) at++;
        value += s[at];
      }
      at = indexOrEnd(s, ';', at);
    } else {
      const end = indexOrEnd(s, ';', at);
      value = trimEnd(s, at, end);
      at = end;
      if (value === '') continue;
    }
    if (isToken(name) && isQuotable(value)) addParam(params, name, value);
  }
  return { essence: StringPrototypeToLowerCase(`${type}/${subtype}`), params };
}

export function mimeToString(mime: MimeType): string {
  let out = mime.essence;
  for (let i = 0; i < mime.params.length; i += 2) {
    const name = mime.params[i]!;
    let value = mime.params[i + 1]!;
    if (!isToken(value)) {
      let quoted = '';
      for (let k = 0; k < value.length; k++) quoted += value[k] === '"' || value[k] === '\\' ? `\\${value[k]}` : value[k];
      value = `"${quoted}"`;
    }
    // The space is what https://html.spec.whatwg.org/#submit-body and browsers have, for this parameter only.
    out += name === 'boundary' ? `; ${name}=${value}` : `;${name}=${value}`;
  }
  return out;
}

/** "Extract a MIME type" of https://fetch.spec.whatwg.org/#concept-header-extract-mime-type, from a combined Content-Type value. */
export function extractMime(header: string): MimeType | undefined {
  let result: MimeType | undefined;
  let start = 0;
  let quoted = false;
  for (let i = 0; i <= header.length; i++) {
    const c = i < header.length ? header[i] : undefined;
    if (quoted && c === '\\') i++;
    else if (c === '"') quoted = !quoted;
    else if (c === undefined || c === ',' && !quoted) {
      const mime = parseMime(StringPrototypeSlice(header, start, i));
      start = i + 1;
      if (mime === undefined || mime.essence === '*/*') continue;
      if (result !== undefined && result.essence === mime.essence && mimeParam(mime, 'charset') === undefined) {
        const charset = mimeParam(result, 'charset');
        if (charset !== undefined) addParam(mime.params, 'charset', charset);
      }
      result = mime;
    }
  }
  return result;
}
