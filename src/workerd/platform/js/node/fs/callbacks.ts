// The callback form: wrong arguments are thrown, what fails later goes to the callback.
import { ERR_INVALID_ARG_TYPE } from '../internal/errors';
import type { Fn } from '../internal/validators';
import { calls } from './calls';

/** What the callback gets after the error, where that is not just the result. */
const RESULTS: Record<string, (result: any, args: any[]) => unknown[]> = {
  read: (count, args) => [count, args[1]], readv: (count, args) => [count, args[1]], write: (count, args) => [count, args[1]],
  writev: (count, args) => [count, args[1]], appendFile: () => [], writeFile: () => [],
};

function settle(callback: Fn, ...args: unknown[]): void {
  internals.web.queueMicrotask(() => callback(...args));
}

export const callbacks: Record<string, Fn> = {};
for (const [name, call] of Object.entries(calls)) {
  callbacks[name] = { [name](...args: any[]): void {
    // The callback is the last argument given; what stands before it may be left out.
    let at = args.length - 1;
    while (at > 0 && args[at] === undefined) at--;
    const callback = args[at];
    const missing = typeof callback !== 'function';
    const rest = missing ? args : args.slice(0, at);
    if (name === 'read') {
      if (missing && args.length === 3) throw new ERR_INVALID_ARG_TYPE('callback', ['function'], callback);
      normalizeRead(rest);
    }
    // What is wrong with the other arguments is said first.
    const work = call(...rest);
    if (missing) throw new ERR_INVALID_ARG_TYPE('callback', ['function'], callback);
    let result: unknown;
    try {
      result = work();
    } catch (error) {
      settle(callback, error);
      return;
    }
    const results = RESULTS[name];
    settle(callback, null, ...(results !== undefined ? results(result, rest) : result === undefined ? [] : [result]));
  } }[name] as Fn;
}

/** fs.read(fd, [options,] callback) and its other short forms. */
function normalizeRead(args: any[]): void {
  if (args.length <= 1 || (args.length === 2 && !ArrayBuffer.isView(args[1]) && typeof args[1] === 'object')) {
    const options = args[1] ?? {};
    const { buffer = internals.web.Buffer?.alloc(16384) ?? new Uint8Array(16384), offset = 0 } = options;
    args.splice(1, args.length, buffer, offset, options.length ?? buffer.byteLength - offset, options.position ?? null);
  } else if (args.length === 2) args.push(0, args[1].byteLength, null);
}

callbacks.exists = function exists(path: any, callback: any): void {
  if (typeof callback !== 'function') throw new ERR_INVALID_ARG_TYPE('callback', ['function'], callback);
  let found = true;
  try {
    calls.access!(path)();
  } catch {
    found = false;
  }
  settle(callback, found);
};
