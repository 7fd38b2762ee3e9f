// console.table(): rows and columns drawn with box characters (https://console.spec.whatwg.org/#table, drawn as Node.js does).
import { getStringWidth, inspect } from '../inspect';
import { native } from '../ops';
import { TypeBit, typeOf } from '../type-bits';

function cell(value: unknown): string {
  return inspect(value, {
    maxArrayLength: 3, breakLength: Infinity, colors: false,
    depth: typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 2 ? -1 : 0,
  });
}

function draw(heads: string[], sparse: string[][]): string {
  const rows = sparse.reduce((most, column) => Math.max(most, column.length), 0);
  const columns = sparse.map((column) => Array.from({ length: rows }, (_, r) => column[r] ?? ''));
  const widths = heads.map((head, i) => Math.max(getStringWidth(head), ...columns[i]!.map((text) => getStringWidth(text))) + 2);
  const line = (cells: string[]): string =>
    `│${cells.map((text, i) => ` ${text}${' '.repeat(widths[i]! - getStringWidth(text) - 1)}`).join('│')}│`;
  const rule = (left: string, mid: string, right: string): string => left + widths.map((w) => '─'.repeat(w)).join(mid) + right;
  const out = [rule('┌', '┬', '┐'), line(heads), rule('├', '┼', '┤')];
  for (let r = 0; r < rows; r++) out.push(line(columns.map((column) => column[r]!)));
  out.push(rule('└', '┴', '┘'));
  return out.join('\n');
}

/** The drawn table; undefined when the data has no rows to speak of and is to be logged as it is. */
export function formatTable(data: unknown, properties?: readonly string[]): string | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const bits = typeOf(data);
  if (bits & (TypeBit.Map | TypeBit.MapIterator)) {
    const flat = native.previewEntries(data)!;
    const entries = flat[1] ? flat[0] : flat[0].flatMap((value) => [undefined, value]);
    const pairs = Array.from({ length: entries.length / 2 }, (_, i) => i);
    if (bits & TypeBit.MapIterator && !flat[1]) {
      return draw(['(iteration index)', 'Values'], [pairs.map(String), pairs.map((i) => cell(entries[2 * i + 1]))]);
    }
    return draw(['(iteration index)', 'Key', 'Values'],
      [pairs.map(String), pairs.map((i) => cell(entries[2 * i])), pairs.map((i) => cell(entries[2 * i + 1]))]);
  }
  if (bits & (TypeBit.Set | TypeBit.SetIterator)) {
    const [values] = native.previewEntries(data)!;
    return draw(['(iteration index)', 'Values'], [values.map((_, i) => String(i)), values.map(cell)]);
  }
  const columns: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  const values: string[] = [];
  let hasValues = false;
  const index = Object.keys(data);
  for (let i = 0; i < index.length; i++) {
    const row: unknown = (data as any)[index[i]!];
    const primitive = row === null || (typeof row !== 'object' && typeof row !== 'function');
    if (primitive) {
      hasValues = true;
      values[i] = cell(row);
      continue;
    }
    for (const key of properties ?? Object.keys(row)) {
      columns[key] ??= [];
      if (Object.prototype.hasOwnProperty.call(row, key)) columns[key][i] = cell((row as any)[key]);
    }
  }
  const heads = ['(index)', ...Object.keys(columns)];
  const body = [index, ...Object.values(columns)];
  if (hasValues) {
    heads.push('Values');
    body.push(values);
  }
  return draw(heads, body);
}
