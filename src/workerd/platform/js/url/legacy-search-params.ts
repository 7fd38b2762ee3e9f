// URLSearchParams before url_standard: a view of a URL's parsed query.
import { entryIterator, keyIterator, valueIterator } from '../fetch/iterators';
import { badArgument, defineInterface, illegalInvocation } from '../interface';
import {
  ArrayIsArray, ArrayPrototypeSort, ArrayPrototypeSplice, ObjectDefineProperty, ObjectKeys, ReflectApply, StringPrototypeStartsWith,
  StringPrototypeSlice, SymbolIterator,
} from '../primordials';
import { fromByteString, parseQuery, type QueryParam, serializeQuery, takeMalformed, toByteString } from './legacy-parse';

/** Anything that holds a query: a URL's parts, or an object of its own. */
export interface QueryHolder { query: QueryParam[] }

let constructing: QueryHolder | undefined;
export let isLegacySearchParams: (value: object) => value is LegacyURLSearchParams;
let queryOf: (params: LegacyURLSearchParams) => QueryParam[];

function required(given: number, needed: number, method: string): void {
  if (given < needed) throw badArgument(method, 'URLSearchParams', given + 1, 'string');
}

function initialise(init: unknown): QueryParam[] {
  const query: QueryParam[] = [];
  if (typeof init === 'object' && init !== null) {
    if (isLegacySearchParams(init)) return queryOf(init).map((param) => ({ ...param }));
    if (ArrayIsArray(init)) {
      for (let i = 0; i < init.length; i++) {
        const pair: unknown = init[i];
        if (!ArrayIsArray(pair)) throw new TypeError(`Incorrect type for array element ${i}: the provided value is not of type 'Array'.`);
        if (pair.length !== 2) {
          throw new TypeError('To initialize a URLSearchParams object from an array-of-arrays, each inner array must have exactly two elements.');
        }
        query[query.length] = { name: toByteString(`${pair[0] as string}`), value: toByteString(`${pair[1] as string}`) };
      }
      return query;
    }
    const keys = ObjectKeys(init);
    for (let i = 0; i < keys.length; i++) {
      query[query.length] = { name: toByteString(keys[i]!), value: toByteString(`${(init as any)[keys[i]!] as string}`) };
    }
    return query;
  }
  const text = toByteString(`${init as string}`);
  parseQuery(StringPrototypeStartsWith(text, '?') ? StringPrototypeSlice(text, 1) : text, query);
  takeMalformed();
  for (let i = 0; i < query.length; i++) query[i]!.value ??= '';
  return query;
}

class LegacyURLSearchParams {
  readonly #holder: QueryHolder;

  constructor(init: unknown = undefined) {
    this.#holder = constructing ?? { query: init === undefined ? [] : initialise(init) };
  }

  get size(): number { if (!(#holder in this)) throw illegalInvocation(); return this.#holder.query.length; }

  append(name: string, value: string): void {
    if (!(#holder in this)) throw illegalInvocation();
    required(arguments.length, 2, 'append');
    const param = { name: toByteString(`${name}`), value: toByteString(`${value}`) };
    this.#holder.query[this.#holder.query.length] = param;
  }

  delete(name: string): void {
    if (!(#holder in this)) throw illegalInvocation();
    required(arguments.length, 1, 'delete');
    this.#remove(toByteString(`${name}`), 0);
  }

  get(name: string): string | null {
    if (!(#holder in this)) throw illegalInvocation();
    required(arguments.length, 1, 'get');
    const found = this.#find(toByteString(`${name}`));
    return found < 0 ? null : fromByteString(this.#holder.query[found]!.value ?? '');
  }

  getAll(name: string): string[] {
    if (!(#holder in this)) throw illegalInvocation();
    required(arguments.length, 1, 'getAll');
    const key = toByteString(`${name}`);
    const found: string[] = [];
    const { query } = this.#holder;
    for (let i = 0; i < query.length; i++) if (query[i]!.name === key) found[found.length] = fromByteString(query[i]!.value ?? '');
    return found;
  }

  has(name: string): boolean {
    if (!(#holder in this)) throw illegalInvocation();
    required(arguments.length, 1, 'has');
    return this.#find(toByteString(`${name}`)) >= 0;
  }

  set(name: string, value: string): void {
    if (!(#holder in this)) throw illegalInvocation();
    required(arguments.length, 2, 'set');
    const key = toByteString(`${name}`);
    const text = toByteString(`${value}`);
    const found = this.#find(key);
    if (found < 0) {
      this.#holder.query[this.#holder.query.length] = { name: key, value: text };
      return;
    }
    this.#holder.query[found]!.value = text;
    this.#remove(key, found + 1);
  }

  sort(): void {
    if (!(#holder in this)) throw illegalInvocation();
    const keyed = this.#holder.query.map((param) => ({ key: fromByteString(param.name), param }));
    ArrayPrototypeSort(keyed, (a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    for (let i = 0; i < keyed.length; i++) this.#holder.query[i] = keyed[i]!.param;
  }

  entries(): IterableIterator<[string, string]> {
    if (!(#holder in this)) throw illegalInvocation();
    return entryIterator((i) => {
      const param = this.#holder.query[i];
      return param === undefined ? undefined : [fromByteString(param.name), fromByteString(param.value ?? '')];
    });
  }

  keys(): IterableIterator<string> {
    if (!(#holder in this)) throw illegalInvocation();
    return keyIterator((i) => (i < this.#holder.query.length ? fromByteString(this.#holder.query[i]!.name) : undefined));
  }

  values(): IterableIterator<string> {
    if (!(#holder in this)) throw illegalInvocation();
    return valueIterator((i) => (i < this.#holder.query.length ? fromByteString(this.#holder.query[i]!.value ?? '') : undefined));
  }

  forEach(callback: Function, thisArg: unknown = undefined): void {
    if (!(#holder in this)) throw illegalInvocation();
    if (typeof callback !== 'function') throw badArgument('forEach', 'URLSearchParams', 1, 'function');
    for (let i = 0; i < this.#holder.query.length; i++) {
      const { name, value } = this.#holder.query[i]!;
      ReflectApply(callback, thisArg ?? undefined, [fromByteString(value ?? ''), fromByteString(name), this]);
    }
  }

  toString(): string { if (!(#holder in this)) throw illegalInvocation(); return serializeQuery(this.#holder.query, false); }

  #find(key: string): number {
    const { query } = this.#holder;
    for (let i = 0; i < query.length; i++) if (query[i]!.name === key) return i;
    return -1;
  }

  #remove(key: string, from: number): void {
    const { query } = this.#holder;
    for (let i = query.length - 1; i >= from; i--) if (query[i]!.name === key) ArrayPrototypeSplice(query, i, 1);
  }

  static {
    isLegacySearchParams = (value): value is LegacyURLSearchParams => #holder in value;
    queryOf = (params) => params.#holder.query;
    ObjectDefineProperty(this.prototype, SymbolIterator, { value: this.prototype.entries, writable: true, configurable: true });
    defineInterface(this, 'URLSearchParams', { brand: (o) => #holder in o, inspector: { hidden: ['size'] } });
  }
}

/** The live view of a holder's query. */
export function viewQuery(holder: QueryHolder): LegacyURLSearchParams {
  constructing = holder;
  try {
    return new LegacyURLSearchParams();
  } finally {
    constructing = undefined;
  }
}

/** As application/x-www-form-urlencoded. */
export function legacySearchParamsToString(params: LegacyURLSearchParams): string {
  return serializeQuery(queryOf(params), false);
}

export { LegacyURLSearchParams };
