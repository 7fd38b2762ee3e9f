// node:url. https://nodejs.org/api/url.html
import {
  ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_INVALID_FILE_URL_HOST, ERR_INVALID_FILE_URL_PATH, ERR_INVALID_URL_SCHEME, ERR_MISSING_ARGS,
} from './internal/errors';
import path from './path';
import { domainToASCII as toASCII, domainToUnicode as toUnicode } from './url/domain';
import { format, parse, resolve, resolveObject, Url } from './url/legacy';

function domainToASCII(domain?: unknown): string {
  if (arguments.length < 1) throw new ERR_MISSING_ARGS('domain');
  return toASCII(`${domain as string}`);
}
function domainToUnicode(domain?: unknown): string {
  if (arguments.length < 1) throw new ERR_MISSING_ARGS('domain');
  return toUnicode(`${domain as string}`);
}

/** A URL of any implementation: legacy ones have `auth` and `path`. */
export function isURL(value: any): boolean {
  return Boolean(value?.href && value.protocol && value.auth === undefined && value.path === undefined);
}

function posixPath(url: any): string {
  if (url.hostname !== '') throw new ERR_INVALID_FILE_URL_HOST('linux');
  if (/%2f/i.test(url.pathname)) throw new ERR_INVALID_FILE_URL_PATH('must not include encoded / characters');
  return decodeURIComponent(url.pathname);
}
function windowsPath(url: any): string {
  if (/%(2f|5c)/i.test(url.pathname)) throw new ERR_INVALID_FILE_URL_PATH('must not include encoded \\ or / characters');
  const pathname = decodeURIComponent(url.pathname.replaceAll('/', '\\'));
  // A host makes it a path of a network share; otherwise there has to be a drive letter.
  if (url.hostname !== '') return `\\\\${toUnicode(url.hostname)}${pathname}`;
  if (!/^.[a-z]:/i.test(pathname)) throw new ERR_INVALID_FILE_URL_PATH('must be absolute');
  return pathname.slice(1);
}
export function fileURLToPath(input: any, options?: any): string {
  const url = typeof input === 'string' ? new internals.web.URL(input) : input;
  if (typeof input !== 'string' && !isURL(input)) throw new ERR_INVALID_ARG_TYPE('path', ['string', 'URL'], input);
  if (url.protocol !== 'file:') throw new ERR_INVALID_URL_SCHEME('file');
  return options?.windows ? windowsPath(url) : posixPath(url);
}

function encodePath(name: string, windows: boolean): string {
  // Backslashes separate on Windows and are characters like others elsewhere.
  return name.replace(windows ? /[%\t\n\r "#?[\]^|~]/g : /[%\t\n\r "#?[\]^|~\\]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}
function shareToURL(filepath: string): any {
  // \\?\UNC\server\share is another way to write \\server\share.
  const start = filepath.startsWith('\\\\?\\UNC\\') ? 8 : 2;
  const end = filepath.indexOf('\\', start);
  if (end === -1) throw new ERR_INVALID_ARG_VALUE('path', filepath, 'Missing UNC resource path');
  if (end === 2) throw new ERR_INVALID_ARG_VALUE('path', filepath, 'Empty UNC servername');
  const url = new internals.web.URL('file://');
  url.hostname = toASCII(filepath.slice(start, end));
  url.pathname = encodePath(filepath.slice(end).replaceAll('\\', '/'), true);
  return url;
}
export function pathToFileURL(filepath: any, options?: any): any {
  const windows = Boolean(options?.windows);
  if (typeof filepath !== 'string') throw new ERR_INVALID_ARG_TYPE('filepath', 'string', filepath);
  if (windows && filepath.startsWith('\\\\')) return shareToURL(filepath);
  const rules = windows ? path.win32 : path.posix;
  let resolved = rules.resolve(filepath);
  // resolve() drops the last slash.
  if ((filepath.endsWith('/') || (windows && filepath.endsWith('\\'))) && !resolved.endsWith(rules.sep)) resolved += '/';
  return new internals.web.URL(`file://${encodePath(resolved, windows)}`);
}
function toPathIfFileURL(value: any): any {
  return isURL(value) ? fileURLToPath(value) : value;
}

export function urlToHttpOptions(url: any): any {
  const { hostname, pathname, port, username, password, search } = url;
  const options: any = {
    __proto__: null, ...url, protocol: url.protocol, hostname: hostname && hostname[0] === '[' ? hostname.slice(1, -1) : hostname,
    hash: url.hash, search, pathname, path: `${pathname || ''}${search || ''}`, href: url.href,
  };
  if (port !== '') options.port = Number(port);
  if (username || password) options.auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return options;
}

export default {
  domainToASCII, domainToUnicode, URL: internals.web.URL, URLSearchParams: internals.web.URLSearchParams,
  fileURLToPath, pathToFileURL, toPathIfFileURL, urlToHttpOptions, format, parse, resolve, resolveObject, Url,
};
