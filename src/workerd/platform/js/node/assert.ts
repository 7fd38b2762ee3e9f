// node:assert and node:assert/strict. As in the runtime this one is compatible with, the legacy (loose) names are the strict ones.
// https://nodejs.org/api/assert.html
import { ERR_AMBIGUOUS_ARGUMENT, ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_INVALID_RETURN_VALUE, ERR_MISSING_ARGS } from './internal/errors';
import { AssertionError } from './internal/assertion-error';
import { isDeepEqual, isDeepStrictEqual, isPartialStrictEqual } from './internal/comparisons';
import { isPromise, isRegExp } from './internal/types';

type Message = string | Error | undefined;
type AnyFn = (...args: any[]) => any;
const NONE = Symbol('no exception');

function failWith(options: { message?: Message; [key: string]: unknown }): never {
  if (options.message instanceof Error) throw options.message;
  throw new AssertionError(options);
}

function innerOk(fn: AnyFn, count: number, value: unknown, message?: Message): void {
  if (value) return;
  let generated = false;
  if (count === 0) {
    generated = true;
    message = 'No value argument passed to `assert.ok()`';
  } else if (message == null) {
    generated = true;
    message = 'The expression evaluated to a falsy value.';
  }
  if (message instanceof Error) throw message;
  const error = new AssertionError({ actual: value, expected: true, message, operator: '==', stackStartFn: fn });
  error.generatedMessage = generated;
  throw error;
}

function assert(value?: unknown, message?: Message): void {
  innerOk(assert, arguments.length, value, message);
}
function ok(value?: unknown, message?: Message): void {
  innerOk(ok, arguments.length, value, message);
}

function fail(message?: Message): never {
  if (message instanceof Error) throw message;
  const error = new AssertionError({ message: message ?? 'Failed', operator: 'fail', stackStartFn: fail });
  error.generatedMessage = message == null;
  throw error;
}

function requireTwo(count: number): void {
  if (count < 2) throw new ERR_MISSING_ARGS('actual', 'expected');
}

function deepStrictEqual(actual?: unknown, expected?: unknown, message?: Message): void {
  requireTwo(arguments.length);
  if (!isDeepStrictEqual(actual, expected)) failWith({ actual, expected, message, operator: 'deepStrictEqual', stackStartFn: deepStrictEqual });
}
function notDeepStrictEqual(actual?: unknown, expected?: unknown, message?: Message): void {
  requireTwo(arguments.length);
  if (isDeepStrictEqual(actual, expected)) failWith({ actual, expected, message, operator: 'notDeepStrictEqual', stackStartFn: notDeepStrictEqual });
}
function strictEqual(actual?: unknown, expected?: unknown, message?: Message): void {
  requireTwo(arguments.length);
  if (!Object.is(actual, expected)) failWith({ actual, expected, message, operator: 'strictEqual', stackStartFn: strictEqual });
}
function notStrictEqual(actual?: unknown, expected?: unknown, message?: Message): void {
  requireTwo(arguments.length);
  if (Object.is(actual, expected)) failWith({ actual, expected, message, operator: 'notStrictEqual', stackStartFn: notStrictEqual });
}
function partialDeepStrictEqual(actual?: unknown, expected?: unknown, message?: Message): void {
  requireTwo(arguments.length);
  if (!isPartialStrictEqual(actual, expected)) {
    failWith({ actual, expected, message, operator: 'partialDeepStrictEqual', stackStartFn: partialDeepStrictEqual });
  }
}

// ---- loose ones, for `new Assert({ strict: false })`
/* eslint-disable eqeqeq */
function looseEqual(actual?: any, expected?: any, message?: Message): void {
  requireTwo(arguments.length);
  if (actual != expected && (!Number.isNaN(actual) || !Number.isNaN(expected))) {
    failWith({ actual, expected, message, operator: '==', stackStartFn: looseEqual });
  }
}
function looseNotEqual(actual?: any, expected?: any, message?: Message): void {
  requireTwo(arguments.length);
  if (actual == expected || (Number.isNaN(actual) && Number.isNaN(expected))) {
    failWith({ actual, expected, message, operator: '!=', stackStartFn: looseNotEqual });
  }
}
function looseDeepEqual(actual?: unknown, expected?: unknown, message?: Message): void {
  requireTwo(arguments.length);
  if (!isDeepEqual(actual, expected)) failWith({ actual, expected, message, operator: 'deepEqual', stackStartFn: looseDeepEqual });
}
function looseNotDeepEqual(actual?: unknown, expected?: unknown, message?: Message): void {
  requireTwo(arguments.length);
  if (isDeepEqual(actual, expected)) failWith({ actual, expected, message, operator: 'notDeepEqual', stackStartFn: looseNotDeepEqual });
}

function matching(string: unknown, regexp: any, message: Message, fn: AnyFn): void {
  if (!isRegExp(regexp)) throw new ERR_INVALID_ARG_TYPE('regexp', 'RegExp', regexp);
  const wanted = fn === match;
  if (typeof string === 'string' && (RegExp.prototype.exec.call(regexp, string) !== null) === wanted) return;
  if (message instanceof Error) throw message;
  const generated = !message;
  const show = internals.inspect.inspect;
  message ||= typeof string !== 'string'
    ? `The "string" argument must be of type string. Received type ${typeof string} (${show(string)})`
    : `The input ${wanted ? 'did not match' : 'was expected to not match'} the regular expression ${show(regexp)}. Input:\n\n${show(string)}\n`;
  const error = new AssertionError({ actual: string, expected: regexp, message, operator: fn.name, stackStartFn: fn });
  error.generatedMessage = generated;
  throw error;
}
function match(string?: unknown, regexp?: unknown, message?: Message): void {
  matching(string, regexp, message, match);
}
function doesNotMatch(string?: unknown, regexp?: unknown, message?: Message): void {
  matching(string, regexp, message, doesNotMatch);
}

// ---- throws and rejects
/** What an error and the object it is compared with are shown as: only the compared properties. */
function comparedView(source: any, keys: string[], like?: any): any {
  const view: any = {};
  for (const key of keys) {
    if (!(key in source)) continue;
    const value = source[key];
    view[key] = like !== undefined && typeof like[key] === 'string' && isRegExp(value) && RegExp.prototype.exec.call(value, like[key]) !== null
      ? like[key] : value;
  }
  return view;
}

function compareKey(actual: any, expected: any, key: string, message: Message, keys: string[], fn: AnyFn): void {
  if (key in actual && isDeepStrictEqual(actual[key], expected[key])) return;
  if (!message) {
    const a = comparedView(actual, keys);
    const e = comparedView(expected, keys, actual);
    const error = new AssertionError({ actual: a, expected: e, operator: 'deepStrictEqual', stackStartFn: fn });
    error.actual = actual;
    error.expected = expected;
    error.operator = fn.name;
    throw error;
  }
  failWith({ actual, expected, message, operator: fn.name, stackStartFn: fn });
}

function checkException(actual: any, expected: any, message: Message, fn: AnyFn): void {
  let generated = false;
  let throwError = false;
  const show = internals.inspect.inspect;
  if (typeof expected !== 'function') {
    if (isRegExp(expected)) {
      const text = String(actual);
      if (RegExp.prototype.exec.call(expected, text) !== null) return;
      if (!message) {
        generated = true;
        message = `The input did not match the regular expression ${show(expected)}. Input:\n\n${show(text)}\n`;
      }
      throwError = true;
    } else if (typeof actual !== 'object' || actual === null) {
      const error = new AssertionError({ actual, expected, message, operator: 'deepStrictEqual', stackStartFn: fn });
      error.operator = fn.name;
      throw error;
    } else {
      const keys = Object.keys(expected);
      if (expected instanceof Error) keys.push('name', 'message');
      else if (keys.length === 0) throw new ERR_INVALID_ARG_VALUE('error', expected, 'may not be an empty object');
      for (const key of keys) {
        if (typeof actual[key] === 'string' && isRegExp(expected[key]) && RegExp.prototype.exec.call(expected[key], actual[key]) !== null) continue;
        compareKey(actual, expected, key, message, keys, fn);
      }
      return;
    }
  } else if (expected.prototype !== undefined && actual instanceof expected) {
    return;
  } else if (Object.prototype.isPrototypeOf.call(Error, expected)) {
    if (!message) {
      generated = true;
      message = `The error is expected to be an instance of "${expected.name}". Received `;
      message += actual instanceof Error ? `"${actual.constructor?.name ?? actual.name}"\n\nError message:\n\n${actual.message}` : `"${show(actual, { depth: -1 })}"`;
    }
    throwError = true;
  } else {
    const result = Reflect.apply(expected, {}, [actual]);
    if (result !== true) {
      if (!message) {
        generated = true;
        const name = expected.name ? `"${expected.name}" ` : '';
        message = `The ${name}validation function is expected to return "true". Received ${show(result)}`;
        if (actual instanceof Error) message += `\n\nCaught error:\n\n${actual}`;
      }
      throwError = true;
    }
  }
  if (throwError) {
    if (message instanceof Error) throw message;
    const error = new AssertionError({ actual, expected, message, operator: fn.name, stackStartFn: fn });
    error.generatedMessage = generated;
    throw error;
  }
}

function thrownBy(fn: unknown): unknown {
  if (typeof fn !== 'function') throw new ERR_INVALID_ARG_TYPE('fn', 'Function', fn);
  try {
    fn();
  } catch (e) {
    return e;
  }
  return NONE;
}

function isThenable(value: any): boolean {
  return isPromise(value) || (value !== null && (typeof value === 'object' || typeof value === 'function') && typeof value.then === 'function' && typeof value.catch === 'function');
}

async function rejectionOf(promiseFn: any): Promise<unknown> {
  let promise: any;
  if (typeof promiseFn === 'function') {
    promise = promiseFn();
    if (!isThenable(promise)) throw new ERR_INVALID_RETURN_VALUE('instance of Promise', 'promiseFn', promise);
  } else if (isThenable(promiseFn)) promise = promiseFn;
  else throw new ERR_INVALID_ARG_TYPE('promiseFn', ['Function', 'Promise'], promiseFn);
  try {
    await promise;
  } catch (e) {
    return e;
  }
  return NONE;
}

function expectError(fn: AnyFn, actual: unknown, count: number, error: any, message: Message): void {
  if (typeof error === 'string') {
    if (count === 3) throw new ERR_INVALID_ARG_TYPE('error', ['Object', 'Error', 'Function', 'RegExp'], error);
    if (actual !== NONE && ((typeof actual === 'object' && actual !== null && (actual as Error).message === error) || actual === error)) {
      throw new ERR_AMBIGUOUS_ARGUMENT('error/message', typeof actual === 'object'
        ? `The error message "${(actual as Error).message}" is identical to the message.`
        : `The error "${actual}" is identical to the message.`);
    }
    message = error;
    error = undefined;
  } else if (error != null && typeof error !== 'object' && typeof error !== 'function') {
    throw new ERR_INVALID_ARG_TYPE('error', ['Object', 'Error', 'Function', 'RegExp'], error);
  }
  if (actual === NONE) {
    let details = error?.name ? ` (${error.name})` : '';
    details += message ? `: ${message}` : '.';
    failWith({ actual: undefined, expected: error, operator: fn.name, stackStartFn: fn,
      message: `Missing expected ${fn === rejects ? 'rejection' : 'exception'}${details}` });
  }
  if (error) checkException(actual, error, message, fn);
}

function expectNoError(fn: AnyFn, actual: unknown, error: any, message: Message): void {
  if (actual === NONE) return;
  if (typeof error === 'string') {
    message = error;
    error = undefined;
  }
  if (!error || hasMatching(actual, error)) {
    const details = message ? `: ${message}` : '.';
    failWith({ actual, expected: error, operator: fn.name, stackStartFn: fn,
      message: `Got unwanted ${fn === doesNotReject ? 'rejection' : 'exception'}${details}\nActual message: "${(actual as any)?.message}"` });
  }
  throw actual;
}

function hasMatching(actual: unknown, expected: any): boolean {
  if (typeof expected !== 'function') {
    if (isRegExp(expected)) return RegExp.prototype.exec.call(expected, String(actual)) !== null;
    throw new ERR_INVALID_ARG_TYPE('expected', ['Function', 'RegExp'], expected);
  }
  if (expected.prototype !== undefined && actual instanceof expected) return true;
  if (Object.prototype.isPrototypeOf.call(Error, expected)) return false;
  return Reflect.apply(expected, {}, [actual]) === true;
}

function throws(fn?: unknown, error?: any, message?: Message): void {
  expectError(throws, thrownBy(fn), arguments.length, error, message);
}
async function rejects(promiseFn?: unknown, error?: any, message?: Message): Promise<void> {
  expectError(rejects, await rejectionOf(promiseFn), arguments.length, error, message);
}
function doesNotThrow(fn?: unknown, error?: any, message?: Message): void {
  expectNoError(doesNotThrow, thrownBy(fn), error, message);
}
async function doesNotReject(promiseFn?: unknown, error?: any, message?: Message): Promise<void> {
  expectNoError(doesNotReject, await rejectionOf(promiseFn), error, message);
}

function ifError(err?: any): void {
  if (err === null || err === undefined) return;
  let message = 'ifError got unwanted exception: ';
  if (typeof err === 'object' && typeof err.message === 'string') {
    message += err.message.length === 0 && err.constructor ? err.constructor.name : err.message;
  } else message += internals.inspect.inspect(err);
  const error: any = new AssertionError({ actual: err, expected: null, operator: 'ifError', message, stackStartFn: ifError });
  error.generatedMessage = !message;
  // Both stacks: where it was noticed, and where the error came from.
  const origin = err.stack;
  if (typeof origin === 'string') {
    const at = origin.indexOf('\n    at');
    if (at !== -1) error.stack = `${error.stack}\n${origin.slice(at + 1)}`;
  }
  throw error;
}

const methods = {
  fail, deepStrictEqual, notDeepStrictEqual, strictEqual, notStrictEqual, partialDeepStrictEqual, match, doesNotMatch, throws, rejects,
  doesNotThrow, doesNotReject, ifError,
};
const loose = { equal: looseEqual, notEqual: looseNotEqual, deepEqual: looseDeepEqual, notDeepEqual: looseNotDeepEqual };
const strictNames = { equal: strictEqual, notEqual: notStrictEqual, deepEqual: deepStrictEqual, notDeepEqual: notDeepStrictEqual };

/** An assert object of its own: `new Assert({ strict: false })` has the loose comparisons. */
function Assert(this: any, options?: { strict?: boolean; diff?: string; skipPrototype?: boolean }): void {
  if (new.target === undefined) throw new TypeError("Class constructor Assert cannot be invoked without 'new'");
  const diff = options?.diff ?? 'simple';
  if (diff !== 'simple' && diff !== 'full') throw new ERR_INVALID_ARG_VALUE('options.diff', diff, "must be one of: 'simple', 'full'");
  this.AssertionError = AssertionError;
  Object.assign(this, methods, { ok }, options?.strict === false ? loose : strictNames);
}

function strict(value?: unknown, message?: Message): void {
  innerOk(strict, arguments.length, value, message);
}

Object.assign(assert, methods, { Assert, AssertionError, ok, strict, ...strictNames });
Object.assign(strict, assert);
(strict as any).strict = strict;
export default assert as any;
