// Uploads in parts.
import { badArgument, badField, defineInterface, illegalInvocation, toDictionary } from '../../interface';
import { ArrayIsArray, JSONParse, ObjectDefineProperty } from '../../primordials';
import { toInt } from '../send';
import { ALL, headResult, type HeadResult } from './objects';
import { addSsec } from './options';
import { valueOf } from './value';
import { objectNotFound, put, request, throwIfError } from './wire';

const KEY = {};

interface UploadedPart { partNumber: number; etag: string }

function checkPart(number: number): number {
  if (number >= 1 && number <= 10000) return number;
  throw new TypeError(`Part number must be between 1 and 10000 (inclusive). Actual value was: ${number}`);
}

export class R2MultipartUpload {
  declare readonly key: string;
  declare readonly uploadId: string;
  #target: number;
  #object: string;
  #upload: string;

  constructor(key: unknown, target: number, object: string, upload: string) {
    if (key !== KEY) throw new TypeError('Illegal constructor');
    this.#target = target;
    this.#object = object;
    this.#upload = upload;
    ObjectDefineProperty(this, 'key', { value: object, writable: false, enumerable: true, configurable: true });
    ObjectDefineProperty(this, 'uploadId', { value: upload, writable: false, enumerable: true, configurable: true });
  }

  async uploadPart(partNumber: number, value: unknown, options?: { ssecKey?: unknown }): Promise<UploadedPart> {
    if (!(#target in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('uploadPart', 'R2MultipartUpload', 1, 'integer');
    const part = toInt(partNumber);
    const body = valueOf(value, false, 'uploadPart', 'R2MultipartUpload');
    const given = toDictionary<{ ssecKey?: unknown }>(options, () => badArgument('uploadPart', 'R2MultipartUpload', 3, 'UploadPartOptions'));
    checkPart(part);
    const fields: Record<string, unknown> = { object: this.#object, uploadId: this.#upload, partNumber: part };
    addSsec(fields, given?.ssecKey);
    const result = await put(this.#target, request('uploadPart', fields), body);
    throwIfError(result, 'uploadPart');
    return { partNumber: part, etag: `${JSONParse(result.metadata!).etag}` };
  }

  async abort(): Promise<void> {
    if (!(#target in this)) throw illegalInvocation();
    const result = await put(this.#target, request('abortMultipartUpload', { object: this.#object, uploadId: this.#upload }), undefined);
    if (!objectNotFound(result)) throwIfError(result, 'abortMultipartUpload');
  }

  async complete(uploadedParts: readonly UploadedPart[]): Promise<HeadResult> {
    if (!(#target in this)) throw illegalInvocation();
    if (!ArrayIsArray(uploadedParts)) throw badArgument('complete', 'R2MultipartUpload', 1, 'Array');
    const parts: { etag: string; part: number }[] = [];
    for (let i = 0; i < uploadedParts.length; i++) {
      const given: any = uploadedParts[i];
      if (typeof given !== 'object' || given === null) throw badArgument('complete', 'R2MultipartUpload', 1, 'Array');
      const part = toInt(given.partNumber);
      if (given.etag === undefined) throw badField('etag', 'UploadedPart', 'string');
      parts[parts.length] = { etag: `${given.etag}`, part: checkPart(part) };
    }
    const result = await put(this.#target, request('completeMultipartUpload', { object: this.#object, uploadId: this.#upload, parts }), undefined);
    throwIfError(result, 'completeMultipartUpload');
    return headResult(JSONParse(result.metadata!), ALL);
  }

  static {
    defineInterface(this, 'R2MultipartUpload', { brand: (o) => #target in o });
  }
}

export function makeMultipartUpload(target: number, object: string, upload: string): R2MultipartUpload {
  return new R2MultipartUpload(KEY, target, object, upload);
}
