// Errors nobody caught, seen by the worker itself first: the global events 'error', 'unhandledrejection' and 'rejectionhandled'
// (https://html.spec.whatwg.org/#report-the-exception, #unhandled-promise-rejections). What no listener prevents goes to the log.
import { log } from './console';
import { createErrorEvent, createRejectionEvent, listenerCount } from './events';
import { fire, setErrorReporter } from './events/event-target';
import { flags } from './flags';
import { native } from './ops';
import { SafeWeakMap, WeakMapPrototypeDelete, WeakMapPrototypeHas, WeakMapPrototypeSet } from './primordials';
import { reportUncaught } from './report';

// Rejected promises whose event was sent and that nobody has handled since.
const outstanding = new SafeWeakMap<Promise<unknown>, true>();

/** C++ tells, after a microtask checkpoint: a promise was rejected without a handler, or one got its handler late. */
export function onRejection(handled: boolean, promise: Promise<unknown>, reason: unknown): void {
  if (handled) {
    if (!WeakMapPrototypeHas(outstanding, promise)) return;
    WeakMapPrototypeDelete(outstanding, promise);
    emit('rejectionhandled', promise, undefined);
    return;
  }
  WeakMapPrototypeSet(outstanding, promise, true);
  if (emit('unhandledrejection', promise, reason)) reportUncaught(reason, 'promise');
}

/** False when a listener prevented the default. */
function emit(type: 'unhandledrejection' | 'rejectionhandled', promise: Promise<unknown>, reason: unknown): boolean {
  if (!hasListener(type)) return true;
  try {
    return fire(globalThis, createRejectionEvent(type, promise, reason));
  } catch (e) {
    reportUncaught(e, 'event');
    return true;
  }
}

function hasListener(type: string): boolean {
  return listenerCount(globalThis, type) > 0 || typeof (globalThis as any)[`on${type}`] === 'function';
}

/** Text for the log: the stack if there is one. */
function logged(error: unknown): unknown {
  if (typeof error === 'object' && error !== null) {
    const stack: unknown = (error as { stack?: unknown }).stack;
    if (stack !== undefined) return stack;
  }
  return error;
}

let reporting = false;

/** reportError(): an 'error' event on the global object, and the log unless a listener prevents it. Throws what a listener throws, unless
 *  spec_compliant_dispatch_exceptions: then what listeners of 'error' throw goes to the log. */
export function reportError(error: unknown): void {
  if (reporting) return reportUncaught(error, 'event');
  if (hasListener('error')) {
    const parts = native.createMessage(error);
    const message = parts[0];
    const filename = parts[1];
    const lineno = parts[2];
    const colno = parts[3];
    reporting = flags.spec_compliant_dispatch_exceptions === true;
    try {
      if (!fire(globalThis, createErrorEvent({ message, filename, lineno, colno, error }))) return;
    } finally {
      reporting = false;
    }
  }
  native.reportException(error);
  log('error', [`Uncaught ${String(logged(error))}`]);
}

/** For callbacks that have no caller to throw to (queueMicrotask): reports the error, and errors of its listeners too. */
export function reportFromCallback(error: unknown): void {
  try {
    reportError(error);
  } catch (e) {
    reportUncaught(e, 'event');
  }
}

setErrorReporter(reportError);

/** C++ tells: a callback it made threw. */
export function onUncaught(error: unknown): void {
  reportUncaught(error, 'callback');
}
