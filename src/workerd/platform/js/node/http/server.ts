// http.Server and http.ServerResponse. A server listens on a port of the worker, to which cloudflare:node sends requests.
import { Buffer } from '../buffer';
import EventEmitter from '../events';
import {
  ERR_HTTP_HEADERS_SENT, ERR_HTTP_INVALID_STATUS_CODE, ERR_INVALID_ARG_VALUE, ERR_INVALID_CHAR, ERR_METHOD_NOT_IMPLEMENTED, ERR_OPTION_NOT_IMPLEMENTED,
  ERR_OUT_OF_RANGE, ERR_SERVER_ALREADY_LISTEN, ERR_STREAM_PREMATURE_CLOSE,
} from '../internal/errors';
import { missing } from '../internal/stub';
import { validateBoolean, validateFunction, validateInteger, validateNumber, validateObject, validatePort } from '../internal/validators';
import { _normalizeArgs } from '../net/socket';
import Stream from '../stream';
import { _checkInvalidHeaderChar, chunkExpression, firstValue, kIncomingMessage, kServerResponse, STATUS_CODES } from './common';
import { IncomingMessage } from './incoming';
import { Entry, kErrored, kOutHeaders, kUniqueHeaders, OutgoingMessage, parseUniqueHeadersOption } from './outgoing';

const { flags, web } = internals;
export const kConnectionsCheckingInterval = Symbol('http.server.connectionsCheckingInterval');
// Headers that may only be there once.
const ONCE = new Set('host content-type user-agent referer authorization proxy-authorization if-modified-since if-unmodified-since from location max-forwards'.split(' '));
/** Ports with servers, shared with cloudflare:node. */
const ports: Map<number, { fetch(request: any, env: unknown, ctx: unknown): Promise<any> }> = internals.serverPorts;

export class ServerResponse extends OutgoingMessage {
  statusCode = 200;
  statusMessage = 'unknown';
  #response = Promise.withResolvers<any>();
  #controller: any;
  #chunks: Uint8Array[] = [];
  #written = 0;
  #length: number | undefined;
  #headLeft = true;
  writeHeader: any;

  constructor(req: any, options: any = {}) {
    if (!flags.enable_nodejs_http_server_modules) throw new ERR_METHOD_NOT_IMPLEMENTED('ServerResponse');
    super(req, options);
    this.writeHeader = this.writeHead.bind(this);
    if (req.httpVersionMajor < 1 || req.httpVersionMinor < 1) {
      this.useChunkedEncodingByDefault = chunkExpression.test(req.headers.te ?? '');
      this.shouldKeepAlive = false;
    }
    // Nobody may be waiting for it yet when a listener fails, and all who do are told.
    this.#response.promise.catch(() => {});
    this.once('error', this.#response.reject);
    // Destroyed before there was a head: there is no response to wait for.
    this.once('close', () => this.#response.reject(new ERR_STREAM_PREMATURE_CLOSE()));
    this.once('_headersSent', (head: any) => {
      const length = head.headers.get('content-length');
      if (length !== null) this.#length = Number.parseInt(length, 10);
      this.#response.resolve(this.#toResponse(head));
    });
    this.once('finish', () => this.#close());
  }
  /** Closed is destroyed too, so that later writes fail without an event. */
  #close(): void {
    web.queueMicrotask(() => {
      if (this._closed) return;
      this.destroyed = this._closed = true;
      this.emit('close');
    });
  }
  override destroy(error?: any): this {
    if (this.destroyed) return this;
    if (this.writableEnded) {
      // The whole body is on its way already, and 'close' comes after 'finish'.
      this.destroyed = true;
      this[kErrored] = error;
      return this;
    }
    super.destroy(error);
    this.#close();
    return this;
  }
  /** The Response, once the head is complete. */
  static responseOf(response: ServerResponse): Promise<any> {
    return response.#response.promise;
  }
  override _deliver(entries: Entry[]): void {
    if (this.destroyed) return;
    for (let { data, encoding } of entries) {
      if (this.#headLeft) {
        // The text of the head is before the first of the body.
        this.#headLeft = false;
        if (typeof data === 'string') data = data.slice(this.writtenHeaderBytes);
      }
      let bytes: Uint8Array = typeof data === 'string' ? Buffer.from(data, encoding ?? undefined) : (data ?? Buffer.alloc(0));
      // What is more than was announced is not sent.
      if (this.#length !== undefined) bytes = bytes.subarray(0, Math.max(0, this.#length - this.#written));
      this.#written += bytes.length;
      if (bytes.length === 0) continue;
      if (this.#controller === undefined) this.#chunks.push(bytes);
      else this.#controller.enqueue(new Uint8Array(bytes));
    }
  }
  #toResponse({ statusCode, statusMessage, headers }: any): any {
    let body: any = null;
    if (this._hasBody) {
      body = new web.ReadableStream({
        type: 'bytes',
        start: (controller: any) => {
          this.#controller = controller;
          for (const chunk of this.#chunks.splice(0)) controller.enqueue(new Uint8Array(chunk));
          const settle = (how: () => void) => (): void => {
            if (settled) return;
            settled = true;
            how();
          };
          let settled = false;
          this.once('finish', settle(() => controller.close()));
          this.on('error', (error: unknown) => settle(() => controller.error(error))());
          this.once('close', settle(() => controller.error(this.errored ?? new ERR_STREAM_PREMATURE_CLOSE())));
        },
        cancel: (reason: unknown) => { this.destroy(reason); },
      });
    }
    return new web.Response(body, { status: statusCode, statusText: statusMessage, headers });
  }
  override _implicitHeader(): void {
    this.writeHead(this.statusCode);
  }
  writeHead(statusCode: any, reason?: any, given?: any): this {
    if (this._header) throw new ERR_HTTP_HEADERS_SENT('write');
    const code = statusCode | 0;
    if (code < 200 || code > 999) throw new ERR_HTTP_INVALID_STATUS_CODE(statusCode);
    if (typeof reason === 'string') this.statusMessage = reason;
    else {
      this.statusMessage ||= STATUS_CODES[`${code}`] ?? 'unknown';
      given ??= reason;
    }
    this.statusCode = code;
    let headers = given;
    if (this[kOutHeaders]) {
      if (Array.isArray(given)) {
        if (given.length % 2 !== 0) throw new ERR_INVALID_ARG_VALUE('headers', given);
        for (let i = 0; i < given.length; i += 2) this.removeHeader(`${given[i]}`);
        for (let i = 0; i < given.length; i += 2) this.appendHeader(`${given[i]}`, given[i + 1]);
      } else if (given) {
        for (const name of Object.keys(given)) if (given[name]) this.setHeader(name, given[name]);
      }
      headers = this[kOutHeaders];
    }
    if (_checkInvalidHeaderChar(this.statusMessage)) throw new ERR_INVALID_CHAR('statusMessage');
    if (code === 204 || code === 304) this._hasBody = false;
    this._storeHeader(`HTTP/1.1 ${code} ${this.statusMessage}\r\n`, headers ?? null);
    return this;
  }
}
for (const name of ['assignSocket', 'detachSocket', 'writeContinue', 'writeProcessing', 'writeEarlyHints']) {
  Object.defineProperty(ServerResponse.prototype, name, { value: missing(name), writable: true, configurable: true });
}

export function storeHTTPOptions(this: any, options: any): void {
  this[kIncomingMessage] = options.IncomingMessage || IncomingMessage;
  this[kServerResponse] = options.ServerResponse || ServerResponse;
  const refuse = (name: string, min?: number): void => {
    if (options[name] === undefined) return;
    validateInteger(options[name], name, min);
    throw new ERR_OPTION_NOT_IMPLEMENTED(name);
  };
  const boolean = (name: string, fallback: boolean): void => {
    if (options[name] !== undefined) validateBoolean(options[name], `options.${name}`);
    this[name] = options[name] ?? fallback;
  };
  refuse('maxHeaderSize', 0);
  if (options.insecureHTTPParser !== undefined) validateBoolean(options.insecureHTTPParser, 'options.insecureHTTPParser');
  if (options.requestTimeout !== undefined) validateInteger(options.requestTimeout, 'requestTimeout', 0);
  this.requestTimeout = options.requestTimeout ?? 300_000;
  if (options.headersTimeout !== undefined) validateInteger(options.headersTimeout, 'headersTimeout', 0);
  this.headersTimeout = options.headersTimeout ?? Math.min(60_000, this.requestTimeout);
  if (this.requestTimeout > 0 && this.headersTimeout > this.requestTimeout) {
    throw new ERR_OUT_OF_RANGE('headersTimeout', '<= requestTimeout', options.headersTimeout);
  }
  refuse('keepAliveTimeout', 0);
  refuse('keepAliveTimeoutBuffer');
  refuse('connectionsCheckingInterval', 0);
  boolean('requireHostHeader', true);
  boolean('joinDuplicateHeaders', false);
  boolean('rejectNonStandardBodyWrites', false);
}

export class Server extends (EventEmitter as any) {
  [key: PropertyKey]: any;
  httpAllowHalfOpen = false;
  timeout = 0;
  maxHeadersCount = null;
  maxRequestsPerSocket = 0;
  connectionsCheckingInterval = 30_000;
  requestTimeout = 300_000;
  headersTimeout = 60_000;
  requireHostHeader = false;
  joinDuplicateHeaders = false;
  rejectNonStandardBodyWrites = false;
  keepAliveTimeout = 5_000;
  keepAliveTimeoutBuffer = 1_000;
  highWaterMark = Stream.getDefaultHighWaterMark(false);
  #port: number | null = null;

  constructor(options?: any, listener?: any) {
    if (!flags.enable_nodejs_http_server_modules) throw new ERR_METHOD_NOT_IMPLEMENTED('Server');
    super({ captureRejections: true });
    this[kIncomingMessage] = IncomingMessage;
    this[kServerResponse] = ServerResponse;
    if (options != null) storeHTTPOptions.call(this, options);
    if (options?.highWaterMark !== undefined) {
      validateNumber(options.highWaterMark, 'options.highWaterMark');
      if (options.highWaterMark > 0) this.highWaterMark = options.highWaterMark;
    }
    if (typeof options === 'function') [listener, options] = [options, {}];
    else if (options == null) options = {};
    else validateObject(options, 'options');
    if (listener) this.on('request', listener);
    this[kUniqueHeaders] = parseUniqueHeadersOption(options.uniqueHeaders);
  }
  listen(...args: any[]): this {
    const [options, callback] = _normalizeArgs(args);
    const wanted = ['number', 'string'].includes(typeof options.port) ? validatePort(options.port, 'options.port') : 0;
    if (this.#port !== null || ports.has(wanted)) throw new ERR_SERVER_ALREADY_LISTEN();
    if (callback !== null) this.once('listening', callback);
    let port = wanted;
    while (port === 0 || (wanted === 0 && ports.has(port))) port = 1 + Math.floor(Math.random() * 65535);
    this.#port = port;
    ports.set(port, { fetch: (request, env, ctx) => this.#answer(request, env, ctx) });
    web.queueMicrotask(() => this.emit('listening'));
    return this;
  }
  async #answer(request: any, env: unknown, ctx: unknown): Promise<any> {
    const incoming = new this[kIncomingMessage]();
    IncomingMessage.fill(incoming, request, this.#port as number);
    const url = new web.URL(request.url);
    incoming.url = url.pathname + url.search;
    const headers: string[] = [];
    for (const [name, value] of request.headers) headers.push(name, ONCE.has(name) ? firstValue(value) : value);
    incoming._addHeaderLines(headers, headers.length);
    incoming.method = request.method;
    incoming.cloudflare = 'cf' in request ? { env, ctx, cf: request.cf } : { env, ctx };
    const response = new this[kServerResponse](incoming, {
      highWaterMark: this.highWaterMark, rejectNonStandardBodyWrites: this.rejectNonStandardBodyWrites,
    });
    if (request.method === 'HEAD') response._hasBody = false;
    try {
      this.emit('connection', this, incoming);
      this.emit('request', incoming, response);
      return await ServerResponse.responseOf(response);
    } catch (error) {
      response.destroy(error);
      throw error;
    }
  }
  /** What a listener's promise was rejected with: the response to the request ends with it, as with what a listener throws. */
  [(EventEmitter as any).captureRejectionSymbol](error: unknown, event: PropertyKey, ...args: any[]): void {
    if (event === 'request') args[1].destroy(error);
    else if (event !== 'error') this.emit('error', error);
    else web.queueMicrotask(() => { throw error; });
  }
  close(callback?: any): this {
    httpServerPreClose(this);
    if (this.#port !== null) ports.delete(this.#port);
    this.#port = null;
    if (typeof callback === 'function') this.once('close', callback);
    web.queueMicrotask(() => this.emit('close'));
    return this;
  }
  closeAllConnections(): void {}
  closeIdleConnections(): void {}
  setTimeout(msecs?: any, callback?: any): this {
    if (typeof msecs === 'function') callback = msecs;
    else if (typeof msecs === 'number') this.timeout = msecs;
    if (typeof callback === 'function') this.once('timeout', callback);
    return this;
  }
  getConnections(callback?: any): this {
    if (callback) {
      validateFunction(callback, 'callback');
      web.queueMicrotask(() => callback(null, 0));
    }
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  get listening(): boolean {
    return this.#port !== null;
  }
  address(): any {
    return this.#port === null ? null : { port: this.#port, family: 'IPv4', address: '127.0.0.1' };
  }
  get maxConnections(): number {
    return Infinity;
  }
  get connections(): number {
    return 0;
  }
  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => this.close(resolve));
  }
}
export class HttpsServer extends Server {}
Object.defineProperty(HttpsServer, 'name', { value: 'Server' });
for (const name of ['addContext', 'getTicketKeys', 'setSecureContext', 'setTicketKeys']) {
  Object.defineProperty(HttpsServer.prototype, name, { value: missing(name), writable: true, configurable: true });
}
export function httpServerPreClose(server: any): void {
  server.closeIdleConnections();
  web.clearInterval(server[kConnectionsCheckingInterval]);
}
export function createServerOf(Class: any): any {
  return function createServer(options?: any, listener?: any): any {
    if (!flags.enable_nodejs_http_server_modules) throw new ERR_METHOD_NOT_IMPLEMENTED('createServer');
    return new Class(options, listener);
  };
}
export const _connectionListener = missing('_connectionListener');
export const setupConnectionsTracking = missing('setupConnectionsTracking');
