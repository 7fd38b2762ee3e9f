// URL before url_standard (./legacy-parse). Setters put a part in and parse the whole again; what does not parse changes nothing.
import {
  addOwnProperties, badConstructorArgument, defineInterface, illegalInvocation, legacyOwnProperties,
} from '../interface';
import { StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeStartsWith } from '../primordials';
import {
  addSegment, cloneParts, decode, encodeFragment, encodePath, encodeUser, type LegacyParts, parseLegacy, parseQuery, parseRelative,
  type QueryParam, serializeLegacy, serializeQuery, takeMalformed, toByteString,
} from './legacy-parse';
import { type LegacyURLSearchParams, viewQuery } from './legacy-search-params';

const DEFAULT_PORTS: Record<string, string | undefined> = { __proto__: null, http: '80', https: '443', ws: '80', wss: '443', ftp: '21' } as never;

function isSpecial(scheme: string): boolean {
  return DEFAULT_PORTS[scheme] !== undefined || scheme === 'file';
}

function hostName(host: string): string {
  const colon = StringPrototypeIndexOf(host, ':');
  return colon < 0 ? host : StringPrototypeSlice(host, 0, colon);
}

/** The port with its colon. */
function portPart(host: string): string {
  const colon = StringPrototypeIndexOf(host, ':');
  return colon < 0 ? '' : StringPrototypeSlice(host, colon);
}

function normalizePort(parts: LegacyParts): void {
  const port = portPart(parts.host);
  if (port === ':' || (port !== '' && port === `:${DEFAULT_PORTS[parts.scheme]}`)) parts.host = hostName(parts.host);
}

export let isLegacyURL: (value: object) => value is LegacyURL;
export let legacyHrefOf: (url: LegacyURL) => string;

class LegacyURL {
  readonly #parts: LegacyParts;
  #params: LegacyURLSearchParams | undefined = undefined;

  constructor(url: string, base: string = undefined!) {
    if (arguments.length === 0) throw badConstructorArgument('URL', 1, 'string');
    const text = `${url}`;
    let parts: LegacyParts | undefined;
    if (base !== undefined) {
      const baseParts = parseLegacy(`${base}`);
      if (baseParts === undefined) throw new TypeError('Invalid base URL string.');
      parts = parseRelative(baseParts, text);
      if (parts === undefined) throw new TypeError('Invalid relative URL string.');
    } else {
      parts = parseLegacy(text);
      if (parts === undefined) throw new TypeError('Invalid URL string.');
    }
    normalizePort(parts);
    this.#parts = parts;
    if (legacyOwnProperties) addOwnProperties(this);
  }

  get href(): string { if (!(#parts in this)) throw illegalInvocation(); return serializeLegacy(this.#parts); }
  set href(value: string) {
    if (!(#parts in this)) throw illegalInvocation();
    const parts = parseLegacy(`${value}`);
    if (parts === undefined) {
      throw new TypeError("Failed to set the 'href' property on 'URL': the provided value is not of type 'valid URL string'.");
    }
    this.#take(parts);
  }

  get origin(): string {
    if (!(#parts in this)) throw illegalInvocation();
    const { scheme, host } = this.#parts;
    return isSpecial(scheme) && scheme !== 'file' ? `${scheme}://${host}` : 'null';
  }

  get protocol(): string { if (!(#parts in this)) throw illegalInvocation(); return `${this.#parts.scheme}:`; }
  set protocol(value: string) {
    if (!(#parts in this)) throw illegalInvocation();
    const text = toByteString(`${value}`);
    const colon = StringPrototypeIndexOf(text, ':');
    this.#with((parts) => { parts.scheme = colon < 0 ? text : StringPrototypeSlice(text, 0, colon); });
    normalizePort(this.#parts);
  }

  get username(): string {
    if (!(#parts in this)) throw illegalInvocation();
    return this.#parts.user === undefined ? '' : encodeUser(this.#parts.user.name);
  }
  set username(value: string) {
    if (!(#parts in this)) throw illegalInvocation();
    const name = toByteString(`${value}`);
    this.#with((parts) => { parts.user = { name, password: parts.user?.password }; });
  }

  get password(): string {
    if (!(#parts in this)) throw illegalInvocation();
    return encodeUser(this.#parts.user?.password ?? '');
  }
  set password(value: string) {
    if (!(#parts in this)) throw illegalInvocation();
    const password = toByteString(`${value}`);
    this.#with((parts) => {
      if (parts.user !== undefined) parts.user.password = password === '' ? undefined : password;
      else if (password !== '') parts.user = { name: '', password };
    });
  }

  get host(): string { if (!(#parts in this)) throw illegalInvocation(); return this.#parts.host; }
  set host(value: string) {
    if (!(#parts in this)) throw illegalInvocation();
    let host = toByteString(`${value}`);
    // A host without a port leaves the port as it was.
    const port = portPart(this.#parts.host);
    const given = portPart(host);
    if (port !== '' && (given === '' || given === ':')) host = hostName(host) + port;
    this.#parts.host = host;
    normalizePort(this.#parts);
  }

  get hostname(): string { if (!(#parts in this)) throw illegalInvocation(); return hostName(this.#parts.host); }
  set hostname(value: string) {
    if (!(#parts in this)) throw illegalInvocation();
    this.#parts.host = hostName(toByteString(`${value}`)) + portPart(this.#parts.host);
  }

  get port(): string { if (!(#parts in this)) throw illegalInvocation(); return StringPrototypeSlice(portPart(this.#parts.host), 1); }
  set port(value: string) {
    if (!(#parts in this)) throw illegalInvocation();
    this.#parts.host = `${hostName(this.#parts.host)}:${toByteString(`${value}`)}`;
    normalizePort(this.#parts);
  }

  get pathname(): string {
    if (!(#parts in this)) throw illegalInvocation();
    const { path, trailingSlash, scheme } = this.#parts;
    if (path.length === 0) return trailingSlash || isSpecial(scheme) ? '/' : '';
    let text = '';
    for (let i = 0; i < path.length; i++) text += `/${encodePath(path[i]!)}`;
    return trailingSlash ? `${text}/` : text;
  }
  set pathname(value: string) {
    if (!(#parts in this)) throw illegalInvocation();
    const text = toByteString(`${value}`);
    const next = { path: [], trailingSlash: false } as unknown as LegacyParts;
    takeMalformed();
    for (let start = StringPrototypeStartsWith(text, '/') ? 1 : 0; start <= text.length;) {
      let end = StringPrototypeIndexOf(text, '/', start);
      if (end < 0) end = text.length;
      addSegment(next, StringPrototypeSlice(text, start, end));
      start = end + 1;
    }
    if (takeMalformed()) return;
    this.#parts.path = next.path;
    this.#parts.trailingSlash = next.trailingSlash;
  }

  get search(): string {
    if (!(#parts in this)) throw illegalInvocation();
    return this.#parts.query.length === 0 ? '' : `?${serializeQuery(this.#parts.query, true)}`;
  }
  set search(value: string) {
    if (!(#parts in this)) throw illegalInvocation();
    const text = toByteString(`${value}`);
    const query: QueryParam[] = [];
    takeMalformed();
    parseQuery(StringPrototypeStartsWith(text, '?') ? StringPrototypeSlice(text, 1) : text, query);
    if (!takeMalformed()) this.#parts.query = query;
  }

  get searchParams(): LegacyURLSearchParams { if (!(#parts in this)) throw illegalInvocation(); return this.#params ??= viewQuery(this.#parts); }

  get hash(): string {
    if (!(#parts in this)) throw illegalInvocation();
    return this.#parts.fragment ? `#${encodeFragment(this.#parts.fragment)}` : '';
  }
  set hash(value: string) {
    if (!(#parts in this)) throw illegalInvocation();
    const text = toByteString(`${value}`);
    this.#parts.fragment = decode(StringPrototypeStartsWith(text, '#') ? StringPrototypeSlice(text, 1) : text);
    takeMalformed();
  }

  toString(): string { if (!(#parts in this)) throw illegalInvocation(); return serializeLegacy(this.#parts); }
  toJSON(): string { if (!(#parts in this)) throw illegalInvocation(); return serializeLegacy(this.#parts); }

  /** The view of the query stays the same object. */
  #take(parts: LegacyParts): void {
    Object.assign(this.#parts, parts);
  }

  #with(change: (parts: LegacyParts) => void): void {
    const copy = cloneParts(this.#parts);
    change(copy);
    const parts = parseLegacy(serializeLegacy(copy));
    if (parts !== undefined) this.#take(parts);
  }

  static {
    isLegacyURL = (value): value is LegacyURL => #parts in value;
    legacyHrefOf = (url) => serializeLegacy(url.#parts);
    defineInterface(this, 'URL', {
      brand: (o) => #parts in o,
      ownProperties: [
        'href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'searchParams', 'hash',
      ],
    });
  }
}

export { LegacyURL };
