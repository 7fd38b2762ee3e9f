// What R2 says of an object, with (GetResult) or without (HeadResult) the object's bytes.
import { makeBlob, type Blob } from '../../blob';
import { headerValue } from '../../fetch/header-text';
import { isHeaders, setHeader, type Headers } from '../../fetch/headers';
import { flags } from '../../flags';
import { badArgument, defineInterface, illegalInvocation } from '../../interface';
import { ArrayIsArray, JSONParse, ObjectDefineProperty, PrimordialUint8Array, PromisePrototypeThen, PromiseReject, uncurryThis, TypedArrayPrototypeGetBuffer } from '../../primordials';
import { isDisturbed, isLocked, readAllBytes, readAllText, type ReadableStream } from '../../streams';

const KEY = {};
const toUTCString = uncurryThis(Date.prototype.toUTCString) as (date: Date) => string;
const DateClass = Date;

export interface HttpMetadata {
  contentType?: string; contentLanguage?: string; contentDisposition?: string; contentEncoding?: string; cacheControl?: string; cacheExpiry?: Date;
}

/** In the order in which they are written. */
export const HTTP_FIELDS = ['contentType', 'contentLanguage', 'contentDisposition', 'contentEncoding', 'cacheControl'] as const;
const HEADERS = ['content-type', 'content-language', 'content-disposition', 'content-encoding', 'cache-control'] as const;
const HASHES = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'] as const;

function fix(object: object, name: string, value: unknown): void {
  ObjectDefineProperty(object, name, { value, writable: false, enumerable: true, configurable: true });
}

function fromHex(text: string): ArrayBuffer {
  const bytes = new PrimordialUint8Array(text.length >> 1);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text[2 * i]! + text[2 * i + 1]!, 16);
  return TypedArrayPrototypeGetBuffer(bytes);
}

export class Checksums {
  #hex: Record<string, string>;

  constructor(key: unknown, sent: Record<string, string> | undefined) {
    if (key !== KEY) throw new TypeError('Illegal constructor');
    this.#hex = { __proto__: null } as never;
    for (let i = 0; i < HASHES.length; i++) {
      const hex = sent?.[`${i}`];
      if (hex !== undefined) this.#hex[HASHES[i]!] = hex;
      fix(this, HASHES[i]!, hex === undefined ? undefined : fromHex(hex));
    }
  }

  toJSON(): Record<string, string> {
    if (!(#hex in this)) throw illegalInvocation();
    return { ...this.#hex };
  }

  static {
    defineInterface(this, 'Checksums', { brand: (o) => #hex in o });
  }
}

export class HeadResult {
  declare readonly key: string;
  declare readonly httpMetadata: HttpMetadata | undefined;
  declare readonly customMetadata: Record<string, string> | undefined;
  #name: string;
  #http: HttpMetadata | undefined;

  constructor(key: unknown, sent: any, http: HttpMetadata | undefined, custom: Record<string, string> | undefined) {
    if (key !== KEY) throw new TypeError('Illegal constructor');
    this.#name = `${sent.name ?? ''}`;
    this.#http = http;
    const etag = `${sent.etag ?? ''}`;
    const { range } = sent;
    fix(this, 'key', this.#name);
    fix(this, 'version', `${sent.version ?? ''}`);
    fix(this, 'size', +(sent.size ?? 0));
    fix(this, 'etag', etag);
    fix(this, 'httpEtag', `"${etag}"`);
    fix(this, 'checksums', new Checksums(KEY, sent.checksums));
    fix(this, 'uploaded', new DateClass(+(sent.uploaded ?? 0)));
    fix(this, 'httpMetadata', http === undefined ? undefined : { ...http });
    fix(this, 'customMetadata', custom);
    fix(this, 'range', range === undefined ? undefined : { offset: +range.offset, length: +range.length });
    fix(this, 'storageClass', `${sent.storageClass ?? ''}`);
    fix(this, 'ssecKeyMd5', sent.ssec === undefined ? undefined : `${sent.ssec.keyMd5}`);
  }

  writeHttpMetadata(headers: Headers): void {
    if (!(#name in this)) throw illegalInvocation();
    if (!isHeaders(headers)) throw badArgument('writeHttpMetadata', 'HeadResult', 1, 'Headers');
    const http = this.#http;
    if (http === undefined) {
      throw new TypeError(`HTTP metadata unknown for key \`${this.#name}\`. Did you forget to add 'httpMetadata' to \`include\` when listing?`);
    }
    for (let i = 0; i < HTTP_FIELDS.length; i++) {
      const value = http[HTTP_FIELDS[i]!];
      if (value !== undefined) setHeader(headers, HEADERS[i]!, headerValue(value));
    }
    if (http.cacheExpiry !== undefined) setHeader(headers, 'expires', toUTCString(http.cacheExpiry));
  }

  static {
    defineInterface(this, 'HeadResult', { brand: (o) => #name in o });
  }
}

const USED = 'Body has already been used. It can only be used once. Use tee() first if you need to read it twice.';

function refuse(body: ReadableStream): Promise<never> | undefined {
  if (isDisturbed(body)) return PromiseReject(new TypeError(USED));
  if (isLocked(body)) return PromiseReject(new TypeError('This ReadableStream is currently locked to a reader.'));
  return undefined;
}

export class GetResult extends HeadResult {
  #body: ReadableStream;
  #type: string;

  constructor(key: unknown, sent: any, http: HttpMetadata | undefined, custom: Record<string, string> | undefined, body: ReadableStream) {
    super(key, sent, http, custom);
    this.#body = body;
    this.#type = http?.contentType ?? '';
  }

  get body(): ReadableStream {
    if (!(#body in this)) throw illegalInvocation();
    return this.#body;
  }

  get bodyUsed(): boolean {
    if (!(#body in this)) throw illegalInvocation();
    return isDisturbed(this.#body);
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    if (!(#body in this)) throw illegalInvocation();
    return refuse(this.#body) ?? readAllBytes(this.#body);
  }

  bytes(): Promise<Uint8Array> {
    if (!(#body in this)) throw illegalInvocation();
    return refuse(this.#body) ?? PromisePrototypeThen(readAllBytes(this.#body), (buffer) => new PrimordialUint8Array(buffer));
  }

  text(): Promise<string> {
    if (!(#body in this)) throw illegalInvocation();
    return refuse(this.#body) ?? readAllText(this.#body, flags.strip_bom_in_read_all_text === true);
  }

  json(): Promise<unknown> {
    if (!(#body in this)) throw illegalInvocation();
    return refuse(this.#body)
      ?? PromisePrototypeThen(readAllText(this.#body, flags.strip_bom_in_read_all_text === true), (text) => JSONParse(text) as unknown);
  }

  blob(): Promise<Blob> {
    if (!(#body in this)) throw illegalInvocation();
    return refuse(this.#body)
      ?? PromisePrototypeThen(readAllBytes(this.#body), (buffer) => makeBlob(new PrimordialUint8Array(buffer), this.#type));
  }

  static {
    defineInterface(this, 'GetResult', { brand: (o) => #body in o });
  }
}

function httpOf(sent: any): HttpMetadata {
  const http: HttpMetadata = {};
  for (let i = 0; i < HTTP_FIELDS.length; i++) {
    const name = HTTP_FIELDS[i]!;
    if (sent[name] !== undefined) http[name] = `${sent[name]}`;
  }
  if (sent.cacheExpiry !== undefined) http.cacheExpiry = new DateClass(+sent.cacheExpiry);
  return http;
}

function customOf(sent: unknown): Record<string, string> {
  const custom: Record<string, string> = {};
  if (!ArrayIsArray(sent)) return custom;
  for (let i = 0; i < sent.length; i++) {
    ObjectDefineProperty(custom, `${sent[i].k}`, { value: `${sent[i].v}`, writable: true, enumerable: true, configurable: true });
  }
  return custom;
}

/** Which metadata an answer must have; where it has none, they are empty. */
export interface Expected { readonly http: boolean; readonly custom: boolean }
export const ALL: Expected = { http: true, custom: true };

function metadataOf(sent: any, expected: Expected): [HttpMetadata | undefined, Record<string, string> | undefined] {
  return [
    sent.httpFields !== undefined ? httpOf(sent.httpFields) : expected.http ? {} : undefined,
    sent.customFields !== undefined ? customOf(sent.customFields) : expected.custom ? {} : undefined,
  ];
}

export function headResult(sent: any, expected: Expected): HeadResult {
  const [http, custom] = metadataOf(sent, expected);
  return new HeadResult(KEY, sent, http, custom);
}

/** With the metadata that were sent with the object. */
export function putResult(sent: any, http: HttpMetadata, custom: Record<string, string>): HeadResult {
  return new HeadResult(KEY, sent, http, custom);
}

export function getResult(sent: any, body: ReadableStream): GetResult {
  const [http, custom] = metadataOf(sent, ALL);
  return new GetResult(KEY, sent, http, custom, body);
}
