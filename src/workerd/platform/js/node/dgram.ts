// node:dgram: sockets that can be made and configured, and that send nothing.
import EventEmitter from './events';
import { idleMethods } from './internal/stub';
import { validateFunction, validateObject } from './internal/validators';

function Socket(this: any, type?: any, callback?: any): any {
  (EventEmitter as any).call(this);
  if (typeof type === 'string') type = { type };
  validateObject(type, 'type');
  if (callback !== undefined) validateFunction(callback, 'callback');
  return this;
}
Object.setPrototypeOf(Socket.prototype, (EventEmitter as any).prototype);
Object.setPrototypeOf(Socket, EventEmitter);
idleMethods(Socket, 'bind close ref unref', (self) => self);
idleMethods(Socket, `connect disconnect sendto send setBroadcast setTTL setMulticastTTL setMulticastLoopback setMulticastInterface addMembership
  dropMembership addSourceSpecificMembership dropSourceSpecificMembership setRecvBufferSize setSendBufferSize`);
idleMethods(Socket, 'address remoteAddress', () => ({}));
idleMethods(Socket, 'getRecvBufferSize getSendBufferSize getSendQueueSize getSendQueueCount', () => 0);
(Socket.prototype as any)[Symbol.asyncDispose] = async () => {};

function createSocket(type?: any, callback?: any): any {
  return new (Socket as any)(type, callback);
}
export default { createSocket, Socket };
