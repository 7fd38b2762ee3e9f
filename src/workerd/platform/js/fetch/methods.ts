// HTTP methods that requests may have.
import { flags } from '../flags';
import { ObjectCreate, StringPrototypeToUpperCase } from '../primordials';

/** Known methods; true for those that https://fetch.spec.whatwg.org/#concept-method-normalize puts in upper case. */
const METHODS: Record<string, boolean> = ObjectCreate(null);
for (const m of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']) METHODS[m] = true;
for (const m of ['PATCH', 'PURGE', 'TRACE', 'COPY', 'LOCK', 'MKCOL', 'MOVE', 'PROPFIND', 'PROPPATCH', 'SEARCH', 'UNLOCK', 'ACL', 'REPORT',
  'MKACTIVITY', 'CHECKOUT', 'MERGE', 'MSEARCH', 'NOTIFY', 'SUBSCRIBE', 'UNSUBSCRIBE', 'QUERY', 'BAN']) METHODS[m] = false;

export function normalizeMethod(method: string): string {
  if (METHODS[method] !== undefined) return method;
  const upper = StringPrototypeToUpperCase(method);
  const normalized = METHODS[upper];
  if (normalized === true || normalized === false && flags.upper_case_all_http_methods) return upper;
  throw new TypeError(`Invalid HTTP method string: ${method}`);
}
