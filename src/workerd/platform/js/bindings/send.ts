// How bindings speak HTTP with the service behind them.
import { Body, dropUnread } from '../fetch/body';
import { Guard, getHeader, headersFromRaw, type Headers } from '../fetch/headers';
import { headerName } from '../fetch/header-text';
import { errorFromNative } from '../fetch/native-error';
import { responseFromNative, type Response } from '../fetch/response';
import { isNullBodyStatus } from '../fetch/status';
import { flags } from '../flags';
import { requireIoContext } from '../io-context';
import type { NativeBody } from '../native';
import { native } from '../ops';
import { ArrayBufferIsView, PrimordialPromise, PromiseReject, StringPrototypeCharCodeAt, StringPrototypeSlice, encodeComponent, uncurryThis } from '../primordials';
import { bodyFromReadable, checkPumpable, emptyReadable, isReadableStream, type ReadableStream } from '../streams';
import { copyBytes, isBufferSource } from '../blob/bytes';

const proto = Body.prototype;
/** Body methods that user code cannot replace. */
export const bodyText = uncurryThis(proto.text) as (r: Response) => Promise<string>;
export const bodyJson = uncurryThis(proto.json) as (r: Response) => Promise<any>;
export const bodyBuffer = uncurryThis(proto.arrayBuffer) as (r: Response) => Promise<ArrayBuffer>;
const bodyStream = uncurryThis(Object.getOwnPropertyDescriptor(proto, 'body')!.get! as (this: Body) => ReadableStream | null);

export interface Answer { readonly status: number; readonly statusText: string; readonly headers: Headers; readonly response: Response }

export interface RawAnswer { readonly status: number; readonly statusText: string; readonly block: string; readonly body: NativeBody }

/** `block`: headers as "Name: value\r\n". */
export function sendRaw(target: number, method: string, url: string, block: string, body: NativeBody): Promise<RawAnswer> {
  const io = requireIoContext();
  return new PrimordialPromise((resolve, reject) => {
    let over = false;
    const call = {
      cancel(): void {
        over = true;
        native.exchangeCancel(exchange);
      },
    };
    io.startCall(call);
    const exchange = native.subrequest(target, method, url, block, body, undefined, 0, (error, status, statusText, headers, answer) => {
      if (over) return discard(answer);
      io.endCall(call);
      if (error !== undefined) reject(errorFromNative(error));
      // Not an object that inherits: promises look for a `then`.
      else resolve({ __proto__: null, status, statusText, block: headers, body: answer } as never);
    });
  });
}

/** The same, with the answer as a response. */
export async function send(target: number, method: string, url: string, block: string, body: NativeBody): Promise<Answer> {
  const raw = await sendRaw(target, method, url, block, body);
  const { status, statusText } = raw;
  const hasBody = !isNullBodyStatus(status);
  if (!hasBody) discard(raw.body);
  const response = responseFromNative(status, statusText, raw.block, hasBody ? raw.body : null, hasBody, url, false, false, null);
  return { status, statusText, headers: headersFromRaw(raw.block, Guard.None), response };
}

/** A body nobody is going to read. */
export function discard(body: NativeBody): void {
  if (body !== null && typeof body !== 'string' && !ArrayBufferIsView(body)) native.pipeCancel(body, 'The body was not needed.');
}

/** Tells the service that nobody reads its answer's body. */
export function discardAnswer(answer: Answer): void {
  dropUnread(answer.response);
}

/** Reads an answer's body, which is short, to its end: the connection can then be used again. */
export async function drain(answer: Answer): Promise<void> {
  await bodyBuffer(answer.response);
}

export function succeeded(answer: Answer): boolean {
  return answer.status >= 200 && answer.status < 300;
}

export function headerOf(answer: Answer, name: string): string | null {
  return getHeader(answer.headers, headerName(name));
}

export function streamOf(answer: Answer): ReadableStream {
  return bodyStream(answer.response) ?? emptyReadable();
}

/** Strings, buffers and streams as a native body; undefined for everything else. Buffers are copied; streams are taken. */
export function nativeBody(value: unknown): NativeBody | undefined {
  if (typeof value === 'string') return value;
  if (isReadableStream(value)) {
    checkPumpable(value);
    return bodyFromReadable(value);
  }
  return isBufferSource(value) ? copyBytes(value) : undefined;
}

/** A promise for what `fn` gives. What is wrong with the arguments is thrown, unless the worker has capture_async_api_throws. */
export function asyncApi<T>(fn: () => Promise<T>): Promise<T> {
  if (!flags.capture_async_api_throws) return fn();
  try {
    return fn();
  } catch (error) {
    return PromiseReject(error);
  }
}

/** An `int` argument or member. */
export function toInt(value: unknown): number {
  const n = +(value as number);
  if (n !== n || n === Infinity || n === -Infinity) throw new TypeError('The value cannot be converted because it is not an integer.');
  if (n < -2147483648 || n > 2147483647) throw new TypeError('Value out of range. Must be between -2147483648 and 2147483647 (inclusive).');
  return n | 0;
}

/** application/x-www-form-urlencoded, for queries. */
export function encodeForm(text: string): string {
  return encode(text, isFormSafe, true);
}

/** One segment of a path. */
export function encodePathSegment(text: string): string {
  return encode(text, isPathSafe, false);
}

function isFormSafe(c: number): boolean {
  return isAlphanumeric(c) || c === 0x2a || c === 0x2d || c === 0x2e || c === 0x5f;
}

// All that the URL standard leaves alone in a path, except what would make other segments or other bytes of it.
function isPathSafe(c: number): boolean {
  return c > 0x20 && c < 0x7f && c !== 0x22 && c !== 0x23 && c !== 0x25 && c !== 0x2f && c !== 0x3c && c !== 0x3e && c !== 0x3f && c !== 0x5c
    && c !== 0x60 && c !== 0x7b && c !== 0x7d;
}

function isAlphanumeric(c: number): boolean {
  return c >= 0x30 && c <= 0x39 || c >= 0x41 && c <= 0x5a || c >= 0x61 && c <= 0x7a;
}

function encode(text: string, isSafe: (c: number) => boolean, plus: boolean): string {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const c = StringPrototypeCharCodeAt(text, i);
    if (isSafe(c)) out += text[i];
    else if (plus && c === 0x20) out += '+';
    else if (c < 0x80) out += `%${HEX[c >> 4]}${HEX[c & 15]}`;
    else if (c >= 0xd800 && c <= 0xdbff && i + 1 < text.length) {
      const pair = StringPrototypeSlice(text, i, i + 2);
      const low = StringPrototypeCharCodeAt(pair, 1);
      if (low >= 0xdc00 && low <= 0xdfff) {
        out += encodeComponent(pair);
        i++;
      } else out += '%EF%BF%BD';
    } else out += c >= 0xd800 && c <= 0xdfff ? '%EF%BF%BD' : encodeComponent(text[i]!);
  }
  return out;
}

const HEX = '0123456789ABCDEF';
