// cloudflare:sockets: connect(), and the Socket it gives. A connection is an exchange of method CONNECT: its request body goes to the
// peer, its response body comes from there.
import { fetcherTarget, nextFetcher, type Fetcher } from '../fetch/fetcher';
import { errorFromNative } from '../fetch/native-error';
import { badField, defineInterface, illegalInvocation, toDictionary } from '../interface';
import { requireIoContext, type IoContext } from '../io-context';
import type { Exchange, NativeBody, Pipe } from '../native';
import { native } from '../ops';
import { ArrayBufferIsView, PrimordialPromise } from '../primordials';
import { readableFromPipe, writableFromPipe, type ReadableStream, type WritableStream } from '../streams';
import { parseAddress, type Address } from './address';

export interface SocketOptions { secureTransport?: string; allowHalfOpen?: boolean; highWaterMark?: number | bigint }
export interface SocketInfo { remoteAddress: string | undefined; localAddress: string | undefined }
interface Settings { secure: string; allowHalfOpen: boolean; highWaterMark: number | undefined }

const SOCKET_KEY = {};
const DICTIONARY = 'SocketOptions';

function readOptions(options: unknown, badType: () => TypeError): Settings {
  const d = toDictionary<SocketOptions>(options, badType);
  if (d === undefined) return { secure: 'off', allowHalfOpen: false, highWaterMark: undefined };
  const secure = d.secureTransport === undefined ? 'off' : `${d.secureTransport}`;
  if (secure !== 'off' && secure !== 'on' && secure !== 'starttls') {
    throw new TypeError(`Unsupported value in secureTransport socket option: ${secure}`);
  }
  const mark = d.highWaterMark === undefined ? undefined : Number(d.highWaterMark);
  if (mark !== undefined && !(mark >= 0)) throw badField('highWaterMark', DICTIONARY, 'number');
  return { secure, allowHalfOpen: !!d.allowHalfOpen, highWaterMark: mark };
}

interface Settle { promise: Promise<any>; resolve(v: unknown): void; reject(e: unknown): void }

function settle(): Settle {
  let resolve!: (v: unknown) => void;
  let reject!: (e: unknown) => void;
  const promise = new PrimordialPromise<any>((a, b) => {
    resolve = a;
    reject = b;
  });
  native.markPromiseHandled(promise);
  return { promise, resolve, reject };
}

let connectSocket: (fetcher: Fetcher, address: Address, settings: Settings, io: IoContext) => Socket;

export class Socket {
  #readable!: ReadableStream<Uint8Array>;
  #writable!: WritableStream<Uint8Array>;
  #incoming!: Pipe;
  #outgoing!: Pipe;
  #exchange: Exchange | undefined = undefined;
  #opened = settle();
  #closed = settle();
  #upgraded = false;
  #settings!: Settings;
  #closing = false;

  constructor(key: unknown) {
    if (key !== SOCKET_KEY) throw new TypeError('Illegal constructor');
  }

  get readable(): ReadableStream<Uint8Array> { if (!(#closing in this)) throw illegalInvocation(); return this.#readable; }
  get writable(): WritableStream<Uint8Array> { if (!(#closing in this)) throw illegalInvocation(); return this.#writable; }
  get closed(): Promise<void> { if (!(#closing in this)) throw illegalInvocation(); return this.#closed.promise; }
  get opened(): Promise<SocketInfo> { if (!(#closing in this)) throw illegalInvocation(); return this.#opened.promise; }
  get upgraded(): boolean { if (!(#closing in this)) throw illegalInvocation(); return this.#upgraded; }
  get secureTransport(): string { if (!(#closing in this)) throw illegalInvocation(); return this.#settings.secure; }

  async close(): Promise<void> {
    if (!(#closing in this)) throw illegalInvocation();
    if (!this.#closing) {
      this.#closing = true;
      try {
        await this.#opened.promise;
        this.#end(undefined);
      } catch (error) {
        this.#closed.reject(error);
      }
    }
    return this.#closed.promise;
  }

  startTls(_options?: { expectedServerHostname?: string }): Socket {
    if (!(#closing in this)) throw illegalInvocation();
    if (this.#settings.secure === 'on') throw new TypeError('Cannot startTls on a TLS socket.');
    if (this.#settings.secure !== 'starttls') {
      throw new TypeError("The `secureTransport` socket option must be set to 'starttls' for startTls to be used.");
    }
    throw new Error('Socket.startTls() is not implemented yet.');
  }

  /** Closes both ways and settles `closed`. */
  #end(error: unknown): void {
    native.pipeClose(this.#outgoing);
    native.pipeCancel(this.#incoming, 'The socket was closed.');
    if (error === undefined) this.#closed.resolve(undefined);
    else this.#closed.reject(error);
  }

  #fail(error: unknown): void {
    this.#opened.reject(error);
    this.#closed.reject(error);
    const message = error instanceof Error ? error.message : `${error as any}`;
    native.pipeAbort(this.#incoming, message);
    native.pipeCancel(this.#outgoing, message);
  }

  static {
    connectSocket = (fetcher, address, settings, io) => {
      const s = new Socket(SOCKET_KEY);
      s.#settings = settings;
      s.#outgoing = native.pipeNew(settings.highWaterMark);
      s.#incoming = native.pipeNew();
      s.#readable = readableFromPipe(s.#incoming);
      s.#writable = writableFromPipe(s.#outgoing, settings.highWaterMark);
      io.retain();
      let held = true;
      const release = (): void => {
        if (held) io.release();
        held = false;
      };
      const headers = settings.secure === 'off' ? '' : `Secure-Transport: ${settings.secure}\r\n`;
      s.#exchange = native.subrequest(fetcherTarget(fetcher), 'CONNECT', address.text, headers, s.#outgoing, undefined, 0,
        (error, status, _statusText, _headers, body) => {
          if (error !== undefined || status < 200 || status >= 300) {
            discard(body);
            s.#fail(error !== undefined && error.remote ? errorFromNative(error) : new Error(
              'proxy request failed, cannot connect to the specified address' +
              (address.isHttpPort ? '. It looks like you might be trying to connect to a HTTP-based service — consider using fetch instead' : '')));
            release();
            return;
          }
          s.#opened.resolve({ remoteAddress: address.text, localAddress: undefined });
          if (body === null || typeof body === 'string' || ArrayBufferIsView(body)) {
            if (body !== null) native.pipeWrite(s.#incoming, body);
            native.pipeClose(s.#incoming);
            release();
            return;
          }
          native.pipeLink(body, s.#incoming, true, (what) => {
            // The peer has said all it had to say, or is gone, or nobody here listens any more.
            if (what === 0 && !settings.allowHalfOpen) native.pipeClose(s.#outgoing);
            if (what !== 0 || !settings.allowHalfOpen) s.#closed.resolve(undefined);
            release();
          });
        });
      return s;
    };
    defineInterface(Socket, 'Socket', { brand: (o) => #closing in o });
  }
}

function discard(body: NativeBody | undefined): void {
  if (body !== null && body !== undefined && typeof body !== 'string' && !ArrayBufferIsView(body)) native.pipeCancel(body, 'not needed');
}

export function connectWith(fetcher: Fetcher, address: unknown, options: unknown): Socket {
  const badAddress = (): TypeError => new TypeError("Failed to execute 'connect': parameter 1 is not of type 'SocketAddress or string'.");
  const io = requireIoContext();
  const parsed = parseAddress(address, badAddress);
  const settings = readOptions(options, () => new TypeError(`Failed to execute 'connect': parameter 2 is not of type '${DICTIONARY}'.`));
  return connectSocket(fetcher, parsed, settings, io);
}

/** `connect` of the module cloudflare:sockets. */
export function connect(address: unknown, options?: SocketOptions): Socket {
  return connectWith(nextFetcher(), address, options);
}
