// Content given to tokens: text, markup, or a stream of either.
import { badArgument } from '../interface';
import { type ReadableStream, isReadableStream } from '../streams';
import { Body } from '../fetch/body';
import { type Response, isResponse } from '../fetch';
import { ObjectGetOwnPropertyDescriptor, uncurryThis } from '../primordials';

/** A response's body stream; null if it has none. */
export const bodyOf = uncurryThis(ObjectGetOwnPropertyDescriptor(Body.prototype, 'body')!.get!) as (r: Response) => ReadableStream | null;

/** A string, a stream, or undefined for a response without a body. */
export function toContent(value: unknown, given: boolean, method: string, owner: string): string | ReadableStream | undefined {
  if (typeof value === 'string') return value;
  if (isReadableStream(value)) return value;
  if (isResponse(value)) return bodyOf(value) ?? undefined;
  if (!given) throw badArgument(method, owner, 1, 'string or JsReadableStream or Response');
  return `${value as string}`;
}

/** The same where streams are not supported. */
export function toTextContent(value: unknown, given: boolean, method: string, owner: string): string {
  if (isReadableStream(value) || isResponse(value)) {
    throw new TypeError('Replacing content in HTML comments using a ReadableStream or Response object is not implemented. You must ' +
      'provide a string.');
  }
  return toContent(value, given, method, owner) as string;
}

/** ContentOptions.html. */
export function isHtml(options: unknown, method: string, owner: string): boolean {
  if (options === undefined || options === null) return false;
  if (typeof options !== 'object' && typeof options !== 'function') throw badArgument(method, owner, 2, 'ContentOptions');
  return !!(options as { html?: unknown }).html;
}

/** A required string argument. */
export function toText(value: unknown, given: boolean, method: string, owner: string, index: number): string {
  if (!given) throw badArgument(method, owner, index, 'string');
  return `${value as string}`;
}
