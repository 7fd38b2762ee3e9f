// node:buffer. https://nodejs.org/api/buffer.html
import {
  ERR_BUFFER_OUT_OF_BOUNDS, ERR_BUFFER_TOO_LARGE, ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE_RANGE, ERR_INVALID_ARG_VALUE, ERR_INVALID_BUFFER_SIZE, ERR_OUT_OF_RANGE,
  ERR_STRING_TOO_LONG, ERR_UNKNOWN_ENCODING,
} from './internal/errors';
import { addNumberMethods } from './internal/buffer-numbers';
import { decode, encode, encodedLength, encodeInto, encodingOf, normalizeEncoding, type Encoding } from './internal/encodings';
import { isAnyArrayBuffer, isArrayBufferView, isUint8Array } from './internal/types';
import { validateInteger, validateNumber, validateString } from './internal/validators';

const kMaxLength = 2147483647;
const kStringMaxLength = 536870888;
const kInspect = Symbol.for('nodejs.util.inspect.custom');
let INSPECT_MAX_BYTES = 50;

class FastBuffer extends Uint8Array {}

function asBuffer(bytes: Uint8Array): any {
  return new FastBuffer(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
}

function checkSize(size: unknown): asserts size is number {
  validateNumber(size, 'size');
  if (Number.isNaN(size)) throw new ERR_INVALID_ARG_VALUE_RANGE('size', size);
  if (size >= kMaxLength) throw new ERR_OUT_OF_RANGE('size', `0 to ${kMaxLength}`, size);
}

function Buffer(this: unknown, arg?: any, encodingOrOffset?: any, length?: any): any {
  if (typeof arg === 'number') {
    if (typeof encodingOrOffset === 'string') throw new ERR_INVALID_ARG_TYPE('string', 'string', arg);
    return Buffer.alloc(arg);
  }
  return Buffer.from(arg, encodingOrOffset, length);
}
Object.defineProperty(Buffer, Symbol.species, { configurable: true, enumerable: false, get: () => FastBuffer });
Object.setPrototypeOf(Buffer, Uint8Array);
Buffer.prototype = FastBuffer.prototype as any;
Object.defineProperty(Buffer, 'name', { value: 'Buffer', configurable: true });
const proto: any = Buffer.prototype;
Object.defineProperty(proto, 'constructor', { value: Buffer, configurable: true, writable: true, enumerable: false });
// No pool: a buffer shares its memory with no other one, so that nothing leaks between requests.
Object.defineProperty(Buffer, 'poolSize', { enumerable: true, value: 0, writable: false });

// ---- making
function fromString(text: string, encoding?: any): any {
  if (typeof encoding !== 'string' || encoding.length === 0) return asBuffer(encode(text, 'utf8'));
  const known = encodingOf(encoding);
  if (known === undefined) throw new ERR_UNKNOWN_ENCODING(encoding);
  const bytes = encode(text, known);
  // It fills its memory: of some encodings it is only known afterwards how many bytes they give.
  return asBuffer(bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice());
}

function fromArrayBuffer(buffer: any, byteOffset?: any, length?: any): any {
  if (byteOffset === undefined) byteOffset = 0;
  else {
    byteOffset = +byteOffset;
    if (Number.isNaN(byteOffset)) byteOffset = 0;
  }
  const max = buffer.byteLength - byteOffset;
  if (max < 0) throw new ERR_BUFFER_OUT_OF_BOUNDS('offset');
  if (length === undefined) length = max;
  else {
    length = +length;
    if (length > 0) {
      if (length > max) throw new ERR_BUFFER_OUT_OF_BOUNDS('length');
    } else length = 0;
  }
  return new FastBuffer(buffer, byteOffset, length);
}

function fromArrayLike(value: any): any {
  if (value.length <= 0) return new FastBuffer();
  const out: any = new FastBuffer(Math.min(value.length >>> 0, kMaxLength));
  if (isUint8Array(value)) out.set(value);
  else for (let i = 0; i < out.length; i++) out[i] = value[i];
  return out;
}

function fromObject(value: any): any {
  if (value.length !== undefined || isAnyArrayBuffer(value.buffer)) {
    if (typeof value.length !== 'number') return new FastBuffer();
    return fromArrayLike(value);
  }
  if (value.type === 'Buffer' && Array.isArray(value.data)) return fromArrayLike(value.data);
  return undefined;
}

Buffer.from = function from(value?: any, encodingOrOffset?: any, length?: any): any {
  if (typeof value === 'string') return fromString(value, encodingOrOffset);
  if (typeof value === 'object' && value !== null) {
    if (isAnyArrayBuffer(value)) return fromArrayBuffer(value, encodingOrOffset, length);
    const primitive = value.valueOf && value.valueOf();
    if (primitive != null && primitive !== value && (typeof primitive === 'string' || typeof primitive === 'object')) {
      return Buffer.from(primitive, encodingOrOffset, length);
    }
    const made = fromObject(value);
    if (made !== undefined) return made;
    if (typeof value[Symbol.toPrimitive] === 'function') {
      const text = value[Symbol.toPrimitive]('string');
      if (typeof text === 'string') return fromString(text, encodingOrOffset);
    }
  }
  throw new ERR_INVALID_ARG_TYPE('first argument', ['string', 'Buffer', 'TypedArray', 'ArrayBuffer', 'SharedArrayBuffer', 'Array', 'Array-like Object'], value);
};

Buffer.copyBytesFrom = function copyBytesFrom(view: any, offset?: any, length?: any): any {
  if (!isArrayBufferView(view) || (view as any).length === undefined) throw new ERR_INVALID_ARG_TYPE('view', ['TypedArray'], view);
  const source = view as any;
  if (source.length === 0) return new FastBuffer();
  let end = source.length;
  if (offset !== undefined) {
    validateInteger(offset, 'offset', 0);
    if (offset >= end) return new FastBuffer();
  } else offset = 0;
  if (length !== undefined) {
    validateInteger(length, 'length', 0);
    end = Math.min(offset + length, end);
  }
  const part = source.slice(offset, end);
  return new FastBuffer(part.buffer, part.byteOffset, part.byteLength);
};

Buffer.alloc = function alloc(size: any, fill?: any, encoding?: any): any {
  checkSize(size);
  const buffer: any = new FastBuffer(size);
  if (fill !== undefined && fill !== 0 && size > 0) return fillBuffer(buffer, fill, 0, size, encoding);
  return buffer;
};
Buffer.allocUnsafe = function allocUnsafe(size: any): any {
  checkSize(size);
  return new FastBuffer(size);
};
Buffer.allocUnsafeSlow = function allocUnsafeSlow(size: any): any {
  checkSize(size);
  return new FastBuffer(size);
};
Buffer.of = function of(...items: number[]): any {
  const out: any = new FastBuffer(items.length);
  for (let i = 0; i < items.length; i++) out[i] = items[i];
  return out;
};
Buffer.isBuffer = function isBuffer(value: unknown): boolean {
  return value instanceof Buffer;
};
Buffer.isEncoding = function isEncoding(encoding: unknown): boolean {
  return typeof encoding === 'string' && encoding.length !== 0 && encodingOf(encoding) !== undefined;
};

Buffer.byteLength = function byteLength(value: any, encoding?: any): number {
  if (typeof value !== 'string') {
    if (isArrayBufferView(value) || isAnyArrayBuffer(value)) return value.byteLength;
    throw new ERR_INVALID_ARG_TYPE('string', ['string', 'Buffer', 'ArrayBuffer'], value);
  }
  const known = typeof encoding === 'string' ? encodingOf(encoding) : undefined;
  return encodedLength(value, known ?? 'utf8');
};

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const d = a[i]! - b[i]!;
    if (d !== 0) return d < 0 ? -1 : 1;
  }
  return a.length === b.length ? 0 : a.length < b.length ? -1 : 1;
}

Buffer.compare = function compare(a: any, b: any): number {
  if (!isUint8Array(a)) throw new ERR_INVALID_ARG_TYPE('a', ['Buffer', 'Uint8Array'], typeof a);
  if (!isUint8Array(b)) throw new ERR_INVALID_ARG_TYPE('b', ['Buffer', 'Uint8Array'], typeof b);
  return a === b ? 0 : compareBytes(a, b);
};

Buffer.concat = function concat(list: any, length?: any): any {
  if (!Array.isArray(list)) throw new ERR_INVALID_ARG_TYPE('list', '(Buffer|Uint8Array)[]', list);
  if (list.length === 0) return new FastBuffer();
  // Looking at one may change another.
  list = Array.from(list);
  if (length === undefined) {
    length = 0;
    for (const item of list) if (item?.length) length += item.length;
  } else {
    validateInteger(length, 'length', 0, kMaxLength);
  }
  const out: any = new FastBuffer(length);
  let at = 0;
  for (let i = 0; i < list.length; i++) {
    const item = list[i];
    if (!isUint8Array(item)) throw new ERR_INVALID_ARG_TYPE(`list[${i}]`, ['Buffer', 'Uint8Array'], item);
    const room = length - at;
    if (room <= 0) continue;
    out.set(item.length > room ? item.subarray(0, room) : item, at);
    at += Math.min(item.length, room);
  }
  return out;
};

// ---- looking
Object.defineProperty(proto, 'parent', { enumerable: true, get() { return this instanceof Buffer ? (this as any).buffer : undefined; } });
Object.defineProperty(proto, 'offset', { enumerable: true, get() { return this instanceof Buffer ? (this as any).byteOffset : undefined; } });

function range(value: any, fallback: number, length: number): number {
  if (value === undefined) return fallback;
  const n = Math.trunc(+value) || 0;
  return n < 0 ? 0 : n > length ? length : n;
}

proto.toString = function toString(this: Uint8Array, encoding?: any, start?: any, end?: any): string {
  const { length } = this;
  const from = start === undefined ? 0 : range(start, 0, length);
  const to = end === undefined ? length : range(end, length, length);
  if (to <= from) return '';
  let known: Encoding | undefined = 'utf8';
  if (encoding !== undefined) {
    known = encodingOf(`${encoding}`);
    if (known === undefined) throw new ERR_UNKNOWN_ENCODING(encoding);
  }
  return slice(this, known, from, to);
};
proto.toLocaleString = proto.toString;

function slice(buf: Uint8Array, encoding: Encoding, from: number, to: number): string {
  const size = to - from;
  if ((encoding === 'hex' ? size * 2 : encoding === 'utf16le' ? size / 2 : size) > kStringMaxLength) throw new ERR_STRING_TOO_LONG();
  return decode(from === 0 && to === buf.length ? buf : new Uint8Array(buf.buffer, buf.byteOffset + from, size), encoding);
}

proto.toJSON = function toJSON(this: Uint8Array) {
  return { type: 'Buffer', data: this.length > 0 ? Array.from(this) : [] };
};

proto.equals = function equals(this: Uint8Array, other: any): boolean {
  if (!isUint8Array(other)) throw new ERR_INVALID_ARG_TYPE('b', ['Buffer', 'Uint8Array'], typeof other);
  return this === other || (this.byteLength === other.byteLength && compareBytes(this, other) === 0);
};

proto[kInspect] = function (this: any, _depth: number, context: any): string {
  const max = INSPECT_MAX_BYTES;
  const count = Math.min(max, this.length);
  let text = '';
  for (let i = 0; i < count; i++) text += `${i === 0 ? '' : ' '}${this[i].toString(16).padStart(2, '0')}`;
  const more = this.length - max;
  if (more > 0) text += ` ... ${more} more byte${more > 1 ? 's' : ''}`;
  if (context) {
    const extra: Record<string, unknown> = Object.create(null);
    let any = false;
    for (const key of Object.keys(this)) {
      if (/^(0|[1-9][0-9]*)$/.test(key)) continue;
      extra[key] = this[key];
      any = true;
    }
    if (any) {
      if (this.length !== 0) text += ', ';
      text += internals.inspect.inspect(extra, { ...context, breakLength: Infinity, compact: true }).slice(27, -2);
    }
  }
  return `<${typeof this.constructor.name === 'string' ? this.constructor.name : 'Buffer'} ${text}>`;
};
proto.inspect = proto[kInspect];

proto.compare = function compare(this: Uint8Array, target: any, targetStart?: any, targetEnd?: any, sourceStart?: any, sourceEnd?: any): number {
  if (!isUint8Array(target)) throw new ERR_INVALID_ARG_TYPE('target', ['Buffer', 'Uint8Array'], target);
  const at = (value: any, name: string, fallback: number, max: number): number => {
    if (value === undefined) return fallback;
    validateInteger(value, name, 0, max);
    return value;
  };
  const ts = at(targetStart, 'targetStart', 0, Number.MAX_SAFE_INTEGER);
  const te = at(targetEnd, 'targetEnd', target.length, target.length);
  const ss = at(sourceStart, 'sourceStart', 0, Number.MAX_SAFE_INTEGER);
  const se = at(sourceEnd, 'sourceEnd', this.length, this.length);
  if (ss >= se) return ts >= te ? 0 : -1;
  if (ts >= te) return 1;
  return compareBytes(this.subarray(ss, se), target.subarray(ts, te));
};

// ---- searching
function searchBytes(haystack: Uint8Array, needle: Uint8Array, from: number, forward: boolean, step: 1 | 2): number {
  const last = haystack.length - needle.length;
  const index = Uint8Array.prototype.indexOf;
  if (forward) {
    let i = from;
    while (i <= last) {
      if (step === 1) {
        i = index.call(haystack, needle[0]!, i);
        if (i === -1 || i > last) return -1;
      }
      let j = 0;
      while (j < needle.length && haystack[i + j] === needle[j]) j++;
      if (j === needle.length) return i;
      i += step;
    }
    return -1;
  }
  for (let i = Math.min(from, last); i >= 0; i -= step) {
    let j = 0;
    while (j < needle.length && haystack[i + j] === needle[j]) j++;
    if (j === needle.length) return i;
  }
  return -1;
}

function search(buffer: Uint8Array, value: any, byteOffset: any, encoding: any, forward: boolean): number {
  if (typeof byteOffset === 'string') {
    encoding = byteOffset;
    byteOffset = undefined;
  } else if (byteOffset > 0x7fffffff) byteOffset = 0x7fffffff;
  else if (byteOffset < -0x80000000) byteOffset = -0x80000000;
  byteOffset = +byteOffset;
  if (Number.isNaN(byteOffset)) byteOffset = forward ? 0 : buffer.length;
  byteOffset = Math.trunc(byteOffset);
  let needle: Uint8Array;
  let step: 1 | 2 = 1;
  if (typeof value === 'number') needle = new Uint8Array([value]);
  else if (typeof value === 'string') {
    const known = encoding === undefined ? 'utf8' : encodingOf(`${encoding}`);
    if (known === undefined) throw new ERR_UNKNOWN_ENCODING(encoding);
    needle = encode(value, known);
    if (known === 'utf16le') step = 2;
  } else if (isUint8Array(value)) {
    needle = value;
    if (encoding !== undefined && encodingOf(`${encoding}`) === 'utf16le') step = 2;
  } else throw new ERR_INVALID_ARG_TYPE('value', ['number', 'string', 'Buffer', 'Uint8Array'], value);
  const { length } = buffer;
  let from = byteOffset < 0 ? byteOffset + length : byteOffset;
  if (from < 0) {
    if (!forward) return -1;
    from = 0;
  }
  if (from > length) {
    if (forward) return needle.length === 0 ? length : -1;
    from = length;
  }
  if (needle.length === 0) return from;
  if (length === 0 || needle.length > length) return -1;
  if (step === 2) {
    if (length < 2 || needle.length < 2) return -1;
    from &= ~1;
  }
  return searchBytes(buffer, needle, from, forward, step);
}

proto.indexOf = function indexOf(this: Uint8Array, value: any, byteOffset?: any, encoding?: any): number {
  return search(this, value, byteOffset, encoding, true);
};
proto.lastIndexOf = function lastIndexOf(this: Uint8Array, value: any, byteOffset?: any, encoding?: any): number {
  return search(this, value, byteOffset, encoding, false);
};
proto.includes = function includes(this: any, value: any, byteOffset?: any, encoding?: any): boolean {
  return this.indexOf(value, byteOffset, encoding) !== -1;
};

// ---- writing
function fillBuffer(buf: any, value: any, offset: any, end: any, encoding: any): any {
  if (typeof value === 'string') {
    if (offset === undefined || typeof offset === 'string') {
      encoding = offset;
      offset = 0;
      end = buf.length;
    } else if (typeof end === 'string') {
      encoding = end;
      end = buf.length;
    }
    const known = normalizeEncoding(encoding);
    if (encoding !== undefined && typeof encoding !== 'string') throw new ERR_INVALID_ARG_TYPE('encoding', 'string', encoding);
    if (known === undefined) throw new ERR_UNKNOWN_ENCODING(encoding);
    if (value.length === 0) value = 0;
    else if (value.length === 1) {
      const code = value.charCodeAt(0);
      if ((known === 'utf8' && code < 128) || known === 'latin1') value = code;
    }
    if (typeof value === 'string') value = { text: value, known };
  } else if (typeof value === 'boolean') value = +value;
  if (offset === undefined) {
    offset = 0;
    end = buf.length;
  } else {
    validateNumber(offset, 'offset');
    if (!Number.isInteger(offset)) throw new ERR_OUT_OF_RANGE('offset', 'an integer', offset);
    if (offset < 0 || offset > kMaxLength) throw new ERR_OUT_OF_RANGE('offset', '>= 0', offset);
    if (end === undefined) end = buf.length;
    else {
      validateNumber(end, 'end');
      if (!Number.isInteger(end)) throw new ERR_OUT_OF_RANGE('end', 'an integer', end);
      if (end < 0 || end > buf.length) throw new ERR_OUT_OF_RANGE('end', `>= 0 && <= ${buf.length}`, end);
    }
    if (offset >= end) return buf;
  }
  if (typeof value === 'number' || value === null || value === undefined) {
    Uint8Array.prototype.fill.call(buf, value >>> 0, offset, end);
    return buf;
  }
  let pattern: Uint8Array;
  if (typeof value === 'object' && 'known' in value && 'text' in value) {
    pattern = encode(value.text, value.known);
    if (pattern.length === 0) throw new ERR_INVALID_ARG_VALUE('value', value.text);
  } else if (isArrayBufferView(value)) {
    pattern = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    if (pattern.length === 0) throw new ERR_INVALID_ARG_VALUE('value', value);
  } else {
    Uint8Array.prototype.fill.call(buf, value >>> 0, offset, end);
    return buf;
  }
  if (offset < 0 || end > buf.length) throw new ERR_BUFFER_OUT_OF_BOUNDS();
  const first = Math.min(pattern.length, end - offset);
  const target = buf.subarray(offset, end);
  Uint8Array.prototype.set.call(target, pattern.subarray(0, first));
  for (let done = first; done < target.length; done *= 2) target.copyWithin(done, 0, Math.min(done, target.length - done));
  return buf;
}
proto.fill = function fill(this: any, value: any, offset?: any, end?: any, encoding?: any): any {
  return fillBuffer(this, value, offset, end, encoding);
};

proto.write = function write(this: Uint8Array, text: any, offset?: any, length?: any, encoding?: any): number {
  text = `${text}`;
  if (offset === undefined) return encodeInto(text, this, 0, this.length, 'utf8');
  if (length === undefined && typeof offset === 'string') {
    encoding = offset;
    length = this.length;
    offset = 0;
  } else {
    validateOffset(offset, 'offset', 0, this.length);
    const rest = this.length - offset;
    if (length === undefined) length = rest;
    else if (typeof length === 'string') {
      encoding = length;
      length = rest;
    } else {
      validateOffset(length, 'length', 0, this.length);
      if (length > rest) length = rest;
    }
  }
  const known = encoding ? encodingOf(`${encoding}`) : 'utf8';
  if (known === undefined) throw new ERR_UNKNOWN_ENCODING(encoding);
  return encodeInto(text, this, offset, length, known);
};
function validateOffset(value: any, name: string, min: number, max: number): void {
  validateInteger(value, name, min, max);
}

for (const [name, encoding] of [['utf8', 'utf8'], ['ucs2', 'utf16le'], ['utf16le', 'utf16le'], ['latin1', 'latin1'], ['ascii', 'ascii'],
  ['base64', 'base64'], ['base64url', 'base64url'], ['hex', 'hex']] as [string, Encoding][]) {
  proto[`${name}Slice`] = function (this: Uint8Array, start?: any, end?: any): string {
    const from = start === undefined ? 0 : +start;
    const to = end === undefined ? this.length : Math.min(+end, this.length);
    if (from < 0 || from > this.length || to < 0) throw new ERR_OUT_OF_RANGE('Index', 'out of range', 0, true);
    return to <= from ? '' : slice(this, encoding, from, to);
  };
  proto[`${name}Write`] = function (this: Uint8Array, text: any, offset: any = 0, length?: any): number {
    if (typeof text !== 'string') throw new ERR_INVALID_ARG_TYPE('argument', ['string'], text);
    if (offset < 0 || offset > this.length) throw new ERR_BUFFER_OUT_OF_BOUNDS('offset');
    const rest = this.length - offset;
    if (length < 0 || (length !== undefined && length > rest && name === 'never')) throw new ERR_BUFFER_OUT_OF_BOUNDS('length');
    return encodeInto(text, this, offset, length === undefined ? rest : Math.min(length, rest), encoding);
  };
}

proto.copy = function copy(this: Uint8Array, target: any, targetStart?: any, sourceStart?: any, sourceEnd?: any): number {
  if (!isUint8Array(this)) throw new ERR_INVALID_ARG_TYPE('source', ['Buffer', 'Uint8Array'], this);
  if (!isUint8Array(target)) throw new ERR_INVALID_ARG_TYPE('target', ['Buffer', 'Uint8Array'], target);
  const integer = (value: any, fallback: number): number => {
    const n = +value;
    return Number.isNaN(n) ? fallback : Math.trunc(n);
  };
  const to = targetStart === undefined ? 0 : integer(targetStart, 0);
  if (to < 0) throw new ERR_OUT_OF_RANGE('targetStart', '>= 0', to);
  const from = sourceStart === undefined ? 0 : integer(sourceStart, 0);
  if (from < 0 || from > kMaxLength) throw new ERR_OUT_OF_RANGE('sourceStart', from < 0 ? '>= 0' : `>= 0 && <= ${kMaxLength}`, from);
  const end = sourceEnd === undefined ? this.length : integer(sourceEnd, 0);
  if (end < 0) throw new ERR_OUT_OF_RANGE('sourceEnd', '>= 0', end);
  if (to >= target.length || from >= end) return 0;
  const count = Math.min(end - from, target.length - to, this.length - from);
  if (count <= 0) return 0;
  Uint8Array.prototype.set.call(target, Uint8Array.prototype.subarray.call(this, from, from + count), to);
  return count;
};

function clampIndex(value: any, length: number): number {
  const n = Math.trunc(+value) || 0;
  return n < 0 ? Math.max(0, n + length) : Math.min(n, length);
}
proto.subarray = function subarray(this: Uint8Array, start?: any, end?: any): any {
  const { length } = this;
  const from = start === undefined ? 0 : clampIndex(start, length);
  const to = end === undefined ? length : clampIndex(end, length);
  return new FastBuffer(this.buffer as ArrayBuffer, this.byteOffset + from, to > from ? to - from : 0);
};
proto.slice = function (this: any, start?: any, end?: any): any {
  return this.subarray(start, end);
};
Object.defineProperty(proto.slice, 'name', { value: 'slice' });

function swap(size: number): (this: Uint8Array) => Uint8Array {
  return function (this: Uint8Array) {
    if (this.length % size !== 0) throw new ERR_INVALID_BUFFER_SIZE(`${size * 8}-bits`);
    for (let i = 0; i < this.length; i += size) {
      for (let j = 0; j < size / 2; j++) {
        const other = i + size - 1 - j;
        const value = this[i + j]!;
        this[i + j] = this[other]!;
        this[other] = value;
      }
    }
    return this;
  };
}
proto.swap16 = swap(2);
proto.swap32 = swap(4);
proto.swap64 = swap(8);
addNumberMethods(proto);

// ---- the module's functions
function SlowBuffer(length: any): any {
  checkSize(length);
  return new FastBuffer(length);
}
Object.setPrototypeOf(SlowBuffer.prototype, Uint8Array.prototype);
Object.setPrototypeOf(SlowBuffer, Uint8Array);

function bytesOf(input: any, name: string): Uint8Array {
  if (isArrayBufferView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  if (isAnyArrayBuffer(input)) return new Uint8Array(input as ArrayBuffer);
  throw new ERR_INVALID_ARG_TYPE(name, ['ArrayBuffer', 'Buffer', 'TypedArray'], input);
}

function isAscii(input: any): boolean {
  const bytes = bytesOf(input, 'input');
  requireAttached(input);
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! > 127) return false;
  return true;
}
function isUtf8(input: any): boolean {
  const bytes = bytesOf(input, 'input');
  requireAttached(input);
  try {
    internals.native.utf8Decode(bytes, true, true);
    return true;
  } catch {
    return false;
  }
}
function requireAttached(input: any): void {
  if ((isArrayBufferView(input) ? input.buffer : input).detached) throw new ERR_INVALID_ARG_VALUE('input', input);
}

const MAX_TRANSCODE = 128 * 1024 * 1024;
const TRANSCODABLE = new Set(['utf8', 'utf16le', 'latin1', 'ascii']);
function transcode(source: any, fromEncoding: any, toEncoding: any): any {
  if (!isUint8Array(source)) throw new ERR_INVALID_ARG_TYPE('source', ['Buffer', 'Uint8Array'], source);
  const from = typeof fromEncoding === 'string' ? encodingOf(fromEncoding) : normalizeEncoding(fromEncoding);
  const to = typeof toEncoding === 'string' ? encodingOf(toEncoding) : normalizeEncoding(toEncoding);
  if (from === undefined || to === undefined || !TRANSCODABLE.has(from) || !TRANSCODABLE.has(to)) {
    const bad = from === undefined || !TRANSCODABLE.has(from) ? fromEncoding : toEncoding;
    if (from === undefined || to === undefined) throw new ERR_UNKNOWN_ENCODING(bad);
    const error: any = new Error(`Unable to transcode Buffer [U_ILLEGAL_ARGUMENT_ERROR]`);
    error.code = 'U_ILLEGAL_ARGUMENT_ERROR';
    error.errno = 1;
    throw error;
  }
  if (source.length === 0) return new FastBuffer();
  if (source.length >= MAX_TRANSCODE) throw new Error('Source buffer is too large to transcode');
  // ICU refuses to turn malformed UTF-8 into UTF-16, and half a UTF-16 unit into anything.
  if ((from === 'utf8' && to === 'utf16le' && !isUtf8(source)) || (from === 'utf16le' && source.length % 2 !== 0)) {
    throw new Error('Unable to transcode buffer');
  }
  const text = decode(source, from);
  if (to === 'latin1' || to === 'ascii') {
    const limit = to === 'latin1' ? 0xff : 0x7f;
    const out: number[] = [];
    for (const c of text) out.push(c.codePointAt(0)! > limit ? 63 : c.charCodeAt(0));
    return asBuffer(new Uint8Array(out));
  }
  return asBuffer(encode(text, to));
}

function resolveObjectURL(_id: string): undefined {
  // There are no blob: URLs in this runtime.
  return undefined;
}

function btoa(input?: unknown): string {
  return internals.web.btoa(input);
}
function atob(input?: unknown): string {
  return internals.web.atob(input);
}

export { Buffer, kMaxLength, kStringMaxLength };
const api: any = {
  atob, btoa, constants: { MAX_LENGTH: kMaxLength, MAX_STRING_LENGTH: kStringMaxLength }, kMaxLength, kStringMaxLength,
  Blob: internals.web.Blob, Buffer, File: internals.web.File, SlowBuffer, isAscii, isUtf8, transcode, resolveObjectURL,
};
Object.defineProperty(api, 'INSPECT_MAX_BYTES', {
  enumerable: true, configurable: true,
  get: () => INSPECT_MAX_BYTES,
  set(value) {
    validateNumber(value, 'INSPECT_MAX_BYTES', 0);
    INSPECT_MAX_BYTES = value;
  },
});
void ERR_BUFFER_TOO_LARGE;
void validateString;
export default api;
