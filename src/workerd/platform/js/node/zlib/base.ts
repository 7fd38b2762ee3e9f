// The streams of node:zlib. https://nodejs.org/api/zlib.html
import { Buffer, kMaxLength } from '../buffer';
import zlibConstants from '../data/zlib-constants.json';
import {
  ERR_BROTLI_INVALID_PARAM, ERR_BUFFER_TOO_LARGE, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_ZLIB_INITIALIZATION_FAILED, ERR_ZSTD_INVALID_PARAM,
} from '../internal/errors';
import { isAnyArrayBuffer } from '../internal/types';
import { checkFiniteNumber, checkRangesOrGetDefault } from '../internal/validators';
import { finished, Transform } from '../stream';
import { brotliCodec, Handle, zlibCodec, ZlibStream, zstdCodec } from './handle';

export const constants: Record<string, number> = zlibConstants;
export const c = zlibConstants;
const kFlushFlag = Symbol('kFlushFlag');
const kError = Symbol('kError');
const owner = Symbol('owner');
export const whole = Symbol('whole');
/** The most that the functions that do not stream give. */
const MAX_WHOLE = 128 * 1024 * 1024;

/** Flush values from the least to the most. */
const STRENGTH: Record<number, number> = {};
[c.Z_NO_FLUSH, c.Z_BLOCK, c.Z_PARTIAL_FLUSH, c.Z_SYNC_FLUSH, c.Z_FULL_FLUSH, c.Z_FINISH].forEach((flag, i) => { STRENGTH[flag] = i; });
function stronger(a: number, b: number): number {
  return STRENGTH[a]! > STRENGTH[b]! ? a : b;
}

function flushBuffer(kind: number): any {
  const buffer: any = Buffer.alloc(0);
  buffer[kFlushFlag] = kind;
  return buffer;
}

function closeEngine(engine: any): void {
  engine._handle?.close();
  engine._handle = null;
}

/** After a write: output goes out; when it filled the buffer, the same input goes on. */
function continueWrite(handle: Handle): void {
  const self = handle[owner];
  if (self.destroyed) {
    handle.buffer = null;
    handle.cb();
    return;
  }
  const [availOut, availIn] = self._writeState;
  const consumed = handle.availInBefore - availIn;
  self.bytesWritten += consumed;
  const have = handle.availOutBefore - availOut;
  let full = false;
  if (have > 0) {
    const out = self._outBuffer.slice(self._outOffset, self._outOffset + have);
    self._outOffset += have;
    full = !self.push(out);
  }
  if (self.destroyed) {
    handle.cb();
    return;
  }
  if (availOut === 0 || self._outOffset >= self._chunkSize) {
    handle.availOutBefore = self._chunkSize;
    self._outOffset = 0;
    self._outBuffer = Buffer.allocUnsafe(self._chunkSize);
  }
  if (availOut === 0) {
    handle.inOff += consumed;
    handle.availInBefore = availIn;
    const again = (): void => handle.write(handle.flushFlag, handle.buffer, handle.inOff, handle.availInBefore, self._outBuffer, self._outOffset, self._chunkSize);
    if (!full) again();
    else {
      // The reader is behind: go on when it asks for more.
      const { _read } = self;
      self._read = (n: number): void => {
        self._read = _read;
        internals.web.queueMicrotask(() => {
          if (self.destroyed) return;
          again();
          self._read(n);
        });
      };
    }
    return;
  }
  // Input after the end of the compressed data is not for us.
  if (availIn > 0) self.push(null);
  handle.buffer = null;
  handle.cb();
}

function processSync(self: any, chunk: any, flush: number): any {
  const handle: Handle = self._handle;
  if (handle === null) throw new Error('zlib binding closed');
  let left = chunk.byteLength;
  let offset = 0;
  let room = self._chunkSize - self._outOffset;
  let buffer = self._outBuffer;
  let at = self._outOffset;
  let total = 0;
  let read = 0;
  const out: any[] = [];
  let error: unknown;
  self.on('error', (e: unknown) => { error = e; });
  for (;;) {
    handle.writeSync(flush, chunk, offset, left, buffer, at, room);
    if (error) throw error;
    if (self[kError]) throw self[kError];
    const [availOut, availIn] = self._writeState;
    read += left - availIn;
    const have = room - availOut;
    if (have > 0) {
      out.push(buffer.slice(at, at + have));
      at += have;
      total += have;
      if (total > self._maxOutputLength) {
        closeEngine(self);
        throw new ERR_BUFFER_TOO_LARGE(self._maxOutputLength);
      }
    }
    if (availOut !== 0) break;
    room = self._chunkSize;
    at = 0;
    buffer = Buffer.allocUnsafe(self._chunkSize);
    offset += left - availIn;
    left = availIn;
  }
  self.bytesWritten = read;
  closeEngine(self);
  return out.length === 1 ? out[0] : Buffer.concat(out, total);
}

interface FlushKinds { bounds: [number, number]; flush: number; finishFlush: number; fullFlush: number }
const ZLIB: FlushKinds = { bounds: [c.Z_NO_FLUSH, c.Z_BLOCK], flush: c.Z_NO_FLUSH, finishFlush: c.Z_FINISH, fullFlush: c.Z_FULL_FLUSH };
const BROTLI: FlushKinds = {
  bounds: [c.BROTLI_OPERATION_PROCESS, c.BROTLI_OPERATION_EMIT_METADATA], flush: c.BROTLI_OPERATION_PROCESS,
  finishFlush: c.BROTLI_OPERATION_FINISH, fullFlush: c.BROTLI_OPERATION_FLUSH,
};
const ZSTD: FlushKinds = { bounds: [c.ZSTD_e_continue, c.ZSTD_e_end], flush: c.ZSTD_e_continue, finishFlush: c.ZSTD_e_end, fullFlush: c.ZSTD_e_flush };

export class ZlibBase extends (Transform as any) {
  [key: PropertyKey]: any;
  bytesWritten = 0;
  _writesInProgress = 0;
  _hadWrites = false;

  constructor(options: any, kinds: FlushKinds, mode: number) {
    let chunkSize = c.Z_DEFAULT_CHUNK;
    let { flush, finishFlush } = kinds;
    let maxOutputLength = kMaxLength;
    if (options) {
      if (options.chunkSize != null) chunkSize = options.chunkSize;
      if (!checkFiniteNumber(chunkSize, 'options.chunkSize')) chunkSize = c.Z_DEFAULT_CHUNK;
      else if (chunkSize < c.Z_MIN_CHUNK) throw new ERR_OUT_OF_RANGE('options.chunkSize', `>= ${c.Z_MIN_CHUNK}`, chunkSize);
      const [low, high] = kinds.bounds;
      flush = checkRangesOrGetDefault(options.flush, 'options.flush', low, high, flush);
      finishFlush = checkRangesOrGetDefault(options.finishFlush, 'options.finishFlush', low, high, finishFlush);
      maxOutputLength = checkRangesOrGetDefault(options.maxOutputLength, 'options.maxOutputLength', 1, kMaxLength, kMaxLength);
      if (options.encoding || options.objectMode || options.writableObjectMode) {
        options = { ...options, encoding: undefined, objectMode: false, writableObjectMode: false };
      }
    }
    super({ autoDestroy: true, ...options });
    this._chunkSize = chunkSize;
    this._outBuffer = Buffer.allocUnsafe(chunkSize);
    this._outOffset = 0;
    this._defaultFlushFlag = flush;
    this._finishFlushFlag = finishFlush;
    this._defaultFullFlushFlag = kinds.fullFlush;
    this._info = Boolean(options?.info);
    this._maxOutputLength = maxOutputLength;
    // The class that users see: one that they have replaced is found out in start().
    this._writeState = new (globalThis as { Uint32Array: typeof Uint32Array }).Uint32Array(2);
    const handle: Handle = new (mode <= c.UNZIP ? ZlibStream : Handle)(mode, kinds.bounds[1]);
    handle[owner] = this;
    handle.setErrorHandler((errno, code, message) => {
      const error: any = new Error(message);
      error.code = code;
      error.errno = errno;
      this.destroy(error);
      this[kError] = error;
    });
    this._handle = handle;
  }
  get _closed(): boolean {
    return this._handle == null;
  }
  get bytesRead(): number {
    return this.bytesWritten;
  }
  set bytesRead(value: number) {
    this.bytesWritten = value;
  }
  protected begin(codec: any): void {
    const handle: Handle = this._handle;
    handle.start(codec, this._writeState, () => continueWrite(handle));
  }
  reset(): void {
    if (!this._handle) throw new Error('zlib binding closed');
    this._handle.reset();
  }
  _flush(callback: any): void {
    if (this._writesInProgress > 0) {
      internals.web.queueMicrotask(() => this._flush(callback));
      return;
    }
    const run = (): void => this._transform(flushBuffer(this._finishFlushFlag), 'utf8', callback);
    if (this._hadWrites) internals.web.queueMicrotask(run);
    else run();
  }
  _final(callback: any): void {
    callback();
  }
  flush(kind?: any, callback?: any): void {
    if (typeof kind === 'function' || (kind === undefined && !callback)) {
      callback = kind;
      kind = this._defaultFullFlushFlag;
    }
    if (this.writableFinished) {
      if (callback) internals.web.queueMicrotask(callback);
    } else if (this.writableEnded) {
      if (callback) this.once('end', callback);
    } else this.write(flushBuffer(kind), 'utf8', callback);
  }
  close(callback?: any): void {
    if (callback) finished(this, callback);
    this.destroy();
  }
  _destroy(error: any, callback: any): void {
    closeEngine(this);
    callback(error);
  }
  _transform(chunk: any, _encoding: any, callback: any): void {
    let flush = this._defaultFlushFlag;
    if (typeof chunk[kFlushFlag] === 'number') flush = chunk[kFlushFlag];
    // The last chunk finishes, which saves an empty write.
    if (this.writableEnded && this.writableLength === chunk.byteLength) flush = stronger(flush, this._finishFlushFlag);
    this.#process(chunk, flush, callback);
  }
  _processChunk(chunk: any, flush: number, callback?: any): any {
    if (typeof callback === 'function') {
      this.#process(chunk, flush, callback);
      return undefined;
    }
    return processSync(this, chunk, flush);
  }
  [whole](input: any): any {
    // What is wrong is thrown, not emitted.
    this.on('error', () => {});
    const [out, consumed] = this._handle.whole(this._finishFlushFlag, input, Math.min(this._maxOutputLength, MAX_WHOLE));
    if (this[kError]) throw this[kError];
    this.bytesWritten = consumed;
    closeEngine(this);
    return Buffer.from(out.buffer, out.byteOffset, out.byteLength);
  }
  #process(chunk: any, flush: number, callback: any): void {
    const handle: Handle | null = this._handle;
    if (!handle) {
      internals.web.queueMicrotask(callback);
      return;
    }
    if (chunk.byteLength > 0) this._hadWrites = true;
    this._writesInProgress++;
    handle.buffer = chunk;
    handle.cb = () => {
      this._writesInProgress--;
      callback();
    };
    handle.availOutBefore = this._chunkSize - this._outOffset;
    handle.availInBefore = chunk.byteLength;
    handle.inOff = 0;
    handle.flushFlag = flush;
    handle.write(flush, chunk, 0, chunk.byteLength, this._outBuffer, this._outOffset, handle.availOutBefore);
  }
}

function dictionaryOf(options: any): any {
  const { dictionary } = options;
  if (dictionary === undefined || ArrayBuffer.isView(dictionary)) return dictionary;
  if (isAnyArrayBuffer(dictionary)) return Buffer.from(dictionary);
  throw new ERR_INVALID_ARG_TYPE('options.dictionary', ['Buffer', 'TypedArray', 'DataView', 'ArrayBuffer'], dictionary);
}

export class Zlib extends ZlibBase {
  constructor(options: any, mode: number) {
    let windowBits = c.Z_DEFAULT_WINDOWBITS;
    let level = c.Z_DEFAULT_COMPRESSION;
    let memLevel = c.Z_DEFAULT_MEMLEVEL;
    let strategy = c.Z_DEFAULT_STRATEGY;
    let dictionary: any;
    if (options != null) {
      // 0: take the size that the compressed data names.
      if ((options.windowBits == null || options.windowBits === 0) && (mode === c.INFLATE || mode === c.GUNZIP || mode === c.UNZIP)) windowBits = 0;
      else {
        const min = c.Z_MIN_WINDOWBITS + (mode === c.GZIP ? 1 : 0);
        windowBits = checkRangesOrGetDefault(options.windowBits, 'options.windowBits', min, c.Z_MAX_WINDOWBITS, c.Z_DEFAULT_WINDOWBITS);
      }
      level = checkRangesOrGetDefault(options.level, 'options.level', c.Z_MIN_LEVEL, c.Z_MAX_LEVEL, level);
      memLevel = checkRangesOrGetDefault(options.memLevel, 'options.memLevel', c.Z_MIN_MEMLEVEL, c.Z_MAX_MEMLEVEL, memLevel);
      strategy = checkRangesOrGetDefault(options.strategy, 'options.strategy', c.Z_DEFAULT_STRATEGY, c.Z_FIXED, strategy);
      dictionary = dictionaryOf(options);
    }
    super(options ?? {}, ZLIB, mode);
    this._level = level;
    this._strategy = strategy;
    this.begin(zlibCodec(mode, windowBits, level, memLevel, strategy, dictionary));
  }
  params(level: any, strategy: any, callback?: any): void {
    checkRangesOrGetDefault(level, 'level', c.Z_MIN_LEVEL, c.Z_MAX_LEVEL);
    checkRangesOrGetDefault(strategy, 'strategy', c.Z_DEFAULT_STRATEGY, c.Z_FIXED);
    if (this._level === level && this._strategy === strategy) {
      internals.web.queueMicrotask(callback);
      return;
    }
    this.flush(c.Z_SYNC_FLUSH, () => {
      if (!this._handle) throw new Error('zlib binding closed');
      this._handle.params(level, strategy);
      if (this.destroyed) return;
      this._level = level;
      this._strategy = strategy;
      callback?.();
    });
  }
}

/** The numbers in options.params, as { key: value }. */
function paramsOf(options: any, max: number, Invalid: any): Record<string, number> {
  const out: Record<string, number> = {};
  for (const [key, value] of Object.entries(options?.params ?? {})) {
    const number = +key;
    if (Number.isNaN(number) || number < 0 || number > max || out[number] !== undefined) throw new Invalid(key);
    if (typeof value !== 'number' && typeof value !== 'boolean') throw new ERR_INVALID_ARG_TYPE('options.params[key]', 'number', value);
    out[number] = Number(value) >>> 0;
  }
  return out;
}
function highest(prefix: string): number {
  return Math.max(...Object.entries(constants).map(([name, value]) => (name.startsWith(prefix) ? value : 0)));
}

export class Brotli extends ZlibBase {
  constructor(options: any, mode: number) {
    const params = paramsOf(options, highest('BROTLI_PARAM_'), ERR_BROTLI_INVALID_PARAM);
    const codec = brotliCodec(mode === c.BROTLI_ENCODE, params);
    if (codec === undefined) throw new ERR_ZLIB_INITIALIZATION_FAILED();
    super(options ?? {}, BROTLI, mode);
    this.begin(codec);
  }
}

export class Zstd extends ZlibBase {
  constructor(options: any, mode: number) {
    const encode = mode === c.ZSTD_ENCODE;
    const params = paramsOf(options, highest(encode ? 'ZSTD_c_' : 'ZSTD_d_'), ERR_ZSTD_INVALID_PARAM);
    const codec = zstdCodec(encode, params, options?.pledgedSrcSize, options == null ? undefined : dictionaryOf(options));
    if (codec === undefined) throw new ERR_ZLIB_INITIALIZATION_FAILED();
    super(options ?? {}, ZSTD, mode);
    this.begin(codec);
  }
}
