// format(): printf-like formatting (https://nodejs.org/api/util.html#utilformatformat-args, https://console.spec.whatwg.org/#formatter).
import { native } from '../ops';
import { TypeBit, typeOf } from '../type-bits';
import { inspectWith } from './index';
import { isBuiltinName } from './names';
import { defaultOptions, type InspectOptions, plain } from './options';
import { formatBigInt, formatNumber } from './primitives';

function hasBuiltinToString(value: any): boolean {
  while (typeOf(value) & TypeBit.Proxy) {
    const details = native.proxyDetails(value as object);
    if (details === undefined || typeof details[0] !== 'object' || details[0] === null) return true;
    value = details[0];
  }
  if (typeof value.toString !== 'function') return true;
  if (Object.prototype.hasOwnProperty.call(value, 'toString')) return false;
  let pointer = value as object;
  do {
    pointer = Object.getPrototypeOf(pointer) as object;
  } while (!Object.prototype.hasOwnProperty.call(pointer, 'toString'));
  const constructor: unknown = Object.getOwnPropertyDescriptor(pointer, 'constructor')?.value;
  return typeof constructor === 'function' && isBuiltinName(constructor.name);
}

function firstLine(e: unknown): string {
  return (e instanceof Error ? e.message : String(e)).split('\n', 1)[0]!;
}

let circularMessage: string | undefined;

function stringify(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (e) {
    if (circularMessage === undefined) {
      const circle: { circle?: unknown } = {};
      circle.circle = circle;
      try {
        JSON.stringify(circle);
      } catch (error) {
        circularMessage = firstLine(error);
      }
    }
    if ((e as { name?: unknown } | null)?.name === 'TypeError' && firstLine(e) === circularMessage) return '[Circular]';
    throw e;
  }
}

export function formatArguments(options: InspectOptions | undefined, args: readonly unknown[]): string {
  const first = args[0];
  let used = 0;
  let text = '';
  let join = '';
  if (typeof first === 'string') {
    if (args.length === 1) return first;
    const separator = options?.numericSeparator ?? defaultOptions.numericSeparator;
    const number = (n: number): string => formatNumber(plain, n, separator);
    const numeric = (value: unknown, convert: (v: any) => number): string =>
      typeof value === 'bigint' && convert !== parseFloat ? formatBigInt(plain, value, separator)
        : typeof value === 'symbol' ? 'NaN' : number(convert(value));
    let last = 0;
    for (let i = 0; i < first.length - 1; i++) {
      if (first.charCodeAt(i) !== 0x25) continue;
      const spec = first[++i];
      if (spec === '%') {
        text += first.slice(last, i);
        last = i + 1;
        continue;
      }
      if (used + 1 === args.length) continue;
      let part: string;
      switch (spec) {
        case 's': {
          const arg = args[++used];
          if (typeof arg === 'number') part = number(arg);
          else if (typeof arg === 'bigint') part = formatBigInt(plain, arg, separator);
          else if (typeof arg !== 'object' || arg === null || !hasBuiltinToString(arg)) part = String(arg);
          else part = inspectWith(arg, { ...options, depth: 0, colors: false, compact: 3 });
          break;
        }
        case 'j': part = stringify(args[++used]); break;
        case 'd': part = numeric(args[++used], Number); break;
        case 'i': part = numeric(args[++used], parseInt); break;
        case 'f': part = numeric(args[++used], parseFloat); break;
        case 'O': part = inspectWith(args[++used], options); break;
        case 'o': part = inspectWith(args[++used], { ...options, showHidden: true, showProxy: true, depth: 4 }); break;
        case 'c': used++; part = ''; break;
        default: continue;
      }
      text += first.slice(last, i - 1) + part;
      last = i + 1;
    }
    if (last !== 0) {
      used++;
      join = ' ';
      text += first.slice(last);
    }
  }
  for (; used < args.length; used++) {
    const value = args[used];
    text += join + (typeof value === 'string' ? value : inspectWith(value, options));
    join = ' ';
  }
  return text;
}
