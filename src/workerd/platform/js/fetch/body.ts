// The Body mixin (https://fetch.spec.whatwg.org/#body-mixin), which Request and Response extend. A body stays what it was given as
// (text, bytes, a native pipe) until somebody asks for its stream: most are consumed whole or passed on without one.
import { checkOwner, checkPipe, currentOwner, isForeign, READABLE_TYPE } from '../pipe-owner';
import { makeBlob, type Blob } from '../blob';
import { copyBytes } from '../blob/bytes';
import { parseFormData, type FormData } from '../form-data';
import { flags } from '../flags';
import { defineInterface, illegalInvocation } from '../interface';
import { otherRequestError, requireIoContext } from '../io-context';
import type { NativeBody, Pipe } from '../native';
import { parseJson, parseJsonBytes } from '../json';
import { native } from '../ops';
import {
  PrimordialPromise, PrimordialUint8Array, PromisePrototypeThen, PromiseReject, PromiseResolve, StringPrototypeCharCodeAt,
  StringPrototypeIsWellFormed, StringPrototypeSlice, StringPrototypeToWellFormed, TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
} from '../primordials';
import {
  cancelQuietly, emptyReadable, getExpectedLength, isDisturbed, isLocked, readAllBytes, readAllText, readableFromBytes, readableFromPipe,
  setStreamOwner, takeReadable, teeReadable, type ReadableStream,
} from '../streams';
import { logWarning } from '../warnings';
import { Coding, decodedBody, encodedBody } from './coding';
import { checkStream, Kind, type Extracted } from './extract';
import { headerName } from './header-text';
import { Guard, getHeader, headersFromRaw, headersToRaw, type Headers } from './headers';
import { extractMime, mimeToString } from './mime';
import { errorFromText } from './native-error';

const CONTENT_TYPE = headerName('content-type');
const USED = 'Body has already been used. It can only be used once. Use tee() first if you need to read it twice.';

/** What the constructors of Request and Response are given by the platform. */
export const BODY_KEY = {};

/** What a body is made of, on its way to another one. */
export interface BodyParts {
  kind: Kind; source: any; coding: Coding; memory: string | Uint8Array<ArrayBuffer> | undefined; owner: object | undefined;
}

export let headersOf: (b: Body) => Headers;
/** The headers as they travel, without making a Headers object of them. */
export let headerBlockOf: (b: Body) => string;
export let setHeaderBlock: (b: Body, block: string, guard: Guard) => void;
export let setBody: (b: Body, kind: Kind, source: unknown) => void;
/** The same for what user code gave: outside of requests there are no bodies but streams of its own. */
export function setUserBody(b: Body, kind: Kind, source: unknown): void {
  if (kind === Kind.Text || kind === Kind.Bytes) requireIoContext();
  setBody(b, kind, source);
}
/** Says whose the body is. */
export let setBodyOwner: (b: Body, owner: object) => void;
export let setBodyParts: (b: Body, parts: BodyParts) => void;
/** The bytes are compressed in this way and are to be shown uncompressed. */
export let setCoding: (b: Body, coding: Coding) => void;
export let hasBody: (b: Body) => boolean;
export let isBodyUsed: (b: Body) => boolean;
/** The body can be sent again: there is none, or it is in memory. */
export let canRewind: (b: Body) => boolean;
/** There is a body, and it is known to be empty. */
export let isEmptyBody: (b: Body) => boolean;
/** Hands the body over and leaves this one used. */
export let takeBody: (b: Body) => BodyParts;
/** A second body of the same bytes; this one stays usable. */
export let cloneBody: (b: Body) => BodyParts;
/** The same stream in another body. */
export let sameBody: (b: Body) => BodyParts;
/** The body for the native side, in a coding; this one is used from now on. The caller checks isBodyUsed first. */
export let bodyToNative: (b: Body, coding: Coding) => NativeBody;
export let nullifyBody: (b: Body) => void;
/** Tells the sender of a body from outside, which nobody has read or passed on, that nobody will. */
export let dropUnread: (b: Body) => void;
/** Ready to be sent once more, after bodyToNative. Only if canRewind said so before. */
export let rewindBody: (b: Body) => void;
export let isBody: (v: unknown) => v is Body;
let consume: (b: Body, as: As) => Promise<any>;
/** The stream of a body, made if need be; null without a body. */
export let streamOfBody: (b: Body) => ReadableStream | null;

const enum As { Buffer, Bytes, Text, Json, Blob, FormData }

/** Gives an object the private fields of its subclass. Request and Response cannot be subclasses themselves: what users see of their
 *  constructors is that they inherit nothing. */
class Stamp {
  constructor(target: object) {
    return target;
  }
}

export class Body extends Stamp {
  #kind = Kind.Null;
  /** By kind: undefined, string, Uint8Array (ours, never shown), Pipe, ReadableStream. */
  #source: any = undefined;
  /** Consumed, without a stream having been made. */
  #used = false;
  #coding = Coding.Identity;
  /** The text or bytes that the stream was made of. */
  #memory: string | Uint8Array<ArrayBuffer> | undefined = undefined;
  /** The request it belongs to; for streams, they know. */
  #owner: object | undefined = undefined;
  #headers: Headers | undefined = undefined;
  #block = '';
  #guard = Guard.None;

  get body(): ReadableStream | null {
    if (!(#kind in this)) throw illegalInvocation();
    return streamOfBody(this);
  }

  get bodyUsed(): boolean {
    if (!(#kind in this)) throw illegalInvocation();
    return isBodyUsed(this);
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    if (!(#kind in this)) throw illegalInvocation();
    return consume(this, As.Buffer);
  }

  bytes(): Promise<Uint8Array> {
    if (!(#kind in this)) throw illegalInvocation();
    return consume(this, As.Bytes);
  }

  text(): Promise<string> {
    if (!(#kind in this)) throw illegalInvocation();
    return consume(this, As.Text);
  }

  json(): Promise<any> {
    if (!(#kind in this)) throw illegalInvocation();
    return consume(this, As.Json);
  }

  formData(): Promise<FormData> {
    if (!(#kind in this)) throw illegalInvocation();
    return consume(this, As.FormData);
  }

  blob(): Promise<Blob> {
    if (!(#kind in this)) throw illegalInvocation();
    return consume(this, As.Blob);
  }

  static {
    isBody = (v): v is Body => typeof v === 'object' && v !== null && #kind in v;
    headersOf = (b) => b.#headers ??= headersFromRaw(b.#block, b.#guard);
    headerBlockOf = (b) => (b.#headers === undefined ? b.#block : headersToRaw(b.#headers));
    setHeaderBlock = (b, block, guard) => {
      b.#block = block;
      b.#guard = guard;
      b.#headers = undefined;
    };
    setBody = (b, kind, source) => {
      b.#kind = kind;
      b.#source = source;
      b.#memory = undefined;
      b.#coding = Coding.Identity;
      b.#used = false;
      b.#owner = kind === Kind.Null || kind === Kind.Stream ? undefined : currentOwner();
    };
    setBodyParts = (b, parts) => {
      b.#kind = parts.kind;
      b.#source = parts.source;
      b.#used = false;
      b.#owner = parts.owner;
      b.#coding = parts.coding;
      b.#memory = parts.memory;
    };
    setBodyOwner = (b, owner) => {
      if (b.#kind !== Kind.Null && b.#kind !== Kind.Stream) b.#owner = owner;
    };
    nullifyBody = (b) => setBody(b, Kind.Null, undefined);
    dropUnread = (b) => {
      if (b.#kind === Kind.Stream) {
        if (!isLocked(b.#source)) cancelQuietly(b.#source, undefined);
      } else if (b.#kind === Kind.Pipe && !b.#used) {
        b.#used = true;
        native.pipeCancel(b.#source, 'The request is over.');
      }
    };
    setCoding = (b, coding) => { b.#coding = coding; };
    hasBody = (b) => b.#kind !== Kind.Null;
    isBodyUsed = (b) => (b.#kind === Kind.Stream ? isDisturbed(b.#source) : b.#used);
    canRewind = (b) => b.#kind <= Kind.Bytes || b.#memory !== undefined;
    rewindBody = (b) => {
      if (b.#memory !== undefined) {
        b.#kind = typeof b.#memory === 'string' ? Kind.Text : Kind.Bytes;
        b.#source = b.#memory;
        b.#memory = undefined;
      }
      b.#used = false;
    };
    isEmptyBody = (b) => {
      switch (b.#kind) {
        case Kind.Null: return false;
        case Kind.Text: return b.#source === '';
        case Kind.Bytes: return TypedArrayPrototypeGetByteLength(b.#source) === 0;
        case Kind.Pipe: return native.pipeLength(b.#source) === 0;
        case Kind.Stream: return getExpectedLength(b.#source) === 0;
      }
    };
    const partsOf = (b: Body): BodyParts => ({ kind: b.#kind, source: b.#source, coding: b.#coding, memory: b.#memory, owner: b.#owner });
    streamOfBody = (b) => {
      const kind = b.#kind;
      if (kind === Kind.Null) return null;
      if (kind === Kind.Stream) return b.#source;
      const source = b.#source;
      b.#kind = Kind.Stream;
      const owner = b.#owner;
      b.#owner = undefined;
      if (b.#used) return b.#source = usedStream();
      if (b.#coding !== Coding.Identity) {
        b.#source = decodedBody(kind === Kind.Text ? native.utf8Encode(source) : source, b.#coding);
        b.#coding = Coding.Identity;
      } else if (kind === Kind.Pipe) b.#source = readableFromPipe(source);
      else {
        b.#memory = source;
        b.#source = kind === Kind.Text ? readableFromBytes(native.utf8Encode(source)) : readableFromBytes(source, true);
      }
      setStreamOwner(b.#source, owner);
      return b.#source;
    };
    takeBody = (b) => {
      const parts = partsOf(b);
      if (parts.kind === Kind.Stream) parts.source = takeReadable(parts.source);
      else if (parts.kind !== Kind.Null) b.#used = true;
      return parts;
    };
    cloneBody = (b) => {
      checkOwner(b.#owner, READABLE_TYPE);
      if (b.#kind === Kind.Pipe || b.#used) streamOfBody(b);
      const parts = partsOf(b);
      if (parts.kind === Kind.Stream) {
        const branches = teeReadable(parts.source);
        b.#source = branches[0];
        parts.source = branches[1];
      }
      return parts;
    };
    sameBody = (b) => {
      const stream = streamOfBody(b);
      if (stream !== null) checkStream(stream);
      return partsOf(b);
    };
    bodyToNative = (b, coding) => {
      if (b.#kind === Kind.Null) return null;
      checkOwner(b.#owner, READABLE_TYPE);
      if (b.#kind === Kind.Stream || b.#coding !== coding) return encodedBody(streamOfBody(b)!, coding);
      b.#used = true;
      return b.#source;
    };
    consume = (b, as) => {
      if (isBodyUsed(b)) return PromiseReject(new TypeError(USED));
      if (isForeign(b.#owner)) return PromiseReject(otherRequestError(READABLE_TYPE));
      let type: string | null = null;
      if (as >= As.Blob) {
        type = getHeader(headersOf(b), CONTENT_TYPE);
        if (as === As.FormData && type === null) {
          return PromiseReject(new TypeError('Parsing a Body as FormData requires a Content-Type header.'));
        }
      }
      if (b.#kind === Kind.Stream || b.#coding !== Coding.Identity) return consumeStream(streamOfBody(b)!, as, type);
      const source = b.#source;
      b.#used = b.#kind !== Kind.Null;
      try {
        switch (b.#kind) {
          case Kind.Null: return PromiseResolve(fromText('', as, type));
          case Kind.Text: return PromiseResolve(fromText(source, as, type));
          case Kind.Bytes: {
            if (as === As.Json) {
              const parsed = parseJsonBytes(source);
              if (parsed !== undefined) return PromiseResolve(parsed.value);
            }
            if (as === As.Text || as === As.Json) return PromiseResolve(fromText(native.utf8Decode(source, false, true), as, type));
            return PromiseResolve(fromBytes(copyBytes(source), as, type));
          }
          default: return consumePipe(source, as, type);
        }
      } catch (error) {
        return PromiseReject(error);
      }
    };
  }
}

/** The stream of a body that was consumed without one: locked and read. */
function usedStream(): ReadableStream {
  const stream = emptyReadable();
  void readAllBytes(stream);
  return stream;
}

function fromText(text: string, as: As, type: string | null): unknown {
  if (as !== As.Text && as !== As.Json) return fromBytes(native.utf8Encode(text) as Uint8Array<ArrayBuffer>, as, type);
  if (!StringPrototypeIsWellFormed(text)) text = StringPrototypeToWellFormed(text);
  if (StringPrototypeCharCodeAt(text, 0) === 0xfeff && flags.strip_bom_in_read_all_text) text = StringPrototypeSlice(text, 1);
  return as === As.Json ? parseJson(text) : text;
}

/** `bytes`: given away, alone in their buffer. */
function fromBytes(bytes: Uint8Array<ArrayBuffer>, as: As, type: string | null): unknown {
  switch (as) {
    case As.Buffer: return TypedArrayPrototypeGetBuffer(bytes);
    case As.Bytes: return bytes;
    case As.Blob: return makeBlob(bytes, blobTypeFrom(type));
    default: return parseFormData(bytes, type!);
  }
}

function blobTypeFrom(type: string | null): string {
  if (type === null || !flags.blob_standard_mime_type) return type ?? '';
  const mime = extractMime(type);
  return mime === undefined ? '' : mimeToString(mime);
}

function consumeStream(stream: ReadableStream, as: As, type: string | null): Promise<unknown> {
  if (isLocked(stream)) return PromiseReject(new TypeError('This ReadableStream is currently locked to a reader.'));
  if (as === As.Text) return readAllText(stream, flags.strip_bom_in_read_all_text!);
  if (as === As.Json) return PromisePrototypeThen(readAllText(stream, flags.strip_bom_in_read_all_text!), parseJson);
  return PromisePrototypeThen(readAllBytes(stream), (buffer) => fromBytes(new PrimordialUint8Array(buffer), as, type));
}

function consumePipe(pipe: Pipe, as: As, type: string | null): Promise<unknown> {
  checkPipe(pipe);
  const text = as === As.Text || as === As.Json;
  return new PrimordialPromise((resolve, reject) => {
    native.pipeReadAll(pipe, text ? 1 : 0, flags.strip_bom_in_read_all_text!, (error, result) => {
      if (error !== undefined) {
        reject(errorFromText(error));
        return;
      }
      try {
        if (text) resolve(as === As.Json ? parseJson(result as string) : result);
        else resolve(fromBytes(new PrimordialUint8Array(result as ArrayBuffer), as, type));
      } catch (e) {
        reject(e);
      }
    });
  });
}

/** The header block with the Content-Type that a body implies, unless the user gave one. */
export function blockWithType(block: string, hasType: boolean, body: Extracted): string {
  if (body.type === undefined) return block;
  if (!hasType) return `${block}Content-Type: ${body.type}\r\n`;
  if (body.form) {
    logWarning('A FormData body was provided with a custom Content-Type header when constructing a Request or Response object. This ' +
      'will prevent the recipient of the Request or Response from being able to parse the body. Consider omitting the custom ' +
      'Content-Type header.');
  }
  return block;
}

/** Called once with each new Request and Response. */
export function makeBody(target: object): void {
  new Body(target);
}

/** The interface object. */
export function BodyInterface(): void {
  throw new TypeError('Illegal constructor');
}

/** How a body that was already consumed is refused. */
export function usedError(): TypeError {
  return new TypeError(USED);
}

Object.setPrototypeOf(Body.prototype, Object.prototype);
Object.defineProperty(BodyInterface, 'prototype', { value: Body.prototype, writable: false });
Object.defineProperty(Body.prototype, 'constructor', { value: BodyInterface });
defineInterface(BodyInterface as never, 'Body', { brand: isBody, ownProperties: ['body', 'bodyUsed'] });
