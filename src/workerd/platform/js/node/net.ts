// node:net: TCP clients. A worker cannot listen. https://nodejs.org/api/net.html
import { ERR_INVALID_ARG_VALUE } from './internal/errors';
import { validateInt32 } from './internal/validators';
import { BlockList, isIP, isIPv4, isIPv6, SocketAddress } from './net/address';
import { _normalizeArgs, Socket } from './net/socket';

function connect(...args: any[]): any {
  const normalized = _normalizeArgs(args);
  const socket = new Socket(normalized[0]);
  if (normalized[0].timeout) socket.setTimeout(normalized[0].timeout);
  return socket.destroyed ? socket : socket.connect(normalized);
}
function Server(): never {
  throw new Error('Server is not implemented');
}
function createServer(): never {
  throw new Error('createServer() is not implemented');
}
function getDefaultAutoSelectFamily(): boolean {
  return false;
}
function setDefaultAutoSelectFamily(val: unknown): void {
  if (val) throw new ERR_INVALID_ARG_VALUE('val', val);
}
let attemptTimeout = 10;
function getDefaultAutoSelectFamilyAttemptTimeout(): number {
  return attemptTimeout;
}
function setDefaultAutoSelectFamilyAttemptTimeout(val: any): void {
  validateInt32(val, 'val', 1);
  attemptTimeout = Math.max(val, 10);
}
export default {
  BlockList, SocketAddress, Stream: Socket, Server, Socket, connect, createConnection: connect, createServer, getDefaultAutoSelectFamily,
  setDefaultAutoSelectFamily, getDefaultAutoSelectFamilyAttemptTimeout, setDefaultAutoSelectFamilyAttemptTimeout, isIP, isIPv4, isIPv6, _normalizeArgs,
};
