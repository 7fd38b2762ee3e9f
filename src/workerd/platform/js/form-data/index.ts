// FormData (https://xhr.spec.whatwg.org/#interface-formdata).
import { blobBytes, blobType, isBlob, isFile, makeFile, type Blob, type File } from '../blob';
import { subBytes } from '../blob/bytes';
import { mimeParam, parseMime } from '../fetch/mime';
import { entryIterator, keyIterator, valueIterator } from '../fetch/iterators';
import { flags } from '../flags';
import { badArgument, defineInterface, illegalInvocation } from '../interface';
import { native } from '../ops';
import {
  DateNow, ReflectApply, StringPrototypeToLowerCase, StringPrototypeToWellFormed, TypedArrayPrototypeGetByteLength,
} from '../primordials';
import { parseMultipart, serializeMultipart, type Entry } from './multipart';
import { parseUrlEncoded } from './urlencoded';

type Value = string | File;
const VALUE = 'File or Blob or string';

export let isFormData: (v: unknown) => v is FormData;
/** The entries themselves. */
export let formDataEntries: (fd: FormData) => Entry[];

export class FormData {
  #entries: Entry[] = [];

  append(name: string, value: unknown, filename?: string): void {
    if (!(#entries in this)) throw illegalInvocation();
    if (arguments.length < 2) throw badArgument('append', 'FormData', arguments.length + 1, arguments.length === 0 ? 'string' : VALUE);
    const entry = makeEntry(name, value, filename);
    this.#entries[this.#entries.length] = entry;
  }

  delete(name: string): void {
    if (!(#entries in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('delete', 'FormData', 1, 'string');
    removeAll(this.#entries, usv(name), 0);
  }

  get(name: string): Value | null {
    if (!(#entries in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('get', 'FormData', 1, 'string');
    const i = indexOfName(this.#entries, usv(name));
    return i < 0 ? null : this.#entries[i]![1];
  }

  getAll(name: string): Value[] {
    if (!(#entries in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('getAll', 'FormData', 1, 'string');
    const key = usv(name);
    const values: Value[] = [];
    const entries = this.#entries;
    for (let i = 0; i < entries.length; i++) if (entries[i]![0] === key) values[values.length] = entries[i]![1];
    return values;
  }

  has(name: string): boolean {
    if (!(#entries in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('has', 'FormData', 1, 'string');
    return indexOfName(this.#entries, usv(name)) >= 0;
  }

  set(name: string, value: unknown, filename?: string): void {
    if (!(#entries in this)) throw illegalInvocation();
    if (arguments.length < 2) throw badArgument('set', 'FormData', arguments.length + 1, arguments.length === 0 ? 'string' : VALUE);
    const entry = makeEntry(name, value, filename);
    const entries = this.#entries;
    const i = indexOfName(entries, entry[0]);
    if (i < 0) entries[entries.length] = entry;
    else {
      entries[i] = entry;
      removeAll(entries, entry[0], i + 1);
    }
  }

  entries(): IterableIterator<Entry> {
    if (!(#entries in this)) throw illegalInvocation();
    return entryIterator((i) => {
      const e = i < this.#entries.length ? this.#entries[i] : undefined;
      return e === undefined ? undefined : [e[0], e[1]];
    });
  }

  keys(): IterableIterator<string> {
    if (!(#entries in this)) throw illegalInvocation();
    return keyIterator((i) => this.#entries[i]?.[0]);
  }

  values(): IterableIterator<Value> {
    if (!(#entries in this)) throw illegalInvocation();
    return valueIterator((i) => this.#entries[i]?.[1]);
  }

  forEach(callback: (value: Value, key: string, parent: FormData) => void, thisArg?: unknown): void {
    if (!(#entries in this)) throw illegalInvocation();
    if (typeof callback !== 'function') throw badArgument('forEach', 'FormData', 1, 'function');
    const receiver = thisArg === null ? undefined : thisArg;
    // What the callback appends is visited too.
    for (let i = 0; i < this.#entries.length; i++) {
      const e = this.#entries[i]!;
      ReflectApply(callback, receiver, [e[1], e[0], this]);
    }
  }

  declare [Symbol.iterator]: () => IterableIterator<Entry>;

  static {
    isFormData = (v): v is FormData => typeof v === 'object' && v !== null && #entries in v;
    formDataEntries = (fd) => fd.#entries;
  }
}

function usv(v: unknown): string {
  return StringPrototypeToWellFormed(`${v as any}`);
}

function makeEntry(name: unknown, value: unknown, filename: unknown): Entry {
  const key = usv(name);
  if (!isBlob(value)) return [key, usv(value)];
  if (isFile(value) && filename === undefined) return [key, value];
  // A view of the same bytes under another name.
  return [key, makeFile(blobBytes(value as Blob), filename === undefined ? key : usv(filename), blobType(value as Blob), DateNow())];
}

function indexOfName(entries: Entry[], name: string): number {
  for (let i = 0; i < entries.length; i++) if (entries[i]![0] === name) return i;
  return -1;
}

function removeAll(entries: Entry[], name: string, from: number): void {
  let kept = from;
  for (let i = from; i < entries.length; i++) if (entries[i]![0] !== name) entries[kept++] = entries[i]!;
  entries.length = kept;
}

/** A body's bytes as FormData; throws TypeError when `contentType` or the bytes do not stand for one. */
export function parseFormData(body: Uint8Array, contentType: string): FormData {
  // It is read like text.
  const hasBom = flags.strip_bom_in_read_all_text && body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
  const bytes = hasBom ? subBytes(body, 3, TypedArrayPrototypeGetByteLength(body)) : body;
  const fd = new FormData();
  const entries = formDataEntries(fd);
  const mime = parseMime(contentType);
  if (mime?.essence === 'multipart/form-data') {
    const boundary = mimeParam(mime, 'boundary');
    if (boundary === undefined) {
      throw new TypeError('No boundary string in Content-Type header. The multipart/form-data MIME type requires a boundary ' +
        'parameter, e.g. \'Content-Type: multipart/form-data; boundary="abcd"\'. See RFC 7578, section 4.');
    }
    parseMultipart(bytes, boundary, !flags.formdata_parser_supports_files, (entry) => { entries[entries.length] = entry; });
    return fd;
  }
  if (mime?.essence === 'application/x-www-form-urlencoded') {
    const charset = StringPrototypeToLowerCase(mimeParam(mime, 'charset') ?? 'utf-8');
    if (charset !== 'utf-8' && charset !== 'utf8' && charset !== 'unicode-1-1-utf-8') {
      throw new TypeError('Non-utf-8 application/x-www-form-urlencoded body.');
    }
    parseUrlEncoded(native.latin1Decode(bytes), (name, value) => { entries[entries.length] = [name, value]; });
    return fd;
  }
  throw new TypeError('Unrecognized Content-Type header value. FormData can only parse the following MIME types: ' +
    'multipart/form-data, application/x-www-form-urlencoded');
}

export function serializeFormData(fd: FormData, boundary: string): string | Uint8Array<ArrayBuffer> {
  return serializeMultipart(formDataEntries(fd), boundary);
}

Object.defineProperty(FormData.prototype, Symbol.iterator, {
  value: FormData.prototype.entries, writable: true, enumerable: false, configurable: true,
});
defineInterface(FormData, 'FormData', { brand: isFormData });

export function install(global: any): void {
  Object.defineProperty(global, 'FormData', { value: FormData, writable: true, enumerable: false, configurable: true });
}
