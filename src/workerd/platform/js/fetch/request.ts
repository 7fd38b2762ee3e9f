// Request (https://fetch.spec.whatwg.org/#request-class), with Workers' `cf`, `fetcher` and `encodeResponseBody`.
import { SignalKind, createAbortSignal, signalAbort, signalKind, type AbortSignal } from '../abort';
import { bindToFrame } from '../async-context';
import { DOMException } from '../dom-exception';
import { flags } from '../flags';
import {
  addOwnProperties, badConstructorArgument, defineInterface, illegalInvocation, legacyOwnProperties, toDictionary,
} from '../interface';
import { currentIoContext } from '../io-context';
import type { Exchange, NativeBody } from '../native';
import { native } from '../ops';
import { ArrayBufferIsView, TypedArrayPrototypeGetByteLength } from '../primordials';
import type { ReadableStream } from '../streams';
import {
  BODY_KEY, Body, blockWithType, cloneBody, hasBody, headerBlockOf, headersOf, isBodyUsed, makeBody, nullifyBody, sameBody, setBody, setBodyParts, setUserBody,
  setHeaderBlock, streamOfBody, takeBody,
} from './body';
import { cfForSubrequest, cfToText, cloneCf, parseCf, type CacheMode, type CfSlot } from './cf';
import { Kind } from './extract';
import { nextFetcher, type Fetcher } from './fetcher';
import { Guard, hasHeaderInBlock, headersGuard, type Headers } from './headers';
import { headerName } from './header-text';
import { normalizeMethod } from './methods';
import { readInit, type ReadInit, type RequestInit } from './request-init';

export type RequestInfo = Request | string | { toString(): string };

const CONTENT_LENGTH = headerName('content-length');
const CONTENT_TYPE = headerName('content-type');
const TRANSFER_ENCODING = headerName('transfer-encoding');
const NO_BODY_ALLOWED = 'Request with a GET or HEAD method cannot have a body.';

/** What fetch() asks of a request, besides its headers and body. */
export interface Outgoing {
  method: string; url: string; follow: boolean; signal: AbortSignal | undefined; fetcher: Fetcher | null; manual: boolean;
  cacheMode: CacheMode | undefined; cf: string | undefined;
}

export let isRequest: (v: unknown) => v is Request;
/** A request that this worker was sent. Nothing of it is parsed here. */
export let requestFromNative: (
  exchange: Exchange | undefined, method: string, url: string, block: string, body: NativeBody, cf: string | undefined) => Request;
export let outgoingOf: (r: Request) => Outgoing;
/** A redirect turns the request into a GET without a body. */
export let becomeGet: (r: Request) => void;
export let requestMethod: (r: Request) => string;
export let requestUrl: (r: Request) => string;
/** What a clone is made of, in an array: its readers must not meet the getters of a polluted Object.prototype. */
export type RequestParts = [url: string, method: string, block: string, follow: boolean, cf: string | undefined, cacheMode: string | undefined,
  manual: boolean, signal: AbortSignal | undefined, body: ReadableStream | null];
export let requestParts: (r: Request) => RequestParts;
export let requestFromParts: (parts: RequestParts) => Request;
let copyRequest: (to: Request, from: Request) => void;
let applyInit: (r: Request, init: ReadInit) => void;
let fetcherOf: (r: Request) => Fetcher | null;
let userSignal: (r: Request) => AbortSignal | undefined;

export interface Request extends Body {}
export class Request {
  #method = 'GET';
  #url = '';
  #follow = true;
  /** undefined: the default one, made when asked for. */
  #fetcher: Fetcher | null | undefined = null;
  /** Given by the user or inherited; what subrequests follow. */
  #signal: AbortSignal | undefined = undefined;
  /** What `.signal` shows when there is no #signal. */
  #ownSignal: AbortSignal | undefined = undefined;
  /** The incoming exchange that `.signal` is to follow, until somebody asks for the signal. */
  #exchange: Exchange | undefined = undefined;
  #cf: CfSlot = undefined;
  #cfFrozen = false;
  #cacheMode: CacheMode | undefined = undefined;
  #manual = false;

  constructor(input: RequestInfo, init?: RequestInit | Request | null) {
    makeBody(this);
    if (input as any === BODY_KEY) return;
    if (arguments.length === 0) throw badConstructorArgument('Request', 1, 'Request or string');
    const from = isRequest(input) ? input : undefined;
    let url = from === undefined ? `${input as any}` : from.#url;
    const base = isRequest(init) ? init : undefined;
    const dict = base !== undefined ? undefined
      : readInit(toDictionary(init, () => badConstructorArgument('Request', 2, 'RequestInitializerDict or Request')));
    if (from === undefined) {
      if (flags.fetch_standard_url) {
        const parsed = native.urlParse(url, undefined);
        if (parsed === undefined) throw new TypeError(`Invalid URL: ${url}`);
        url = parsed;
      }
    } else {
      copyRequest(this, from);
      if (base === undefined && dict?.body === undefined) {
        if (isBodyUsed(from)) throw new TypeError('Cannot reconstruct a Request with a used body.');
        setBodyParts(this, takeBody(from));
      }
    }
    if (base !== undefined) {
      copyRequest(this, base);
      setBodyParts(this, sameBody(base));
    } else if (dict !== undefined) applyInit(this, dict);
    this.#url = url;
    if (legacyOwnProperties) addOwnProperties(this);
  }

  clone(): Request {
    if (!(#method in this)) throw illegalInvocation();
    const parts = cloneBody(this);
    const copy = new Request(BODY_KEY as any);
    copyRequest(copy, this);
    setHeaderBlock(copy, headerBlockOf(this), headersGuard(headersOf(this)));
    setBodyParts(copy, parts);
    if (legacyOwnProperties) addOwnProperties(copy);
    return copy;
  }

  get method(): string { if (!(#method in this)) throw illegalInvocation(); return this.#method; }
  get url(): string { if (!(#method in this)) throw illegalInvocation(); return this.#url; }
  get headers(): Headers { if (!(#method in this)) throw illegalInvocation(); return headersOf(this); }
  get redirect(): string { if (!(#method in this)) throw illegalInvocation(); return this.#follow ? 'follow' : 'manual'; }
  get fetcher(): Fetcher | null { if (!(#method in this)) throw illegalInvocation(); return fetcherOf(this); }

  get signal(): AbortSignal {
    if (!(#method in this)) throw illegalInvocation();
    return userSignal(this) ?? (this.#ownSignal ??= createAbortSignal(SignalKind.NeverAborts));
  }

  get cf(): object | undefined {
    if (!(#method in this)) throw illegalInvocation();
    const cf = this.#cf;
    return typeof cf === 'string' ? this.#cf = parseCf(cf, this.#cfFrozen) : cf;
  }

  get integrity(): string { if (!(#method in this)) throw illegalInvocation(); return ''; }
  get keepalive(): boolean { if (!(#method in this)) throw illegalInvocation(); return false; }
  get cache(): string | undefined { if (!(#method in this)) throw illegalInvocation(); return this.#cacheMode; }

  static {
    isRequest = (v): v is Request => typeof v === 'object' && v !== null && #method in v;
    requestMethod = (r) => r.#method;
    requestUrl = (r) => r.#url;
    requestFromNative = (exchange, method, url, block, body, cf) => {
      const r = new Request(BODY_KEY as any);
      r.#method = method;
      r.#url = url;
      r.#follow = false;
      r.#fetcher = undefined;
      r.#cf = cf;
      r.#cfFrozen = true;
      if (flags.enable_request_signal) r.#exchange = exchange;
      if (body !== null) {
        setBody(r, typeof body === 'string' ? Kind.Text : ArrayBufferIsView(body) ? Kind.Bytes : Kind.Pipe, body);
        block = blockWithLength(block, body);
      } else if (method !== 'GET' && method !== 'HEAD' && hasHeaderInBlock(block, CONTENT_LENGTH)) {
        // An empty body is not the same as none.
        setBody(r, Kind.Text, '');
      }
      setHeaderBlock(r, block, Guard.Immutable);
      if (legacyOwnProperties) addOwnProperties(r);
      return r;
    };
    requestParts = (r) => {
      const signal = userSignal(r);
      const inherited = signal !== undefined && signalKind(signal) === SignalKind.IgnoredForSubrequests ? undefined : signal;
      return [r.#url, r.#method, headerBlockOf(r), r.#follow, cfToText(r.#cf), r.#cacheMode, r.#manual, inherited, streamOfBody(r)];
    };
    requestFromParts = (parts) => {
      const r = new Request(BODY_KEY as any);
      r.#url = parts[0];
      r.#method = parts[1];
      setHeaderBlock(r, parts[2], Guard.None);
      r.#follow = parts[3];
      r.#cf = parts[4];
      r.#cacheMode = parts[5] as CacheMode | undefined;
      r.#manual = parts[6];
      r.#signal = parts[7];
      if (parts[8] !== null) setBody(r, Kind.Stream, parts[8]);
      if (legacyOwnProperties) addOwnProperties(r);
      return r;
    };
    fetcherOf = (r) => (r.#fetcher === undefined ? r.#fetcher = nextFetcher() : r.#fetcher);
    userSignal = (r) => {
      const exchange = r.#exchange;
      if (exchange === undefined) return r.#signal;
      r.#exchange = undefined;
      const signal = createAbortSignal(flags.request_signal_passthrough ? SignalKind.Plain : SignalKind.IgnoredForSubrequests);
      const gone = bindToFrame(() => {
        signalAbort(signal, new DOMException('The client has disconnected', 'AbortError'));
      }) as () => void;
      native.exchangeOnCancel(exchange, gone);
      const io = currentIoContext();
      if (io?.exchange === exchange) io.onClientGone = gone;
      return r.#signal = signal;
    };
    outgoingOf = (r) => {
      // An incoming signal that nobody has seen matters only if subrequests follow it.
      let signal = r.#exchange === undefined || flags.request_signal_passthrough ? userSignal(r) : undefined;
      if (signal !== undefined && signalKind(signal) === SignalKind.IgnoredForSubrequests) signal = undefined;
      return {
        method: r.#method, url: r.#url, follow: r.#follow, signal, fetcher: fetcherOf(r), manual: r.#manual, cacheMode: r.#cacheMode,
        cf: cfForSubrequest(r.#cf, r.#cacheMode),
      };
    };
    becomeGet = (r) => {
      r.#method = 'GET';
      nullifyBody(r);
    };
    copyRequest = (to, from) => {
      to.#method = from.#method;
      to.#url = from.#url;
      to.#follow = from.#follow;
      to.#fetcher = from.#fetcher;
      to.#signal = userSignal(from);
      to.#cf = cloneCf(from.#cf);
      to.#cacheMode = from.#cacheMode;
      to.#manual = from.#manual;
      setHeaderBlock(to, headerBlockOf(from), Guard.None);
    };
    applyInit = (r, init) => {
      if (init.method !== undefined) r.#method = normalizeMethod(init.method);
      if (init.block !== undefined) setHeaderBlock(r, init.block, Guard.None);
      if (init.fetcher !== undefined) r.#fetcher = init.fetcher;
      if (init.signal !== undefined) {
        const signal = init.signal ?? undefined;
        const inert = signal !== undefined && signalKind(signal) === SignalKind.NeverAborts;
        r.#signal = inert ? undefined : signal;
        r.#ownSignal = inert ? signal : undefined;
      }
      if (init.cf !== undefined) r.#cf = init.cf;
      const bodyless = r.#method === 'GET' || r.#method === 'HEAD';
      const body = init.body;
      if (body !== undefined && body !== null) {
        if (bodyless) throw new TypeError(NO_BODY_ALLOWED);
        setUserBody(r, body.kind, body.source);
        const block = headerBlockOf(r);
        const hasType = init.block !== undefined ? init.blockHasType : hasHeaderInBlock(block, CONTENT_TYPE);
        setHeaderBlock(r, blockWithType(block, hasType, body), Guard.None);
      } else if (init.method !== undefined && bodyless && hasBody(r)) throw new TypeError(NO_BODY_ALLOWED);
      if (init.follow !== undefined) r.#follow = init.follow;
      if (init.cacheMode !== undefined) r.#cacheMode = init.cacheMode;
      if (init.manual !== undefined) r.#manual = init.manual;
    };
  }
}

/** A worker that is called by another one can rely on the headers that HTTP would have. */
function blockWithLength(block: string, body: Exclude<NativeBody, null>): string {
  if (hasHeaderInBlock(block, CONTENT_LENGTH) || hasHeaderInBlock(block, TRANSFER_ENCODING)) return block;
  let length: number;
  if (typeof body === 'string') length = native.utf8Encode(body).length;
  else length = ArrayBufferIsView(body) ? TypedArrayPrototypeGetByteLength(body) : native.pipeLength(body);
  return length < 0 ? `${block}Transfer-Encoding: chunked\r\n` : `${block}Content-Length: ${length}\r\n`;
}

/** What a user may have been given and a Request stands for; only Requests that came with no init are taken as they are. */
export function coerceRequest(input: RequestInfo): Request {
  return isRequest(input) ? input : new Request(input);
}

Object.setPrototypeOf(Request.prototype, Body.prototype);
defineInterface(Request, 'Request', {
  brand: isRequest, ownProperties: ['method', 'url', 'headers', 'redirect', 'fetcher', 'signal', 'cf', 'integrity', 'keepalive'],
});

/** `cache` is there only for workers whose flags know the option. */
export function installRequest(): void {
  if (!flags.cache_option_enabled) delete (Request.prototype as any).cache;
}
