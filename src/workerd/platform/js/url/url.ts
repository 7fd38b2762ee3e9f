// URL (https://url.spec.whatwg.org/#url-class) on ada: an instance is its href and the places of the parts in it; getters slice.
import { badArgument, badConstructorArgument, defineInterface, illegalInvocation } from '../interface';
import { native } from '../ops';
import { StringPrototypeCharCodeAt, StringPrototypeIndexOf, StringPrototypeSlice } from '../primordials';
import { parseForm, withoutQuestionMark } from './form-urlencoded';
import { isPlainFragment, isPlainHost, isPlainPath, isPlainQuery, plainPort } from './plain';
import { createSearchParams, setList, type URLSearchParams } from './search-params';

const ABSENT = 0xffffffff;

// Parts as native.urlSet numbers them.
const enum Part { Href, Protocol, Username, Password, Host, Hostname, Port, Pathname, Search, Hash }

export let isURL: (value: object) => value is URL;
/** The href, whatever user code made of the accessor. */
export let hrefOf: (url: URL) => string;

class URL {
  #href: string;
  #protocolEnd = 0;
  #usernameEnd = 0;
  #hostStart = 0;
  #hostEnd = 0;
  #pathnameStart = 0;
  #searchStart = 0;
  #hashStart = 0;
  #port = 0;
  #params: URLSearchParams | undefined = undefined;

  constructor(url: string, base: string = undefined!) {
    if (arguments.length === 0) throw badConstructorArgument('URL', 1, 'USVString');
    // No copy for the usual argument; C++ replaces lone surrogates.
    const text = typeof url === 'string' ? url : `${url}`;
    const href = native.urlParse(text, base === undefined ? undefined : `${base}`);
    if (href === undefined) throw new TypeError('Invalid URL string.');
    this.#href = href;
    this.#place();
  }

  static canParse(url: string, base: string = undefined!): boolean {
    if (arguments.length === 0) throw badArgument('canParse', 'URL', 1, 'USVString');
    return native.urlCanParse(`${url}`, base === undefined ? undefined : `${base}`);
  }

  static parse(url: string, base: string = undefined!): URL | null {
    if (arguments.length === 0) throw badArgument('parse', 'URL', 1, 'USVString');
    const href = native.urlParse(`${url}`, base === undefined ? undefined : `${base}`);
    return href === undefined ? null : new URL(href);
  }

  static createObjectURL(object: unknown): string {
    if (arguments.length === 0 || typeof object !== 'object' || object === null) {
      throw badArgument('createObjectURL', 'URL', 1, 'File or Blob');
    }
    throw new Error('URL.createObjectURL() is not implemented');
  }

  static revokeObjectURL(url: string): void {
    if (arguments.length === 0) throw badArgument('revokeObjectURL', 'URL', 1, 'USVString');
    throw new Error('URL.revokeObjectURL() is not implemented');
  }

  get origin(): string {
    if (!(#href in this)) throw illegalInvocation();
    const protocol = this.#slice(0, this.#protocolEnd);
    switch (protocol) {
      case 'https:': case 'http:': case 'wss:': case 'ws:': case 'ftp:':
        return `${protocol}//${this.#host(this.#pathnameStart)}`;
      case 'blob:': {
        const inner = native.urlParse(this.pathname, undefined);
        if (inner === undefined) return 'null';
        const url = new URL(inner);
        return url.protocol === 'https:' || url.protocol === 'http:' ? url.origin : 'null';
      }
      default: return 'null';
    }
  }

  get href(): string { if (!(#href in this)) throw illegalInvocation(); return this.#href; }
  set href(value: string) {
    if (!(#href in this)) throw illegalInvocation();
    const href = native.urlParse(`${value}`, undefined);
    if (href === undefined) {
      throw new TypeError("Failed to set the 'href' property on 'URL': the provided value is not of type 'valid URL string'.");
    }
    this.#href = href;
    this.#place();
    this.#queryChanged();
  }

  get protocol(): string { if (!(#href in this)) throw illegalInvocation(); return this.#slice(0, this.#protocolEnd); }
  set protocol(value: string) { if (!(#href in this)) throw illegalInvocation(); this.#set(Part.Protocol, `${value}`); }

  get username(): string {
    if (!(#href in this)) throw illegalInvocation();
    return this.#protocolEnd + 2 < this.#usernameEnd ? this.#slice(this.#protocolEnd + 2, this.#usernameEnd) : '';
  }
  set username(value: string) { if (!(#href in this)) throw illegalInvocation(); this.#set(Part.Username, `${value}`); }

  get password(): string {
    if (!(#href in this)) throw illegalInvocation();
    return this.#hostStart > this.#usernameEnd ? this.#slice(this.#usernameEnd + 1, this.#hostStart) : '';
  }
  set password(value: string) { if (!(#href in this)) throw illegalInvocation(); this.#set(Part.Password, `${value}`); }

  get host(): string { if (!(#href in this)) throw illegalInvocation(); return this.#host(this.#pathnameStart); }
  set host(value: string) { if (!(#href in this)) throw illegalInvocation(); this.#setHost(Part.Host, `${value}`); }

  get hostname(): string { if (!(#href in this)) throw illegalInvocation(); return this.#host(this.#hostEnd); }
  set hostname(value: string) { if (!(#href in this)) throw illegalInvocation(); this.#setHost(Part.Hostname, `${value}`); }

  get port(): string { if (!(#href in this)) throw illegalInvocation(); return this.#port === ABSENT ? '' : `${this.#port}`; }
  set port(value: string) {
    if (!(#href in this)) throw illegalInvocation();
    const text = `${value}`;
    const port = plainPort(text);
    if (port === 0 || !this.#isHttp()) {
      this.#set(Part.Port, text);
      return;
    }
    this.#pathnameStart += this.#splice(this.#hostEnd, this.#pathnameStart, `:${text}`);
    this.#port = port;
  }

  get pathname(): string {
    if (!(#href in this)) throw illegalInvocation();
    return this.#slice(this.#pathnameStart, this.#searchStart !== ABSENT ? this.#searchStart : this.#hashStart);
  }
  set pathname(value: string) {
    if (!(#href in this)) throw illegalInvocation();
    const path = `${value}`;
    if (!isPlainPath(path) || !this.#isHttp()) {
      this.#set(Part.Pathname, path);
      return;
    }
    const end = this.#searchStart !== ABSENT ? this.#searchStart : this.#hashStart !== ABSENT ? this.#hashStart : this.#href.length;
    this.#splice(this.#pathnameStart, end, path);
  }

  get search(): string {
    if (!(#href in this)) throw illegalInvocation();
    if (this.#searchStart === ABSENT) return '';
    const end = this.#hashStart !== ABSENT ? this.#hashStart : this.#href.length;
    return end - this.#searchStart <= 1 ? '' : this.#slice(this.#searchStart, end);
  }
  set search(value: string) {
    if (!(#href in this)) throw illegalInvocation();
    const search = `${value}`;
    const query = withoutQuestionMark(search);
    if (isPlainQuery(query)) this.#setQuery(query);
    else this.#set(Part.Search, search);
    this.#queryChanged();
  }

  get hash(): string {
    if (!(#href in this)) throw illegalInvocation();
    return this.#hashStart === ABSENT || this.#href.length - this.#hashStart <= 1 ? '' : this.#slice(this.#hashStart, ABSENT);
  }
  set hash(value: string) {
    if (!(#href in this)) throw illegalInvocation();
    const hash = `${value}`;
    const fragment = StringPrototypeCharCodeAt(hash, 0) === 0x23 ? StringPrototypeSlice(hash, 1) : hash;
    if (!isPlainFragment(fragment)) {
      this.#set(Part.Hash, hash);
      return;
    }
    if (this.#hashStart === ABSENT) this.#hashStart = this.#href.length;
    this.#href = `${this.#slice(0, this.#hashStart)}#${fragment}`;
  }

  get searchParams(): URLSearchParams {
    if (!(#href in this)) throw illegalInvocation();
    return this.#params ??= createSearchParams(this.#parseQuery(), (query) => {
      // What a form is written with is plain in a query.
      if (query === '') this.#set(Part.Search, query);
      else this.#setQuery(query);
    });
  }

  toString(): string { if (!(#href in this)) throw illegalInvocation(); return this.#href; }
  toJSON(): string { if (!(#href in this)) throw illegalInvocation(); return this.#href; }

  #slice(from: number, to: number): string {
    return StringPrototypeSlice(this.#href, from, to === ABSENT ? undefined : to);
  }

  #host(end: number): string {
    let start = this.#hostStart;
    // The '@' after credentials belongs to the host's range.
    if (this.#hostEnd > start && this.#href[start] === '@') start++;
    // With an empty host, what lies before the path may be the "/." of a path that starts with "//".
    return start === this.#hostEnd ? '' : this.#slice(start, end);
  }

  #parseQuery(): string[] {
    return parseForm(withoutQuestionMark(this.search));
  }

  #queryChanged(): void {
    if (this.#params !== undefined) setList(this.#params, this.#parseQuery());
  }

  #isHttp(): boolean {
    const protocol = this.#slice(0, this.#protocolEnd);
    return protocol === 'https:' || protocol === 'http:';
  }

  #setHost(part: Part.Host | Part.Hostname, value: string): void {
    const colon = part === Part.Host ? StringPrototypeIndexOf(value, ':') : -1;
    const host = colon < 0 ? value : StringPrototypeSlice(value, 0, colon);
    const port = colon < 0 ? 0 : plainPort(StringPrototypeSlice(value, colon + 1));
    if ((colon >= 0 && port === 0) || !isPlainHost(host) || !this.#isHttp()) {
      this.#set(part, value);
      return;
    }
    const start = this.#href[this.#hostStart] === '@' ? this.#hostStart + 1 : this.#hostStart;
    const end = this.#hostEnd;
    this.#hostEnd = start + host.length;
    // Without a port the one that is there stays.
    this.#pathnameStart += this.#splice(start, port === 0 ? end : this.#pathnameStart, value);
    if (port !== 0) this.#port = port;
  }

  #setQuery(query: string): void {
    const end = this.#hashStart !== ABSENT ? this.#hashStart : this.#href.length;
    const start = this.#searchStart !== ABSENT ? this.#searchStart : end;
    this.#searchStart = ABSENT;
    this.#splice(start, end, `?${query}`);
    this.#searchStart = start;
  }

  /** Puts text that needs no parsing before query and fragment, or in the place of the query. By how much the URL grew. */
  #splice(start: number, end: number, text: string): number {
    const href = this.#href;
    const grown = text.length - (end - start);
    this.#href = StringPrototypeSlice(href, 0, start) + text + StringPrototypeSlice(href, end);
    if (this.#searchStart !== ABSENT) this.#searchStart += grown;
    if (this.#hashStart !== ABSENT) this.#hashStart += grown;
    return grown;
  }

  #set(part: Part, value: string): void {
    this.#href = native.urlSet(this.#href, part, value)!;
    this.#place();
  }

  /** Takes over the places the last native call left. */
  #place(): void {
    const at = native.urlOffsets;
    this.#protocolEnd = at[0]!;
    this.#usernameEnd = at[1]!;
    this.#hostStart = at[2]!;
    this.#hostEnd = at[3]!;
    this.#pathnameStart = at[4]!;
    this.#searchStart = at[5]!;
    this.#hashStart = at[6]!;
    this.#port = at[7]!;
  }

  static {
    isURL = (value): value is URL => #href in value;
    hrefOf = (url) => url.#href;
  }
}

defineInterface(URL, 'URL', { brand: (o) => isURL(o) });

/** The href of a URL as the standard has it; undefined when invalid. */
export function parseURL(input: string, base?: string): string | undefined {
  return native.urlParse(input, base);
}

export { URL };
