// inspect() and format() as Node.js has them, for console and for node:util.
import { formatArguments } from './format';
import { colors, type Context, coloured, customInspect, defaultOptions, type InspectOptions, plain, stripEscapes, styles } from './options';
import { formatValue, setInspectFunction } from './value';

function invalidObject(name: string, value: unknown): TypeError {
  const e = new TypeError(`The "${name}" argument must be of type object. Received ${describe(value)}`) as TypeError & { code: string };
  e.code = 'ERR_INVALID_ARG_TYPE';
  return e;
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return `${value}`;
  if (typeof value === 'function') return `function ${value.name}`;
  const shown = inspectWith(value, { colors: false });
  return `type ${typeof value} (${shown.length > 28 ? `${shown.slice(0, 25)}...` : shown})`;
}

function newContext(): Context {
  return {
    ...defaultOptions, maxArrayLength: defaultOptions.maxArrayLength ?? Infinity, maxStringLength: defaultOptions.maxStringLength ?? Infinity,
    budget: {}, indentationLvl: 0, seen: [], currentDepth: 0, stylize: plain, userOptions: undefined, circular: undefined,
  };
}

function applyOptions(ctx: Context, options: object): void {
  for (const key of Object.keys(options)) {
    if (Object.prototype.hasOwnProperty.call(defaultOptions, key) || key === 'stylize') (ctx as any)[key] = (options as any)[key];
    else ctx.userOptions ??= options;
  }
}

function run(ctx: Context, value: unknown): string {
  if (ctx.colors) ctx.stylize = coloured;
  if (ctx.maxArrayLength === null) ctx.maxArrayLength = Infinity;
  if (ctx.maxStringLength === null) ctx.maxStringLength = Infinity;
  return formatValue(ctx, value, 0);
}

/** inspect() with an options object. */
export function inspectWith(value: unknown, options: InspectOptions | undefined): string {
  const ctx = newContext();
  if (options !== undefined) applyOptions(ctx, options);
  return run(ctx, value);
}

/** inspect(value, options), or the older inspect(value, showHidden, depth, colors). */
export function inspect(value: unknown, opts?: InspectOptions | boolean | null, depth?: number | null, color?: boolean): string;
export function inspect(value: unknown, opts: any): string {
  const ctx = newContext();
  if (arguments.length > 1) {
    if (arguments[2] !== undefined) ctx.depth = arguments[2];
    if (arguments[3] !== undefined) ctx.colors = arguments[3];
    if (typeof opts === 'boolean') ctx.showHidden = opts;
    else if (opts) applyOptions(ctx, opts as object);
  }
  return run(ctx, value);
}
inspect.custom = customInspect;
inspect.colors = colors;
inspect.styles = styles;
Object.defineProperty(inspect, 'defaultOptions', {
  get: () => defaultOptions,
  set(options: unknown) {
    if (typeof options !== 'object' || options === null || Array.isArray(options)) throw invalidObject('options', options);
    return Object.assign(defaultOptions, options);
  },
});
setInspectFunction(inspect);

export function format(...args: unknown[]): string {
  return formatArguments(undefined, args);
}

export function formatWithOptions(options: InspectOptions, ...args: unknown[]): string {
  if (typeof options !== 'object' || options === null) throw invalidObject('inspectOptions', options);
  return formatArguments(options, args);
}

export function stripVTControlCharacters(text: string): string {
  if (typeof text !== 'string') {
    const e = new TypeError(`The "str" argument must be of type string. Received ${describe(text)}`) as TypeError & { code: string };
    e.code = 'ERR_INVALID_ARG_TYPE';
    throw e;
  }
  return stripEscapes(text);
}

export { customInspect, textWidth as getStringWidth } from './options';
export type { InspectOptions } from './options';
