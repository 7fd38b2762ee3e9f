// The checks of node:fs arguments: each gives them back in the form the operations take.
import { Buffer } from '../buffer';
import { ERR_BUFFER_OUT_OF_BOUNDS, ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE } from '../internal/errors';
import fsConstants from '../data/fs-constants.json';
import {
  parseFileMode, validateBoolean, validateEncoding, validateInt32, validateInteger, validateObject, validateUint32,
} from '../internal/validators';
import { absolute } from './vfs';

export const constants: Record<string, number> = Object.assign(Object.create(null), fsConstants);
const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY } = fsConstants;
const MAX_ID = 2 ** 32 - 1;

function decodeUtf8(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('%25', '%2525'));
  } catch {
    return text;
  }
}

/** A path argument as an absolute path. */
export function toPath(path: any, encoding = 'utf8', name = 'path'): string {
  let text: string;
  if (typeof path === 'string') text = path;
  else if (path instanceof internals.web.URL || (typeof path?.href === 'string' && typeof path.protocol === 'string')) {
    if (path.protocol !== 'file:') throw new TypeError('File path must be a file: URL');
    if (path.host !== '') throw new Error('File path must not have a host');
    text = path.pathname;
    // Characters that a URL escapes and a path does not.
    if (/%[89a-fA-F]/.test(text)) text = decodeUtf8(text);
  } else if (Buffer.isBuffer(path)) text = path.toString(encoding === 'buffer' ? 'utf8' : encoding);
  else throw new ERR_INVALID_ARG_TYPE(name, ['string', 'Buffer', 'URL'], path);
  if (text.includes('\0')) throw new ERR_INVALID_ARG_VALUE(name, text, 'must not contain null bytes');
  return absolute(text);
}

export function toFd(fd: any, name = 'fd'): number {
  if (Object.is(fd, -0)) return 0;
  validateInt32(fd, name, 0);
  return fd;
}

/** A path or a file descriptor. */
export function toTarget(target: any): string | number {
  return typeof target === 'number' ? toFd(target) : toPath(target);
}

function checkTime(time: any): void {
  if (typeof time === 'number' || typeof time === 'string' || typeof time === 'bigint' || time instanceof Date) return;
  throw new ERR_INVALID_ARG_TYPE('time', ['string', 'number', 'bigint', 'Date'], time);
}

/** The time of last change, in ms. Of the wrong type it is an error at once, not a date when it is used. */
export function toTime(atime: any, mtime: any): () => number {
  checkTime(atime);
  checkTime(mtime);
  return () => {
    const ms = typeof mtime === 'bigint' ? Number(mtime) : new Date(mtime).getTime();
    if (Number.isNaN(ms)) throw new TypeError('The value cannot be converted because it is not a valid Date.');
    return ms;
  };
}

/** options, or an encoding in their place. */
export function withEncoding(options: any, fallback: any): any {
  const object = typeof options === 'string' || options == null ? { encoding: options ?? undefined } : options;
  validateObject(object, 'options');
  const encoding = object.encoding === undefined ? fallback : object.encoding;
  if (encoding !== null && encoding !== 'buffer' && !Buffer.isEncoding(encoding)) {
    throw new ERR_INVALID_ARG_VALUE('options.encoding', encoding);
  }
  return { ...object, encoding };
}

export function encoded(text: string, encoding: any): any {
  const bytes = Buffer.from(text);
  return encoding === 'buffer' ? bytes : bytes.toString(encoding ?? 'utf8');
}

const FLAGS: Record<string, number> = {
  __proto__: null as never,
  r: O_RDONLY, rs: O_RDONLY | O_SYNC, sr: O_RDONLY | O_SYNC, 'r+': O_RDWR, 'rs+': O_RDWR | O_SYNC, 'sr+': O_RDWR | O_SYNC,
};
for (const [letter, base] of [['w', O_TRUNC | O_CREAT], ['a', O_APPEND | O_CREAT]] as [string, number][]) {
  FLAGS[letter] = base | O_WRONLY;
  FLAGS[`${letter}+`] = base | O_RDWR;
  for (const exclusive of [`${letter}x`, `x${letter}`]) {
    FLAGS[exclusive] = base | O_WRONLY | O_EXCL;
    FLAGS[`${exclusive}+`] = base | O_RDWR | O_EXCL;
  }
}
for (const synced of ['as', 'sa']) {
  FLAGS[synced] = O_APPEND | O_CREAT | O_WRONLY | O_SYNC;
  FLAGS[`${synced}+`] = O_APPEND | O_CREAT | O_RDWR | O_SYNC;
}

export function toFlags(flags: any, name = 'flags'): number {
  if (typeof flags === 'number') {
    validateInt32(flags, name);
    return flags;
  }
  if (flags == null) return O_RDONLY;
  const found = FLAGS[flags];
  if (found === undefined) throw new ERR_INVALID_ARG_VALUE('flags', flags);
  return found;
}

export function checkPosition(position: any, name = 'position'): void {
  if (typeof position === 'number') validateUint32(position, name);
  else if (typeof position !== 'bigint' && position !== null) throw new ERR_INVALID_ARG_TYPE(name, ['integer', 'bigint', 'null'], position);
}

export function checkBuffers(buffers: any, name = 'buffer'): void {
  if (!Array.isArray(buffers) || !buffers.every((b) => ArrayBuffer.isView(b))) throw new ERR_INVALID_ARG_TYPE(name, 'ArrayBufferView[]', buffers);
}

export function accessArguments(path: any, mode: any): [string, number] {
  const where = toPath(path);
  const wanted = mode ?? 0;
  validateInteger(wanted, 'mode', 0, 7);
  return [where, wanted];
}

export function ownerArguments(target: any, uid: any, gid: any): string | number {
  validateInteger(uid, 'uid', -1, MAX_ID);
  validateInteger(gid, 'gid', -1, MAX_ID);
  return toTarget(target);
}

export function modeArguments(target: any, mode: any): string | number {
  parseFileMode(mode, 'mode');
  return toTarget(target);
}

export function statArguments(target: any, options: any, descriptor = false): { where: string | number; bigint: boolean; throwIfNoEntry: boolean } {
  validateObject(options, 'options');
  const { bigint = false, throwIfNoEntry = true } = options;
  validateBoolean(bigint, 'options.bigint');
  validateBoolean(throwIfNoEntry, 'options.throwIfNoEntry');
  if (descriptor && typeof target !== 'number') throw new ERR_INVALID_ARG_TYPE('fd', 'number', target);
  return { where: toTarget(target), bigint, throwIfNoEntry };
}

export function mkdirArguments(path: any, options: any): { where: string; recursive: boolean } {
  const object = typeof options === 'number' ? { mode: options } : options === undefined ? {} : options;
  validateObject(object, 'options');
  const { recursive = false, mode = 0o777 } = object as any;
  validateBoolean(recursive, 'options.recursive');
  parseFileMode(mode, 'mode');
  return { where: toPath(path), recursive };
}

export function rmArguments(path: any, options: any, withForce: boolean): { where: string; recursive: boolean; force: boolean } {
  validateObject(options, 'options');
  const { force = false, maxRetries = 0, recursive = false, retryDelay = 0 } = options;
  if (withForce) validateBoolean(force, 'options.force');
  validateUint32(maxRetries, 'options.maxRetries');
  validateBoolean(recursive, 'options.recursive');
  validateUint32(retryDelay, 'options.retryDelay');
  return { where: toPath(path), recursive, force };
}

export function readdirArguments(path: any, options: any): { where: string; encoding: any; withFileTypes: boolean; recursive: boolean } {
  const { encoding, withFileTypes = false, recursive = false } = withEncoding(options, 'utf8');
  if (encoding === null) throw new ERR_INVALID_ARG_VALUE('options.encoding', encoding);
  validateBoolean(withFileTypes, 'options.withFileTypes');
  validateBoolean(recursive, 'options.recursive');
  return { where: toPath(path), encoding, withFileTypes, recursive };
}

export function opendirArguments(path: any, options: any): { where: string; encoding: any; recursive: boolean } {
  validateObject(options, 'options');
  const { encoding, bufferSize = 32, recursive = false } = withEncoding(options, 'utf8');
  validateUint32(bufferSize, 'options.bufferSize');
  validateBoolean(recursive, 'options.recursive');
  return { where: toPath(path), encoding, recursive };
}

export function openArguments(path: any, flags: any, mode: any): { where: string; options: { read: boolean; write: boolean; append: boolean; exclusive: boolean } } {
  parseFileMode(mode, 'mode', 0o666);
  const bits = toFlags(flags);
  const write = (bits & (O_WRONLY | O_RDWR)) !== 0;
  return {
    where: toPath(path),
    options: { read: (bits & O_WRONLY) === 0, write, append: (bits & O_APPEND) !== 0, exclusive: (bits & O_EXCL) !== 0 },
  };
}

export interface Transfer { fd: number; buffers: Uint8Array[]; length: number; position: any }

export function writeArguments(fd: any, buffer: any, offsetOrOptions: any, length: any, position: any): Transfer {
  fd = toFd(fd);
  if (ArrayBuffer.isView(buffer)) {
    let offset: any = offsetOrOptions;
    if (typeof offsetOrOptions === 'object' && offsetOrOptions !== null) ({ offset = 0, length, position = null } = offsetOrOptions);
    offset ??= 0;
    validateInteger(offset, 'offset', 0);
    if (offset > buffer.byteLength) throw new ERR_BUFFER_OUT_OF_BOUNDS('offset');
    length ??= buffer.byteLength - offset;
    position ??= null;
    checkPosition(position);
    validateInteger(length, 'length', 0);
    if (length > buffer.byteLength - offset) throw new ERR_BUFFER_OUT_OF_BOUNDS('length');
    return { fd, buffers: [Buffer.from(buffer.buffer, buffer.byteOffset + offset, length)], length, position };
  }
  if (typeof buffer !== 'string') throw new ERR_INVALID_ARG_TYPE('buffer', ['string', 'Buffer', 'TypedArray', 'DataView'], buffer);
  // (string, position, encoding)
  let at: any = offsetOrOptions ?? null;
  if (typeof at === 'object' && at !== null) ({ position: at = null } = at);
  checkPosition(at);
  validateEncoding(buffer, length);
  const bytes = Buffer.from(buffer, length);
  return { fd, buffers: [bytes], length: bytes.length, position: at };
}

export function readArguments(fd: any, buffer: any, offsetOrOptions: any, length: any, position: any): Transfer {
  fd = toFd(fd);
  if (!ArrayBuffer.isView(buffer)) throw new ERR_INVALID_ARG_TYPE('buffer', ['Buffer', 'TypedArray', 'DataView'], buffer);
  let offset = 0;
  if (offsetOrOptions === undefined) offsetOrOptions = {};
  if (offsetOrOptions !== null && typeof offsetOrOptions === 'object') {
    ({ offset = 0, length = buffer.byteLength - offset, position = null } = offsetOrOptions);
  } else if (typeof offsetOrOptions === 'number') {
    offset = offsetOrOptions;
    length = length ?? buffer.byteLength - offset;
  } else throw new ERR_INVALID_ARG_TYPE('offset', ['number', 'object'], offsetOrOptions);
  position ??= null;
  validateUint32(offset, 'offset');
  validateUint32(length, 'length');
  checkPosition(position);
  if (offset + length > buffer.byteLength) throw new ERR_INVALID_ARG_VALUE('offset', offset, 'out of bounds');
  return { fd, buffers: [Buffer.from(buffer.buffer, buffer.byteOffset + offset, length)], length, position };
}

export function writeFileArguments(path: any, data: any, options: any, defaultFlag = 'w'): { where: string | number; data: ArrayBufferView; append: boolean; exclusive: boolean } {
  const where = toTarget(path);
  const { encoding, mode = 0o666, flag = defaultFlag, flush = false } = withEncoding(options, 'utf8');
  validateBoolean(flush, 'options.flush');
  parseFileMode(mode, 'options.mode', 0o666);
  const bits = toFlags(flag);
  const append = (bits & O_APPEND) !== 0;
  if ((bits & (O_WRONLY | O_RDWR)) === 0 && !append) throw new ERR_INVALID_ARG_VALUE('flag', flag, 'must be indicate write or append');
  const bytes = typeof data === 'string' ? Buffer.from(data, encoding ?? 'utf8') : data;
  if (!ArrayBuffer.isView(bytes)) throw new ERR_INVALID_ARG_TYPE('data', ['string', 'Buffer', 'TypedArray', 'DataView'], data);
  return { where, data: bytes, append, exclusive: (bits & O_EXCL) !== 0 };
}
