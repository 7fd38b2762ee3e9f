// A request's lifetime. Promises given to waitUntil, timers, and whatever asks whether it may do I/O belong to an IoContext; the current
// one travels with the async frame.
import { AbortController, type AbortSignal } from './abort';
import { currentIo } from './async-context';
import { flags } from './flags';
import { native } from './ops';
import { PromisePrototypeThen, PromiseResolve, SafeSet, SetPrototypeAdd, SetPrototypeDelete, SetPrototypeForEach } from './primordials';
import { activeTimers, cancelTimers } from './timers';
import { reportUncaught } from './report';
import { awaitable } from './thenables';
import type { Exchange, Pipe } from './native';

/** What pipeWrite says when the consumer has gone. */
const CANCELLED = 2;

/** Something under way that a request waits for. */
export interface Cancellable { cancel(): void }

export class IoContext {
  /** Which entrypoint it runs in: an index of the entrypoint table (dispatch.ts). */
  readonly entry: number;
  readonly exchange: Exchange | undefined;
  #pending = 0;
  #ended = false;
  #controller: AbortController | undefined;
  #onIdle: (() => void)[] = [];
  #onAlone: (() => void) | undefined;
  #calls: Set<Cancellable> | undefined;
  /** A waitUntil promise was rejected: what a test fails for. */
  failed: unknown;
  hasFailed = false;

  /** What remote calls keep for the request (rpc/state.ts). */
  rpc: object | undefined = undefined;

  /** Its WebSockets (websocket/websocket.ts). */
  sockets: any = undefined;

  /** Called if the client goes away while it is still being sent the answer's body. */
  onClientGone: (() => void) | undefined = undefined;

  /** passThroughOnException() was called. */
  passThrough = false;
  #aborted: { reason: unknown } | undefined;
  #onAbort: ((reason: unknown) => void)[] = [];

  /** Whom the objects that its code makes belong to (pipe-owner.ts): itself, or what several events share, such as an actor. */
  readonly owner: object;

  constructor(entry: number, exchange: Exchange | undefined, owner?: object) {
    this.entry = entry;
    this.exchange = exchange;
    this.owner = owner ?? this;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Aborted when the client goes away before it has its answer. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.exchange !== undefined) {
        const controller = this.#controller;
        native.exchangeOnCancel(this.exchange, () => controller.abort());
      }
    }
    return this.#controller.signal;
  }

  /** Something the request still has to do. Each call is paired with one `release()`. */
  retain(): void {
    this.#pending++;
  }

  release(): void {
    if (--this.#pending === 0) this.#idle();
    else if (this.#pending === 1) this.#onAlone?.();
  }

  /** Resolves when only the caller, which has one `retain()` of its own, keeps the request open. */
  whenAlone(): Promise<void> {
    if (this.#pending <= 1) return PromiseResolve(undefined) as Promise<void>;
    return new Promise((resolve) => { this.#onAlone = resolve; });
  }

  waitUntil(value: unknown): void {
    this.#pending++;
    PromisePrototypeThen(PromiseResolve(awaitable(value)), () => this.release(), (error) => {
      if (!this.hasFailed) {
        this.hasFailed = true;
        this.failed = error;
      }
      reportUncaught(error, 'waitUntil');
      this.release();
    });
  }

  passThroughOnException(): void {
    this.passThrough = true;
  }

  /** ctx.abort(): the request is over now; `onAbort` callbacks run (the answer fails with `reason`). */
  abort(reason: unknown): void {
    if (this.#aborted !== undefined) return;
    this.#aborted = { reason };
    // No more than the first answer counts.
    if (this.exchange !== undefined) native.respondError(this.exchange, reason);
    const list = this.#onAbort;
    this.#onAbort = [];
    for (let i = 0; i < list.length; i++) list[i]!(reason);
    this.#idle();
  }

  onAbort(callback: (reason: unknown) => void): void {
    if (this.#aborted !== undefined) callback(this.#aborted.reason);
    else this.#onAbort[this.#onAbort.length] = callback;
  }

  /** Holds the request open until a pipe that its code feeds is closed. */
  retainPipe(pipe: Pipe): void {
    this.#pending++;
    native.pipeOnClosed(pipe, () => this.release());
  }

  /** The same for the pipe that the client gets. */
  retainAnswer(pipe: Pipe): void {
    this.#pending++;
    native.pipeOnClosed(pipe, () => {
      if (this.onClientGone !== undefined && native.pipeWrite(pipe, '') === CANCELLED) this.onClientGone();
      this.release();
    });
  }

  /** Resolves when nothing is pending any more (the answer is given, its body is written, waitUntil promises are settled). */
  whenIdle(): Promise<void> {
    if (this.#ended) return PromiseResolve(undefined) as Promise<void>;
    return new Promise((resolve) => { this.#onIdle[this.#onIdle.length] = resolve; });
  }

  /** Calls back when the request is over. */
  onEnd(callback: () => void): void {
    if (this.#ended) callback();
    else this.#onIdle[this.#onIdle.length] = callback;
  }

  /** Adds something that is given up when the request ends, unless it is over before (`endCall`). */
  startCall(call: Cancellable): void {
    SetPrototypeAdd(this.#calls ??= new SafeSet(), call);
  }

  endCall(call: Cancellable): void {
    if (this.#calls !== undefined) SetPrototypeDelete(this.#calls, call);
  }

  /** Timers that would still fire. */
  get activeTimers(): number {
    return activeTimers(this);
  }

  #idle(): void {
    if (this.#ended) return;
    this.#ended = true;
    cancelTimers(this);
    const calls = this.#calls;
    this.#calls = undefined;
    if (calls !== undefined) SetPrototypeForEach(calls, (call) => call.cancel());
    const list = this.#onIdle;
    this.#onIdle = [];
    for (let i = 0; i < list.length; i++) list[i]!();
  }
}

export function currentIoContext(): IoContext | undefined {
  return currentIo();
}

const GLOBAL_SCOPE = 'Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), setting a timeout, ' +
  'and generating random values are not allowed within global scope. To fix this error, perform this operation within a handler. ' +
  'https://developers.cloudflare.com/workers/runtime-apis/handlers/';

/** The running request; throws the global-scope error when there is none. */
export function requireIoContext(): IoContext {
  const io = currentIo();
  if (io === undefined) throw new Error(GLOBAL_SCOPE);
  return io.ended ? afterTheEnd(io) : io;
}

// Code of a request that is over runs when somebody else settles a promise it waits for. The reference drops such code; here it runs, but
// can reach nothing. Before handle_cross_request_promise_resolution such code went on.
function afterTheEnd(io: IoContext): IoContext {
  if (!flags.handle_cross_request_promise_resolution) return io;
  throw new Error('The request that this code belongs to has already been completed or canceled: it can perform no I/O. A promise may have ' +
    'been resolved or rejected from a different request context than the one it was created in. If this behavior breaks your worker, consider ' +
    'setting the `no_handle_cross_request_promise_resolution` compatibility flag for your worker.');
}

/** For an object of one request that is used in another. `type` is what workerd calls it. */
export function otherRequestError(type: string | undefined): Error {
  return new Error('Cannot perform I/O on behalf of a different request. I/O objects (such as streams, request/response bodies, and others) ' +
    "created in the context of one request handler cannot be accessed from a different request's handler. This is a limitation of " +
    `Cloudflare Workers which allows us to improve overall performance.${type === undefined ? '' : ` (I/O type: ${type})`}`);
}
