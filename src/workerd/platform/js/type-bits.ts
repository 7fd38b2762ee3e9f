// What V8 knows of a value and JS cannot ask: one bit for each kind, all in one call of `native.typeBits` (native/web/type_bits.cpp
// sets them in this order).
import { native } from './ops';

export const enum TypeBit {
  Map = 1 << 0,
  Set = 1 << 1,
  MapIterator = 1 << 2,
  SetIterator = 1 << 3,
  WeakMap = 1 << 4,
  WeakSet = 1 << 5,
  Promise = 1 << 6,
  Proxy = 1 << 7,
  RegExp = 1 << 8,
  Date = 1 << 9,
  NativeError = 1 << 10,
  ArgumentsObject = 1 << 11,
  ModuleNamespaceObject = 1 << 12,
  NumberObject = 1 << 13,
  StringObject = 1 << 14,
  BooleanObject = 1 << 15,
  BigIntObject = 1 << 16,
  SymbolObject = 1 << 17,
  AsyncFunction = 1 << 18,
  GeneratorFunction = 1 << 19,
  GeneratorObject = 1 << 20,
  ArrayBuffer = 1 << 21,
  SharedArrayBuffer = 1 << 22,
  DataView = 1 << 23,
  External = 1 << 24,
  TypedArray = 1 << 25,
  BoxedPrimitive = NumberObject | StringObject | BooleanObject | BigIntObject | SymbolObject,
  AnyArrayBuffer = ArrayBuffer | SharedArrayBuffer,
}

/** The bits of a value; 0 for primitives and plain objects. */
export function typeOf(value: unknown): number {
  return (typeof value === 'object' && value !== null) || typeof value === 'function' ? native.typeBits(value) : 0;
}
