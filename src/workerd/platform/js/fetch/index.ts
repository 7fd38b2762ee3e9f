// The fetch family's face towards the rest of the platform layer. Users see what `install` puts on the global object.
// Bodies: ../blob, ../form-data. Their kin: ../cache, ../websocket, ../eventsource, ../sockets.
import { ObjectDefineProperty } from '../primordials';
import { BodyInterface } from './body';
import { fetch } from './fetch';
import { FetchEvent } from './fetch-event';
import { Headers, installHeaders } from './headers';
import { Request, installRequest } from './request';
import { Response } from './response';
import { installFetcher } from './fetcher';
import './cloneable';

export { Body, bodyToNative, headersOf, headerBlockOf, isBodyUsed } from './body';
export { fetch, fetchWith } from './fetch';
export { FetchEvent, fetchEventResponse, makeFetchEvent } from './fetch-event';
export {
  FETCHER_KEY, Fetcher, fetcherTarget, isFetcher, makeFetcher, nextFetcher, setGlobalOutbound,
} from './fetcher';
export {
  Guard, Headers, appendHeader, copyHeaders, deleteHeader, getHeader, hasHeader, headersEntries, headersFromRaw, headersGuard, headersToRaw,
  isHeaders, setHeader,
} from './headers';
export { headerName } from './header-text';
export { errorFromNative, errorNamed } from './native-error';
export { Request, coerceRequest, isRequest, requestFromNative, requestMethod, requestUrl } from './request';
export { Response, isResponse, responseFromNative, responseToNative, type NativeResponse } from './response';

/** Called once by bootstrap. */
export function install(global: object): void {
  installHeaders();
  installRequest();
  installFetcher();
  const classes = { Headers, Body: BodyInterface, Request, Response, FetchEvent };
  for (const name in classes) {
    ObjectDefineProperty(global, name, { value: (classes as any)[name], writable: true, enumerable: false, configurable: true });
  }
  ObjectDefineProperty(global, 'fetch', { value: fetch, writable: true, enumerable: true, configurable: true });
}
