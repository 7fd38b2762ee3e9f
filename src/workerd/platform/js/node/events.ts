// node:events. https://nodejs.org/api/events.html
import { AbortError, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_UNHANDLED_ERROR } from './internal/errors';
import { validateAbortSignal, validateBoolean, validateFunction, validateNumber, validateObject, validateString, type Fn } from './internal/validators';
import { nextTick } from './internal/next-tick';
import { AsyncResource } from './async_hooks';

const kCapture = Symbol('kCapture');
const kRejection = Symbol.for('nodejs.rejection');
const kErrorMonitor = Symbol('events.errorMonitor');
const kShapeMode = Symbol('shapeMode');
export const kMaxEventTargetListeners = Symbol('events.maxEventTargetListeners');
const kWatermarks = Symbol.for('nodejs.watermarkData');

let defaultMaxListeners = 10;

interface Emitter {
  _events: any;
  _eventsCount: number;
  _maxListeners: number | undefined;
  [kCapture]?: boolean;
  [key: PropertyKey]: any;
}

function EventEmitter(this: Emitter, options?: { captureRejections?: boolean }): void {
  EventEmitter.init.call(this, options);
}
const proto: any = EventEmitter.prototype;
proto._events = undefined;
proto._eventsCount = 0;
proto._maxListeners = undefined;

EventEmitter.init = function init(this: Emitter, options?: { captureRejections?: boolean }): void {
  if (this._events === undefined || this._events === Object.getPrototypeOf(this)._events) {
    this._events = Object.create(null);
    this._eventsCount = 0;
  }
  this._maxListeners = this._maxListeners || undefined;
  if (options?.captureRejections) {
    validateBoolean(options.captureRejections, 'options.captureRejections');
    this[kCapture] = Boolean(options.captureRejections);
  } else {
    this[kCapture] = proto[kCapture];
  }
};
Object.defineProperty(EventEmitter, 'init', { enumerable: false });

function rejected(that: Emitter, promise: any, type: PropertyKey, args: unknown[]): void {
  try {
    const { then } = promise;
    if (typeof then === 'function') then.call(promise, undefined, (err: unknown) => nextTick(emitRejection, that, err, type, args));
  } catch (err) {
    that.emit('error', err);
  }
}

function emitRejection(ee: Emitter, err: unknown, type: PropertyKey, args: unknown[]): void {
  if (typeof ee[kRejection] === 'function') {
    ee[kRejection](err, type, ...args);
    return;
  }
  // An error handler that itself rejects must not loop.
  const before = ee[kCapture];
  try {
    ee[kCapture] = false;
    ee.emit('error', err);
  } finally {
    ee[kCapture] = before;
  }
}

function maxOf(that: Emitter): number {
  return that._maxListeners === undefined ? defaultMaxListeners : that._maxListeners;
}

proto.setMaxListeners = function setMaxListeners(this: Emitter, n: number) {
  if (typeof n !== 'number' || !(n >= 0)) throw new ERR_OUT_OF_RANGE('n', 'a non-negative number', n);
  this._maxListeners = n;
  return this;
};

proto.getMaxListeners = function getMaxListeners(this: Emitter) {
  return maxOf(this);
};

function throwUnhandled(that: Emitter, args: unknown[]): never {
  const er: any = args[0];
  if (er instanceof Error) throw er;
  let shown: unknown;
  try {
    shown = internals.inspect.inspect(er);
  } catch {
    shown = er;
  }
  const err: any = new ERR_UNHANDLED_ERROR(shown);
  err.context = er;
  throw err;
}

proto.emit = function emit(this: Emitter, type: PropertyKey, ...args: unknown[]): boolean {
  const events = this._events;
  if (type === 'error') {
    if (events !== undefined && events[kErrorMonitor] !== undefined) this.emit(kErrorMonitor, ...args);
    if (events === undefined || events.error === undefined) throwUnhandled(this, args);
  } else if (events === undefined) return false;
  const handler = events[type];
  if (handler === undefined) return false;
  if (typeof handler === 'function') {
    const result = Reflect.apply(handler, this, args);
    if (result !== undefined && result !== null && this[kCapture]) rejected(this, result, type, args);
  } else {
    const listeners = handler.slice();
    for (let i = 0; i < listeners.length; i++) {
      const result = Reflect.apply(listeners[i], this, args);
      if (result !== undefined && result !== null && this[kCapture]) rejected(this, result, type, args);
    }
  }
  return true;
};

function addListener(target: Emitter, type: PropertyKey, listener: Fn, prepend: boolean): Emitter {
  validateFunction(listener, 'listener');
  let events = target._events;
  let existing: any;
  if (events === undefined) {
    events = target._events = Object.create(null);
    target._eventsCount = 0;
  } else {
    // Before adding, so that a 'newListener' listener for itself does not recurse.
    if (events.newListener !== undefined) {
      target.emit('newListener', type, (listener as any).listener ?? listener);
      events = target._events;
    }
    existing = events[type];
  }
  if (existing === undefined) {
    events[type] = listener;
    ++target._eventsCount;
    return target;
  }
  if (typeof existing === 'function') existing = events[type] = prepend ? [listener, existing] : [existing, listener];
  else if (prepend) existing.unshift(listener);
  else existing.push(listener);
  const max = maxOf(target);
  if (max > 0 && existing.length > max && !existing.warned) {
    existing.warned = true;
    const name = target.constructor?.name ?? 'EventEmitter';
    const warning: any = new Error(`Possible EventEmitter memory leak detected. ${existing.length} ${String(type)} listeners added to ` +
      `[${name}]. MaxListeners is ${max}. Use emitter.setMaxListeners() to increase limit`);
    warning.name = 'MaxListenersExceededWarning';
    warning.emitter = target;
    warning.type = type;
    warning.count = existing.length;
    internals.web.process?.emitWarning?.(warning);
  }
  return target;
}

proto.addListener = function (this: Emitter, type: PropertyKey, listener: Fn) {
  return addListener(this, type, listener, false);
};
Object.defineProperty(proto.addListener, 'name', { value: 'addListener' });
proto.on = proto.addListener;
proto.prependListener = function prependListener(this: Emitter, type: PropertyKey, listener: Fn) {
  return addListener(this, type, listener, true);
};

function onceWrap(target: Emitter, type: PropertyKey, listener: Fn): Fn {
  let fired = false;
  const wrapped: any = function (...args: unknown[]) {
    if (fired) return undefined;
    target.removeListener(type, wrapped);
    fired = true;
    return Reflect.apply(listener, target, args);
  };
  wrapped.listener = listener;
  return wrapped;
}

proto.once = function once(this: Emitter, type: PropertyKey, listener: Fn) {
  validateFunction(listener, 'listener');
  this.on(type, onceWrap(this, type, listener));
  return this;
};
proto.prependOnceListener = function prependOnceListener(this: Emitter, type: PropertyKey, listener: Fn) {
  validateFunction(listener, 'listener');
  this.prependListener(type, onceWrap(this, type, listener));
  return this;
};

proto.removeListener = function removeListener(this: Emitter, type: PropertyKey, listener: any) {
  validateFunction(listener, 'listener');
  const events = this._events;
  if (events === undefined) return this;
  const list = events[type];
  if (list === undefined) return this;
  if (list === listener || list.listener === listener) {
    this._eventsCount -= 1;
    if (this[kShapeMode]) events[type] = undefined;
    else if (this._eventsCount === 0) this._events = Object.create(null);
    else delete events[type];
    if (events.removeListener) this.emit('removeListener', type, list.listener || listener);
  } else if (typeof list !== 'function') {
    let at = -1;
    for (let i = list.length - 1; i >= 0; i--) {
      if (list[i] === listener || list[i].listener === listener) {
        at = i;
        break;
      }
    }
    if (at < 0) return this;
    if (at === 0) list.shift();
    else list.splice(at, 1);
    if (list.length === 1) events[type] = list[0];
    if (events.removeListener !== undefined) this.emit('removeListener', type, listener);
  }
  return this;
};
proto.off = proto.removeListener;

proto.removeAllListeners = function removeAllListeners(this: Emitter, ...types: PropertyKey[]) {
  const events = this._events;
  if (events === undefined) return this;
  const type = types[0] as PropertyKey;
  if (events.removeListener === undefined) {
    if (types.length === 0) {
      this._events = Object.create(null);
      this._eventsCount = 0;
    } else if (events[type] !== undefined) {
      if (--this._eventsCount === 0) this._events = Object.create(null);
      else delete events[type];
    }
    return this;
  }
  if (types.length === 0) {
    for (const key of Reflect.ownKeys(events)) if (key !== 'removeListener') this.removeAllListeners(key);
    this.removeAllListeners('removeListener');
    this._events = Object.create(null);
    this._eventsCount = 0;
    return this;
  }
  const listeners = events[type];
  if (typeof listeners === 'function') this.removeListener(type, listeners);
  else if (listeners !== undefined) for (let i = listeners.length - 1; i >= 0; i--) this.removeListener(type, listeners[i]);
  return this;
};

function list(target: Emitter, type: PropertyKey, unwrap: boolean): Fn[] {
  const found = target._events?.[type];
  if (found === undefined) return [];
  if (typeof found === 'function') return unwrap ? [(found as any).listener || found] : [found];
  return unwrap ? found.map((l: any) => l.listener || l) : found.slice();
}
proto.listeners = function listeners(this: Emitter, type: PropertyKey) {
  return list(this, type, true);
};
proto.rawListeners = function rawListeners(this: Emitter, type: PropertyKey) {
  return list(this, type, false);
};
function listenerCountOf(this: Emitter, type: PropertyKey, listener?: Fn): number {
  const found = this._events?.[type];
  if (found === undefined) return 0;
  if (typeof found === 'function') return listener != null ? Number(listener === found || listener === (found as any).listener) : 1;
  if (listener == null) return found.length;
  let n = 0;
  for (const l of found) if (l === listener || l.listener === listener) n++;
  return n;
}
proto.listenerCount = function listenerCount(this: Emitter, type: PropertyKey, listener?: Fn) {
  return listenerCountOf.call(this, type, listener);
};
proto.eventNames = function eventNames(this: Emitter) {
  return this._eventsCount > 0 ? Reflect.ownKeys(this._events) : [];
};
for (const key of Object.keys(proto)) {
  if (typeof proto[key] === 'function') Object.defineProperty(proto, key, { enumerable: true });
}
proto[kCapture] = false;
Object.defineProperty(proto, kCapture, { value: false, writable: true, enumerable: false });

// ---- statics
function isEventTarget(x: any): boolean {
  return typeof x?.addEventListener === 'function';
}

function eventTargetAgnosticAdd(emitter: any, name: PropertyKey, listener: Fn, flags?: any): void {
  if (typeof emitter.on === 'function') {
    if (flags?.once) emitter.once(name, listener);
    else emitter.on(name, listener);
  } else if (isEventTarget(emitter)) emitter.addEventListener(name, listener, flags);
  else throw new ERR_INVALID_ARG_TYPE('emitter', 'EventEmitter', emitter);
}

function eventTargetAgnosticRemove(emitter: any, name: PropertyKey, listener: Fn, flags?: any): void {
  if (typeof emitter.removeListener === 'function') emitter.removeListener(name, listener);
  else if (isEventTarget(emitter)) emitter.removeEventListener(name, listener, flags);
  else throw new ERR_INVALID_ARG_TYPE('emitter', 'EventEmitter', emitter);
}

async function once(emitter: any, name: PropertyKey, options: any = {}): Promise<unknown[]> {
  validateObject(options, 'options');
  const signal = options?.signal;
  validateAbortSignal(signal, 'options.signal');
  if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason });
  return new Promise((resolve, reject) => {
    const onError = (err: unknown) => {
      emitter.removeListener(name, onEvent);
      if (signal != null) eventTargetAgnosticRemove(signal, 'abort', onAbort);
      reject(err);
    };
    const onEvent = (...args: unknown[]) => {
      if (typeof emitter.removeListener === 'function') emitter.removeListener('error', onError);
      if (signal != null) eventTargetAgnosticRemove(signal, 'abort', onAbort);
      resolve(args);
    };
    function onAbort(): void {
      eventTargetAgnosticRemove(emitter, name, onEvent);
      eventTargetAgnosticRemove(emitter, 'error', onError);
      reject(new AbortError(undefined, { cause: signal?.reason }));
    }
    eventTargetAgnosticAdd(emitter, name, onEvent, { once: true });
    if (name !== 'error' && typeof emitter.once === 'function') emitter.once('error', onError);
    if (signal != null) eventTargetAgnosticAdd(signal, 'abort', onAbort, { once: true });
  });
}

function on(emitter: any, name: PropertyKey, options: any = {}): any {
  validateObject(options, 'options');
  const signal = options.signal;
  validateAbortSignal(signal, 'options.signal');
  if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason });
  const high = options.highWaterMark ?? options.highWatermark ?? Number.MAX_SAFE_INTEGER;
  const low = options.lowWaterMark ?? options.lowWatermark ?? 1;
  validateNumber(high, 'options.highWaterMark', 1);
  validateNumber(low, 'options.lowWaterMark', 1);
  const events: unknown[][] = [];
  const waiting: { resolve: (v: any) => void; reject: (e: unknown) => void }[] = [];
  const undo: (() => void)[] = [];
  let paused = false;
  let error: unknown;
  let failed = false;
  let finished = false;

  const done = () => ({ value: undefined, done: true });
  const close = () => {
    for (const f of undo.splice(0)) f();
    finished = true;
    for (const w of waiting.splice(0)) w.resolve(done());
    return Promise.resolve(done());
  };
  const fail = (err: unknown) => {
    if (waiting.length === 0) {
      error = err;
      failed = true;
    } else waiting.shift()!.reject(err);
    void close();
  };
  const handle = (...args: unknown[]) => {
    if (waiting.length > 0) {
      waiting.shift()!.resolve({ value: args, done: false });
      return;
    }
    events.push(args);
    if (!paused && events.length > high && typeof emitter.pause === 'function') {
      paused = true;
      emitter.pause();
    }
  };
  const listen = (type: PropertyKey, f: Fn) => {
    eventTargetAgnosticAdd(emitter, type, f);
    undo.push(() => eventTargetAgnosticRemove(emitter, type, f));
  };
  listen(name, handle);
  if (name !== 'error' && typeof emitter.on === 'function') listen('error', fail);
  for (const end of options.close ?? []) listen(end, close);
  if (signal) {
    const disposable = addAbortListener(signal, () => fail(new AbortError(undefined, { cause: signal.reason })));
    undo.push(() => disposable[Symbol.dispose]!());
  }
  const iterator: any = {
    next() {
      if (events.length > 0) {
        const value = events.shift();
        if (paused && events.length < low) {
          emitter.resume();
          paused = false;
        }
        return Promise.resolve({ value, done: false });
      }
      if (failed) {
        failed = false;
        return Promise.reject(error);
      }
      if (finished) return close();
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    return() {
      return close();
    },
    throw(err: unknown) {
      if (!err || !(err instanceof Error)) throw new ERR_INVALID_ARG_TYPE('EventEmitter.AsyncIterator', 'Error', err);
      fail(err);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    [kWatermarks]: { get size() { return events.length; }, get low() { return low; }, get high() { return high; }, get isPaused() { return paused; } },
  };
  Object.setPrototypeOf(iterator, Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}.prototype)));
  return iterator;
}

export function addAbortListener(signal: any, listener: Fn): { [Symbol.dispose](): void } {
  if (signal === undefined) throw new ERR_INVALID_ARG_TYPE('signal', 'AbortSignal', signal);
  validateAbortSignal(signal, 'signal');
  validateFunction(listener, 'listener');
  let undo: (() => void) | undefined;
  if (signal.aborted) internals.web.queueMicrotask(() => listener());
  else {
    signal.addEventListener('abort', listener, { once: true });
    undo = () => signal.removeEventListener('abort', listener);
  }
  return { __proto__: null, [Symbol.dispose]() { undo?.(); } } as any;
}

function getEventListeners(target: any, type: PropertyKey): Fn[] {
  if (typeof target.listeners === 'function') return target.listeners(type);
  // The platform keeps no list of an EventTarget's listeners that could be shown.
  if (isEventTarget(target)) return internals.web.getEventListeners?.(target, type) ?? [];
  throw new ERR_INVALID_ARG_TYPE('emitter', ['EventEmitter', 'EventTarget'], target);
}

function getMaxListeners(target: any): number {
  if (typeof target?.getMaxListeners === 'function') return maxOf(target);
  if (typeof target?.[kMaxEventTargetListeners] === 'number') return target[kMaxEventTargetListeners];
  if (isEventTarget(target)) return defaultMaxListeners;
  throw new ERR_INVALID_ARG_TYPE('emitter', ['EventEmitter', 'EventTarget'], target);
}

function setMaxListeners(n = defaultMaxListeners, ...targets: any[]): void {
  validateNumber(n, 'setMaxListeners', 0);
  if (targets.length === 0) {
    defaultMaxListeners = n;
    return;
  }
  for (const target of targets) {
    if (typeof target?.setMaxListeners === 'function') target.setMaxListeners(n);
    else if (isEventTarget(target)) Object.defineProperty(target, kMaxEventTargetListeners, { value: n, writable: true, configurable: true });
    else throw new ERR_INVALID_ARG_TYPE('eventTargets', ['EventEmitter', 'EventTarget'], target);
  }
}

function listenerCount(emitter: any, type: PropertyKey): number {
  if (typeof emitter.listenerCount === 'function') return emitter.listenerCount(type);
  if (isEventTarget(emitter)) return getEventListeners(emitter, type).length;
  return listenerCountOf.call(emitter, type);
}

class EventEmitterReferencingAsyncResource extends AsyncResource {
  #owner: any;
  constructor(owner: any, type: string, options: any) {
    super(type, options);
    this.#owner = owner;
  }
  get eventEmitter(): any {
    return this.#owner;
  }
}

class EventEmitterAsyncResource extends (EventEmitter as any) {
  #resource: any;
  constructor(options?: any) {
    let name: string;
    if (typeof options === 'string') {
      name = options;
      options = undefined;
    } else {
      if (new.target === EventEmitterAsyncResource) validateString(options?.name, 'options.name');
      name = options?.name || new.target.name;
    }
    super(options);
    this.#resource = new EventEmitterReferencingAsyncResource(this, name, options);
  }
  emit(event: PropertyKey, ...args: unknown[]): boolean {
    return this.#resource.runInAsyncScope(proto.emit, this, event, ...args);
  }
  emitDestroy(): void {}
  get asyncId(): number {
    return this.#resource.asyncId();
  }
  get triggerAsyncId(): number {
    return this.#resource.triggerAsyncId();
  }
  get asyncResource(): unknown {
    return this.#resource;
  }
}

const statics: any = EventEmitter;
statics.on = on;
statics.once = once;
statics.getEventListeners = getEventListeners;
statics.getMaxListeners = getMaxListeners;
statics.setMaxListeners = setMaxListeners;
statics.listenerCount = listenerCount;
statics.EventEmitter = EventEmitter;
statics.usingDomains = false;
statics.captureRejectionSymbol = kRejection;
statics.errorMonitor = kErrorMonitor;
statics.EventEmitterAsyncResource = EventEmitterAsyncResource;
statics.addAbortListener = addAbortListener;
Object.defineProperties(statics, {
  captureRejections: {
    get() { return proto[kCapture]; },
    set(value) {
      validateBoolean(value, 'EventEmitter.captureRejections');
      proto[kCapture] = value;
    },
    configurable: true, enumerable: true,
  },
  defaultMaxListeners: {
    get() { return defaultMaxListeners; },
    set(value) {
      if (typeof value !== 'number' || value < 0 || Number.isNaN(value)) {
        if (typeof value !== 'number') validateNumber(value, 'defaultMaxListeners', 0);
        throw new ERR_OUT_OF_RANGE('defaultMaxListeners', 'a non-negative number', value);
      }
      defaultMaxListeners = value;
    },
    configurable: true, enumerable: true,
  },
});

export { EventEmitter };
export default EventEmitter as any;
