// Functions of Node that a worker cannot have: they exist, and say so when they are called.
import { ERR_METHOD_NOT_IMPLEMENTED } from './errors';

export type Fn = (...args: any[]) => any;

/** A function that throws ERR_METHOD_NOT_IMPLEMENTED for `label`; its own name is the last part of the label. */
export function missing(label: string): Fn {
  const name = label.slice(label.lastIndexOf('.') + 1);
  // eslint-disable-next-line object-shorthand -- it may be called with `new`.
  return { [name]: function (): never { throw new ERR_METHOD_NOT_IMPLEMENTED(label); } }[name]!;
}
/** Several of them, as an object; `names` in one text, `prefix` for the labels. */
export function allMissing(names: string, prefix = ''): Record<string, Fn> {
  return Object.fromEntries(names.trim().split(/\s+/).map((name) => [name, missing(prefix + name)]));
}
/** Gives a class methods that throw. */
export function missingMethods(Class: any, names: string, prefix = ''): void {
  for (const [name, value] of Object.entries(allMissing(names, prefix))) {
    Object.defineProperty(Class.prototype, name, { value, writable: true, configurable: true });
  }
}
/** Gives a class methods that do nothing and return what `result` gives. */
export function idleMethods(Class: any, names: string, result: (self: any) => unknown = () => undefined): void {
  for (const name of names.trim().split(/\s+/)) {
    const value = { [name](this: any): unknown { return result(this); } }[name];
    Object.defineProperty(Class.prototype, name, { value, writable: true, configurable: true });
  }
}
