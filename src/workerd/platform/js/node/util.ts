// node:util. https://nodejs.org/api/util.html
import {
  ERR_FALSY_VALUE_REJECTION, ERR_INVALID_ARG_TYPE, ERR_METHOD_NOT_IMPLEMENTED,
} from './internal/errors';
import { diffLists } from './internal/diff';
import { isDeepStrictEqual } from './internal/comparisons';
import { MIMEParams, MIMEType } from './internal/mime';
import { nextTick } from './internal/next-tick';
import { parseEnv } from './internal/parse-env';
import { signals } from './internal/constants';
import * as checks from './internal/types';
import {
  validateAbortSignal, validateBoolean, validateFunction, validateObject, validateOneOf, validateString, kValidateObjectAllowArray,
  kValidateObjectAllowFunction, type Fn,
} from './internal/validators';
import types from './util-types';

const { inspect, format, formatWithOptions } = internals.inspect;

// ESC or CSI, then an OSC up to its string terminator, or a control sequence.
const ANSI = new RegExp(
  '[\\u001B\\u009B][[\\]()#;?]*(?:(?:(?:(?:;[-a-zA-Z\\d\\/\\#&.:=?%@~_]+)*|[a-zA-Z\\d]+(?:;[-a-zA-Z\\d\\/\\#&.:=?%@~_]*)*)?' +
  '(?:\\u0007|\\u001B\\u005C|\\u009C))|(?:(?:\\d{1,4}(?:;\\d{0,4})*)?[\\dA-PR-TZcf-ntqry=><~]))', 'g');

function stripVTControlCharacters(text: string): string {
  validateString(text, 'str');
  return text.replace(ANSI, '');
}

function callbackify(original: Fn): Fn {
  validateFunction(original, 'original');
  function callbackified(this: unknown, ...args: any[]): void {
    const last = args.pop();
    if (typeof last !== 'function') throw new ERR_INVALID_ARG_TYPE('last argument', 'Function', last);
    const cb = last.bind(this);
    Reflect.apply(original, this, args).then(
      (value: unknown) => nextTick(cb, null, value),
      (reason: unknown) => nextTick(cb, reason || new ERR_FALSY_VALUE_REJECTION(reason)));
  }
  const descriptors = Object.getOwnPropertyDescriptors(original) as any;
  if (typeof descriptors.length.value === 'number') descriptors.length.value++;
  if (typeof descriptors.name.value === 'string') descriptors.name.value += 'Callbackified';
  return Object.defineProperties(callbackified, descriptors);
}

const kCustomPromisify = Symbol.for('nodejs.util.promisify.custom');
const kCustomPromisifyArgs = Symbol.for('nodejs.util.promisify.custom.args');

function promisify(original: any): Fn {
  validateFunction(original, 'original');
  const custom = (original as any)[kCustomPromisify];
  if (custom) {
    validateFunction(custom, 'util.promisify.custom');
    return Object.defineProperty(custom, kCustomPromisify, { value: custom, enumerable: false, writable: false, configurable: true });
  }
  const names: string[] | undefined = (original as any)[kCustomPromisifyArgs];
  function fn(this: unknown, ...args: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      Reflect.apply(original, this, [...args, (err: unknown, ...values: unknown[]) => {
        if (err) reject(err);
        else if (names !== undefined && values.length > 1) resolve(Object.fromEntries(names.map((name, i) => [name, values[i]])));
        else resolve(values[0]);
      }]);
    });
  }
  Object.setPrototypeOf(fn, Object.getPrototypeOf(original));
  Object.defineProperty(fn, kCustomPromisify, { value: fn, enumerable: false, writable: false, configurable: true });
  return Object.defineProperties(fn, Object.getOwnPropertyDescriptors(original)) as Fn;
}
promisify.custom = kCustomPromisify;

function inherits(ctor: any, superCtor: any): void {
  if (ctor == null) throw new ERR_INVALID_ARG_TYPE('ctor', 'Function', ctor);
  if (superCtor == null) throw new ERR_INVALID_ARG_TYPE('superCtor', 'Function', superCtor);
  if (superCtor.prototype === undefined) throw new ERR_INVALID_ARG_TYPE('superCtor.prototype', 'Object', superCtor.prototype);
  Object.defineProperty(ctor, 'super_', { value: superCtor, writable: true, configurable: true });
  Object.setPrototypeOf(ctor.prototype, superCtor.prototype);
}

function _extend(target: any, source: any): any {
  if (source === null || typeof source !== 'object') return target;
  for (const key of Object.keys(source)) target[key] = source[key];
  return target;
}

function toUSVString(input: unknown): string {
  return `${input}`.toWellFormed();
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
function log(...args: unknown[]): void {
  const d = new Date();
  const time = [d.getHours(), d.getMinutes(), d.getSeconds()].map((n) => `${n}`.padStart(2, '0')).join(':');
  (globalThis as any).console.log('%s - %s', `${d.getDate()} ${MONTHS[d.getMonth()]} ${time}`, format(...args));
}

function notImplemented(name: string): Fn {
  return { [name]: () => { throw new Error(`node:util ${name} is not implemented`); } }[name]!;
}

/** Settles when the signal fires. The resource is not held: garbage collection shall not be observable. */
async function aborted(signal: any, resource: unknown): Promise<unknown> {
  if (signal === undefined) throw new ERR_INVALID_ARG_TYPE('signal', 'AbortSignal', signal);
  validateAbortSignal(signal, 'signal');
  validateObject(resource, 'resource', kValidateObjectAllowArray | kValidateObjectAllowFunction);
  if (signal.aborted) return undefined;
  return new Promise((resolve) => signal.addEventListener('abort', resolve, { __proto__: null, once: true } as any));
}

/** Sections named in NODE_DEBUG cannot be chosen here: a debug log is always written. */
function debuglog(set: string, cb?: (log: Fn) => void): Fn {
  const name = `${set}`.toUpperCase();
  const logger: any = (...args: unknown[]) => {
    (globalThis as any).console.log(`${name}: ${format(...args)}\n`);
  };
  Object.defineProperty(logger, 'enabled', { get: () => true, configurable: true, enumerable: true });
  if (typeof cb === 'function') cb(logger);
  return logger;
}

function deprecate<T>(fn: T, _message?: string, _code?: string, _options?: unknown): T {
  return fn;
}

function getCallSites(count?: unknown): object[] {
  const frames = typeof count === 'number' ? count : 10;
  const own = internals.native.callSites(1).filter((site) => !/^(workerd|node|cloudflare)(-internal)?:/.test(site.scriptName));
  return own.slice(0, frames).map((site) => ({
    functionName: site.functionName, scriptName: site.scriptName, scriptId: '0', lineNumber: site.lineNumber,
    columnNumber: site.column, column: site.column,
  }));
}

const stdout = Object.create(null);

function isStreamLike(stream: any): boolean {
  const { ReadableStream, WritableStream } = internals.web;
  return stream instanceof ReadableStream || stream instanceof WritableStream ||
    (stream !== null && typeof stream === 'object' &&
      (stream._readableState || stream._writableState || (typeof stream.write === 'function' && typeof stream.on === 'function') ||
        (typeof stream.pipe === 'function' && typeof stream.on === 'function')));
}

function styleText(styles: unknown, text: unknown, { validateStream = true, stream = stdout }: any = {}): string {
  validateString(text, 'text');
  validateBoolean(validateStream, 'options.validateStream');
  let plain = false;
  if (validateStream) {
    if (stream !== stdout && !isStreamLike(stream)) {
      throw new ERR_INVALID_ARG_TYPE('stream', ['ReadableStream', 'WritableStream', 'Stream'], stream);
    }
    plain = !(stream?.isTTY && typeof stream.getColorDepth === 'function' && stream.getColorDepth() > 2);
  }
  let left = '';
  let right = '';
  for (const key of Array.isArray(styles) ? styles : [styles]) {
    if (key === 'none') continue;
    const codes = typeof key === 'string' ? inspect.colors[key] : undefined;
    if (codes == null) validateOneOf(key, 'format', Object.keys(inspect.colors));
    else if (!plain) {
      left += `\u001b[${codes[0]}m`;
      right = `\u001b[${codes[1]}m${right}`;
    }
  }
  return `${left}${text}${right}`;
}

function convertProcessSignalToExitCode(signal: unknown): number {
  validateOneOf(signal, 'signalCode', Object.keys(signals));
  return 128 + signals[signal as string]!;
}

function diff(actual: unknown, expected: unknown): [number, string][] {
  const items = (value: unknown, name: string): string[] => {
    if (typeof value === 'string') return [...value];
    if (Array.isArray(value)) {
      value.forEach((item, i) => validateString(item, `${name}[${i}]`));
      return value;
    }
    throw new ERR_INVALID_ARG_TYPE(name, ['string', 'Array'], value);
  };
  const a = items(actual, 'actual');
  const b = items(expected, 'expected');
  const edits = diffLists(a, b);
  return edits.every(([operation]) => operation === 0) ? [] : edits;
}

function setTraceSigInt(_enable: unknown): void {}

const api: any = {
  types, callbackify, promisify, inspect, format, formatWithOptions, stripVTControlCharacters, inherits, _extend, MIMEParams, MIMEType,
  toUSVString, log, aborted, debuglog, debug: debuglog, deprecate,
  getSystemErrorMap: notImplemented('getSystemErrorMap'), getSystemErrorMessage: notImplemented('getSystemErrorMessage'),
  getSystemErrorName: notImplemented('getSystemErrorName'),
  TextEncoder: internals.web.TextEncoder, TextDecoder: internals.web.TextDecoder,
  parseArgs: notImplemented('parseArgs'), parseEnv, styleText,
  transferableAbortController: notImplemented('transferableAbortController'),
  transferableAbortSignal: notImplemented('transferableAbortSignal'),
  getCallSite: getCallSites, getCallSites, isDeepStrictEqual, convertProcessSignalToExitCode, setTraceSigInt, diff,
  _errnoException() { throw new ERR_METHOD_NOT_IMPLEMENTED('_errnoException'); },
  _exceptionWithHostPort() { throw new ERR_METHOD_NOT_IMPLEMENTED('_exceptionWithHostPort'); },
  isArray: (value: unknown) => Array.isArray(value),
};
// Removed from Node 23 on.
if (!internals.flags.remove_nodejs_compat_eol_v23) {
  Object.assign(api, {
    isBoolean: (v: unknown) => typeof v === 'boolean',
    isBuffer: (v: unknown) => internals.web.Buffer?.isBuffer(v) ?? false,
    isDate: (v: unknown) => v instanceof Date,
    isError: (v: unknown) => checks.isNativeError(v) || v instanceof Error,
    isFunction: (v: unknown) => typeof v === 'function',
    isNull: (v: unknown) => v === null,
    isNullOrUndefined: (v: unknown) => v == null,
    isNumber: (v: unknown) => typeof v === 'number',
    isObject: (v: unknown) => v != null && typeof v === 'object',
    isPrimitive: (v: unknown) => v === null || (typeof v !== 'object' && typeof v !== 'function'),
    isRegExp: (v: unknown) => v instanceof RegExp,
    isString: (v: unknown) => typeof v === 'string',
    isSymbol: (v: unknown) => typeof v === 'symbol',
    isUndefined: (v: unknown) => v === undefined,
  });
}
export { promisify, inherits, inspect, callbackify };
export default api;
