// URLSearchParams (https://url.spec.whatwg.org/#interface-urlsearchparams).
import { entryIterator, keyIterator, valueIterator } from '../fetch/iterators';
import { flags } from '../flags';
import { badArgument, defineInterface, illegalInvocation } from '../interface';
import {
  ArrayPrototypeSort, ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, ReflectApply, ReflectOwnKeys,
  StringPrototypeToWellFormed, SymbolIterator,
} from '../primordials';
import { parseForm, serializeForm, withoutQuestionMark } from './form-urlencoded';

export function toUSVString(value: unknown): string {
  return StringPrototypeToWellFormed(`${value as string}`);
}

function required(given: number, needed: number, method: string): void {
  if (given < needed) throw badArgument(method, 'URLSearchParams', given + 1, 'USVString');
}

/** The list [name, value, ...] of a constructor's argument. */
export function searchParamsInit(init: unknown): string[] {
  if (typeof init === 'object' && init !== null || typeof init === 'function') {
    if (isURLSearchParams(init) && (init as any)[SymbolIterator] === originalIterator) return copyList(listOf(init));
    const method: unknown = (init as any)[SymbolIterator];
    if (method !== undefined && method !== null) {
      if (typeof method !== 'function') throw new TypeError("Incorrect type: the provided value is not of type 'Sequence'.");
      return fromSequence(init as Iterable<unknown>, method);
    }
    return fromRecord(init);
  }
  return parseForm(withoutQuestionMark(toUSVString(init)));
}

function copyList(list: readonly string[]): string[] {
  const copy: string[] = [];
  for (let i = 0; i < list.length; i++) copy[copy.length] = list[i]!;
  return copy;
}

/** Runs through any iterable, with the iteration protocol as the language has it. */
function iterate(iterable: object, method: Function, each: (value: unknown) => void): void {
  const iterator = ReflectApply(method, iterable, []) as Iterator<unknown>;
  if (typeof iterator !== 'object' || iterator === null) throw new TypeError("Incorrect type: the provided value is not of type 'Sequence'.");
  const { next } = iterator;
  for (;;) {
    const step = ReflectApply(next, iterator, []) as IteratorResult<unknown>;
    if (typeof step !== 'object' || step === null) throw new TypeError('Iterator result is not an object');
    if (step.done) return;
    each(step.value);
  }
}

function fromSequence(init: object, method: Function): string[] {
  const list: string[] = [];
  iterate(init, method, (pair) => {
    const isObject = typeof pair === 'object' && pair !== null || typeof pair === 'function';
    const inner: unknown = isObject ? (pair as any)[SymbolIterator] : undefined;
    if (typeof inner !== 'function') throw new TypeError("Incorrect type: the provided value is not of type 'Sequence'.");
    const start = list.length;
    iterate(pair as object, inner, (part) => { list[list.length] = toUSVString(part); });
    if (list.length !== start + 2) throw new TypeError('Invalid URL search params sequence.');
  });
  return list;
}

function fromRecord(init: object): string[] {
  const list: string[] = [];
  const keys = ReflectOwnKeys(init);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    const descriptor = ObjectGetOwnPropertyDescriptor(init, key);
    // Symbols are passed over; the standard would refuse them.
    if (typeof key === 'symbol' || descriptor === undefined || !descriptor.enumerable) continue;
    const name = StringPrototypeToWellFormed(key);
    const value = toUSVString((init as any)[key]);
    // A record has each name once: names that become equal keep the place of the first and the value of the last.
    let at = 0;
    while (at < list.length && list[at] !== name) at += 2;
    if (at < list.length) {
      list[at + 1] = value;
    } else {
      list[list.length] = name;
      list[list.length] = value;
    }
  }
  return list;
}

/** By insertion, which for so few takes least. */
function sortFew(list: string[]): void {
  for (let i = 2; i < list.length; i += 2) {
    const name = list[i]!;
    let at = i;
    while (at > 0 && list[at - 2]! > name) at -= 2;
    if (at === i) continue;
    const value = list[i + 1]!;
    for (let j = i; j > at; j -= 2) {
      list[j] = list[j - 2]!;
      list[j + 1] = list[j - 1]!;
    }
    list[at] = name;
    list[at + 1] = value;
  }
}

export let isURLSearchParams: (value: object) => value is URLSearchParams;
/** The live list [name, value, ...]. */
export let listOf: (params: URLSearchParams) => string[];
/** A params object whose changes are told to `onChange` (a URL's own). */
export let createSearchParams: (list: string[], onChange: (query: string) => void) => URLSearchParams;
/** Replaces the list, without telling anybody. */
export let setList: (params: URLSearchParams, list: string[]) => void;

class URLSearchParams {
  #list: string[];
  #onChange: ((query: string) => void) | undefined = undefined;

  constructor(init: unknown = undefined) {
    this.#list = init === undefined ? [] : searchParamsInit(init);
  }

  get size(): number {
    if (!(#list in this)) throw illegalInvocation();
    return this.#list.length / 2;
  }

  append(name: string, value: string): void {
    if (!(#list in this)) throw illegalInvocation();
    required(arguments.length, 2, 'append');
    const key = toUSVString(name);
    const text = toUSVString(value);
    const list = this.#list;
    list[list.length] = key;
    list[list.length] = text;
    this.#changed();
  }

  delete(name: string, value: string = undefined!): void {
    if (!(#list in this)) throw illegalInvocation();
    required(arguments.length, 1, 'delete');
    const key = toUSVString(name);
    const text = value === undefined || !flags.urlsearchparams_delete_has_value_arg ? undefined : toUSVString(value);
    const list = this.#list;
    let n = 0;
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === key && (text === undefined || list[i + 1] === text)) continue;
      list[n++] = list[i]!;
      list[n++] = list[i + 1]!;
    }
    list.length = n;
    this.#changed();
  }

  get(name: string): string | null {
    if (!(#list in this)) throw illegalInvocation();
    required(arguments.length, 1, 'get');
    const key = toUSVString(name);
    const list = this.#list;
    for (let i = 0; i < list.length; i += 2) if (list[i] === key) return list[i + 1]!;
    return null;
  }

  getAll(name: string): string[] {
    if (!(#list in this)) throw illegalInvocation();
    required(arguments.length, 1, 'getAll');
    const key = toUSVString(name);
    const list = this.#list;
    const found: string[] = [];
    for (let i = 0; i < list.length; i += 2) if (list[i] === key) found[found.length] = list[i + 1]!;
    return found;
  }

  has(name: string, value: string = undefined!): boolean {
    if (!(#list in this)) throw illegalInvocation();
    required(arguments.length, 1, 'has');
    const key = toUSVString(name);
    const text = value === undefined || !flags.urlsearchparams_delete_has_value_arg ? undefined : toUSVString(value);
    const list = this.#list;
    for (let i = 0; i < list.length; i += 2) if (list[i] === key && (text === undefined || list[i + 1] === text)) return true;
    return false;
  }

  set(name: string, value: string): void {
    if (!(#list in this)) throw illegalInvocation();
    required(arguments.length, 2, 'set');
    const key = toUSVString(name);
    const text = toUSVString(value);
    const list = this.#list;
    let found = false;
    let n = 0;
    for (let i = 0; i < list.length; i += 2) {
      const matches = list[i] === key;
      if (matches && found) continue;
      list[n++] = list[i]!;
      list[n++] = matches ? text : list[i + 1]!;
      found ||= matches;
    }
    list.length = n;
    if (!found) {
      list[n++] = key;
      list[n++] = text;
    }
    this.#changed();
  }

  sort(): void {
    if (!(#list in this)) throw illegalInvocation();
    const list = this.#list;
    if (list.length <= 20) {
      sortFew(list);
      this.#changed();
      return;
    }
    const pairs: [string, string][] = [];
    for (let i = 0; i < list.length; i += 2) pairs[pairs.length] = [list[i]!, list[i + 1]!];
    // By UTF-16 code units, equal names in their order: what < and the language's stable sort do.
    ArrayPrototypeSort(pairs, (a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    for (let i = 0; i < pairs.length; i++) {
      list[2 * i] = pairs[i]![0];
      list[2 * i + 1] = pairs[i]![1];
    }
    this.#changed();
  }

  // Iterators are live: they see what is changed while they run.
  entries(): IterableIterator<[string, string]> {
    if (!(#list in this)) throw illegalInvocation();
    return entryIterator((i) => (2 * i < this.#list.length ? [this.#list[2 * i]!, this.#list[2 * i + 1]!] : undefined));
  }

  keys(): IterableIterator<string> {
    if (!(#list in this)) throw illegalInvocation();
    return keyIterator((i) => this.#list[2 * i]);
  }

  values(): IterableIterator<string> {
    if (!(#list in this)) throw illegalInvocation();
    return valueIterator((i) => this.#list[2 * i + 1]);
  }

  forEach(callback: (value: string, name: string, params: URLSearchParams) => void, thisArg: unknown = undefined): void {
    if (!(#list in this)) throw illegalInvocation();
    if (typeof callback !== 'function') throw badArgument('forEach', 'URLSearchParams', 1, 'function');
    for (let i = 0; i < this.#list.length; i += 2) {
      ReflectApply(callback, thisArg ?? undefined, [this.#list[i + 1], this.#list[i], this]);
    }
  }

  toString(): string {
    if (!(#list in this)) throw illegalInvocation();
    return serializeForm(this.#list);
  }

  #changed(): void {
    if (this.#onChange !== undefined) this.#onChange(serializeForm(this.#list));
  }

  static {
    isURLSearchParams = (value): value is URLSearchParams => #list in value;
    listOf = (params) => params.#list;
    createSearchParams = (list, onChange) => {
      const params = new URLSearchParams();
      params.#list = list;
      params.#onChange = onChange;
      return params;
    };
    setList = (params, list) => { params.#list = list; };
  }
}

declare interface URLSearchParams {
  [Symbol.iterator](): IterableIterator<[string, string]>;
}
const originalIterator = URLSearchParams.prototype.entries;
ObjectDefineProperty(URLSearchParams.prototype, SymbolIterator, { value: originalIterator, writable: true, enumerable: false, configurable: true });
defineInterface(URLSearchParams, 'URLSearchParams', { brand: (o) => isURLSearchParams(o), inspector: { hidden: ['size'] } });

export function searchParamsToString(params: URLSearchParams): string {
  return serializeForm(listOf(params));
}

export { URLSearchParams };
