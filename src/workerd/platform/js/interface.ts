// What makes a class a Web IDL interface: enumerable members, constants, its name whatever the bundler called it, the string tag and
// (for workers of old compatibility dates) accessors as own properties of each instance.
import { flags } from './flags';
import { applyFunctionFlags, plainClass, standardClass } from './function-attributes';
import { setOperationLengths } from './function-lengths';
import {
  ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, ObjectGetPrototypeOf, ObjectHasOwn, ObjectPrototypeIsPrototypeOf, ReflectOwnKeys, SafeMap,
  SymbolToStringTag, MapPrototypeGet,
} from './primordials';

type AnyClass = abstract new (...args: any[]) => object;

export interface InterfaceOptions {
  /** Tells real instances from objects that merely inherit from the prototype: `(o) => #field in o`. */
  brand?: (value: any) => boolean;
  /** Constants of the interface object and its prototype. */
  constants?: Readonly<Record<string, number>>;
  /** Accessors that were own properties of each instance before workers_api_getters_setters_on_prototype. */
  ownProperties?: readonly string[];
  inspector?: Inspector;
  /** Tells whether this worker has the interface as the standard has it, whatever its compatibility date. */
  standard?: () => boolean;
}

interface InterfaceRecord {
  readonly name: string;
  readonly prototype: object;
  readonly brand: ((value: any) => boolean) | undefined;
  readonly ownProperties: readonly string[];
  readonly inspector: Inspector | undefined;
  readonly standard: (() => boolean) | undefined;
  /** See function-attributes.ts. */
  readonly functions: readonly [number, number];
  /** Filled at bootstrap of a worker with an old compatibility date. */
  own: [string, PropertyDescriptor][] | undefined;
}

const records: InterfaceRecord[] = [];
// Interface objects and their prototypes with the names of the constants on them.
const withConstants: [object, string][] = [];
const byPrototype = new SafeMap<object, InterfaceRecord>();

// Marks the platform's classes for code that looks for it, as in workerd.
const internalClass = Symbol.for('cloudflare:internal-class');

/** Marks the prototype of one of the platform's classes. */
export function markAsInterface(prototype: object): void {
  ObjectDefineProperty(prototype, internalClass, { value: internalClass, writable: false, enumerable: false, configurable: false });
}

const tagged: object[] = [];

/** Gives the prototype of a class that is no interface object its string tag; workers before set_tostring_tag do without. */
export function defineTag(prototype: object, tag: string): void {
  ObjectDefineProperty(prototype, SymbolToStringTag, { value: tag, writable: true, enumerable: false, configurable: true });
  tagged[tagged.length] = prototype;
}

/** Registers a class as an interface. Called once for each class, when the platform is evaluated. */
export function defineInterface(Class: AnyClass, name: string, options: InterfaceOptions = {}): void {
  const prototype = Class.prototype as object;
  ObjectDefineProperty(Class, 'name', { value: name, configurable: true });
  setOperationLengths(Class, name);
  for (const holder of [Class, prototype]) {
    for (const key of ReflectOwnKeys(holder)) {
      if (typeof key !== 'string' || key === 'constructor') continue;
      if (holder === Class && (key === 'prototype' || key === 'name' || key === 'length')) continue;
      ObjectDefineProperty(holder, key, { enumerable: true });
    }
  }
  const constants = options.constants;
  if (constants !== undefined) {
    for (const key in constants) {
      const descriptor = { value: constants[key], enumerable: true, writable: false, configurable: true };
      ObjectDefineProperty(Class, key, descriptor);
      ObjectDefineProperty(prototype, key, descriptor);
      withConstants[withConstants.length] = [Class, key];
      withConstants[withConstants.length] = [prototype, key];
    }
  }
  const functions = plainClass(Class);
  ObjectDefineProperty(prototype, SymbolToStringTag, { value: name, writable: true, enumerable: false, configurable: true });
  markAsInterface(prototype);
  const record: InterfaceRecord = { name, prototype, brand: options.brand, ownProperties: options.ownProperties ?? [], inspector: options.inspector,
    standard: options.standard, functions, own: undefined };
  records[records.length] = record;
  byPrototype.set(prototype, record);
}

/** Names the instances of a class that is no Web IDL interface. */
export function addBrand(Class: AnyClass, name: string, brand: (value: any) => boolean, inspector?: Inspector): void {
  ObjectDefineProperty(Class, 'name', { value: name, configurable: true });
  byPrototype.set(Class.prototype as object,
    { name, prototype: Class.prototype as object, brand, ownProperties: [], inspector, standard: undefined, functions: [0, 0], own: undefined });
}

/** True when accessors listed as `ownProperties` belong to each instance: constructors then call `addOwnProperties(this)`. */
export let legacyOwnProperties = false;

/** Adapts all interfaces to the worker's flags. Called at bootstrap. */
export function applyInterfaceFlags(): void {
  if (!flags.set_tostring_tag) {
    for (let i = 0; i < tagged.length; i++) delete (tagged[i] as any)[SymbolToStringTag];
    for (let i = 0; i < records.length; i++) {
      if (records[i]!.standard?.() !== true) delete (records[i]!.prototype as any)[SymbolToStringTag];
    }
  }
  applyFunctionFlags();
  for (let i = 0; i < records.length; i++) {
    const record = records[i]!;
    if (record.standard === undefined || !record.standard()) continue;
    standardClass(record.functions);
    ObjectDefineProperty(record.prototype, SymbolToStringTag, { writable: false });
  }
  if (flags.spec_compliant_property_attributes) {
    for (let i = 0; i < withConstants.length; i++) ObjectDefineProperty(withConstants[i]![0], withConstants[i]![1], { configurable: false });
  }
  if (flags.workers_api_getters_setters_on_prototype) return;
  legacyOwnProperties = true;
  for (let i = 0; i < records.length; i++) {
    const record = records[i]!;
    if (record.ownProperties.length === 0 || record.standard?.() === true) continue;
    record.own = [];
    for (let j = 0; j < record.ownProperties.length; j++) {
      const key = record.ownProperties[j]!;
      const descriptor = ObjectGetOwnPropertyDescriptor(record.prototype, key)!;
      record.own[j] = [key, descriptor];
      delete (record.prototype as any)[key];
    }
  }
}

/** Gives an instance the accessors that old compatibility dates expect on it, the last one first, as the reference shows them. */
export function addOwnProperties(instance: object): void {
  for (let p = ObjectGetPrototypeOf(instance); p !== null; p = ObjectGetPrototypeOf(p)) {
    const own = MapPrototypeGet(byPrototype, p)?.own;
    if (own === undefined) continue;
    for (let i = own.length - 1; i >= 0; i--) {
      if (!ObjectHasOwn(instance, own[i]![0])) ObjectDefineProperty(instance, own[i]![0], own[i]![1]);
    }
  }
}

/** The interface an object is an instance of, or undefined for objects of user code. */
export function interfaceNameOf(value: object): string | undefined {
  return recordOf(value)?.name;
}

function recordOf(value: object): InterfaceRecord | undefined {
  for (let p = ObjectGetPrototypeOf(value); p !== null; p = ObjectGetPrototypeOf(p)) {
    const record = MapPrototypeGet(byPrototype, p);
    if (record !== undefined) return record.brand === undefined || record.brand(value) ? record : undefined;
  }
  return undefined;
}

/** True for the prototype object of an interface. */
export function isInterfacePrototype(value: object): boolean {
  return MapPrototypeGet(byPrototype, value) !== undefined;
}

/** What inspect() (console.log) shows of an instance beside its accessors. */
export interface Inspector {
  /** Accessors not to show. */
  hidden?: readonly string[];
  /** Facts scripts cannot read, shown in brackets. */
  extra?: (value: any) => Record<string, unknown>;
  /** False: its `entries` is not a method that lists entries. */
  entries?: boolean;
}

export function inspectorOf(value: object): Inspector | undefined {
  return recordOf(value)?.inspector;
}

export function illegalInvocation(): TypeError {
  return new TypeError('Illegal invocation: function called with incorrect `this` reference. See ' +
    'https://developers.cloudflare.com/workers/observability/errors/#illegal-invocation-errors for details.');
}

/** A required argument is missing, or of the wrong type. `index` counts from 1. */
export function badArgument(method: string, owner: string, index: number, type: string): TypeError {
  return new TypeError(`Failed to execute '${method}' on '${owner}': parameter ${index} is not of type '${type}'.`);
}

export function badConstructorArgument(owner: string, index: number, type: string): TypeError {
  return new TypeError(`Failed to construct '${owner}': constructor parameter ${index} is not of type '${type}'.`);
}

export function badField(field: string, dictionary: string, type: string): TypeError {
  return new TypeError(`Incorrect type for the '${field}' field on '${dictionary}': the provided value is not of type '${type}'.`);
}

/** A value of the wrong type where null is allowed: an error, or, before dont_substitute_null_on_type_error, null. */
export function wrongType(error: () => TypeError): null {
  if (flags.dont_substitute_null_on_type_error) throw error();
  return null;
}

/** A dictionary argument: undefined for undefined and null, the object itself otherwise. */
export function toDictionary<T extends object>(value: unknown, error: () => TypeError): T | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object' && typeof value !== 'function') throw error();
  return value as T;
}

/** True when `value` is an instance of `Class` or a class derived from it, judged by the prototype chain alone. */
export function inherits(value: unknown, Class: AnyClass): boolean {
  return typeof value === 'object' && value !== null && ObjectPrototypeIsPrototypeOf(Class.prototype, value);
}
