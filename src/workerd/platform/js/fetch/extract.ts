// "Extract a body" (https://fetch.spec.whatwg.org/#concept-bodyinit-extract).
import { blobBytes, blobType, isBlob } from '../blob';
import { copyBytes, isBufferSource } from '../blob/bytes';
import { isFormData, serializeFormData } from '../form-data';
import { flags } from '../flags';
import { native } from '../ops';
import {
  ArrayIsArray, ArrayPrototypeJoin, StringPrototypeSplit, SymbolAsyncIterator, SymbolIterator, isStringObject,
} from '../primordials';
import { ReadableStream, isDisturbed, isLocked, isReadableStream } from '../streams';
import { isURLSearchParams, searchParamsToString } from '../url';
import { FORM_URLENCODED_UTF8, TEXT_PLAIN_UTF8 } from './mime';

const ObjectToString = Object.prototype.toString;
const SymbolToPrimitive: typeof Symbol.toPrimitive = Symbol.toPrimitive;
const readableFrom = (ReadableStream as any).from.bind(ReadableStream) as (iterable: unknown) => ReadableStream;

export const enum Kind { Null, Text, Bytes, Pipe, Stream }

/** A body taken out of an init value: what it is and the Content-Type it implies. */
export interface Extracted {
  kind: Kind;
  source: any;
  type: string | undefined;
  /** A FormData body: its Content-Type must have the boundary. */
  form: boolean;
}

function extracted(kind: Kind, source: unknown, type: string | undefined, form = false): Extracted {
  return { kind, source, type, form };
}

export function checkStream(stream: ReadableStream): void {
  if (isDisturbed(stream)) {
    throw new TypeError('This ReadableStream is disturbed (has already been read from), and cannot be used as a body.');
  }
  if (isLocked(stream)) throw new TypeError('This ReadableStream is locked to a reader, and cannot be used as a body.');
}

/** `init` is neither undefined nor null. */
export function extractBody(init: unknown): Extracted {
  if (typeof init === 'object' && init !== null || typeof init === 'function') {
    if (isReadableStream(init)) {
      checkStream(init);
      return extracted(Kind.Stream, init, undefined);
    }
    if (isBufferSource(init)) return extracted(Kind.Bytes, copyBytes(init), undefined);
    if (isBlob(init)) return extracted(Kind.Bytes, blobBytes(init), blobType(init) || undefined);
    if (isFormData(init)) {
      const boundary = ArrayPrototypeJoin(StringPrototypeSplit(native.randomUUID(), '-'), '');
      const body = serializeFormData(init, boundary);
      return extracted(typeof body === 'string' ? Kind.Text : Kind.Bytes, body, `multipart/form-data; boundary=${boundary}`, true);
    }
    if (isURLSearchParams(init)) return extracted(Kind.Text, searchParamsToString(init), FORM_URLENCODED_UTF8);
    if (flags.fetch_iterable_type_support && isBodyIterable(init)) {
      return extracted(Kind.Stream, readableFrom(init), undefined);
    }
  }
  return extracted(Kind.Text, `${init as any}`, TEXT_PLAIN_UTF8);
}

/** Iterables are bodies, except those that say how they want to be a string. */
function isBodyIterable(init: any): boolean {
  if (isStringObject(init)) return false;
  const asyncIterator = init[SymbolAsyncIterator];
  if (asyncIterator !== undefined && asyncIterator !== null) return typeof asyncIterator === 'function';
  if (flags.fetch_iterable_type_support_override_adjustment && !ArrayIsArray(init)
    && (init.toString !== ObjectToString || init[SymbolToPrimitive] !== undefined)) return false;
  return typeof init[SymbolIterator] === 'function';
}
