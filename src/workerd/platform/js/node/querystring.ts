// node:querystring. https://nodejs.org/api/querystring.html
import { Buffer } from './buffer';
import { ERR_INVALID_URI } from './internal/errors';
import { encode as encodeText } from './internal/encodings';

const HEX = Array.from({ length: 256 }, (_, i) => `%${(i < 16 ? '0' : '') + i.toString(16).toUpperCase()}`);
// Characters that stay as they are: A-Z a-z 0-9 ! ' ( ) * - . _ ~
const SAFE = new Uint8Array(128);
for (const c of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!'()*-._~") SAFE[c.charCodeAt(0)] = 1;

export function encodeWith(text: string, safe: Uint8Array): string {
  let out = '';
  let last = 0;
  for (let i = 0; i < text.length; i++) {
    let c = text.charCodeAt(i);
    if (c < 128) {
      if (safe[c] === 1) continue;
      if (last < i) out += text.slice(last, i);
      last = i + 1;
      out += HEX[c];
      continue;
    }
    if (last < i) out += text.slice(last, i);
    if (c < 0x800) {
      last = i + 1;
      out += HEX[0xc0 | (c >> 6)]! + HEX[0x80 | (c & 0x3f)]!;
      continue;
    }
    if (c < 0xd800 || c >= 0xe000) {
      last = i + 1;
      out += HEX[0xe0 | (c >> 12)]! + HEX[0x80 | ((c >> 6) & 0x3f)]! + HEX[0x80 | (c & 0x3f)]!;
      continue;
    }
    if (++i >= text.length) throw new ERR_INVALID_URI();
    c = 0x10000 + (((c & 0x3ff) << 10) | (text.charCodeAt(i) & 0x3ff));
    last = i + 1;
    out += HEX[0xf0 | (c >> 18)]! + HEX[0x80 | ((c >> 12) & 0x3f)]! + HEX[0x80 | ((c >> 6) & 0x3f)]! + HEX[0x80 | (c & 0x3f)]!;
  }
  return last === 0 ? text : last < text.length ? out + text.slice(last) : out;
}

function escape(value: any): string {
  let text = value;
  if (typeof text !== 'string') text = typeof text === 'object' ? String(text) : `${text}`;
  return encodeWith(text, SAFE);
}

function hexValue(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** Percent-decoding to bytes; what is malformed stays. */
function unescapeBuffer(value: any, decodeSpaces?: boolean): any {
  const text = String(value);
  const out: any = Buffer.allocUnsafe(text.length);
  let n = 0;
  for (let i = 0; i < text.length; i++) {
    let c = text.charCodeAt(i);
    if (c === 43 && decodeSpaces) c = 32;
    else if (c === 37 && i + 2 < text.length) {
      const hi = hexValue(text.charCodeAt(i + 1));
      const lo = hexValue(text.charCodeAt(i + 2));
      if (hi >= 0 && lo >= 0) {
        c = hi * 16 + lo;
        i += 2;
      }
    }
    out[n++] = c;
  }
  return n === out.length ? out : out.slice(0, n);
}

function unescape(value: any, decodeSpaces?: boolean): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return api.unescapeBuffer(value, decodeSpaces).toString();
  }
}

function primitive(value: any): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return `${value}`;
  if (typeof value === 'bigint') return `${value}`;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  return '';
}
function encodedPrimitive(value: any, encode: (v: any) => string): string {
  if (typeof value === 'string') return value.length ? encode(value) : '';
  if (typeof value === 'number' && Number.isFinite(value)) return Math.abs(value) < 1e21 ? `${value}` : encode(`${value}`);
  if (typeof value === 'bigint') return `${value}`;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  return '';
}

function stringify(object: any, sep?: string, eq?: string, options?: any): string {
  sep ||= '&';
  eq ||= '=';
  let encode = api.escape;
  if (options && typeof options.encodeURIComponent === 'function') encode = options.encodeURIComponent;
  const convert = encode === escape ? encodedPrimitive : (value: any, fn: (v: any) => string) => fn(primitive(value));
  if (object === null || typeof object !== 'object') return '';
  let out = '';
  for (const key of Object.keys(object)) {
    const value = object[key];
    const name = convert(key, encode) + eq;
    if (Array.isArray(value)) {
      for (const item of value) out += (out ? sep : '') + name + convert(item, encode);
    } else out += (out ? sep : '') + name + convert(value, encode);
  }
  return out;
}

function parse(query: any, sep?: any, eq?: any, options?: any): Record<string, any> {
  const out = Object.create(null);
  if (typeof query !== 'string' || query.length === 0) return out;
  const separator = sep ? `${sep}` : '&';
  const equals = eq ? `${eq}` : '=';
  let max = 1000;
  if (options && typeof options.maxKeys === 'number') max = options.maxKeys;
  let decode: (text: string) => string = api.unescape;
  if (options && typeof options.decodeURIComponent === 'function') decode = options.decodeURIComponent;
  const custom = decode !== unescape;
  const plain = (text: string): string => {
    const spaced = text.replaceAll('+', custom ? '%20' : ' ');
    if (!custom && !/%[0-9a-fA-F]{2}/.test(spaced)) return spaced;
    try {
      return decode(spaced);
    } catch {
      return unescape(spaced, true);
    }
  };
  let count = 0;
  let from = 0;
  while (from <= query.length) {
    // An empty separator, which an array or object may give, separates nothing.
    let end = separator === '' ? -1 : query.indexOf(separator, from);
    if (end === -1) end = query.length;
    // Empty pairs count too.
    if (max > 0 && count++ >= max) break;
    if (end > from) {
      const part = query.slice(from, end);
      const at = part.indexOf(equals);
      const key = plain(at === -1 ? part : part.slice(0, at));
      const value = at === -1 ? '' : plain(part.slice(at + equals.length));
      const before = out[key];
      if (before === undefined) out[key] = value;
      else if (Array.isArray(before)) before.push(value);
      else out[key] = [before, value];
    }
    from = end + Math.max(1, separator.length);
  }
  return out;
}
void encodeText;

const api: any = { decode: parse, encode: stringify, escape, parse, stringify, unescape, unescapeBuffer };
export default api;
