// ErrorEvent and PromiseRejectionEvent (https://html.spec.whatwg.org/#errorevent, #promiserejectionevent).
import { badConstructorArgument, defineInterface, illegalInvocation, toDictionary } from '../interface';
import { ObjectSetPrototypeOf } from '../primordials';
import { Event, type EventInit, trusted } from './event';

export interface ErrorEventInit extends EventInit {
  message?: string;
  filename?: string;
  lineno?: number;
  colno?: number;
  error?: unknown;
}

class ErrorEvent extends Event {
  readonly #message: string = '';
  readonly #filename: string = '';
  readonly #lineno: number = 0;
  readonly #colno: number = 0;
  readonly #error: unknown = undefined;

  constructor(type: string, init: ErrorEventInit = undefined!) {
    if (arguments.length === 0) throw badConstructorArgument('ErrorEvent', 1, 'string');
    const dictionary = toDictionary<ErrorEventInit>(init, () => badConstructorArgument('ErrorEvent', 2, 'ErrorEventInit'));
    super(type, dictionary);
    if (dictionary === undefined) return;
    const { message, filename, lineno, colno, error } = dictionary;
    if (message !== undefined) this.#message = `${message}`;
    if (filename !== undefined) this.#filename = `${filename}`;
    if (lineno !== undefined) this.#lineno = Number(lineno) | 0;
    if (colno !== undefined) this.#colno = Number(colno) | 0;
    this.#error = error;
  }

  get filename(): string { if (!(#error in this)) throw illegalInvocation(); return this.#filename; }
  get message(): string { if (!(#error in this)) throw illegalInvocation(); return this.#message; }
  get lineno(): number { if (!(#error in this)) throw illegalInvocation(); return this.#lineno; }
  get colno(): number { if (!(#error in this)) throw illegalInvocation(); return this.#colno; }
  get error(): unknown { if (!(#error in this)) throw illegalInvocation(); return this.#error; }

  static {
    defineInterface(this, 'ErrorEvent', { brand: (o) => #error in o });
  }
}

/** An 'error' event made by the platform. `init`: of the caller's making, and no longer its own. */
export function createErrorEvent(init: ErrorEventInit): ErrorEvent {
  // What it does not say is not to be found on Object.prototype.
  ObjectSetPrototypeOf(init, null);
  return trusted(new ErrorEvent('error', init));
}

let constructing = false;

class PromiseRejectionEvent extends Event {
  readonly #promise: Promise<unknown>;
  readonly #reason: unknown;

  // No argument is declared: user code cannot construct it.
  constructor(...args: [type?: string, promise?: Promise<unknown>, reason?: unknown]) {
    if (!constructing) throw new TypeError('Illegal constructor');
    super(args[0]!, undefined);
    this.#promise = args[1]!;
    this.#reason = args[2];
  }

  get promise(): Promise<unknown> { if (!(#promise in this)) throw illegalInvocation(); return this.#promise; }
  get reason(): unknown { if (!(#promise in this)) throw illegalInvocation(); return this.#reason; }

  static {
    defineInterface(this, 'PromiseRejectionEvent', { brand: (o) => #promise in o });
  }
}

export function createRejectionEvent(
  type: 'unhandledrejection' | 'rejectionhandled', promise: Promise<unknown>, reason: unknown): PromiseRejectionEvent {
  constructing = true;
  try {
    return trusted(new PromiseRejectionEvent(type, promise, reason));
  } finally {
    constructing = false;
  }
}

export { ErrorEvent, PromiseRejectionEvent };
