// The RequestInit dictionary, read in the reference's order and converted before anything of it takes effect.
import { isAbortSignal, type AbortSignal } from '../abort';
import { badField, wrongType } from '../interface';
import { JSONParse, JSONStringify, StringPrototypeToLowerCase } from '../primordials';
import { parseCacheMode, validateCf, type CacheMode } from './cf';
import { extractBody, type Extracted } from './extract';
import { isFetcher, type Fetcher } from './fetcher';
import { blockFromInit, lastInitHasType, type HeadersInit } from './headers';

export interface RequestInit {
  method?: string; headers?: HeadersInit; body?: unknown; redirect?: string; fetcher?: unknown; cf?: object; cache?: string;
  integrity?: string; signal?: unknown; encodeResponseBody?: string;
}

const DICTIONARY = 'RequestInitializerDict';

/** The converted dictionary: undefined where a member is absent, null where it is null and may be. */
export interface ReadInit {
  method: string | undefined;
  block: string | undefined;
  blockHasType: boolean;
  body: Extracted | null | undefined;
  follow: boolean | undefined;
  fetcher: Fetcher | null | undefined;
  cf: object | undefined;
  cacheMode: CacheMode | undefined;
  signal: AbortSignal | null | undefined;
  manual: boolean | undefined;
}

export function readInit(init: RequestInit | undefined): ReadInit | undefined {
  if (init === undefined) return undefined;
  let v: any = init.method;
  const method = v === undefined ? undefined : `${v}`;
  v = init.headers;
  const block = v === undefined ? undefined : blockFromInit(v, () => badField('headers', DICTIONARY, 'Headers or Sequence or object'));
  const blockHasType = block !== undefined && lastInitHasType();
  v = init.body;
  const body = v === undefined || v === null ? v : extractBody(v);
  v = init.redirect;
  const follow = v === undefined ? undefined : parseRedirect(`${v}`);
  v = init.fetcher;
  if (v !== undefined && v !== null && !isFetcher(v)) v = wrongType(() => badField('fetcher', DICTIONARY, 'Fetcher'));
  const fetcher = v as Fetcher | null | undefined;
  v = init.cf;
  if (v !== undefined && (v === null || typeof v !== 'object' && typeof v !== 'function')) throw badField('cf', DICTIONARY, 'Object');
  let cf = v as object | undefined;
  v = init.cache;
  const cache = v === undefined ? undefined : `${v}`;
  const cacheMode = cache === undefined ? undefined : parseCacheMode(cache);
  v = init.integrity;
  if (v !== undefined && `${v}` !== '') {
    throw new TypeError('Subrequest integrity checking is not implemented. The integrity option must be either undefined or an empty ' +
      'string.');
  }
  v = init.signal;
  if (v !== undefined && v !== null && (typeof v !== 'object' || !isAbortSignal(v))) v = wrongType(() => badField('signal', DICTIONARY, 'AbortSignal'));
  const signal = v as AbortSignal | null | undefined;
  v = init.encodeResponseBody;
  const manual = v === undefined ? undefined : parseEncoding('encodeResponseBody', `${v}`);
  if (cf !== undefined) {
    validateCf(cf, cache);
    cf = JSONParse(JSONStringify(cf)) as object | undefined;
  }
  return { method, block, blockHasType, body, follow, fetcher, cf, cacheMode, signal, manual };
}

function parseRedirect(value: string): boolean {
  const mode = StringPrototypeToLowerCase(value);
  if (mode === 'follow') return true;
  if (mode === 'manual') return false;
  throw new TypeError('Invalid redirect value, must be one of "follow" or "manual" ("error" won\'t be implemented since it does not make ' +
    'sense at the edge; use "manual" and check the response status code).');
}

/** True for 'manual': content codings are the user's business. */
export function parseEncoding(field: string, value: string): boolean {
  if (value === 'manual') return true;
  if (value === 'automatic') return false;
  throw new TypeError(`${field}: unexpected value: ${value}`);
}
