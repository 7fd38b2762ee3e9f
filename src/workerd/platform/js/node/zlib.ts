// node:zlib. https://nodejs.org/api/zlib.html
import { Buffer } from './buffer';
import { ERR_INVALID_ARG_TYPE } from './internal/errors';
import { isAnyArrayBuffer } from './internal/types';
import { validateUint32 } from './internal/validators';
import { Brotli, c, constants, whole, Zlib, Zstd } from './zlib/base';

const zlib_ops = { crc32: internals.pyOp<(data: Uint8Array, value: number) => number>('node_zlib.crc32') };

/** A stream class that can be called without `new`, as Node's can. */
function define(name: string, Base: any, mode: number): any {
  const Class: any = function (this: any, options?: any): any {
    if (new.target === undefined) return new Class(options);
    return Reflect.construct(Base, [adjusted(options), mode], new.target);
  };
  // Raw deflate streams cannot have windows of 8 bits: zlib takes 9 then.
  const adjusted = (options: any): any => (mode === c.DEFLATERAW && options?.windowBits === 8 ? { ...options, windowBits: 9 } : options);
  Object.setPrototypeOf(Class, Base);
  Class.prototype = Object.create(Base.prototype, { constructor: { value: Class, writable: true, configurable: true } });
  Object.defineProperty(Class, 'name', { value: name });
  Object.defineProperty(Class, 'length', { value: 1 });
  return Class;
}

const Deflate = define('Deflate', Zlib, c.DEFLATE);
const Inflate = define('Inflate', Zlib, c.INFLATE);
const Gzip = define('Gzip', Zlib, c.GZIP);
const Gunzip = define('Gunzip', Zlib, c.GUNZIP);
const DeflateRaw = define('DeflateRaw', Zlib, c.DEFLATERAW);
const InflateRaw = define('InflateRaw', Zlib, c.INFLATERAW);
const Unzip = define('Unzip', Zlib, c.UNZIP);
const BrotliCompress = define('BrotliCompress', Brotli, c.BROTLI_ENCODE);
const BrotliDecompress = define('BrotliDecompress', Brotli, c.BROTLI_DECODE);
const ZstdCompress = define('ZstdCompress', Zstd, c.ZSTD_ENCODE);
const ZstdDecompress = define('ZstdDecompress', Zstd, c.ZSTD_DECODE);

function bytesOf(data: any): any {
  if (typeof data === 'string') return Buffer.from(data);
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  if (isAnyArrayBuffer(data)) return Buffer.from(data);
  throw new ERR_INVALID_ARG_TYPE('buffer', ['string', 'Buffer', 'TypedArray', 'DataView', 'ArrayBuffer'], data);
}

function run(Class: any, data: any, options: any): any {
  const bytes = bytesOf(data);
  if (bytes.length >= c.Z_MAX_CHUNK) throw new RangeError('Memory limit exceeded');
  const engine = new Class(options);
  const buffer = engine[whole](bytes);
  return options?.info ? { engine, buffer } : buffer;
}

function sync(name: string, Class: any): any {
  return { [name](data: any, options: any = {}): any { return run(Class, data, options); } }[name];
}
function later(name: string, Class: any): any {
  return { [name](data: any, options: any, callback?: any): void {
    if (typeof options === 'function') {
      callback = options;
      options = {};
    }
    if (typeof callback !== 'function') throw new ERR_INVALID_ARG_TYPE('callback', 'Function', callback);
    const bytes = bytesOf(data);
    let result: unknown;
    try {
      result = run(Class, bytes, options);
    } catch (error) {
      // Wrong options are thrown; what is wrong with the data goes to the callback.
      const { code = '', message } = error as any;
      if (/^ERR_(INVALID_ARG|OUT_OF_RANGE|BROTLI_INVALID|ZSTD_INVALID)/.test(code) && !/maxOutputLength/.test(message)) throw error;
      internals.web.queueMicrotask(() => callback(error));
      return;
    }
    internals.web.queueMicrotask(() => callback(null, result));
  } }[name];
}
const create = (name: string, Class: any): any => ({ [name]: (options?: any) => new Class(options) })[name];

function crc32(data: any, value: any = 0): number {
  if (typeof data !== 'string' && !ArrayBuffer.isView(data) && !isAnyArrayBuffer(data)) {
    throw new TypeError("Failed to execute 'crc32' on 'ZlibUtil': parameter 1 is not of type 'string or ArrayBuffer or ArrayBufferView'.");
  }
  validateUint32(value, 'value');
  return zlib_ops.crc32(bytesOf(data), value);
}

const CODES = ['Z_OK', 'Z_STREAM_END', 'Z_NEED_DICT', 'Z_ERRNO', 'Z_STREAM_ERROR', 'Z_DATA_ERROR', 'Z_MEM_ERROR', 'Z_BUF_ERROR', 'Z_VERSION_ERROR'];
const codes: any = {};
for (const name of CODES) {
  codes[name] = constants[name];
  codes[constants[name]!] = name;
}

const api: any = { crc32, codes: Object.freeze(codes), constants: Object.freeze(Object.assign(Object.create(null), constants)) };
for (const [name, value] of Object.entries(constants)) {
  Object.defineProperty(api, name, { value, enumerable: true, writable: false, configurable: true });
}
// The whole module comes with nodejs_zlib; before there was only crc32.
if (internals.flags.nodejs_zlib) {
  const classes: [string, any, string][] = [
    ['Deflate', Deflate, 'deflate'], ['Inflate', Inflate, 'inflate'], ['Gzip', Gzip, 'gzip'], ['Gunzip', Gunzip, 'gunzip'],
    ['DeflateRaw', DeflateRaw, 'deflateRaw'], ['InflateRaw', InflateRaw, 'inflateRaw'], ['Unzip', Unzip, 'unzip'],
    ['BrotliCompress', BrotliCompress, 'brotliCompress'], ['BrotliDecompress', BrotliDecompress, 'brotliDecompress'],
    ['ZstdCompress', ZstdCompress, 'zstdCompress'], ['ZstdDecompress', ZstdDecompress, 'zstdDecompress'],
  ];
  for (const [name, Class] of classes) api[name] = Class;
  for (const [name, Class] of classes) api[`create${name}`] = create(`create${name}`, Class);
  for (const [, Class, name] of classes) {
    api[name] = later(name, Class);
    api[`${name}Sync`] = sync(`${name}Sync`, Class);
  }
}
export default api;
