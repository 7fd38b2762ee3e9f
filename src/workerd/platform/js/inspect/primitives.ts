// Primitives as inspect() writes them: quotes and escapes, minus zero, numeric separators.
import {
  NumberPrototypeToString, StringPrototypeCharCodeAt, StringPrototypeIncludes, StringPrototypeIndexOf, StringPrototypeSlice,
  StringPrototypeToUpperCase,
} from '../primordials';
import type { Context, Stylize } from './options';

const SHORT: Record<number, string> = { 8: '\\b', 9: '\\t', 10: '\\n', 12: '\\f', 13: '\\r', 39: "\\'", 92: '\\\\' };

// No regular expressions here: a worker may have patched what they run on, and output must not hang on that.

/** Escapes control characters, backslashes, lone surrogates and, if it is the quote, the apostrophe. */
function escapeAll(text: string, apostrophe: boolean): string {
  let out = '';
  let done = 0;
  for (let i = 0; i < text.length; i++) {
    const code = StringPrototypeCharCodeAt(text, i);
    if (code > 0x27 && code < 0x7f && code !== 0x5c) continue;
    let escaped: string;
    if (code < 0x20 || code === 0x5c || (code === 0x27 && apostrophe) || (code >= 0x7f && code <= 0x9f)) {
      escaped = SHORT[code] ?? `\\x${code < 16 ? '0' : ''}${StringPrototypeToUpperCase(NumberPrototypeToString(code, 16))}`;
    } else if (code >= 0xd800 && code <= 0xdfff) {
      if (code <= 0xdbff && i + 1 < text.length && (StringPrototypeCharCodeAt(text, i + 1) & 0xfc00) === 0xdc00) {
        i++;
        continue;
      }
      escaped = `\\u${NumberPrototypeToString(code, 16)}`;
    } else {
      continue;
    }
    out += StringPrototypeSlice(text, done, i) + escaped;
    done = i + 1;
  }
  return done === 0 ? text : out + StringPrototypeSlice(text, done);
}

/** A string literal, in the quotes that need the fewest escapes. */
export function quote(text: string): string {
  let mark = "'";
  if (StringPrototypeIncludes(text, "'")) {
    if (!StringPrototypeIncludes(text, '"')) mark = '"';
    else if (!StringPrototypeIncludes(text, '`') && !StringPrototypeIncludes(text, '${')) mark = '`';
  }
  return mark + escapeAll(text, mark === "'") + mark;
}

/** Escapes in a symbol's description. */
export function escapeSymbol(text: string): string {
  return escapeAll(text, true);
}

export function isIdentifier(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = StringPrototypeCharCodeAt(text, i);
    const letter = (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f;
    if (!letter && !(i > 0 && code >= 0x30 && code <= 0x39)) return false;
  }
  return text.length > 0;
}

/** Digits in threes, from the right for the integer part, from the left for a fraction. */
function group(digits: string, fromLeft: boolean): string {
  const sign = digits[0] === '-' ? 1 : 0;
  let out = '';
  for (let i = 0; i < digits.length; i++) {
    const before = fromLeft ? i : digits.length - i;
    if (i > sign && before % 3 === 0) out += '_';
    out += digits[i]!;
  }
  return out;
}

export function formatNumber(stylize: Stylize, n: number, separator: boolean): string {
  if (Object.is(n, -0)) return stylize('-0', 'number');
  const text = `${n}`;
  if (!separator || !Number.isFinite(n) || text.includes('e')) return stylize(text, 'number');
  const integer = String(Math.trunc(n));
  if (Math.trunc(n) === n) return stylize(group(integer, false), 'number');
  return stylize(`${group(integer, false)}.${group(StringPrototypeSlice(text, integer.length + 1), true)}`, 'number');
}

export function formatBigInt(stylize: Stylize, n: bigint, separator: boolean): string {
  const text = String(n);
  return stylize(`${separator ? group(text, false) : text}n`, 'bigint');
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
    let lines = '';
    for (let start = 0; start < text.length;) {
      const feed = StringPrototypeIndexOf(text, '\n', start);
      const end = feed < 0 ? text.length : feed + 1;
      lines += `${start === 0 ? '' : ` +\n${' '.repeat(ctx.indentationLvl + 2)}`}${stylize(quote(StringPrototypeSlice(text, start, end)), 'string')}`;
      start = end;
    }
    return lines + trailer;
  }
  return stylize(quote(text), 'string') + trailer;
}
