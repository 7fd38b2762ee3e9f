// What inspect() calls an object: the name of its constructor, its tag, and the bases of functions and classes.
import { native } from '../ops';
import { TypeBit } from '../type-bits';
import type { Context } from './options';
import { formatProperty, formatValue } from './value';
import { Kind } from './layout';

// Evaluated for the startup snapshot: the engine's own constructors, before the Web platform's join them. V8 adds its newest ones to a
// context only after the snapshot is loaded.
const builtins = new Set([
  ...Object.getOwnPropertyNames(globalThis).filter((name) => /^[A-Z][a-zA-Z0-9]+$/.test(name)),
  'SharedArrayBuffer', 'Float16Array', 'Iterator', 'WeakRef', 'FinalizationRegistry', 'DisposableStack', 'AsyncDisposableStack',
  'SuppressedError', 'Temporal',
]);

export function isBuiltinName(name: string): boolean {
  return builtins.has(name);
}

// Prototypes recognised even when their `constructor` property was tampered with.
const wellKnown = new Map<object, Function>();
for (const C of [
  Array, ArrayBuffer, Function, Map, Set, Object, Object.getPrototypeOf(Uint8Array) as Function, RegExp, Date, DataView, Error, Boolean,
  Number, String, Promise, WeakMap, WeakSet,
]) wellKnown.set(C.prototype as object, C);

const hasInstance = Function.prototype[Symbol.hasInstance];
const hasOwn = Object.prototype.hasOwnProperty;

function isInstance(value: object, constructor: Function): boolean {
  try {
    return value instanceof constructor;
  } catch {
    return false;
  }
}

/** The constructor's name; null for objects without a prototype. With `protoProps`, adds what user-defined prototypes hold to it. */
export function constructorName(value: object, ctx: Context, depth: number, protoProps?: string[]): string | null {
  let first: object | null | undefined;
  let object: object | null = value;
  while (object !== null) {
    const known = wellKnown.get(object);
    if (known !== undefined && hasInstance.call(known, value)) {
      if (protoProps !== undefined && first !== object) addPrototypeProperties(ctx, value, first ?? value, depth, protoProps);
      return known.name;
    }
    const constructor: unknown = Object.getOwnPropertyDescriptor(object, 'constructor')?.value;
    if (typeof constructor === 'function' && constructor.name !== '' && isInstance(value, constructor)) {
      if (protoProps !== undefined && (first !== object || !builtins.has(constructor.name))) {
        addPrototypeProperties(ctx, value, first ?? value, depth, protoProps);
      }
      return String(constructor.name);
    }
    object = Object.getPrototypeOf(object) as object | null;
    if (first === undefined) first = object;
  }
  if (first === null || first === undefined) return null;
  const name = native.getConstructorName(value);
  if (ctx.depth !== null && depth > ctx.depth) return `${name} <Complex prototype>`;
  const inherited = constructorName(first, ctx, depth + 1, protoProps);
  if (inherited === null) {
    return `${name} <${formatValue({ ...ctx, budget: {}, indentationLvl: 0, seen: [], currentDepth: 0, circular: undefined, customInspect: false, depth: -1 }, first, 0)}>`;
  }
  return `${name} <${inherited}>`;
}

function addPrototypeProperties(ctx: Context, main: object, object: object, depth: number, output: string[]): void {
  let above: Set<PropertyKey> | undefined;
  let keys: PropertyKey[] = [];
  for (let layer = 0; layer < 3; layer++) {
    if (layer !== 0 || main === object) {
      const proto = Object.getPrototypeOf(object) as object | null;
      if (proto === null) return;
      object = proto;
      const constructor: unknown = Object.getOwnPropertyDescriptor(object, 'constructor')?.value;
      if (typeof constructor === 'function' && builtins.has(constructor.name)) return;
    }
    if (above === undefined) above = new Set();
    else for (const key of keys) above.add(key);
    keys = Reflect.ownKeys(object);
    ctx.seen.push(main);
    for (const key of keys) {
      if (key === 'constructor' || hasOwn.call(main, key) || (layer !== 0 && above.has(key))) continue;
      const descriptor = Object.getOwnPropertyDescriptor(object, key);
      if (typeof descriptor?.value === 'function') continue;
      const text = formatProperty(ctx, object, depth, key, Kind.Object, descriptor, main);
      output.push(ctx.colors ? `\u001b[2m${text}\u001b[22m` : text);
    }
    ctx.seen.pop();
  }
}

/** What stands before the brace, a space at its end. */
export function prefixOf(constructor: string | null, tag: string, fallback: string, size = ''): string {
  if (constructor === null) {
    return tag !== '' && fallback !== tag ? `[${fallback}${size}: null prototype] [${tag}] ` : `[${fallback}${size}: null prototype] `;
  }
  return tag !== '' && constructor !== tag ? `${constructor}${size} [${tag}] ` : `${constructor}${size} `;
}

/** The prefix of an object that is nothing special. */
export function plainPrefix(value: object, constructor: string | null, tag: string): string {
  let fallback = '';
  if (constructor === null) {
    fallback = native.getConstructorName(value);
    if (fallback === tag) fallback = 'Object';
  }
  return prefixOf(constructor, tag, fallback);
}

function classBase(value: Function, constructor: string | null, tag: string): string {
  let base = `class ${(hasOwn.call(value, 'name') && value.name) || '(anonymous)'}`;
  if (constructor !== 'Function' && constructor !== null) base += ` [${constructor}]`;
  if (tag !== '' && constructor !== tag) base += ` [${tag}]`;
  if (constructor === null) return `[${base} extends [null prototype]]`;
  const parent = (Object.getPrototypeOf(value) as Function).name;
  return parent ? `[${base} extends ${parent}]` : `[${base}]`;
}

const COMMENTS = /(\/\/.*?\n)|(\/\*(.|\n)*?\*\/)/g;
const CLASS_HEAD = /^(\s+[^(]*?)\s*{/;

export function functionBase(ctx: Context, value: Function, constructor: string | null, tag: string, bits: number): string {
  const source = Function.prototype.toString.call(value);
  if (source.startsWith('class') && source.endsWith('}')) {
    const rest = source.slice(5, -1);
    const brace = rest.indexOf('{');
    if (brace !== -1 && (!rest.slice(0, brace).includes('(') || CLASS_HEAD.test(rest.replace(COMMENTS, '')))) {
      return classBase(value, constructor, tag);
    }
  }
  let type = 'Function';
  if (bits & TypeBit.GeneratorFunction) type = `Generator${type}`;
  if (bits & TypeBit.AsyncFunction) type = `Async${type}`;
  let base = `[${type}`;
  if (constructor === null) base += ' (null prototype)';
  const name: unknown = value.name;
  base += name === '' ? ' (anonymous)' : `: ${typeof name === 'string' ? name : formatValue(ctx, name, NaN)}`;
  base += ']';
  if (constructor !== type && constructor !== null) base += ` ${constructor}`;
  if (tag !== '' && constructor !== tag) base += ` [${tag}]`;
  return base;
}
