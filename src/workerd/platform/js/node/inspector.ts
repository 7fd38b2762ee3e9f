// node:inspector and node:inspector/promises. A worker cannot debug itself; sessions work only where the embedder gives a connection
// (enable_nodejs_inspector_local_dev).
import EventEmitter from './events';
import {
  ERR_INSPECTOR_ALREADY_CONNECTED, ERR_INSPECTOR_CLOSED, ERR_INSPECTOR_COMMAND, ERR_INSPECTOR_NOT_CONNECTED, ERR_INSPECTOR_NOT_WORKER,
  ERR_INVALID_ARG_TYPE, ERR_METHOD_NOT_IMPLEMENTED,
} from './internal/errors';
import { allMissing, missingMethods } from './internal/stub';

const none = (): void => {};
const console: any = Object.fromEntries(('debug error info log warn dir dirxml table trace group groupCollapsed groupEnd clear count countReset assert '
  + 'profile profileEnd time timeLog timeStamp').split(' ').map((name) => [name, none]));
const Network = allMissing('requestWillBeSent dataReceived dataSent responseReceived loadingFinished loadingFailed webSocketCreated '
  + 'webSocketHandshakeResponseReceived webSocketClosed', 'Network.');

class NoSession extends (EventEmitter as any) {
  constructor() {
    super();
    throw new ERR_METHOD_NOT_IMPLEMENTED('Session');
  }
}
missingMethods(NoSession, 'connect connectToMainThread disconnect post', 'Session.');

interface Connection { send(message: string): void; close(): void }
/** Opens a connection to this isolate's own debugger: messages come to `receive` as JSON. */
const open_connection = internals.pyOp<(receive: (message: string) => void) => Connection>('inspector.session');

class RealSession extends (EventEmitter as any) {
  #connection: Connection | undefined;
  #next = 1;
  #waiting = new Map<number, (error: unknown, result?: unknown) => void>();

  connect(): void {
    if (this.#connection !== undefined) throw new ERR_INSPECTOR_ALREADY_CONNECTED('The inspector session');
    this.#connection = open_connection((message) => this.#receive(message));
  }
  connectToMainThread(): void {
    throw new ERR_INSPECTOR_NOT_WORKER();
  }
  disconnect(): void {
    if (this.#connection === undefined) return;
    this.#connection.close();
    this.#connection = undefined;
    for (const callback of this.#waiting.values()) internals.web.queueMicrotask(() => callback(new ERR_INSPECTOR_CLOSED()));
    this.#waiting.clear();
    this.#next = 1;
  }
  send(method: unknown, params: unknown, callback: ((error: unknown, result?: unknown) => void) | undefined): void {
    if (typeof method !== 'string') throw new ERR_INVALID_ARG_TYPE('method', 'string', method);
    if (this.#connection === undefined) throw new ERR_INSPECTOR_NOT_CONNECTED();
    const id = this.#next++;
    if (callback !== undefined) this.#waiting.set(id, callback);
    this.#connection.send(JSON.stringify({ id, method, params: typeof params === 'object' && params !== null ? params : undefined }));
  }
  #receive(text: string): void {
    const message = JSON.parse(text);
    try {
      if (typeof message.id !== 'number') {
        this.emit(message.method, message);
        this.emit('inspectorNotification', message);
        return;
      }
      const callback = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.error) callback?.(new ERR_INSPECTOR_COMMAND(message.error.code ?? -1, message.error.message ?? ''));
      else callback?.(null, message.result);
    } catch (error) {
      internals.reportError(error);
    }
  }
}
class CallbackSession extends RealSession {
  post(method: unknown, params?: unknown, callback?: any): void {
    if (!callback && typeof params === 'function') [params, callback] = [undefined, params];
    this.send(method, params, typeof callback === 'function' ? callback : undefined);
  }
}
class PromiseSession extends RealSession {
  post(method: unknown, params?: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.send(method, params, (error, result) => (error ? reject(error) : resolve(result)));
    });
  }
}
Object.defineProperty(NoSession, 'name', { value: 'Session' });
Object.defineProperty(CallbackSession, 'name', { value: 'Session' });
Object.defineProperty(PromiseSession, 'name', { value: 'Session' });

const real = Boolean(internals.flags.enable_nodejs_inspector_local_dev);
export default {
  Session: real ? CallbackSession : NoSession, close: none, console,
  open: () => ({ [Symbol.dispose]: () => Promise.resolve() }), url: none, waitForDebugger: none, Network,
};
export const promises = {
  ...allMissing('close', 'Inspector.'), console, Network, ...allMissing('open', 'Inspector.'), Session: real ? PromiseSession : NoSession,
  ...allMissing('url waitForDebugger', 'Inspector.'),
};
