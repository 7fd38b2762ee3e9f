// Errors as inspect() writes them: the stack, with the class's name put right, frames shared with the cause left out, and no property
// that the stack shows already.
import { typeOf, TypeBit } from '../type-bits';
import { prefixOf } from './names';
import type { Context } from './options';
import { formatValue } from './value';

export function isError(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && ((typeOf(value) & TypeBit.NativeError) !== 0 || value instanceof Error);
}

function stackOf(ctx: Context, error: Error): string {
  const stack: unknown = error.stack;
  if (!stack) return Error.prototype.toString.call(error);
  return typeof stack === 'string' ? stack : formatValue(ctx, stack, NaN);
}

/** The longest run of more than 3 lines that both have: [offset in a, length]. */
function sharedLines(a: string[], b: string[]): [offset: number, length: number] {
  for (let i = 0; i < a.length - 3; i++) {
    const at = b.indexOf(a[i]!);
    if (at === -1 || b.length - at <= 3) continue;
    const max = Math.min(a.length - i, b.length - at);
    let length = 1;
    while (length < max && a[i + length] === b[at + length]) length++;
    if (length > 3) return [i, length];
  }
  return [0, 0];
}

function framesOf(ctx: Context, error: Error, stack: string): string[] {
  const frames = stack.split('\n');
  let cause: unknown;
  try {
    ({ cause } = error);
  } catch {
    return frames; // A getter that throws has no frames to share.
  }
  if (!isError(cause)) return frames;
  const causeStack = stackOf(ctx, cause);
  const start = causeStack.indexOf('\n    at');
  if (start === -1) return frames;
  const [offset, length] = sharedLines(frames, causeStack.slice(start + 1).split('\n'));
  if (length > 0) {
    const skipped = length - 2;
    frames.splice(offset + 1, skipped, ctx.stylize(`    ... ${skipped} lines matching cause stack trace ...`, 'undefined'));
  }
  return frames;
}

/** Puts the class's name into the first line when it is not there. */
function improve(stack: string, constructor: string | null, name: unknown, tag: string): string {
  let length: number | undefined;
  if (typeof name === 'string') length = name.length;
  else stack = stack.replace(`${name}`, `${name} [${prefixOf(constructor, tag, 'Error').slice(0, -1)}]`);
  const regular = typeof name === 'string' && name.endsWith('Error') && stack.startsWith(name) &&
    (stack.length === length || stack[length!] === ':' || stack[length!] === '\n');
  if (constructor !== null && !regular) return stack;
  let fallback = 'Error';
  if (constructor === null) {
    const start = /^([A-Z][a-z_ A-Z0-9[\]()-]+)(?::|\n {4}at)/.exec(stack) ?? /^([a-z_A-Z0-9-]*Error)$/.exec(stack);
    fallback = start?.[1] ?? '';
    length = fallback.length;
    fallback ||= 'Error';
  }
  const prefix = prefixOf(constructor, tag, fallback).slice(0, -1);
  if (name === prefix) return stack;
  if (typeof name === 'string' && prefix.includes(name)) {
    return length === 0 ? `${prefix}: ${stack}` : `${prefix}${stack.slice(length)}`;
  }
  return `${prefix} [${String(name)}]${stack.slice(length)}`;
}

/** In colour, frames of the platform step back, and names of packages are underlined. */
function markModules(ctx: Context, line: string): string {
  if (/^\s+at (?:.*\()?(?:async )?(?:workerd|node):/.test(line)) return ctx.stylize(line, 'undefined');
  return line.replace(/([/\\]node_modules[/\\])(.+?)(?=[/\\])/g, (_, folder: string, module: string) => `${folder}${ctx.stylize(module, 'module')}`);
}

/** The error's text. Removes from `keys` what it shows, and adds cause and errors. */
export function formatError(error: Error, constructor: string | null, tag: string, ctx: Context, keys: PropertyKey[]): string {
  const name: unknown = error.name ?? 'Error';
  let stack = stackOf(ctx, error);
  if (!ctx.showHidden && keys.length !== 0) {
    for (const key of ['name', 'message', 'stack'] as const) {
      const i = keys.indexOf(key);
      if (i !== -1 && (typeof error[key] !== 'string' || stack.includes(error[key]!))) keys.splice(i, 1);
    }
  }
  if ('cause' in error && !keys.includes('cause')) keys.push('cause');
  if (Array.isArray((error as { errors?: unknown }).errors) && !keys.includes('errors')) keys.push('errors');
  stack = improve(stack, constructor, name, tag);

  // The frames begin after the message, which may look like a frame itself.
  let from = (error.message && stack.indexOf(error.message)) || -1;
  if (from !== -1) from += error.message.length;
  const start = stack.indexOf('\n    at', from);
  if (start === -1) {
    stack = `[${stack}]`;
  } else {
    const lines = framesOf(ctx, error, stack.slice(start + 1));
    if (ctx.colors) for (let i = 0; i < lines.length; i++) lines[i] = markModules(ctx, lines[i]!);
    stack = `${stack.slice(0, start)}\n${lines.join('\n')}`;
  }
  return ctx.indentationLvl === 0 ? stack : stack.replaceAll('\n', `\n${' '.repeat(ctx.indentationLvl)}`);
}
