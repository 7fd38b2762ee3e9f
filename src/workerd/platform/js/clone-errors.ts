// What structured clones keep of errors under enhanced_error_serialization, beside what V8's format has room for: every native type,
// names that users gave, and own properties. The serializer writes a list of the errors of a value after the value.
import { DOMException } from './dom-exception';
import { interfaceNameOf } from './interface';
import {
  ArrayIsArray, defineValue, ErrorCaptureStackTrace, MapPrototypeForEach, ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, ObjectGetOwnPropertyNames, ObjectKeys,
  ObjectSetPrototypeOf, SafeSet, SetPrototypeAdd, SetPrototypeForEach, SetPrototypeHas,
} from './primordials';
import { typeOf, TypeBit } from './type-bits';

// Errors of other names are read as Error with a name of their own.
const prototypes: Record<string, object | undefined> = {
  __proto__: null, Error: Error.prototype, TypeError: TypeError.prototype, RangeError: RangeError.prototype, ReferenceError: ReferenceError.prototype,
  SyntaxError: SyntaxError.prototype, EvalError: EvalError.prototype, URIError: URIError.prototype, AggregateError: AggregateError.prototype,
} as never;

/** Called at bootstrap: this type is not there yet when the platform is evaluated. */
export function addLateErrorTypes(): void {
  prototypes.SuppressedError = (globalThis as unknown as { SuppressedError?: ErrorConstructor }).SuppressedError?.prototype;
}

const leaves = TypeBit.AnyArrayBuffer | TypeBit.DataView | TypeBit.TypedArray | TypeBit.BoxedPrimitive | TypeBit.Date | TypeBit.RegExp | TypeBit.WasmModuleObject;

/** The errors a clone of the value has, without calling getters. */
function errorsIn(value: unknown): Error[] {
  const errors: Error[] = [];
  const seen = new SafeSet<object>();
  const pending: unknown[] = [value];
  const push = (item: unknown) => {
    if (typeof item === 'object' && item !== null) pending[pending.length] = item;
  };
  while (pending.length > 0) {
    const item = pending[pending.length - 1]!;
    pending.length--;
    if (typeof item !== 'object' || SetPrototypeHas(seen, item)) continue;
    SetPrototypeAdd(seen, item);
    const bits = typeOf(item);
    if (bits & (leaves | TypeBit.Proxy)) continue;
    if (bits & TypeBit.Map) {
      MapPrototypeForEach(item as Map<unknown, unknown>, (v, k) => { push(k); push(v); });
    } else if (bits & TypeBit.Set) {
      SetPrototypeForEach(item as Set<unknown>, push);
    } else {
      // Those of the platform's own classes are written by the classes.
      const isError = (bits & TypeBit.NativeError) !== 0 && interfaceNameOf(item) === undefined;
      if (isError) errors[errors.length] = item as Error;
      const keys = isError ? ObjectGetOwnPropertyNames(item) : ObjectKeys(item);
      for (let i = 0; i < keys.length; i++) push(ObjectGetOwnPropertyDescriptor(item, keys[i]!)!.value);
    }
  }
  return errors;
}

/** Five items for each error: itself, its native type, the name it has instead, its message, its other properties. */
export function describeErrors(value: unknown): unknown[] | undefined {
  const errors = errorsIn(value);
  if (errors.length === 0) return undefined;
  const list: unknown[] = [];
  for (let i = 0; i < errors.length; i++) {
    const error = errors[i]! as Error & Record<string, unknown>;
    const { name, message } = error as { name: unknown; message: unknown };
    const known = prototypes[`${name as string}`] !== undefined;
    const properties: Record<string, unknown> = {};
    const keys = ObjectGetOwnPropertyNames(error);
    for (let j = 0; j < keys.length; j++) {
      const key = keys[j]!;
      if (key === 'stack' || key === 'cause' || key === 'errors') defineValue(properties, key, error[key]);
      // A [[Set]], which a setter on Object.prototype hears of, as in workerd.
      else if (key !== 'name' && key !== 'message') properties[key] = error[key];
    }
    list[list.length] = error;
    list[list.length] = known ? `${name as string}` : 'Error';
    list[list.length] = known ? undefined : name;
    list[list.length] = message;
    list[list.length] = properties;
  }
  return list;
}

/** Gives errors that V8 has just read what `describeErrors` said. Their stacks are those of the reader unless it wants the writer's. */
export function restoreErrors(list: unknown, keepStacks: boolean, reader: Function): void {
  if (!ArrayIsArray(list)) return;
  for (let i = 0; i + 4 < list.length; i += 5) {
    const error: object = list[i];
    const prototype = prototypes[list[i + 1]];
    const name: unknown = list[i + 2];
    const message: unknown = list[i + 3];
    const properties: Record<string, unknown> = list[i + 4];
    if (!(typeOf(error) & TypeBit.NativeError) || prototype === undefined || typeof properties !== 'object') continue;
    if (typeof message !== 'string') throw new DOMException('Deserialization failed: error message is not a string', 'DataCloneError');
    ObjectSetPrototypeOf(error, prototype);
    ObjectDefineProperty(error, 'message', { value: message, writable: true, enumerable: false, configurable: true });
    if (!keepStacks || properties.stack === undefined) ErrorCaptureStackTrace(error, reader);
    if (name !== undefined) ObjectDefineProperty(error, 'name', { value: name, writable: true, enumerable: true, configurable: true });
    const keys = ObjectKeys(properties);
    for (let j = 0; j < keys.length; j++) {
      const key = keys[j]!;
      if (key === 'stack' && !keepStacks) continue;
      ObjectDefineProperty(error, key, { value: properties[key], writable: true, enumerable: true, configurable: true });
    }
  }
}
