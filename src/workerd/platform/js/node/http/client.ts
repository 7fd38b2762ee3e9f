// http.ClientRequest: collects a request and sends it with fetch() when it ends.
import { Buffer } from '../buffer';
import {
  AbortError, ConnResetException, ERR_HTTP_HEADERS_SENT, ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_INVALID_HTTP_TOKEN, ERR_INVALID_PROTOCOL,
  ERR_METHOD_NOT_IMPLEMENTED, ERR_OPTION_NOT_IMPLEMENTED, ERR_STREAM_ALREADY_FINISHED, ERR_UNESCAPED_CHARACTERS,
} from '../internal/errors';
import { isUint8Array } from '../internal/types';
import { validateBoolean, validateFunction, validateInteger, validateNumber, validateString } from '../internal/validators';
import { timerDuration } from '../net/socket';
import { addAbortSignal, Writable } from '../stream';
import { isURL } from '../url';
import nodeUrl from '../url';
import { Agent, globalAgent } from './agent';
import { _checkIsHttpToken } from './common';
import { IncomingMessage } from './incoming';
import { kErrored, kOutHeaders, kUniqueHeaders, OutgoingMessage, parseUniqueHeadersOption } from './outgoing';

const { web } = internals;
/** A path that would be read as another host's address: `//host` or `scheme:`. */
const OTHER_AUTHORITY = /^(?:[/\\]{2}|[^/\\]*:)/;
const HAS_BODY = (method: string): boolean => method !== 'GET' && method !== 'HEAD';

function validateHost(host: any, name: string): any {
  if (host != null && typeof host !== 'string') throw new ERR_INVALID_ARG_TYPE(`options.${name}`, ['string', 'undefined', 'null'], host);
  return host;
}
/** Options that are checked and then refused. */
function checkOptions(options: any): void {
  if (options.maxHeaderSize !== undefined) {
    validateInteger(options.maxHeaderSize, 'maxHeaderSize', 0);
    throw new ERR_OPTION_NOT_IMPLEMENTED('options.maxHeaderSize');
  }
  if (options.insecureHTTPParser !== undefined) validateBoolean(options.insecureHTTPParser, 'options.insecureHTTPParser');
  for (const name of ['createConnection', 'lookup', 'socketPath']) {
    if (options[name] === undefined) continue;
    if (name === 'socketPath') validateString(options[name], 'options.socketPath');
    else validateFunction(options[name], `options.${name}`);
    throw new ERR_OPTION_NOT_IMPLEMENTED(`options.${name}`);
  }
  if (options.joinDuplicateHeaders !== undefined) validateBoolean(options.joinDuplicateHeaders, 'options.joinDuplicateHeaders');
}
function chooseAgent(options: any, fallback: any): any {
  const { agent } = options;
  if (agent === false) return new fallback.constructor();
  if (agent == null) return typeof options.createConnection === 'function' ? agent : fallback;
  if (typeof agent === 'object' && typeof agent.addRequest !== 'function') {
    throw new ERR_INVALID_ARG_TYPE('options.agent', ['Agent-like Object', 'undefined', 'false'], agent);
  }
  return agent;
}

export class ClientRequest extends OutgoingMessage {
  #abort = new web.AbortController();
  #body: Uint8Array[] = [];
  #incoming: IncomingMessage | undefined;
  #timer: any = null;
  #sent = false;
  _ended = false;
  method = 'GET';
  path = '/';
  host: string;
  protocol: string;
  port: string;
  aborted = false;
  reusedSocket = false;
  maxHeadersCount = Infinity;
  connection = null;
  socket = null;

  constructor(input: any, options?: any, callback?: any) {
    super();
    let base: any = null;
    if (typeof input === 'string') base = nodeUrl.urlToHttpOptions(new web.URL(input));
    else if (isURL(input)) base = nodeUrl.urlToHttpOptions(input);
    else [options, callback] = [input, options];
    if (typeof options === 'function') [options, callback] = [base ?? {}, options];
    else options = Object.assign(base ?? {}, options);
    if (options.path) {
      if (/[^\u0021-\u00ff]/.test(options.path)) throw new ERR_UNESCAPED_CHARACTERS('Request path');
      if (OTHER_AUTHORITY.test(options.path)) throw new ERR_INVALID_ARG_VALUE('options.path', options.path, 'must be a path-only request target');
    }
    const fallback = options._defaultAgent || globalAgent;
    this.agent = chooseAgent(options, fallback);
    const expected = this.agent?.protocol || fallback.protocol;
    this.protocol = options.protocol || fallback.protocol;
    if (this.protocol !== expected) throw new ERR_INVALID_PROTOCOL(this.protocol, expected);
    const defaultPort = options.defaultPort || this.agent?.defaultPort || 80;
    const port = (options.port = options.port || defaultPort);
    this.port = `${port}`;
    const host = (options.host = validateHost(options.hostname, 'hostname') || validateHost(options.host, 'host') || 'localhost');
    this.host = host;
    if (options.timeout !== undefined) this.timeout = timerDuration(options.timeout, 'timeout');
    if (options.signal) addAbortSignal(options.signal, this);
    const { method } = options;
    if (method != null && typeof method !== 'string') throw new ERR_INVALID_ARG_TYPE('options.method', 'string', method);
    if (method) {
      if (!_checkIsHttpToken(method)) throw new ERR_INVALID_HTTP_TOKEN('Method', method);
      this.method = method.toUpperCase();
    }
    checkOptions(options);
    this.joinDuplicateHeaders = options.joinDuplicateHeaders;
    this.path = options.path || '/';
    if (callback) this.once('response', callback);
    this.#setHeaders(options, host, port, defaultPort);
    this.on('finish', () => {
      if (this.destroyed) return;
      try {
        this.#send();
      } catch (error) {
        this.destroy(error);
      }
    });
    this[kUniqueHeaders] = parseUniqueHeadersOption(options.uniqueHeaders);
  }
  #setHeaders(options: any, host: string, port: any, defaultPort: any): void {
    const { headers } = options;
    if (Array.isArray(headers)) {
      if (headers.length % 2 !== 0) throw new ERR_INVALID_ARG_VALUE('headers', headers);
      for (let i = 0; i < headers.length; i += 2) this.setHeader(headers[i], headers[i + 1]);
      return;
    }
    if (headers != null) {
      if ('host' in headers) validateString(headers.host, 'host');
      for (const [name, value] of Object.entries(headers)) this.setHeader(name, value);
    }
    const setHost = options.setHost !== undefined ? Boolean(options.setHost) : options.setDefaultHeaders !== false;
    if (host && !this.getHeader('host') && setHost) {
      const shown = /^[^[].*:.*:/.test(host) || /^:.*:/.test(host) ? `[${host}]` : host;
      this.setHeader('Host', port && +port !== defaultPort ? `${shown}:${port}` : shown);
    }
    if (options.auth && !this.getHeader('Authorization')) {
      this.setHeader('Authorization', `Basic ${Buffer.from(options.auth).toString('base64')}`);
    }
  }

  #send(): void {
    const headers: [string, any][] = [];
    const all = Object.values<any>(this[kOutHeaders] ?? {});
    for (const [name, value] of all) {
      if (Array.isArray(value) && !this.joinDuplicateHeaders) headers.push(...value.map((item): [string, any] => [name, item]));
      else headers.push([name, Array.isArray(value) ? value.join(', ') : value]);
    }
    this.#sent = true;
    this.#startTimer();
    if (this.host && all.length === 0) {
      // What a server says to a request without a host.
      const refused = new web.Response(null, { status: 400, statusText: 'Bad Request', headers: { connection: 'close' } });
      web.queueMicrotask(() => this.#receive(refused));
      return;
    }
    let url = new web.URL(`http://${this.host}`);
    url.protocol = this.protocol;
    url.port = this.port;
    if (this.path.length > 0 && this.path !== '/') {
      if (OTHER_AUTHORITY.test(this.path)) {
        this.destroy(new ERR_INVALID_ARG_VALUE('options.path', this.path, 'must be a path-only request target'));
        return;
      }
      url = new web.URL(this.path, url);
    }
    let body: any = null;
    if (HAS_BODY(this.method) && this.#body.length > 0) {
      const type = this.getHeader('content-type') ?? '';
      body = new web.Blob(this.#body, { type: Array.isArray(type) ? type.join(', ') : `${type}` });
    }
    web.fetch(url, { method: this.method, headers, body, signal: this.#abort.signal, redirect: 'manual', encodeResponseBody: 'manual' })
      .then((response: any) => this.#receive(response))
      .catch((error: any) => this.destroy(error));
  }
  #receive(response: any): void {
    if (this.destroyed) {
      response.body?.cancel().catch(() => {});
      return;
    }
    this._header = [...response.headers.keys()].map((name) => `${name}=${response.headers.get(name)}`).join('\r\n');
    const incoming = IncomingMessage.fromResponse(response, { touch: () => this.#startTimer(), set: (msecs) => this.#setIdle(msecs) });
    this.#startTimer();
    incoming.on('error', (error: unknown) => {
      if (!this.destroyed) this.emit('error', error);
    });
    incoming.once('close', () => this.#close());
    this.#incoming = incoming;
    this.res = incoming;
    // A response that nobody listens for is read, so that it ends.
    if (!this.emit('response', incoming)) incoming._dump();
  }
  #close(): void {
    if (this._closed) return;
    this._closed = this.destroyed = true;
    this.#stopTimer();
    this.emit('close');
  }
  /** As when the socket goes: the request hears of `error` later, a response that is under way of a reset, and nobody of an abort(). */
  override destroy(error?: any): this {
    if (this.destroyed) return this;
    this.destroyed = true;
    this[kErrored] = error ?? null;
    this.#stopTimer();
    const incoming = this.#incoming;
    if (incoming === undefined && error == null && !this.aborted) error = new ConnResetException('socket hang up');
    if (error != null) web.queueMicrotask(() => this.emit('error', error));
    if (incoming === undefined) this.#abort.abort();
    else if (!incoming.complete) incoming.destroy(new ConnResetException('aborted'));
    web.queueMicrotask(() => this.#close());
    return this;
  }

  onSocket(_socket: unknown): void {}
  addTrailers(_headers: unknown): void {
    throw new ERR_METHOD_NOT_IMPLEMENTED('addTrailers');
  }
  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    web.queueMicrotask(() => this.emit('abort'));
    this.destroy();
  }
  _write(chunk: any, _encoding: any, callback: any): boolean {
    this.#body.push(chunk);
    callback();
    return true;
  }
  override write(chunk: any, encoding?: any, callback?: any): boolean {
    if (HAS_BODY(this.method) && chunk && !this.writableEnded) {
      if (typeof chunk === 'string') this.#body.push(Buffer.from(chunk, typeof encoding === 'string' ? encoding : 'utf8'));
      // A copy: the program may use its buffer again.
      else if (isUint8Array(chunk) && (chunk as Uint8Array).byteLength > 0) this.#body.push(new Uint8Array(chunk as Uint8Array));
    }
    return super.write(chunk, encoding, callback);
  }
  override end(data?: any, encoding?: any, callback?: any): this {
    if (typeof data === 'function') [data, callback] = [undefined, data];
    else if (typeof encoding === 'function') [encoding, callback] = [undefined, encoding];
    if (this.writableEnded) {
      if (data) this.write(data, encoding, callback);
      else if (typeof callback === 'function') {
        if (this.writableFinished) callback(new ERR_STREAM_ALREADY_FINISHED('end'));
        else this.once('finish', () => callback());
      }
      return this;
    }
    if (this.destroyed) return this;
    this._ended = true;
    (Writable as any).prototype.end.call(this, data, encoding, callback);
    this.finished = true;
    return this;
  }
  override _implicitHeader(): void {
    if (this._header) throw new ERR_HTTP_HEADERS_SENT('render');
    this._storeHeader(`${this.method} ${this.path} HTTP/1.1\r\n`, this[kOutHeaders]);
  }

  setNoDelay(noDelay?: any): void {
    validateBoolean(noDelay, 'noDelay');
  }
  setSocketKeepAlive(enable?: any, initialDelay?: any): void {
    validateBoolean(enable, 'enable');
    validateNumber(initialDelay, 'initialDelay');
  }
  clearTimeout(callback?: any): void {
    this.setTimeout(0, callback);
  }
  setTimeout(msecs: any, callback?: any): this {
    this.#setIdle(timerDuration(msecs, 'msecs'));
    if (callback) this.once('timeout', callback);
    return this;
  }
  #stopTimer(): void {
    if (this.#timer !== null) web.clearTimeout(this.#timer);
    this.#timer = null;
  }
  #setIdle(msecs: number): void {
    this.timeout = msecs;
    this.#startTimer();
  }
  /** Runs from when the request is sent, and begins anew with whatever comes back. */
  #startTimer(): void {
    this.#stopTimer();
    if (!this.timeout || !this.#sent || this.destroyed) return;
    this.#timer = web.setTimeout(() => {
      this.#timer = null;
      this.emit('timeout');
      this.#incoming?.emit('timeout');
      this.destroy(new AbortError());
    }, this.timeout);
  }
}
export { Agent };
