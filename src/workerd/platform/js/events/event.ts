// Event (https://dom.spec.whatwg.org/#interface-event), without trees: an event has one target, and no capture or bubble phase.
// As in workerd, timeStamp is always 0 and currentTarget stays set after the dispatch (unless pedantic_wpt).
import { DOMException } from '../dom-exception';
import { flags } from '../flags';
import {
  addOwnProperties, badConstructorArgument, defineInterface, illegalInvocation, legacyOwnProperties, toDictionary,
} from '../interface';
import { ObjectDefineProperty, ObjectGetOwnPropertyDescriptor } from '../primordials';

export interface EventInit {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
}

const NONE = 0;
const AT_TARGET = 2;

// What the rest of the platform does to events; user code has no way to it.
export let isEvent: (value: object) => value is Event;
/** Marks the event as made by the platform. Returns it. */
export let trusted: <E extends Event>(event: E) => E;
export let isTrusted: (event: Event) => boolean;
/** Starts a dispatch; throws InvalidStateError when the event is already being dispatched. */
export let beginDispatch: (event: Event, target: object) => void;
export let endDispatch: (event: Event) => void;
/** True after stopImmediatePropagation(). */
export let isStopped: (event: Event) => boolean;
/** True after preventDefault(), of a cancelable event or not. */
export let isPrevented: (event: Event) => boolean;
export let setPassive: (event: Event, passive: boolean) => void;
/** preventDefault(), whatever user code made of it. */
export let prevent: (event: Event) => void;
export let eventType: (event: Event) => string;
let setReturnValue: (event: object, value: boolean) => void;

class Event {
  readonly #type: string;
  readonly #bubbles: boolean;
  readonly #cancelable: boolean;
  readonly #composed: boolean;
  #trusted = false;
  #target: object | undefined = undefined;
  #dispatching = false;
  #stopped = false;
  #propagationStopped = false;
  #prevented = false;
  #passive = false;

  constructor(type: string, init: EventInit | undefined = undefined) {
    if (arguments.length === 0) throw badConstructorArgument(new.target.name, 1, 'string');
    this.#type = `${type}`;
    if (init === undefined || init === null) {
      this.#bubbles = this.#cancelable = this.#composed = false;
    } else {
      toDictionary(init, () => badConstructorArgument(new.target.name, 2, 'Init'));
      this.#bubbles = !!init.bubbles;
      this.#cancelable = !!init.cancelable;
      this.#composed = !!init.composed;
    }
    if (legacyOwnProperties) addOwnProperties(this);
    else if (flags.pedantic_wpt) ObjectDefineProperty(this, 'isTrusted', isTrustedDescriptor);
  }

  get type(): string { if (!(#type in this)) throw illegalInvocation(); return this.#type; }
  get eventPhase(): number { if (!(#type in this)) throw illegalInvocation(); return this.#dispatching ? AT_TARGET : NONE; }
  get composed(): boolean { if (!(#type in this)) throw illegalInvocation(); return this.#composed; }
  get bubbles(): boolean { if (!(#type in this)) throw illegalInvocation(); return this.#bubbles; }
  get cancelable(): boolean { if (!(#type in this)) throw illegalInvocation(); return this.#cancelable; }
  get defaultPrevented(): boolean { if (!(#type in this)) throw illegalInvocation(); return this.#cancelable && this.#prevented; }
  get returnValue(): boolean { if (!(#type in this)) throw illegalInvocation(); return !(this.#cancelable && this.#prevented); }
  get currentTarget(): object | null | undefined {
    if (!(#type in this)) throw illegalInvocation();
    if (flags.pedantic_wpt) return this.#dispatching ? this.#target! : null;
    return this.#target;
  }
  get target(): object | undefined { if (!(#type in this)) throw illegalInvocation(); return this.#target; }
  get srcElement(): object | undefined { if (!(#type in this)) throw illegalInvocation(); return this.#target; }
  get timeStamp(): number { if (!(#type in this)) throw illegalInvocation(); return 0; }
  get isTrusted(): boolean { if (!(#type in this)) throw illegalInvocation(); return this.#trusted; }
  get cancelBubble(): boolean { if (!(#type in this)) throw illegalInvocation(); return this.#propagationStopped; }
  set cancelBubble(value: boolean) { if (!(#type in this)) throw illegalInvocation(); this.#propagationStopped = !!value; }

  stopImmediatePropagation(): void { if (!(#type in this)) throw illegalInvocation(); this.#stopped = true; }
  preventDefault(): void { if (!(#type in this)) throw illegalInvocation(); if (!this.#passive) this.#prevented = true; }
  stopPropagation(): void { if (!(#type in this)) throw illegalInvocation(); this.#propagationStopped = true; }
  composedPath(): object[] { if (!(#type in this)) throw illegalInvocation(); return this.#dispatching ? [this.#target!] : []; }

  static {
    isEvent = (value): value is Event => #type in value;
    trusted = (event) => {
      event.#trusted = true;
      return event;
    };
    isTrusted = (event) => event.#trusted;
    beginDispatch = (event, target) => {
      if (event.#dispatching) throw new DOMException('The event is already being dispatched.', 'InvalidStateError');
      event.#dispatching = true;
      event.#target = target;
      event.#prevented = false;
    };
    endDispatch = (event) => { event.#dispatching = false; };
    isStopped = (event) => event.#stopped;
    isPrevented = (event) => event.#prevented;
    setPassive = (event, passive) => { event.#passive = passive; };
    prevent = (event) => { event.#prevented = true; };
    eventType = (event) => event.#type;
    setReturnValue = (event, value) => {
      if (typeof event !== 'object' || event === null || !(#type in event)) throw illegalInvocation();
      if (!value && !event.#passive) event.#prevented = true;
    };
  }
}

defineInterface(Event, 'Event', {
  brand: (o) => isEvent(o),
  constants: { NONE, CAPTURING_PHASE: 1, AT_TARGET, BUBBLING_PHASE: 3 },
  ownProperties: [
    'type', 'eventPhase', 'composed', 'bubbles', 'cancelable', 'defaultPrevented', 'returnValue', 'currentTarget', 'target',
    'srcElement', 'timeStamp', 'isTrusted', 'cancelBubble',
  ],
});
const returnValueSetter = ObjectGetOwnPropertyDescriptor({
  set returnValue(value: boolean) { setReturnValue(this, value); },
}, 'returnValue')!.set!;

/** The standard lets scripts set returnValue; workerd does where it is asked to be pedantic. */
export function applyEventFlags(): void {
  if (flags.pedantic_wpt) ObjectDefineProperty(Event.prototype, 'returnValue', { set: returnValueSetter });
}

const isTrustedDescriptor = ObjectGetOwnPropertyDescriptor(Event.prototype, 'isTrusted')!;

export { Event };
