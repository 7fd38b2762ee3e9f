// fs.ReadStream and fs.WriteStream. https://nodejs.org/api/fs.html#class-fsreadstream
import { Buffer } from '../buffer';
import {
  ERR_INVALID_ARG_VALUE, ERR_METHOD_NOT_IMPLEMENTED, ERR_OUT_OF_RANGE, ERR_STREAM_DESTROYED, ERR_SYSTEM_ERROR,
} from '../internal/errors';
import {
  parseFileMode, validateAbortSignal, validateBoolean, validateFunction, validateObject, validateString, validateThisInternalField,
  validateUint32, type Fn,
} from '../internal/validators';
import { finished, Readable, Writable } from '../stream';
// @ts-expect-error no types
import { errorOrDestroy } from 'readable-stream/lib/internal/streams/destroy.js';
import { toFd, toPath } from './arguments';
import { callbacks } from './callbacks';
import { FileHandle, isFileHandle } from './file-handle';

const kFs = Symbol('kFs');
const kBusy = Symbol('kIsPerformingIO');
const kDone = Symbol('kIoDone');
const kHandle = Symbol('kHandle');
const OPERATIONS = ['open', 'close', 'fsync', 'read', 'write', 'writev'] as const;
const defaults = Object.fromEntries(OPERATIONS.map((name) => [name, callbacks[name]!]));

/** The operations of a FileHandle in the form of fs's callbacks. */
function handleOperations(handle: any): Record<string, Fn> {
  const bridge = (fn: (...args: any[]) => Promise<any>, map: (result: any) => unknown[]) => (...args: any[]) => {
    const callback = args[args.length - 1];
    fn(...args.slice(1, -1)).then((result) => callback(null, ...map(result)), callback);
  };
  return {
    open() { throw new ERR_METHOD_NOT_IMPLEMENTED('open()'); },
    close: bridge(() => handle.close(), () => []), fsync: bridge(() => handle.sync(), () => []),
    read: bridge((...a) => handle.read(...a), (r) => [r.bytesRead, r.buffer]),
    write: bridge((...a) => handle.write(...a), (r) => [r.bytesWritten, r.buffer]),
    writev: bridge((...a) => handle.writev(...a), (r) => [r.bytesWritten, r.buffers]),
  };
}

function operations(fs: any): Record<string, Fn> {
  validateObject(fs, 'options.fs');
  if (isFileHandle(fs)) return handleOperations(fs);
  const out: Record<string, Fn> = {};
  for (const name of OPERATIONS) {
    const fn = fs[name] === undefined ? defaults[name] : fs[name];
    validateFunction(fn, `options.fs.${name}`);
    out[name] = fn;
  }
  return out;
}

function construct(stream: any, callback: (error?: unknown) => void): void {
  if (typeof stream.fd === 'number') {
    callback();
    return;
  }
  if (typeof stream.open === 'function') {
    // Old programs put an open() of their own on the stream, which tells through events.
    const { emit } = stream;
    stream.emit = function (...args: unknown[]): boolean {
      if (args[0] === 'open' || args[0] === 'error') {
        this.emit = emit;
        callback(args[0] === 'error' ? args[1] : undefined);
        if (args[0] === 'error') return true;
      }
      Reflect.apply(emit, this, args);
      return true;
    };
    stream.open();
    return;
  }
  stream[kFs].open(stream.path, stream.flags, stream.mode, (error: unknown, fd: number) => {
    if (error) {
      callback(error);
      return;
    }
    stream.fd = fd;
    callback();
    stream.emit('open', fd);
    stream.emit('ready');
  });
}

function close(stream: any, error: unknown, callback: (error?: unknown) => void): void {
  const finish = (more?: unknown): void => {
    if (stream.fd == null) {
      callback(error || more);
      return;
    }
    const { fd } = stream;
    stream.fd = null;
    stream[kFs].close(fd, (closeError: unknown) => callback(closeError || error || more));
  };
  if (stream.fd != null && stream.flush) stream[kFs].fsync(stream.fd, finish);
  else finish();
}

function destroy(stream: any, error: unknown, callback: (error?: unknown) => void): void {
  // A read or write under way must end before its file is closed.
  if (stream[kBusy]) stream.once(kDone, (ioError: unknown) => close(stream, error || ioError, callback));
  else close(stream, error, callback);
}

/** Options that both kinds share, checked; sets fd, path, flags, mode and the operations of the stream. */
function prepare(stream: any, path: any, options: any, flags: string): any {
  const { autoClose = true, emitClose = true, signal = null, fd = null, mode = 0o666, fs = defaults, start } = options;
  validateBoolean(autoClose, 'options.autoClose');
  validateBoolean(emitClose, 'options.emitClose');
  if (start !== undefined) validateUint32(start, 'options.start');
  if (signal != null) validateAbortSignal(signal, 'options.signal');
  validateString(options.flags ?? flags, 'options.flags');
  parseFileMode(mode, 'options.mode', 0o666);
  stream[kFs] = operations(fs);
  if (fd == null) {
    stream.fd = null;
    stream.path = typeof path === 'string' || Buffer.isBuffer(path) ? (toPath(path), path) : toPath(path);
    if (typeof stream.path === 'string') stream.path = toPath(stream.path);
    stream.flags = options.flags === undefined ? flags : options.flags;
    stream.mode = options.mode === undefined ? 0o666 : options.mode;
  } else if (isFileHandle(fd)) {
    if (fs !== defaults) throw new ERR_METHOD_NOT_IMPLEMENTED('FileHandle with fs');
    stream[kHandle] = fd;
    stream[kFs] = handleOperations(fd);
    fd.on('close', () => stream.close());
    stream.fd = fd.fd ?? null;
  } else stream.fd = toFd(fd);
  stream[kBusy] = false;
  return { emitClose, autoDestroy: autoClose, signal: signal ?? undefined };
}

function toOptions(options: any): any {
  if (options === null) return {};
  const object = typeof options === 'string' ? { encoding: options } : options;
  validateObject(object, 'options');
  const { encoding = null } = object;
  if (encoding !== 'buffer' && encoding !== null && !Buffer.isEncoding(encoding)) throw new ERR_INVALID_ARG_VALUE('options.encoding', encoding);
  return object;
}

function shared(Class: any, name: string): void {
  Object.defineProperties(Class.prototype, {
    autoClose: {
      get(this: any) {
        validateThisInternalField(this, kFs, name);
        return (this._readableState ?? this._writableState)?.autoDestroy ?? false;
      },
      set(this: any, value: boolean) {
        validateThisInternalField(this, kFs, name);
        const state = this._readableState ?? this._writableState;
        if (state !== undefined) state.autoDestroy = value;
      },
    },
    pending: { get(this: any) { return this.fd === null; }, configurable: true },
  });
}

export function ReadStream(this: any, path: any, options: any = {}): any {
  if (!(this instanceof (ReadStream as any))) return new (ReadStream as any)(path, options);
  options = toOptions(options);
  const { encoding = null, start = 0, end = Infinity, highWaterMark = 64 * 1024 } = options;
  const base = prepare(this, path, options, 'r');
  if (end !== Infinity) {
    validateUint32(end, 'options.end');
    if (start > end) throw new ERR_OUT_OF_RANGE('start', `<= "end" (here: ${end})`, start);
  }
  validateUint32(highWaterMark, 'options.highWaterMark');
  this.start = options.start;
  this.end = end;
  // A file handle or descriptor without a start is read from where it is.
  this.pos = options.start === undefined && options.fd != null ? undefined : start;
  this.bytesRead = 0;
  this.start ??= start;
  Reflect.apply(Readable, this, [{
    ...base, highWaterMark, encoding: encoding === 'buffer' ? null : encoding,
    construct: (callback: any) => construct(this, callback),
    read: (n: number) => read(this, n),
    destroy: (error: unknown, callback: any) => destroy(this, error, callback),
  }]);
  return undefined;
}
Object.setPrototypeOf(ReadStream.prototype, Readable.prototype);
Object.setPrototypeOf(ReadStream, Readable);

function read(stream: any, size: number): void {
  const n = Math.min(stream.end - (stream.pos ?? stream.bytesRead) + 1, size);
  if (n <= 0 || stream.fd == null) {
    stream.push(null);
    return;
  }
  stream[kBusy] = true;
  stream[kFs].read(stream.fd, Buffer.allocUnsafeSlow(n), 0, n, stream.pos ?? null, (error: unknown, count: number, buffer: any) => {
    stream[kBusy] = false;
    if (stream.destroyed) {
      stream.emit(kDone, error);
      return;
    }
    if (error) {
      errorOrDestroy(stream, error);
      return;
    }
    if (!(count > 0)) {
      stream.push(null);
      return;
    }
    if (stream.pos !== undefined) stream.pos += count;
    stream.bytesRead += count;
    // What was not filled is not kept alive.
    stream.push(count === buffer.byteLength ? buffer : Buffer.from(Buffer.from(buffer.buffer, buffer.byteOffset, count)));
  });
}
ReadStream.prototype.close = function close_(this: any, callback: any): void {
  if (typeof callback === 'function') finished(this, callback);
  this.destroy();
};
shared(ReadStream, 'ReadStream');

export function WriteStream(this: any, path: any, options: any = {}): any {
  if (!(this instanceof (WriteStream as any))) return new (WriteStream as any)(path, options);
  options = toOptions(options);
  const { encoding = null, start, highWaterMark = 64 * 1024 } = options;
  const flush = options.flush ?? false;
  validateBoolean(flush, 'options.flush');
  const base = prepare(this, path, options, 'w');
  validateUint32(highWaterMark, 'options.highWaterMark');
  this.start = start;
  this.pos = start;
  this.bytesWritten = 0;
  this.flush = flush;
  const custom = options.fs;
  const whole: any = {
    ...base, highWaterMark, decodeStrings: false,
    construct: (callback: any) => construct(this, callback),
    write: (chunk: any, chunkEncoding: any, callback: any) => write(this, chunk, chunkEncoding, callback),
    destroy: (error: unknown, callback: any) => destroy(this, error, callback),
  };
  if (custom === undefined || custom.writev !== undefined) whole.writev = (chunks: any, callback: any) => writev(this, chunks, callback);
  Reflect.apply(Writable, this, [whole]);
  if (encoding !== null && encoding !== 'buffer') this.setDefaultEncoding(encoding);
  return undefined;
}
Object.setPrototypeOf(WriteStream.prototype, Writable.prototype);
Object.setPrototypeOf(WriteStream, Writable);

function ended(stream: any, callback: (error?: unknown) => void): (error?: unknown) => void {
  stream[kBusy] = true;
  return (error) => {
    stream[kBusy] = false;
    callback(error ?? undefined);
    if (stream.destroyed) stream.emit(kDone, error);
  };
}

/** Calls `again` until all bytes are written; five empty writes in a row are an error. */
function untilWritten(stream: any, name: string, left: number, done: (error?: unknown) => void, again: (written: number, next: (error: any, n?: number) => void) => void): void {
  let retries = 0;
  let written = 0;
  const next = (error: any, n = 0): void => {
    if (error?.code === 'EAGAIN') {
      error = null;
      n = 0;
    }
    if (stream.destroyed || error) {
      done(error || new ERR_STREAM_DESTROYED(name));
      return;
    }
    stream.bytesWritten += n;
    retries = n ? 0 : retries + 1;
    written += n;
    if (written >= left) done();
    else if (retries > 5) done(new ERR_SYSTEM_ERROR(`${name} failed`));
    else again(written, next);
  };
  again(0, next);
}

function write(stream: any, chunk: any, encoding: any, callback: any): void {
  const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
  const start = stream.pos;
  if (start !== undefined) stream.pos += bytes.byteLength;
  untilWritten(stream, 'write', bytes.byteLength, ended(stream, callback), (done, next) => {
    const rest = done === 0 ? bytes : bytes.subarray(done);
    stream[kFs].write(stream.fd, rest, 0, rest.byteLength, start === undefined ? null : start + done, next);
  });
}

function writev(stream: any, chunks: any[], callback: any): void {
  const buffers = chunks.map(({ chunk, encoding }) => (typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk));
  const size = buffers.reduce((sum, b) => sum + b.byteLength, 0);
  const start = stream.pos;
  if (start !== undefined) stream.pos += size;
  untilWritten(stream, 'writev', size, ended(stream, callback), (done, next) => {
    const rest = done === 0 ? buffers : [Buffer.concat(buffers).subarray(done)];
    stream[kFs].writev(stream.fd, rest, start === undefined ? null : start + done, next);
  });
}
WriteStream.prototype.close = function close_(this: any, callback: any): void {
  if (callback) {
    if (this.closed) {
      internals.web.queueMicrotask(callback);
      return;
    }
    this.on('close', callback);
  }
  // Without autoClose end() does not destroy, so finishing has to.
  if (!this.autoClose) this.on('finish', this.destroy);
  this.end();
};
WriteStream.prototype.destroySoon = WriteStream.prototype.end;
shared(WriteStream, 'WriteStream');

export function createReadStream(path: any, options?: any): any {
  return new (ReadStream as any)(path, options);
}
export function createWriteStream(path: any, options?: any): any {
  return new (WriteStream as any)(path, options);
}
FileHandle.streams = () => ({ createReadStream, createWriteStream });
