// cloudflare:sockets: connect(). A connection is an exchange of method CONNECT: its request body goes to the peer, its response body
// comes from there; the header Secure-Transport asks for TLS (services/connect.py).
import { fetcherTarget, nextFetcher, type Fetcher } from '../fetch/fetcher';
import { errorFromNative } from '../fetch/native-error';
import { requireIoContext } from '../io-context';
import type { NativeBody } from '../native';
import { native } from '../ops';
import { ArrayBufferIsView, MapPrototypeGet, MapPrototypeSet, SafeMap } from '../primordials';
import { parseAddress } from './address';
import { makeSocket, readOptions, socketEnded, socketFailed, socketOpened, type Socket, type SocketOptions } from './socket';

export { Socket, type SocketInfo, type SocketOptions } from './socket';
export { dispatchConnect } from './inbound';

/** How pipeLink says that a copy ended before the end: its source failed, or nobody reads on. */
const FAILED = 1;
const CANCELLED = 2;

// Names that are not of the network: a Hyperdrive binding's host.
const overrides = new SafeMap<string, () => Socket>();

/** connect() of `address` ("host:port") gives what `open` makes. */
export function setConnectOverride(address: string, open: () => Socket): void {
  MapPrototypeSet(overrides, address, open);
}

function discard(body: NativeBody | undefined): void {
  if (body !== null && body !== undefined && typeof body !== 'string' && !ArrayBufferIsView(body)) native.pipeCancel(body, 'not needed');
}

/** `fetcher` undefined: the worker's network, where names may be overridden. */
export function connectWith(fetcher: Fetcher | undefined, address: unknown, options: unknown): Socket {
  requireIoContext();
  const { text, host, isHttpPort } = parseAddress(
    address, () => new TypeError("Failed to execute 'connect': parameter 1 is not of type 'SocketAddress or string'."));
  const settings = readOptions(options, () => new TypeError("Failed to execute 'connect': parameter 2 is not of type 'SocketOptions'."));
  const override = fetcher === undefined ? MapPrototypeGet(overrides, text) : undefined;
  if (override !== undefined) return override();
  const outgoing = native.pipeNew(settings.highWaterMark);
  const incoming = native.pipeNew();
  const socket = makeSocket(incoming, outgoing, settings, host);
  const headers = settings.secure === 'off' ? '' : `Secure-Transport: ${settings.secure}\r\n`;
  native.subrequest(fetcherTarget(fetcher ?? nextFetcher()), 'CONNECT', text, headers, outgoing, undefined, 0,
    (error, status, _statusText, _headers, body, control) => {
      if (error !== undefined || status < 200 || status >= 300) {
        discard(body);
        const remote = error === undefined ? undefined : errorFromNative(error) as any;
        const hint = isHttpPort
          ? '. It looks like you might be trying to connect to a HTTP-based service — consider using fetch instead' : '';
        // Readers find nothing; what went wrong, `opened`, `closed` and writers say.
        native.pipeClose(incoming);
        socketFailed(socket, remote?.remote ? remote : new Error(`proxy request failed, cannot connect to the specified address${hint}`));
        return;
      }
      socketOpened(socket, { remoteAddress: text, localAddress: undefined }, control);
      if (body === null || typeof body === 'string' || ArrayBufferIsView(body)) {
        if (body !== null) native.pipeWrite(incoming, body);
        native.pipeClose(incoming);
        socketEnded(socket, false);
        return;
      }
      native.pipeLink(body, incoming, false, (what, message) => {
        if (what === CANCELLED) {
          // The user reads no more, but may write.
          native.pipeCancel(body, message);
          return;
        }
        socketEnded(socket, what === FAILED);
        // Only now: who reads the end finds the other direction closed.
        if (what === FAILED) native.pipeAbort(incoming, message);
        else native.pipeClose(incoming);
      });
    });
  return socket;
}

/** `connect` of the module cloudflare:sockets. */
export function connect(address: unknown, options?: SocketOptions): Socket {
  return connectWith(undefined, address, options);
}
