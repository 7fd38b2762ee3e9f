// Promises without the user's hands in them: made, settled and reacted to through the builtins as they were at startup.
import { native } from '../ops';
import { specMode } from './mode';
import { awaitable } from '../thenables';
import { ObjectPrototype, ObjectSetPrototypeOf, PromisePrototypeThen, PromiseReject, PromiseResolve } from '../primordials';

const PromiseConstructor = Promise;

export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T | PromiseLike<T>) => void;
  readonly reject: (reason: unknown) => void;
}

let lastResolve: any;
let lastReject: any;
// One executor for all: no closure for each promise.
const executor = (resolve: unknown, reject: unknown): void => {
  lastResolve = resolve;
  lastReject = reject;
};

export function deferred<T = void>(): Deferred<T> {
  const promise = new PromiseConstructor<T>(executor as never);
  const d: Deferred<T> = { promise, resolve: lastResolve, reject: lastReject };
  lastResolve = lastReject = undefined;
  return d;
}

/** A fresh promise; its resolver is taken with takeResolve()/takeReject() right after. Saves the Deferred of the hot paths. */
export function bare<T>(): Promise<T> {
  return new PromiseConstructor<T>(executor as never);
}
export function takeResolve<T>(): (value: T) => void {
  const r = lastResolve;
  lastResolve = undefined;
  return r;
}
export function takeReject(): (reason: unknown) => void {
  const r = lastReject;
  lastReject = undefined;
  return r;
}

export function resolvedVoid(): Promise<undefined> {
  return PromiseResolve(undefined);
}

export const rejected: (reason: unknown) => Promise<never> = PromiseReject;

/** A rejected promise nobody is told about when nobody looks at it. */
export function rejectedQuietly(reason: unknown): Promise<never> {
  const p = PromiseReject(reason);
  native.markPromiseHandled(p);
  return p;
}

export function markHandled(p: Promise<unknown>): void {
  native.markPromiseHandled(p);
}

// Reactions to an already fulfilled promise are how "one microtask later" is said; one promise serves all of them.
let fulfilled: Promise<undefined> | undefined;

/** Runs `fn` one microtask later, in the current async context. */
export function later(fn: () => void): void {
  PromisePrototypeThen((fulfilled ??= PromiseResolve(undefined)), fn, undefined);
}

/** The same in another async context: for what native callbacks, which have none, set going. */
export function laterIn(frame: unknown, fn: () => void): void {
  const before = native.getAsyncFrame();
  if (before === frame) {
    later(fn);
    return;
  }
  native.setAsyncFrame(frame);
  later(fn);
  native.setAsyncFrame(before);
}

/** Calls `ok` or `bad` when `value`, a promise or not, is settled: never at once. Neither may throw. */
export function react<T>(value: T | PromiseLike<T>, ok: ((value: T) => void) | undefined, bad: ((reason: unknown) => void) | undefined): void {
  if (value === undefined) PromisePrototypeThen((fulfilled ??= PromiseResolve(undefined)) as Promise<any>, ok as never, bad as never);
  else PromisePrototypeThen(PromiseResolve(awaitable(value)), ok, bad);
}

/** The promise of what `ok` or `bad` make of `value`. */
export function chain<T, R>(value: T | PromiseLike<T>, ok: (value: T) => R | PromiseLike<R>, bad?: (reason: unknown) => R | PromiseLike<R>): Promise<R> {
  return PromisePrototypeThen(PromiseResolve(awaitable(value)) as Promise<T>, ok, bad);
}

/** What a Web IDL operation returning a promise does with `value`: itself if it is a plain promise, else a promise for it. */
export function promiseFor<T>(value: T | PromiseLike<T>): Promise<T> {
  return PromiseResolve(awaitable(value));
}

export function nothing(): void {}


/** Fulfils a promise with a plain result object. Resolving looks for a `then`; as in workerd it does not find one that user code put on
 *  Object.prototype. (In the standard it does.) */
export function settle<T extends object>(resolve: (value: T) => void, result: T): void {
  if ('then' in ObjectPrototype && !specMode()) {
    ObjectSetPrototypeOf(result, null);
    resolve(result);
    ObjectSetPrototypeOf(result, ObjectPrototype);
  } else {
    resolve(result);
  }
}

/** A promise fulfilled with a plain result object. */
export function settled<T extends object>(result: T): Promise<T> {
  if (!('then' in ObjectPrototype) || specMode()) return PromiseResolve(result);
  const promise = bare<T>();
  settle(takeResolve<T>(), result);
  return promise;
}
