// process.nextTick: there is no tick queue apart from the microtask queue here, so a tick is a microtask. The async context travels
// with it, since the engine runs a microtask in the frame it was queued in.
import { validateFunction, type Fn } from './validators';

export function nextTick(callback: Fn, ...args: unknown[]): void {
  validateFunction(callback, 'callback');
  if (args.length === 0) internals.web.queueMicrotask(callback);
  else internals.web.queueMicrotask(() => callback(...args));
}
