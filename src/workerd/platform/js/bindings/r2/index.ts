// R2 buckets (https://developers.cloudflare.com/r2/api/workers/workers-api-reference/).
import { flags } from '../../flags';
import { badArgument, badField, defineInterface, illegalInvocation, toDictionary } from '../../interface';
import { ArrayIsArray, ArrayPrototypeMap, JSONParse } from '../../primordials';
import { cancelQuietly, emptyReadable, isLocked, isReadableStream } from '../../streams';
import { toInt } from '../send';
import { makeMultipartUpload, type R2MultipartUpload } from './multipart';
import { ALL, getResult, headResult, putResult, type Expected, type GetResult, type HeadResult } from './objects';
import { addCustomMetadata, addHashes, addHttpMetadata, addOnlyIf, addRange, addSsec, stringField } from './options';
import { valueOf } from './value';
import { get, objectNotFound, preconditionFailed, put, request, throwIfError } from './wire';

const KEY = {};
const INCLUDES: Record<string, number> = { __proto__: null, httpMetadata: 0, customMetadata: 1 } as never;
const LIST_FIELDS = ['prefix', 'cursor', 'delimiter', 'startAfter'] as const;

type Fields = Record<string, unknown>;
interface ListResult { objects: HeadResult[]; truncated: boolean; cursor?: string; delimitedPrefixes: string[] }

function optionsOf(value: unknown, method: string, index: number, type: string): any {
  return toDictionary<any>(value, () => badArgument(method, 'R2Bucket', index, type));
}

export class R2Bucket {
  #target: number;

  constructor(key: unknown, target: number) {
    if (key !== KEY) throw new TypeError('Illegal constructor');
    this.#target = target;
  }

  async head(key: string): Promise<HeadResult | null> {
    if (!(#target in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('head', 'R2Bucket', 1, 'string');
    const result = await get(this.#target, request('head', { object: `${key}` }));
    if (objectNotFound(result)) return null;
    throwIfError(result, 'head');
    return headResult(JSONParse(result.metadata!), ALL);
  }

  async get(key: string, options?: unknown): Promise<GetResult | HeadResult | null> {
    if (!(#target in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('get', 'R2Bucket', 1, 'string');
    const fields: Fields = { object: `${key}` };
    const given = optionsOf(options, 'get', 2, 'GetOptions');
    if (given !== undefined) {
      addOnlyIf(fields, given.onlyIf, 'GetOptions');
      addRange(fields, given.range);
      addSsec(fields, given.ssecKey);
    }
    const result = await get(this.#target, request('get', fields));
    if (objectNotFound(result)) return null;
    if (preconditionFailed(result)) {
      if (result.body !== undefined) cancelQuietly(result.body, undefined);
      if (result.metadata === undefined) throwIfError(result, 'get');
      return headResult(JSONParse(result.metadata!), ALL);
    }
    throwIfError(result, 'get');
    return getResult(JSONParse(result.metadata!), result.body ?? emptyReadable());
  }

  async put(key: string, value: unknown, options?: unknown): Promise<HeadResult | null> {
    if (!(#target in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('put', 'R2Bucket', 1, 'string');
    const fields: Fields = { object: `${key}` };
    const body = valueOf(value, true, 'put', 'R2Bucket');
    const given = optionsOf(options, 'put', 3, 'PutOptions');
    let http = {};
    let custom = {};
    try {
      if (given !== undefined) {
        addOnlyIf(fields, given.onlyIf, 'PutOptions');
        custom = addCustomMetadata(fields, given.customMetadata, 'PutOptions');
        http = addHttpMetadata(fields, given.httpMetadata, 'PutOptions');
        addHashes(fields, given);
        if (given.storageClass !== undefined) fields.storageClass = `${given.storageClass}`;
        addSsec(fields, given.ssecKey);
      }
    } catch (error) {
      if (isReadableStream(value) && !isLocked(value)) {
        cancelQuietly(value, new Error('Stream cancelled because the associated put operation encountered an error.'));
      }
      throw error;
    }
    const result = await put(this.#target, request('put', fields), body);
    if (preconditionFailed(result) || objectNotFound(result)) return null;
    throwIfError(result, 'put');
    return putResult(JSONParse(result.metadata!), http, custom);
  }

  async createMultipartUpload(key: string, options?: unknown): Promise<R2MultipartUpload> {
    if (!(#target in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('createMultipartUpload', 'R2Bucket', 1, 'string');
    const object = `${key}`;
    const fields: Fields = { object };
    const given = optionsOf(options, 'createMultipartUpload', 2, 'MultipartOptions');
    if (given !== undefined) {
      addCustomMetadata(fields, given.customMetadata, 'MultipartOptions');
      addHttpMetadata(fields, given.httpMetadata, 'MultipartOptions');
      if (given.storageClass !== undefined) fields.storageClass = `${given.storageClass}`;
      addSsec(fields, given.ssecKey);
    }
    const result = await put(this.#target, request('createMultipartUpload', fields), undefined);
    throwIfError(result, 'createMultipartUpload');
    return makeMultipartUpload(this.#target, object, `${JSONParse(result.metadata!).uploadId}`);
  }

  resumeMultipartUpload(key: string, uploadId: string): R2MultipartUpload {
    if (!(#target in this)) throw illegalInvocation();
    if (arguments.length < 2) throw badArgument('resumeMultipartUpload', 'R2Bucket', arguments.length + 1, 'string');
    return makeMultipartUpload(this.#target, `${key}`, `${uploadId}`);
  }

  async delete(keys: string | string[]): Promise<void> {
    if (!(#target in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('delete', 'R2Bucket', 1, 'string or Array');
    const fields = ArrayIsArray(keys) ? { objects: ArrayPrototypeMap(keys, (key) => `${key}`) } : { object: `${keys}` };
    const result = await put(this.#target, request('delete', fields), undefined);
    if (!objectNotFound(result)) throwIfError(result, 'delete');
  }

  async list(options?: unknown): Promise<ListResult> {
    if (!(#target in this)) throw illegalInvocation();
    const fields: Fields = {};
    let expected: Expected = { http: false, custom: false };
    const given = optionsOf(options, 'list', 1, 'ListOptions');
    if (given !== undefined) {
      if (given.limit !== undefined) fields.limit = toInt(given.limit) >>> 0;
      for (let i = 0; i < LIST_FIELDS.length; i++) {
        const name = LIST_FIELDS[i]!;
        const value = stringField(given[name], name, 'ListOptions');
        if (value !== undefined) fields[name] = value;
      }
      const { include } = given;
      if (include !== undefined) {
        if (!ArrayIsArray(include)) throw badField('include', 'ListOptions', 'Array');
        fields.include = ArrayPrototypeMap(include, (name: unknown) => {
          if (typeof name !== 'string') throw badField('include', 'ListOptions', 'Array');
          const number = INCLUDES[name];
          if (number === undefined) throw new RangeError(`Unsupported include value ${name}`);
          expected = { http: expected.http || number === 0, custom: expected.custom || number === 1 };
          return number;
        });
      } else if (flags.r2_list_honor_include) fields.include = [];
    }
    fields.newRuntime = true;
    if (!flags.r2_list_honor_include) {
      fields.include = [0, 1];
      expected = ALL;
    }
    const result = await get(this.#target, request('list', fields));
    throwIfError(result, 'list');
    if (result.body !== undefined) cancelQuietly(result.body, undefined);
    const sent: any = JSONParse(result.metadata!);
    const list: ListResult = {
      objects: ArrayPrototypeMap((sent.objects ?? []) as unknown[], (o) => headResult(o, expected)), truncated: !!sent.truncated,
      delimitedPrefixes: ArrayPrototypeMap((sent.delimitedPrefixes ?? []) as unknown[], (p) => `${p as string}`),
    };
    return sent.cursor === undefined ? list : { objects: list.objects, truncated: list.truncated, cursor: `${sent.cursor}`, delimitedPrefixes: list.delimitedPrefixes };
  }

  static {
    defineInterface(this, 'R2Bucket', { brand: (o) => #target in o });
  }
}

export function makeR2Bucket(target: number): R2Bucket {
  return new R2Bucket(KEY, target);
}
