// http.OutgoingMessage: the headers and the body of what is sent. The head is made as text first, as Node does it, since programs look at it.
import { Buffer } from '../buffer';
import EventEmitter from '../events';
import {
  ERR_HTTP_BODY_NOT_ALLOWED, ERR_HTTP_CONTENT_LENGTH_MISMATCH, ERR_HTTP_HEADERS_SENT, ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE,
  ERR_METHOD_NOT_IMPLEMENTED, ERR_STREAM_ALREADY_FINISHED, ERR_STREAM_CANNOT_PIPE, ERR_STREAM_DESTROYED, ERR_STREAM_NULL_VALUES,
  ERR_STREAM_WRITE_AFTER_END,
} from '../internal/errors';
import { isUint8Array } from '../internal/types';
import { validateString } from '../internal/validators';
import Stream, { Writable } from '../stream';
import { chunkExpression, validateHeaderName, validateHeaderValue } from './common';

export const kUniqueHeaders = Symbol('kUniqueHeaders');
export const kHighWaterMark = Symbol('kHighWaterMark');
export const kOutHeaders = Symbol('kOutHeaders');
const kNeedDrain = Symbol('kNeedDrain');
export const kErrored = Symbol('kErrored');
const kCorked = Symbol('corked');
const kChunks = Symbol('kChunkedBuffer');
const kChunksLength = Symbol('kChunkedLength');
const kBytesWritten = Symbol('kBytesWritten');
const kRejectBody = Symbol('kRejectNonStandardBodyWrites');

export interface Entry { data: any; encoding?: any; callback?: any }
const later = (fn: () => void): void => internals.web.queueMicrotask(fn);
const none = (): void => {};
const sizeOf = (chunk: any, encoding: any): number => (typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding ?? undefined) : chunk.byteLength);

export function parseUniqueHeadersOption(headers: any): Set<string> | null {
  return Array.isArray(headers) ? new Set(headers.flat().map((name: string) => name.toLowerCase())) : null;
}

/** Where what is written goes; holds it back while it is corked. */
class Sink {
  #waiting: Entry[] = [];
  corked = 0;
  constructor(private readonly owner: OutgoingMessage) {}
  write(entry: Entry): void {
    this.#waiting.push(entry);
    if (this.corked === 0) this.flush();
    later(() => entry.callback?.());
  }
  cork(): void {
    this.corked++;
  }
  uncork(): void {
    this.corked--;
    if (this.corked <= 0) this.flush();
  }
  flush(): void {
    if (this.#waiting.length > 0) this.owner._deliver(this.#waiting.splice(0));
  }
  get length(): number {
    return this.#waiting.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
  }
}

export class OutgoingMessage extends (Writable as any) {
  [key: PropertyKey]: any;
  #sink: Sink;
  outputData: Entry[] = [];
  outputSize = 0;
  writtenHeaderBytes = 0;
  strictContentLength = false;
  chunkedEncoding = false;
  sendDate = false;
  shouldKeepAlive = true;
  writable = true;
  finished = false;
  destroyed = false;
  useChunkedEncodingByDefault = true;
  maxRequestsOnConnectionReached = false;
  _closed = false;
  _headerSent = false;
  _header: any = null;
  _contentLength: number | null = null;
  _hasBody = true;
  _removedContLen = false;
  _removedConnection = false;
  _removedTE = false;
  _last = false;
  _defaultKeepAlive = true;
  _maxRequestsPerSocket: number | undefined;
  _keepAliveTimeout = 0;

  constructor(req?: any, options?: any) {
    super({ autoDestroy: false });
    this[kOutHeaders] = null;
    this[kErrored] = null;
    this[kCorked] = 0;
    this[kChunks] = [];
    this[kChunksLength] = 0;
    this[kNeedDrain] = false;
    this[kBytesWritten] = 0;
    this.req = req;
    this[kHighWaterMark] = options?.highWaterMark ?? Stream.getDefaultHighWaterMark(false);
    this[kRejectBody] = options?.rejectNonStandardBodyWrites ?? false;
    this.#sink = new Sink(this);
    this.once('end', () => later(() => {
      this._closed = true;
      this.emit('close');
    }));
  }
  /** What was written, in order; the head's text comes before the first of it. */
  _deliver(_entries: Entry[]): void {}
  _onPendingData(_delta: number): void {}

  cork(): void {
    this[kCorked]++;
    this.#sink.cork();
  }
  uncork(): void {
    this[kCorked]--;
    this.#sink.uncork();
    if (this[kCorked] || this[kChunks].length === 0) return;
    for (const { data, encoding, callback } of this[kChunks].splice(0)) this._send(data ?? '', encoding, callback);
    this[kChunksLength] = 0;
  }

  // ---- the head
  _storeHeader(firstLine: string, headers: any): void {
    const seen: any = { head: firstLine };
    for (const [name, value, checked] of this.#pairs(headers)) processHeader(this, seen, name, value, !checked);
    let { head } = seen;
    if (this.sendDate && !seen.date) head += `Date: ${new Date().toUTCString()}\r\n`;
    if (this.chunkedEncoding && (this.statusCode === 204 || this.statusCode === 304)) this.chunkedEncoding = this.shouldKeepAlive = false;
    if (this._removedConnection) this._last = !this.shouldKeepAlive;
    else if (!seen.connection) head += this.#connectionLines(seen);
    if (!seen['content-length'] && !seen['transfer-encoding']) head += this.#lengthLine(seen);
    this._header = `${head}\r\n`;
    this._headerSent = false;
    if (seen.expect) this._send('');
  }
  *#pairs(headers: any): Generator<[string, any, boolean]> {
    if (headers == null) return;
    if (headers === this[kOutHeaders]) {
      for (const entry of Object.values<any>(headers)) yield [entry[0], entry[1], true];
    } else if (!Array.isArray(headers)) {
      for (const name of Object.keys(headers)) yield [name, headers[name], false];
    } else if (Array.isArray(headers[0])) {
      for (const [name, value] of headers) yield [name, value, false];
    } else {
      if (headers.length % 2 !== 0) throw new ERR_INVALID_ARG_VALUE('headers', headers);
      for (let i = 0; i < headers.length; i += 2) yield [headers[i], headers[i + 1], false];
    }
  }
  #connectionLines(seen: any): string {
    const keep = this.shouldKeepAlive && (seen['content-length'] || this.useChunkedEncodingByDefault || this.agent);
    if (!keep) this._last = true;
    if (!keep || this.maxRequestsOnConnectionReached) return 'Connection: close\r\n';
    let lines = 'Connection: keep-alive\r\n';
    if (this._keepAliveTimeout && this._defaultKeepAlive) {
      const max = this._maxRequestsPerSocket !== undefined && this._maxRequestsPerSocket > 0 ? `, max=${this._maxRequestsPerSocket}` : '';
      lines += `Keep-Alive: timeout=${Math.floor(this._keepAliveTimeout / 1000)}${max}\r\n`;
    }
    return lines;
  }
  #lengthLine(seen: any): string {
    if (!this._hasBody) this.chunkedEncoding = false;
    else if (!this.useChunkedEncodingByDefault) this._last = true;
    else if (!seen.trailer && !this._removedContLen && typeof this._contentLength === 'number') return `Content-Length: ${this._contentLength}\r\n`;
    else if (!this._removedTE) {
      this.chunkedEncoding = true;
      return 'Transfer-Encoding: chunked\r\n';
    } else this._last = true;
    return '';
  }
  _implicitHeader(): void {
    throw new ERR_METHOD_NOT_IMPLEMENTED('_implicitHeader()');
  }
  _renderHeaders(): any {
    if (this._header) throw new ERR_HTTP_HEADERS_SENT('render');
    return Object.fromEntries(Object.values<any>(this[kOutHeaders] ?? {}));
  }
  flushHeaders(): void {
    if (!this._header) this._implicitHeader();
    this._send('');
  }
  get headersSent(): boolean {
    return Boolean(this._header);
  }

  setHeader(name: any, value: any): this {
    if (this._header) throw new ERR_HTTP_HEADERS_SENT('set');
    validateHeaderName(name);
    validateHeaderValue(name, value);
    (this[kOutHeaders] ??= {})[name.toLowerCase()] = [name, value];
    return this;
  }
  setHeaders(headers: any): this {
    if (this.headersSent) throw new ERR_HTTP_HEADERS_SENT('set');
    if (Array.isArray(headers) || typeof headers?.keys !== 'function' || typeof headers.get !== 'function') {
      throw new ERR_INVALID_ARG_TYPE('headers', ['Headers', 'Map'], headers);
    }
    const cookies: unknown[] = [];
    for (const [name, value] of headers) {
      if (name === 'set-cookie') cookies.push(...[value].flat());
      else this.setHeader(name, value);
    }
    if (cookies.length > 0) this.setHeader('set-cookie', cookies);
    return this;
  }
  appendHeader(name: any, value: any): this {
    if (this._header) throw new ERR_HTTP_HEADERS_SENT('append');
    validateHeaderName(name);
    validateHeaderValue(name, value);
    const field = name.toLowerCase();
    const headers = (this[kOutHeaders] ??= {});
    if (!headers[field]) headers[field] = [name, value];
    else headers[field][1] = [headers[field][1], value].flat();
    return this;
  }
  getHeader(name: any): any {
    validateString(name, 'name');
    return this[kOutHeaders]?.[name.toLowerCase()]?.[1];
  }
  hasHeader(name: any): boolean {
    validateString(name, 'name');
    return Boolean(this[kOutHeaders]?.[name.toLowerCase()]);
  }
  removeHeader(name: any): void {
    validateString(name, 'name');
    if (this._header) throw new ERR_HTTP_HEADERS_SENT('remove');
    const field = name.toLowerCase();
    if (field === 'connection') this._removedConnection = true;
    else if (field === 'content-length') this._removedContLen = true;
    else if (field === 'transfer-encoding') this._removedTE = true;
    else if (field === 'date') this.sendDate = false;
    if (this[kOutHeaders] !== null) delete this[kOutHeaders][field];
  }
  getHeaderNames(): string[] {
    return Object.keys(this[kOutHeaders] ?? {});
  }
  getRawHeaderNames(): string[] {
    return Object.values<any>(this[kOutHeaders] ?? {}).map((entry) => entry[0]);
  }
  getHeaders(): any {
    return Object.fromEntries(Object.entries<any>(this[kOutHeaders] ?? {}).map(([field, entry]) => [field, entry[1]]));
  }

  // ---- the body
  _finish(): void {
    this.emit('prefinish');
  }
  #flushOutput(): boolean {
    if (this.outputData.length === 0) return false;
    this.#sink.cork();
    for (const entry of this.outputData) this.#sink.write(entry);
    this.#sink.uncork();
    this.outputData = [];
    this._onPendingData(-this.outputSize);
    this.outputSize = 0;
    return true;
  }
  _flush(): void {
    const flushed = this.#flushOutput();
    if (this.finished) this._finish();
    else if (flushed && this[kNeedDrain]) {
      this[kNeedDrain] = false;
      this.emit('drain');
    }
  }
  get writableLength(): number {
    const waiting = this._header !== null || this._headerSent ? this.#sink.length : 0;
    return this.outputSize + waiting + this[kChunksLength];
  }
  get writableCorked(): number {
    return this[kCorked];
  }
  get writableNeedDrain(): boolean {
    return !this.destroyed && !this.finished && this[kNeedDrain];
  }
  get writableHighWaterMark(): number {
    return this[kHighWaterMark];
  }
  get writableObjectMode(): boolean {
    return false;
  }
  get writableEnded(): boolean {
    return this.finished;
  }
  get errored(): any {
    return this[kErrored];
  }
  get closed(): boolean {
    return this._closed;
  }

  _send(data: any, encoding?: any, callback?: any, size?: number): boolean {
    if (!this._headerSent && this._header !== null) this.#sendHead(data, encoding, (joined) => { data = joined; });
    return this._writeRaw(data, encoding, callback, size);
  }
  #sendHead(data: any, encoding: any, join: (text: string) => void): void {
    const head: string = this._header;
    if (typeof data === 'string' && (encoding === 'utf8' || encoding === 'latin1' || !encoding)) join(head + data);
    else {
      this.outputData.unshift({ data: head, encoding: 'latin1', callback: null });
      this.outputSize += head.length;
      this._onPendingData(head.length);
    }
    this._headerSent = true;
    this.writtenHeaderBytes = head.length;
    const [first, ...lines] = head.split('\r\n');
    const status = /^HTTP\/\d+\.\d+ (\d+) (.*)$/.exec(first!);
    // The line of a request tells nobody anything.
    if (status === null) return;
    const headers = new internals.web.Headers();
    for (const line of lines) {
      const colon = line.indexOf(': ');
      if (line !== '') headers.append(line.slice(0, colon), line.slice(colon + 2));
    }
    this.emit('_headersSent', { statusCode: Number(status[1]), statusMessage: status[2], headers });
  }
  _writeRaw(data: any, encoding?: any, callback?: any, _size?: number): boolean {
    if (this.destroyed) return false;
    if (typeof encoding === 'function') [encoding, callback] = [null, encoding];
    if (this._header !== null || this._headerSent) {
      this.#flushOutput();
      this.#sink.write({ data, encoding, callback });
      return this.#sink.corked > 0 || this.#sink.length < this[kHighWaterMark];
    }
    this.outputData.push({ data, encoding, callback });
    this.outputSize += data.length;
    this._onPendingData(data.length);
    return this.outputSize < this[kHighWaterMark];
  }
  write(chunk: any, encoding?: any, callback?: any): boolean {
    if (typeof encoding === 'function') [encoding, callback] = [null, encoding];
    const more = this.#write(chunk, encoding, callback, false);
    if (!more) this[kNeedDrain] = true;
    return more;
  }
  end(chunk?: any, encoding?: any, callback?: any): this {
    if (typeof chunk === 'function') [chunk, encoding, callback] = [null, null, chunk];
    else if (typeof encoding === 'function') [encoding, callback] = [null, encoding];
    if (chunk) {
      if (this.finished) {
        this.#fail(new ERR_STREAM_WRITE_AFTER_END(), typeof callback === 'function' ? callback : none);
        return this;
      }
      this.#sink.cork();
      this.#write(chunk, encoding, null, true);
    } else if (this.finished) {
      if (typeof callback === 'function') {
        if (this.writableFinished) callback(new ERR_STREAM_ALREADY_FINISHED('end'));
        else this.on('finish', callback);
      }
      return this;
    } else if (!this._header) {
      this.#sink.cork();
      this._contentLength = 0;
      this._implicitHeader();
    }
    if (typeof callback === 'function') this.once('finish', callback);
    if (this.#strict() && this[kBytesWritten] !== this._contentLength) {
      throw new ERR_HTTP_CONTENT_LENGTH_MISMATCH(this[kBytesWritten], this._contentLength ?? 0);
    }
    const finish = (): void => { this.emit('finish'); };
    if ((this._hasBody && this.chunkedEncoding) || !this._headerSent || this.writableLength || chunk) this._send('', 'latin1', finish);
    else later(finish);
    this.#sink.uncork();
    this[kCorked] = 1;
    this.uncork();
    this.finished = true;
    this._writableState.finished = true;
    this._writableState.corked = 1;
    if (this.outputData.length === 0) this._finish();
    return this;
  }
  #strict(): boolean {
    return this.strictContentLength && this._contentLength != null && this._hasBody && !this._removedContLen && !this.chunkedEncoding
      && !this.hasHeader('transfer-encoding');
  }
  #fail(error: unknown, callback: any): void {
    if (this.destroyed) return;
    later(() => {
      callback(error);
      if (!this.destroyed) this.emit('error', error);
    });
  }
  #write(chunk: any, encoding: any, callback: any, fromEnd: boolean): boolean {
    if (typeof callback !== 'function') callback = none;
    if (chunk === null) throw new ERR_STREAM_NULL_VALUES();
    if (typeof chunk !== 'string' && !isUint8Array(chunk)) throw new ERR_INVALID_ARG_TYPE('chunk', ['string', 'Buffer', 'Uint8Array'], chunk);
    if (this.finished || this.destroyed) {
      const error = this.finished ? new ERR_STREAM_WRITE_AFTER_END() : new ERR_STREAM_DESTROYED('write');
      if (this.destroyed) later(() => callback(error));
      else this.#fail(error, callback);
      return false;
    }
    const size = sizeOf(chunk, encoding);
    if (this.strictContentLength) {
      const total = this[kBytesWritten] + size;
      if (this.#strict() && (fromEnd ? total !== this._contentLength : total > (this._contentLength ?? 0))) {
        throw new ERR_HTTP_CONTENT_LENGTH_MISMATCH(total, this._contentLength ?? 0);
      }
      this[kBytesWritten] = total;
    }
    if (!this._header) {
      if (fromEnd) this._contentLength = size;
      this._implicitHeader();
    }
    if (!this._hasBody) {
      if (this[kRejectBody]) throw new ERR_HTTP_BODY_NOT_ALLOWED();
      later(callback);
      return true;
    }
    if (!fromEnd && this.#sink.corked === 0) {
      // Writes of one turn go together.
      this.#sink.cork();
      later(() => this.#sink.uncork());
    }
    if (this.chunkedEncoding && chunk.length !== 0 && this[kCorked] && this._headerSent) {
      this[kChunks].push({ data: chunk, encoding, callback });
      this[kChunksLength] += size;
      return this[kChunksLength] < this[kHighWaterMark];
    }
    return this._send(chunk, encoding, callback, size);
  }
  pipe(destination: any): any {
    this.emit('error', new ERR_STREAM_CANNOT_PIPE());
    return destination;
  }
  destroy(error?: any, _callback?: any): this {
    if (this.destroyed) return this;
    if (error != null) this.emit('error', error);
    this.destroyed = true;
    this[kErrored] = error;
    return this;
  }
  [(EventEmitter as any).captureRejectionSymbol](error: unknown): void {
    this.destroy(error);
  }
}

function processHeader(message: any, seen: any, name: any, value: any, validate: boolean): void {
  if (validate) validateHeaderName(name);
  const field = String(name).toLowerCase();
  if (field === 'content-disposition' && message._contentLength) {
    const latin1 = (text: any): string => String(Buffer.from(String(text), 'latin1'));
    value = Array.isArray(value) ? value.map(latin1) : latin1(value);
  }
  if (Array.isArray(value) && (value.length < 2 || field !== 'cookie') && !message[kUniqueHeaders]?.has(field)) {
    for (const item of value) storeHeader(message, seen, name, field, item, validate);
    return;
  }
  storeHeader(message, seen, name, field, Array.isArray(value) ? value.join('; ') : String(value), validate);
}
function storeHeader(message: any, seen: any, name: string, field: string, value: any, validate: boolean): void {
  if (validate) validateHeaderValue(name, value);
  seen.head += `${name}: ${value}\r\n`;
  seen[field] = true;
  if (field === 'connection') {
    message._removedConnection = false;
    if (/(?:^|\W)close(?:$|\W)/i.test(value)) message._last = true;
    else message.shouldKeepAlive = true;
  } else if (field === 'transfer-encoding') {
    message._removedTE = false;
    if (chunkExpression.test(value)) message.chunkedEncoding = true;
  } else if (field === 'content-length') {
    message._contentLength = +value;
    message._removedContLen = false;
  } else if (field === 'keep-alive') message._defaultKeepAlive = false;
}
