// URLPattern (https://urlpattern.spec.whatwg.org/), as the standard has it and as workerd had it before urlpattern_standard: there groups
// that did not take part are empty strings, regular expressions have the flag u, and hasRegExpGroups is missing.
import { badConstructorArgument, defineInterface, illegalInvocation, toDictionary } from '../interface';
import { native } from '../ops';
import type { UrlPatternComponent } from '../native';
import { ArrayIsArray, defineValue } from '../primordials';
import { toUSVString } from './search-params';

const NAMES = ['protocol', 'username', 'password', 'hostname', 'port', 'pathname', 'search', 'hash'] as const;
const MEMBERS = [...NAMES, 'baseURL'] as const;

interface URLPatternInit {
  protocol?: string; username?: string; password?: string; hostname?: string; port?: string; pathname?: string; search?: string;
  hash?: string; baseURL?: string;
}
interface ComponentResult { input: string; groups: Record<string, string | undefined> }

const enum Kind { Empty, Exact, Everything, RegExp }

/** One compiled part of a pattern. */
class Component {
  readonly kind: Kind;
  readonly pattern: string;
  readonly hasRegExpGroups: boolean;
  readonly #source: string;
  readonly #exact: string;
  readonly #names: string[];
  readonly #flags: string;
  readonly #unmatched: string | undefined;
  #regexp: RegExp | undefined;

  constructor(raw: UrlPatternComponent, flags: string, unmatched: string | undefined) {
    this.kind = raw[0];
    this.pattern = raw[1];
    this.#source = raw[2];
    this.#exact = raw[3];
    this.hasRegExpGroups = raw[4];
    const names: string[] = [];
    for (let i = 5; i < raw.length; i++) names[names.length] = raw[i] as string;
    this.#names = names;
    this.#flags = flags;
    this.#unmatched = unmatched;
  }

  test(input: string): boolean {
    switch (this.kind) {
      case Kind.Empty: return input === '';
      case Kind.Exact: return input === this.#exact;
      case Kind.Everything: return true;
      default: return this.#match(input) !== undefined;
    }
  }

  exec(input: string): ComponentResult | undefined {
    const groups: Record<string, string | undefined> = {};
    switch (this.kind) {
      case Kind.Empty: return input === '' ? { input, groups } : undefined;
      case Kind.Exact: return input === this.#exact ? { input, groups } : undefined;
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
    const match: unknown = (this.#regexp ??= new RegExp(this.#source, this.#flags)).exec(input);
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

function makeURLPattern(legacy: boolean) {
  const name = 'URLPattern';
  const unmatched = legacy ? '' : undefined;

  class URLPattern {
    readonly #components: Component[];

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
      const raw = native.urlPatternParse(pattern, baseURL, ignoreCase, legacy);
      if (raw === undefined || typeof raw === 'string') {
        throw new TypeError(raw ?? (legacy ? 'Syntax error in URL Pattern' : 'Failed to construct URLPattern'));
      }
      const unicode = legacy ? 'u' : 'v';
      const components: Component[] = [];
      // Case is ignored in path, query and fragment only; the other parts are normalised.
      for (let i = 0; i < raw.length; i++) components[components.length] = new Component(raw[i]!, ignoreCase && i >= 5 ? `${unicode}i` : unicode, unmatched);
      this.#components = components;
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
      for (let i = 0; i < 8; i++) if (this.#components[i]!.hasRegExpGroups) return true;
      return false;
    }

    test(input: string | URLPatternInit = undefined!, baseURL: string = undefined!): boolean {
      if (!(#components in this)) throw illegalInvocation();
      const parts = this.#parts(readInput(input), baseURL, 'test');
      if (parts === undefined) return false;
      for (let i = 0; i < 8; i++) if (!this.#components[i]!.test(parts[i]!)) return false;
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
      for (let i = 0; i < 8; i++) {
        const match = this.#components[i]!.exec(parts[i]!);
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
      return this.#components[i]!.pattern;
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
