// Sockets in remote calls: the connection goes over as its two streams.
import { native, pyOp } from '../ops';
import { ArrayIsArray } from '../primordials';
import { makeSocket, socketEnded, socketOpened, socketParts, type Settings, type Socket, type SocketInfo } from '../sockets/socket';
import { CloneTag, dataCloneError, registerCloneable } from '../structured-clone';
import { readingFor, sendReadable, sendWritable, writingFor } from './transfers';
import { external } from './writing';

const autogate = pyOp<(name: string) => boolean>('worker.autogate');

type Parts = [remote: string | undefined, local: string | undefined, secure: string, allowHalfOpen: boolean, readable: number, writable: number];

registerCloneable('Socket', CloneTag.Socket, (socket: Socket): Parts => {
  if (!autogate('socket-rpc-transfer')) {
    throw dataCloneError('Could not serialize object of type "Socket". This type does not support serialization.');
  }
  const writing = writingFor('Socket');
  const { state, info, settings } = socketParts(socket);
  if (state === 0) {
    throw dataCloneError('A Socket can only be serialized after it has opened. Await `socket.opened` before transferring the socket over RPC.');
  }
  if (state === 2) throw dataCloneError('A Socket whose connection failed cannot be serialized.');
  return [info.remoteAddress, info.localAddress, settings.secure, settings.allowHalfOpen,
    sendReadable(writing, socket.readable), sendWritable(writing, socket.writable)];
}, (parts: Parts) => {
  const { io } = readingFor('Socket').state;
  if (!ArrayIsArray(parts)) throw dataCloneError('Unable to deserialize cloned data.');
  const incoming = external(parts[4]);
  const outgoing = external(parts[5]);
  const settings: Settings = { secure: parts[2], allowHalfOpen: parts[3], highWaterMark: undefined };
  const info: SocketInfo = { remoteAddress: parts[0], localAddress: parts[1] };
  // Without a domain there is no startTls().
  const socket = makeSocket(incoming, outgoing, settings, undefined);
  socketOpened(socket, info, undefined);
  native.pipeOnClosed(incoming, () => socketEnded(socket, false));
  io.onEnd(() => native.pipeAbort(outgoing, 'Network connection lost.'));
  return socket;
});
