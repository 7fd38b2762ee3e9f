// Events on their way into user code: C++ calls `dispatchFetch` for each request; the runtime calls the others.
import { setFrame, rootFrame } from './async-context';
import { contextFor, entrypointOf, getEnv, instantiate, type Entrypoint } from './entrypoints';
import type { ExecutionContext } from './execution-context';
import { fetchEventResponse, makeFetchEvent } from './fetch/fetch-event';
import { requestFromNative, requestUrl, type Request } from './fetch/request';
import { isResponse, responseToNative, type Response } from './fetch/response';
import { makeController } from './fake-clock';
import { IoContext } from './io-context';
import type { Exchange, NativeBody, Pipe } from './native';
import { native } from './ops';
import { options } from './options';
import { ArrayBufferIsView, PrimordialPromise, PromisePrototypeThen, PromiseResolve, ReflectApply } from './primordials';
import { describeError, reportUncaught } from './report';
import { dispatch } from './events';
import { passThrough } from './pass-through';
import { ownPipe } from './pipe-owner';
import { dispatchConnect, type Socket } from './sockets';
import { reportFailures } from './streams';
import { isPromiseLike } from './thenables';
import { isDurableObjectClass } from './worker-classes';

function answer(io: IoContext, exchange: Exchange, value: unknown, upgrade: string | undefined): void {
  if (!isResponse(value)) {
    return fail(io, exchange, new TypeError(
      `Incorrect type for Promise: the Promise did not resolve to 'Response'.`));
  }
  let out;
  try {
    out = responseToNative(value as Response, upgrade);
  } catch (error) {
    return fail(io, exchange, error);
  }
  const { body } = out;
  // A streamed body is written by this request's code: the request lasts as long, and what goes wrong is the log's to know.
  if (body !== null && typeof body === 'object' && !ArrayBufferIsView(body)) {
    io.retainAnswer(body as never);
    reportFailures(body as never);
  }
  try {
    native.respond(exchange, out.status, out.statusText, out.rawHeaders, body, out.webSocket);
  } catch (error) {
    return fail(io, exchange, error);
  }
  io.release();
}

function fail(io: IoContext, exchange: Exchange, error: unknown): void {
  reportUncaught(error, 'fetch');
  native.respondError(exchange, error);
  io.release();
}

/** `id`: an index of `entrypoints`. Answers the exchange; never throws. Returns what the answer, if it is still to come, hangs on. */
export function dispatchFetch(exchange: Exchange, id: number, method: string, url: string, headers: string, body: NativeBody,
  cf: string | undefined, wantsWebSocket: boolean): unknown {
  const entry = entrypointOf(id)!;
  const io = new IoContext(id, exchange);
  io.retain();
  setFrame(rootFrame(io));
  const ctx = contextFor(entry);
  if (method === 'CONNECT') return dispatchConnect(io, exchange, url, headers, body, () => connectHandler(entry, ctx));
  let result: unknown;
  try {
    if (body !== null && typeof body === 'object' && !ArrayBufferIsView(body)) ownPipe(body as Pipe, io);
    const request = requestFromNative(exchange, method, url, headers, body, cf);
    result = entry.kind === 'service-worker' ? callListeners(request, io) : callFetch(entry, request, ctx);
  } catch (error) {
    return failOrPass(io, exchange, error, method, url, headers, cf);
  }
  const upgrade = wantsWebSocket ? headers : undefined;
  if (isResponse(result)) return answer(io, exchange, result, upgrade);
  if (!isPromiseLike(result)) {
    return failOrPass(io, exchange, new TypeError("Callback returned incorrect type; expected 'Promise'"), method, url, headers, cf);
  }
  PromisePrototypeThen(PromiseResolve(result) as Promise<unknown>,
    (value) => answer(io, exchange, value, upgrade),
    (error) => failOrPass(io, exchange, error, method, url, headers, cf));
  return io;
}

function failOrPass(io: IoContext, exchange: Exchange, error: unknown, method: string, url: string, headers: string, cf: string | undefined): void {
  if (!io.passThrough) return fail(io, exchange, error);
  reportUncaught(error, 'fetch');
  passThrough(exchange, method, url, headers, cf, () => io.release());
}

function callFetch(entry: Entrypoint, request: Request, ctx: ExecutionContext): unknown {
  const target = instantiate(entry, ctx);
  const handler = target.fetch;
  if (typeof handler !== 'function') {
    if (isDurableObjectClass(entry.value)) throw new TypeError('A Durable Object class cannot be used as a stateless entrypoint.');
    throw new Error('Handler does not export a fetch() function.');
  }
  return entry.kind === 'class' ? target.fetch(request) : target.fetch(request, getEnv(), ctx);
}

function connectHandler(entry: Entrypoint, ctx: ExecutionContext): ((socket: Socket) => unknown) | undefined {
  if (entry.kind === 'service-worker') throw new Error('Connect ingress is not currently supported with Service Workers syntax.');
  const target = instantiate(entry, ctx);
  if (typeof target.connect !== 'function') return undefined;
  return (socket) => (entry.kind === 'class' ? target.connect(socket) : target.connect(socket, getEnv(), ctx));
}

// The listeners' first respondWith() answers. A request nobody answers goes to the worker's next service.
function callListeners(request: Request, io: IoContext): unknown {
  const event = makeFetchEvent(request);
  dispatch(globalThis, event);
  const response = fetchEventResponse(event);
  if (response !== undefined) return response;
  io.passThroughOnException();
  throw new Error(`No fetch listener answered the request to ${requestUrl(request)}.`);
}

/** Runs `handler` of an entrypoint as an event of its own. Resolves when it and all it left pending are done; rejects with what it threw.
 *  `onAbort` is told when the code was ended in the middle, and the promise may not be there yet. */
export function dispatchHandler(
  id: number, handler: string, makeArgs: (env: unknown, ctx: ExecutionContext) => unknown[], onAbort?: (reason: unknown) => void,
): Promise<unknown> {
  const entry = entrypointOf(id)!;
  const io = new IoContext(id, undefined);
  io.retain();
  setFrame(rootFrame(io));
  const ctx = contextFor(entry);
  if (onAbort !== undefined) io.onAbort(onAbort);
  let resolve!: (value: unknown) => void;
  let reject!: (reason: unknown) => void;
  const promise = new PrimordialPromise<unknown>((a, b) => {
    resolve = a;
    reject = b;
  });
  io.onAbort(reject);
  PromisePrototypeThen(run(), resolve, reject);
  return promise;

  async function run(): Promise<unknown> {
    let result: unknown;
    try {
      const target = instantiate(entry, ctx);
      if (typeof target[handler] !== 'function') throw new Error(`Handler does not export a ${handler}() function.`);
      const args = makeArgs(getEnv(), ctx);
      result = await (entry.kind === 'class' ? target[handler](args[0]) : ReflectApply(target[handler], target, args));
    } catch (error) {
      io.release();
      throw error;
    }
    const idle = io.whenIdle();
    io.release();
    await idle;
    if (io.hasFailed && handler === 'test') throw io.failed;
    return result;
  }
}

/** The `test()` handler: `test(controller, env, ctx)`. `done` is told when it has passed, or what it failed for; nothing else keeps it. */
export function dispatchTest(id: number, done: (error?: [name: string, message: string, stack: string]) => void): void {
  const failed = (error: unknown): void => done(describeError(error));
  const promise = dispatchHandler(id, 'test', (env, ctx) => [makeController(options.fakeTimers), env, ctx], failed);
  setFrame(undefined);
  PromisePrototypeThen(promise, () => done(), failed);
}

