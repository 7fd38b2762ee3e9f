// Rules of HTTP messages that both directions share. https://nodejs.org/api/http.html
import { ERR_HTTP_INVALID_HEADER_VALUE, ERR_INVALID_CHAR, ERR_INVALID_HTTP_TOKEN } from '../internal/errors';
import status from '../data/http-status.json';
import methods from '../data/http-methods.json';

export const STATUS_CODES: Record<string, string> = status;
export const METHODS: string[] = methods;
export const chunkExpression = /(?:^|\W)chunked(?:$|\W)/i;
export const kIncomingMessage = Symbol('IncomingMessage');
export const kServerResponse = Symbol('ServerResponse');

const TOKEN = /^[\^_`a-zA-Z\-0-9!#$%&'*+.|~]+$/;
const INVALID = /[^\t\x20-\x7e\x80-\xff]/;

export function _checkIsHttpToken(value: any): boolean {
  return TOKEN.test(value);
}
export function _checkInvalidHeaderChar(value: any): boolean {
  return Array.isArray(value) ? value.some((item) => INVALID.test(item)) : INVALID.test(`${value}`);
}
export function validateHeaderName(name: any, label = 'Header name'): void {
  if (typeof name !== 'string' || !TOKEN.test(name)) throw new ERR_INVALID_HTTP_TOKEN(label, name);
}
export function validateHeaderValue(name: any, value: any): void {
  if (value === undefined) throw new ERR_HTTP_INVALID_HEADER_VALUE(value, name);
  if (_checkInvalidHeaderChar(value)) throw new ERR_INVALID_CHAR('header content', name);
}

/** The first of several values in one header; commas in quotes do not separate. */
export function firstValue(value: string): string {
  let quoted = false;
  for (let i = 0; i < value.length; i++) {
    if (value[i] === '"') quoted = !quoted;
    else if (value[i] === '\\' && quoted) i++;
    else if (value[i] === ',' && !quoted) return value.slice(0, i);
  }
  return value;
}
