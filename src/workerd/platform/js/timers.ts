// setTimeout and its family, and scheduler.wait(). A timer belongs to the request that set it and dies with it; its callback runs in the
// asynchronous context (AsyncLocalStorage, request) it was set in. C++ holds the clock: it calls `onTimer(id)` when a timer is due.
import { type AbortSignal, abortReason, addAbortAlgorithm, isAborted, isAbortSignal } from './abort';
import { type AsyncFrame, getFrame, runInFrame } from './async-context';
import { DOMException } from './dom-exception';
import { setLength } from './function-lengths';
import { badArgument, badField, defineInterface, illegalInvocation, toDictionary } from './interface';
import { currentIoContext, type IoContext, otherRequestError, requireIoContext } from './io-context';
import { native } from './ops';
import {
  ArrayPrototypeSlice, MapPrototypeDelete, MapPrototypeGet, MapPrototypeSet, MathTrunc, NumberIsSafeInteger, ReflectApply, SafeMap,
  SafeSet, SafeWeakMap, SetPrototypeAdd, SetPrototypeDelete, SetPrototypeForEach, WeakMapPrototypeGet, WeakMapPrototypeSet,
} from './primordials';

interface Timer {
  readonly id: number;
  readonly io: IoContext;
  readonly owned: ContextTimers;
  readonly frame: AsyncFrame | undefined;
  readonly callback: () => void;
  readonly ms: number;
  readonly repeat: boolean;
}

/** The timers of one request. */
interface ContextTimers {
  readonly ids: Set<number>;
  active: number;
  finished: number;
}

const MAX_ACTIVE = 10_000;
/** 100 years. */
const MAX_DELAY = 3_153_600_000_000;

const timers = new SafeMap<number, Timer>();
const contexts = new SafeWeakMap<IoContext, ContextTimers>();
let lastId = 0;

/** Starts a timer of the current request. `callback` is not called with anything. Throws outside of a request. */
export function startTimer(callback: () => void, delay: unknown, repeat = false): number {
  const io = requireIoContext();
  // The first step of the conversion comes first: it may run user code.
  let ms = Number(delay);
  let owned = WeakMapPrototypeGet(contexts, io);
  if (owned === undefined) {
    owned = { ids: new SafeSet(), active: 0, finished: 0 };
    WeakMapPrototypeSet(contexts, io, owned);
  }
  if (owned.active >= MAX_ACTIVE) {
    throw new DOMException('You have exceeded the number of active timeouts you may set. max active timeouts: ' +
      `${MAX_ACTIVE}, current active timeouts: ${owned.active}, finished timeouts: ${owned.finished}`, 'QuotaExceededError');
  }
  ms = ms > 0 ? (ms < MAX_DELAY ? MathTrunc(ms) : MAX_DELAY) : 0;
  const id = ++lastId;
  owned.active++;
  SetPrototypeAdd(owned.ids, id);
  MapPrototypeSet(timers, id, { id, io, owned, frame: getFrame(), callback, ms, repeat });
  native.timerStart(id, ms);
  return id;
}

function forget(timer: Timer): void {
  MapPrototypeDelete(timers, timer.id);
  if (SetPrototypeDelete(timer.owned.ids, timer.id)) {
    timer.owned.active--;
    timer.owned.finished++;
  }
}

/** Stops a timer of the current request; ids it does not know mean nothing. */
export function stopTimer(id: number): void {
  const io = requireIoContext();
  const timer = MapPrototypeGet(timers, id);
  if (timer === undefined || timer.io !== io) return;
  forget(timer);
  native.timerCancel(id);
}

/** Called by C++, outside of any frame, when a timer is due. Throws what the callback throws. */
export function onTimer(id: number): void {
  const timer = MapPrototypeGet(timers, id);
  if (timer === undefined) return;
  if (!timer.repeat) forget(timer);
  try {
    runInFrame(timer.frame, timer.callback, undefined, []);
  } finally {
    // An interval goes on after an error, unless its callback (or the end of the request) stopped it.
    if (timer.repeat && MapPrototypeGet(timers, id) === timer) native.timerStart(id, timer.ms);
  }
}

/** The request is over: its timers never fire. */
export function cancelTimers(io: IoContext): void {
  const owned = WeakMapPrototypeGet(contexts, io);
  if (owned === undefined) return;
  SetPrototypeForEach(owned.ids, (id) => {
    MapPrototypeDelete(timers, id);
    native.timerCancel(id);
  });
  owned.active = 0;
  (owned as { ids: Set<number> }).ids = new SafeSet();
}

/** How many timers of the request are running. */
export function activeTimers(io: IoContext): number {
  return WeakMapPrototypeGet(contexts, io)?.active ?? 0;
}

function bindArguments(callback: Function, args: readonly unknown[]): () => void {
  // `this` is the global object, which sloppy-mode callbacks get for undefined anyway.
  if (args.length === 0) return () => { ReflectApply(callback, globalThis, []); };
  return () => { ReflectApply(callback, globalThis, args as unknown[]); };
}

const SCOPE = 'ServiceWorkerGlobalScope';

function start(name: string, given: IArguments, repeat: boolean): number {
  const callback: unknown = given[0];
  if (typeof callback !== 'function') throw badArgument(name, SCOPE, 1, 'function');
  const args = given.length > 2 ? ArrayPrototypeSlice(given as unknown as unknown[], 2) : [];
  return startTimer(bindArguments(callback, args), given[1] === undefined ? 0 : given[1], repeat);
}

export const { setTimeout } = {
  setTimeout(..._: [callback: Function, delay?: unknown, ...args: unknown[]]): number {
    return start('setTimeout', arguments, false);
  },
};

export const { setInterval } = {
  setInterval(..._: [callback: Function, delay?: unknown, ...args: unknown[]]): number {
    return start('setInterval', arguments, true);
  },
};

setLength(setTimeout, 1);
setLength(setInterval, 1);

export function clearTimeout(id: unknown = undefined): void {
  if (id === undefined || id === null) return;
  const n = typeof id === 'number' ? id : +(id as number);
  if (NumberIsSafeInteger(n)) stopTimer(n);
}

export function clearInterval(id: unknown = undefined): void {
  clearTimeout(id);
}

let constructing = false;
let isImmediate: (value: unknown) => value is Immediate;
let stopImmediate: (immediate: Immediate) => void;
let createImmediate: (id: number) => Immediate;

/** What setImmediate() returns. Approximated, as in workerd, by a timer of 0 ms; ref() and unref() mean nothing here. */
class Immediate {
  #id = 0;
  #io = currentIoContext();

  constructor() {
    if (!constructing) throw new TypeError('Illegal constructor');
  }

  ref(): void { if (!(#id in this)) throw illegalInvocation(); }
  unref(): void { if (!(#id in this)) throw illegalInvocation(); }
  hasRef(): boolean { if (!(#id in this)) throw illegalInvocation(); return false; }
  [Symbol.dispose](): void {
    if (!(#id in this)) throw illegalInvocation();
    stopImmediate(this);
  }

  static {
    defineInterface(this, 'Immediate', { brand: (o) => #id in o });
    isImmediate = (value): value is Immediate => typeof value === 'object' && value !== null && #id in value;
    stopImmediate = (immediate) => {
      if (requireIoContext() !== immediate.#io) throw otherRequestError('IoContext');
      stopTimer(immediate.#id);
    };
    createImmediate = (id) => {
      constructing = true;
      try {
        const immediate = new Immediate();
        immediate.#id = id;
        return immediate;
      } finally {
        constructing = false;
      }
    };
  }
}

// A method, so that it is no constructor.
export const { setImmediate } = {
  setImmediate(callback: Function, ...args: unknown[]): Immediate {
    if (typeof callback !== 'function') throw badArgument('setImmediate', SCOPE, 1, 'function');
    return createImmediate(startTimer(bindArguments(callback, args), 0));
  },
};

// A method, so that it is no constructor.
export const { clearImmediate } = {
  clearImmediate(immediate: unknown): void {
    if (isImmediate(immediate)) return stopImmediate(immediate);
    if (arguments.length === 0 || (immediate !== undefined && immediate !== null)) throw badArgument('clearImmediate', SCOPE, 1, 'Immediate');
  },
};

/** Resolves after `delay` ms; rejects with the signal's reason when that aborts first. */
export function wait(delay: unknown, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal === undefined) {
      startTimer(resolve, delay);
      return;
    }
    if (isAborted(signal)) {
      reject(abortReason(signal));
      return;
    }
    let forgetSignal: () => void;
    const id = startTimer(() => {
      forgetSignal();
      resolve();
    }, delay);
    forgetSignal = addAbortAlgorithm(signal, (reason) => {
      stopTimer(id);
      reject(reason);
    });
  });
}

let constructingScheduler = false;

/** The part of https://wicg.github.io/scheduling-apis/ that workerd has: wait(). */
class Scheduler {
  readonly #scheduler = true;

  constructor() {
    if (!constructingScheduler) throw new TypeError('Illegal constructor');
  }

  async wait(delay: number, options: { signal?: AbortSignal } = undefined!): Promise<void> {
    if (!(#scheduler in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('wait', 'Scheduler', 1, 'number');
    const dictionary = toDictionary<{ signal?: unknown }>(options, () => badArgument('wait', 'Scheduler', 2, 'WaitOptions'));
    const signal = dictionary?.signal;
    // Awaited, for what an async function returns is asked for its `then`, which user code may have replaced.
    if (signal === undefined) return await wait(delay);
    if (typeof signal !== 'object' || signal === null || !isAbortSignal(signal)) throw badField('signal', 'WaitOptions', 'AbortSignal');
    return await wait(delay, signal);
  }

  static {
    defineInterface(this, 'Scheduler', { brand: (o) => #scheduler in o });
  }
}

export function createScheduler(): Scheduler {
  constructingScheduler = true;
  try {
    return new Scheduler();
  } finally {
    constructingScheduler = false;
  }
}

export { Immediate, Scheduler };
