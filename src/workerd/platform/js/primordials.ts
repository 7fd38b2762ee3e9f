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
/** slice() without a look at `constructor` and Symbol.species, which are the user's. */
export function ArrayPrototypeSlice<T>(a: readonly T[], from = 0, to = a.length): T[] {
  const copy: T[] = [];
  if (to < 0) to += a.length;
  for (let i = from; i < to && i < a.length; i++) copy[copy.length] = a[i]!;
  return copy;
}
/** splice(): removes, and keeps quiet about what it removed. */
export function ArrayPrototypeSplice(a: unknown[], start: number, count: number): void {
  for (let i = start; i + count < a.length; i++) a[i] = a[i + count];
  a.length -= count;
}
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
export const ObjectPrototype = Object.prototype;
export const ObjectPrototypeIsPrototypeOf = uncurryThis(Object.prototype.isPrototypeOf) as (proto: object, v: object) => boolean;
export const ObjectPrototypeToString = uncurryThis(Object.prototype.toString) as (v: unknown) => string;
export const ObjectGetOwnPropertyNames = Object.getOwnPropertyNames;
export const ObjectGetOwnPropertySymbols = Object.getOwnPropertySymbols;
export const MapPrototypeGet = uncurryThis(Map.prototype.get) as <K, V>(m: Map<K, V>, k: K) => V | undefined;
export const MapPrototypeSet = uncurryThis(Map.prototype.set) as <K, V>(m: Map<K, V>, k: K, v: V) => Map<K, V>;
export const MapPrototypeHas = uncurryThis(Map.prototype.has) as <K>(m: Map<K, any>, k: K) => boolean;
export const MapPrototypeDelete = uncurryThis(Map.prototype.delete) as <K>(m: Map<K, any>, k: K) => boolean;
export const MapPrototypeClear = uncurryThis(Map.prototype.clear) as (m: Map<any, any>) => void;
export const MapPrototypeForEach = uncurryThis(Map.prototype.forEach as (f: (v: any, k: any) => void) => void) as <K, V>(m: Map<K, V>, f: (v: V, k: K) => void) => void;
export const MapPrototypeGetSize = uncurryThis(Object.getOwnPropertyDescriptor(Map.prototype, 'size')!.get!) as (m: Map<any, any>) => number;
export const SetPrototypeAdd = uncurryThis(Set.prototype.add) as <T>(s: Set<T>, v: T) => Set<T>;
export const SetPrototypeDelete = uncurryThis(Set.prototype.delete) as <T>(s: Set<T>, v: T) => boolean;
export const SetPrototypeHas = uncurryThis(Set.prototype.has) as <T>(s: Set<T>, v: T) => boolean;
export const SetPrototypeForEach = uncurryThis(Set.prototype.forEach as (f: (v: any) => void) => void) as <T>(s: Set<T>, f: (v: T) => void) => void;
export const SetPrototypeGetSize = uncurryThis(Object.getOwnPropertyDescriptor(Set.prototype, 'size')!.get!) as (s: Set<any>) => number;
export const WeakMapPrototypeGet = uncurryThis(WeakMap.prototype.get) as <K extends WeakKey, V>(m: WeakMap<K, V>, k: K) => V | undefined;
export const WeakMapPrototypeSet = uncurryThis(WeakMap.prototype.set) as <K extends WeakKey, V>(m: WeakMap<K, V>, k: K, v: V) => WeakMap<K, V>;
export const WeakMapPrototypeHas = uncurryThis(WeakMap.prototype.has) as <K extends WeakKey>(m: WeakMap<K, any>, k: K) => boolean;
export const WeakMapPrototypeDelete = uncurryThis(WeakMap.prototype.delete) as <K extends WeakKey>(m: WeakMap<K, any>, k: K) => boolean;
export const StringPrototypeToWellFormed = uncurryThis(String.prototype.toWellFormed) as (s: string) => string;
export const StringPrototypeIsWellFormed = uncurryThis(String.prototype.isWellFormed) as (s: string) => boolean;
export const StringPrototypeCodePointAt = uncurryThis(String.prototype.codePointAt) as (s: string, i: number) => number | undefined;
export const StringPrototypeLastIndexOf = uncurryThis(String.prototype.lastIndexOf) as (s: string, v: string, from?: number) => number;
export const StringPrototypeSplit = uncurryThis(String.prototype.split as (s: string) => string[]) as (s: string, sep: string) => string[];
export const StringPrototypeStartsWith = uncurryThis(String.prototype.startsWith) as (s: string, v: string, p?: number) => boolean;
export const StringPrototypeEndsWith = uncurryThis(String.prototype.endsWith) as (s: string, v: string) => boolean;
export const StringPrototypeIncludes = uncurryThis(String.prototype.includes) as (s: string, v: string) => boolean;
export const StringPrototypeRepeat = uncurryThis(String.prototype.repeat) as (s: string, n: number) => string;
export const StringPrototypePadStart = uncurryThis(String.prototype.padStart) as (s: string, n: number, c?: string) => string;
export const StringPrototypePadEnd = uncurryThis(String.prototype.padEnd) as (s: string, n: number, c?: string) => string;
export const StringFromCharCode = String.fromCharCode;
// Like slice(), without `constructor` and Symbol.species.
export function ArrayPrototypeMap<T, R>(a: readonly T[], f: (v: T, i: number) => R): R[] {
  const list: R[] = [];
  for (let i = 0; i < a.length; i++) list[list.length] = f(a[i]!, i);
  return list;
}
export function ArrayPrototypeFilter<T>(a: readonly T[], f: (v: T, i: number) => boolean): T[] {
  const list: T[] = [];
  for (let i = 0; i < a.length; i++) if (f(a[i]!, i)) list[list.length] = a[i]!;
  return list;
}
export const ArrayPrototypeIncludes = uncurryThis(Array.prototype.includes) as <T>(a: readonly T[], v: T) => boolean;
export const ErrorCaptureStackTrace = (Error as any).captureStackTrace as (o: object, f?: Function) => void;
export const NumberIsNaN = Number.isNaN;
export const NumberIsInteger = Number.isInteger;
export const NumberIsSafeInteger = Number.isSafeInteger;
export const MathTrunc = Math.trunc;
export const MathMax = Math.max;
export const MathMin = Math.min;
export const MathFloor = Math.floor;
export const MathRound = Math.round;
export const MathAbs = Math.abs;
export const DateNow = Date.now;
export const PrimordialUint8Array = Uint8Array;
export const PrimordialPromise = Promise;
const TypedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;
const getterOf = (proto: object, key: PropertyKey): any => uncurryThis(Object.getOwnPropertyDescriptor(proto, key)!.get!);
export const TypedArrayPrototypeGetBuffer = getterOf(TypedArrayPrototype, 'buffer') as (v: ArrayBufferView) => ArrayBuffer;
export const TypedArrayPrototypeGetByteOffset = getterOf(TypedArrayPrototype, 'byteOffset') as (v: ArrayBufferView) => number;
export const TypedArrayPrototypeGetByteLength = getterOf(TypedArrayPrototype, 'byteLength') as (v: ArrayBufferView) => number;
export const TypedArrayPrototypeSet = uncurryThis(TypedArrayPrototype.set as (s: ArrayLike<number>, o?: number) => void) as (v: Uint8Array, s: Uint8Array, o?: number) => void;
export const TypedArrayPrototypeSlice = uncurryThis(TypedArrayPrototype.slice) as (v: Uint8Array, s?: number, e?: number) => Uint8Array<ArrayBuffer>;
export const TypedArrayPrototypeSubarray = uncurryThis(TypedArrayPrototype.subarray) as (v: Uint8Array, s?: number, e?: number) => Uint8Array<ArrayBuffer>;
export const DataViewPrototypeGetBuffer = getterOf(DataView.prototype, 'buffer') as (v: ArrayBufferView) => ArrayBuffer;
export const DataViewPrototypeGetByteOffset = getterOf(DataView.prototype, 'byteOffset') as (v: ArrayBufferView) => number;
export const DataViewPrototypeGetByteLength = getterOf(DataView.prototype, 'byteLength') as (v: ArrayBufferView) => number;
export const ArrayBufferPrototypeGetByteLength = getterOf(ArrayBuffer.prototype, 'byteLength') as (b: ArrayBuffer) => number;
export const ArrayBufferPrototypeGetDetached = getterOf(ArrayBuffer.prototype, 'detached') as (b: ArrayBuffer) => boolean;
export const ArrayBufferPrototypeGetResizable = getterOf(ArrayBuffer.prototype, 'resizable') as (b: ArrayBuffer) => boolean;
export const ArrayBufferPrototypeSlice = uncurryThis(ArrayBuffer.prototype.slice) as (b: ArrayBuffer, s?: number, e?: number) => ArrayBuffer;
// V8 has no SharedArrayBuffer while the startup snapshot is made.
let sharedArrayBufferByteLength: ((b: unknown) => number) | undefined;
/** True for SharedArrayBuffer objects, by their internal slot. */
export function isSharedArrayBuffer(v: unknown): boolean {
  if (typeof v !== 'object' || v === null) return false;
  sharedArrayBufferByteLength ??= getterOf(SharedArrayBuffer.prototype, 'byteLength') as (b: unknown) => number;
  try {
    sharedArrayBufferByteLength(v);
    return true;
  } catch {
    return false;
  }
}
/** True for ArrayBuffer objects, by their internal slot. */
export function isArrayBuffer(v: unknown): v is ArrayBuffer {
  if (typeof v !== 'object' || v === null) return false;
  try {
    ArrayBufferPrototypeGetByteLength(v as ArrayBuffer);
    return true;
  } catch {
    return false;
  }
}
export const SafeWeakRef = WeakRef;
export const WeakRefPrototypeDeref = uncurryThis(WeakRef.prototype.deref) as <T extends WeakKey>(r: WeakRef<T>) => T | undefined;
const StringPrototypeValueOf = uncurryThis(String.prototype.valueOf) as (v: unknown) => string;
/** True for String objects, by their internal slot. */
export function isStringObject(v: unknown): boolean {
  if (typeof v !== 'object') return false;
  try {
    StringPrototypeValueOf(v);
    return true;
  } catch {
    return false;
  }
}
export const PrimordialBigInt = BigInt;
export const SymbolDispose: typeof Symbol.dispose = Symbol.dispose;
export const decodeComponent = decodeURIComponent;
export const encodeComponent = encodeURIComponent;
export const RegExpPrototypeTest = uncurryThis(RegExp.prototype.test) as (r: RegExp, s: string) => boolean;
export const Uint8ArrayPrototypeSubarray = uncurryThis(Uint8Array.prototype.subarray) as (b: Uint8Array, from: number, to?: number) => Uint8Array;
export const NumberPrototypeToString = uncurryThis(Number.prototype.toString) as (n: number, radix?: number) => string;

export const SafeWeakSet = WeakSet;
export const WeakSetPrototypeAdd = uncurryThis(WeakSet.prototype.add) as <T extends object>(s: WeakSet<T>, v: T) => WeakSet<T>;
export const WeakSetPrototypeHas = uncurryThis(WeakSet.prototype.has) as <T extends object>(s: WeakSet<T>, v: T) => boolean;
/** An ordinary property, whatever accessors there are on prototypes. */
export function defineValue(object: object, key: PropertyKey, value: unknown): void {
  // What nobody inherits or has is made by an assignment, many times faster.
  if (!(key in object)) (object as Record<PropertyKey, unknown>)[key] = value;
  else ObjectDefineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}
