// The opening handshake of `new WebSocket(url)`: a request for an upgrade through the worker's global outbound.
import { bindToFrame } from '../async-context';
import { DOMException } from '../dom-exception';
import { fetcherTarget, nextFetcher } from '../fetch/fetcher';
import { headerName } from '../fetch/header-text';
import { Guard, getHeader, headersFromRaw } from '../fetch/headers';
import { splitUrl, wireUrl } from '../fetch/legacy-url';
import { errorFromNative } from '../fetch/native-error';
import { flags } from '../flags';
import { native } from '../ops';
import { ArrayIsArray, ArrayPrototypeIncludes, ArrayPrototypeJoin, StringPrototypeCharCodeAt, StringPrototypeIndexOf } from '../primordials';
import { clientConnected, clientFailed, type WebSocket } from './websocket';

const PROTOCOL = headerName('sec-websocket-protocol');
const EXTENSIONS = headerName('sec-websocket-extensions');
const SEPARATORS = '()<>@,;:\\/[]?={}';

function syntaxError(message: string): DOMException {
  return new DOMException(`WebSocket Constructor: ${message}`, 'SyntaxError');
}

/** The URL to ask, http or https. */
export function parseClientUrl(url: string): string {
  const split = splitUrl(url);
  if (split === undefined) throw syntaxError('The url is invalid.');
  if (split.scheme !== 'ws' && split.scheme !== 'wss') throw syntaxError('The url scheme must be ws or wss.');
  if (split.fragment !== '') throw syntaxError('The url fragment must be empty.');
  split.scheme = split.scheme === 'ws' ? 'http' : 'https';
  return wireUrl(split);
}

function isToken(protocol: string): boolean {
  for (let i = 0; i < protocol.length; i++) {
    const c = StringPrototypeCharCodeAt(protocol, i);
    if (c < 0x21 || c > 0x7e || StringPrototypeIndexOf(SEPARATORS, protocol[i]!) >= 0) return false;
  }
  return protocol.length > 0;
}

/** The Sec-WebSocket-Protocol value, or undefined for none. */
export function protocolHeader(protocols: unknown): string | undefined {
  if (protocols === undefined) return undefined;
  if (!ArrayIsArray(protocols)) {
    const one = `${protocols as any}`;
    if (!isToken(one)) throw syntaxError('The protocol header token is invalid.');
    return one;
  }
  const seen: string[] = [];
  for (let i = 0; i < protocols.length; i++) {
    const one = `${protocols[i]}`;
    if (!isToken(one)) throw syntaxError('One of the protocol header tokens is invalid.');
    if (ArrayPrototypeIncludes(seen, one)) throw syntaxError('The protocols header cannot have repeating values.');
    seen[i] = one;
  }
  return seen.length === 0 ? undefined : ArrayPrototypeJoin(seen, ', ');
}

/** Starts the handshake; what it returns gives up on it, and tells the socket unless it is to be quiet. */
export function connectClient(ws: WebSocket, url: string, protocols: string | undefined): (quietly: boolean) => void {
  let block = 'Upgrade: websocket\r\n';
  if (protocols !== undefined) block += `Sec-WebSocket-Protocol: ${protocols}\r\n`;
  if (flags.web_socket_compression) block += 'Sec-WebSocket-Extensions: permessage-deflate\r\n';
  let over = false;
  const fail = bindToFrame((error: unknown) => {
    over = true;
    clientFailed(ws, error);
  });
  const connected = bindToFrame(clientConnected);
  const exchange = native.subrequest(fetcherTarget(nextFetcher()), 'GET', url, block, null, undefined, 1,
    (error, status, _statusText, headers, body, webSocket) => {
      if (over) {
        if (webSocket !== undefined) native.channelAbort(webSocket, 'The WebSocket was closed before the connection was established.');
        return;
      }
      if (error !== undefined) fail(errorFromNative(error));
      else if (webSocket === undefined || status !== 101) {
        if (body !== null && typeof body === 'object' && !ArrayBuffer.isView(body)) native.pipeCancel(body, 'not a WebSocket');
        fail(new TypeError('Failed to establish the WebSocket connection: expected server to reply with HTTP status code 101 (switching ' +
          `protocols), but received ${status} instead.`));
      } else {
        over = true;
        const received = headersFromRaw(headers, Guard.None);
        connected(ws, webSocket, getHeader(received, PROTOCOL), getHeader(received, EXTENSIONS));
      }
    });
  return (quietly) => {
    if (over) return;
    over = true;
    native.exchangeCancel(exchange);
    if (!quietly) native.enqueueMicrotask(() => fail(new Error('Called close before connection was established.')));
  };
}

