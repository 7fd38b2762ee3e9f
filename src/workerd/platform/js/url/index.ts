// URLs. `URL` and `URLSearchParams` here are the standard's; which ones the global object has depends on url_standard.
import { isLegacySearchParams, legacySearchParamsToString, type LegacyURLSearchParams } from './legacy-search-params';
import { isLegacyURL, legacyHrefOf } from './legacy-url';
import { isURLSearchParams as isStandard, searchParamsToString as standardToString, type URLSearchParams } from './search-params';
import { hrefOf as standardHref, isURL as isStandardURL } from './url';

/** A URLSearchParams of either kind. */
export function isURLSearchParams(value: object): value is URLSearchParams | LegacyURLSearchParams {
  return isStandard(value) || isLegacySearchParams(value);
}

/** As application/x-www-form-urlencoded. */
export function searchParamsToString(params: URLSearchParams | LegacyURLSearchParams): string {
  return isStandard(params) ? standardToString(params) : legacySearchParamsToString(params);
}

/** The href of a URL object of either kind, whatever user code made of its accessor; undefined for anything else. */
export function hrefOf(value: object): string | undefined {
  return isStandardURL(value) ? standardHref(value) : isLegacyURL(value) ? legacyHrefOf(value) : undefined;
}

export { parseURL, URL } from './url';
export { listOf as searchParamsList, URLSearchParams } from './search-params';
export { LegacyURL } from './legacy-url';
export { LegacyURLSearchParams } from './legacy-search-params';
export { LegacyURLPattern, StandardURLPattern } from './url-pattern';
export { parseForm, serializeForm } from './form-urlencoded';
