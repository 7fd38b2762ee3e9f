// Primitives as inspect() writes them: quotes and escapes, minus zero, numeric separators.
import type { Context, Stylize } from './options';

const NEEDS_ESCAPE = /[\x00-\x1f\x27\x5c\x7f-\x9f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const NEEDS_ESCAPE_G = new RegExp(NEEDS_ESCAPE, 'g');
const NEEDS_ESCAPE_NO_QUOTE = /[\x00-\x1f\x5c\x7f-\x9f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const NEEDS_ESCAPE_NO_QUOTE_G = new RegExp(NEEDS_ESCAPE_NO_QUOTE, 'g');

const SHORT: Record<string, string> = { '\b': '\\b', '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r', "'": "\\'", '\\': '\\\\' };

function escape(char: string): string {
  const short = SHORT[char];
  if (short !== undefined) return short;
  const code = char.charCodeAt(0);
  return code < 0x100 ? `\\x${code < 16 ? '0' : ''}${code.toString(16).toUpperCase()}` : `\\u${code.toString(16)}`;
}

/** A string literal, in the quotes that need the fewest escapes. */
export function quote(text: string): string {
  let mark = "'";
  if (text.includes("'")) {
    if (!text.includes('"')) mark = '"';
    else if (!text.includes('`') && !text.includes('${')) mark = '`';
  }
  if (mark === "'") {
    return NEEDS_ESCAPE.test(text) ? `'${text.replace(NEEDS_ESCAPE_G, escape)}'` : `'${text}'`;
  }
  return NEEDS_ESCAPE_NO_QUOTE.test(text) ? `${mark}${text.replace(NEEDS_ESCAPE_NO_QUOTE_G, escape)}${mark}` : `${mark}${text}${mark}`;
}

/** Escapes in a symbol's description. */
export function escapeSymbol(text: string): string {
  return text.replace(NEEDS_ESCAPE_G, escape);
}

function groupThousands(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, '_');
}

export function formatNumber(stylize: Stylize, n: number, separator: boolean): string {
  if (Object.is(n, -0)) return stylize('-0', 'number');
  const text = `${n}`;
  if (!separator || !Number.isFinite(n) || text.includes('e')) return stylize(text, 'number');
  const integer = String(Math.trunc(n));
  if (Math.trunc(n) === n) return stylize(groupThousands(integer), 'number');
  const fraction = text.slice(integer.length + 1).replace(/(\d{3})(?=\d)/g, '$1_');
  return stylize(`${groupThousands(integer)}.${fraction}`, 'number');
}

export function formatBigInt(stylize: Stylize, n: bigint, separator: boolean): string {
  const text = String(n);
  return stylize(`${separator ? groupThousands(text) : text}n`, 'bigint');
}

export function formatPrimitive(stylize: Stylize, value: unknown, ctx: Context): string {
  switch (typeof value) {
    case 'string': return formatString(stylize, value, ctx);
    case 'number': return formatNumber(stylize, value, ctx.numericSeparator);
    case 'bigint': return formatBigInt(stylize, value, ctx.numericSeparator);
    case 'boolean': return stylize(`${value}`, 'boolean');
    case 'undefined': return stylize('undefined', 'undefined');
    default: return stylize(Symbol.prototype.toString.call(value), 'symbol');
  }
}

function formatString(stylize: Stylize, text: string, ctx: Context): string {
  let trailer = '';
  if (text.length > ctx.maxStringLength) {
    const rest = text.length - ctx.maxStringLength;
    text = text.slice(0, ctx.maxStringLength);
    trailer = `... ${rest} more character${rest > 1 ? 's' : ''}`;
  }
  // Long strings are broken after their line feeds.
  if (ctx.compact !== true && text.length > 16 && text.length > ctx.breakLength - ctx.indentationLvl - 4) {
    const lines = text.split(/(?<=\n)/);
    for (let i = 0; i < lines.length; i++) lines[i] = stylize(quote(lines[i]!), 'string');
    return lines.join(` +\n${' '.repeat(ctx.indentationLvl + 2)}`) + trailer;
  }
  return stylize(quote(text), 'string') + trailer;
}
