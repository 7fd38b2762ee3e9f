// What the platform's functions say of themselves. As in workerd the length of each is 0 and accessors' functions have no names, unless
// spec_compliant_property_attributes asks for those of the standard (https://webidl.spec.whatwg.org/#define-the-operations).
import { flags } from './flags';
import { ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, ReflectOwnKeys, SymbolDispose } from './primordials';

/** What the standard says: a function, and its name (undefined: the one it has) and length. */
const standard: (Function | string | number | undefined)[] = [];

function set(fn: Function, key: 'name' | 'length', value: unknown): void {
  ObjectDefineProperty(fn, key, { __proto__: null, value, writable: false, enumerable: false, configurable: true } as PropertyDescriptor);
}

/** Makes a function look as workerd's do. `anonymous`: it has no name of its own. */
export function plainFunction(fn: Function, anonymous = false): void {
  if (flags.spec_compliant_property_attributes) return;
  const { name, length } = fn;
  const named = anonymous && name !== '';
  if (!named && length === 0) return;
  const at = standard.length;
  standard[at] = fn;
  standard[at + 1] = named ? name : undefined;
  standard[at + 2] = length;
  if (named) set(fn, 'name', '');
  if (length !== 0) set(fn, 'length', 0);
}

/** The same for an interface object, and all functions on it and on its prototype. Returns what `standardClass` needs. */
export function plainClass(Class: Function): [from: number, to: number] {
  const from = standard.length;
  plainFunction(Class);
  for (const holder of [Class, Class.prototype as object]) {
    for (const key of ReflectOwnKeys(holder)) {
      if (key === 'constructor' || key === 'prototype') continue;
      const { value, get, set: setter } = ObjectGetOwnPropertyDescriptor(holder, key)!;
      if (typeof value === 'function') {
        // workerd has no name for this one either way.
        if (key === SymbolDispose) set(value, 'name', '');
        plainFunction(value);
      }
      if (get !== undefined) plainFunction(get, true);
      if (setter !== undefined) plainFunction(setter, true);
    }
  }
  return [from, standard.length];
}

/** Called at bootstrap: what was made before the flags were known is put right. */
export function applyFunctionFlags(): void {
  if (flags.spec_compliant_property_attributes) standardClass([0, standard.length]);
}

/** Gives the functions of one interface the attributes of the standard. */
export function standardClass(range: readonly [from: number, to: number]): void {
  for (let i = range[0]; i < range[1]; i += 3) {
    const fn = standard[i] as Function;
    if (standard[i + 1] !== undefined) set(fn, 'name', standard[i + 1]);
    set(fn, 'length', standard[i + 2]);
  }
}
