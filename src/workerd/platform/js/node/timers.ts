// node:timers and node:timers/promises. https://nodejs.org/api/timers.html
import { AbortError, ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_THIS } from './internal/errors';
import { validateAbortSignal, validateBoolean, validateFunction, validateNumber, validateObject, type Fn } from './internal/validators';

const { web } = internals;
// The platform's timers, which give numbers; the globals may be replaced by the ones below.
const { setTimeout: startTimeout, setInterval: startInterval, clearTimeout: stop, setImmediate, clearImmediate } = web;

let stopTimer: (timer: Timeout) => void;

export class Timeout {
  #id: number;
  #callback: Fn;
  #after: number;
  #args: unknown[];
  #repeat: boolean;
  #refed: boolean;

  constructor(callback: Fn, after: number = 1, args: unknown[] = [], repeat = false, refed = false) {
    this.#callback = callback;
    this.#after = after * 1;
    this.#args = args;
    this.#repeat = repeat;
    this.#refed = refed;
    this.#id = this.#start();
  }
  #start(): number {
    const callback = this.#callback;
    const args = this.#args;
    // Not by spreading: that would run an Array.prototype[Symbol.iterator] of the user's.
    const bound = args.length === 0 ? callback : () => { Reflect.apply(callback, globalThis, args); };
    return (this.#repeat ? startInterval : startTimeout)(bound, this.#after);
  }
  refresh(): this {
    stop(this.#id);
    this.#id = this.#start();
    return this;
  }
  // Whether a timer is referenced has no effect: it lives as long as its request.
  unref(): this {
    this.#refed = false;
    return this;
  }
  ref(): this {
    this.#refed = true;
    return this;
  }
  hasRef(): boolean {
    return this.#refed;
  }
  close(): this {
    stop(this.#id);
    return this;
  }
  [Symbol.dispose](): void {
    stop(this.#id);
  }
  [Symbol.toPrimitive](): number {
    return this.#id;
  }
  static {
    stopTimer = (timer) => stop(timer.#id);
  }
}

function setTimeout_(callback: Fn, delay?: number, ...args: unknown[]): Timeout {
  validateFunction(callback, 'callback');
  return new Timeout(callback, delay, args, false, true);
}
function setInterval_(callback: Fn, repeat?: number, ...args: unknown[]): Timeout {
  validateFunction(callback, 'callback');
  return new Timeout(callback, repeat, args, true, true);
}
function clear(timer: unknown): void {
  if (timer instanceof Timeout) stopTimer(timer);
  else if (typeof timer === 'number') stop(timer);
  else if (typeof timer === 'string' && timer.trim() !== '' && Number.isInteger(+timer)) stop(+timer);
}

// ---- promises
function checkOptions(options: any): any {
  validateObject(options, 'options');
  const { signal, ref } = options;
  if (signal !== undefined) validateAbortSignal(signal, 'options.signal');
  if (ref !== undefined) validateBoolean(ref, 'options.ref');
  if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason });
  return signal;
}

function wait(start: (done: () => void) => unknown, cancel: (timer: any) => void, value: unknown, signal: any): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let onAbort: (() => void) | undefined;
    const timer = start(() => {
      resolve(value);
      if (onAbort) signal.removeEventListener('abort', onAbort);
    });
    if (signal) {
      onAbort = () => {
        cancel(timer);
        reject(new AbortError(undefined, { cause: signal.reason }));
      };
      signal.addEventListener('abort', onAbort, { once: true });
    }
  });
}

async function timeoutPromise(delay?: number, value?: unknown, options: any = {}): Promise<unknown> {
  if (delay !== undefined) validateNumber(delay, 'delay');
  const signal = checkOptions(options);
  return wait((done) => setTimeout_(done, delay ?? 1), clear, value, signal);
}

async function immediatePromise(value?: unknown, options: any = {}): Promise<unknown> {
  const signal = checkOptions(options);
  return wait((done) => setImmediate(done), clearImmediate, value, signal);
}

async function* intervalPromise(delay?: number, value?: unknown, options: any = {}): AsyncGenerator<unknown, undefined> {
  if (delay !== undefined) validateNumber(delay, 'delay');
  const signal = checkOptions(options);
  let pending = 0;
  let wake: ((value?: any) => void) | undefined;
  const timer = new Timeout(() => {
    pending++;
    wake?.();
    wake = undefined;
  }, delay, undefined, true, options.ref);
  const onAbort = (): void => {
    clear(timer);
    wake?.(Promise.reject(new AbortError(undefined, { cause: signal.reason })));
    wake = undefined;
  };
  try {
    signal?.addEventListener('abort', onAbort, { once: true });
    while (!signal?.aborted) {
      if (pending === 0) await new Promise((resolve) => { wake = resolve; });
      for (; pending > 0; pending--) yield value;
    }
    throw new AbortError(undefined, { cause: signal.reason });
  } finally {
    clear(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

const kScheduler = Symbol.for('kScheduler');
class Scheduler {
  constructor() {
    throw new ERR_ILLEGAL_CONSTRUCTOR();
  }
  wait(delay?: number, options?: { signal?: unknown }): Promise<unknown> {
    if (!(this as any)[kScheduler]) throw new ERR_INVALID_THIS('Scheduler');
    return timeoutPromise(delay, undefined, options === undefined ? {} : { signal: options.signal });
  }
  yield(): Promise<unknown> {
    if (!(this as any)[kScheduler]) throw new ERR_INVALID_THIS('Scheduler');
    return immediatePromise();
  }
}
const scheduler = Object.create(Scheduler.prototype, { [kScheduler]: { value: true } });

const rename = (name: string, fn: any): any => Object.defineProperty(fn, 'name', { value: name, configurable: true });
export const promises = {
  setTimeout: rename('setTimeout', timeoutPromise), setImmediate: rename('setImmediate', immediatePromise),
  setInterval: rename('setInterval', intervalPromise), scheduler,
};
const kPromisify = Symbol.for('nodejs.util.promisify.custom');
Object.defineProperty(setTimeout_, kPromisify, { enumerable: true, get: () => timeoutPromise });

/** What replaces the global timers under enable_nodejs_global_timers. */
export const globalTimers = {
  setTimeout: rename('setTimeout', setTimeout_), setInterval: rename('setInterval', setInterval_),
  clearTimeout: rename('clearTimeout', (timer: unknown) => clear(timer)), clearInterval: rename('clearInterval', (timer: unknown) => clear(timer)),
};

export default {
  promises, setTimeout: globalTimers.setTimeout, clearTimeout: globalTimers.clearTimeout, setImmediate, clearImmediate,
  setInterval: globalTimers.setInterval, clearInterval: globalTimers.clearInterval,
  active(timer: unknown): void {
    if (timer instanceof Timeout) timer.refresh();
  },
  unenroll: rename('unenroll', (timer: unknown) => clear(timer)),
  enroll(_item: unknown, _ms: unknown): never {
    throw new Error('Not implemented. Please use setTimeout() instead.');
  },
};
