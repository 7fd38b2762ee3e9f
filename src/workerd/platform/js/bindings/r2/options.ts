// The options of R2's methods, as fields of requests. Names of errors' dictionaries are the reference's.
import { copyBytes, isBufferSource } from '../../blob/bytes';
import { getHeader, isHeaders, type Headers } from '../../fetch/headers';
import { headerName } from '../../fetch/header-text';
import { badField } from '../../interface';
import { native } from '../../ops';
import { NumberIsInteger, ObjectDefineProperty, ObjectKeys, RegExpPrototypeTest, TypedArrayPrototypeGetByteLength } from '../../primordials';
import { toTime } from '../../service-events/time';
import { parseEtags, singleEtag, type Etag } from './etags';
import { HTTP_FIELDS, type HttpMetadata } from './objects';

type Fields = Record<string, unknown>;

function header(headers: Headers, name: string): string | undefined {
  return getHeader(headers, headerName(name)) ?? undefined;
}

function isObject(value: unknown): value is Record<string, any> {
  return typeof value === 'object' && value !== null || typeof value === 'function';
}

/** A member that must be a string already. */
export function stringField(value: unknown, field: string, dictionary: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw badField(field, dictionary, 'string');
  return value;
}

function timeField(value: unknown, field: string, dictionary: string): number | undefined {
  return value === undefined ? undefined : toTime(value, () => badField(field, dictionary, 'date'));
}

function headerTime(text: string | undefined): number | undefined {
  return text === undefined ? undefined : toTime(new Date(text), () => new TypeError('unreachable'));
}

function setTimes(fields: Fields, before: number | undefined, after: number | undefined, seconds: boolean): void {
  if (before !== undefined) fields.uploadedBefore = `${Math.trunc(before)}`;
  if (after !== undefined) fields.uploadedAfter = `${Math.trunc(after)}`;
  if (seconds && (before !== undefined || after !== undefined)) fields.secondsGranularity = true;
}

function etagsIn(headers: Headers, name: string): Etag[] | undefined {
  const text = header(headers, name);
  if (text === undefined) return undefined;
  const etags = parseEtags(text);
  if (etags.length === 0) throw new Error(`Invalid ETag in ${name} header`);
  return etags;
}

export function addOnlyIf(request: Fields, onlyIf: unknown, dictionary: string): void {
  if (onlyIf === undefined) return;
  if (!isObject(onlyIf)) throw badField('onlyIf', dictionary, 'Conditional or Headers');
  const fields: Fields = { __proto__: null };
  if (isHeaders(onlyIf)) {
    const matches = etagsIn(onlyIf, 'if-match');
    const none = etagsIn(onlyIf, 'if-none-match');
    if (matches !== undefined) fields.etagMatches = matches;
    if (none !== undefined) fields.etagDoesNotMatch = none;
    setTimes(fields, headerTime(header(onlyIf, 'if-unmodified-since')), headerTime(header(onlyIf, 'if-modified-since')), true);
  } else {
    const matches = stringField(onlyIf.etagMatches, 'etagMatches', 'Conditional');
    const none = stringField(onlyIf.etagDoesNotMatch, 'etagDoesNotMatch', 'Conditional');
    if (matches !== undefined) fields.etagMatches = singleEtag(matches);
    if (none !== undefined) fields.etagDoesNotMatch = singleEtag(none);
    setTimes(fields, timeField(onlyIf.uploadedBefore, 'uploadedBefore', 'Conditional'),
      timeField(onlyIf.uploadedAfter, 'uploadedAfter', 'Conditional'), !!onlyIf.secondsGranularity);
  }
  request.onlyIf = fields;
}

function whole(value: unknown, range: string, what: string): string {
  const n = +(value as number);
  if (!(n >= 0)) throw new RangeError(`Invalid ${range}. ${what} (${n}) must be greater than or equal to 0.`);
  if (!NumberIsInteger(n)) throw new RangeError(`Invalid range. ${what} (${n}) must be an integer, not floating point.`);
  return `${n}`;
}

export function addRange(request: Fields, range: unknown): void {
  if (range === undefined) return;
  if (!isObject(range)) throw badField('range', 'GetOptions', 'Range or Headers');
  if (isHeaders(range)) {
    const text = header(range, 'range');
    if (text !== undefined) request.rangeHeader = text;
    return;
  }
  const { offset, length, suffix } = range;
  const fields: Fields = { __proto__: null };
  if (offset !== undefined) fields.offset = whole(offset, 'range', 'Starting offset');
  if (length !== undefined) fields.length = whole(length, 'range', 'Length');
  if (suffix !== undefined) {
    if (offset !== undefined) throw new TypeError('Suffix is incompatible with offset.');
    if (length !== undefined) throw new TypeError('Suffix is incompatible with length.');
    fields.suffix = whole(suffix, 'suffix', 'Suffix');
  }
  request.range = fields;
}

const HEX_KEY = /^[0-9a-f]+$/;

export function addSsec(request: Fields, key: unknown): void {
  if (key === undefined) return;
  if (isBufferSource(key)) {
    const bytes = copyBytes(key);
    if (TypedArrayPrototypeGetByteLength(bytes) !== 32) throw new Error('SSE-C Key must be 32 bytes in length');
    request.ssec = { key: toHex(bytes) };
    return;
  }
  const text = `${key as string}`;
  if (!RegExpPrototypeTest(HEX_KEY, text)) throw new Error('SSE-C Key has invalid format');
  if (text.length !== 64) throw new Error('SSE-C Key must be 32 bytes in length');
  request.ssec = { key: text };
}

/** Adds the fields; what was given, as it will be shown. */
export function addHttpMetadata(request: Fields, given: unknown, dictionary: string): HttpMetadata {
  const http: HttpMetadata = {};
  if (given === undefined) return http;
  if (!isObject(given)) throw badField('httpMetadata', dictionary, 'HttpMetadata or Headers');
  const fields: Fields = { __proto__: null };
  const fromHeaders = isHeaders(given) ? given : undefined;
  for (let i = 0; i < HTTP_FIELDS.length; i++) {
    const name = HTTP_FIELDS[i]!;
    const value: unknown = fromHeaders === undefined ? (given as any)[name] : header(fromHeaders, HEADER_NAMES[i]!);
    if (value !== undefined) fields[name] = http[name] = `${value as string}`;
  }
  const expiry = fromHeaders === undefined
    ? timeField((given as any).cacheExpiry, 'cacheExpiry', 'HttpMetadata') : headerTime(header(fromHeaders, 'expires'));
  if (expiry !== undefined) {
    http.cacheExpiry = new Date(expiry);
    fields.cacheExpiry = `${Math.trunc(expiry)}`;
  }
  request.httpFields = fields;
  return http;
}

const HEADER_NAMES = ['content-type', 'content-language', 'content-disposition', 'content-encoding', 'cache-control'];

export function addCustomMetadata(request: Fields, given: unknown, dictionary: string): Record<string, string> {
  const custom: Record<string, string> = {};
  if (given === undefined) return custom;
  if (!isObject(given)) throw badField('customMetadata', dictionary, 'Dict');
  const fields: { k: string; v: string }[] = [];
  const keys = ObjectKeys(given);
  for (let i = 0; i < keys.length; i++) {
    const k = keys[i]!;
    const v = `${given[k]}`;
    fields[fields.length] = { k, v };
    ObjectDefineProperty(custom, k, { value: v, writable: true, enumerable: true, configurable: true });
  }
  request.customFields = fields;
  return custom;
}

const HASHES = [['md5', 'MD5', 16], ['sha1', 'SHA-1', 20], ['sha256', 'SHA-256', 32], ['sha384', 'SHA-384', 48], ['sha512', 'SHA-512', 64]] as const;
const HEX = /^[0-9a-fA-F]*$/;

export function addHashes(request: Fields, options: any): void {
  let found = false;
  for (let i = 0; i < HASHES.length; i++) {
    const [field, name, size] = HASHES[i]!;
    const value: unknown = options[field];
    if (value === undefined) continue;
    if (found) throw new TypeError('You cannot specify multiple hashing algorithms.');
    found = true;
    let bytes: Uint8Array;
    if (typeof value === 'string') {
      if (value.length !== 2 * size) throw new TypeError(`${name} is ${2 * size} hex characters, not ${value.length}`);
      if (!RegExpPrototypeTest(HEX, value)) throw new TypeError(`Provided ${name} wasn't a valid hex string`);
      bytes = new Uint8Array(size);
      for (let j = 0; j < size; j++) bytes[j] = parseInt(value[2 * j]! + value[2 * j + 1]!, 16);
    } else if (isBufferSource(value)) {
      bytes = copyBytes(value);
      const length = TypedArrayPrototypeGetByteLength(bytes);
      if (length !== size) throw new TypeError(`${name} is ${size} bytes, not ${length}`);
    } else throw badField(field, 'PutOptions', 'ArrayBuffer or ArrayBufferView or string');
    request[field] = field === 'md5' ? native.base64Encode(bytes, false) : toHex(bytes);
  }
}

const DIGITS = '0123456789abcdef';

function toHex(bytes: Uint8Array): string {
  let out = '';
  for (let i = 0; i < TypedArrayPrototypeGetByteLength(bytes); i++) out += DIGITS[bytes[i]! >> 4]! + DIGITS[bytes[i]! & 15]!;
  return out;
}
