// What the cache operations say to the service behind `cacheApiOutbound`: HTTP, with a response as the body of a PUT.
import { headerBlockOf } from '../fetch/body';
import { Guard, deleteHeader, hasHeaderInBlock, headersFromRaw, headersToRaw, setHeader, type Headers } from '../fetch/headers';
import { headerName } from '../fetch/header-text';
import { errorFromNative, errorFromText } from '../fetch/native-error';
import { outgoingOf, type Request } from '../fetch/request';
import { responseToNative, type Response } from '../fetch/response';
import { splitUrl } from '../fetch/legacy-url';
import { requireIoContext } from '../io-context';
import type { NativeBody, Pipe } from '../native';
import { native } from '../ops';
import { options } from '../options';
import { ArrayBufferIsView, PrimordialPromise, TypedArrayPrototypeGetByteLength } from '../primordials';
import { concatBytes } from '../blob/bytes';

const encode = encodeURIComponent;

export interface CacheAnswer { status: number; statusText: string; block: string; body: NativeBody }

export function send(
  name: string | undefined, method: string, request: Request, extra: readonly [name: string, value: string] | undefined, body: NativeBody,
): Promise<CacheAnswer> {
  const io = requireIoContext();
  const { url, cf } = outgoingOf(request);
  const split = splitUrl(url);
  if (split === undefined || split.userInfo !== '') {
    throw new TypeError('Invalid URL. Cache API keys must be fully-qualified, valid URLs.');
  }
  const target = options.cacheApiOutbound;
  if (target === undefined) throw new Error('No Cache was configured');
  const headers = headersFromRaw(headerBlockOf(request), Guard.None);
  if (extra !== undefined) setHeader(headers, extra[0], extra[1]);
  if (name !== undefined && name !== '') setHeader(headers, 'CF-Cache-Namespace', encode(name));
  io.retain();
  return new PrimordialPromise((resolve, reject) => {
    native.subrequest(target, method, url, headersToRaw(headers), body, cf, 0, (error, status, statusText, block, answer) => {
      io.release();
      if (error !== undefined) reject(errorFromNative(error));
      // Not an object that inherits: promises look for a `then`.
      else resolve({ __proto__: null, status, statusText, block, body: answer } as never);
    });
  });
}

/** A body whose content nobody will read. */
export function discard(body: NativeBody): void {
  if (body !== null && typeof body !== 'string' && !ArrayBufferIsView(body)) native.pipeCancel(body, 'not needed');
}

// What says how a message is framed or how its connection is used is the platform's to say, also in a message within a message.
const FRAMING = ['connection', 'content-length', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

function withoutFraming(block: string): string {
  let headers: Headers | undefined;
  for (let i = 0; i < FRAMING.length; i++) {
    const name = headerName(FRAMING[i]!);
    if (hasHeaderInBlock(block, name)) deleteHeader(headers ??= headersFromRaw(block, Guard.None), name);
  }
  return headers === undefined ? block : headersToRaw(headers);
}

/** A response as the HTTP message that a PUT carries. Its body is used from now on; chunked coding is named but not applied. `failed` is
 *  called if the body ends with an error. */
export function serializeResponse(response: Response, failed: (error: Error) => void): NativeBody {
  const { status, statusText, rawHeaders, body, webSocket } = responseToNative(response, '');
  if (webSocket !== undefined) {
    native.channelAbort(webSocket, 'not cacheable');
    throw new TypeError('Cannot cache WebSocket upgrade response.');
  }
  const isPipe = body !== null && typeof body === 'object' && !ArrayBufferIsView(body);
  const bytes = body === null ? undefined : typeof body === 'string' ? native.utf8Encode(body) : isPipe ? undefined : body as Uint8Array;
  const length = isPipe ? native.pipeLength(body) : bytes === undefined ? 0 : TypedArrayPrototypeGetByteLength(bytes);
  const head = native.latin1Encode(
    `HTTP/1.1 ${status} ${statusText}\r\n${length < 0 ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`}\r\n${withoutFraming(rawHeaders)}\r\n`);
  if (!isPipe) return bytes === undefined ? head : concatBytes([head, bytes]);
  const payload: Pipe = native.pipeNew(undefined, length < 0 ? -1 : length + TypedArrayPrototypeGetByteLength(head));
  native.pipeWrite(payload, head);
  native.pipeLink(body as Pipe, payload, true, (what, message) => {
    if (what !== 1) return;
    native.pipeAbort(payload, message);
    failed(errorFromText(message));
  });
  return payload;
}

