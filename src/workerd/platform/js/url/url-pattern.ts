// URLPattern (https://urlpattern.spec.whatwg.org/), as the standard has it and as workerd had it before urlpattern_standard: there groups
// that did not take part are empty strings, regular expressions have the flag u, and hasRegExpGroups is missing.
import { badConstructorArgument, defineInterface, illegalInvocation, toDictionary } from '../interface';
import { native } from '../ops';
import type { UrlPatternValue } from '../native';
import { ArrayIsArray, defineValue, MapPrototypeClear, MapPrototypeGet, MapPrototypeGetSize, MapPrototypeSet, SafeMap } from '../primordials';
import { toUSVString } from './search-params';

const NAMES = ['protocol', 'username', 'password', 'hostname', 'port', 'pathname', 'search', 'hash'] as const;
const MEMBERS = [...NAMES, 'baseURL'] as const;

interface URLPatternInit {
  protocol?: string; username?: string; password?: string; hostname?: string; port?: string; pathname?: string; search?: string;
  hash?: string; baseURL?: string;
}
interface ComponentResult { input: string; groups: Record<string, string | undefined> }

const enum Kind { Empty, Exact, Everything, RegExp }

// What native.urlPatternParse has of each component.
const enum Value { Kind, Pattern, Text, Names, Count }
const HAS_GROUPS = 4;

/** One compiled part of a pattern. */
class Component {
  readonly kind: Kind;
  /** What an exact one is, or the source of a regular expression. */
  readonly #text: string;
  readonly #names: readonly string[];
  readonly #flags: string;
  readonly #unmatched: string | undefined;
  #regexp: RegExp | undefined;

  constructor(values: readonly UrlPatternValue[], at: number, flags: string, unmatched: string | undefined) {
    this.kind = (values[at + Value.Kind] as number) & ~HAS_GROUPS;
    this.#text = values[at + Value.Text] as string;
    const names = values[at + Value.Names] as string | string[] | undefined;
    this.#names = typeof names === 'string' ? [names] : names ?? [];
    this.#flags = flags;
    this.#unmatched = unmatched;
  }

  test(input: string): boolean {
    switch (this.kind) {
      case Kind.Empty: return input === '';
      case Kind.Exact: return input === this.#text;
      case Kind.Everything: return true;
      default: return this.#match(input) !== undefined;
    }
  }

  exec(input: string): ComponentResult | undefined {
    const groups: Record<string, string | undefined> = {};
    switch (this.kind) {
      case Kind.Empty: return input === '' ? { input, groups } : undefined;
      case Kind.Exact: return input === this.#text ? { input, groups } : undefined;
      case Kind.Everything:
        if (this.#names.length > 0) defineValue(groups, this.#names[0]!, input);
        return { input, groups };
      default: {
        const match = this.#match(input);
        if (match === undefined) return undefined;
        // The expression may have more groups than the pattern has names.
        for (let i = 0; i < this.#names.length; i++) defineValue(groups, this.#names[i]!, match[i + 1] ?? this.#unmatched);
        return { input, groups };
      }
    }
  }

  /** As in workerd, by the `exec` that the worker may have put in the place of RegExp's; what it gives may be anything. */
  #match(input: string): readonly (string | undefined)[] | undefined {
    const match: unknown = (this.#regexp ??= new RegExp(this.#text, this.#flags)).exec(input);
    return ArrayIsArray(match) ? match : undefined;
  }
}

type Members = (string | undefined)[];

function readInit(init: object): Members {
  const members: Members = [];
  for (let i = 0; i < MEMBERS.length; i++) {
    const value: unknown = (init as any)[MEMBERS[i]!];
    members[members.length] = value === undefined ? undefined : toUSVString(value);
  }
  return members;
}

function readInput(input: unknown): string | Members {
  if (input === undefined || input === null) return readInit({});
  return typeof input === 'object' || typeof input === 'function' ? readInit(input) : toUSVString(input);
}

function toInit(members: Members): URLPatternInit {
  const init: any = {};
  for (let i = 0; i < members.length; i++) if (members[i] !== undefined) defineValue(init, MEMBERS[i]!, members[i]);
  return init as URLPatternInit;
}

// With this many all are forgotten; one that long is not remembered.
const MOST_KNOWN = 200;
const LONGEST_KNOWN = 1000;

/** Tells patterns from one another. */
function keyOf(input: string | Members, base: string | undefined, ignoreCase: boolean): string {
  let key = ignoreCase ? 'i' : 'c';
  if (base !== undefined) key += `b${base.length}:${base}`;
  if (typeof input === 'string') return `${key}s${input}`;
  // With lengths, since any character may be in the members.
  for (let i = 0; i < input.length; i++) if (input[i] !== undefined) key += `${i}:${input[i]!.length}:${input[i]!}`;
  return key;
}

function makeURLPattern(legacy: boolean) {
  const name = 'URLPattern';
  const unmatched = legacy ? '' : undefined;
  // Patterns are often made anew for each request, and then are always the same: these are not parsed again.
  const known = new SafeMap<string, readonly UrlPatternValue[]>();

  function parse(input: string | Members, base: string | undefined, ignoreCase: boolean): readonly UrlPatternValue[] {
    const key = keyOf(input, base, ignoreCase);
    const found = MapPrototypeGet(known, key);
    if (found !== undefined) return found;
    const values = native.urlPatternParse(input, base, ignoreCase, legacy);
    if (values === undefined || typeof values === 'string') {
      throw new TypeError(values ?? (legacy ? 'Syntax error in URL Pattern' : 'Failed to construct URLPattern'));
    }
    if (key.length <= LONGEST_KNOWN) {
      if (MapPrototypeGetSize(known) >= MOST_KNOWN) MapPrototypeClear(known);
      MapPrototypeSet(known, key, values);
    }
    return values;
  }

  class URLPattern {
    readonly #values: readonly UrlPatternValue[];
    readonly #ignoreCase: boolean;
    /** Made when the pattern is first matched with something. */
    #components: readonly Component[] | undefined = undefined;

    constructor(input: string | URLPatternInit = undefined!, base: string | { ignoreCase?: boolean } = undefined!, options: { ignoreCase?: boolean } = undefined!) {
      const pattern = readInput(input);
      let baseURL: string | undefined;
      let settings: { ignoreCase?: boolean } | undefined;
      if (typeof base === 'object' && base !== null) {
        settings = base;
      } else {
        if (base !== undefined && base !== null) baseURL = toUSVString(base);
        settings = toDictionary(options, () => badConstructorArgument(name, 3, 'URLPatternOptions'));
      }
      const ignoreCase = !!settings?.ignoreCase;
      this.#values = parse(pattern, baseURL, ignoreCase);
      this.#ignoreCase = ignoreCase;
    }

    get protocol(): string { return this.#pattern(0); }
    get username(): string { return this.#pattern(1); }
    get password(): string { return this.#pattern(2); }
    get hostname(): string { return this.#pattern(3); }
    get port(): string { return this.#pattern(4); }
    get pathname(): string { return this.#pattern(5); }
    get search(): string { return this.#pattern(6); }
    get hash(): string { return this.#pattern(7); }

    get hasRegExpGroups(): boolean {
      if (!(#components in this)) throw illegalInvocation();
      for (let i = 0; i < 8; i++) if ((this.#values[Value.Count * i + Value.Kind] as number) & HAS_GROUPS) return true;
      return false;
    }

    test(input: string | URLPatternInit = undefined!, baseURL: string = undefined!): boolean {
      if (!(#components in this)) throw illegalInvocation();
      const parts = this.#parts(readInput(input), baseURL, 'test');
      if (parts === undefined) return false;
      const components = this.#components ??= this.#compile();
      for (let i = 0; i < 8; i++) if (!components[i]!.test(parts[i]!)) return false;
      return true;
    }

    exec(input: string | URLPatternInit = undefined!, baseURL: string = undefined!): object | null {
      if (!(#components in this)) throw illegalInvocation();
      const given = readInput(input);
      const parts = this.#parts(given, baseURL, 'exec');
      if (parts === undefined) return null;
      const inputs: unknown[] = [typeof given === 'string' ? given : toInit(given)];
      if (baseURL !== undefined) inputs[inputs.length] = toUSVString(baseURL);
      // All are properties of its own from the start: what they are given is heard of by no setter.
      const result: Record<string, unknown> = {
        inputs, protocol: undefined, username: undefined, password: undefined, hostname: undefined, port: undefined, pathname: undefined,
        search: undefined, hash: undefined,
      };
      const components = this.#components ??= this.#compile();
      for (let i = 0; i < 8; i++) {
        const match = components[i]!.exec(parts[i]!);
        if (match === undefined) return null;
        result[NAMES[i]!] = match;
      }
      return result;
    }

    /** What the components are matched with; undefined when the input is no URL. */
    #parts(input: string | Members, baseURL: unknown, method: 'test' | 'exec'): string[] | undefined {
      const base = baseURL === undefined ? undefined : toUSVString(baseURL);
      if (base !== undefined && typeof input !== 'string') {
        throw new TypeError(legacy ? 'A baseURL is not allowed when input is an object.' : `Failed to ${method} URLPattern`);
      }
      const parts = native.urlPatternInput(input, base, legacy);
      if (typeof parts === 'string') throw new TypeError(parts);
      return parts;
    }

    #pattern(i: number): string {
      if (!(#components in this)) throw illegalInvocation();
      return this.#values[Value.Count * i + Value.Pattern] as string;
    }

    #compile(): readonly Component[] {
      const unicode = legacy ? 'u' : 'v';
      const components: Component[] = [];
      for (let i = 0; i < 8; i++) {
        // Case is ignored in path, query and fragment only; the other parts are normalised.
        const flags = this.#ignoreCase && i >= 5 ? `${unicode}i` : unicode;
        components[components.length] = new Component(this.#values, Value.Count * i, flags, unmatched);
      }
      return components;
    }

    static {
      if (legacy) delete (this.prototype as any).hasRegExpGroups;
      defineInterface(this, name, { brand: (o) => #components in o });
    }
  }
  return URLPattern;
}

export const StandardURLPattern = makeURLPattern(false);
export const LegacyURLPattern = makeURLPattern(true);
