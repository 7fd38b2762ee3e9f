// ReadableStream.from (https://streams.spec.whatwg.org/#rs-from).
import { badArgument } from '../interface';
import { PromiseResolve, SymbolAsyncIterator, SymbolIterator } from '../primordials';
import { DefaultController } from './default-controller';
import { apply } from './intrinsics';
import { chain, promiseFor, rejected } from './promises';
import { ReadableState } from './readable-state';

interface AnyIterator {
  next: Function;
  return?: unknown;
}

export function fromIterable(iterable: unknown): ReadableState {
  if (iterable === undefined || iterable === null) throw badArgument('from', 'ReadableStream', 1, 'AsyncGenerator');
  let sync = false;
  let method = (iterable as any)[SymbolAsyncIterator];
  if (method === undefined || method === null) {
    method = (iterable as any)[SymbolIterator];
    sync = true;
  }
  if (typeof method !== 'function') throw badArgument('from', 'ReadableStream', 1, 'AsyncGenerator');
  const iterator = apply(method as Function, iterable, []) as AnyIterator;
  if ((typeof iterator !== 'object' && typeof iterator !== 'function') || iterator === null) {
    throw new TypeError('The iterator given to ReadableStream.from() is not an object.');
  }
  const { next } = iterator;
  const state = new ReadableState();
  const controller: DefaultController = new DefaultController(state, {
    pull() {
      return step(controller, iterator, next, sync);
    },
    cancel(reason) {
      return stop(iterator, reason, sync);
    },
  }, 0, undefined);
  controller.start(undefined);
  return state;
}

function isObject(v: unknown): v is Record<string, unknown> {
  return (typeof v === 'object' && v !== null) || typeof v === 'function';
}

function step(controller: DefaultController, iterator: AnyIterator, next: Function, sync: boolean): Promise<void> {
  let result: unknown;
  try {
    result = apply(next, iterator, []);
  } catch (e) {
    return rejected(e);
  }
  if (!sync) return chain(result, (r) => take(controller, r));
  // What %AsyncFromSyncIterator% does: the value may be a promise.
  try {
    if (!isObject(result)) throw new TypeError('The iterator result is not an object.');
    if (result.done) return chain(PromiseResolve(result.value), () => controller.close());
    return chain(PromiseResolve(result.value), (value) => controller.enqueue(value), (e) => {
      // A rejected value closes the synchronous iterator.
      try {
        const fn = iterator.return;
        if (fn !== undefined && fn !== null) apply(fn as Function, iterator, []);
      } catch {
        // The first failure counts.
      }
      throw e;
    });
  } catch (e) {
    return rejected(e);
  }
}

function take(controller: DefaultController, result: unknown): void {
  if (!isObject(result)) throw new TypeError('The promise returned by the iterator.next() method must fulfill with an object');
  if (result.done) {
    controller.close();
    return;
  }
  controller.enqueue(result.value);
}

function stop(iterator: AnyIterator, reason: unknown, sync: boolean): Promise<undefined> {
  let result: unknown;
  try {
    const fn = iterator.return;
    if (fn === undefined || fn === null) return promiseFor(undefined);
    if (typeof fn !== 'function') throw new TypeError('The return property of the iterator is not a function.');
    result = apply(fn, iterator, [reason]);
  } catch (e) {
    return rejected(e);
  }
  const check = (r: unknown): undefined => {
    if (!isObject(r)) throw new TypeError('The promise returned by the iterator.return() method must fulfill with an object');
    return undefined;
  };
  return sync ? chain(promiseFor(undefined), () => check(result)) : chain(result, check);
}
