// Fetcher: a capability to send requests to something, such as a service binding or what fetch() goes to. Durable Object stubs extend it.
import { flags } from '../flags';
import { plainFunction } from '../function-attributes';
import { badArgument, defineInterface, illegalInvocation } from '../interface';
import type { Target } from '../native';
import { PromisePrototypeThen, StringPrototypeIncludes } from '../primordials';
import { connectWith, type Socket, type SocketOptions } from '../sockets';
import { bodyOfResponse, fetchArguments, fetchWith, refuseFetch } from './fetch';
import type { RequestInfo } from './request';
import type { RequestInit } from './request-init';
import { responseStatus, responseStatusText, type Response } from './response';

/** Only the platform constructs Fetchers. */
export const FETCHER_KEY = {};

export let isFetcher: (v: unknown) => v is Fetcher;
// Callable objects that count as Fetchers (`ctx.exports` members).
let fetcherBehind: (v: unknown) => Fetcher | undefined = () => undefined;
export function setFetcherBehind(fn: typeof fetcherBehind): void {
  fetcherBehind = fn;
}
/** Where the requests go: a number in the worker's capability table, or a handle. */
export let fetcherTarget: (f: Fetcher) => number | Target;
/** False for bindings that answer without caring about a host: URLs may then be relative. */
export let fetcherRequiresHost: (f: Fetcher) => boolean;

export class Fetcher {
  #target: number | Target;
  #requiresHost: boolean;

  constructor(key: unknown, target: number | Target, requiresHost = true) {
    if (key !== FETCHER_KEY) throw new TypeError('Illegal constructor');
    this.#target = target;
    this.#requiresHost = requiresHost;
  }

  fetch(input: RequestInfo, init?: RequestInit): Promise<Response> {
    if (!isFetcher(this)) throw illegalInvocation();
    const wrong = fetchArguments('Fetcher', arguments.length, init);
    if (wrong !== undefined) return refuseFetch(wrong);
    return fetchWith(this, input, init);
  }

  connect(address: unknown, options?: SocketOptions): Socket {
    if (!isFetcher(this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('connect', 'Fetcher', 1, 'SocketAddress or string');
    return connectWith(this, address, options);
  }

  static {
    isFetcher = (v): v is Fetcher => (typeof v === 'object' ? v !== null && #target in v : fetcherBehind(v) !== undefined);
    fetcherTarget = (f) => (#target in f ? f : fetcherBehind(f)!).#target;
    fetcherRequiresHost = (f) => (#target in f ? f : fetcherBehind(f)!).#requiresHost;
  }
}

export function makeFetcher(target: number | Target, requiresHost = true): Fetcher {
  return new Fetcher(FETCHER_KEY, target, requiresHost);
}

let globalOutbound = 0;
let next: Fetcher | undefined;

/** Called at bootstrap with the target that the worker's fetch() goes to. */
export function setGlobalOutbound(target: number): void {
  globalOutbound = target;
  next = undefined;
}

/** The Fetcher behind fetch(), and of incoming requests. */
export function nextFetcher(): Fetcher {
  return next ??= makeFetcher(globalOutbound);
}

function throwUnlessOk(method: string, response: Promise<Response>): Promise<any> {
  return PromisePrototypeThen(response, (r) => {
    const status = responseStatus(r);
    if (status < 200 || status >= 300) throw new Error(`HTTP ${method} request failed: ${status} ${responseStatusText(r)}`);
  });
}

function querySeparator(url: string): string { return StringPrototypeIncludes(url, '?') ? '&' : '?'; }

// Methods that service bindings had before fetcher_no_get_put_delete; names of remote methods since.
const legacyMethods = {
  get(this: Fetcher, url: string, type?: string): Promise<unknown> {
    if (!isFetcher(this)) throw illegalInvocation();
    return PromisePrototypeThen(fetchWith(this, `${url}`, { method: 'GET' }), (r) => {
      const status = responseStatus(r);
      if (status === 404 || status === 410) return null;
      if (status < 200 || status >= 300) throw new Error(`HTTP GET request failed: ${status} ${responseStatusText(r)}`);
      return bodyOfResponse(r, type === undefined ? 'text' : `${type}`);
    });
  },
  put(this: Fetcher, url: string, body: unknown, options?: { expiration?: number; expirationTtl?: number }): Promise<void> {
    if (!isFetcher(this)) throw illegalInvocation();
    let target = `${url}`;
    const expiration = options?.expiration;
    const ttl = options?.expirationTtl;
    if (expiration !== undefined) target += `${querySeparator(target)}expiration=${expiration | 0}`;
    if (ttl !== undefined) target += `${querySeparator(target)}expiration_ttl=${ttl | 0}`;
    return throwUnlessOk('PUT', fetchWith(this, target, { method: 'PUT', body }));
  },
  delete(this: Fetcher, url: string): Promise<void> {
    if (!isFetcher(this)) throw illegalInvocation();
    return throwUnlessOk('DELETE', fetchWith(this, `${url}`, { method: 'DELETE' }));
  },
};

// `entries` would be a remote method.
defineInterface(Fetcher, 'Fetcher', { brand: (v) => isFetcher(v), inspector: { entries: false } });

export function installFetcher(): void {
  if (flags.fetcher_no_get_put_delete) return;
  for (const name of ['get', 'put', 'delete'] as const) {
    plainFunction(legacyMethods[name]);
    Object.defineProperty(Fetcher.prototype, name, { value: legacyMethods[name], writable: true, enumerable: true, configurable: true });
  }
}
