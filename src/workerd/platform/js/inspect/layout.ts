// How the printed entries of an object are laid out: on one line, in columns, or one a line. The rules and their numbers are Node.js's.
import { type Context, defaultOptions, stripEscapes, textWidth } from './options';

export const enum Kind {
  Object,
  /** The indexed elements of an array. */
  ArrayElement,
  /** The entries of an array, its elements and its other properties. */
  ArrayExtras,
}

export type Braces = [string, string];

/** Joins entries to one string. `value` is the array whose elements the entries are, if it is one. */
export function joinEntries(
  ctx: Context, output: string[], base: string, braces: Braces, kind: Kind, depth: number, value?: unknown): string {
  const { compact, indentationLvl } = ctx;
  if (compact === true) {
    if (fitsOnLine(ctx, output, 0, base)) return `${braces[0]}${base ? ` ${base}` : ''} ${output.join(', ')} ${braces[1]}`;
    const indentation = ' '.repeat(indentationLvl);
    const start = base === '' && braces[0].length === 1 ? ' ' : `${base ? ` ${base}` : ''}\n${indentation}  `;
    return `${braces[0]}${start}${output.join(`,\n${indentation}  `)} ${braces[1]}`;
  }
  const prefix = base ? `${base} ` : '';
  if (typeof compact === 'number' && compact >= 1) {
    const entries = output.length;
    if (kind === Kind.ArrayExtras && entries > 6) output = inColumns(ctx, output, value as unknown[] | undefined);
    // The innermost `compact` levels go on one line if they fit, unless columns were made.
    if (ctx.currentDepth - depth < compact && entries === output.length) {
      const start = output.length + indentationLvl + braces[0].length + base.length + 10;
      if (fitsOnLine(ctx, output, start, base)) {
        const joined = output.join(', ');
        if (!joined.includes('\n')) return `${prefix}${braces[0]} ${joined} ${braces[1]}`;
      }
    }
  }
  const indentation = `\n${' '.repeat(indentationLvl)}`;
  return `${prefix}${braces[0]}${indentation}  ${output.join(`,${indentation}  `)}${indentation}${braces[1]}`;
}

function fitsOnLine(ctx: Context, output: string[], start: number, base: string): boolean {
  let total = output.length + start;
  if (total + output.length > ctx.breakLength) return false;
  for (let i = 0; i < output.length; i++) {
    total += (ctx.colors ? stripEscapes(output[i]!) : output[i]!).length;
    if (total > ctx.breakLength) return false;
  }
  return base === '' || !base.includes('\n');
}

/** Groups the short elements of an array in columns, about as wide as high. */
function inColumns(ctx: Context, output: string[], value: unknown[] | undefined): string[] {
  const SEPARATOR = 2;
  const more = ctx.maxArrayLength < output.length;
  // "... n more items" stays on its own line.
  const count = more ? output.length - 1 : output.length;
  const widths: number[] = [];
  let total = 0;
  let widest = 0;
  for (let i = 0; i < count; i++) {
    const width = textWidth(output[i]!, ctx.colors);
    widths[i] = width;
    total += width + SEPARATOR;
    if (width > widest) widest = width;
  }
  const cell = widest + SEPARATOR;
  // Three must fit side by side, and one long entry among short ones would tear gaps.
  if (cell * 3 + ctx.indentationLvl >= ctx.breakLength || (total / cell <= 5 && widest > 6)) return output;
  const bias = Math.sqrt(cell - total / output.length);
  const biased = Math.max(cell - 3 - bias, 1);
  const compact = ctx.compact === true ? (defaultOptions.compact as number) : ctx.compact === false ? 0 : ctx.compact;
  const columns = Math.min(
    Math.round(Math.sqrt(2.5 * biased * count) / biased),
    Math.floor((ctx.breakLength - ctx.indentationLvl) / cell),
    compact * 4,
    15,
  );
  if (columns <= 1) return output;
  const columnWidths: number[] = [];
  for (let i = 0; i < columns; i++) {
    let width = 0;
    for (let j = i; j < output.length; j += columns) if (widths[j]! > width) width = widths[j]!;
    columnWidths[i] = width + SEPARATOR;
  }
  let left = false;
  if (value !== undefined) {
    for (let i = 0; i < output.length; i++) {
      if (typeof value[i] !== 'number' && typeof value[i] !== 'bigint') {
        left = true;
        break;
      }
    }
  }
  const lines: string[] = [];
  for (let i = 0; i < count; i += columns) {
    const end = Math.min(i + columns, count);
    let line = '';
    for (let j = i; j < end; j++) {
      const last = j === end - 1;
      const text = last ? output[j]! : `${output[j]}, `;
      // Escape codes take no room.
      const width = columnWidths[j - i]! + output[j]!.length - widths[j]! - (last ? SEPARATOR : 0);
      line += left ? (last ? text : text.padEnd(width)) : text.padStart(width);
    }
    lines[lines.length] = line;
  }
  if (more) lines[lines.length] = output[count]!;
  return lines;
}
