// Builtins as they were before user code could patch them. `uncurryThis(f)(self, ...args)` is `f.call(self, ...args)` through
// intrinsics that cannot be patched.
const { bind, call, apply } = Function.prototype;

export const uncurryThis: <T, A extends unknown[], R>(fn: (this: T, ...args: A) => R) => (self: T, ...args: A) => R =
  bind.bind(call) as never;
export const applyBind = bind.bind(apply);
export const ReflectApply = Reflect.apply;
export const ReflectConstruct = Reflect.construct;
export const ReflectOwnKeys = Reflect.ownKeys;
export const ObjectDefineProperty = Object.defineProperty;
export const ObjectDefineProperties = Object.defineProperties;
export const ObjectGetOwnPropertyDescriptor = Object.getOwnPropertyDescriptor;
export const ObjectGetPrototypeOf = Object.getPrototypeOf;
export const ObjectSetPrototypeOf = Object.setPrototypeOf;
export const ObjectCreate = Object.create;
export const ObjectFreeze = Object.freeze;
export const ObjectKeys = Object.keys;
export const ObjectAssign = Object.assign;
export const ObjectHasOwn = Object.hasOwn;
export const ArrayIsArray = Array.isArray;
export const ArrayPrototypePush = uncurryThis(Array.prototype.push) as <T>(a: T[], ...v: T[]) => number;
export const ArrayPrototypeShift = uncurryThis(Array.prototype.shift) as <T>(a: T[]) => T | undefined;
export const ArrayPrototypeSlice = uncurryThis(Array.prototype.slice) as <T>(a: readonly T[], s?: number, e?: number) => T[];
export const ArrayPrototypeSplice = uncurryThis(Array.prototype.splice as (s: number, n?: number, ...v: any[]) => any[]) as <T>(a: T[], s: number, n?: number, ...v: T[]) => T[];
export const ArrayPrototypeIndexOf = uncurryThis(Array.prototype.indexOf) as <T>(a: readonly T[], v: T) => number;
export const ArrayPrototypeJoin = uncurryThis(Array.prototype.join) as (a: readonly unknown[], s: string) => string;
export const ArrayPrototypeSort = uncurryThis(Array.prototype.sort) as <T>(a: T[], f?: (x: T, y: T) => number) => T[];
export const PromiseResolve = Promise.resolve.bind(Promise) as <T>(v: T | PromiseLike<T>) => Promise<T>;
export const PromiseReject = Promise.reject.bind(Promise) as (e: unknown) => Promise<never>;
export const PromisePrototypeThen = uncurryThis(Promise.prototype.then) as <T, R>(
  p: Promise<T>, ok?: ((v: T) => R | PromiseLike<R>) | null, bad?: ((e: any) => R | PromiseLike<R>) | null) => Promise<R>;
export const StringPrototypeSlice = uncurryThis(String.prototype.slice) as (s: string, a?: number, b?: number) => string;
export const StringPrototypeIndexOf = uncurryThis(String.prototype.indexOf) as (s: string, v: string, from?: number) => number;
export const StringPrototypeToLowerCase = uncurryThis(String.prototype.toLowerCase) as (s: string) => string;
export const StringPrototypeToUpperCase = uncurryThis(String.prototype.toUpperCase) as (s: string) => string;
export const StringPrototypeCharCodeAt = uncurryThis(String.prototype.charCodeAt) as (s: string, i: number) => number;
export const StringPrototypeReplace = uncurryThis(String.prototype.replace as (a: RegExp | string, b: string) => string) as (s: string, a: RegExp | string, b: string) => string;
export const StringPrototypeTrim = uncurryThis(String.prototype.trim) as (s: string) => string;
export const RegExpPrototypeExec = uncurryThis(RegExp.prototype.exec) as (r: RegExp, s: string) => RegExpExecArray | null;
export const TypedArrayPrototypeGetToStringTag = uncurryThis(
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!.get!) as (v: unknown) => string | undefined;
export const ArrayBufferIsView = ArrayBuffer.isView;
export const SymbolIterator: typeof Symbol.iterator = Symbol.iterator;
export const SymbolAsyncIterator: typeof Symbol.asyncIterator = Symbol.asyncIterator;
export const SymbolToStringTag: typeof Symbol.toStringTag = Symbol.toStringTag;
export const JSONStringify = JSON.stringify;
export const JSONParse = JSON.parse;
export const SafeMap = Map;
export const SafeSet = Set;
export const SafeWeakMap = WeakMap;
