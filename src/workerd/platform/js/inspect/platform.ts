// Objects of the platform's interfaces (Request, URL, Event...): their accessors as if they were properties, and the entries of those that
// have some (Headers, URLSearchParams, FormData) as a map's. Extra facts that scripts cannot read come from `inspectable`.
import { inspectorOf, isInterfacePrototype } from '../interface';
import { isBuiltinName } from './names';
import type { Context } from './options';
import { formatValue } from './value';

const kEntries = Symbol('entries');

/** The entries of a stand-in made below. */
export function getEntries(value: any): [unknown, unknown][] | undefined {
  return kEntries in value ? value[kEntries] : undefined;
}

function isBuiltinPrototype(proto: object | null): boolean {
  if (proto === null) return true;
  if (isInterfacePrototype(proto)) return false;
  const constructor: unknown = Object.getOwnPropertyDescriptor(proto, 'constructor')?.value;
  return typeof constructor === 'function' && isBuiltinName(constructor.name);
}

function entriesOf(value: any): [unknown, unknown][] | undefined {
  const method: unknown = value.entries;
  if (typeof method !== 'function') return undefined;
  const iterator: any = Reflect.apply(method, value, []);
  if (typeof iterator !== 'object' || iterator === null || !(Symbol.iterator in iterator)) return undefined;
  const entries = Array.from(iterator as Iterable<unknown>);
  return entries.every((e) => Array.isArray(e) && e.length === 2) ? (entries as [unknown, unknown][]) : undefined;
}

export function formatPlatformObject(ctx: Context, value: any, depth: number): string {
  const name: string = value.constructor.name;
  const left = ctx.depth === null ? null : ctx.depth - depth;
  if (left !== null && left < 0) return ctx.stylize(`[${name}]`, 'special');

  const inspector = inspectorOf(value);
  const record: any = {};
  const entries = inspector?.entries === false ? undefined : entriesOf(value);
  if (entries !== undefined) record[kEntries] = entries;
  let current: object = value;
  do {
    for (const key of Object.getOwnPropertyNames(current)) {
      if (inspector?.hidden?.includes(key)) continue;
      const property: unknown = value[key];
      if (typeof property === 'function' || Object.prototype.propertyIsEnumerable.call(value.constructor, key)) continue;
      record[key] = property;
    }
    current = Object.getPrototypeOf(current) as object;
  } while (!isBuiltinPrototype(current));
  if (inspector?.extra !== undefined) {
    const extra = inspector.extra(value);
    for (const key of Object.keys(extra)) Object.defineProperty(record, key, { value: extra[key], enumerable: false });
  }

  const text = formatValue({
    ...ctx, depth: left, showHidden: true, budget: {}, indentationLvl: 0, seen: [], currentDepth: 0, circular: undefined,
  }, record, 0);
  return entries === undefined ? `${name} ${text}` : `${name}${text.replace('Object', '')}`;
}
