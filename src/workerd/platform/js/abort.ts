// AbortController and AbortSignal (https://dom.spec.whatwg.org/#aborting-ongoing-activities).
// The rest of the platform reacts to an abort through `addAbortAlgorithm`: algorithms run before the 'abort' event and no listener can
// stop them. As in workerd, listeners are dropped once the signal has aborted, and signals made by any() follow their sources.
import { DOMException } from './dom-exception';
import { Event, EventTarget, removeAllListeners, trusted } from './events';
import { fire, getEventHandler, setEventHandler, setSignalHooks } from './events/event-target';
import {
  addOwnProperties, badArgument, defineInterface, illegalInvocation, legacyOwnProperties,
} from './interface';
import { ArrayIsArray, ArrayPrototypeIndexOf, ArrayPrototypeSplice, SafeWeakRef, WeakRefPrototypeDeref } from './primordials';
import { startTimer } from './timers';

export type AbortAlgorithm = (reason: unknown) => void;

export const enum SignalKind {
  Plain,
  /** Nothing can abort it: AbortSignal.any([]), a request's default signal. */
  NeverAborts,
  /** The signal of an incoming request, which subrequests do not follow unless request_signal_passthrough. */
  IgnoredForSubrequests,
}

let constructing = false;
let setKind: (signal: AbortSignal, kind: SignalKind) => void;
/** Makes `result` abort with the first of `sources`, none of which has aborted. */
let follow: (result: AbortSignal, sources: readonly AbortSignal[]) => void;

export let isAbortSignal: (value: object) => value is AbortSignal;
export let isAborted: (signal: AbortSignal) => boolean;
export let abortReason: (signal: AbortSignal) => unknown;
/** Aborts the signal; does nothing when it is aborted already. */
export let signalAbort: (signal: AbortSignal, reason?: unknown) => void;
/** Runs `algorithm` when the signal aborts. Returns what removes it again. Does nothing for a signal that is aborted: ask before. */
export let addAbortAlgorithm: (signal: AbortSignal, algorithm: AbortAlgorithm) => () => void;
export let signalKind: (signal: AbortSignal) => SignalKind;
/** Calls `fn` once, when somebody first cares about the signal (a listener, onabort, an algorithm): how RPC signals subscribe lazily. */
export let onFirstInterest: (signal: AbortSignal, fn: () => void) => void;

class AbortSignal extends EventTarget {
  #aborted = false;
  #reason: unknown = undefined;
  #algorithms: AbortAlgorithm[] | undefined = undefined;
  #kind: SignalKind = SignalKind.Plain;
  #interest: (() => void) | undefined = undefined;
  // Dependent signals (any()) that nobody listens to may be collected, so their sources hold them weakly until somebody does.
  #dependents: (AbortSignal | WeakRef<AbortSignal>)[] | undefined = undefined;
  #sources: AbortSignal[] | undefined = undefined;

  constructor() {
    if (!constructing) throw new TypeError('Illegal constructor');
    super();
    if (legacyOwnProperties) addOwnProperties(this);
  }

  get aborted(): boolean { if (!(#aborted in this)) throw illegalInvocation(); return this.#aborted; }
  get reason(): any { if (!(#aborted in this)) throw illegalInvocation(); return this.#reason; }
  get onabort(): any { if (!(#aborted in this)) throw illegalInvocation(); return getEventHandler(this, 'abort'); }
  set onabort(handler: any) {
    if (!(#aborted in this)) throw illegalInvocation();
    setEventHandler(this, 'abort', handler);
    if (getEventHandler(this, 'abort') !== null) this.#interested();
  }

  throwIfAborted(): void {
    if (!(#aborted in this)) throw illegalInvocation();
    if (this.#aborted) throw this.#reason;
  }

  static abort(reason: any = undefined): AbortSignal {
    const signal = createAbortSignal();
    signal.#aborted = true;
    signal.#reason = reason === undefined ? abortError() : reason;
    return signal;
  }

  static timeout(delay: number): AbortSignal {
    if (arguments.length === 0) throw badArgument('timeout', 'AbortSignal', 1, 'number');
    const signal = createAbortSignal();
    startTimer(() => signal.#abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')), delay);
    return signal;
  }

  static any(signals: AbortSignal[]): AbortSignal {
    if (!ArrayIsArray(signals)) throw badArgument('any', 'AbortSignal', 1, 'Array');
    for (let i = 0; i < signals.length; i++) {
      const s: unknown = signals[i];
      if (typeof s !== 'object' || s === null || !(#aborted in s)) {
        throw new TypeError(`Incorrect type for array element ${i}: the provided value is not of type 'AbortSignal'.`);
      }
    }
    return anySignal(signals);
  }

  #interested(): void {
    const sources = this.#sources;
    if (sources !== undefined) {
      for (let i = 0; i < sources.length; i++) {
        const list = sources[i]!.#dependents!;
        for (let j = 0; j < list.length; j++) if (deref(list[j]!) === this) list[j] = this;
      }
    }
    const fn = this.#interest;
    if (fn === undefined) return;
    this.#interest = undefined;
    fn();
  }

  #abort(reason: unknown): void {
    if (this.#aborted || this.#kind === SignalKind.NeverAborts) return;
    this.#aborted = true;
    this.#reason = reason === undefined ? abortError() : reason;
    const toAbort: AbortSignal[] = [];
    const dependents = this.#dependents;
    this.#dependents = undefined;
    if (dependents !== undefined) {
      // All are aborted before the first event is seen.
      for (let i = 0; i < dependents.length; i++) {
        const dependent = deref(dependents[i]!);
        if (dependent === undefined || dependent.#aborted) continue;
        dependent.#aborted = true;
        dependent.#reason = this.#reason;
        dependent.#unfollow();
        toAbort[toAbort.length] = dependent;
      }
    }
    this.#unfollow();
    let failed = false;
    let failure: unknown;
    for (let i = -1; i < toAbort.length; i++) {
      try {
        (i < 0 ? this : toAbort[i]!).#runAbortSteps();
      } catch (e) {
        if (!failed) failure = e;
        failed = true;
      }
    }
    if (failed) throw failure;
  }

  #unfollow(): void {
    const sources = this.#sources;
    this.#sources = undefined;
    if (sources === undefined) return;
    for (let i = 0; i < sources.length; i++) {
      const list = sources[i]!.#dependents;
      if (list === undefined) continue;
      for (let j = list.length - 1; j >= 0; j--) {
        const dependent = deref(list[j]!);
        if (dependent === this || dependent === undefined) ArrayPrototypeSplice(list, j, 1);
      }
    }
  }

  #runAbortSteps(): void {
    const algorithms = this.#algorithms;
    this.#algorithms = undefined;
    try {
      if (algorithms !== undefined) for (let i = 0; i < algorithms.length; i++) algorithms[i]!(this.#reason);
    } finally {
      try {
        fire(this, trusted(new Event('abort')));
      } finally {
        removeAllListeners(this);
      }
    }
  }

  static {
    isAbortSignal = (value): value is AbortSignal => #aborted in value;
    isAborted = (signal) => signal.#aborted;
    abortReason = (signal) => signal.#reason;
    signalAbort = (signal, reason) => signal.#abort(reason);
    signalKind = (signal) => signal.#kind;
    addAbortAlgorithm = (signal, algorithm) => {
      if (signal.#aborted) return nothing;
      const list = signal.#algorithms ??= [];
      list[list.length] = algorithm;
      signal.#interested();
      return () => {
        const i = ArrayPrototypeIndexOf(list, algorithm);
        // While algorithms run the list must keep its indices.
        if (i >= 0) signal.#aborted ? (list[i] = nothing) : ArrayPrototypeSplice(list, i, 1);
      };
    };
    onFirstInterest = (signal, fn) => { signal.#interest = fn; };
    setKind = (signal, kind) => { signal.#kind = kind; };
    follow = (result, sources) => {
      const roots: AbortSignal[] = [];
      const weak = new SafeWeakRef(result);
      for (let i = 0; i < sources.length; i++) {
        // Following a dependent signal is following what it follows.
        const source = sources[i]!;
        const origins = source.#sources ?? (source.#kind === SignalKind.NeverAborts ? [] : [source]);
        for (let j = 0; j < origins.length; j++) {
          const origin = origins[j]!;
          if (ArrayPrototypeIndexOf(roots, origin) >= 0) continue;
          roots[roots.length] = origin;
          const list = origin.#dependents ??= [];
          // Now and then, forget those that were collected.
          if (list.length >= 16 && (list.length & (list.length - 1)) === 0) {
            for (let k = list.length - 1; k >= 0; k--) if (deref(list[k]!) === undefined) ArrayPrototypeSplice(list, k, 1);
          }
          list[list.length] = weak;
        }
      }
      result.#sources = roots;
    };
    setSignalHooks({
      interested: (value) => { if (#aborted in value) (value as AbortSignal).#interested(); },
      isSignal: (value) => #aborted in value,
      isAborted: (signal) => (signal as AbortSignal).#aborted,
      addAlgorithm: (signal, fn) => addAbortAlgorithm(signal as AbortSignal, fn),
    });
  }
}

function nothing(): void {}

function deref(entry: AbortSignal | WeakRef<AbortSignal>): AbortSignal | undefined {
  return isAbortSignal(entry) ? entry : WeakRefPrototypeDeref(entry);
}

function abortError(): DOMException {
  return new DOMException('The operation was aborted', 'AbortError');
}

export function createAbortSignal(kind: SignalKind = SignalKind.Plain): AbortSignal {
  constructing = true;
  let signal: AbortSignal;
  try {
    signal = new AbortSignal();
  } finally {
    constructing = false;
  }
  if (kind !== SignalKind.Plain) setKind(signal, kind);
  return signal;
}

/** A signal that aborts when the first of `sources` does (AbortSignal.any, dependent signals of Request). */
export function anySignal(sources: readonly AbortSignal[]): AbortSignal {
  if (sources.length === 0) return createAbortSignal(SignalKind.NeverAborts);
  const result = createAbortSignal();
  for (let i = 0; i < sources.length; i++) {
    if (isAborted(sources[i]!)) {
      signalAbort(result, abortReason(sources[i]!));
      return result;
    }
  }
  follow(result, sources);
  return result;
}

class AbortController {
  readonly #signal: AbortSignal;

  constructor() {
    this.#signal = createAbortSignal();
    if (legacyOwnProperties) addOwnProperties(this);
  }

  get signal(): AbortSignal { if (!(#signal in this)) throw illegalInvocation(); return this.#signal; }

  abort(reason: any = undefined): void {
    if (!(#signal in this)) throw illegalInvocation();
    signalAbort(this.#signal, reason);
  }

  static {
    defineInterface(this, 'AbortController', { brand: (o) => #signal in o, ownProperties: ['signal'] });
  }
}

defineInterface(AbortSignal, 'AbortSignal', { brand: (o) => isAbortSignal(o), ownProperties: ['aborted', 'reason'] });

export { AbortController, AbortSignal };
