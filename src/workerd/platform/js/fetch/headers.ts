// Headers (https://fetch.spec.whatwg.org/#headers-class). Most pass through a worker unread or are asked for one or two names, so an
// object keeps the block of lines as it travels and searches in it; a list is made only for what cannot be done on the block.
import { badArgument, badConstructorArgument, defineInterface, illegalInvocation } from '../interface';
import { flags } from '../flags';
import {
  ArrayIsArray, ArrayPrototypeSort, ObjectKeys, ReflectApply, StringPrototypeCharCodeAt, StringPrototypeIndexOf, StringPrototypeSlice,
  StringPrototypeToLowerCase, SymbolIterator,
} from '../primordials';
import { headerName, headerValue, isSpace, valueFromWire, valueToWire, type HeaderName } from './header-text';
import { entryIterator, keyIterator, valueIterator } from './iterators';

/** Who may change a Headers object: nobody, or the user. */
export const enum Guard { Immutable = 0, None = 3 }

export type HeadersInit = Headers | Iterable<Iterable<string>> | Record<string, string>;

const HEADERS_INIT = 'Headers or Sequence or object';

/** True for Headers of this context, whatever their prototype was made to be. */
export let isHeaders: (v: unknown) => v is Headers;
/** Takes a block as it travels: `Name: value\r\n` lines in latin-1. */
export let headersFromRaw: (raw: string, guard: Guard) => Headers;
/** The block; the very string it was made from when nothing has changed. */
export let headersToRaw: (h: Headers) => string;
export let headersGuard: (h: Headers) => Guard;
/** These do not look at the guard; names are validated, values must have gone through headerValue. */
export let getHeader: (h: Headers, name: HeaderName) => string | null;
export let hasHeader: (h: Headers, name: HeaderName) => boolean;
export let setHeader: (h: Headers, name: string, value: string) => void;
export let appendHeader: (h: Headers, name: string, value: string) => void;
export let deleteHeader: (h: Headers, name: HeaderName) => void;
let findLine: (h: Headers, name: HeaderName, from: number) => number;
let listOf: (h: Headers) => string[];

export class Headers {
  /** The lines, each `Name: value\r\n`; undefined once the list differs from it. */
  #block: string | undefined = '';
  /** #block in lower case, for searching. */
  #lower: string | undefined = undefined;
  /** Lower-case name, name as written, value, and so on; undefined while the block does. */
  #list: string[] | undefined = undefined;
  #guard = Guard.None;
  /** How often the block has been searched: who keeps asking gets a list. */
  #searches = 0;

  constructor(init?: HeadersInit) {
    if (init !== undefined) this.#block = blockFromInit(init, () => badConstructorArgument('Headers', 1, HEADERS_INIT));
  }

  get(name: string): string | null {
    if (!(#block in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('get', 'Headers', 1, 'string');
    return getHeader(this, headerName(`${name}`));
  }

  getAll(name: string): string[] {
    if (!(#block in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('getAll', 'Headers', 1, 'string');
    if (StringPrototypeToLowerCase(`${name}`) !== 'set-cookie') {
      throw new TypeError('getAll() can only be used with the header name "Set-Cookie".');
    }
    return setCookies(this);
  }

  getSetCookie(): string[] {
    if (!(#block in this)) throw illegalInvocation();
    return setCookies(this);
  }

  has(name: string): boolean {
    if (!(#block in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('has', 'Headers', 1, 'string');
    return hasHeader(this, headerName(`${name}`));
  }

  set(name: string, value: string): void {
    if (!(#block in this)) throw illegalInvocation();
    if (arguments.length < 2) throw badArgument('set', 'Headers', arguments.length + 1, 'string');
    const n = `${name}`;
    const v = `${value}`;
    checkGuard(this);
    setHeader(this, n, headerValue(v));
  }

  append(name: string, value: string): void {
    if (!(#block in this)) throw illegalInvocation();
    if (arguments.length < 2) throw badArgument('append', 'Headers', arguments.length + 1, 'string');
    const n = `${name}`;
    const v = `${value}`;
    checkGuard(this);
    appendHeader(this, n, headerValue(v));
  }

  delete(name: string): void {
    if (!(#block in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('delete', 'Headers', 1, 'string');
    const n = `${name}`;
    checkGuard(this);
    deleteHeader(this, headerName(n));
  }

  forEach(callback: (value: string, key: string, parent: Headers) => void, thisArg?: unknown): void {
    if (!(#block in this)) throw illegalInvocation();
    if (typeof callback !== 'function') throw badArgument('forEach', 'Headers', 1, 'function');
    const entries = sortedEntries(this);
    const receiver = thisArg === null ? undefined : thisArg;
    for (let i = 0; i < entries.length; i++) ReflectApply(callback, receiver, [entries[i]![1], entries[i]![0], this]);
  }

  entries(): IterableIterator<[string, string]> {
    if (!(#block in this)) throw illegalInvocation();
    const entries = sortedEntries(this);
    return entryIterator((i) => entries[i]);
  }

  keys(): IterableIterator<string> {
    if (!(#block in this)) throw illegalInvocation();
    const entries = sortedEntries(this);
    return keyIterator((i) => entries[i]?.[0]);
  }

  values(): IterableIterator<string> {
    if (!(#block in this)) throw illegalInvocation();
    const entries = sortedEntries(this);
    return valueIterator((i) => entries[i]?.[1]);
  }

  declare [Symbol.iterator]: () => IterableIterator<[string, string]>;

  static {
    isHeaders = (v): v is Headers => typeof v === 'object' && v !== null && #block in v;
    headersFromRaw = (raw, guard) => {
      const h = new Headers();
      h.#block = raw;
      h.#guard = guard;
      return h;
    };
    headersToRaw = (h) => h.#block ??= joinList(h.#list!);
    headersGuard = (h) => h.#guard;
    getHeader = (h, name) => {
      const list = h.#list ?? (h.#searches++ < 3 ? undefined : listOf(h));
      let result: string | null = null;
      if (list !== undefined) {
        for (let i = 0; i < list.length; i += 3) {
          if (list[i] === name.lower) result = result === null ? list[i + 2]! : `${result}, ${list[i + 2]!}`;
        }
        return result;
      }
      const block = h.#block!;
      for (let at = findLine(h, name, 0); at >= 0; at = findLine(h, name, at)) {
        const end = StringPrototypeIndexOf(block, '\r\n', at);
        const value = lineValue(block, at + name.prefix.length, end);
        result = result === null ? value : `${result}, ${value}`;
        at = end + 2;
      }
      return result;
    };
    findLine = (h, name, from) => {
      const lower = h.#lower ??= StringPrototypeToLowerCase(h.#block!);
      let at = StringPrototypeIndexOf(lower, name.prefix, from);
      while (at > 0 && StringPrototypeCharCodeAt(lower, at - 1) !== 0x0a) at = StringPrototypeIndexOf(lower, name.prefix, at + 1);
      return at;
    };
    hasHeader = (h, name) => {
      const list = h.#list;
      if (list === undefined) return findLine(h, name, 0) >= 0;
      for (let i = 0; i < list.length; i += 3) if (list[i] === name.lower) return true;
      return false;
    };
    appendHeader = (h, name, value) => {
      const { lower } = headerName(name);
      const list = h.#list;
      if (list === undefined) {
        h.#block += `${name}: ${valueToWire(value)}\r\n`;
        h.#lower = undefined;
      } else {
        list[list.length] = lower;
        list[list.length] = name;
        list[list.length] = value;
        h.#block = undefined;
      }
    };
    setHeader = (h, name, value) => {
      const { lower } = headerName(name);
      if (!hasHeader(h, headerName(name))) {
        appendHeader(h, name, value);
        return;
      }
      const old = listOf(h);
      const list: string[] = [];
      let seen = false;
      for (let i = 0; i < old.length; i += 3) {
        const same = old[i] === lower;
        if (same && seen) continue;
        list[list.length] = old[i]!;
        list[list.length] = old[i + 1]!;
        list[list.length] = same ? value : old[i + 2]!;
        if (same) seen = true;
      }
      h.#list = list;
      h.#block = undefined;
    };
    deleteHeader = (h, name) => {
      if (!hasHeader(h, name)) return;
      const old = listOf(h);
      const list: string[] = [];
      for (let i = 0; i < old.length; i += 3) {
        if (old[i] === name.lower) continue;
        list[list.length] = old[i]!;
        list[list.length] = old[i + 1]!;
        list[list.length] = old[i + 2]!;
      }
      h.#list = list;
      h.#block = undefined;
    };
    listOf = (h) => h.#list ??= parseBlock(h.#block!);
  }
}

/** A copy anybody may change. */
export function copyHeaders(h: Headers): Headers {
  return headersFromRaw(headersToRaw(h), Guard.None);
}

function checkGuard(h: Headers): void {
  if (headersGuard(h) !== Guard.None) throw new TypeError("Can't modify immutable headers.");
}

function lineValue(block: string, start: number, end: number): string {
  while (start < end && isSpace(StringPrototypeCharCodeAt(block, start))) start++;
  while (end > start && isSpace(StringPrototypeCharCodeAt(block, end - 1))) end--;
  return valueFromWire(StringPrototypeSlice(block, start, end));
}

function parseBlock(block: string): string[] {
  const list: string[] = [];
  for (let at = 0; at < block.length;) {
    let end = StringPrototypeIndexOf(block, '\r\n', at);
    if (end < 0) end = block.length;
    const colon = StringPrototypeIndexOf(block, ':', at);
    if (colon > at && colon < end) {
      const name = StringPrototypeSlice(block, at, colon);
      list[list.length] = StringPrototypeToLowerCase(name);
      list[list.length] = name;
      list[list.length] = lineValue(block, colon + 1, end);
    }
    at = end + 2;
  }
  return list;
}

function joinList(list: string[]): string {
  let block = '';
  for (let i = 0; i < list.length; i += 3) block += `${list[i + 1]!}: ${valueToWire(list[i + 2]!)}\r\n`;
  return block;
}

function setCookies(h: Headers): string[] {
  const list = listOf(h);
  const result: string[] = [];
  for (let i = 0; i < list.length; i += 3) if (list[i] === 'set-cookie') result[result.length] = list[i + 2]!;
  return result;
}

/** What iteration shows: lower-case names in order, equal names joined, except Set-Cookie. */
function sortedEntries(h: Headers): [string, string][] {
  const list = listOf(h);
  const order: number[] = [];
  for (let i = 0; i < list.length; i += 3) order[order.length] = i;
  ArrayPrototypeSort(order, (a, b) => (list[a]! < list[b]! ? -1 : list[a]! > list[b]! ? 1 : a - b));
  const entries: [string, string][] = [];
  const cookiesApart = flags.http_headers_getsetcookie;
  for (let k = 0; k < order.length; k++) {
    const name = list[order[k]!]!;
    const value = list[order[k]! + 2]!;
    const last = entries[entries.length - 1];
    if (last !== undefined && last[0] === name && !(cookiesApart && name === 'set-cookie')) last[1] = `${last[1]}, ${value}`;
    else entries[entries.length] = [name, value];
  }
  return entries;
}

/** True if the block has a line of this name. */
export function hasHeaderInBlock(block: string, name: HeaderName): boolean {
  return block !== '' && hasHeader(headersFromRaw(block, Guard.None), name);
}

let initHasType = false;
let initHasCoding = false;
const CONTENT_TYPE = headerName('content-type');
const CONTENT_ENCODING = headerName('content-encoding');

/** Whether the init object of the last blockFromInit names a Content-Type, and a Content-Encoding. */
export function lastInitHasType(): boolean {
  return initHasType;
}
export function lastInitHasCoding(): boolean {
  return initHasCoding;
}

const enum Seen { Nothing, Type, Coding }

/** Validates the name and says if it is one that matters to bodies. */
function seenName(name: string): Seen {
  const { lower } = headerName(name);
  return lower === 'content-type' ? Seen.Type : lower === 'content-encoding' ? Seen.Coding : Seen.Nothing;
}

function remember(seen: number): void {
  initHasType = (seen & Seen.Type) !== 0;
  initHasCoding = (seen & Seen.Coding) !== 0;
}

/** The block that an init object stands for. */
export function blockFromInit(init: unknown, wrongType: () => TypeError): string {
  if (isHeaders(init)) {
    initHasType = hasHeader(init, CONTENT_TYPE);
    initHasCoding = hasHeader(init, CONTENT_ENCODING);
    return headersToRaw(init);
  }
  if (init === null || typeof init !== 'object' && typeof init !== 'function') throw wrongType();
  const iterator = (init as any)[SymbolIterator];
  if (typeof iterator === 'function') return blockFromPairs(init as Iterable<Iterable<unknown>>);
  if (ArrayIsArray(init)) throw wrongType();
  let block = '';
  let seen = 0;
  const keys = ObjectKeys(init);
  for (let i = 0; i < keys.length; i++) {
    const name = keys[i]!;
    const value = (init as any)[name];
    seen |= seenName(name);
    block += `${name}: ${valueToWire(headerValue(typeof value === 'string' ? value : `${value}`))}\r\n`;
  }
  // Only now: getters of `init` may have made other Headers.
  remember(seen);
  return block;
}

function blockFromPairs(pairs: Iterable<Iterable<unknown>>): string {
  let block = '';
  let seen = 0;
  for (const pair of pairs) {
    if (pair === null || typeof pair !== 'object' && typeof pair !== 'function' || typeof (pair as any)[SymbolIterator] !== 'function') {
      throw new TypeError("Incorrect type: the provided value is not of type 'Sequence'.");
    }
    let name = '';
    let value = '';
    let count = 0;
    for (const item of pair) {
      if (count === 0) name = `${item}`;
      else if (count === 1) value = `${item}`;
      count++;
    }
    if (count !== 2) {
      throw new TypeError('To initialize a Headers object from a sequence, each inner sequence must have exactly two elements.');
    }
    seen |= seenName(name);
    block += `${name}: ${valueToWire(headerValue(value))}\r\n`;
  }
  remember(seen);
  return block;
}

/** Called at bootstrap. */
export function installHeaders(): void {
  if (!flags.http_headers_getsetcookie) delete (Headers.prototype as any).getSetCookie;
}

/** What iteration gives, for inspection. */
export const headersEntries: (h: Headers) => [string, string][] = sortedEntries;

Object.defineProperty(Headers.prototype, Symbol.iterator, {
  value: Headers.prototype.entries, writable: true, enumerable: false, configurable: true,
});
defineInterface(Headers, 'Headers', { brand: isHeaders, inspector: { extra: (h: Headers) => ({ immutable: headersGuard(h) !== Guard.None }) } });
