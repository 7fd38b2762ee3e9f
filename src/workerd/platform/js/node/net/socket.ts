// net.Socket over the worker's TCP sockets (cloudflare:sockets). https://nodejs.org/api/net.html#class-netsocket
import { Buffer } from '../buffer';
import {
  AbortError, EPIPE, ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_INVALID_IP_ADDRESS, ERR_MISSING_ARGS, ERR_OPTION_NOT_IMPLEMENTED,
  ERR_OUT_OF_RANGE, ERR_SOCKET_CLOSED, ERR_SOCKET_CLOSED_BEFORE_CONNECTION, ERR_SOCKET_CONNECTING,
} from '../internal/errors';
import { isUint8Array } from '../internal/types';
import {
  validateAbortSignal, validateBoolean, validateFunction, validateInt32, validateNumber, validateObject, validatePort,
} from '../internal/validators';
import { Duplex } from '../stream';
import { isIP } from './address';

export interface Handle {
  /** The worker's socket. */
  socket: any;
  reader: any;
  writer: any;
  reading: boolean;
  bytesRead: number;
  bytesWritten: number;
  options: { host: string; port: number; addressType: number };
}
const kTimeout = Symbol('kTimeout');
const kQueued = Symbol('kLastWriteQueueSize');
const kBuffer = Symbol('kBuffer');
const kOnRead = Symbol('kBufferCb');
const kInfo = Symbol('kSocketInfo');
const kBytesRead = Symbol('kBytesRead');
const kBytesWritten = Symbol('kBytesWritten');
const kNormalized = Symbol('normalizedArgs');
const READ_SIZE = 4096;
const MAX_TIMEOUT = 2 ** 31 - 1;
const { web } = internals;

/** ([options | port, host? | path], callback?) as [options, callback]. */
export function _normalizeArgs(args: any[]): any {
  if ((args[0] as any)?.[kNormalized]) return args[0];
  const first = args[0];
  let options: any = {};
  if (args.length > 0) {
    if (typeof first === 'object' && first !== null) options = first;
    else if (typeof first === 'string' && !(Number(first) >= 0)) options.path = first;
    else {
      options.port = first;
      if (args.length > 1 && typeof args[1] === 'string') options.host = args[1];
    }
  }
  const last = args[args.length - 1];
  const out: any = [options, typeof last === 'function' ? last : null];
  out[kNormalized] = true;
  return out;
}

export function timerDuration(msecs: any, name: string): number {
  validateNumber(msecs, name);
  if (msecs < 0 || !Number.isFinite(msecs)) throw new ERR_OUT_OF_RANGE(name, 'a non-negative finite number', msecs);
  return Math.min(msecs, MAX_TIMEOUT);
}

function checkOptions(options: any): any {
  for (const name of ['objectMode', 'readableObjectMode', 'writableObjectMode']) {
    if (options?.[name]) throw new ERR_INVALID_ARG_VALUE(`options.${name}`, options[name], 'is not supported');
  }
  options = typeof options === 'number' ? { fd: options } : { ...options };
  if (options.keepAliveInitialDelay !== undefined) validateNumber(options.keepAliveInitialDelay, 'options.keepAliveInitialDelay');
  if (options.fd !== undefined) throw new ERR_OPTION_NOT_IMPLEMENTED('options.fd');
  return { ...options, allowHalfOpen: Boolean(options.allowHalfOpen), emitClose: false, autoDestroy: true, decodeStrings: false, readable: true, writable: true };
}

export const Socket: any = function (this: any, given?: any): any {
  if (!(this instanceof Socket)) return new Socket(given);
  const options = checkOptions(given);
  this._handle = null;
  this.connecting = false;
  this._hadError = false;
  this._parent = null;
  this._parentWrap = null;
  this._host = null;
  this[kQueued] = 0;
  this[kTimeout] = null;
  this[kInfo] = null;
  this[kBytesRead] = 0;
  this[kBytesWritten] = 0;
  this._closeAfterHandlingError = false;
  this.autoSelectFamilyAttemptedAddresses = [];
  this._sockname = null;
  this._pendingData = null;
  this._pendingEncoding = '';
  Reflect.apply(Duplex as any, this, [options]);
  if (options.handle) {
    validateObject(options.handle, 'options.handle');
    this._handle = options.handle;
  }
  this.on('end', onEnd);
  const { onread } = options;
  const custom = onread != null && typeof onread === 'object' && (isUint8Array(onread.buffer) || typeof onread.buffer === 'function')
    && typeof onread.callback === 'function';
  this[kBuffer] = !custom ? () => new Uint8Array(READ_SIZE) : typeof onread.buffer === 'function' ? onread.buffer : () => onread.buffer;
  this[kOnRead] = custom ? onread.callback : undefined;
  if (options.signal) watch(this, options.signal);
  return this;
};
Object.defineProperty(Socket, 'name', { value: 'Socket', configurable: true });
Object.setPrototypeOf(Socket.prototype, (Duplex as any).prototype);
Object.setPrototypeOf(Socket, Duplex);

function watch(socket: any, signal: any): void {
  validateAbortSignal(signal, 'options.signal');
  const abort = (): void => { socket._aborted = true; };
  web.queueMicrotask(() => {
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

/** What is written after the other side ended is lost: an error, unless half-open sockets are allowed. */
function onEnd(this: any): void {
  if (!this.allowHalfOpen) this.write = writeAfterEnd;
}
function writeAfterEnd(this: any, chunk: any, encoding: any, callback: any): boolean {
  if (!this.writableEnded) return (Duplex as any).prototype.write.call(this, chunk, encoding, callback);
  if (typeof encoding === 'function') callback = encoding;
  const error = new EPIPE();
  if (typeof callback === 'function') web.queueMicrotask(() => callback(error));
  this.destroy(error);
  return false;
}

const proto: any = Socket.prototype;

// ---- timeouts
function stopTimers(socket: any): void {
  for (let s = socket; s !== null && s !== undefined; s = s._parentWrap) web.clearTimeout(s[kTimeout]);
}
proto._unrefTimer = function _unrefTimer(this: any): void {
  for (let s = this; s != null; s = s._parentWrap) {
    if (s[kTimeout] != null) {
      web.clearTimeout(s[kTimeout]);
      s[kTimeout] = web.setTimeout(() => s._onTimeout(), timerDuration(s.timeout, 'msecs'));
    }
  }
};
proto.setTimeout = function setTimeout(this: any, msecs: any, callback?: any): any {
  if (this.destroyed) return this;
  this.timeout = msecs;
  msecs = timerDuration(msecs, 'msecs');
  web.clearTimeout(this[kTimeout]);
  this[kTimeout] = null;
  if (callback !== undefined) validateFunction(callback, 'callback');
  if (msecs === 0) {
    if (callback !== undefined) this.removeListener('timeout', callback);
  } else {
    this[kTimeout] = web.setTimeout(() => this._onTimeout(), msecs);
    if (callback !== undefined) this.once('timeout', callback);
  }
  return this;
};
proto._onTimeout = function _onTimeout(this: any): void {
  this.emit('timeout');
};

// ---- writing
function bytesOf(chunk: any, encoding: any): Uint8Array {
  if (typeof chunk === 'string') return Buffer.from(chunk, encoding);
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  throw new ERR_INVALID_ARG_TYPE('chunk', ['string', 'ArrayBufferView'], chunk);
}
proto._writeGeneric = function _writeGeneric(this: any, writev: boolean, data: any, encoding: any, callback: any): void {
  if (this.connecting) {
    this._pendingData = data;
    this._pendingEncoding = encoding;
    const closed = (): void => callback(new ERR_SOCKET_CLOSED_BEFORE_CONNECTION());
    this.once('connect', () => {
      this.off('close', closed);
      this._writeGeneric(writev, data, encoding, callback);
    });
    this.once('close', closed);
    return;
  }
  this._pendingData = null;
  this._pendingEncoding = '';
  const handle: Handle | null = this._handle;
  if (handle?.writer === undefined) {
    callback(new ERR_SOCKET_CLOSED());
    return;
  }
  try {
    const bytes = writev ? Buffer.concat(data.map((d: any) => bytesOf(d.chunk, d.encoding))) : bytesOf(data, encoding);
    this._unrefTimer();
    this[kQueued] = bytes.byteLength;
    const settled = (): void => {
      this[kQueued] = 0;
      this._unrefTimer();
    };
    handle.writer.write(bytes).then(
      () => {
        if (this._handle !== null) this._handle.bytesWritten += bytes.byteLength;
        else this[kBytesWritten] += bytes.byteLength;
        settled();
        callback();
      },
      (error: any) => {
        settled();
        if (error?.message === 'This WritableStream has been closed.') callback();
        else callback(error);
      },
    );
  } catch (error) {
    this.destroy(error);
  }
};
proto._writev = function _writev(this: any, chunks: any, callback: any): void {
  this._writeGeneric(true, chunks, '', callback);
};
proto._write = function _write(this: any, data: any, encoding: any, callback: any): void {
  this._writeGeneric(false, data, encoding, callback);
};
proto._final = function _final(this: any, callback: any): void {
  if (this.connecting) {
    this.once('connect', () => this._final(callback));
    return;
  }
  if (this._handle === null) callback();
  else this._handle.writer.close().then(() => callback(), callback);
};
proto.end = function end(this: any, data: any, encoding: any, callback: any): any {
  (Duplex as any).prototype.end.call(this, data, encoding, callback);
  return this;
};

// ---- reading
async function readLoop(socket: any): Promise<void> {
  const handle: Handle | null = socket._handle;
  if (handle === null) return;
  try {
    while (handle.reading) {
      const room = socket[kBuffer]();
      if (room == null || room.length === 0) break;
      const { value, done } = await handle.reader.read(room);
      if (socket.destroyed) break;
      socket._unrefTimer();
      if (done) {
        socket.push(null);
        break;
      }
      if (value.byteLength === 0) continue;
      handle.bytesRead += value.byteLength;
      const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      if (socket[kOnRead] !== undefined) {
        if (socket[kOnRead](bytes.byteLength, bytes) === false) break;
      } else if (!socket.push(bytes)) break;
    }
  } catch {
    // The promise of `closed` says what went wrong.
  } finally {
    handle.reading = false;
  }
}
export function startReading(socket: any): void {
  if (socket._handle !== null) socket._handle.reading = true;
  readLoop(socket).catch((error) => socket.destroy(error));
}
const canStart = (socket: any): boolean => !socket.connecting && Boolean(socket._handle) && !socket._handle.reading;
proto.pause = function pause(this: any): any {
  if (!this.connecting && this._handle?.reading && !this.destroyed) this._handle.reading = false;
  return (Duplex as any).prototype.pause.call(this);
};
proto.resume = function resume(this: any): any {
  if (canStart(this)) startReading(this);
  return (Duplex as any).prototype.resume.call(this);
};
proto.read = function read(this: any, size: any): any {
  if (canStart(this)) startReading(this);
  return (Duplex as any).prototype.read.call(this, size);
};
proto._read = function _read(this: any, size: any): void {
  if (this.connecting || !this._handle) this.once('connect', () => this._read(size));
  else if (!this._handle.reading) startReading(this);
};

// ---- the end
proto._reset = function _reset(this: any): any {
  this.resetAndClosing = true;
  return this.destroy();
};
proto.resetAndDestroy = function resetAndDestroy(this: any): any {
  if (!this._handle) this.destroy(new ERR_SOCKET_CLOSED());
  else if (this.connecting) this.once('connect', () => this._reset());
  else this._reset();
  return this;
};
proto.destroySoon = function destroySoon(this: any): void {
  if (this.writable) this.end();
  if (this.writableFinished) this.destroy();
  else this.once('finish', () => this.destroy());
};
function afterClose(socket: any, error: unknown, callback?: any): void {
  if (socket._handle != null) {
    socket[kBytesRead] = socket._handle.bytesRead;
    socket[kBytesWritten] = socket._handle.bytesWritten;
    socket.resetAndClosing = false;
  }
  socket[kQueued] = 0;
  socket[kInfo] = null;
  if (error != null) socket.emit('error', error);
  callback?.(error);
  socket.emit('close', error != null);
}
proto._destroy = function _destroy(this: any, exception: any, callback: any): void {
  this.connecting = false;
  stopTimers(this);
  if (this._handle == null) afterClose(this, exception, callback);
  else this._handle.socket.close().then(() => afterClose(this, exception, callback), (error: unknown) => afterClose(this, error || exception, callback));
};

// ---- connecting
proto.connect = function connect(this: any, ...args: any[]): any {
  const [options, callback] = _normalizeArgs(args);
  if (this.connecting) throw new ERR_SOCKET_CONNECTING();
  if (this._aborted) {
    if (callback === null) throw new AbortError();
    callback(new AbortError());
    return undefined;
  }
  if (callback !== null) this.once('connect', callback);
  if (this._parentWrap?.connecting) return this;
  if (options.port === undefined && options.path == null) throw new ERR_MISSING_ARGS(['options', 'port', 'path']);
  if (this.write !== proto.write) this.write = proto.write;
  if (options.path != null) throw new ERR_INVALID_ARG_VALUE('path', options.path, 'is not supported');
  this[kBytesRead] = this[kBytesWritten] = 0;
  const start = (): void => begin(this, options);
  if (this._handle) this._handle.socket.close().then(start, start);
  else start();
  return this;
};

function begin(socket: any, options: any): void {
  const { host = 'localhost', port, family, hints, autoSelectFamily, autoSelectFamilyAttemptTimeout, lookup, localAddress, localPort } = options;
  if (localAddress && !isIP(localAddress)) throw new ERR_INVALID_IP_ADDRESS(localAddress);
  if (localPort) validateNumber(localPort, 'options.localPort');
  if (typeof port !== 'number' && typeof port !== 'string') throw new ERR_INVALID_ARG_TYPE('options.port', ['number', 'string'], port);
  validatePort(port);
  if (autoSelectFamily != null) validateBoolean(autoSelectFamily, 'options.autoSelectFamily');
  if (autoSelectFamilyAttemptTimeout != null) validateInt32(autoSelectFamilyAttemptTimeout, 'options.autoSelectFamilyAttemptTimeout', 1);
  socket._unrefTimer();
  socket.connecting = true;
  if (lookup != null) validateFunction(lookup, 'options.lookup');
  const addressType = isIP(host);
  const target = { port: Number(port) | 0, addressType };
  if (addressType !== 0 || lookup == null) {
    open(socket, host, addressType, target);
    return;
  }
  lookup(host, { family: family || addressType, hints }, (error: any, address: any, kind: any) => {
    socket.emit('lookup', error, address, kind, host);
    if (error) {
      socket.destroy(error);
      return;
    }
    if (isIP(address) === 0) throw new ERR_INVALID_IP_ADDRESS(address);
    if (![4, 6, 'IPv4', 'IPv6'].includes(kind)) throw new ERR_INVALID_ARG_VALUE('family', kind, 'must be 4 or 6');
    open(socket, address, kind, target);
  });
}

function open(socket: any, address: any, family: any, { port, addressType }: { port: number; addressType: number }): void {
  socket[kInfo] = { address, port, family: family === 4 ? 'IPv4' : family === 6 ? 'IPv6' : undefined };
  const host = family === 6 ? `[${address}]` : `${address}`;
  socket.autoSelectFamilyAttemptedAddresses = [`${host}:${port}`];
  socket.emit('connectionAttempt', host, port, addressType);
  socket._host = host;
  try {
    const connection = internals.connect(`${host}:${port}` as any, {
      allowHalfOpen: socket.allowHalfOpen, secureTransport: socket.encrypted ? 'on' : 'starttls',
    });
    adopt(socket, connection, { host, port, addressType });
  } catch (error) {
    socket.destroy(error);
  }
}

/** Makes `connection`, one of the worker's sockets, what `socket` reads and writes. */
export function adopt(socket: any, connection: any, options: Handle['options']): void {
  const { host, port, addressType } = options;
  socket._handle = {
    socket: connection, writer: connection.writable.getWriter(), reader: connection.readable.getReader({ mode: 'byob' }),
    bytesRead: 0, bytesWritten: 0, reading: false, options,
  };
  socket._undestroy();
  socket._sockname = null;
  connection.opened.then(() => opened(socket), (error: unknown) => {
    socket.emit('connectionAttemptFailed', host, port, addressType, error);
    socket.destroy(error);
  });
  connection.closed.then(() => closed(socket, connection), (error: unknown) => socket.destroy(error));
}
function opened(socket: any): void {
  if (socket.destroyed) return;
  socket.connecting = false;
  socket._sockname = null;
  socket._unrefTimer();
  socket.emit('connect');
  socket.emit('ready');
  if (!socket.isPaused()) startReading(socket);
}
function closed(socket: any, connection: any): void {
  // After startTls() another connection is in its place.
  if (connection.upgraded) return;
  if (!socket.destroyed) socket.emit('end');
}

// ---- what sockets have and this one does not do, and properties
for (const name of ['setNoDelay', 'setKeepAlive', 'ref', 'unref']) {
  proto[name] = { [name](this: any): any { return this; } }[name];
}
proto._getpeername = function _getpeername(this: any): any {
  return this._handle == null || this[kInfo] === null ? {} : { ...this[kInfo] };
};
proto._getsockname = function _getsockname(this: any): any {
  if (this._handle == null) return {};
  this._sockname ??= { address: '0.0.0.0', port: 0, family: 'IPv4' };
  return this._sockname;
};
proto.address = function address(this: any): any {
  return this._getsockname();
};

function getter(name: string, get: (socket: any) => unknown, flags: object = { enumerable: true, configurable: false }): void {
  Object.defineProperty(proto, name, { get(this: any): unknown { return get(this); }, ...flags });
}
getter('_connecting', (s) => s.connecting, {});
getter('pending', (s) => !s._handle || s.connecting, { configurable: true });
getter('readyState', (s) => {
  if (s.connecting) return 'opening';
  if (s.readable) return s.writable ? 'open' : 'readOnly';
  return s.writable ? 'writeOnly' : 'closed';
}, {});
getter('bufferSize', (s) => (s._handle ? s.writableLength : undefined), {});
getter('bytesRead', (s) => (s._handle ? s._handle.bytesRead : s[kBytesRead]));
getter('_bytesDispatched', (s) => (s._handle ? s._handle.bytesWritten : s[kBytesWritten]));
getter('bytesWritten', (s) => {
  if (!s.writableBuffer) return undefined;
  const data = s._pendingData;
  if (!data) return s.writableLength + s._bytesDispatched;
  const size = (chunk: any, encoding: any): number => (typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding) : chunk.length);
  if (!Array.isArray(data)) return s._bytesDispatched + size(data, s._pendingEncoding);
  return data.reduce((sum: number, d: any) => sum + (d === null ? 0 : size(d.chunk ?? d, d.encoding)), s._bytesDispatched);
});
getter('remoteAddress', (s) => s._getpeername().address);
getter('remoteFamily', (s) => s._getpeername().family);
getter('remotePort', (s) => s._getpeername().port);
getter('localAddress', (s) => s._getsockname().address);
getter('localPort', (s) => s._getsockname().port);
getter('localFamily', (s) => s._getsockname().family);
