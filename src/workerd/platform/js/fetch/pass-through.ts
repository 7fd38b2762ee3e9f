// passThroughOnException(), and fetch events that nobody answers: the request goes to where the worker's fetch() would send it.
import type { Exchange } from '../native';
import { native } from '../ops';
import { fetcherTarget, nextFetcher } from './fetcher';
import { Guard, getHeader, headersFromRaw } from './headers';
import { headerName } from './header-text';
import { errorFromNative } from './native-error';
import { StringPrototypeToLowerCase } from '../primordials';

const UPGRADE = headerName('upgrade');

/** Sends the request on, without its body (the worker may have read it), and answers the exchange; then calls `done`. */
export function passThrough(
  exchange: Exchange, method: string, url: string, headers: string, cf: string | undefined, done: () => void): void {
  const upgrade = getHeader(headersFromRaw(headers, Guard.None), UPGRADE);
  const wantsWebSocket = upgrade !== null && StringPrototypeToLowerCase(upgrade) === 'websocket';
  native.subrequest(fetcherTarget(nextFetcher()), method, url, headers, null, cf, wantsWebSocket ? 1 : 0,
    (error, status, statusText, responseHeaders, body, webSocket) => {
      if (error !== undefined) native.respondError(exchange, errorFromNative(error));
      else native.respond(exchange, status, statusText, responseHeaders, body, webSocket);
      done();
    });
}
