// url.parse(), url.format() and url.resolve(): Node's own notion of URLs, older than the URL Standard.
// https://nodejs.org/api/url.html#legacy-url-api
import { ERR_INVALID_ARG_TYPE, ERR_INVALID_URL } from '../internal/errors';
import { validateObject, validateString } from '../internal/validators';
import querystring from '../querystring';
import { domainToASCII, domainToUnicode } from './domain';

/** Schemes that always have `//`. */
const SLASHED = new Set(['http', 'https', 'ftp', 'gopher', 'file', 'ws', 'wss']);
const bare = (protocol: string | null): string => (protocol === null ? '' : protocol.replace(/:$/, ''));
const isSlashed = (protocol: string | null): boolean => typeof protocol === 'string' && SLASHED.has(bare(protocol));
/** Has no host, and nothing in it is escaped. */
const isScript = (protocol: string | null): boolean => bare(protocol) === 'javascript';

const PROTOCOL = /^[a-z0-9.+-]+:/i;
const HOST_ONLY = /^\/\/[^@/]+@[^@/]+/;
const SIMPLE_PATH = /^(\/\/?(?!\/)[^?\s]*)(\?[^\s]*)?$/;
/** Characters that end a host unless an @ comes after them. */
const NOT_IN_HOST = new Set(' "%\';<>\\^`{|}');
const FORBIDDEN_IN_HOST = /[\0\t\n\r #%/:<>?@[\\\]^|]/;
const FORBIDDEN_IN_IPV6 = /[\0\t\n\r #%/<>?@\\^|]/;
const ESCAPED = /[\t\n\r "'<>\\^`{|}]/g;
const SPACE = /^[\0-\x20\xa0\ufeff]+|[\0-\x20\xa0\ufeff]+$/g;

const escapeOne = (c: string): string => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
const isIpv6 = (host: string): boolean => host.startsWith('[') && host.endsWith(']');
const starts = (text: string | null | undefined, prefix: string): boolean => typeof text === 'string' && text.startsWith(prefix);

/** Backslashes are slashes up to the query or fragment. */
function withSlashes(url: string): string {
  const end = url.search(/[?#]/);
  return end === -1 ? url.replaceAll('\\', '/') : url.slice(0, end).replaceAll('\\', '/') + url.slice(end);
}

/** Where the host and its credentials end: at / ? #, or at what cannot be in a host. */
function authority(rest: string): { at: number; end: number } {
  let at = -1;
  let end = -1;
  for (let i = 0; i < rest.length; i++) {
    const c = rest[i]!;
    if (c === '/' || c === '?' || c === '#') {
      if (end === -1) end = i;
      break;
    }
    if (c === '@') {
      at = i;
      end = -1;
    } else if (end === -1 && NOT_IN_HOST.has(c)) end = i;
  }
  return { at, end };
}

export class Url {
  [key: string]: any;
  protocol: string | null = null;
  slashes: boolean | null = null;
  auth: string | null = null;
  host: string | null = null;
  port: string | null = null;
  hostname: string | null = null;
  hash: string | null = null;
  search: string | null = null;
  query: any = null;
  pathname: string | null = null;
  path: string | null = null;
  href: string | null = null;

  parse(url: any, parseQueryString?: boolean, slashesDenoteHost?: boolean): this {
    validateString(url, 'url');
    const text = withSlashes(url.replace(SPACE, ''));
    if (!slashesDenoteHost && !/[#@]/.test(text)) {
      const simple = SIMPLE_PATH.exec(text);
      if (simple !== null) {
        this.path = this.href = text;
        this.pathname = simple[1]!;
        if (simple[2]) {
          this.search = simple[2];
          this.query = parseQueryString ? querystring.parse(simple[2].slice(1)) : simple[2].slice(1);
        } else if (parseQueryString) {
          this.search = null;
          this.query = Object.create(null);
        }
        return this;
      }
    }
    let rest = text;
    const written = PROTOCOL.exec(rest)?.[0];
    let protocol = '';
    if (written !== undefined) {
      protocol = this.protocol = written.toLowerCase();
      rest = rest.slice(written.length);
    }
    let slashes = false;
    if (slashesDenoteHost || written !== undefined || HOST_ONLY.test(rest)) {
      slashes = rest.startsWith('//');
      if (slashes && !(written !== undefined && isScript(protocol))) {
        rest = rest.slice(2);
        this.slashes = true;
      }
    }
    if (!isScript(protocol) && (slashes || (written !== undefined && !isSlashed(protocol)))) rest = this.#host(rest, url);
    if (!isScript(protocol)) rest = rest.replace(ESCAPED, escapeOne);
    this.#tail(rest, parseQueryString === true);
    if (isSlashed(protocol) && this.hostname && !this.pathname) this.pathname = '/';
    if (this.pathname || this.search) this.path = (this.pathname ?? '') + (this.search ?? '');
    this.href = this.format();
    return this;
  }
  /** Takes credentials, host and port off; gives what follows. */
  #host(rest: string, url: string): string {
    // Line breaks and tabs vanish, as in the URL Standard; in what follows the host they are escaped.
    rest = rest.replace(/^[^/?#]*/, (part) => part.replace(/[\t\n\r]/g, ''));
    const { at, end } = authority(rest);
    if (at !== -1) this.auth = decodeURIComponent(rest.slice(0, at));
    this.host = rest.slice(at + 1, end === -1 ? undefined : end);
    let after = end === -1 ? '' : rest.slice(end);
    this.parseHost();
    let hostname = typeof this.hostname === 'string' ? this.hostname : '';
    const six = isIpv6(hostname);
    if (!six) {
      // What cannot be part of a name begins the path.
      const bad = hostname.search(/[/\\#?:]/);
      if (bad !== -1) {
        after = `/${hostname.slice(bad)}${after}`;
        hostname = hostname.slice(0, bad);
      }
    }
    hostname = hostname.length > 255 ? '' : hostname.toLowerCase();
    if (hostname !== '') {
      if (!six) hostname = domainToASCII(hostname, true);
      if (hostname === '' || (six ? FORBIDDEN_IN_IPV6 : FORBIDDEN_IN_HOST).test(hostname)) throw new ERR_INVALID_URL(url);
    }
    this.host = hostname + (this.port ? `:${this.port}` : '');
    this.hostname = hostname;
    if (six) {
      this.hostname = hostname.slice(1, -1);
      if (after[0] !== '/') after = `/${after}`;
    }
    return after;
  }
  #tail(rest: string, parseQueryString: boolean): void {
    const hash = rest.indexOf('#');
    const head = hash === -1 ? rest : rest.slice(0, hash);
    const question = head.indexOf('?');
    if (hash !== -1) this.hash = rest.slice(hash);
    if (question !== -1) {
      this.search = head.slice(question);
      const query = this.search.slice(1);
      this.query = parseQueryString ? querystring.parse(query) : query;
    } else if (parseQueryString) {
      this.search = null;
      this.query = Object.create(null);
    }
    const pathname = question === -1 ? head : head.slice(0, question);
    if (pathname !== '') this.pathname = pathname;
  }
  parseHost(): void {
    let host = this.host!;
    const port = /:[0-9]*$/.exec(host)?.[0];
    if (port !== undefined) {
      if (port !== ':') this.port = port.slice(1);
      host = host.slice(0, -port.length);
    }
    if (host) this.hostname = host;
  }

  format(): string {
    let protocol = this.protocol ?? '';
    let { hash, pathname } = { hash: this.hash ?? '', pathname: this.pathname ?? '' };
    const auth = this.auth ? `${encodeURIComponent(this.auth).replace(/%3A/gi, ':')}@` : '';
    let host = '';
    if (this.host) host = auth + this.host;
    else if (this.hostname) {
      host = auth + (this.hostname.includes(':') && !isIpv6(this.hostname) ? `[${this.hostname}]` : this.hostname);
      if (this.port) host += `:${this.port}`;
    }
    const query = this.query !== null && typeof this.query === 'object' ? querystring.stringify(this.query) : '';
    let search = this.search || (query ? `?${query}` : '');
    if (protocol && !protocol.endsWith(':')) protocol += ':';
    pathname = pathname.replace(/[#?]/g, escapeOne);
    if (this.slashes || isSlashed(protocol)) {
      if (this.slashes || host) {
        if (pathname && pathname[0] !== '/') pathname = `/${pathname}`;
        host = `//${host}`;
      } else if (protocol.startsWith('file')) host = '//';
    }
    search = search.replace(/#/g, '%23');
    if (hash && hash[0] !== '#') hash = `#${hash}`;
    if (search && search[0] !== '?') search = `?${search}`;
    return protocol + host + pathname + search + hash;
  }

  resolve(relative: any): string {
    return this.resolveObject(parse(relative, false, true)).format();
  }

  resolveObject(relative: any): Url {
    if (typeof relative === 'string') relative = new Url().parse(relative, false, true);
    const result = Object.assign(new Url(), this);
    // The fragment is always the relative one's, even when it has none.
    result.hash = relative.hash;
    if (relative.href === '') return finish(result);
    if (relative.slashes && !relative.protocol) {
      for (const key of Object.keys(relative)) if (key !== 'protocol') (result as any)[key] = relative[key];
      if (isSlashed(result.protocol) && result.hostname && !result.pathname) result.path = result.pathname = '/';
      return finish(result);
    }
    if (relative.protocol && relative.protocol !== result.protocol) return otherProtocol(result, relative);
    return samePlace(result, relative);
  }
}

function finish(url: Url): Url {
  url.href = url.format();
  return url;
}
function setPath(url: Url): void {
  if (url.pathname !== null || url.search !== null) url.path = (url.pathname || '') + (url.search || '');
}
const parts = (pathname: string | null): string[] => (pathname ? pathname.split('/') : []);

function otherProtocol(result: Url, relative: any): Url {
  // A scheme without `//` cannot be resolved against: it is taken as it is.
  if (!isSlashed(relative.protocol)) return finish(Object.assign(result, relative));
  result.protocol = relative.protocol;
  if (!relative.host && !/^file:?$/.test(relative.protocol) && !isScript(relative.protocol)) {
    // http:a/b: the first part that is not empty is the host.
    const path = (relative.pathname || '').split('/');
    while (path.length > 0 && !(relative.host = path.shift()));
    relative.host ||= '';
    relative.hostname ||= '';
    if (path[0] !== '') path.unshift('');
    if (path.length < 2) path.unshift('');
    result.pathname = path.join('/');
  } else result.pathname = relative.pathname;
  result.search = relative.search;
  result.query = relative.query;
  result.host = relative.host || '';
  result.auth = relative.auth;
  result.hostname = relative.hostname || relative.host;
  result.port = relative.port;
  if (result.pathname || result.search) result.path = (result.pathname || '') + (result.search || '');
  result.slashes ||= relative.slashes;
  return finish(result);
}

/** The first part of a path became the host: credentials may be in it. */
function hostFromPath(result: Url, host: string): void {
  result.hostname = result.host = host;
  const split = host && host.indexOf('@') > 0 ? host.split('@') : undefined;
  if (split !== undefined) {
    result.auth = split.shift()!;
    result.host = result.hostname = split.shift()!;
  }
}

/** Takes `.` and `..` out; gives how many `..` lead out of the path. */
function removeDots(path: string[]): number {
  let up = 0;
  for (let i = path.length - 1; i >= 0; i--) {
    if (path[i] === '.') path.splice(i, 1);
    else if (path[i] === '..') {
      path.splice(i, 1);
      up++;
    } else if (up > 0) {
      path.splice(i, 1);
      up--;
    }
  }
  return up;
}

function samePlace(result: Url, relative: any): Url {
  const sourceAbsolute = starts(result.pathname, '/');
  const relativeAbsolute = Boolean(relative.host || starts(relative.pathname, '/'));
  let mustEndAbsolute: any = relativeAbsolute || sourceAbsolute || (result.host && relative.pathname);
  const removeAllDots = mustEndAbsolute;
  let source = parts(result.pathname);
  const path = parts(relative.pathname);
  const noLeadingSlashes = Boolean(result.protocol) && !isSlashed(result.protocol);
  if (noLeadingSlashes) {
    // mailto:a@b and the like: the host is the first part of the path.
    result.hostname = '';
    result.port = null;
    if (result.host) {
      if (source[0] === '') source[0] = result.host;
      else source.unshift(result.host);
    }
    result.host = '';
    if (relative.protocol) {
      relative.hostname = relative.port = null;
      result.auth = null;
      if (relative.host) {
        if (path[0] === '') path[0] = relative.host;
        else path.unshift(relative.host);
      }
      relative.host = null;
    }
    mustEndAbsolute = mustEndAbsolute && (path[0] === '' || source[0] === '');
  }
  if (relativeAbsolute) {
    if (relative.host || relative.host === '') {
      if (result.host !== relative.host) result.auth = null;
      result.host = relative.host;
      result.port = relative.port;
    }
    if (relative.hostname || relative.hostname === '') {
      if (result.hostname !== relative.hostname) result.auth = null;
      result.hostname = relative.hostname;
    }
    result.search = relative.search;
    result.query = relative.query;
    source = path;
  } else if (path.length > 0) {
    source.pop();
    source = source.concat(path);
    result.search = relative.search;
    result.query = relative.query;
  } else if (relative.search != null) {
    if (noLeadingSlashes) hostFromPath(result, source.shift()!);
    result.search = relative.search;
    result.query = relative.query;
    setPath(result);
    return finish(result);
  }
  if (source.length === 0) {
    result.pathname = null;
    result.path = result.search ? `/${result.search}` : null;
    return finish(result);
  }
  const last = source[source.length - 1];
  const trailingSlash = ((result.host || relative.host || source.length > 1) && (last === '.' || last === '..')) || last === '';
  const up = removeDots(source);
  if (!mustEndAbsolute && !removeAllDots) for (let i = 0; i < up; i++) source.unshift('..');
  if (mustEndAbsolute && source[0] !== '' && !starts(source[0], '/')) source.unshift('');
  if (trailingSlash && !source.join('/').endsWith('/')) source.push('');
  const absolute = source[0] === '' || starts(source[0], '/');
  if (noLeadingSlashes) hostFromPath(result, absolute ? '' : (source.shift() ?? ''));
  mustEndAbsolute ||= result.host && source.length;
  if (mustEndAbsolute && !absolute) source.unshift('');
  if (source.length === 0) result.pathname = result.path = null;
  else result.pathname = source.join('/');
  setPath(result);
  result.auth = relative.auth || result.auth;
  result.slashes ||= relative.slashes;
  return finish(result);
}

export function parse(url: any, parseQueryString?: boolean, slashesDenoteHost?: boolean): Url {
  return url instanceof Url ? url : new Url().parse(url, parseQueryString, slashesDenoteHost);
}

/** A URL of the URL Standard, with parts left out. */
function formatStandard(url: any, options: any): string {
  if (options) validateObject(options, 'options');
  const wanted = (name: string, fallback: boolean): boolean => (options?.[name] == null ? fallback : Boolean(options[name]));
  const copy = new internals.web.URL(url.href);
  if (!wanted('fragment', true)) copy.hash = '';
  if (!wanted('search', true)) copy.search = '';
  if (!wanted('auth', true)) copy.username = copy.password = '';
  const { href, hostname } = copy;
  if (!wanted('unicode', false) || hostname === '') return href;
  const at = href.indexOf(hostname, href.indexOf('@') + 1 || copy.protocol.length);
  return at === -1 ? href : href.slice(0, at) + domainToUnicode(hostname) + href.slice(at + hostname.length);
}

export function format(url: any, options?: any): string {
  if (typeof url === 'string') url = parse(url);
  else if (typeof url !== 'object' || url === null) throw new ERR_INVALID_ARG_TYPE('urlObject', ['Object', 'string'], url);
  else if (url instanceof internals.web.URL) return formatStandard(url, options);
  return Url.prototype.format.call(url);
}

export function resolve(source: any, relative: any): string {
  return parse(source, false, true).resolve(relative);
}
export function resolveObject(source: any, relative: any): any {
  return source ? parse(source, false, true).resolveObject(relative) : relative;
}
