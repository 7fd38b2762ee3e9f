// multipart/form-data (https://www.rfc-editor.org/rfc/rfc7578), both ways. The parser searches in a latin-1 string of the body, where an
// index is a byte's index, and takes file contents from the bytes themselves.
import { concatBytes, copyBytes, subBytes } from '../blob/bytes';
import { blobBytes, blobType, fileName, makeFile, type File } from '../blob';
import { native } from '../ops';
import {
  DateNow, RegExpPrototypeExec, StringPrototypeCharCodeAt, StringPrototypeEndsWith, StringPrototypeIndexOf, StringPrototypeSlice,
  StringPrototypeToLowerCase, StringPrototypeTrim,
} from '../primordials';
import { utf8FromLatin1 } from './urlencoded';

export type Entry = [name: string, value: string | File];

const IDENTIFIER = /[A-Za-z0-9_-]+/y;
const PARAMETER = /;\s*([A-Za-z0-9_-]+)\s*=\s*"((?:[^"\n\\]|\\[^\n])+)"\s*/y;
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+[ \t]*:/;

function execAt(re: RegExp, s: string, at: number): RegExpExecArray | null {
  re.lastIndex = at;
  return RegExpPrototypeExec(re, s);
}

function unescape(s: string): string {
  let out = '';
  for (let i = 0; i < s.length; i++) {
    if (s[i] === '\\' && i + 1 < s.length) i++;
    out += s[i];
  }
  return out;
}

interface PartHeaders { name: string; filename: string | undefined; type: string }

function parsePartHeaders(text: string): PartHeaders {
  let disposition: string | undefined;
  let type = '';
  if (StringPrototypeIndexOf(text, '\0') >= 0) throw new TypeError('FormData part had invalid headers.');
  for (let at = 0; at < text.length;) {
    let end = at;
    while (end < text.length && text[end] !== '\n' && text[end] !== '\r') end++;
    const line = StringPrototypeTrim(StringPrototypeSlice(text, at, end));
    at = end + 1;
    if (line === '') continue;
    if (RegExpPrototypeExec(HEADER_NAME, line) === null) throw new TypeError('FormData part had invalid headers.');
    const colon = StringPrototypeIndexOf(line, ':');
    const name = StringPrototypeToLowerCase(StringPrototypeTrim(StringPrototypeSlice(line, 0, colon)));
    const value = StringPrototypeTrim(StringPrototypeSlice(line, colon + 1));
    if (name === 'content-disposition') disposition ??= value;
    else if (name === 'content-type') type = value;
  }
  if (disposition === undefined) throw new TypeError('No valid Content-Disposition header found in FormData part.');
  const kind = execAt(IDENTIFIER, disposition, 0);
  if (kind === null) throw new TypeError('Invalid Content-Disposition header found in FormData part.');
  if (kind[0] !== 'form-data') {
    throw new TypeError('Content-Disposition header for FormData part must have the value "form-data", possibly followed by ' +
      `parameters. Got: "${kind[0]}"`);
  }
  let name: string | undefined;
  let filename: string | undefined;
  let at = kind[0].length;
  while (disposition[at] === ' ' || disposition[at] === '\t') at++;
  for (let m = execAt(PARAMETER, disposition, at); m !== null; m = execAt(PARAMETER, disposition, at)) {
    at += m[0].length;
    if (m[1] === 'name') name = utf8FromLatin1(unescape(m[2]!));
    else if (m[1] === 'filename') filename = utf8FromLatin1(unescape(m[2]!));
  }
  if (name === undefined) throw new TypeError('Content-Disposition header in FormData part is missing a name.');
  return { name, filename, type: utf8FromLatin1(type) };
}

/** Where the blank line after the headers ends, or -1. It is a line feed, another one, each maybe after a carriage return. */
function headersEnd(s: string, from: number): number {
  for (let i = StringPrototypeIndexOf(s, '\n', from); i >= 0; i = StringPrototypeIndexOf(s, '\n', i + 1)) {
    if (s[i + 1] === '\n') return i + 2;
    if (s[i + 1] === '\r' && s[i + 2] === '\n') return i + 3;
  }
  return -1;
}

/** `filesAsStrings`: what workers got before formdata_parser_supports_files. */
export function parseMultipart(bytes: Uint8Array, boundary: string, filesAsStrings: boolean, add: (entry: Entry) => void): void {
  const body = native.latin1Decode(bytes);
  // The parameter is text; the body is searched as bytes.
  const first = `--${native.latin1Decode(native.utf8Encode(boundary))}`;
  const delimiter = `\n${first}`;
  let at = StringPrototypeIndexOf(body, first);
  if (at < 0 || at + first.length >= body.length) {
    throw new TypeError('No initial boundary string (or you have a truncated message).');
  }
  at += first.length;
  for (;;) {
    if (body[at] === '\n') at++;
    else if (body[at] === '\r' && body[at + 1] === '\n') at += 2;
    else if (body[at] === '-' && body[at + 1] === '-') return;
    else throw new TypeError("Boundary string was not succeeded by CRLF, LF, or '--'.");
    const start = headersEnd(body, at);
    if (start < 0) throw new TypeError('No multipart message header termination found.');
    const headers = parsePartHeaders(StringPrototypeSlice(body, at, start));
    // An empty part may share its line feed with the end of its headers.
    let end = StringPrototypeIndexOf(body, delimiter, start);
    if (end < 0 || end + delimiter.length >= body.length) throw new TypeError('No subsequent boundary string after multipart message.');
    at = end + delimiter.length;
    if (end > start && StringPrototypeCharCodeAt(body, end - 1) === 0x0d) end--;
    const { name, filename, type } = headers;
    if (filename === undefined || filesAsStrings) add([name, utf8FromLatin1(StringPrototypeSlice(body, start, end))]);
    else add([name, makeFile(copyBytes(subBytes(bytes, start, end)), filename, type, DateNow())]);
  }
}

function quoteName(name: string): string {
  // Chrome refuses this too: receivers could take the backslash as escaping the closing quote.
  if (StringPrototypeEndsWith(name, '\\')) throw new TypeError("Name or filename can't end with backslash");
  let out = '';
  for (let i = 0; i < name.length; i++) {
    const c = name[i]!;
    out += c === '"' ? '%22' : c === '\n' ? '%0A' : c === '\\' ? '\\\\' : c;
  }
  return out;
}

/** A string when there are no files in it. */
export function serializeMultipart(entries: readonly Entry[], boundary: string): string | Uint8Array<ArrayBuffer> {
  if (boundary.length < 1 || boundary.length > 70) {
    throw new TypeError('Length of multipart/form-data boundary string must be in the range [1, 70].');
  }
  const parts: Uint8Array[] = [];
  let text = '';
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i]!;
    const name = entry[0];
    const value = entry[1];
    text += `--${boundary}\r\nContent-Disposition: form-data; name="${quoteName(name)}"`;
    if (typeof value === 'string') text += `\r\n\r\n${value}\r\n`;
    else {
      text += `; filename="${quoteName(fileName(value))}"\r\nContent-Type: ${blobType(value) || 'application/octet-stream'}\r\n\r\n`;
      parts[parts.length] = native.utf8Encode(text);
      parts[parts.length] = blobBytes(value);
      text = '\r\n';
    }
  }
  text += `--${boundary}--`;
  if (parts.length === 0) return text;
  parts[parts.length] = native.utf8Encode(text);
  return concatBytes(parts);
}
