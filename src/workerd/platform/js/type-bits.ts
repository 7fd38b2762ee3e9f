// What V8 knows of a value and JS cannot ask: one bit for each kind, all in one call of `native.typeBits` (native/engine/js_ops.cpp
// sets them in this order).
import { native } from './ops';

export const enum TypeBit {
  ArgumentsObject = 1 << 0,
  AsyncFunction = 1 << 1,
  GeneratorFunction = 1 << 2,
  GeneratorObject = 1 << 3,
  Map = 1 << 4,
  MapIterator = 1 << 5,
  Set = 1 << 6,
  SetIterator = 1 << 7,
  WeakMap = 1 << 8,
  WeakSet = 1 << 9,
  Promise = 1 << 10,
  Proxy = 1 << 11,
  RegExp = 1 << 12,
  Date = 1 << 13,
  NativeError = 1 << 14,
  ModuleNamespaceObject = 1 << 15,
  External = 1 << 16,
  ArrayBuffer = 1 << 17,
  SharedArrayBuffer = 1 << 18,
  DataView = 1 << 19,
  TypedArray = 1 << 20,
  BooleanObject = 1 << 21,
  NumberObject = 1 << 22,
  StringObject = 1 << 23,
  SymbolObject = 1 << 24,
  BigIntObject = 1 << 25,
  WasmModuleObject = 1 << 26,
  BoxedPrimitive = NumberObject | StringObject | BooleanObject | BigIntObject | SymbolObject,
  AnyArrayBuffer = ArrayBuffer | SharedArrayBuffer,
}

/** The bits of a value; 0 for primitives and plain objects. */
export function typeOf(value: unknown): number {
  return (typeof value === 'object' && value !== null) || typeof value === 'function' ? native.typeBits(value) : 0;
}
