// http.IncomingMessage: a request to a server, or the response to a client; its body is a web stream.
import EventEmitter from '../events';
import { isIPv4 } from '../net/address';
import { timerDuration } from '../net/socket';
import { Readable } from '../stream';

const kHeaders = Symbol('kHeaders');
const kDistinct = Symbol('kHeadersDistinct');
const kCount = Symbol('kHeadersCount');

// What happens to a header that comes again: the first one counts, or they are joined.
const SINGLE = new Set(('age authorization content-length content-type etag expires from host if-modified-since if-unmodified-since last-modified '
  + 'location max-forwards proxy-authorization referer retry-after server user-agent').split(' '));

/** The timer of a client's request, which the response to it restarts and sets. */
export interface IdleTimer { touch(): void; set(msecs: number): void }

export class IncomingMessage extends (Readable as any) {
  [key: PropertyKey]: any;
  #stream: any = null;
  #reader: any;
  #reading = false;
  #socket: any;
  #timer: IdleTimer | undefined;

  aborted = false;
  url = '';
  method: string | null = null;
  statusCode: number | null = null;
  statusMessage: string | null = null;
  httpVersionMajor = 1;
  httpVersionMinor = 1;
  httpVersion = '1.1';
  complete = false;
  rawHeaders: string[] = [];
  joinDuplicateHeaders = false;
  cloudflare: any = { cf: undefined, env: undefined, ctx: undefined };
  _dumped = false;
  _consuming = false;
  _paused = false;

  constructor() {
    super({});
    this[kHeaders] = null;
    this[kDistinct] = null;
    this[kCount] = 0;
    this._readableState.readingMore = true;
  }

  /** Makes it the message of `response`. */
  static fromResponse(response: any, timer: IdleTimer): IncomingMessage {
    const incoming = new IncomingMessage();
    incoming.#timer = timer;
    const headers: any = (incoming[kHeaders] = {});
    const distinct: any = (incoming[kDistinct] = {});
    for (const name of response.headers.keys()) {
      headers[name] = response.headers.get(name);
      distinct[name] = [headers[name]];
      incoming[kCount]++;
    }
    incoming.url = response.url;
    incoming.statusCode = response.status;
    incoming.statusMessage = response.statusText;
    incoming.#stream = response.body;
    incoming.on('timeout', () => { incoming._consuming = false; });
    return incoming;
  }
  /** Gives a new message the request's properties. */
  static fill(incoming: IncomingMessage, request: any, localPort: number): void {
    const { headers } = request;
    const address = headers.get('cf-connecting-ip');
    const remotePort = (Math.random() * 0x8000) | 0x8000;
    const socket = new (EventEmitter as any)();
    const alive = (value: unknown) => () => (incoming.destroyed ? undefined : value);
    const fixed = (value: unknown): PropertyDescriptor => ({ value, writable: false, configurable: true });
    const read = (get: () => unknown): PropertyDescriptor => ({ get, configurable: true });
    Object.defineProperties(socket, {
      encrypted: fixed(headers.get('x-forwarded-proto') === 'https'), readable: read(() => incoming.readable),
      remoteFamily: read(alive(!address || isIPv4(address) ? 'IPv4' : 'IPv6')), remoteAddress: read(alive(address ?? '127.0.0.1')),
      remotePort: read(alive(remotePort)), localAddress: fixed(headers.get('host') ?? '127.0.0.1'), localPort: fixed(localPort),
      destroy: fixed((error: unknown) => incoming.destroy(error)),
    });
    incoming.#socket = socket;
    incoming.#stream = request.body;
  }

  async #readBody(): Promise<void> {
    if (this.#stream === null || this.#reading) return;
    this.#reading = true;
    try {
      this.#reader ??= this.#stream.getReader();
      while (!this.destroyed) {
        const { done, value } = await this.#reader.read();
        if (this.destroyed) break;
        if (done) {
          this.complete = true;
          this.push(null);
          break;
        }
        this.#timer?.touch();
        if (!this.push(value)) break;
      }
    } catch (error) {
      this.destroy(error);
    } finally {
      this.#reading = false;
    }
  }
  _read(_size: number): void {
    if (!this._consuming) {
      this._readableState.readingMore = false;
      this._consuming = true;
    }
    if (this.#stream === null) {
      this.complete = true;
      this.push(null);
      return;
    }
    void this.#readBody();
  }
  _destroy(error: any, callback: any): void {
    if (!this.readableEnded || !this.complete) {
      this.aborted = true;
      this.emit('aborted');
    }
    if (!this.complete && this.#stream !== null) {
      // Whoever sends the body is told that nobody wants it.
      (this.#reader ?? this.#stream).cancel(error ?? undefined).catch(() => {});
    }
    // Nobody who listens for errors: none is thrown.
    internals.web.queueMicrotask(() => (this.listenerCount('error') === 0 ? callback() : callback(error)));
  }

  _addHeaderLine(field: string, value: string, target: any): void {
    const name = field.toLowerCase();
    const old = Object.hasOwn(target, name) ? target[name] : undefined;
    if (name === 'set-cookie') {
      if (old === undefined) target[name] = [value];
      else old.push(value);
    } else if (old === undefined) target[name] = value;
    else if (name === 'cookie') target[name] = `${old}; ${value}`;
    else if (!SINGLE.has(name) || this.joinDuplicateHeaders) target[name] = `${old}, ${value}`;
  }
  _addHeaderLineDistinct(field: string, value: string, target: any): void {
    (target[field.toLowerCase()] ??= []).push(value);
  }
  _addHeaderLines(headers: any, count: number): void {
    if (!Array.isArray(headers) || this.complete) return;
    this.rawHeaders = headers;
    this[kCount] = count;
    if (this[kHeaders]) for (let i = 0; i < count; i += 2) this._addHeaderLine(headers[i], headers[i + 1], this[kHeaders]);
  }
  get headers(): any {
    if (!this[kHeaders]) {
      this[kHeaders] = {};
      for (let i = 0; i < this[kCount]; i += 2) this._addHeaderLine(this.rawHeaders[i]!, this.rawHeaders[i + 1]!, this[kHeaders]);
    }
    return this[kHeaders];
  }
  set headers(value: any) {
    this[kHeaders] = value;
  }
  get headersDistinct(): any {
    if (!this[kDistinct]) {
      this[kDistinct] = {};
      for (let i = 0; i < this[kCount]; i += 2) this._addHeaderLineDistinct(this.rawHeaders[i]!, this.rawHeaders[i + 1]!, this[kDistinct]);
    }
    return this[kDistinct];
  }
  set headersDistinct(value: any) {
    this[kDistinct] = value;
  }
  // There are no trailers.
  get trailers(): any {
    return {};
  }
  set trailers(_value: any) {}
  get trailersDistinct(): any {
    return {};
  }
  set trailersDistinct(_value: any) {}

  _dump(): void {
    if (this._dumped) return;
    this._dumped = true;
    this.removeAllListeners('data');
    this.resume();
  }
  setTimeout(msecs: number, callback?: any): this {
    msecs = timerDuration(msecs, 'msecs');
    if (callback) this.on('timeout', callback);
    this.#timer?.set(msecs);
    return this;
  }
  get connection(): any {
    return this.#socket;
  }
  set connection(value: any) {
    this.#socket = value;
  }
  get socket(): any {
    return this.#socket;
  }
}
