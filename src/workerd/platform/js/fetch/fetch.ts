// fetch() (https://fetch.spec.whatwg.org/#fetch-method): sends a Request to a Fetcher's target, follows redirects, makes a Response.
import { ownPipe } from '../pipe-owner';
import { abortReason, addAbortAlgorithm, isAborted, type AbortSignal } from '../abort';
import { flags } from '../flags';
import { plainFunction } from '../function-attributes';
import { setLength } from '../function-lengths';
import { badArgument } from '../interface';
import { requireIoContext, type IoContext } from '../io-context';
import type { ChannelEnd, Exchange, NativeBody, NativeError, Pipe, Target } from '../native';
import { native } from '../ops';
import { ArrayBufferIsView, ArrayPrototypeJoin, ObjectDefineProperty, ObjectHasOwn, PrimordialPromise, PromisePrototypeThen, PromiseReject, RegExpPrototypeExec, StringPrototypeCharCodeAt, StringPrototypeToLowerCase } from '../primordials';
import { emptyReadable, readableFromSource, setStreamOwner, type ByteSource, type ReadableStream } from '../streams';
import { logWarning } from '../warnings';
import { webSocketFromChannel } from '../websocket';
import { setSocketOwner } from '../websocket/websocket';
import { bodyToNative, canRewind, dropUnread, headerBlockOf, headersOf, isEmptyBody, rewindBody, setBody, setBodyOwner, setHeaderBlock } from './body';
import { Coding, codingNamed, decodedReadable, pipeSource } from './coding';
import { parseDataUrl } from './data-url';
import { Kind } from './extract';
import { fetcherRequiresHost, fetcherTarget, nextFetcher, type Fetcher } from './fetcher';
import { Guard, deleteHeader, getHeader, hasHeaderInBlock, headersFromRaw, headersToRaw } from './headers';
import { headerName } from './header-text';
import { splitUrl, wireUrl, withoutFragment, type SplitUrl } from './legacy-url';
import { errorFromNative } from './native-error';
import { Request, becomeGet, outgoingOf, requestMethod, type Outgoing, type RequestInfo } from './request';
import type { RequestInit } from './request-init';
import { responseFromNative, type Response } from './response';
import { isNullBodyStatus, isRedirectStatus } from './status';

const MAX_REDIRECTS = 20;
const intrinsicThen = Promise.prototype.then;
const DATA_URL = /^[\0-\x20]*d[\t\n\r]*a[\t\n\r]*t[\t\n\r]*a[\t\n\r]*:/i;
const AUTHORIZATION = headerName('authorization');
const CACHE_CONTROL = headerName('cache-control');
const CONTENT_ENCODING = headerName('content-encoding');
const CONTENT_LENGTH = headerName('content-length');
const EXTENSIONS = headerName('sec-websocket-extensions');
const LOCATION = headerName('location');
const PRAGMA = headerName('pragma');
const TRANSFER_ENCODING = headerName('transfer-encoding');
const UPGRADE = headerName('upgrade');
/** Subrequest flag of the native side. */
const WANTS_WEBSOCKET = 1;

/** One fetch() under way, redirects included. */
interface Call {
  readonly io: IoContext;
  /** The request is over: nobody hears of the answer. */
  cancel(): void;
  request: Request;
  out: Outgoing;
  target: number | Target;
  url: SplitUrl;
  /** Those before `url`. */
  visited: string[];
  resolve(response: Response): void;
  reject(reason: unknown): void;
  /** Stops listening to the signal. */
  unlisten: (() => void) | undefined;
  exchange: Exchange | undefined;
  settled: boolean;
}

/** The URL as it is to be sent; throws TypeError. */
function parseTarget(url: string, requiresHost: boolean): SplitUrl {
  let split = splitUrl(url);
  if (split === undefined && !requiresHost) {
    const parsed = native.urlParse(url, 'https://fake-host/');
    if (parsed !== undefined) split = splitUrl(parsed);
  }
  if (split === undefined) throw new TypeError(`Fetch API cannot load: ${url}`);
  const { scheme } = split;
  if (scheme !== 'http' && scheme !== 'https') {
    if (flags.fetch_refuses_unknown_protocols) throw new TypeError(`Fetch API cannot load: ${url}`);
    const more = scheme === 'ws' || scheme === 'wss'
      ? " Note that fetch() treats WebSockets as a special kind of HTTP request, therefore WebSockets should use 'http:'/'https:', not " +
        "'ws:'/'wss:'."
      : scheme === 'ftp' ? ' fetch() does not support the FTP protocol.' : '';
    logWarning("Worker passed an invalid URL to fetch(). URLs passed to fetch() must begin with either 'http:' or 'https:', not " +
      `'${scheme}:'. Due to a historical bug, any other protocol used here will be treated the same as 'http:'. We plan to correct this ` +
      `bug in the future, so please update your Worker to use 'http:' or 'https:' for all fetch() URLs.${more}`);
  }
  return split;
}

// The first character decides for nearly all URLs.
function mayBeData(url: string): boolean {
  const first = StringPrototypeCharCodeAt(url, 0);
  return first === 0x64 || first === 0x44 || first <= 0x20;
}

/** `fetcher` undefined: the request's own, else the worker's global outbound. */
export function fetchWith(fetcher: Fetcher | undefined, input: RequestInfo, init: RequestInit | undefined): Promise<Response> {
  try {
    const io = requireIoContext();
    const request = new Request(input, init);
    const out = outgoingOf(request);
    if (mayBeData(out.url) && RegExpPrototypeExec(DATA_URL, out.url) !== null) {
      const response = fetchData(out);
      if (response !== undefined) return response;
    }
    const via = fetcher ?? out.fetcher ?? nextFetcher();
    const url = parseTarget(out.url, fetcherRequiresHost(via));
    return new PrimordialPromise<Response>((resolve, reject) => {
      start({
        io, cancel, request, out, target: fetcherTarget(via), url, visited: [], resolve, reject, unlisten: undefined, exchange: undefined, settled: false,
      });
    });
  } catch (error) {
    return PromiseReject(error);
  }
}

function cancel(this: Call): void {
  this.settled = true;
  this.unlisten?.();
  if (this.exchange !== undefined) native.exchangeCancel(this.exchange);
}

function fetchData(out: Outgoing): Promise<Response> | undefined {
  const parsed = native.urlParse(out.url, undefined);
  const data = parsed === undefined ? undefined : parseDataUrl(parsed);
  if (data === undefined) return undefined;
  const block = `Content-Type: ${data.type}\r\n`;
  const response = responseFromNative(200, 'OK', block, data.bytes, out.method === 'GET', '', false, true, null);
  setHeaderBlock(response, block, Guard.None);
  return new PrimordialPromise((resolve) => resolve(response));
}

function start(call: Call): void {
  const { signal } = call.out;
  if (signal !== undefined) {
    if (isAborted(signal)) {
      call.reject(abortReason(signal));
      return;
    }
    call.unlisten = addAbortAlgorithm(signal, (reason) => {
      if (call.settled) return;
      settle(call);
      if (call.exchange === undefined) call.reject(reason);
      // Whoever was asked hears of it first: what the caller does next comes after that.
      else native.exchangeCancel(call.exchange, () => call.reject(reason));
    });
  }
  call.io.startCall(call);
  send(call);
}

function settle(call: Call): void {
  call.settled = true;
  call.io.endCall(call);
}

function fail(call: Call, reason: unknown): void {
  if (call.settled) return;
  settle(call);
  call.unlisten?.();
  call.reject(reason);
}

/** The error is made while V8 knows who waits: its stack says where the request was awaited. For that it must be made in a reaction to a
 *  promise that the caller's follows already. */
function failHere(call: Call, error: NativeError): void {
  settle(call);
  call.unlisten?.();
  let go!: () => void;
  const started = new PrimordialPromise<void>((resolve) => { go = resolve; });
  const failing = PromisePrototypeThen(started, () => { throw errorFromNative(error); }, undefined);
  // Nobody who replaced then() comes in between.
  ObjectDefineProperty(failing, 'then', { value: intrinsicThen, configurable: true });
  call.resolve(failing as never);
  go();
}

function send(call: Call): void {
  const { request, out } = call;
  let block = headerBlockOf(request);
  let upgrade = false;
  if (block !== '' && hasHeaderInBlock(block, UPGRADE)) {
    const headers = headersFromRaw(block, Guard.None);
    upgrade = StringPrototypeToLowerCase(getHeader(headers, UPGRADE)!) === 'websocket';
    if (upgrade && !flags.web_socket_compression) {
      deleteHeader(headers, EXTENSIONS);
      block = headersToRaw(headers);
    }
  }
  if (out.cacheMode !== undefined) {
    if (!hasHeaderInBlock(block, CACHE_CONTROL)) block += 'Cache-Control: no-cache\r\n';
    if (!hasHeaderInBlock(block, PRAGMA)) block += 'Pragma: no-cache\r\n';
  }
  // A body that is there and empty must not look like none to the receiver.
  if (isEmptyBody(request) && !hasHeaderInBlock(block, CONTENT_LENGTH) && !hasHeaderInBlock(block, TRANSFER_ENCODING)) {
    block += 'Content-Length: 0\r\n';
  }
  const body = bodyToNative(request, Coding.Identity);
  call.exchange = native.subrequest(
    call.target, requestMethod(request), wireUrl(call.url), block, body, out.cf, upgrade ? WANTS_WEBSOCKET : 0,
    (error, status, statusText, headers, responseBody, webSocket) => {
      received(call, error, status, statusText, headers, responseBody, webSocket);
    });
}

function discard(body: NativeBody): void {
  if (body !== null && typeof body !== 'string' && !ArrayBufferIsView(body)) native.pipeCancel(body, 'The body was not needed.');
}

function received(
  call: Call, error: NativeError | undefined, status: number, statusText: string, block: string, body: NativeBody,
  webSocket: ChannelEnd | undefined,
): void {
  if (call.settled) {
    discard(body);
    return;
  }
  if (error !== undefined) {
    // What was thrown elsewhere has its stack.
    if (ObjectHasOwn(error, 'value')) fail(call, errorFromNative(error));
    else failHere(call, error);
    return;
  }
  if (call.out.follow && isRedirectStatus(status)) {
    const location = getHeader(headersFromRaw(block, Guard.None), LOCATION);
    // An empty one leads nowhere; in the standard it leads here again.
    if (location !== null && (location !== '' || flags.pedantic_wpt)) {
      discard(body);
      try {
        follow(call, status, location);
      } catch (e) {
        fail(call, e);
      }
      return;
    }
  }
  settle(call);
  const { signal } = call.out;
  const hasBody = webSocket === undefined && requestMethod(call.request) !== 'HEAD' && !isNullBodyStatus(status);
  if (!hasBody) discard(body);
  const socket = webSocket === undefined ? null : webSocketFromChannel(webSocket, signal);
  const response = responseFromNative(
    status, statusText, block, body, hasBody, withoutFragment(call.url), call.visited.length > 0, call.out.manual, socket);
  if (hasBody) setBodyOwner(response, call.io.owner);
  if (socket !== null) setSocketOwner(socket, call.io.owner);
  call.unlisten?.();
  if (hasBody && body !== null && typeof body !== 'string' && !ArrayBufferIsView(body)) {
    ownPipe(body, call.io);
    // From here on the signal is the body's.
    if (signal !== undefined) {
      const stream = abortableReadable(body, signal, block, call.out.manual);
      setStreamOwner(stream, call.io.owner);
      setBody(response, Kind.Stream, stream);
    }
    // A body that the Worker has no interest in must not hold its connection.
    call.io.onEnd(() => dropUnread(response));
  }
  call.resolve(response);
}

function follow(call: Call, status: number, location: string): void {
  const current = withoutFragment(call.url);
  const parsed = native.urlParse(location, current);
  const next = parsed === undefined ? undefined : splitUrl(parsed);
  if (parsed === undefined || next === undefined) throw new TypeError('Invalid Location header; unable to follow redirect.');
  if (call.visited.length >= MAX_REDIRECTS) {
    call.visited[call.visited.length] = current;
    throw new TypeError(`Too many redirects.${ArrayPrototypeJoin(call.visited, ', ')}`);
  }
  const { request } = call;
  if (flags.strip_authorization_on_cross_origin_redirect && !sameOrigin(call.url, next)) {
    deleteHeader(headersOf(request), AUTHORIZATION);
  }
  if (status !== 303 && !canRewind(request)) {
    throw new TypeError('A request with a one-time-use body (it was initialized from a stream, not a buffer) encountered a redirect ' +
      'requiring the body to be retransmitted. To avoid this error in the future, construct this request from a buffer-like body ' +
      'initializer.');
  }
  const method = requestMethod(request);
  if ((status === 301 || status === 302) && method === 'POST' || status === 303 && method !== 'HEAD') becomeGet(request);
  else rewindBody(request);
  call.visited[call.visited.length] = current;
  call.url = parseTarget(parsed, true);
  send(call);
}

function sameOrigin(a: SplitUrl, b: SplitUrl): boolean {
  return a.scheme === b.scheme && a.host === b.host;
}

/** A response body that errors when the signal aborts. */
function abortableReadable(pipe: Pipe, signal: AbortSignal, block: string, manual: boolean): ReadableStream {
  const inner = pipeSource(pipe);
  let reason: unknown;
  let aborted = false;
  let waiting: (() => void) | undefined;
  const stop = addAbortAlgorithm(signal, (r) => {
    aborted = true;
    reason = r;
    native.pipeCancel(pipe, 'The operation was aborted');
    waiting?.();
  });
  const source: ByteSource = {
    read(max, wake) {
      if (aborted) throw reason;
      const once = (): void => {
        if (waiting !== once) return;
        waiting = undefined;
        wake();
      };
      waiting = once;
      const chunk = inner.read(max, once);
      if (chunk !== undefined) waiting = undefined;
      if (chunk === null) stop();
      return chunk;
    },
    cancel(why) {
      stop();
      inner.cancel(why);
    },
    length: () => inner.length(),
  };
  const coding = manual ? Coding.Identity : codingNamed(getHeader(headersFromRaw(block, Guard.None), CONTENT_ENCODING));
  return coding === Coding.Identity ? readableFromSource(source) : decodedReadable(source, coding);
}

/** The body in the form a legacy Fetcher.get() asks for. */
export function bodyOfResponse(response: Response, type: string): unknown {
  switch (type) {
    case 'text': return response.text();
    case 'json': return response.json();
    case 'arrayBuffer': return response.arrayBuffer();
    case 'stream': return response.body ?? emptyReadable();
    default:
      throw new TypeError('Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".');
  }
}

/** What is wrong with the arguments of fetch(), before anything is made of them. */
export function fetchArguments(owner: string, given: number, init: unknown): TypeError | undefined {
  if (given === 0) return badArgument('fetch', owner, 1, 'Request or string');
  if (init === undefined || init === null || typeof init === 'object' || typeof init === 'function') return undefined;
  return badArgument('fetch', owner, 2, 'RequestInitializerDict or Request');
}

export function refuseFetch(error: TypeError): Promise<never> {
  if (flags.capture_async_api_throws) return PromiseReject(error);
  throw error;
}

/** The global function. */
// A method, so that it is no constructor.
export const { fetch } = {
  fetch(input: RequestInfo, init?: RequestInit): Promise<Response> {
    const wrong = fetchArguments('ServiceWorkerGlobalScope', arguments.length, init);
    if (wrong !== undefined) return refuseFetch(wrong);
    return fetchWith(undefined, input, init);
  },
};

setLength(fetch, 1);
plainFunction(fetch);
