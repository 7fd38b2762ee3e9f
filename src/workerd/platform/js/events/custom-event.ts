// CustomEvent (https://dom.spec.whatwg.org/#interface-customevent).
import { badConstructorArgument, defineInterface, illegalInvocation, toDictionary } from '../interface';
import { Event, type EventInit } from './event';

class CustomEvent extends Event {
  readonly #detail: unknown;

  constructor(type: string, init: EventInit & { detail?: unknown } = undefined!) {
    if (arguments.length === 0) throw badConstructorArgument('CustomEvent', 1, 'string');
    toDictionary(init, () => badConstructorArgument('CustomEvent', 2, 'CustomEventInit'));
    super(type, init);
    this.#detail = init === undefined || init === null ? undefined : init.detail;
  }

  get detail(): unknown {
    if (!(#detail in this)) throw illegalInvocation();
    return this.#detail;
  }

  static {
    defineInterface(this, 'CustomEvent', { brand: (o) => #detail in o });
  }
}

export { CustomEvent };
