// Workers KV (https://developers.cloudflare.com/kv/api/): keys and values of a service that speaks KV's HTTP.
import { valueToWire } from '../fetch/header-text';
import { flags } from '../flags';
import { badArgument, defineInterface, illegalInvocation } from '../interface';
import { native } from '../ops';
import {
  ArrayIsArray, ArrayPrototypeMap, JSONParse, JSONStringify, MapPrototypeSet, ObjectDefineProperty, ObjectGetOwnPropertyNames, ObjectHasOwn, SafeMap,
  StringPrototypeToWellFormed, TypedArrayPrototypeGetByteLength, encodeComponent,
} from '../primordials';
import { makeProperty, FetcherProvider } from '../rpc/stubs';
import type { NativeBody } from '../native';
import { bodyBuffer, bodyJson, bodyText, discardAnswer, drain, encodeForm, encodePathSegment, headerOf, nativeBody, send, streamOf, succeeded, toInt, type Answer } from './send';

const KEY = {};
/** UTF-8 bytes. */
const MAX_KEY = 512;
const BAD_VALUE = 'KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.';

interface GetOptions { type?: unknown; cacheTtl?: unknown }
interface WithMetadata { value: unknown; metadata: unknown; cacheStatus: string | null }

function checkKey(method: string, key: string): void {
  if (key === '') throw new TypeError('Key name cannot be empty.');
  if (key === '.' || key === '..') throw new TypeError(`"${key}" is not allowed as a key name.`);
  const size = TypedArrayPrototypeGetByteLength(native.utf8Encode(key));
  if (size > MAX_KEY) throw new Error(`KV ${method} failed: 414 UTF-8 encoded length of ${size} exceeds key length limit of ${MAX_KEY}.`);
}

function checkStatus(method: string, answer: Answer): void {
  if (succeeded(answer)) return;
  discardAnswer(answer);
  throw new Error(`KV ${method} failed: ${answer.status} ${answer.statusText}`);
}

function getOptions(options: unknown): { type: string | undefined; cacheTtl: number | undefined } {
  if (options === undefined) return { type: undefined, cacheTtl: undefined };
  if (typeof options !== 'object' || options === null) return { type: `${options as string}`, cacheTtl: undefined };
  const { type, cacheTtl } = options as GetOptions;
  return { type: type === undefined ? undefined : `${type as string}`, cacheTtl: cacheTtl === undefined ? undefined : toInt(cacheTtl) };
}

let targetOf: (kv: KvNamespace) => number;
let isKv: (o: unknown) => o is KvNamespace;

export class KvNamespace {
  #target: number;

  constructor(key: unknown, target: number) {
    if (key !== KEY) throw new TypeError('Illegal constructor');
    this.#target = target;
  }

  async get(key: string | string[], options?: string | GetOptions): Promise<unknown> {
    if (!(#target in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('get', 'KvNamespace', 1, 'string or Array');
    if (ArrayIsArray(key)) return await this.#bulk(key, options, false);
    return (await this.#single(`${key}`, options)).value;
  }

  async list(options?: { limit?: unknown; prefix?: unknown; cursor?: unknown }): Promise<unknown> {
    if (!(#target in this)) throw illegalInvocation();
    if (options !== undefined && (typeof options !== 'object' || options === null)) throw badArgument('list', 'KvNamespace', 1, 'ListOptions');
    let query = '';
    const add = (name: string, value: string): void => { query += `${query === '' ? '?' : '&'}${name}=${encodeForm(value)}`; };
    if (options !== undefined) {
      const { limit, prefix, cursor } = options;
      const count = limit === undefined ? 0 : toInt(limit);
      if (count > 0) add('key_count_limit', `${count}`);
      if (prefix !== undefined && prefix !== null) add('prefix', `${prefix as string}`);
      if (cursor !== undefined && cursor !== null) add('cursor', `${cursor as string}`);
    }
    const answer = await this.#send('GET', `https://fake-host/${query}`, '', null, `https://fake-host${query}`);
    checkStatus('GET', answer);
    const cacheStatus = headerOf(answer, 'cf-cache-status');
    const result: any = await bodyJson(answer.response);
    if (ArrayIsArray(result.keys)) {
      const { keys } = result;
      for (let i = 0; i < keys.length; i++) {
        const entry = keys[i];
        if (typeof entry === 'object' && entry !== null && ObjectHasOwn(entry, 'metadata') && typeof entry.metadata === 'string') entry.metadata = JSONParse(entry.metadata);
      }
    }
    result.cacheStatus = cacheStatus;
    return result;
  }

  async put(key: string, value: unknown, options?: { expiration?: unknown; expirationTtl?: unknown; metadata?: unknown }): Promise<void> {
    if (!(#target in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('put', 'KvNamespace', 1, 'string');
    if (arguments.length === 1) throw badArgument('put', 'KvNamespace', 2, 'string or object');
    key = `${key}`;
    if (options !== undefined && (typeof options !== 'object' || options === null)) throw badArgument('put', 'KvNamespace', 3, 'PutOptions');
    checkKey('PUT', key);
    let url = `https://fake-host/${encodePathSegment(key)}?urlencoded=true`;
    let block = '';
    if (options !== undefined) {
      const { expiration, expirationTtl, metadata } = options;
      if (expiration !== undefined) url += `&expiration=${toInt(expiration)}`;
      if (expirationTtl !== undefined) url += `&expiration_ttl=${toInt(expirationTtl)}`;
      if (metadata !== undefined && metadata !== null) block = `CF-KV-Metadata: ${valueToWire(`${JSONStringify(metadata)}`)}\r\n`;
    }
    if ((typeof value !== 'object' || value === null) && typeof value !== 'function') value = `${value as string}`;
    const body = nativeBody(value);
    if (body === undefined) throw new TypeError(BAD_VALUE);
    if (typeof value === 'string') block += 'Content-Type: text/plain;charset=UTF-8\r\n';
    const answer = await this.#send('PUT', url, block, body);
    checkStatus('PUT', answer);
    await drain(answer);
  }

  async getWithMetadata(key: string | string[], options?: string | GetOptions): Promise<unknown> {
    if (!(#target in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('getWithMetadata', 'KvNamespace', 1, 'Array or string');
    return ArrayIsArray(key) ? await this.#bulk(key, options, true) : await this.#single(`${key}`, options);
  }

  async delete(key: string): Promise<void> {
    if (!(#target in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('delete', 'KvNamespace', 1, 'string');
    key = `${key}`;
    checkKey('DELETE', key);
    const answer = await this.#send('DELETE', `https://fake-host/${encodeComponent(StringPrototypeToWellFormed(key))}?urlencoded=true`, '', null);
    checkStatus('DELETE', answer);
    await drain(answer);
  }

  #send(method: string, url: string, block: string, body: NativeBody, shown = url): Promise<Answer> {
    return send(this.#target, method, url, `CF-KV-FLPROD-405: ${shown}\r\n${block}`, body);
  }

  async #single(key: string, options: unknown): Promise<WithMetadata> {
    checkKey('GET', key);
    const { type, cacheTtl } = getOptions(options);
    let url = `https://fake-host/${encodePathSegment(key)}?urlencoded=true`;
    if (cacheTtl !== undefined) url += `&cache_ttl=${cacheTtl}`;
    const answer = await this.#send('GET', url, '', null);
    const cacheStatus = headerOf(answer, 'cf-cache-status');
    if (answer.status === 404 || answer.status === 410) {
      discardAnswer(answer);
      return { value: null, metadata: null, cacheStatus };
    }
    checkStatus('GET', answer);
    const metadata = headerOf(answer, 'cf-kv-metadata');
    const value = await valueAs(type ?? 'text', answer);
    return { value, metadata: metadata === null ? null : JSONParse(metadata), cacheStatus };
  }

  async #bulk(given: readonly unknown[], options: unknown, withMetadata: boolean): Promise<Map<string, unknown>> {
    const keys = ArrayPrototypeMap(given, (key) => `${key as string}`);
    const { type, cacheTtl } = getOptions(options);
    const body: Record<string, unknown> = { __proto__: null, keys };
    if (type !== undefined && type !== '') body.type = type;
    if (withMetadata) body.withMetadata = true;
    if (cacheTtl !== undefined) body.cacheTtl = `${cacheTtl}`;
    const answer = await this.#send('POST', 'https://fake-host/bulk/get', 'Content-Type: application/json\r\n', JSONStringify(body));
    checkStatus('GET_BULK', answer);
    const result: any = JSONParse(await bodyText(answer.response));
    const map = new SafeMap<string, unknown>();
    if (typeof result === 'object' && result !== null) {
      const names = ObjectGetOwnPropertyNames(result);
      for (let i = 0; i < names.length; i++) MapPrototypeSet(map, names[i]!, result[names[i]!]);
    }
    return map;
  }

  static {
    defineInterface(this, 'KvNamespace', { brand: (o) => #target in o });
    targetOf = (kv) => kv.#target;
    isKv = (o): o is KvNamespace => typeof o === 'object' && o !== null && #target in o;
  }
}

function valueAs(type: string, answer: Answer): unknown {
  switch (type) {
    case 'text': return bodyText(answer.response);
    case 'json': return bodyJson(answer.response);
    case 'arrayBuffer': return bodyBuffer(answer.response);
    case 'stream': return streamOf(answer);
    default:
      throw new TypeError('Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".');
  }
}

/** Called at bootstrap. */
export function installKv(): void {
  if (!flags.experimental) return;
  // A remote method of the service's.
  ObjectDefineProperty(KvNamespace.prototype, 'deleteBulk', {
    value: { deleteBulk(this: KvNamespace, ...args: unknown[]): unknown {
      if (!isKv(this)) throw illegalInvocation();
      return (makeProperty(new FetcherProvider(targetOf(this)), 'delete', 0) as any)(...args);
    } }.deleteBulk,
    writable: true, enumerable: true, configurable: true,
  });
}

export function makeKvNamespace(target: number): KvNamespace {
  return new KvNamespace(KEY, target);
}
