// util.types. The checks that JS itself cannot make are the engine's.
import { TypeBit } from '../../type-bits';

const { native } = internals;
function bits(value: unknown): number {
  return (typeof value === 'object' && value !== null) || typeof value === 'function' ? native.typeBits(value) : 0;
}

const TypedArrayTag = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!.get!;
const tagOf = (value: unknown): string | undefined => TypedArrayTag.call(value);
const tagCheck = (name: string) => (value?: unknown): boolean => tagOf(value) === name;

export const isArrayBufferView = (value?: unknown): value is ArrayBufferView => ArrayBuffer.isView(value);
export const isTypedArray = (value?: unknown): boolean => tagOf(value) !== undefined;
export const isUint8Array = tagCheck('Uint8Array') as (value?: unknown) => value is Uint8Array;
export const isUint8ClampedArray = tagCheck('Uint8ClampedArray');
export const isUint16Array = tagCheck('Uint16Array');
export const isUint32Array = tagCheck('Uint32Array');
export const isInt8Array = tagCheck('Int8Array');
export const isInt16Array = tagCheck('Int16Array');
export const isInt32Array = tagCheck('Int32Array');
export const isFloat16Array = tagCheck('Float16Array');
export const isFloat32Array = tagCheck('Float32Array');
export const isFloat64Array = tagCheck('Float64Array');
export const isBigInt64Array = tagCheck('BigInt64Array');
export const isBigUint64Array = tagCheck('BigUint64Array');

type Check = (value?: unknown) => boolean;
const check = (bit: TypeBit): Check => (value) => (bits(value) & bit) !== 0;
export const isAsyncFunction = check(TypeBit.AsyncFunction);
export const isGeneratorFunction = check(TypeBit.GeneratorFunction);
export const isGeneratorObject = check(TypeBit.GeneratorObject);
export const isAnyArrayBuffer = check(TypeBit.AnyArrayBuffer) as (value?: unknown) => value is ArrayBufferLike;
export const isArrayBuffer = check(TypeBit.ArrayBuffer) as (value?: unknown) => value is ArrayBuffer;
export const isArgumentsObject = check(TypeBit.ArgumentsObject);
export const isBoxedPrimitive = check(TypeBit.BoxedPrimitive);
export const isDataView = check(TypeBit.DataView);
export const isMap = check(TypeBit.Map) as (value?: unknown) => value is Map<unknown, unknown>;
export const isMapIterator = check(TypeBit.MapIterator);
export const isModuleNamespaceObject = check(TypeBit.ModuleNamespaceObject);
export const isNativeError = check(TypeBit.NativeError) as (value?: unknown) => value is Error;
export const isPromise = check(TypeBit.Promise) as (value?: unknown) => value is Promise<unknown>;
export const isProxy = check(TypeBit.Proxy);
export const isSet = check(TypeBit.Set) as (value?: unknown) => value is Set<unknown>;
export const isSetIterator = check(TypeBit.SetIterator);
export const isSharedArrayBuffer = check(TypeBit.SharedArrayBuffer);
export const isWeakMap = check(TypeBit.WeakMap);
export const isWeakSet = check(TypeBit.WeakSet);
export const isRegExp = check(TypeBit.RegExp) as (value?: unknown) => value is RegExp;
export const isDate = check(TypeBit.Date) as (value?: unknown) => value is Date;
export const isStringObject = check(TypeBit.StringObject);
export const isSymbolObject = check(TypeBit.SymbolObject);
export const isNumberObject = check(TypeBit.NumberObject);
export const isBooleanObject = check(TypeBit.BooleanObject);
export const isBigIntObject = check(TypeBit.BigIntObject);
export const isExternal = check(TypeBit.External);
export const isCryptoKey = (value?: unknown): boolean => internals.isCryptoKey(value);
