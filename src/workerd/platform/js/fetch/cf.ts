// The `cf` object of requests and responses. It travels as JSON; until somebody looks, it stays text.
import { flags } from '../flags';
import { JSONParse, JSONStringify, ObjectFreeze, ObjectHasOwn, ObjectKeys } from '../primordials';

/** Nothing, JSON text not looked at yet, or what the user sees. */
export type CfSlot = undefined | string | object;
export type CacheMode = 'no-store' | 'no-cache' | 'reload';

const DEFAULT_BOT_MANAGEMENT = '{"corporateProxy":false,"verifiedBot":false,"jsDetection":{"passed":false},"staticResource":false,' +
  '"detectionIds":{},"score":99}';
const NO_CACHE_TTL = -1;

function freezeDeep(value: any): void {
  if (typeof value !== 'object' || value === null) return;
  const keys = ObjectKeys(value);
  for (let i = 0; i < keys.length; i++) freezeDeep(value[keys[i]!]);
  ObjectFreeze(value);
}

/** What came with a request is read-only; in a copy of that request it is not. */
export function parseCf(text: string, frozen: boolean): object {
  const cf = JSONParse(text);
  if (!flags.no_cf_botmanagement_default && !ObjectHasOwn(cf, 'botManagement')) cf.botManagement = JSONParse(DEFAULT_BOT_MANAGEMENT);
  if (frozen) freezeDeep(cf);
  return cf;
}

/** A copy that may be changed. Text stays text. */
export function cloneCf(slot: CfSlot): CfSlot {
  return typeof slot === 'object' ? JSONParse(JSONStringify(slot)) : slot;
}

export function cfToText(slot: CfSlot): string | undefined {
  if (typeof slot !== 'string') return slot === undefined ? undefined : JSONStringify(slot);
  return flags.no_cf_botmanagement_default ? slot : JSONStringify(parseCf(slot, false));
}

/** The cf of a subrequest: what the cache option means, put in the words the cache understands. */
export function cfForSubrequest(slot: CfSlot, mode: CacheMode | undefined): string | undefined {
  if (mode === undefined) {
    if (slot === undefined || typeof slot === 'string') return cfToText(slot);
    if ('cacheControl' in slot || (slot as any).cacheTtl === undefined) return cfToText(slot);
  }
  const cf: any = typeof slot === 'string' ? parseCf(slot, false) : cloneCf(slot) ?? {};
  if (mode === 'no-store') {
    if ('cacheTtl' in cf) {
      if (cf.cacheTtl !== NO_CACHE_TTL) throw new TypeError(`CacheTtl: ${cf.cacheTtl}, is not compatible with cache: no-store header.`);
    } else cf.cacheTtl = NO_CACHE_TTL;
  }
  if (mode === 'no-store' || mode === 'reload') cf.cacheLevel = 'bypass';
  else if (mode === 'no-cache') cf.cacheForceRevalidate = true;
  if (!('cacheControl' in cf)) {
    if (mode === 'no-store' || mode === 'no-cache') {
      if (!flags.cache_option_preserves_cache_control) cf.cacheControl = mode;
    } else if (mode === undefined && cf.cacheTtl === NO_CACHE_TTL) cf.cacheControl = 'no-store';
    else if (mode === undefined && cf.cacheTtl === (cf.cacheTtl | 0)) cf.cacheControl = `max-age=${cf.cacheTtl}`;
  }
  return JSONStringify(cf);
}

/** Checks that need the init dictionary's other fields; https://developers.cloudflare.com/workers/runtime-apis/request/#the-cf-property. */
export function validateCf(cf: any, cache: unknown): void {
  if (cf.cacheControl === undefined) return;
  if (cf.cacheTtl !== undefined) {
    throw new TypeError("The 'cacheControl' and 'cacheTtl' options on cf are mutually exclusive. Use 'cacheControl' for explicit " +
      "Cache-Control header directives, or 'cacheTtl' for a simplified TTL, but not both.");
  }
  if (cache !== undefined) {
    throw new TypeError("The 'cacheControl' option on cf cannot be used together with the 'cache' request option. The 'cache' option " +
      "('no-store'/'no-cache') maps to cache TTL behavior internally, which conflicts with explicit Cache-Control directives.");
  }
}

/** The mode named by a request's cache option, as far as the worker's flags know it. */
export function parseCacheMode(value: string): CacheMode {
  if (!flags.cache_option_enabled) throw new Error("The 'cache' field on 'RequestInitializerDict' is not implemented.");
  if (value === 'no-store' || value === 'no-cache' && flags.cache_no_cache_enabled || value === 'reload' && flags.cache_reload_enabled) {
    return value;
  }
  throw new TypeError(`Unsupported cache mode: ${value}`);
}
