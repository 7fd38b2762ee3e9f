import { addAbortListener } from '../events';
import { isArrayBufferView, isAsyncFunction } from '../internal/types';
const { inspect, format } = internals.inspect;
const { AbortSignal, Blob } = internals.web;
const AggregateErrorClass = AggregateError;

export { AggregateErrorClass as AggregateError, addAbortListener, format, inspect };
export const kEmptyObject = Object.freeze({});
export const AbortSignalAny = (signals: unknown[]): unknown => AbortSignal.any(signals);
export const types = { isAsyncFunction, isArrayBufferView };

export function once(callback: (...args: any[]) => void): (...args: any[]) => void {
  let called = false;
  return function (this: unknown, ...args: any[]) {
    if (called) return;
    called = true;
    Reflect.apply(callback, this, args);
  };
}
export function createDeferredPromise(): PromiseWithResolvers<unknown> {
  let resolve!: (value: unknown) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise((res, rej) => {
    resolve = res;
    reject = rej;
  });
  return { promise, resolve, reject };
}
export function promisify(fn: (cb: (err: unknown, ...values: unknown[]) => void) => void): Promise<unknown> {
  return new Promise((resolve, reject) => fn((err, ...values) => (err ? reject(err) : resolve(values[0]))));
}
promisify.custom = Symbol.for('nodejs.util.promisify.custom');
export function debuglog(_name: string, _cb?: unknown): () => void {
  return () => {};
}
export function deprecate<T>(fn: T): T {
  return fn;
}
export function isBlob(value: unknown): boolean {
  return value instanceof Blob;
}
