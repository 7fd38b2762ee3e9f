// Response (https://fetch.spec.whatwg.org/#response-class), with Workers' `cf`, `webSocket` and `encodeBody`.
import { getFrame, runInFrame, type AsyncFrame } from '../async-context';
import { flags } from '../flags';
import {
  addOwnProperties, badConstructorArgument, badField, defineInterface, illegalInvocation, legacyOwnProperties, toDictionary, wrongType,
} from '../interface';
import type { ChannelEnd, NativeBody } from '../native';
import { native } from '../ops';
import { ArrayBufferIsView, ArrayPrototypeJoin, JSONParse, JSONStringify, StringPrototypeCharCodeAt } from '../primordials';
import type { ReadableStream } from '../streams';
import { logWarning } from '../warnings';
import { isWebSocket, takeChannel, webSocketExtensions, type WebSocket } from '../websocket';
import {
  BODY_KEY, Body, blockWithType, bodyToNative, cloneBody, headerBlockOf, headersOf, isBodyUsed, makeBody, setBody, setBodyParts, setCoding, setUserBody,
  setHeaderBlock, streamOfBody, usedError,
} from './body';
import { cfToText, cloneCf, type CfSlot } from './cf';
import { Coding, codingNamed } from './coding';
import { toInt32 } from './convert';
import { extractBody, Kind, type Extracted } from './extract';
import {
  Guard, blockFromInit, getHeader, hasHeaderInBlock, headersFromRaw, headersGuard, lastInitHasCoding, lastInitHasType, type Headers,
  type HeadersInit,
} from './headers';
import { headerName, headerValue, valueFromWire, valueToWire } from './header-text';
import { splitUrl, withoutFragment } from './legacy-url';
import { TEXT_PLAIN_UTF8 } from './mime';
import { parseEncoding } from './request-init';
import { isNullBodyStatus, isRedirectStatus, reasonPhrase } from './status';

export interface ResponseInit {
  status?: number; statusText?: string; headers?: HeadersInit; cf?: object; webSocket?: WebSocket | null; encodeBody?: string;
}

/** A response on its way out. */
export interface NativeResponse { status: number; statusText: string; rawHeaders: string; body: NativeBody; webSocket: ChannelEnd | undefined }

const CONTENT_TYPE = headerName('content-type');
const CONTENT_ENCODING = headerName('content-encoding');
const EXTENSIONS = headerName('sec-websocket-extensions');
const DICTIONARY = 'InitializerDict';
const TEXT_BLOCK = `Content-Type: ${TEXT_PLAIN_UTF8}\r\n`;
const JSON_BLOCK = 'Content-Type: application/json\r\n';

export let isResponse: (v: unknown) => v is Response;
/** What fetch() resolves to. `url`: without fragment. The body may be compressed; `manual`: it is to be shown so. */
export let responseFromNative: (
  status: number, statusText: string, block: string, body: NativeBody, hasBody: boolean, url: string, redirected: boolean, manual: boolean,
  webSocket: WebSocket | null) => Response;
/** The answer to a request. Throws TypeError when the response cannot be sent. `upgrade`: the headers of a request for an upgrade. */
export let responseToNative: (r: Response, upgrade: string | undefined) => NativeResponse;
export let responseStatus: (r: Response) => number;
export let responseStatusText: (r: Response) => string;
export let responseUrl: (r: Response) => string;
export let responseRedirected: (r: Response) => boolean;
/** What a clone is made of. */
export type ResponseParts = [status: number, statusText: string, block: string, cf: string | undefined, manual: boolean,
  webSocket: WebSocket | null, body: ReadableStream | null];
export let responseParts: (r: Response) => ResponseParts;
export let responseFromParts: (parts: ResponseParts) => Response;
let fillResponse: (r: Response, body: Extracted | undefined, init: ResponseInit | Response | undefined, json: boolean) => void;
let rawResponse: (status: number, block: string, guard: Guard) => Response;

export interface Response extends Body {}
export class Response {
  #status = 200;
  /** Empty: the usual phrase goes on the wire. */
  #statusText = '';
  #cf: CfSlot = undefined;
  #webSocket: WebSocket | null = null;
  #manual = false;
  /** Headers may say that the body is compressed. */
  #maybeCoded = false;
  #url = '';
  #redirected = false;
  /** Where a JavaScript stream was made into a response: it is read in this context. */
  #frame: AsyncFrame | undefined = undefined;

  constructor(body?: unknown, init?: ResponseInit | Response | null) {
    makeBody(this);
    if (body === BODY_KEY) return;
    if (init === undefined && typeof body === 'string') {
      setUserBody(this, Kind.Text, body);
      setHeaderBlock(this, TEXT_BLOCK, Guard.None);
    } else {
      fillResponse(
        this, body === undefined || body === null ? undefined : extractBody(body),
        isResponse(init) ? init : toDictionary(init, () => badConstructorArgument('Response', 2, `${DICTIONARY} or Response`)), false);
    }
    if (legacyOwnProperties) addOwnProperties(this);
  }

  static error(): Response {
    return rawResponse(0, '', flags.pedantic_wpt ? Guard.Immutable : Guard.None);
  }

  static redirect(url: string, status?: number): Response {
    if (arguments.length === 0) throw new TypeError("Failed to execute 'redirect' on 'Response': parameter 1 is not of type 'string'.");
    const target = `${url}`;
    const code = status === undefined ? 302 : toInt32(status);
    if (!isRedirectStatus(code)) {
      throw new RangeError(`${code} is not a redirect status code. It must be one of: 301, 302, 303, 307, or 308.`);
    }
    const location = flags.response_redirect_url_standard ? native.urlParse(target, undefined) : legacyLocation(target);
    if (location === undefined) throw new TypeError(`Unable to parse URL: ${target}`);
    return rawResponse(code, `Location: ${valueToWire(headerValue(location))}\r\n`, Guard.Immutable);
  }

  static json(data: unknown, init?: ResponseInit | Response | null): Response {
    if (arguments.length === 0) throw new TypeError("Failed to execute 'json' on 'Response': parameter 1 is not of type 'any'.");
    const json = JSONStringify(data);
    if (json === undefined && flags.pedantic_wpt) {
      throw new TypeError('Response.json() requires a value that can be serialized to JSON.');
    }
    // What has no JSON text becomes `undefined`, as the reference has it.
    const text = json ?? 'undefined';
    const r = new Response(BODY_KEY);
    if (init === undefined) {
      setUserBody(r, Kind.Text, text);
      setHeaderBlock(r, JSON_BLOCK, Guard.None);
    } else {
      fillResponse(
        r, { kind: Kind.Text, source: text, type: 'application/json', form: false },
        isResponse(init) ? init
          : toDictionary(init, () => new TypeError(`Failed to execute 'json' on 'Response': parameter 2 is not of type '${DICTIONARY} or Response'.`)),
        true);
    }
    if (legacyOwnProperties) addOwnProperties(r);
    return r;
  }

  clone(): Response {
    if (!(#status in this)) throw illegalInvocation();
    if (this.#webSocket !== null) throw new TypeError('Cannot clone a response to a WebSocket handshake.');
    const parts = cloneBody(this);
    const r = rawResponse(this.#status, headerBlockOf(this), headersGuard(headersOf(this)));
    setBodyParts(r, parts);
    r.#statusText = this.#statusText;
    r.#cf = cloneCf(this.#cf);
    r.#manual = this.#manual;
    r.#maybeCoded = this.#maybeCoded;
    r.#url = this.#url;
    r.#redirected = this.#redirected;
    r.#frame = this.#frame;
    return r;
  }

  get status(): number { if (!(#status in this)) throw illegalInvocation(); return this.#status; }
  get statusText(): string { if (!(#status in this)) throw illegalInvocation(); return this.#statusText; }

  get headers(): Headers {
    if (!(#status in this)) throw illegalInvocation();
    this.#maybeCoded = true;
    return headersOf(this);
  }

  get ok(): boolean { if (!(#status in this)) throw illegalInvocation(); return this.#status >= 200 && this.#status < 300; }
  get redirected(): boolean { if (!(#status in this)) throw illegalInvocation(); return this.#redirected; }
  get url(): string { if (!(#status in this)) throw illegalInvocation(); return this.#url; }
  get webSocket(): WebSocket | null { if (!(#status in this)) throw illegalInvocation(); return this.#webSocket; }
  get cf(): object | undefined { if (!(#status in this)) throw illegalInvocation(); return this.#cf as object | undefined; }
  get type(): string { if (!(#status in this)) throw illegalInvocation(); return this.#status === 0 ? 'error' : 'default'; }

  static {
    isResponse = (v): v is Response => typeof v === 'object' && v !== null && #status in v;
    responseStatus = (r) => r.#status;
    responseStatusText = (r) => r.#statusText || reasonPhrase(r.#status);
    responseUrl = (r) => r.#url;
    responseRedirected = (r) => r.#redirected;
    responseParts = (r) => [r.#status, r.#statusText, headerBlockOf(r), cfToText(r.#cf), r.#manual, r.#webSocket, streamOfBody(r)];
    responseFromParts = (parts) => {
      const r = rawResponse(parts[0], parts[2], Guard.None);
      r.#statusText = parts[1];
      r.#cf = parts[3] === undefined ? undefined : JSONParse(parts[3]);
      r.#manual = parts[4];
      r.#maybeCoded = true;
      r.#webSocket = parts[5];
      if (parts[6] !== null) setBody(r, Kind.Stream, parts[6]);
      return r;
    };
    rawResponse = (status, block, guard) => {
      const r = new Response(BODY_KEY);
      r.#status = status;
      setHeaderBlock(r, block, guard);
      if (legacyOwnProperties) addOwnProperties(r);
      return r;
    };
    fillResponse = (r, body, init, json) => {
      let block = '';
      let hasType = false;
      let status = 200;
      let statusText = '';
      if (isResponse(init)) {
        status = init.#status;
        statusText = init.#statusText;
        block = headerBlockOf(init);
        hasType = hasHeaderInBlock(block, CONTENT_TYPE);
        r.#maybeCoded = true;
        r.#manual = init.#manual;
        r.#cf = cloneCf(init.#cf);
        r.#webSocket = init.#webSocket;
      } else if (init !== undefined) {
        let v: any = init.status;
        if (v !== undefined) status = toInt32(v);
        v = init.statusText;
        if (v !== undefined) statusText = `${v}`;
        v = init.headers;
        if (v !== undefined) {
          block = blockFromInit(v, () => badField('headers', DICTIONARY, 'Headers or Sequence or object'));
          hasType = lastInitHasType();
          r.#maybeCoded = lastInitHasCoding();
        }
        v = init.cf;
        if (v !== undefined) {
          if (v === null || typeof v !== 'object' && typeof v !== 'function') throw badField('cf', DICTIONARY, 'Object');
          r.#cf = JSONParse(JSONStringify(v));
        }
        v = init.webSocket;
        if (v !== undefined && v !== null && !isWebSocket(v)) v = wrongType(() => badField('webSocket', DICTIONARY, 'WebSocket'));
        r.#webSocket = v ?? null;
        v = init.encodeBody;
        if (v !== undefined) r.#manual = parseEncoding('encodeBody', `${v}`);
      }
      if (r.#webSocket !== null) {
        if (status !== 101) throw new RangeError('Responses with a WebSocket must have status code 101.');
      } else if (status < 200 || status > 599) {
        throw new RangeError('Responses may only be constructed with status codes in the range 200 to 599, inclusive.');
      }
      for (let i = 0; i < statusText.length; i++) {
        const c = StringPrototypeCharCodeAt(statusText, i);
        if (flags.pedantic_wpt ? c < 0x20 && c !== 9 || c === 0x7f || c > 0xff : c < 0x20) throw new TypeError('Invalid statusText');
      }
      if (body !== undefined && isNullBodyStatus(status)) {
        refuseBody(body, status);
        body = undefined;
      }
      if (body !== undefined) {
        setUserBody(r, body.kind, body.source);
        if (body.kind === Kind.Stream) r.#frame = getFrame();
        block = blockWithType(block, hasType, body);
      } else if (json && !hasType) block += JSON_BLOCK;
      r.#status = status;
      r.#statusText = statusText;
      setHeaderBlock(r, block, Guard.None);
    };
    responseFromNative = (status, statusText, block, body, hasBody, url, redirected, manual, webSocket) => {
      const r = new Response(BODY_KEY);
      r.#status = status;
      r.#statusText = valueFromWire(statusText);
      r.#url = url;
      r.#redirected = redirected;
      r.#manual = manual;
      r.#maybeCoded = true;
      r.#webSocket = webSocket;
      setHeaderBlock(r, block, Guard.Immutable);
      if (hasBody) {
        if (body === null || typeof body === 'string') setBody(r, Kind.Text, body ?? '');
        else setBody(r, ArrayBufferIsView(body) ? Kind.Bytes : Kind.Pipe, body);
        if (body !== null) setCoding(r, codingOfBlock(block, manual));
      }
      if (legacyOwnProperties) addOwnProperties(r);
      return r;
    };
    responseToNative = (r, upgrade) => {
      if (isBodyUsed(r)) throw usedError();
      const status = r.#status;
      if (status === 0) throw new TypeError('Return value from serve handler must not be an error response (like Response.error())');
      const statusText = r.#statusText === '' ? reasonPhrase(status) : valueToWire(r.#statusText);
      let rawHeaders = headerBlockOf(r);
      const ws = r.#webSocket;
      if (ws !== null) {
        if (upgrade === undefined) {
          throw new TypeError('Worker tried to return a WebSocket in a response to a request which did not contain the header ' +
            '"Upgrade: websocket".');
        }
        const webSocket = takeChannel(ws);
        rawHeaders = webSocketExtensions(rawHeaders, upgrade);
        return { status, statusText, rawHeaders, body: null, webSocket };
      }
      const coding = r.#maybeCoded ? codingOfBlock(rawHeaders, r.#manual) : Coding.Identity;
      const body = r.#frame === undefined ? bodyToNative(r, coding) : runInFrame(r.#frame, bodyToNative, undefined, [r, coding]);
      return { status, statusText, rawHeaders, body, webSocket: undefined };
    };
  }
}

function legacyLocation(url: string): string | undefined {
  const split = splitUrl(url);
  return split === undefined ? undefined : withoutFragment(split) + split.fragment;
}

function codingOfBlock(block: string, manual: boolean): Coding {
  if (manual || block === '') return Coding.Identity;
  return codingNamed(getHeader(headersFromRaw(block, Guard.None), CONTENT_ENCODING));
}

/** A status that has no body may still come with an empty one: older workers had no other way to say it. */
function refuseBody(body: Extracted, status: number): void {
  if (body.kind !== Kind.Text && body.kind !== Kind.Bytes || body.source.length !== 0) {
    throw new TypeError('Response with null body status (101, 204, 205, or 304) cannot have a body.');
  }
  logWarning(`Constructing a Response with a null body status (${status}) and a non-null, zero-length body. This is technically ` +
    'incorrect, and we recommend you update your code to explicitly pass in a `null` body, e.g. `new Response(null, { status: ' +
    `${status}, ... })\`. (We continue to allow the zero-length body behavior because it was previously the only way to construct a ` +
    'Response with a null body status. This behavior may change in the future.)');
}

Object.setPrototypeOf(Response.prototype, Body.prototype);
defineInterface(Response, 'Response', {
  brand: isResponse,
  ownProperties: ['status', 'statusText', 'headers', 'ok', 'redirected', 'url', 'webSocket', 'cf', 'type'],
});
