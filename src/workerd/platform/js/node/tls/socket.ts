// tls.TLSSocket: a net.Socket whose connection is secured by the worker's runtime. https://nodejs.org/api/tls.html#class-tlstlssocket
import { ConnResetException, ERR_OPTION_NOT_IMPLEMENTED, ERR_TLS_HANDSHAKE_TIMEOUT, ERR_TLS_INVALID_CONTEXT } from '../internal/errors';
import { validateBuffer, validateFunction, validateInt32, validateNumber, validateObject, validateString, validateUint32 } from '../internal/validators';
import { _normalizeArgs, adopt, Socket, startReading } from '../net/socket';
import { SecureContext } from './context';
import { JSStreamSocket } from './js-stream';

const kResource = Symbol('res');
const kVerified = Symbol('verified');
const kSession = Symbol('pendingSession');
const kConnectOptions = Symbol('connect-options');
const { flags, web } = internals;

function refuse(options: any, names: string[]): void {
  for (const name of names) {
    const value = options[name];
    const given = name === 'rejectUnauthorized' ? value === false : ['enableTrace', 'isServer', 'server', 'requestCert', 'requestOCSP'].includes(name) ? value : value !== undefined;
    if (given) throw new ERR_OPTION_NOT_IMPLEMENTED(`options.${name}`);
  }
}
function checkIdentityOption(options: any): void {
  if (options.checkServerIdentity === undefined) return;
  validateFunction(options.checkServerIdentity, 'options.checkServerIdentity');
  if (flags.throw_on_not_implemented_tls_options) throw new ERR_OPTION_NOT_IMPLEMENTED('options.checkServerIdentity');
}

export const TLSSocket: any = function (this: any, socket: any, opts: any): any {
  if (!(this instanceof TLSSocket)) return new TLSSocket(socket, opts);
  const options = { ...opts };
  refuse(options, ['enableTrace', 'isServer', 'server', 'requestCert', 'rejectUnauthorized', 'ALPNProtocols', 'SNICallback', 'requestOCSP']);
  if (options.secureContext !== undefined && !(options.secureContext instanceof (SecureContext as any))) throw new ERR_TLS_INVALID_CONTEXT('context');
  refuse(options, ['pskCallback']);
  checkIdentityOption(options);
  this._tlsOptions = options;
  this._secureEstablished = false;
  this._securePending = false;
  this._newSessionPending = false;
  this._controlReleased = false;
  this.secureConnecting = true;
  this.servername = options.servername ?? null;
  this.authorized = false;
  this[kResource] = null;
  this[kVerified] = false;
  this[kSession] = null;
  const wrap: any = socket ? (socket instanceof Socket ? socket : new JSStreamSocket(socket)) : null;
  const handle = wrap?._handle ?? null;
  this.encrypted = true;
  Reflect.apply(Socket, this, [{
    handle: this._wrapHandle(wrap, handle, false), allowHalfOpen: socket ? socket.allowHalfOpen : options.allowHalfOpen,
    pauseOnCreate: options.pauseOnConnect, manualStart: true, highWaterMark: options.highWaterMark, onread: socket ? null : options.onread,
    signal: options.signal, lookup: options.lookup,
  }]);
  this._parent = handle;
  this._parentWrap = wrap;
  this.ssl = this._handle;
  this.on('error', this._tlsError.bind(this));
  this._init();
  return this;
};
Object.defineProperty(TLSSocket, 'name', { value: 'TLSSocket', configurable: true });
Object.setPrototypeOf(TLSSocket.prototype, Socket.prototype);
Object.setPrototypeOf(TLSSocket, Socket);
const proto: any = TLSSocket.prototype;

proto._wrapHandle = function _wrapHandle(this: any, wrap: any, handle: any): any {
  if (!handle) return null;
  this[kResource] = handle;
  wrap?.once('close', () => this.destroy());
  return handle;
};
proto._destroySSL = function _destroySSL(this: any): void {
  this._handle?.socket.close().then(() => {
    this[kSession] = null;
    this[kVerified] = false;
  });
};

function onError(this: any, error: any): void {
  if (this._hadError) return;
  this._hadError = true;
  if (this._secureEstablished) this._emitTLSError(error);
  else this.destroy(error);
}
function onSession(this: any, _id: unknown, session: any): void {
  if (this[kVerified]) this.emit('session', session);
  else this[kSession] = session;
}
proto._init = function _init(this: any): void {
  const { handshakeTimeout } = this._tlsOptions;
  if (this[kResource] !== null) {
    this.once('close', () => {
      this._destroySSL();
      this[kResource] = null;
    });
  }
  this.on('error', onError.bind(this));
  this.on('connectionAttempt', onSession.bind(this));
  if (handshakeTimeout > 0) this.setTimeout(handshakeTimeout, this._handleTimeout.bind(this));
  if (!(this._parentWrap instanceof JSStreamSocket)) {
    this.on('connect', () => this._finishInit());
    return;
  }
  web.queueMicrotask(() => {
    this._finishInit();
    this._parentWrap.readStart();
    startReading(this);
  });
};
proto._finishInit = function _finishInit(this: any): void {
  if (!this._handle) return;
  this._secureEstablished = true;
  if (this._tlsOptions.handshakeTimeout > 0) this.setTimeout(0, this._handleTimeout.bind(this));
  this.emit('secure');
};

/** Secures the connection once there is one. */
proto._start = function _start(this: any): void {
  if (this.connecting) {
    this.once('connect', this._start.bind(this));
    return;
  }
  const parent = this._parentWrap;
  if (parent != null && parent._handle == null) {
    parent.once('connect', () => {
      if (parent._handle != null) this._handle = parent._handle;
      this._start();
    });
    return;
  }
  const handle = this._handle;
  if (handle?.socket.secureTransport !== 'starttls') return;
  // The parent may be reading already; what it waits for is for the secured connection.
  handle.writer.releaseLock();
  handle.reader.releaseLock();
  try {
    const secured = handle.socket.startTls(this.servername != null ? { expectedServerHostname: this.servername } : undefined);
    this.encrypted = true;
    adopt(this, secured, handle.options);
  } catch (error) {
    this.destroy(error);
  }
};

proto._handleTimeout = function _handleTimeout(this: any): void {
  this._emitTLSError(new ERR_TLS_HANDSHAKE_TIMEOUT());
};
proto._emitTLSError = function _emitTLSError(this: any, error: unknown): void {
  const shown = this._tlsError(error);
  if (shown) this.emit('error', shown);
};
proto._tlsError = function _tlsError(this: any, error: unknown): unknown {
  this.emit('_tlsError', error);
  return this._controlReleased ? error : null;
};
proto._releaseControl = function _releaseControl(this: any): boolean {
  if (this._controlReleased) return false;
  this._controlReleased = true;
  return true;
};

proto.disableRenegotiation = function disableRenegotiation(): void {};
proto.setSession = function setSession(_session: unknown): void {};
proto.renegotiate = function renegotiate(options: any, callback?: any): boolean {
  validateObject(options, 'options');
  if (callback !== undefined) validateFunction(callback, 'callback');
  return false;
};
proto.exportKeyingMaterial = function exportKeyingMaterial(length: any, label: any, context?: any): never {
  validateUint32(length, 'length', true);
  validateString(label, 'label');
  if (context !== undefined) validateBuffer(context, 'context');
  throw new Error('exportKeyingMaterial is not implemented');
};
proto.setMaxSendFragment = function setMaxSendFragment(size: any): boolean {
  validateInt32(size, 'size');
  return false;
};
proto.setServername = function setServername(this: any, name: any): void {
  validateString(name, 'name');
  this.servername = name;
};
proto.getPeerCertificate = function getPeerCertificate(_detailed?: unknown): never {
  throw new Error('getPeerCertificate is not implemented');
};
for (const name of ['getCertificate', 'getPeerX509Certificate', 'getX509Certificate', 'setKeyCert']) {
  proto[name] = { [name](): never { throw new Error(`TLSSocket.${name} is not implemented`); } }[name];
}
for (const name of 'getCipher getSharedSigalgs getEphemeralKeyInfo getFinished getPeerFinished getProtocol getSession getTLSTicket isSessionReused enableTrace'.split(' ')) {
  proto[name] = { [name](): null { return null; } }[name];
}

function onSecure(this: any): void {
  this.authorized = true;
  this.secureConnecting = false;
  this.emit('secureConnect');
  this[kVerified] = true;
  const session = this[kSession];
  this[kSession] = null;
  if (session) this.emit('session', session);
  this.removeListener('end', onEarlyEnd);
}
function onEarlyEnd(this: any): void {
  if (this._hadError) return;
  this._hadError = true;
  const error: any = new ConnResetException('Client network socket disconnected before secure TLS connection was established');
  const { path, host, port, localAddress } = this[kConnectOptions] ?? {};
  this.destroy(Object.assign(error, { path, host, port, localAddress }));
}

/** tls.connect(port, host?, options?, callback?) and its other forms. */
export function connect(...list: any[]): any {
  const [options, callback] = _normalizeArgs(list);
  const more = [list[1], list[2]].find((argument) => argument !== null && typeof argument === 'object');
  if (more !== undefined) Object.assign(options, more);
  if (options.minDHSize !== undefined) validateNumber(options.minDHSize, 'options.minDHSize', 1);
  refuse(options, ['minDHSize', 'rejectUnauthorized', 'pskCallback']);
  checkIdentityOption(options);
  const { allowHalfOpen, ALPNProtocols, enableTrace, highWaterMark, secureContext, onread, signal, lookup, rejectUnauthorized = true, socket } = options;
  const secured = new TLSSocket(socket, {
    allowHalfOpen, pipe: Boolean(options.path), ALPNProtocols, enableTrace, highWaterMark, secureContext, onread, signal, lookup, rejectUnauthorized,
  });
  secured[kConnectOptions] = options;
  if (options.servername !== undefined) secured.servername = options.servername;
  if (callback) secured.once('secureConnect', callback);
  if (!socket) {
    if (options.timeout) secured.setTimeout(options.timeout);
    secured.connect(options, secured._start.bind(secured));
  }
  secured._releaseControl();
  if (options.session) secured.setSession(options.session);
  if (socket) secured._start();
  secured.on('secure', onSecure);
  secured.prependListener('end', onEarlyEnd);
  return secured;
}
