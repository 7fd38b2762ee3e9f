// ExtendableEvent (https://w3c.github.io/ServiceWorker/#extendableevent): the base of the events a runtime sends to a service worker.
// Only the platform makes them, by constructing subclasses with `allowConstruction`.
import { DOMException } from '../dom-exception';
import { badArgument, defineInterface, illegalInvocation } from '../interface';
import { requireIoContext } from '../io-context';
import { Event, isTrusted, trusted } from './event';

let depth = 0;

/** Runs `make`, which may construct an ExtendableEvent, and marks its result as trusted. */
export function constructExtendable<E extends ExtendableEvent>(make: () => E): E {
  depth++;
  try {
    return trusted(make());
  } finally {
    depth--;
  }
}

class ExtendableEvent extends Event {
  readonly #extendable = true;

  constructor(...args: [type?: string]) {
    if (depth === 0) throw new TypeError('Illegal constructor');
    super(args[0]!, undefined);
  }

  waitUntil(promise: unknown): void {
    if (!(#extendable in this)) throw illegalInvocation();
    if (!isTrusted(this)) throw new DOMException('waitUntil() can only be called on trusted event.', 'InvalidStateError');
    if (arguments.length === 0) throw badArgument('waitUntil', 'ExtendableEvent', 1, 'Promise');
    requireIoContext().waitUntil(promise);
  }

  static {
    defineInterface(this, 'ExtendableEvent', { brand: (o) => #extendable in o });
  }
}

export { ExtendableEvent };
