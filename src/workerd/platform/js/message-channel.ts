// MessageChannel and MessagePort (https://html.spec.whatwg.org/#message-channels) within one worker. As in workerd a listener added by
// addEventListener() starts the port too, and transfer lists are only for streams.
import {
  createMessageEvent, dispatch, Event, EventTarget, trusted,
} from './events';
import { fire, fireOrThrow, getEventHandler, onListenersChanged, setEventHandler } from './events/event-target';
import { flags } from './flags';
import { defineInterface, illegalInvocation, toDictionary } from './interface';
import { ArrayIsArray, ObjectDefineProperty, PromisePrototypeThen, PromiseResolve } from './primordials';
import { cloneMessage } from './structured-clone';
import { reportFromCallback } from './uncaught-errors';

// Not an object that inherits: it lacks what messages of other origins have.
const from = (source: object): object => ({ __proto__: null, source });

const enum State { Pending, Started, Closed }

let constructing = false;
let entangle: (a: MessagePort, b: MessagePort) => void;

class MessagePort extends EventTarget {
  #state = State.Pending;
  #queue: unknown[] = [];
  #other: MessagePort | undefined = undefined;

  constructor() {
    if (!constructing) throw new TypeError('Illegal constructor');
    super();
    onListenersChanged(this, 'message', (count) => {
      if (count > 0) this.#start();
      else if (this.#state === State.Started) this.#state = State.Pending;
    });
  }

  postMessage(data: unknown = undefined, options: unknown[] | { transfer?: unknown[] } = undefined!): void {
    if (!(#state in this)) throw illegalInvocation();
    const transfer = ArrayIsArray(options) ? options
      : toDictionary<{ transfer?: unknown[] }>(options, () => new TypeError(
        "Failed to execute 'postMessage' on 'MessagePort': parameter 2 is not of type 'Array or PostMessageOptions'."))?.transfer;
    // What cannot be cloned throws here, whoever is (not) listening.
    const clone: unknown = cloneMessage(data, transfer);
    const other = this.#other;
    if (other !== undefined) other.#deliver(clone);
  }

  start(): void { if (!(#state in this)) throw illegalInvocation(); this.#start(); }

  close(): void {
    if (!(#state in this)) throw illegalInvocation();
    if (this.#state === State.Closed) return;
    this.#state = State.Closed;
    this.#queue = [];
    const other = this.#other;
    this.#other = undefined;
    if (other !== undefined) other.close();
    dispatch(this, trusted(new Event('close')));
  }

  get onmessage(): unknown { if (!(#state in this)) throw illegalInvocation(); return getEventHandler(this, 'message'); }
  set onmessage(handler: unknown) {
    if (!(#state in this)) throw illegalInvocation();
    setEventHandler(this, 'message', handler);
  }

  #deliver(data: unknown): void {
    if (this.#state === State.Pending) this.#queue[this.#queue.length] = data;
    else if (this.#state === State.Started) this.#later([data]);
  }

  #start(): void {
    if (this.#state !== State.Pending) return;
    this.#state = State.Started;
    const queue = this.#queue;
    this.#queue = [];
    if (queue.length > 0) this.#later(queue);
  }

  /** Messages arrive in a microtask, in the asynchronous context of who posted them or started the port. */
  #later(messages: readonly unknown[]): void {
    void PromisePrototypeThen(PromiseResolve(undefined), () => {
      for (let i = 0; i < messages.length; i++) this.#dispatch(messages[i]);
    });
  }

  #dispatch(data: unknown): void {
    try {
      fireOrThrow(this, createMessageEvent(data, 'message', from(this)));
    } catch (e) {
      // What a listener threw is the data of one more event: of its own type only where listeners' errors are reported.
      if (flags.spec_compliant_dispatch_exceptions) fire(this, createMessageEvent(e, 'messageerror', from(this)));
      else this.#dispatchError(e);
    }
  }

  #dispatchError(error: unknown): void {
    try {
      dispatch(this, createMessageEvent(error, 'message', from(this)));
    } catch (e) {
      reportFromCallback(e);
    }
  }

  static {
    entangle = (a, b) => {
      a.#other = b;
      b.#other = a;
    };
    defineInterface(this, 'MessagePort', { brand: (o) => #state in o });
  }
}

class MessageChannel {
  readonly #channel = true;
  declare readonly port1: MessagePort;
  declare readonly port2: MessagePort;

  constructor() {
    constructing = true;
    let a: MessagePort;
    let b: MessagePort;
    try {
      a = new MessagePort();
      b = new MessagePort();
    } finally {
      constructing = false;
    }
    entangle(a, b);
    ObjectDefineProperty(this, 'port2', { value: b, writable: false, enumerable: true, configurable: true });
    ObjectDefineProperty(this, 'port1', { value: a, writable: false, enumerable: true, configurable: true });
  }

  static {
    defineInterface(this, 'MessageChannel', { brand: (o) => #channel in o });
  }
}

export { MessageChannel, MessagePort };
