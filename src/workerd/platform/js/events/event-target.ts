// EventTarget (https://dom.spec.whatwg.org/#interface-eventtarget) as workerd has it: no capture; a property `on<type>` of the target is
// a listener as well. Before spec_compliant_dispatch_exceptions the first listener that throws ends the dispatch, and the error comes out
// of dispatchEvent(); with it errors are reported and the dispatch goes on.
import { flags } from '../flags';
import { badArgument, badField, defineInterface, illegalInvocation, wrongType } from '../interface';
import {
  ArrayPrototypeIndexOf, ArrayPrototypeSlice, ArrayPrototypeSplice, ObjectCreate, ObjectKeys, ReflectApply,
} from '../primordials';
import { logWarning } from '../warnings';
import { beginDispatch, endDispatch, type Event, eventType, isEvent, isPrevented, isStopped, prevent, setPassive } from './event';

export type NativeListener = (event: Event) => void;

interface Listener {
  /** What removeEventListener() finds it by: the function or object that was added. */
  readonly identity: object;
  readonly callback: Function;
  /** `this` of the callback: undefined stands for the global object. */
  readonly receiver: object | undefined;
  readonly once: boolean;
  readonly passive: boolean;
  /** Added by the platform: its return value means nothing. */
  readonly internal: boolean;
  removed: boolean;
  /** Stops listening to the AbortSignal it was added with. */
  detach: (() => void) | undefined;
}

/** An event handler attribute that was set: its listener keeps its place in the list while the value is an object. */
interface Handler {
  value: unknown;
  listener: Listener | undefined;
}

/** What a dispatch that goes on after errors has seen of them. */
interface Failures {
  first: { readonly exception: unknown } | undefined;
}

interface Table {
  types: Record<string, Listener[]>;
  handlers: Record<string, Handler> | undefined;
  /** Told how many listeners a type has after one came or went. */
  watch: { readonly type: string; readonly changed: (count: number) => void } | undefined;
  warnOnReturn: boolean;
}

// abort.ts knows AbortSignal, which is an EventTarget itself.
interface SignalHooks {
  isSignal(value: object): boolean;
  isAborted(signal: object): boolean;
  addAlgorithm(signal: object, fn: () => void): () => void;
  /** A listener was added to `target`, a signal or not. */
  interested(target: object): void;
}
let signals: SignalHooks;
export function setSignalHooks(hooks: SignalHooks): void {
  signals = hooks;
}

// uncaught-errors.ts dispatches events itself.
let report: (error: unknown) => void;
export function setErrorReporter(fn: (error: unknown) => void): void {
  report = fn;
}

let globalTarget: object | undefined;
let globalTable: Table = newTable();
let warnOnSpecialEvents = false;

function newTable(): Table {
  return { types: ObjectCreate(null) as Record<string, Listener[]>, handlers: undefined, watch: undefined, warnOnReturn: true };
}

/** Makes the global object an event target. Functions called without `this` act on it. */
export function setGlobalTarget(global: object): void {
  globalTarget = global;
  globalTable = newTable();
}

/** For workers with modules: adding a listener for what a module exports a handler for is a mistake worth a warning. */
export function enableSpecialEventWarnings(): void {
  warnOnSpecialEvents = true;
}

// The table is made when the first listener comes: most targets (signals, sockets) never have one.
let tableOf: (target: unknown, create: boolean) => Table | undefined;
export let isEventTarget: (value: object) => value is EventTarget;

interface AddOptions { capture?: boolean; once?: boolean; passive?: boolean; signal?: unknown }

class EventTarget {
  #table: Table | undefined = undefined;

  addEventListener(type: string, callback: unknown, options: AddOptions | boolean = undefined!): void {
    tableOf(this, false);
    const given = arguments.length;
    if (given === 0) throw badArgument('addEventListener', 'EventTarget', 1, 'string');
    const name = `${type}`;
    if (given === 1) throw badArgument('addEventListener', 'EventTarget', 2, 'function or HandlerObject');
    addListener(this, name, callback, options);
  }

  removeEventListener(type: string, callback: unknown, options: { capture?: boolean } | boolean = undefined!): void {
    const table = tableOf(this, false);
    const given = arguments.length;
    if (given === 0) throw badArgument('removeEventListener', 'EventTarget', 1, 'string');
    const name = `${type}`;
    if (given === 1) throw badArgument('removeEventListener', 'EventTarget', 2, 'Object');
    if (callback != null && typeof callback !== 'object' && typeof callback !== 'function') {
      callback = wrongType(() => badArgument('removeEventListener', 'EventTarget', 2, 'Object'));
    }
    if (typeof options === 'object' && options !== null) {
      if (options.capture) throw new TypeError('removeEventListener(): options.capture must be false.');
    } else if (options) {
      throw new TypeError('removeEventListener(): useCapture must be false.');
    }
    if (callback != null && table !== undefined) removeListener(table, name, callback as object);
  }

  dispatchEvent(event: Event): boolean {
    const target = this == null ? globalTarget! : this;
    tableOf(target, false);
    if (typeof event !== 'object' || event === null || !isEvent(event)) throw badArgument('dispatchEvent', 'EventTarget', 1, 'Event');
    return fire(target, event);
  }

  static {
    tableOf = (target, create) => {
      if (target == null || target === globalTarget) return globalTable;
      if (typeof target !== 'object' || !(#table in (target as object))) throw illegalInvocation();
      const self = target as EventTarget;
      const table = self.#table;
      return table === undefined && create ? (self.#table = newTable()) : table;
    };
    isEventTarget = (value): value is EventTarget => #table in value;
  }
}

defineInterface(EventTarget, 'EventTarget', { brand: (o) => isEventTarget(o) || o === globalTarget });

function isSpecial(type: string): boolean {
  return type === 'fetch' || type === 'scheduled' || type === 'tail' || type === 'trace' || type === 'alarm';
}

function addListener(target: object, type: string, callback: unknown, options: AddOptions | boolean | undefined): void {
  if (warnOnSpecialEvents && (target == null || target === globalTarget) && isSpecial(type)) {
    logWarning(`When using module syntax, the '${type}' event handler should be declared as an exported function on the root module ` +
      'as opposed to using the global addEventListener().');
  }
  let fn: Function;
  let receiver: object | undefined;
  if (typeof callback === 'function') {
    fn = callback;
    receiver = flags.set_event_target_this ? target ?? undefined : undefined;
  } else if (callback === null || callback === undefined) {
    fn = undefined!;
  } else if (typeof callback === 'object') {
    fn = (callback as { handleEvent: Function }).handleEvent;
    if (typeof fn !== 'function') throw badField('handleEvent', 'HandlerObject', 'function');
    receiver = callback;
  } else {
    callback = wrongType(() => badArgument('addEventListener', 'EventTarget', 2, 'function or HandlerObject'));
    fn = undefined!;
  }
  let once = false;
  let passive = false;
  let signal: object | undefined;
  if (typeof options === 'object' && options !== null) {
    if (options.capture && callback != null) throw new TypeError('addEventListener(): options.capture must be false.');
    passive = !!options.passive;
    once = !!options.once;
    const given = options.signal;
    if (given !== undefined) {
      if (typeof given !== 'object' || given === null || !signals.isSignal(given)) throw badField('signal', 'AddEventListenerOptions', 'AbortSignal');
      signal = given;
    }
  } else if (options && callback != null) {
    throw new TypeError('addEventListener(): useCapture must be false.');
  }
  if (callback == null || (signal !== undefined && signals.isAborted(signal))) return;
  const table = tableOf(target, true)!;
  const list = table.types[type] ??= [];
  for (let i = 0; i < list.length; i++) if (list[i]!.identity === callback) return;
  const listener: Listener = { identity: callback, callback: fn, receiver, once, passive, internal: false, removed: false, detach: undefined };
  list[list.length] = listener;
  if (target != null) signals.interested(target);
  notify(table, type);
  if (signal !== undefined) listener.detach = signals.addAlgorithm(signal, () => removeListener(table, type, callback));
}

function removeListener(table: Table, type: string, identity: object): void {
  const list = table.types[type];
  if (list === undefined) return;
  for (let i = 0; i < list.length; i++) {
    const listener = list[i]!;
    if (listener.identity !== identity) continue;
    listener.removed = true;
    listener.detach?.();
    if (list.length === 1) delete table.types[type];
    else ArrayPrototypeSplice(list, i, 1);
    notify(table, type);
    return;
  }
}

function notify(table: Table, type: string): void {
  if (table.watch !== undefined && table.watch.type === type) table.watch.changed(table.types[type]?.length ?? 0);
}

/** Calls `changed` with the number of listeners for `type` whenever one is added or removed. One watcher for a target. */
export function onListenersChanged(target: object, type: string, changed: (count: number) => void): void {
  tableOf(target, true)!.watch = { type, changed };
}

/** A listener of the platform's own. Returns a function that removes it. */
export function addNativeListener(target: object, type: string, callback: NativeListener, once = false): () => void {
  const table = tableOf(target, true)!;
  const list = table.types[type] ??= [];
  const listener: Listener = { identity: {}, callback, receiver: undefined, once, passive: false, internal: true, removed: false, detach: undefined };
  list[list.length] = listener;
  return () => {
    const i = ArrayPrototypeIndexOf(list, listener);
    if (i < 0) return;
    listener.removed = true;
    ArrayPrototypeSplice(list, i, 1);
  };
}

/** How many listeners there are for a type, `on<type>` not counted. */
export function listenerCount(target: object, type: string): number {
  return tableOf(target, false)?.types[type]?.length ?? 0;
}

/** The types that have a listener. */
export function listenerTypes(target: object): string[] {
  const table = tableOf(target, false);
  return table === undefined ? [] : ObjectKeys(table.types);
}

export function removeAllListeners(target: object): void {
  const table = tableOf(target, false);
  if (table === undefined) return;
  for (const type in table.types) {
    const list = table.types[type]!;
    for (let i = 0; i < list.length; i++) {
      list[i]!.removed = true;
      list[i]!.detach?.();
    }
  }
  table.types = ObjectCreate(null) as Record<string, Listener[]>;
}

/** The value of the event handler attribute `on<type>`. */
export function getEventHandler(target: object, type: string): unknown {
  return tableOf(target, false)?.handlers?.[type]?.value ?? null;
}

/** Sets the event handler attribute `on<type>` (https://html.spec.whatwg.org/#event-handler-attributes). Any object is kept; only
 *  functions are called. */
export function setEventHandler(target: object, type: string, value: unknown): void {
  const table = tableOf(target, true)!;
  const handlers = table.handlers ??= ObjectCreate(null) as Record<string, Handler>;
  const handler = handlers[type] ??= { value: null, listener: undefined };
  const active = (typeof value === 'object' && value !== null) || typeof value === 'function';
  handler.value = active ? value : null;
  if (active === (handler.listener !== undefined)) return;
  if (!active) {
    const old = handler.listener!;
    handler.listener = undefined;
    removeListener(table, type, old.identity);
    return;
  }
  const callback = function (this: unknown, event: Event): unknown {
    return typeof handler.value === 'function' ? ReflectApply(handler.value, this, [event]) : undefined;
  };
  const listener: Listener = {
    identity: handler, callback, receiver: undefined, once: false, passive: false, internal: false, removed: false, detach: undefined,
  };
  handler.listener = listener;
  const list = table.types[type] ??= [];
  list[list.length] = listener;
  notify(table, type);
}

/** Dispatches; false when a listener called preventDefault() (or returned true). Throws what the first failing listener throws. */
export function dispatch(target: object, event: Event): boolean {
  return run(target, event, undefined);
}

/** Dispatches as the worker's flags say: errors are thrown at the first one, or reported. */
export function fire(target: object, event: Event): boolean {
  return run(target, event, flags.spec_compliant_dispatch_exceptions ? { first: undefined } : undefined);
}

/** For events whose sender fails when a listener does: like `fire`, but throws the first error in the end, reported or not. */
export function fireOrThrow(target: object, event: Event): void {
  const failures: Failures | undefined = flags.spec_compliant_dispatch_exceptions ? { first: undefined } : undefined;
  run(target, event, failures);
  if (failures?.first !== undefined) throw failures.first.exception;
}

function run(target: object, event: Event, failures: Failures | undefined): boolean {
  beginDispatch(event, target);
  try {
    const type = eventType(event);
    const table = tableOf(target, false);
    if (table?.handlers?.[type] === undefined) {
      try {
        const property = (target as any)[`on${type}`];
        if (typeof property === 'function' && !isStopped(event)) checkReturn(target, event, ReflectApply(property, globalTarget, [event]));
      } catch (error) {
        failed(error, failures);
      }
    }
    const list = table?.types[type];
    if (list !== undefined) {
      if (list.length === 1) call(target, table!, type, list[0]!, event, failures);
      else {
        // A copy: listeners may add and remove listeners.
        const now = ArrayPrototypeSlice(list);
        for (let i = 0; i < now.length; i++) call(target, table!, type, now[i]!, event, failures);
      }
    }
    return !isPrevented(event);
  } finally {
    endDispatch(event);
  }
}

function failed(error: unknown, failures: Failures | undefined): void {
  if (failures === undefined) throw error;
  failures.first ??= { exception: error };
  report(error);
}

function call(target: object, table: Table, type: string, listener: Listener, event: Event, failures: Failures | undefined): void {
  if (isStopped(event) || listener.removed) return;
  if (listener.once) removeListener(table, type, listener.identity);
  if (listener.passive) setPassive(event, true);
  try {
    const result = ReflectApply(listener.callback, listener.receiver ?? globalTarget, [event]);
    if (result !== undefined && !listener.internal) checkReturn(target, event, result);
  } catch (error) {
    failed(error, failures);
  } finally {
    if (listener.passive) setPassive(event, false);
  }
}

function checkReturn(target: object, event: Event, result: unknown): void {
  if (result === undefined) return;
  if (result === true) prevent(event);
  const table = tableOf(target, true)!;
  if (!table.warnOnReturn || typeof result === 'boolean') return;
  table.warnOnReturn = false;
  logWarning(typeof result === 'object' && result !== null && result instanceof Promise
    ? 'An event handler returned a promise that will be ignored. Event handlers should not have a return value and should not be async functions.'
    : `An event handler returned a value of type "${typeof result}" that will be ignored. Event handlers should not have a return value.`);
}

export { EventTarget };
