// Values of a URL's setters that the parser (https://url.spec.whatwg.org/#concept-basic-url-parser) would take over as they are: with
// these a part can be replaced without it. Whatever is not certainly so is left to the parser.
import { StringPrototypeCharCodeAt } from '../primordials';

const enum Plain { Path = 1, Query = 2, Fragment = 4, Host = 8 }

const DOT = 0x2e;
const HYPHEN = 0x2d;
const SLASH = 0x2f;
const PERCENT = 0x25;

// Past this, one pass in C++ is faster.
const MOST = 200;

const CLASSES: number[] = [];
for (let code = 0; code < 128; code++) {
  const char = String.fromCharCode(code);
  const common = /[A-Za-z0-9]/.test(char);
  const among = (set: string): boolean => common || set.includes(char);
  CLASSES[code] = (among("-_~!$&()*+,;=:@/.%") ? Plain.Path : 0) | (among("-_~!$&()*+,;=:@/.%?[]") ? Plain.Query : 0) |
    (among("-_~!$&()*+,;=:@/.%?#'") ? Plain.Fragment : 0) | (/[a-z0-9.-]/.test(char) ? Plain.Host : 0);
}

function areAll(text: string, plain: Plain): boolean {
  const { length } = text;
  if (length === 0 || length > MOST) return false;
  for (let i = 0; i < length; i++) {
    const code = StringPrototypeCharCodeAt(text, i);
    if (code >= 128 || (CLASSES[code]! & plain) === 0) return false;
  }
  return true;
}

/** Without its '?', and not empty. */
export function isPlainQuery(query: string): boolean {
  return areAll(query, Plain.Query);
}

/** Without its '#', and not empty. */
export function isPlainFragment(fragment: string): boolean {
  return areAll(fragment, Plain.Fragment);
}

/** A path of an http(s) URL, with the '/' that it begins with. */
export function isPlainPath(path: string): boolean {
  const { length } = path;
  if (length === 0 || length > MOST || StringPrototypeCharCodeAt(path, 0) !== SLASH) return false;
  let before = 0;
  for (let i = 0; i < length; i++) {
    const code = StringPrototypeCharCodeAt(path, i);
    if (code >= 128 || (CLASSES[code]! & Plain.Path) === 0) return false;
    // Segments that may be "." or "..", in any of the ways these can be written.
    if (before === SLASH && (code === DOT || code === PERCENT)) return false;
    before = code;
  }
  return true;
}

/** A host of an http(s) URL: a domain in lower case without a port; no IP address and nothing of IDNA. */
export function isPlainHost(host: string): boolean {
  const { length } = host;
  if (length === 0 || length > MOST) return false;
  let before = DOT;
  let label = 0;
  for (let i = 0; i < length; i++) {
    const code = StringPrototypeCharCodeAt(host, i);
    if (code >= 128 || (CLASSES[code]! & Plain.Host) === 0) return false;
    const separates = code === DOT || code === HYPHEN;
    // No empty label, none of IDNA's ("xn--").
    if (separates && (before === DOT || before === HYPHEN)) return false;
    if (before === DOT) label = code;
    before = code;
  }
  // A last label that begins with a letter is no number, which would make an IPv4 address of the host.
  return before !== DOT && before !== HYPHEN && label >= 0x61;
}

/** The number a port is written as; 0 if it is left to the parser. */
export function plainPort(port: string): number {
  const { length } = port;
  if (length === 0 || length > 5) return 0;
  let number = 0;
  for (let i = 0; i < length; i++) {
    const digit = StringPrototypeCharCodeAt(port, i) - 0x30;
    if (digit < 0 || digit > 9 || (i === 0 && digit === 0)) return 0;
    number = 10 * number + digit;
  }
  // The default ports of http and https are not written.
  return number > 65535 || number === 80 || number === 443 ? 0 : number;
}
