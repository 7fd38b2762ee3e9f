// Socket (https://developers.cloudflare.com/workers/runtime-apis/tcp-sockets/): a connection as two streams.
import { defineInterface, badField, illegalInvocation, toDictionary } from '../interface';
import type { ChannelEnd, Pipe } from '../native';
import { native } from '../ops';
import { PrimordialPromise, PromisePrototypeThen } from '../primordials';
import { readableFromPipe, takeReadable, writableFromSink, type ReadableStream, type WritableStream } from '../streams';
import { beginClosing, closeWriting, endStreams } from './closing';
import { SocketSink } from './wire';

export interface SocketOptions { secureTransport?: string; allowHalfOpen?: boolean; highWaterMark?: number | bigint }
export interface SocketInfo { remoteAddress: string | undefined; localAddress: string | undefined }
export interface Settings { secure: string; allowHalfOpen: boolean; highWaterMark: number | undefined }

const SOCKET_KEY = {};

export function readOptions(options: unknown, badType: () => TypeError): Settings {
  const d = toDictionary<SocketOptions>(options, badType);
  if (d === undefined) return { secure: 'off', allowHalfOpen: false, highWaterMark: undefined };
  const secure = d.secureTransport === undefined ? 'off' : `${d.secureTransport}`;
  if (secure !== 'off' && secure !== 'on' && secure !== 'starttls') {
    throw new TypeError(`Unsupported value in secureTransport socket option: ${secure}`);
  }
  const mark = d.highWaterMark === undefined ? undefined : Number(d.highWaterMark);
  if (mark !== undefined && !(mark >= 0)) throw badField('highWaterMark', 'SocketOptions', 'number');
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

/** `domain`: the name a certificate must be for. */
export let makeSocket: (incoming: Pipe, outgoing: Pipe, settings: Settings, domain: string | undefined) => Socket;
/** The connection is there. `control`: what startTls() talks to. */
export let socketOpened: (s: Socket, info: SocketInfo, control: ChannelEnd | undefined) => void;
/** There is no connection, or none any more. */
export let socketFailed: (s: Socket, error: Error) => void;
/** The peer has said all it had to say, or (`gone`) does not listen any more. */
export let socketEnded: (s: Socket, gone: boolean) => void;
/** The connection is taken away from its user: further writes fail with `reason`. */
export let socketShut: (s: Socket, reason: unknown) => void;

/** What another worker makes the same connection of; `state` as native.promiseDetails() has it. */
export let socketParts: (s: Socket) => { state: number; info: SocketInfo; settings: Settings };

export class Socket {
  #readable: ReadableStream<Uint8Array>;
  #writable: WritableStream<Uint8Array>;
  #incoming: Pipe;
  #sink: SocketSink;
  #settings: Settings;
  #domain: string | undefined;
  #control: ChannelEnd | undefined = undefined;
  #info: SocketInfo = { remoteAddress: undefined, localAddress: undefined };
  #opened = settle();
  #closed = settle();
  #upgraded = false;
  #closing = false;
  /** startTls() gave the connection to another Socket. */
  #successor: Socket | undefined = undefined;

  constructor(key: unknown, incoming: Pipe, outgoing: Pipe, settings: Settings, domain: string | undefined, readable?: ReadableStream<Uint8Array>) {
    if (key !== SOCKET_KEY) throw new TypeError('Illegal constructor');
    this.#incoming = incoming;
    this.#sink = new SocketSink(outgoing);
    this.#settings = settings;
    this.#domain = domain;
    this.#readable = readable ?? readableFromPipe(incoming);
    this.#writable = writableFromSink(this.#sink, settings.highWaterMark);
  }

  get readable(): ReadableStream<Uint8Array> { if (!(#closing in this)) throw illegalInvocation(); return this.#readable; }
  get writable(): WritableStream<Uint8Array> { if (!(#closing in this)) throw illegalInvocation(); return this.#writable; }
  get closed(): Promise<void> { if (!(#closing in this)) throw illegalInvocation(); return this.#closed.promise; }
  get opened(): Promise<SocketInfo> { if (!(#closing in this)) throw illegalInvocation(); return this.#opened.promise; }
  get upgraded(): boolean { if (!(#closing in this)) throw illegalInvocation(); return this.#upgraded; }
  get secureTransport(): string { if (!(#closing in this)) throw illegalInvocation(); return this.#settings.secure; }

  close(): Promise<void> {
    if (!(#closing in this)) throw illegalInvocation();
    if (!this.#closing) {
      this.#closing = true;
      beginClosing(this.#readable, this.#writable);
      void this.#close();
    }
    return this.#closed.promise;
  }

  async #close(): Promise<void> {
    try {
      await this.#opened.promise;
      await this.#sink.flushed();
      this.#sink.shut(new TypeError('This WritableStream has been closed.'));
      native.pipeClose(this.#sink.pipe);
      endStreams(this.#readable, this.#writable);
      native.pipeCancel(this.#incoming, 'The socket was closed.');
      this.#closed.resolve(undefined);
    } catch (error) {
      this.#closed.reject(error);
    }
  }

  startTls(options?: { expectedServerHostname?: string }): Socket {
    if (!(#closing in this)) throw illegalInvocation();
    const d = toDictionary<{ expectedServerHostname?: string }>(
      options, () => new TypeError("Failed to execute 'startTls' on 'Socket': parameter 1 is not of type 'TlsOptions'."));
    const expected = d?.expectedServerHostname === undefined ? undefined : `${d.expectedServerHostname}`;
    if (this.#settings.secure === 'on') throw new TypeError('Cannot startTls on a TLS socket.');
    if (this.#closing) throw new TypeError('The connection was closed before startTls could be started.');
    if (this.#settings.secure !== 'starttls') {
      throw new TypeError("The `secureTransport` socket option must be set to 'starttls' for startTls to be used.");
    }
    if (this.#domain === undefined || this.#successor !== undefined) {
      throw new TypeError('startTls has already been called on this socket, or the socket was transferred over RPC.');
    }
    const secure = new Socket(
      SOCKET_KEY, this.#incoming, this.#sink.pipe, { ...this.#settings, secure: 'on' }, undefined, takeReadable(this.#readable));
    this.#successor = secure;
    void this.#upgrade(secure, expected ?? this.#domain);
    return secure;
  }

  async #upgrade(secure: Socket, host: string): Promise<void> {
    try {
      await this.#opened.promise;
      await this.#sink.flushed();
      this.#sink.shut(new TypeError('This WritableStream has been closed.'));
      this.#upgraded = true;
      this.#closed.resolve(undefined);
      const control = this.#control;
      if (control === undefined) throw new Error('startTls() is not supported on this connection.');
      native.channelListen(control, (kind, data) => {
        if (kind === 'text') secure.#opened.resolve(secure.#info = this.#info);
        else socketFailed(secure, new Error(kind === 'error' && data ? data : 'TLS Handshake Failed.'));
      });
      native.channelSend(control, host);
    } catch (error) {
      socketFailed(secure, error as Error);
    }
  }

  static {
    makeSocket = (incoming, outgoing, settings, domain) => new Socket(SOCKET_KEY, incoming, outgoing, settings, domain);
    socketOpened = (s, info, control) => {
      s.#info = info;
      s.#control = control;
      s.#opened.resolve(info);
    };
    socketParts = (s) => ({ state: native.promiseDetails(s.#opened.promise)[0], info: s.#info, settings: s.#settings });
    const current = (s: Socket): Socket => s.#successor ?? s;
    socketFailed = (s, error) => {
      s = current(s);
      s.#opened.reject(error);
      s.#closed.reject(error);
      s.#sink.shut(error);
      native.pipeAbort(s.#sink.pipe, error.message);
      // Not cancelled: somebody may be waiting for data, and must hear of it.
      native.pipeAbort(s.#incoming, error.message);
    };
    socketEnded = (s, gone) => {
      s = current(s);
      if (gone) {
        void (async () => {
          await s.#sink.flushed();
          s.#sink.shut(new TypeError('This WritableStream has been closed.'));
          native.pipeClose(s.#sink.pipe);
          s.#closed.resolve(undefined);
        })();
      } else if (!s.#settings.allowHalfOpen) {
        // What was written before still goes out.
        const settled = (): void => s.#closed.resolve(undefined);
        PromisePrototypeThen(closeWriting(s.#writable), settled, settled);
      }
    };
    socketShut = (s, reason) => {
      s.#sink.shut(reason);
      native.pipeClose(s.#sink.pipe);
      native.pipeCancel(s.#incoming, reason instanceof Error ? reason.message : `${reason as any}`);
      s.#closed.resolve(undefined);
    };
    defineInterface(Socket, 'Socket', { brand: (o) => #closing in o });
  }
}
