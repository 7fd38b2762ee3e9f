// The Cache API (https://w3c.github.io/ServiceWorker/#cache-interface), as far as a cache without enumeration can have it.
import { Guard, getHeader, headersFromRaw } from '../fetch/headers';
import { headerName } from '../fetch/header-text';
import { coerceRequest, requestMethod, type RequestInfo } from '../fetch/request';
import { isResponse, responseFromNative, responseStatus, type Response } from '../fetch/response';
import { headerBlockOf } from '../fetch/body';
import { isNullBodyStatus } from '../fetch/status';
import { badArgument, defineInterface, illegalInvocation, toDictionary } from '../interface';
import { native } from '../ops';
import { ObjectDefineProperty, PrimordialPromise, PromisePrototypeThen, StringPrototypeIncludes } from '../primordials';
import { logWarning } from '../warnings';
import { discard, send, serializeResponse } from './send';

const CACHE_KEY = {};
const CACHE_STATUS = headerName('cf-cache-status');
const VARY = headerName('vary');
const UNSUPPORTED_FIELDS = ['ignoreSearch', 'ignoreVary', 'cacheName'];

interface CacheQueryOptions { ignoreMethod?: boolean }

function notImplemented(method: string, owner: string): Error {
  return new Error(`Failed to execute '${method}' on '${owner}': the method is not implemented.`);
}

function ignoresMethod(options: unknown, method: string): boolean {
  const d = toDictionary<CacheQueryOptions & Record<string, unknown>>(
    options, () => badArgument(method, 'Cache', 2, 'CacheQueryOptions'));
  if (d === undefined) return false;
  const ignore = d.ignoreMethod;
  for (let i = 0; i < UNSUPPORTED_FIELDS.length; i++) {
    const field = UNSUPPORTED_FIELDS[i]!;
    if (d[field] !== undefined) throw new Error(`The '${field}' field on 'CacheQueryOptions' is not implemented.`);
  }
  return ignore !== undefined && !!ignore;
}

export class Cache {
  #name: string | undefined;

  constructor(key: unknown, name?: string) {
    if (key !== CACHE_KEY) throw new TypeError('Illegal constructor');
    this.#name = name;
  }

  add(): never { if (!(#name in this)) throw illegalInvocation(); throw notImplemented('add', 'Cache'); }
  addAll(): never { if (!(#name in this)) throw illegalInvocation(); throw notImplemented('addAll', 'Cache'); }

  async delete(input: RequestInfo, options?: CacheQueryOptions): Promise<boolean> {
    if (!(#name in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('delete', 'Cache', 1, 'Request or string');
    const request = coerceRequest(input);
    if (!ignoresMethod(options, 'delete') && requestMethod(request) !== 'GET') return false;
    // The cache takes PURGE only from those who may say where they come from.
    const { status, body } = await send(this.#name, 'PURGE', request, ['X-Real-IP', '127.0.0.1'], null);
    discard(body);
    if (status === 200) return true;
    if (status === 404) return false;
    if (status === 429) throw new Error('Unable to delete cached response. Subrequests are being rate-limited.');
    throw new Error('Unable to delete cached response.');
  }

  async match(input: RequestInfo, options?: CacheQueryOptions): Promise<Response | undefined> {
    if (!(#name in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('match', 'Cache', 1, 'Request or string');
    const request = coerceRequest(input);
    if (!ignoresMethod(options, 'match') && requestMethod(request) !== 'GET') return undefined;
    const { status, statusText, block, body } = await send(this.#name, 'GET', request, ['Cache-Control', 'only-if-cached'], null);
    // Not by the status: somebody may have cached a 504.
    if (getHeader(headersFromRaw(block, Guard.None), CACHE_STATUS) !== 'HIT') {
      discard(body);
      return undefined;
    }
    return responseFromNative(status, statusText, block, body, !isNullBodyStatus(status), '', false, false, null);
  }

  async put(input: RequestInfo, response: Response): Promise<void> {
    if (!(#name in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('put', 'Cache', 1, 'Request or string');
    if (!isResponse(response)) throw badArgument('put', 'Cache', 2, 'Response');
    const request = coerceRequest(input);
    const status = responseStatus(response);
    if (status === 0) throw new TypeError('Cache is unable to store an error response');
    if (requestMethod(request) !== 'GET') throw new TypeError('Cannot cache response to non-GET request.');
    if (status === 206) throw new TypeError('Cannot cache response to a range request (206 Partial Content).');
    const vary = getHeader(headersFromRaw(headerBlockOf(response), Guard.None), VARY);
    if (vary !== null && StringPrototypeIncludes(vary, '*')) throw new TypeError("Cannot cache response with 'Vary: *' header.");
    if (status === 304) {
      logWarning('Ignoring attempt to Cache.put() a 304 status response. 304 responses are not meaningful to cache, and a potential ' +
        'source of bugs. Consider validating that the response status is meaningful to cache before calling Cache.put().');
      return;
    }
    // The response is used as soon as put() returns.
    let fail: (error: Error) => void;
    const failure = new PrimordialPromise<never>((_, reject) => { fail = reject; });
    native.markPromiseHandled(failure);
    const payload = serializeResponse(response, (error) => fail(error));
    try {
      // 204: stored, 413: too large. Whatever else: a cache need not keep what it is given.
      const answer = await either(send(this.#name, 'PUT', request, undefined, payload), failure);
      discard(answer.body);
    } catch (error) {
      if (!(error instanceof Error) || error.message !== 'Network connection lost.') throw error;
    }
  }

  matchAll(): never { if (!(#name in this)) throw illegalInvocation(); throw notImplemented('matchAll', 'Cache'); }
  keys(): never { if (!(#name in this)) throw illegalInvocation(); throw notImplemented('keys', 'Cache'); }

  static {
    defineInterface(Cache, 'Cache', { brand: (o) => #name in o });
  }
}

/** Promise.race() of two, past what users may have patched. */
function either<T>(a: Promise<T>, b: Promise<T>): Promise<T> {
  return new PrimordialPromise<T>((resolve, reject) => {
    PromisePrototypeThen(a, resolve, reject);
    PromisePrototypeThen(b, resolve, reject);
  });
}

/** Longest name, in UTF-16 code units: it becomes a header. */
const MAX_NAME = 1024;

export class CacheStorage {
  #default = new Cache(CACHE_KEY);

  constructor(key: unknown) {
    if (key !== CACHE_KEY) throw new TypeError('Illegal constructor');
    ObjectDefineProperty(this, 'default', { value: this.#default, writable: false, enumerable: true, configurable: true });
  }

  async open(name: string): Promise<Cache> {
    if (!(#default in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('open', 'CacheStorage', 1, 'string');
    const text = `${name}`;
    if (text.length >= MAX_NAME) throw new TypeError('Cache name is too long.');
    return new Cache(CACHE_KEY, text);
  }

  delete(): never { if (!(#default in this)) throw illegalInvocation(); throw notImplemented('delete', 'CacheStorage'); }
  match(): never { if (!(#default in this)) throw illegalInvocation(); throw notImplemented('match', 'CacheStorage'); }
  has(): never { if (!(#default in this)) throw illegalInvocation(); throw notImplemented('has', 'CacheStorage'); }
  keys(): never { if (!(#default in this)) throw illegalInvocation(); throw notImplemented('keys', 'CacheStorage'); }

  static {
    defineInterface(CacheStorage, 'CacheStorage', { brand: (o) => #default in o });
  }
}

export function install(global: any): void {
  for (const [name, value] of [['Cache', Cache], ['CacheStorage', CacheStorage]] as const) {
    ObjectDefineProperty(global, name, { value, writable: true, enumerable: false, configurable: true });
  }
  ObjectDefineProperty(global, 'caches', { value: new CacheStorage(CACHE_KEY), writable: true, enumerable: true, configurable: true });
}
