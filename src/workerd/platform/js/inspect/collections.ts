// The entries of arrays, buffers, maps, sets, iterators, promises and module namespaces.
import { native } from '../ops';
import { TypeBit, typeOf } from '../type-bits';
import { joinEntries, Kind, type Braces } from './layout';
import type { Context } from './options';
import { formatBigInt, formatNumber } from './primitives';
import { formatProperty, formatValue } from './value';

function moreItems(rest: number): string {
  return `... ${rest} more item${rest > 1 ? 's' : ''}`;
}

function limit(ctx: Context, length: number): number {
  return Math.min(Math.max(0, ctx.maxArrayLength), length);
}

export function formatArray(ctx: Context, value: unknown[], depth: number): string[] {
  const { length } = value;
  const shown = limit(ctx, length);
  const output: string[] = [];
  for (let i = 0; i < shown; i++) {
    if (!Object.prototype.hasOwnProperty.call(value, i)) return formatSparse(ctx, value, depth, shown, output, i);
    output.push(formatProperty(ctx, value, depth, i as unknown as string, Kind.ArrayElement));
  }
  if (length > shown) output.push(moreItems(length - shown));
  return output;
}

function formatSparse(ctx: Context, value: unknown[], depth: number, shown: number, output: string[], from: number): string[] {
  const holes = (count: number): string => ctx.stylize(`<${count} empty item${count > 1 ? 's' : ''}>`, 'undefined');
  const keys = Object.keys(value);
  let index = from;
  for (let i = from; i < keys.length && output.length < shown; i++) {
    const key = keys[i]!;
    const at = +key;
    if (at > 2 ** 32 - 2) break;
    if (`${index}` !== key) {
      if (!/^(0|[1-9][0-9]*)$/.test(key)) break;
      output.push(holes(at - index));
      index = at;
      if (output.length === shown) break;
    }
    output.push(formatProperty(ctx, value, depth, key, Kind.ArrayElement));
    index++;
  }
  const rest = value.length - index;
  if (output.length !== shown) {
    if (rest > 0) output.push(holes(rest));
  } else if (rest > 0) {
    output.push(moreItems(rest));
  }
  return output;
}

export function formatArrayBuffer(ctx: Context, value: ArrayBuffer): string[] {
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(value);
  } catch {
    return [ctx.stylize('(detached)', 'special')];
  }
  const shown = limit(ctx, bytes.length);
  let text = '';
  for (let i = 0; i < shown; i++) text += `${i === 0 ? '' : ' '}${bytes[i]! < 16 ? '0' : ''}${bytes[i]!.toString(16)}`;
  const rest = bytes.length - ctx.maxArrayLength;
  if (rest > 0) text += ` ... ${rest} more byte${rest > 1 ? 's' : ''}`;
  return [`${ctx.stylize('[Uint8Contents]', 'special')}: <${text}>`];
}

type AnyTypedArray = Uint8Array & Record<string, unknown>;

export function formatTypedArray(ctx: Context, value: AnyTypedArray, length: number, depth: number): string[] {
  const shown = limit(ctx, length);
  const output: string[] = [];
  // As in Node.js, an array whose `length` says it is empty is taken for one of big integers.
  const numbers = value.length > 0 && typeof value[0] === 'number';
  for (let i = 0; i < shown; i++) {
    const element = value[i] as unknown as never;
    output[i] = numbers ? formatNumber(ctx.stylize, element, ctx.numericSeparator) : formatBigInt(ctx.stylize, element, ctx.numericSeparator);
  }
  if (length > shown) output.push(moreItems(length - shown));
  if (ctx.showHidden) {
    ctx.indentationLvl += 2;
    for (const key of ['BYTES_PER_ELEMENT', 'length', 'byteLength', 'byteOffset', 'buffer']) {
      output.push(`[${key}]: ${formatValue(ctx, value[key], depth, true)}`);
    }
    ctx.indentationLvl -= 2;
  }
  return output;
}

/** A set, or the members of one whose prototype is gone. */
export function formatSet(ctx: Context, members: Iterable<unknown>, size: number, depth: number): string[] {
  const shown = limit(ctx, size);
  const output: string[] = [];
  ctx.indentationLvl += 2;
  for (const member of members) {
    if (output.length >= shown) break;
    output.push(formatValue(ctx, member, depth));
  }
  if (size > shown) output.push(moreItems(size - shown));
  ctx.indentationLvl -= 2;
  return output;
}

export function formatMap(ctx: Context, entries: Iterable<readonly [unknown, unknown]>, size: number, depth: number): string[] {
  const shown = limit(ctx, size);
  const output: string[] = [];
  ctx.indentationLvl += 2;
  for (const entry of entries) {
    if (output.length >= shown) break;
    output.push(`${formatValue(ctx, entry[0], depth)} => ${formatValue(ctx, entry[1], depth)}`);
  }
  if (size > shown) output.push(moreItems(size - shown));
  ctx.indentationLvl -= 2;
  return output;
}

function formatMembers(ctx: Context, entries: unknown[], depth: number, weak: boolean): string[] {
  const shown = limit(ctx, entries.length);
  const output: string[] = [];
  ctx.indentationLvl += 2;
  for (let i = 0; i < shown; i++) output[i] = formatValue(ctx, entries[i], depth);
  ctx.indentationLvl -= 2;
  // The engine's order of weak entries means nothing.
  if (weak && !ctx.sorted) output.sort();
  if (entries.length > shown) output.push(moreItems(entries.length - shown));
  return output;
}

function formatPairs(ctx: Context, entries: unknown[], depth: number, weak: boolean): string[] {
  const count = entries.length / 2;
  const shown = limit(ctx, count);
  const output: string[] = [];
  ctx.indentationLvl += 2;
  for (let i = 0; i < shown; i++) {
    const pair = [formatValue(ctx, entries[2 * i], depth), formatValue(ctx, entries[2 * i + 1], depth)];
    output[i] = weak ? `${pair[0]} => ${pair[1]}` : joinEntries(ctx, pair, '', ['[', ']'], Kind.ArrayExtras, depth);
  }
  ctx.indentationLvl -= 2;
  if (weak && !ctx.sorted) output.sort();
  if (count > shown) output.push(moreItems(count - shown));
  return output;
}

export function formatWeakCollection(ctx: Context, value: object, depth: number, pairs: boolean): string[] {
  if (!ctx.showHidden) return [ctx.stylize('<items unknown>', 'special')];
  const entries = native.previewEntries(value)![0];
  return pairs ? formatPairs(ctx, entries, depth, true) : formatMembers(ctx, entries, depth, true);
}

export function formatIterator(ctx: Context, value: object, depth: number, braces: Braces): string[] {
  const [entries, pairs] = native.previewEntries(value)!;
  if (!pairs) return formatMembers(ctx, entries, depth, false);
  braces[0] = braces[0].replace(/ Iterator] {$/, ' Entries] {');
  return formatPairs(ctx, entries, depth, false);
}

export function formatPromise(ctx: Context, value: Promise<unknown>, depth: number): string[] {
  const [state, result] = native.promiseDetails(value);
  if (state === 0) return [ctx.stylize('<pending>', 'special')];
  ctx.indentationLvl += 2;
  const text = formatValue(ctx, result, depth);
  ctx.indentationLvl -= 2;
  return [state === 2 ? `${ctx.stylize('<rejected>', 'special')} ${text}` : text];
}

/** The exports of a module; those not initialised yet cannot be read. Empties `keys`. */
export function formatNamespace(ctx: Context, value: object, depth: number, keys: PropertyKey[]): string[] {
  const output: string[] = [];
  for (const key of keys) {
    try {
      output.push(formatProperty(ctx, value, depth, key, Kind.Object));
    } catch (e) {
      if (!(typeOf(e) & TypeBit.NativeError) || (e as Error).name !== 'ReferenceError') throw e;
      const text = formatProperty(ctx, { [key]: '' }, depth, key, Kind.Object);
      output.push(text.slice(0, text.lastIndexOf(' ') + 1) + ctx.stylize('<uninitialized>', 'special'));
    }
  }
  keys.length = 0;
  return output;
}
