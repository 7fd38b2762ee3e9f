// node:async_hooks: AsyncLocalStorage and AsyncResource over the platform's async frames. https://nodejs.org/api/async_context.html
import type { AsyncFrame } from '../async-context';

const { native, async: context } = internals;
const { frameGet, frameWith, runInFrame } = context;
type AnyFn = (...args: any[]) => any;

const OUTSIDE = 'Cannot call this AsyncLocalStorage bound function outside of the request in which it was created.';

function requireFunction(fn: unknown, method: string): asserts fn is AnyFn {
  if (typeof fn !== 'function') {
    throw new TypeError(`Failed to execute '${method}': parameter 1 is not of type 'Function'.`);
  }
}

/** What a bound function runs in: the frame of its making with the caller's request, or an error if it belongs to another one. */
function enter(frame: AsyncFrame | undefined, owner: unknown): AsyncFrame | undefined {
  const io = context.currentIo();
  if (owner !== undefined && owner !== io) throw new Error(OUTSIDE);
  return context.frameWithIo(frame, io);
}

function ownerNow(): unknown {
  return internals.flags.bind_asynclocalstorage_snapshot_to_request ? context.currentIo() : undefined;
}

function bindFunction(frame: AsyncFrame | undefined, fn: AnyFn, thisArg?: { value: unknown }): AnyFn {
  const owner = ownerNow();
  return function (this: unknown, ...args: unknown[]) {
    return runInFrame(enter(frame, owner), fn, thisArg === undefined ? this : thisArg.value, args);
  };
}

export class AsyncLocalStorage {
  #defaultValue: unknown;
  #name: string;

  constructor(options?: { defaultValue?: unknown; name?: string }) {
    this.#defaultValue = options?.defaultValue;
    this.#name = options?.name === undefined ? '' : String(options.name);
  }

  static bind(fn: AnyFn): AnyFn {
    if (typeof fn !== 'function') throw new TypeError("Failed to execute 'bind' on 'AsyncLocalStorage': parameter 1 is not of type 'Function'.");
    return bindFunction(context.getFrame(), fn);
  }

  static snapshot(): AnyFn {
    const frame = context.getFrame();
    const owner = ownerNow();
    return function (this: unknown, fn: AnyFn, ...args: unknown[]) {
      return runInFrame(enter(frame, owner), fn, this, args);
    };
  }

  get name(): string {
    return this.#name;
  }

  run(store: unknown, fn: AnyFn, ...args: unknown[]): unknown {
    if (typeof fn !== 'function') throw new TypeError("Failed to execute 'run' on 'AsyncLocalStorage': parameter 2 is not of type 'function'.");
    const before = native.getAsyncFrame() as AsyncFrame | undefined;
    native.setAsyncFrame(frameWith(before, this, store));
    try {
      return args.length === 0 ? fn() : fn(...args);
    } finally {
      native.setAsyncFrame(before);
    }
  }

  exit(fn: AnyFn, ...args: unknown[]): unknown {
    return this.run(undefined, fn, ...args);
  }

  getStore(): unknown {
    return frameGet(native.getAsyncFrame() as AsyncFrame | undefined, this, this.#defaultValue);
  }

  enterWith(_store: unknown): never {
    throw new Error('asyncLocalStorage.enterWith() is not implemented');
  }

  disable(): never {
    throw new Error('asyncLocalStorage.disable() is not implemented');
  }
}
Object.defineProperty(AsyncLocalStorage.prototype, Symbol.toStringTag, { value: 'AsyncLocalStorage', configurable: true });

export class AsyncResource {
  #frame: AsyncFrame | undefined;

  // Type and options exist for Node's sake; nothing here looks at them.
  constructor(_type?: string, _options?: unknown) {
    this.#frame = context.getFrame();
  }

  static bind(fn: AnyFn, type?: string, thisArg?: unknown): AnyFn {
    return new AsyncResource(type ?? fn.name ?? 'bound-anonymous-fn').bind(fn, thisArg);
  }

  asyncId(): number {
    return 0;
  }

  triggerAsyncId(): number {
    return 0;
  }

  emitDestroy(): this {
    return this;
  }

  bind(fn: AnyFn, thisArg?: unknown): AnyFn {
    requireFunction(fn, 'bind');
    const bound: any = bindFunction(this.#frame, fn, thisArg === undefined ? undefined : { value: thisArg });
    Object.defineProperties(bound, {
      length: { configurable: true, enumerable: false, value: fn.length, writable: false },
      asyncResource: { configurable: true, enumerable: true, value: this, writable: true },
    });
    return bound;
  }

  runInAsyncScope(fn: AnyFn, thisArg?: unknown, ...args: unknown[]): unknown {
    return runInFrame(enter(this.#frame, undefined), fn, thisArg, args);
  }
}
Object.defineProperty(AsyncResource.prototype, Symbol.toStringTag, { value: 'AsyncResource', configurable: true });

// No hook is ever called: these exist so that code which registers some, to watch, keeps working.
class AsyncHook {
  enable(): this {
    return this;
  }
  disable(): this {
    return this;
  }
}

export const asyncWrapProviders: Record<string, number> = Object.fromEntries(
  ('NONE DIRHANDLE DNSCHANNEL ELDHISTOGRAM FILEHANDLE FILEHANDLECLOSEREQ BLOBREADER FSEVENTWRAP FSREQCALLBACK FSREQPROMISE ' +
    'GETADDRINFOREQWRAP GETNAMEINFOREQWRAP HEAPSNAPSHOT HTTP2SESSION HTTP2STREAM HTTP2PING HTTP2SETTINGS HTTPINCOMINGMESSAGE ' +
    'HTTPCLIENTREQUEST LOCKS JSSTREAM JSUDPWRAP MESSAGEPORT PIPECONNECTWRAP PIPESERVERWRAP PIPEWRAP PROCESSWRAP PROMISE QUERYWRAP ' +
    'QUIC_ENDPOINT QUIC_LOGSTREAM QUIC_SESSION QUIC_STREAM QUIC_UDP SHUTDOWNWRAP SIGNALWRAP STATWATCHER STREAMPIPE TCPCONNECTWRAP ' +
    'TCPSERVERWRAP TCPWRAP TTYWRAP UDPSENDWRAP UDPWRAP SIGINTWATCHDOG WORKER WORKERCPUPROFILE WORKERCPUUSAGE WORKERHEAPPROFILE ' +
    'WORKERHEAPSNAPSHOT WORKERHEAPSTATISTICS WRITEWRAP ZLIB CHECKPRIMEREQUEST PBKDF2REQUEST KEYPAIRGENREQUEST KEYGENREQUEST ' +
    'KEYEXPORTREQUEST ARGON2REQUEST CIPHERREQUEST DERIVEBITSREQUEST HASHREQUEST RANDOMBYTESREQUEST RANDOMPRIMEREQUEST SCRYPTREQUEST ' +
    'SIGNREQUEST TLSWRAP VERIFYREQUEST QUIC_PACKET').split(' ').map((name) => [name, 0]));

export function createHook(): AsyncHook {
  return new AsyncHook();
}
export function executionAsyncId(): number {
  return 0;
}
export function executionAsyncResource(): object {
  return Object.create(null);
}
export function triggerAsyncId(): number {
  return 0;
}

export default {
  AsyncLocalStorage, AsyncResource, asyncWrapProviders, createHook, executionAsyncId, executionAsyncResource, triggerAsyncId,
};
