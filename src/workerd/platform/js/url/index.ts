// URLs. `URL` and `URLSearchParams` here are the standard's; what the global object has depends on url_standard (./install).
export { hrefOf, isURL, parseURL, URL } from './url';
export { isURLSearchParams, listOf as searchParamsList, searchParamsToString, URLSearchParams } from './search-params';
export { parseForm, percentDecode, serializeForm } from './form-urlencoded';
