// Errors that user code did not catch, on their way to the log.
import { currentIo } from './async-context';
import { inspect } from './inspect';
import { native, pyOp } from './ops';
import { uncurryThis } from './primordials';

const logException = pyOp<(kind: string, name: string, message: string, stack: string, request: string) => void>('log.exception');

// Errors that came from another worker were logged there, with the stack that matters.
const remote = new WeakSet<object>();
const weakSetAdd = uncurryThis(WeakSet.prototype.add) as (set: WeakSet<object>, value: object) => unknown;
const weakSetHas = uncurryThis(WeakSet.prototype.has) as (set: WeakSet<object>, value: object) => boolean;

export function markRemote(error: unknown): void {
  if (typeof error === 'object' && error !== null) weakSetAdd(remote, error);
}

function read(error: unknown, name: string): unknown {
  try {
    return (error as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** As the console would show it. */
function shown(error: unknown): string {
  try {
    return typeof error === 'string' ? error : inspect(error);
  } catch {
    return '[unprintable value]';
  }
}

/** Names the request whose code is running, as the access log does: its number in this worker. */
export function requestId(): string {
  const number: unknown = currentIo()?.exchange;
  return typeof number === 'number' ? `${number % 1048576}.${(number / 1048576) | 0}` : '';
}

/** For the log. Where V8's stack does not tell all (causes, the parts of an AggregateError, objects that are no errors) it is what the
 *  console would show. */
export function describeError(error: unknown): [name: string, message: string, stack: string] {
  if (typeof error !== 'object' || error === null) return ['', shown(error), ''];
  const stack = text(read(error, 'stack'));
  const plain = stack !== '' && read(error, 'cause') === undefined && read(error, 'errors') === undefined;
  return [text(read(error, 'name')), text(read(error, 'message')), plain ? stack : shown(error)];
}

/** `kind`: where it was thrown: 'fetch', 'waitUntil', 'promise', 'callback'... */
export function reportUncaught(error: unknown, kind: string): void {
  if (typeof error === 'object' && error !== null && weakSetHas(remote, error)) return;
  native.reportException(error);
  // By index: destructuring an array runs what users may have patched.
  const text = describeError(error);
  logException(kind, text[0], text[1], text[2], requestId());
}
