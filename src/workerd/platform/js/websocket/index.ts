// WebSocket, WebSocketPair, and what the rest of the platform does with them.
import { abortReason, addAbortAlgorithm, isAborted, type AbortSignal } from '../abort';
import { headerName } from '../fetch/header-text';
import { Guard, deleteHeader, getHeader, hasHeaderInBlock, headersFromRaw, headersToRaw } from '../fetch/headers';
import { flags } from '../flags';
import type { ChannelEnd } from '../native';
import { WebSocketPair } from './pair';
import { WebSocketRequestResponsePair } from './request-response-pair';
import { WebSocket, failWebSocket, webSocketFromEnd } from './websocket';

export {
  WebSocket, attachmentOf, failWebSocket, hibernate, isWebSocket, setAttachment, takeChannel, webSocketFromEnd,
} from './websocket';
export { WebSocketPair } from './pair';
export { isRequestResponsePair, type WebSocketRequestResponsePair } from './request-response-pair';

const EXTENSIONS = headerName('sec-websocket-extensions');

/** The socket of a response to an upgrade request; an abort of the request's signal breaks it. */
export function webSocketFromChannel(end: ChannelEnd, signal: AbortSignal | undefined): WebSocket {
  const ws = webSocketFromEnd(end);
  if (signal !== undefined && !isAborted(signal)) addAbortAlgorithm(signal, () => failWebSocket(ws, abortReason(signal)));
  return ws;
}

/** Headers of a response with a socket: extensions are the user's business only since web_socket_compression. `asked`: the request's. */
export function webSocketExtensions(block: string, asked: string): string {
  const has = hasHeaderInBlock(block, EXTENSIONS);
  if (flags.web_socket_compression) {
    // A worker that says nothing takes whatever is offered.
    const offer = has || asked === '' ? null : getHeader(headersFromRaw(asked, Guard.None), EXTENSIONS);
    return offer === null ? block : `${block}Sec-WebSocket-Extensions: ${offer}\r\n`;
  }
  if (!has) return block;
  const headers = headersFromRaw(block, Guard.None);
  deleteHeader(headers, EXTENSIONS);
  return headersToRaw(headers);
}

export function install(global: any): void {
  Object.defineProperty(global, 'WebSocket', { value: WebSocket, writable: true, enumerable: false, configurable: true });
  Object.defineProperty(global, 'WebSocketPair', { value: WebSocketPair, writable: true, enumerable: false, configurable: true });
  Object.defineProperty(global, 'WebSocketRequestResponsePair', {
    value: WebSocketRequestResponsePair, writable: true, enumerable: false, configurable: true,
  });
}
