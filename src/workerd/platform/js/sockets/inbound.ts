// Connections that a worker is asked to serve: its connect() handler gets a Socket that is open already.
import type { IoContext } from '../io-context';
import type { Exchange, NativeBody, Pipe } from '../native';
import { native } from '../ops';
import {
  ArrayBufferIsView, PromisePrototypeThen, PromiseResolve, StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeStartsWith,
} from '../primordials';
import { reportUncaught } from '../report';
import { makeSocket, socketOpened, socketShut, type Socket } from './socket';

// Set by the listener of a `tcp` socket, and by nobody else: a client's are removed (native/http/request.cpp).
const REMOTE = 'Remote-Address: ';
const START_TLS = 'Secure-Transport: starttls\r\n';

/** `prepare` gives what to call with the socket, or throws if there is no handler. Answers the exchange; never throws. */
export function dispatchConnect(
  io: IoContext, exchange: Exchange, authority: string, headers: string, body: NativeBody, prepare: () => (socket: Socket) => unknown): void {
  let outgoing: Pipe | undefined;
  let socket: Socket | undefined;
  let result: unknown;
  try {
    const handler = prepare();
    let incoming: Pipe;
    if (body !== null && typeof body !== 'string' && !ArrayBufferIsView(body)) incoming = body;
    else {
      incoming = native.pipeNew();
      if (body !== null) native.pipeWrite(incoming, body);
      native.pipeClose(incoming);
    }
    outgoing = native.pipeNew();
    const startTls = StringPrototypeIndexOf(headers, START_TLS) >= 0;
    const control = startTls ? native.channelNew() : undefined;
    native.respond(exchange, 200, 'OK', '', outgoing, control?.[0]);
    socket = makeSocket(
      incoming, outgoing, { secure: startTls ? 'starttls' : 'off', allowHalfOpen: false, highWaterMark: undefined }, startTls ? '' : undefined);
    const remoteAddress = StringPrototypeStartsWith(headers, REMOTE)
      ? StringPrototypeSlice(headers, REMOTE.length, StringPrototypeIndexOf(headers, '\r')) : undefined;
    socketOpened(socket, { remoteAddress, localAddress: authority }, control?.[1]);
    result = handler(socket);
  } catch (error) {
    return end(error, true);
  }
  PromisePrototypeThen(PromiseResolve(result), () => end(undefined, false), (error) => end(error, true));

  function end(error: unknown, failed: boolean): void {
    if (failed) reportUncaught(error, 'connect');
    // The connection lasts as long as the handler runs.
    if (socket !== undefined) {
      if (failed) native.pipeAbort(outgoing!, error instanceof Error ? error.message : `${error as any}`);
      socketShut(socket, new TypeError("Can't read from request stream because client disconnected."));
    } else if (outgoing === undefined) native.respondError(exchange, error);
    io.release();
  }
}
