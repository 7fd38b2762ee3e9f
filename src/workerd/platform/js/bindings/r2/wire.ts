// R2's protocol: a request is JSON, in a header of a GET or before the value in the body of a PUT; so is what is said of an object.
import { concatBytes, subBytes } from '../../blob/bytes';
import { blobBytes, isBlob, type Blob } from '../../blob';
import { Guard, getHeader, headersFromRaw } from '../../fetch/headers';
import { headerName, valueToWire } from '../../fetch/header-text';
import type { NativeBody, Pipe } from '../../native';
import { native } from '../../ops';
import {
  ArrayBufferIsView, JSONParse, JSONStringify, PrimordialPromise, StringPrototypeSlice, TypedArrayPrototypeGetByteLength,
} from '../../primordials';
import { emptyReadable, getExpectedLength, pipeFromReadable, readableFromBytes, readableFromPipe, isReadableStream, type ReadableStream } from '../../streams';
import { checkStream } from '../../fetch/extract';
import { discard, sendRaw } from '../send';

const URL = 'https://fake-host/';
/** As the schema's default says. */
const UNSPECIFIED = '{"version":0,"v4code":0,"message":"Unspecified error"}';
/** Bytes. */
const MAX_METADATA = 1024 * 1024;
const ERROR = headerName('cf-r2-error');
const METADATA_SIZE = headerName('cf-r2-metadata-size');

export type Value = string | Uint8Array | Blob | ReadableStream;

/** What came back. `metadata`: JSON text. */
export interface R2Result {
  readonly status: number;
  readonly metadata: string | undefined;
  readonly body: ReadableStream | undefined;
  readonly error: { readonly code: number; readonly message: string } | undefined;
}

export function objectNotFound(result: R2Result): boolean {
  return result.status === 404 && result.error?.code === 10007;
}

export function preconditionFailed(result: R2Result): boolean {
  return result.status === 412 && (result.error?.code === 10031 || result.error?.code === 10032);
}

export function throwIfError(result: R2Result, action: string): void {
  if (result.error !== undefined) throw new Error(`${action}: ${result.error.message} (${result.error.code})`);
}

export function request(method: string, fields: object): string {
  return JSONStringify({ __proto__: null, version: 1, method, ...fields });
}

function errorOf(block: string): R2Result['error'] {
  const text = getHeader(headersFromRaw(block, Guard.None), ERROR) ?? UNSPECIFIED;
  const parsed = JSONParse(text);
  return { code: +(parsed.v4code ?? 0), message: `${parsed.message ?? ''}` };
}

/** For what changes nothing. */
export async function get(target: number, metadata: string): Promise<R2Result> {
  const { status, block, body } = await sendRaw(target, 'GET', URL, `CF-R2-Request: ${valueToWire(metadata)}\r\n`, null);
  const error = status >= 400 ? errorOf(block) : undefined;
  const size = getHeader(headersFromRaw(block, Guard.None), METADATA_SIZE);
  if (size === null) {
    discard(body);
    return { status, metadata: undefined, body: undefined, error };
  }
  const split = await splitBody(body, parseInt(size, 10) || 0);
  return { status, metadata: split.head, body: split.rest, error };
}

async function splitBody(body: NativeBody, size: number): Promise<{ head: string; rest: ReadableStream }> {
  if (size < 0 || size > MAX_METADATA) {
    discard(body);
    throw new Error('R2 metadata size is out of bounds.');
  }
  if (body === null) body = '';
  // Texts are ASCII: characters are bytes.
  if (typeof body === 'string') {
    if (body.length < size) throw short();
    return { head: StringPrototypeSlice(body, 0, size), rest: rest(native.latin1Encode(StringPrototypeSlice(body, size))) };
  }
  if (ArrayBufferIsView(body)) {
    const length = TypedArrayPrototypeGetByteLength(body as Uint8Array);
    if (length < size) throw short();
    return { head: native.utf8Decode(subBytes(body as Uint8Array, 0, size), false, true), rest: rest(subBytes(body as Uint8Array, size, length)) };
  }
  const head = await readExactly(body as Pipe, size);
  return { head: native.utf8Decode(head, false, true), rest: readableFromPipe(body as Pipe) };
}

function rest(bytes: Uint8Array): ReadableStream {
  return TypedArrayPrototypeGetByteLength(bytes) === 0 ? emptyReadable() : readableFromBytes(bytes);
}

function short(): Error {
  return new Error('The R2 response ends before its metadata does.');
}

function readExactly(pipe: Pipe, size: number): Promise<Uint8Array> {
  return new PrimordialPromise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let have = 0;
    const pump = (): void => {
      try {
        while (have < size) {
          const chunk = native.pipeRead(pipe, size - have, pump);
          if (chunk === undefined) return;
          if (chunk === null) throw short();
          chunks[chunks.length] = chunk;
          have += TypedArrayPrototypeGetByteLength(chunk);
        }
      } catch (error) {
        reject(error);
        return;
      }
      resolve(chunks.length === 1 ? chunks[0]! : concatBytes(chunks));
    };
    pump();
  });
}

/** For what changes something. Streams must know their length. */
export async function put(target: number, metadata: string, value: Value | undefined): Promise<R2Result> {
  const head = native.utf8Encode(metadata);
  const size = TypedArrayPrototypeGetByteLength(head);
  const { status, block, body } = await sendRaw(target, 'PUT', URL, `CF-R2-Metadata-Size: ${size}\r\n`, joinBody(metadata, head, value));
  if (status >= 400) {
    discard(body);
    return { status, metadata: undefined, body: undefined, error: errorOf(block) };
  }
  return { status, metadata: await textOf(body), body: undefined, error: undefined };
}

function joinBody(metadata: string, head: Uint8Array, value: Value | undefined): NativeBody {
  if (value === undefined) return metadata;
  if (typeof value === 'string') return metadata + value;
  if (!isReadableStream(value)) return concatBytes([head, isBlob(value) ? blobBytes(value) : value as Uint8Array]);
  checkStream(value);
  const length = getExpectedLength(value);
  if (length === undefined) {
    throw new TypeError('Provided readable stream must have a known length (request/response body or readable half of FixedLengthStream)');
  }
  const body = native.pipeNew(undefined, length + TypedArrayPrototypeGetByteLength(head));
  native.pipeWrite(body, head);
  native.pipeLink(pipeFromReadable(value), body, true, (what, message) => {
    if (what === 1) native.pipeAbort(body, message);
  });
  return body;
}

function textOf(body: NativeBody): string | Promise<string> {
  if (body === null) return '';
  if (typeof body === 'string') return body;
  if (ArrayBufferIsView(body)) return native.utf8Decode(body as Uint8Array, false, true);
  return new PrimordialPromise((resolve, reject) => {
    native.pipeReadAll(body as Pipe, 1, false, (error, text) => {
      if (error !== undefined) reject(new Error(error));
      else resolve(text as string);
    });
  });
}

