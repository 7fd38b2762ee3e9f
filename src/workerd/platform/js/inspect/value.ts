// The heart of inspect(): decides what a value is and hands it to its formatter.
import { interfaceNameOf } from '../interface';
import { handlerOf } from '../rpc/brand';
import { native } from '../ops';
import { TypeBit, typeOf } from '../type-bits';
import {
  formatArray, formatArrayBuffer, formatIterator, formatMap, formatNamespace, formatPromise, formatSet, formatTypedArray,
  formatWeakCollection,
} from './collections';
import { formatError, isError } from './errors';
import { type Braces, joinEntries, Kind } from './layout';
import { constructorName, functionBase, plainPrefix, prefixOf } from './names';
import { type Context, customInspect, plain, textWidth } from './options';
import { formatPlatformObject, getEntries } from './platform';
import { escapeSymbol, formatNumber, formatPrimitive, isIdentifier, quote } from './primitives';

const { hasOwnProperty, propertyIsEnumerable } = Object.prototype;
const setSize = Object.getOwnPropertyDescriptor(Set.prototype, 'size')!.get!;
const mapSize = Object.getOwnPropertyDescriptor(Map.prototype, 'size')!.get!;
const setValues = Set.prototype.values;
const mapEntries = Map.prototype.entries;
const TypedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as object;
const typedArrayTag = Object.getOwnPropertyDescriptor(TypedArrayPrototype, Symbol.toStringTag)!.get!;
const typedArrayLength = Object.getOwnPropertyDescriptor(TypedArrayPrototype, 'length')!.get!;

/** inspect() itself, for custom inspect functions. Set by ./index. */
let inspectFunction: Function;
export function setInspectFunction(fn: Function): void {
  inspectFunction = fn;
}

function wrapProxies(ctx: Context, text: string, proxies: number): string {
  for (let i = 0; i < proxies; i++) text = `${ctx.stylize('Proxy(', 'special')}${text}${ctx.stylize(')', 'special')}`;
  return text;
}

/** `depth` counts from 0 at the outermost value. `inView`: the value is the buffer of a typed array being printed. */
export function formatValue(ctx: Context, value: unknown, depth: number, inView?: boolean): string {
  if (typeof value !== 'object' && typeof value !== 'function') return formatPrimitive(ctx.stylize, value, ctx);
  if (value === null) return ctx.stylize('null', 'null');
  const original = value;
  let proxies = 0;
  // Proxies are looked through, so that none of their traps runs.
  let bits = native.typeBits(value);
  if (bits & TypeBit.Proxy && !ctx.showProxy) {
    const handler = handlerOf(value);
    if (handler !== undefined) return ctx.depth !== null && depth > ctx.depth ? ctx.stylize(`[${handler.className}]`, 'special') : `${handler.className} {}`;
  }
  while (bits & TypeBit.Proxy) {
    const details = native.proxyDetails(value as object);
    if (details === undefined || details[0] === null || details[0] === undefined) {
      return wrapProxies(ctx, ctx.stylize('<Revoked Proxy>', 'special'), proxies);
    }
    if (ctx.showProxy) return formatProxy(ctx, details, depth);
    value = details[0];
    bits = native.typeBits(value);
    proxies++;
  }
  const object = value as any;
  if (ctx.customInspect) {
    const custom: unknown = object[customInspect];
    const isPrototype = (): boolean => object.constructor && object.constructor.prototype === object;
    if (typeof custom === 'function' && custom !== inspectFunction && !isPrototype()) {
      const left = ctx.depth === null ? null : ctx.depth - depth;
      const foreign = proxies !== 0 || !(original instanceof Object);
      const result: unknown = Reflect.apply(custom, original, [left, userOptions(ctx, foreign), inspectFunction]);
      if (result !== original) {
        if (typeof result !== 'string') return formatValue(ctx, result, depth);
        return result.replaceAll('\n', `\n${' '.repeat(ctx.indentationLvl)}`);
      }
    } else if (bits === 0 && typeof object === 'object') {
      const name = interfaceNameOf(object);
      if (name !== undefined && !isPrototype()) {
        return formatPlatformObject(ctx, object, depth).replaceAll('\n', `\n${' '.repeat(ctx.indentationLvl)}`);
      }
    }
  }
  if (ctx.seen.includes(object)) {
    ctx.circular ??= new Map();
    let index = ctx.circular.get(object);
    if (index === undefined) ctx.circular.set(object, index = ctx.circular.size + 1);
    return ctx.stylize(`[Circular *${index}]`, 'special');
  }
  return wrapProxies(ctx, formatRaw(ctx, object, bits, depth, inView === true), proxies);
}

function formatProxy(ctx: Context, [target, handler]: [unknown, unknown], depth: number): string {
  if (ctx.depth !== null && depth > ctx.depth) return ctx.stylize('Proxy [Array]', 'special');
  ctx.indentationLvl += 2;
  const output = [formatValue(ctx, target, depth + 1), formatValue(ctx, handler, depth + 1)];
  ctx.indentationLvl -= 2;
  return joinEntries(ctx, output, '', ['Proxy [', ']'], Kind.ArrayExtras, depth + 1);
}

/** The options a custom inspect function is given. */
function userOptions(ctx: Context, foreign: boolean): object {
  const { stylize } = ctx;
  const options: any = {
    stylize, showHidden: ctx.showHidden, depth: ctx.depth, colors: ctx.colors, customInspect: ctx.customInspect,
    showProxy: ctx.showProxy, maxArrayLength: ctx.maxArrayLength, maxStringLength: ctx.maxStringLength, breakLength: ctx.breakLength,
    compact: ctx.compact, sorted: ctx.sorted, getters: ctx.getters, numericSeparator: ctx.numericSeparator, ...ctx.userOptions,
  };
  if (!foreign) return options;
  // The value may come from another realm: nothing of this one is handed to it.
  Object.setPrototypeOf(options, null);
  for (const key of Object.keys(options)) {
    const option: unknown = options[key];
    if ((typeof option === 'object' && option !== null) || typeof option === 'function') delete options[key];
  }
  options.stylize = Object.setPrototypeOf((text: string, style: any): string => {
    try {
      return `${stylize(text, style)}`;
    } catch {
      return text; // The caller's own fault; it gets its text back, as in Node.js.
    }
  }, null);
  return options;
}

/** Own keys to show: names, then symbols. */
function keysOf(value: object, showHidden: boolean, bits: number): PropertyKey[] {
  const symbols = Object.getOwnPropertySymbols(value);
  if (showHidden) return [...Object.getOwnPropertyNames(value), ...symbols];
  let keys: PropertyKey[];
  try {
    keys = Object.keys(value);
  } catch (e) {
    // A namespace with exports not initialised yet.
    if (!(bits & TypeBit.ModuleNamespaceObject)) throw e;
    keys = Object.getOwnPropertyNames(value);
  }
  for (const symbol of symbols) if (propertyIsEnumerable.call(value, symbol)) keys.push(symbol);
  return keys;
}

function iteratorBraces(type: string, tag: string): Braces {
  if (tag !== `${type} Iterator`) tag = `${tag === '' ? '' : `${tag}] [`}${type} Iterator`;
  return [`[${tag}] {`, '}'];
}

type Formatter = (ctx: Context, value: any, depth: number) => string[];
const noEntries: Formatter = () => [];

function formatRaw(ctx: Context, value: any, bits: number, depth: number, inView: boolean): string {
  let protoProps: string[] | undefined = ctx.showHidden && (ctx.depth === null || depth <= ctx.depth) ? [] : undefined;
  const constructor = constructorName(value, ctx, depth, protoProps);
  if (protoProps?.length === 0) protoProps = undefined;

  let tag: unknown = value[Symbol.toStringTag];
  // A tag among the properties is shown there.
  if (typeof tag !== 'string' || (tag !== '' && (ctx.showHidden ? hasOwnProperty : propertyIsEnumerable).call(value, Symbol.toStringTag))) {
    tag = '';
  }
  const label = tag as string;
  const empty = (): boolean => keys.length === 0 && protoProps === undefined;
  let keys: PropertyKey[] = [];
  let base = '';
  let braces: Braces = ['{', '}'];
  let formatter: Formatter = noEntries;
  let kind = Kind.Object;

  // An object that lost its iterator with its prototype is shown as any other object.
  const iterable = Symbol.iterator in value || constructor === null;
  const entries = getEntries(value);
  if (entries !== undefined) {
    keys = keysOf(value, ctx.showHidden, bits).filter((key) => key !== 'size' && !(typeof key === 'symbol' && value[key] === entries));
    const prefix = prefixOf(constructor, label, 'Object', `(${entries.length})`);
    if (entries.length === 0 && empty()) return `${prefix}{}`;
    braces[0] = `${prefix}{`;
    formatter = (c, _, d) => formatMap(c, entries, entries.length, d);
  } else if (iterable && Array.isArray(value)) {
    const prefix = constructor !== 'Array' || label !== '' ? prefixOf(constructor, label, 'Array', `(${value.length})`) : '';
    keys = native.getOwnNonIndexProperties(value, !ctx.showHidden);
    braces = [`${prefix}[`, ']'];
    if (value.length === 0 && empty()) return `${braces[0]}]`;
    kind = Kind.ArrayExtras;
    formatter = formatArray;
  } else if (iterable && bits & TypeBit.Set) {
    const size = setSize.call(value) as number;
    const prefix = prefixOf(constructor, label, 'Set', `(${size})`);
    keys = keysOf(value, ctx.showHidden, bits);
    if (size === 0 && empty()) return `${prefix}{}`;
    braces[0] = `${prefix}{`;
    formatter = (c, v, d) => formatSet(c, setValues.call(v), size, d);
  } else if (iterable && bits & TypeBit.Map) {
    const size = mapSize.call(value) as number;
    const prefix = prefixOf(constructor, label, 'Map', `(${size})`);
    keys = keysOf(value, ctx.showHidden, bits);
    if (size === 0 && empty()) return `${prefix}{}`;
    braces[0] = `${prefix}{`;
    formatter = (c, v, d) => formatMap(c, mapEntries.call(v), size, d);
  } else if (iterable && bits & TypeBit.TypedArray) {
    keys = native.getOwnNonIndexProperties(value, !ctx.showHidden);
    const size = typedArrayLength.call(value) as number;
    const fallback = constructor === null ? (typedArrayTag.call(value) as string) : '';
    // Without its prototype an array's own properties are all that is left: print a copy that has one.
    const view = constructor === null ? new (globalThis as any)[fallback](value) : value;
    braces = [`${prefixOf(constructor, label, fallback, `(${size})`)}[`, ']'];
    if (size === 0 && keys.length === 0 && !ctx.showHidden) return `${braces[0]}]`;
    kind = Kind.ArrayExtras;
    formatter = (c, _, d) => formatTypedArray(c, view, size, d);
  } else if (iterable && bits & (TypeBit.MapIterator | TypeBit.SetIterator)) {
    keys = keysOf(value, ctx.showHidden, bits);
    braces = iteratorBraces(bits & TypeBit.MapIterator ? 'Map' : 'Set', label);
    formatter = (c, v, d) => formatIterator(c, v, d, braces);
  } else {
    keys = keysOf(value, ctx.showHidden, bits);
    if (typeof value === 'function') {
      base = functionBase(ctx, value, constructor, label, bits);
      if (empty()) return ctx.stylize(base, 'special');
    } else if (bits === 0 || (bits & TypeBit.ArgumentsObject && constructor === 'Object')) {
      if (constructor === 'Object') {
        if (bits !== 0) braces[0] = '[Arguments] {';
        else if (label !== '') braces[0] = `${prefixOf(constructor, label, 'Object')}{`;
      } else if (isError(value)) {
        base = formatError(value, constructor, label, ctx, keys);
        if (empty()) return base;
      } else {
        braces[0] = `${plainPrefix(value, constructor, label)}{`;
      }
      if (base === '' && empty()) return `${braces[0]}}`;
    } else if (bits & TypeBit.RegExp) {
      base = RegExp.prototype.toString.call(constructor !== null ? value : new RegExp(value));
      const prefix = prefixOf(constructor, label, 'RegExp');
      if (prefix !== 'RegExp ') base = `${prefix}${base}`;
      if (empty() || (ctx.depth !== null && depth > ctx.depth)) return ctx.stylize(base, 'regexp');
    } else if (bits & TypeBit.Date) {
      base = Number.isNaN(Date.prototype.getTime.call(value)) ? Date.prototype.toString.call(value) : Date.prototype.toISOString.call(value);
      const prefix = prefixOf(constructor, label, 'Date');
      if (prefix !== 'Date ') base = `${prefix}${base}`;
      if (empty()) return ctx.stylize(base, 'date');
    } else if (bits & TypeBit.NativeError) {
      base = formatError(value, constructor, label, ctx, keys);
      if (empty()) return base;
    } else if (bits & TypeBit.AnyArrayBuffer) {
      const prefix = prefixOf(constructor, label, bits & TypeBit.ArrayBuffer ? 'ArrayBuffer' : 'SharedArrayBuffer');
      if (!inView) formatter = formatArrayBuffer;
      else if (empty()) return `${prefix}{ byteLength: ${formatNumber(ctx.stylize, value.byteLength, false)} }`;
      braces[0] = `${prefix}{`;
      keys.unshift('byteLength');
    } else if (bits & TypeBit.DataView) {
      braces[0] = `${prefixOf(constructor, label, 'DataView')}{`;
      keys.unshift('byteLength', 'byteOffset', 'buffer');
    } else if (bits & TypeBit.Promise) {
      braces[0] = `${prefixOf(constructor, label, 'Promise')}{`;
      formatter = formatPromise;
    } else if (bits & (TypeBit.WeakSet | TypeBit.WeakMap)) {
      const pairs = (bits & TypeBit.WeakMap) !== 0;
      braces[0] = `${prefixOf(constructor, label, pairs ? 'WeakMap' : 'WeakSet')}{`;
      formatter = (c, v, d) => formatWeakCollection(c, v, d, pairs);
    } else if (bits & TypeBit.ModuleNamespaceObject) {
      braces[0] = `${prefixOf(constructor, label, 'Module')}{`;
      const names = keys;
      formatter = (c, v, d) => formatNamespace(c, v, d, names);
    } else if (bits & TypeBit.BoxedPrimitive) {
      base = boxedBase(ctx, value, bits, keys, constructor, label);
      if (empty()) return base;
    } else {
      const prefix = plainPrefix(value, constructor, label);
      if (empty()) return `${prefix}{}`;
      braces[0] = `${prefix}{`;
    }
  }

  if (ctx.depth !== null && depth > ctx.depth) {
    const name = plainPrefix(value, constructor, label).slice(0, -1);
    return ctx.stylize(constructor !== null ? `[${name}]` : name, 'special');
  }
  depth++;
  ctx.seen.push(value);
  ctx.currentDepth = depth;
  const { indentationLvl } = ctx;
  let output: string[];
  try {
    output = formatter(ctx, value, depth);
    for (let i = 0; i < keys.length; i++) output.push(formatProperty(ctx, value, depth, keys[i]!, kind));
    if (protoProps !== undefined) output.push(...protoProps);
  } catch (e) {
    if (!isStackOverflow(e)) throw e;
    ctx.seen.pop();
    ctx.indentationLvl = indentationLvl;
    const name = plainPrefix(value, constructor, label).slice(0, -1);
    return ctx.stylize(`[${name}: Inspection interrupted prematurely. Maximum call stack size exceeded.]`, 'special');
  }
  const index = ctx.circular?.get(value);
  if (index !== undefined) {
    const reference = ctx.stylize(`<ref *${index}>`, 'special');
    if (ctx.compact === true) braces[0] = `${reference} ${braces[0]}`;
    else base = base === '' ? reference : `${reference} ${base}`;
  }
  ctx.seen.pop();
  if (ctx.sorted) sortEntries(ctx, output, kind === Kind.Object ? 0 : output.length - keys.length);
  const result = joinEntries(ctx, output, base, braces, kind, depth, value);
  const used = (ctx.budget[ctx.indentationLvl] ?? 0) + result.length;
  ctx.budget[ctx.indentationLvl] = used;
  // Near V8's longest string: print no deeper.
  if (used > 2 ** 27) ctx.depth = -1;
  return result;
}

function sortEntries(ctx: Context, output: string[], from: number): void {
  const compare = ctx.sorted === true ? undefined : (ctx.sorted as (a: string, b: string) => number);
  const sorted = output.slice(from).sort(compare);
  for (let i = 0; i < sorted.length; i++) output[from + i] = sorted[i]!;
}

let overflowMessage: string | undefined;

function isStackOverflow(e: unknown): boolean {
  if (overflowMessage === undefined) {
    try {
      (function overflow(): void { overflow(); })();
    } catch (overflow) {
      overflowMessage = (overflow as Error).message;
    }
  }
  return e instanceof RangeError && e.message === overflowMessage;
}

function boxedBase(ctx: Context, value: any, bits: number, keys: PropertyKey[], constructor: string | null, tag: string): string {
  let type: string;
  let primitive: unknown;
  if (bits & TypeBit.NumberObject) [type, primitive] = ['Number', Number.prototype.valueOf.call(value)];
  else if (bits & TypeBit.StringObject) {
    [type, primitive] = ['String', String.prototype.valueOf.call(value)];
    // The characters come first among the keys.
    keys.splice(0, (primitive as string).length);
  } else if (bits & TypeBit.BooleanObject) [type, primitive] = ['Boolean', Boolean.prototype.valueOf.call(value)];
  else if (bits & TypeBit.BigIntObject) [type, primitive] = ['BigInt', BigInt.prototype.valueOf.call(value)];
  else [type, primitive] = ['Symbol', Symbol.prototype.valueOf.call(value)];
  let base = `[${type}`;
  if (type !== constructor) base += constructor === null ? ' (null prototype)' : ` (${constructor})`;
  base += `: ${formatPrimitive(plain, primitive, ctx)}]`;
  if (tag !== '' && tag !== constructor) base += ` [${tag}]`;
  return keys.length !== 0 || ctx.stylize === plain ? base : ctx.stylize(base, type.toLowerCase() as 'number');
}

/** One property, `name: value`; array elements without their index. `original`: the receiver for getters. */
export function formatProperty(
  ctx: Context, value: object, depth: number, key: PropertyKey, kind: Kind, descriptor?: PropertyDescriptor, original = value): string {
  const desc = descriptor ?? Object.getOwnPropertyDescriptor(value, key) ?? { value: (value as any)[key] as unknown, enumerable: true };
  let text: string;
  let space = ' ';
  if (desc.value !== undefined) {
    const indent = ctx.compact !== true || kind !== Kind.Object ? 2 : 3;
    ctx.indentationLvl += indent;
    text = formatValue(ctx, desc.value, depth);
    if (indent === 3 && ctx.breakLength < textWidth(text, ctx.colors)) space = `\n${' '.repeat(ctx.indentationLvl)}`;
    ctx.indentationLvl -= indent;
  } else if (desc.get !== undefined) {
    text = formatGetter(ctx, desc, depth, original);
  } else if (desc.set !== undefined) {
    text = ctx.stylize('[Setter]', 'special');
  } else {
    text = ctx.stylize('undefined', 'undefined');
  }
  if (kind === Kind.ArrayElement) return text;
  let name: string;
  if (typeof key === 'symbol') name = ctx.stylize(escapeSymbol(Symbol.prototype.toString.call(key)), 'symbol');
  else if (key === '__proto__') name = "['__proto__']";
  else if (isIdentifier(key as string)) name = ctx.stylize(key as string, 'name');
  else name = ctx.stylize(quote(key as string), 'string');
  if (desc.enumerable === false) name = `[${name}]`;
  return `${name}:${space}${text}`;
}

function formatGetter(ctx: Context, desc: PropertyDescriptor, depth: number, original: object): string {
  const { stylize, getters } = ctx;
  const label = desc.set !== undefined ? 'Getter/Setter' : 'Getter';
  const wanted = getters === true || (getters === 'get' && desc.set === undefined) || (getters === 'set' && desc.set !== undefined);
  if (!wanted) return stylize(`[${label}]`, 'special');
  try {
    const result: unknown = Reflect.apply(desc.get!, original, []);
    ctx.indentationLvl += 2;
    let text: string;
    if (result === null) text = `${stylize(`[${label}:`, 'special')} ${stylize('null', 'null')}${stylize(']', 'special')}`;
    else if (typeof result === 'object') text = `${stylize(`[${label}]`, 'special')} ${formatValue(ctx, result, depth)}`;
    else text = `${stylize(`[${label}:`, 'special')} ${formatPrimitive(stylize, result, ctx)}${stylize(']', 'special')}`;
    ctx.indentationLvl -= 2;
    return text;
  } catch (e) {
    return `${stylize(`[${label}:`, 'special')} <Inspection threw (${isError(e) ? e.message : String(e)})>${stylize(']', 'special')}`;
  }
}
