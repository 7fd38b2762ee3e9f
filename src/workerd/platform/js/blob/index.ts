// Blob and File (https://w3c.github.io/FileAPI/). Bytes are private and never change, so slices and files share them.
import { toInt32 } from '../fetch/convert';
import { badConstructorArgument, addOwnProperties, defineInterface, illegalInvocation, legacyOwnProperties, toDictionary } from '../interface';
import { flags } from '../flags';
import { requireIoContext } from '../io-context';
import { native } from '../ops';
import {
  ArrayIsArray, DateNow, MathMax, MathMin, NumberIsNaN, PromiseResolve, StringPrototypeCharCodeAt, StringPrototypeToLowerCase,
  StringPrototypeToWellFormed, TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteLength,
} from '../primordials';
import { readableFromBytes, type ReadableStream } from '../streams';
import { EMPTY_BYTES, byteLengthOf, concatBytes, copyBytes, isBufferSource, isResizable, subBytes, viewBytes } from './bytes';

export type BlobPart = ArrayBuffer | ArrayBufferView | string | Blob;
export interface BlobOptions { type?: string; endings?: string }
export interface FileOptions extends BlobOptions { lastModified?: number }

/** In bytes; the reference's limit, and what it says. */
export const MAX_BLOB_SIZE = 128 * 1024 * 1024;

export let isBlob: (v: unknown) => v is Blob;
export let isFile: (v: unknown) => v is File;
/** The bytes themselves: not to be changed, nor shown to users. */
export let blobBytes: (b: Blob) => Uint8Array<ArrayBuffer>;
export let blobType: (b: Blob) => string;
export let fileName: (f: File) => string;
export let fileLastModified: (f: File) => number;
let setBlob: (b: Blob, bytes: Uint8Array<ArrayBuffer>, type: string) => void;
let setFile: (f: File, name: string, lastModified: number) => void;

export class Blob {
  #bytes: Uint8Array<ArrayBuffer>;
  #type: string;

  constructor(parts: readonly BlobPart[] | undefined = undefined, options?: BlobOptions) {
    const name = new.target === Blob || !isFileClass(new.target) ? 'Blob' : 'File';
    if (parts !== undefined && !ArrayIsArray(parts)) throw badConstructorArgument(name, 1, 'Array');
    const items = parts === undefined ? undefined : convertParts(parts);
    this.#type = readType(options, name);
    this.#bytes = items === undefined ? EMPTY_BYTES : joinParts(items);
    if (legacyOwnProperties) addOwnProperties(this);
  }

  get size(): number {
    if (!(#bytes in this)) throw illegalInvocation();
    return TypedArrayPrototypeGetByteLength(this.#bytes);
  }

  get type(): string {
    if (!(#bytes in this)) throw illegalInvocation();
    return this.#type;
  }

  slice(start?: number, end?: number, type?: string): Blob {
    if (!(#bytes in this)) throw illegalInvocation();
    const size = TypedArrayPrototypeGetByteLength(this.#bytes);
    let from = start === undefined ? 0 : toInt32(start);
    let to = end === undefined ? size : toInt32(end);
    const newType = type === undefined ? '' : normalizeType(`${type}`);
    if (from < 0) from += size;
    if (to < 0) to += size;
    from = MathMax(0, MathMin(from, size));
    to = MathMax(from, MathMin(to, size));
    return makeBlob(subBytes(this.#bytes, from, to), newType);
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    if (!(#bytes in this)) throw illegalInvocation();
    return TypedArrayPrototypeGetBuffer(copyBytes(this.#bytes));
  }

  async bytes(): Promise<Uint8Array> {
    if (!(#bytes in this)) throw illegalInvocation();
    return copyBytes(this.#bytes);
  }

  text(): Promise<string> {
    if (!(#bytes in this)) throw illegalInvocation();
    return PromiseResolve(native.utf8Decode(this.#bytes, false, true));
  }

  stream(): ReadableStream<Uint8Array> {
    if (!(#bytes in this)) throw illegalInvocation();
    requireIoContext();
    return readableFromBytes(this.#bytes, true);
  }

  static {
    isBlob = (v): v is Blob => typeof v === 'object' && v !== null && #bytes in v;
    blobBytes = (b) => b.#bytes;
    blobType = (b) => b.#type;
    setBlob = (b, bytes, type) => {
      b.#bytes = bytes;
      b.#type = type;
    };
  }
}

export class File extends Blob {
  #name: string;
  #lastModified: number;

  constructor(parts: readonly BlobPart[] | undefined, name: string, options?: FileOptions) {
    if (arguments.length < 2) throw badConstructorArgument('File', 2, 'string');
    super(parts, options);
    this.#name = StringPrototypeToWellFormed(`${name}`);
    const lastModified = options === undefined || options === null ? undefined : options.lastModified;
    const time = lastModified === undefined ? DateNow() : +lastModified;
    this.#lastModified = NumberIsNaN(time) ? 0 : time;
    if (legacyOwnProperties) addOwnProperties(this);
  }

  get name(): string {
    if (!(#name in this)) throw illegalInvocation();
    return this.#name;
  }

  get lastModified(): number {
    if (!(#name in this)) throw illegalInvocation();
    return this.#lastModified;
  }

  static {
    isFile = (v): v is File => typeof v === 'object' && v !== null && #name in v;
    setFile = (f, name, lastModified) => {
      f.#name = name;
      f.#lastModified = lastModified;
    };
    fileName = (f) => f.#name;
    fileLastModified = (f) => f.#lastModified;
  }
}

/** Takes `bytes`, which nobody may change from now on. */
export function makeBlob(bytes: Uint8Array<ArrayBuffer>, type: string): Blob {
  const blob = new Blob();
  setBlob(blob, bytes, type);
  return blob;
}

/** Takes `bytes`. `lastModified`: milliseconds since 1970. */
export function makeFile(bytes: Uint8Array<ArrayBuffer>, name: string, type: string, lastModified: number): File {
  const file = new File(undefined, '');
  setBlob(file, bytes, type);
  setFile(file, name, lastModified);
  return file;
}

const isFileClass = (target: unknown): boolean => {
  for (let c = target; typeof c === 'function'; c = Object.getPrototypeOf(c)) if (c === File) return true;
  return false;
};

function readType(options: unknown, name: string): string {
  const dictionary = toDictionary<FileOptions>(options, () => badConstructorArgument(name, name === 'File' ? 3 : 2, 'Options'));
  if (dictionary === undefined) return '';
  const { type, endings } = dictionary;
  if (endings !== undefined) throw new Error("The 'endings' field on 'Options' is not implemented.");
  return type === undefined ? '' : normalizeType(`${type}`);
}

function normalizeType(type: string): string {
  for (let i = 0; i < type.length; i++) {
    const c = StringPrototypeCharCodeAt(type, i);
    if (c < 0x20 || c > 0x7f) return '';
  }
  return StringPrototypeToLowerCase(type);
}

/** All conversions run before any byte is looked at: they may run user code that resizes a buffer. */
function convertParts(parts: readonly unknown[]): (ArrayBuffer | ArrayBufferView | string | Blob)[] {
  const items: (ArrayBuffer | ArrayBufferView | string | Blob)[] = [];
  const count = parts.length;
  for (let i = 0; i < count; i++) {
    const part = parts[i];
    items[items.length] = isBlob(part) || isBufferSource(part) ? part : `${part as any}`;
  }
  return items;
}

function joinParts(items: (ArrayBuffer | ArrayBufferView | string | Blob)[]): Uint8Array<ArrayBuffer> {
  if (items.length === 1 && isBlob(items[0])) return blobBytes(items[0]);
  const parts: Uint8Array[] = [];
  let size = 0;
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    let part: Uint8Array;
    if (typeof item === 'string') part = native.utf8Encode(item);
    else if (isBlob(item)) part = blobBytes(item);
    else {
      if (flags.no_resizable_array_buffer_in_blob && isResizable(item)) {
        throw new TypeError('Cannot create a Blob with a resizable ArrayBuffer');
      }
      size += byteLengthOf(item);
      checkSize(size);
      parts[parts.length] = viewBytes(item);
      continue;
    }
    size += TypedArrayPrototypeGetByteLength(part);
    checkSize(size);
    parts[parts.length] = part;
  }
  // One string is already a copy of its own; anything else is joined into one.
  return items.length === 1 && typeof items[0] === 'string' ? parts[0] as Uint8Array<ArrayBuffer> : concatBytes(parts);
}

function checkSize(size: number): void {
  if (size > MAX_BLOB_SIZE) throw new RangeError(`Blob size ${size} exceeds limit ${MAX_BLOB_SIZE}`);
}

defineInterface(Blob, 'Blob', { brand: isBlob, ownProperties: ['size', 'type'] });
defineInterface(File, 'File', { brand: isFile, ownProperties: ['name', 'lastModified'] });

export function install(global: any): void {
  Object.defineProperty(global, 'Blob', { value: Blob, writable: true, enumerable: false, configurable: true });
  Object.defineProperty(global, 'File', { value: File, writable: true, enumerable: false, configurable: true });
}
