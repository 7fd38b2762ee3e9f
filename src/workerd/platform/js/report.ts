// Errors that user code did not catch, on their way to the log.
import { native, pyOp } from './ops';
import { uncurryThis } from './primordials';

const logException = pyOp<(kind: string, name: string, message: string, stack: string) => void>('log.exception');

// Errors that came from another worker were logged there, with the stack that matters.
const remote = new WeakSet<object>();
const weakSetAdd = uncurryThis(WeakSet.prototype.add) as (set: WeakSet<object>, value: object) => unknown;
const weakSetHas = uncurryThis(WeakSet.prototype.has) as (set: WeakSet<object>, value: object) => boolean;
const symbolToString = uncurryThis(Symbol.prototype.toString) as (symbol: symbol) => string;

export function markRemote(error: unknown): void {
  if (typeof error === 'object' && error !== null) weakSetAdd(remote, error);
}

function read(error: unknown, name: string): string {
  try {
    const value = (error as Record<string, unknown>)[name];
    return typeof value === 'string' ? value : '';
  } catch {
    return '';
  }
}

function textOf(error: unknown): string {
  try {
    return typeof error === 'symbol' ? symbolToString(error) : `${error as string}`;
  } catch {
    return '[unprintable value]';
  }
}

/** `kind`: where it was thrown: 'fetch', 'waitUntil', 'promise', 'callback'... */
export function reportUncaught(error: unknown, kind: string): void {
  if (typeof error === 'object' && error !== null) {
    if (weakSetHas(remote, error)) return;
    native.reportException(error);
    logException(kind, read(error, 'name'), read(error, 'message') || (error instanceof Error ? '' : textOf(error)), read(error, 'stack'));
  } else {
    native.reportException(error);
    logException(kind, '', textOf(error), '');
  }
}
