// node:http. https://nodejs.org/api/http.html
import { missing } from './internal/stub';
import { validateInteger } from './internal/validators';
import { Agent, globalAgent } from './http/agent';
import { ClientRequest } from './http/client';
import { METHODS, STATUS_CODES, validateHeaderName, validateHeaderValue } from './http/common';
import { IncomingMessage } from './http/incoming';
import { OutgoingMessage } from './http/outgoing';
import { _connectionListener, createServerOf, Server, ServerResponse } from './http/server';

const { web } = internals;
function request(url: any, options?: any, callback?: any): ClientRequest {
  return new ClientRequest(url, options, callback);
}
function get(url: any, options?: any, callback?: any): ClientRequest {
  return request(url, options, callback).end();
}
function setMaxIdleHTTPParsers(max: any): void {
  validateInteger(max, 'max', 1);
  missing('setMaxIdleHTTPParsers')();
}
export default {
  validateHeaderName, validateHeaderValue, METHODS, STATUS_CODES, ClientRequest, request, get, OutgoingMessage, Agent, globalAgent, IncomingMessage,
  Server, ServerResponse, createServer: createServerOf(Server), maxHeaderSize: 16384, setMaxIdleHTTPParsers, _connectionListener,
  WebSocket: web.WebSocket, CloseEvent: web.CloseEvent, MessageEvent: web.MessageEvent,
};
