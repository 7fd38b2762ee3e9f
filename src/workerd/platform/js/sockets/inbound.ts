// Connections that a worker is asked to serve: its connect() handler gets a Socket that is open already.
import { fetcherTarget, nextFetcher } from '../fetch/fetcher';
import { errorFromNative } from '../fetch/native-error';
import { flags } from '../flags';
import type { IoContext } from '../io-context';
import type { Exchange, NativeBody, Pipe } from '../native';
import { native } from '../ops';
import {
  ArrayBufferIsView, PromisePrototypeThen, PromiseResolve, StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeStartsWith,
} from '../primordials';
import { reportUncaught } from '../report';
import { logWarning } from '../warnings';
import { makeSocket, socketOpened, socketShut, type Socket } from './socket';

// Set by the listener of a `tcp` socket, and by nobody else: a client's are removed (native/http/request.cpp).
const REMOTE = 'Remote-Address: ';
const START_TLS = 'Secure-Transport: starttls\r\n';
const TLS = 'Secure-Transport: on\r\n';

/** `prepare` gives what to call with the socket, undefined if there is no handler. Answers the exchange; never throws. */
export function dispatchConnect(
  io: IoContext, exchange: Exchange, authority: string, headers: string, body: NativeBody, prepare: () => ((socket: Socket) => unknown) | undefined): void {
  if (flags.connect_pass_through) return passOn(io, exchange, authority, headers, body);
  let outgoing: Pipe | undefined;
  let socket: Socket | undefined;
  let result: unknown;
  try {
    if (StringPrototypeIndexOf(headers, TLS) >= 0) throw new Error('Incoming CONNECT with TLS not supported');
    const handler = prepare();
    if (handler === undefined) {
      logWarning('Received a connect event but we lack a handler. Did you remember to export a connect() function?');
      if (body !== null && typeof body !== 'string' && !ArrayBufferIsView(body)) native.pipeCancel(body, 'Nobody serves connections here.');
      native.respond(exchange, 500, 'Internal Server Error', '', null, undefined);
      io.release();
      return;
    }
    let incoming: Pipe;
    if (body !== null && typeof body !== 'string' && !ArrayBufferIsView(body)) incoming = body;
    else {
      incoming = native.pipeNew();
      if (body !== null) native.pipeWrite(incoming, body);
      native.pipeClose(incoming);
    }
    outgoing = native.pipeNew();
    const startTls = flags.connect_handler_starttls === true && StringPrototypeIndexOf(headers, START_TLS) >= 0;
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

/** The connection goes to the worker's next service, without a look at it. */
function passOn(io: IoContext, exchange: Exchange, authority: string, headers: string, body: NativeBody): void {
  native.subrequest(fetcherTarget(nextFetcher()), 'CONNECT', authority, headers, body, undefined, 0,
    (error, status, statusText, responseHeaders, responseBody, control) => {
      if (error !== undefined) {
        const reason = errorFromNative(error) as { remote?: boolean };
        // What another worker threw is told; why there is no connection is not.
        if (reason.remote === true) native.respondError(exchange, reason);
        else native.respond(exchange, 502, 'Bad Gateway', '', null, undefined);
      } else native.respond(exchange, status, statusText, responseHeaders, responseBody, control);
      io.release();
    });
}
