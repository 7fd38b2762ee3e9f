// The console (https://console.spec.whatwg.org/). Output goes to the sink the runtime sets, a line of text with its level; to the tap, if
// a tail worker listens; and to V8's own console, which shows it in an attached inspector.
import { setLength } from '../function-lengths';
import { formatWithOptions, inspect, type InspectOptions } from '../inspect';
import { native, pyOp } from '../ops';
import { ErrorCaptureStackTrace, ObjectDefineProperty, ReflectApply, SafeMap, StringPrototypeRepeat } from '../primordials';
import { setWarningSink } from '../warnings';
import { formatTable } from './table';

export type Level = 'debug' | 'error' | 'info' | 'log' | 'warn';

const console_ops = { write: pyOp<(level: Level, text: string) => void>('console.write') };

let sink: (level: Level, text: string) => void = (level, text) => console_ops.write(level, text);
let tap: ((level: Level, args: readonly unknown[]) => void) | undefined;
let colors = false;

/** Where lines of output go. */
export function setConsoleSink(fn: (level: Level, text: string) => void): void {
  sink = fn;
}

/** Who sees the arguments of each call beside the sink (tail workers); undefined for nobody. */
export function setConsoleTap(fn: ((level: Level, args: readonly unknown[]) => void) | undefined): void {
  tap = fn;
}

export function setConsoleColors(on: boolean): void {
  colors = on;
}

let indentation = '';
const counts = new SafeMap<string, number>();
const timers = new SafeMap<string, number>();

function formatSafely(args: readonly unknown[]): string {
  try {
    return formatWithOptions({ colors }, ...args);
  } catch (e) {
    // What is printed may be hostile; output must not throw.
    let reason = 'an object that cannot be shown';
    try {
      reason = e instanceof Error && typeof e.stack === 'string' ? e.stack : String(e);
    } catch {
      // Even the error cannot be shown.
    }
    return `<Formatting threw (${reason})>`;
  }
}

function put(level: Level, text: string): void {
  if (indentation !== '') text = indentation + text.replaceAll('\n', `\n${indentation}`);
  sink(level, text);
}

/** Logs as the console method of that name does. */
export function log(level: Level, args: readonly unknown[]): void {
  if (tap !== undefined) tap(level, args);
  put(level, formatSafely(args));
}

// V8's own console: calling it costs next to nothing while no inspector is attached.
const v8Console = (globalThis as any).console as Record<string, (...args: unknown[]) => void>;

function forward(method: string, args: readonly unknown[]): void {
  const fn = originals[method];
  if (fn !== undefined) ReflectApply(fn, v8Console, args as unknown[]);
}
const originals: Record<string, ((...args: unknown[]) => void) | undefined> = { __proto__: null } as never;

function label(value: unknown): string {
  return value === undefined ? 'default' : `${value as string}`;
}

function elapsed(ms: number): string {
  if (ms < 1000) return `${Number(ms.toFixed(3))}ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(3)}s`;
  const seconds = (ms / 1000) % 60;
  const minutes = Math.floor(ms / 60_000) % 60;
  const hours = Math.floor(ms / 3_600_000);
  const tail = `${seconds < 10 ? '0' : ''}${seconds.toFixed(3)}`;
  return hours > 0 ? `${hours}:${minutes < 10 ? '0' : ''}${minutes}:${tail} (h:mm:ss.mmm)` : `${minutes}:${tail} (m:ss.mmm)`;
}

function reportTime(method: string, name: string, data: readonly unknown[], end: boolean): void {
  const started = timers.get(name);
  if (started === undefined) {
    log('warn', [`No such label '${name}' for console.${method}()`]);
    return;
  }
  log('log', [`${name}: ${elapsed(native.now() - started)}`, ...data]);
  if (end) timers.delete(name);
}

const methods = {
  debug(...args: unknown[]): void { forward('debug', args); log('debug', args); },
  error(...args: unknown[]): void { forward('error', args); log('error', args); },
  info(...args: unknown[]): void { forward('info', args); log('info', args); },
  log(...args: unknown[]): void { forward('log', args); log('log', args); },
  warn(...args: unknown[]): void { forward('warn', args); log('warn', args); },
  dir(item: unknown, options?: InspectOptions): void {
    forward('dir', [item, options]);
    put('log', inspect(item, { customInspect: false, colors, ...options }));
  },
  dirxml(...args: unknown[]): void { forward('dirxml', args); log('log', args); },
  table(data: unknown, properties?: readonly string[]): void {
    forward('table', [data, properties]);
    const text = formatTable(data, properties);
    log('log', text === undefined ? [data] : [text]);
  },
  trace(...args: unknown[]): void {
    forward('trace', args);
    const holder: { name: string; message: string; stack?: string } = { name: 'Trace', message: args.length === 0 ? '' : formatSafely(args) };
    ErrorCaptureStackTrace(holder, methods.trace);
    log('error', [holder.stack]);
  },
  group(...args: unknown[]): void {
    forward('group', args);
    if (args.length > 0) log('log', args);
    indentation = StringPrototypeRepeat(' ', indentation.length + 2);
  },
  groupCollapsed(...args: unknown[]): void { methods.group(...args); },
  groupEnd(): void {
    forward('groupEnd', []);
    indentation = StringPrototypeRepeat(' ', Math.max(0, indentation.length - 2));
  },
  clear(): void { forward('clear', []); indentation = ''; },
  count(name?: string): void {
    const key = label(name);
    const n = (counts.get(key) ?? 0) + 1;
    counts.set(key, n);
    forward('count', [key]);
    log('log', [`${key}: ${n}`]);
  },
  countReset(name?: string): void {
    const key = label(name);
    if (!counts.delete(key)) log('warn', [`Count for '${key}' does not exist`]);
  },
  assert(condition?: unknown, ...args: unknown[]): void {
    if (condition) return;
    forward('assert', [condition, ...args]);
    if (typeof args[0] === 'string') args[0] = `Assertion failed: ${args[0]}`;
    else args.unshift(args.length === 0 ? 'Assertion failed' : 'Assertion failed:');
    log('warn', args);
  },
  time(name?: string): void {
    const key = label(name);
    if (timers.has(key)) log('warn', [`Label '${key}' already exists for console.time()`]);
    else timers.set(key, native.now());
  },
  timeLog(name?: string, ...data: unknown[]): void { reportTime('timeLog', label(name), data, false); },
  timeEnd(name?: string): void { reportTime('timeEnd', label(name), [], true); },
};

/** Puts the methods in the place of V8's, on V8's console object. Called while the platform is evaluated. */
for (const name of Object.keys(methods) as (keyof typeof methods)[]) {
  originals[name] = v8Console[name];
  setLength(methods[name], 0);
  // V8's own have no names either.
  if (name === 'debug' || name === 'error' || name === 'info' || name === 'log' || name === 'warn') ObjectDefineProperty(methods[name], 'name', { value: '' });
  ObjectDefineProperty(v8Console, name, { value: methods[name], writable: true, enumerable: true, configurable: true });
}

/** For a worker with an inspector: a call goes to V8's console before there is a frame of ours, so that the place its message shows is
 *  the caller's. */
export function inspectConsole(tee: NonNullable<typeof native.tee>): void {
  for (const name of Object.keys(methods) as (keyof typeof methods)[]) {
    const original = originals[name];
    if (original === undefined) continue;
    originals[name] = undefined; // forward() has nothing to do any more
    ObjectDefineProperty(v8Console, name, { value: tee(name, original, methods[name]), writable: true, enumerable: true, configurable: true });
  }
}

setWarningSink((message) => { log('warn', [message]); });

export { v8Console as console };
