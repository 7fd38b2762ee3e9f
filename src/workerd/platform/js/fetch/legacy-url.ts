// URLs as workers of old compatibility dates have them: split and put together again, with hardly anything normalized. Used before
// fetch_standard_url for fetch(), before response_redirect_url_standard for Response.redirect(), and at all dates to turn a URL into
// what is sent (no user info, no fragment).
import { flags } from '../flags';
import {
  ArrayPrototypeJoin, NumberPrototypeToString, RegExpPrototypeExec, StringPrototypeCharCodeAt, StringPrototypeSlice, StringPrototypeSplit,
  StringPrototypeToLowerCase, StringPrototypeToUpperCase,
} from '../primordials';

export interface SplitUrl { scheme: string; userInfo: string; host: string; path: string; query: string; fragment: string }

const PARTS = /^([A-Za-z][A-Za-z0-9+\-.]*):\/\/([^/?#]*)([^?#]*)(\?[^#]*)?(#[^]*)?$/;
const HOST = /^[A-Za-z0-9\-._~!$&'()*+,;=:%[\]\u0080-\uffff]*$/;

function normalizePath(path: string): string {
  if (path === '') return '';
  const parts = StringPrototypeSplit(path, '/');
  const kept: string[] = [];
  let slash = false;
  for (let i = 1; i < parts.length; i++) {
    const part = parts[i]!;
    slash = part === '.' || part === '..' || part === '' && i === parts.length - 1;
    if (part === '..') kept.length = kept.length > 0 ? kept.length - 1 : 0;
    else if (!slash) kept[kept.length] = part;
  }
  const joined = kept.length === 0 ? '' : `/${ArrayPrototypeJoin(kept, '/')}`;
  return slash ? `${joined}/` : joined;
}

/** undefined: not an absolute URL with an authority. */
export function splitUrl(url: string): SplitUrl | undefined {
  const m = RegExpPrototypeExec(PARTS, url);
  if (m === null) return undefined;
  const authority = m[2]!;
  let at = -1;
  for (let i = 0; i < authority.length; i++) if (authority[i] === '@') at = i;
  const host = StringPrototypeToLowerCase(StringPrototypeSlice(authority, at + 1));
  if (RegExpPrototypeExec(HOST, host) === null) return undefined;
  return {
    scheme: StringPrototypeToLowerCase(m[1]!), userInfo: at < 0 ? '' : StringPrototypeSlice(authority, 0, at + 1), host,
    path: normalizePath(m[3]!), query: m[4] ?? '', fragment: m[5] ?? '',
  };
}

/** Everything but the fragment: what Response.url shows. */
export function withoutFragment(u: SplitUrl): string {
  return `${u.scheme}://${u.userInfo}${u.host}${u.path}${u.query}`;
}

const UNSENDABLE = /[\0-\x20]/;

/** What is sent: neither fragment nor user info, and nothing that ends a request line. */
export function wireUrl(u: SplitUrl): string {
  const rest = u.path + u.query;
  return `${u.scheme}://${u.host}${flags.fetch_standard_url || RegExpPrototypeExec(UNSENDABLE, rest) === null ? rest : encoded(rest)}`;
}

function encoded(text: string): string {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const c = StringPrototypeCharCodeAt(text, i);
    out += c > 0x20 ? text[i]! : `%${c < 16 ? '0' : ''}${StringPrototypeToUpperCase(NumberPrototypeToString(c, 16))}`;
  }
  return out;
}
