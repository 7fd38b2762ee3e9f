// The read*/write* methods of Buffer.
import { ERR_BUFFER_OUT_OF_BOUNDS, ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_TYPE_RANGE, ERR_OUT_OF_RANGE } from './errors';
import { validateNumber } from './validators';

type Bytes = Uint8Array & Record<string, any>;

function boundsError(value: number, length: number, type?: string): never {
  if (Math.floor(value) !== value) {
    if (type !== undefined && typeof value !== 'number') throw new ERR_INVALID_ARG_TYPE_RANGE(type, 'number', value);
    validateNumber(value, type ?? 'offset');
    throw new ERR_OUT_OF_RANGE(type || 'offset', 'an integer', value);
  }
  if (length < 0) throw new ERR_BUFFER_OUT_OF_BOUNDS();
  throw new ERR_OUT_OF_RANGE(type || 'offset', `>= ${type ? 1 : 0} && <= ${length}`, value);
}

function checkBounds(buf: Uint8Array, offset: any, size: number): void {
  validateNumber(offset, 'offset');
  if (buf[offset] === undefined || buf[offset + size - 1] === undefined) boundsError(offset, buf.length - size);
}

function checkValue(value: any, min: any, max: any, size: number): void {
  if (typeof min === 'bigint' && typeof value !== 'bigint') throw new TypeError('Cannot mix BigInt and other types, use explicit conversions');
  if (value <= max && value >= min) return;
  // NaN passes here as in Node: it is written as 0.
  if (!(value > max || value < min)) return;
  const n = typeof min === 'bigint' ? 'n' : '';
  let range: string;
  if (size > 4 || (size === 4)) {
    range = min === 0 || min === 0n ? `>= 0${n} and < 2${n} ** ${size * 8}${n}`
      : `>= -(2${n} ** ${size * 8 - 1}${n}) and < 2${n} ** ${size * 8 - 1}${n}`;
  } else range = `>= ${min}${n} and <= ${max}${n}`;
  throw new ERR_OUT_OF_RANGE('value', range, value);
}

function readUnsigned(buf: Uint8Array, offset: number, size: number, little: boolean): number {
  checkBounds(buf, offset, size);
  let value = 0;
  if (little) for (let i = size - 1; i >= 0; i--) value = value * 256 + buf[offset + i]!;
  else for (let i = 0; i < size; i++) value = value * 256 + buf[offset + i]!;
  return value;
}

function readSigned(buf: Uint8Array, offset: number, size: number, little: boolean): number {
  const value = readUnsigned(buf, offset, size, little);
  const half = 2 ** (size * 8 - 1);
  return value >= half ? value - half * 2 : value;
}

function writeNumber(buf: Uint8Array, value: any, offset: number, size: number, little: boolean, min: number, max: number): number {
  value = +value;
  if (size === 1) {
    validateNumber(offset, 'offset');
    checkValue(value, min, max, size);
    if (buf[offset] === undefined) boundsError(offset, buf.length - 1);
    buf[offset] = value;
    return offset + 1;
  }
  checkValue(value, min, max, size);
  checkBounds(buf, offset, size);
  // The integer part towards zero, then its two's complement in pieces of 24 bits, which stay exact.
  let low = Math.trunc(value) || 0;
  const bytes: number[] = [];
  for (let i = 0; i < size; i++) {
    const next = Math.floor(low / 256);
    bytes.push(low - next * 256);
    low = next;
  }
  if (little) for (let i = 0; i < size; i++) buf[offset + i] = bytes[i]!;
  else for (let i = 0; i < size; i++) buf[offset + i] = bytes[size - 1 - i]!;
  return offset + size;
}

function view(buf: Uint8Array, offset: any, size: number): DataView {
  checkBounds(buf, offset, size);
  return new DataView(buf.buffer, buf.byteOffset + offset, size);
}

/** readUIntLE(offset, byteLength) and its kin: the size is an argument. */
function sized(proto: any, name: string, signed: boolean, little: boolean): void {
  const suffix = little ? 'LE' : 'BE';
  const kind = signed ? 'Int' : 'UInt';
  const read = signed ? readSigned : readUnsigned;
  proto[`read${kind}${suffix}`] = { [`read${kind}${suffix}`](this: Bytes, offset: any, byteLength: any) {
    if (offset === undefined) throw new ERR_INVALID_ARG_TYPE('offset', 'number', offset);
    if (!(byteLength >= 1 && byteLength <= 6 && Number.isInteger(byteLength))) {
      if (typeof byteLength !== 'number') throw new ERR_INVALID_ARG_TYPE_RANGE('byteLength', 'number', byteLength);
      boundsError(byteLength, 6, 'byteLength');
    }
    return read(this, offset, byteLength, little);
  } }[`read${kind}${suffix}`];
  proto[`write${kind}${suffix}`] = { [`write${kind}${suffix}`](this: Bytes, value: any, offset: any, byteLength: any) {
    if (!(byteLength >= 1 && byteLength <= 6 && Number.isInteger(byteLength))) {
      if (typeof byteLength !== 'number') throw new ERR_INVALID_ARG_TYPE_RANGE('byteLength', 'number', byteLength);
      boundsError(byteLength, 6, 'byteLength');
    }
    const span = 2 ** (8 * byteLength);
    return writeNumber(this, value, offset, byteLength, little, signed ? -span / 2 : 0, signed ? span / 2 - 1 : span - 1);
  } }[`write${kind}${suffix}`];
  void name;
}

export function addNumberMethods(proto: any): void {
  for (const signed of [false, true]) {
    const kind = signed ? 'Int' : 'UInt';
    const read = signed ? readSigned : readUnsigned;
    proto[`read${kind}8`] = function (this: Bytes, offset: any = 0) {
      validateNumber(offset, 'offset');
      const value = this[offset];
      if (value === undefined) boundsError(offset, this.length - 1);
      return signed ? (value! << 24) >> 24 : value;
    };
    proto[`write${kind}8`] = function (this: Bytes, value: any, offset: any = 0) {
      return writeNumber(this, value, offset, 1, true, signed ? -128 : 0, signed ? 127 : 255);
    };
    for (const little of [true, false]) {
      const suffix = little ? 'LE' : 'BE';
      for (const size of [2, 4]) {
        const span = 2 ** (8 * size);
        const min = signed ? -span / 2 : 0;
        const max = signed ? span / 2 - 1 : span - 1;
        proto[`read${kind}${size * 8}${suffix}`] = function (this: Bytes, offset: any = 0) {
          return read(this, offset, size, little);
        };
        proto[`write${kind}${size * 8}${suffix}`] = function (this: Bytes, value: any, offset: any = 0) {
          return writeNumber(this, value, offset, size, little, min, max);
        };
      }
      sized(proto, kind, signed, little);
    }
  }
  for (const little of [true, false]) {
    const suffix = little ? 'LE' : 'BE';
    proto[`readFloat${suffix}`] = function (this: Bytes, offset: any = 0) { return view(this, offset, 4).getFloat32(0, little); };
    proto[`readDouble${suffix}`] = function (this: Bytes, offset: any = 0) { return view(this, offset, 8).getFloat64(0, little); };
    proto[`writeFloat${suffix}`] = function (this: Bytes, value: any, offset: any = 0) {
      const number = +value;
      view(this, offset, 4).setFloat32(0, number, little);
      return offset + 4;
    };
    proto[`writeDouble${suffix}`] = function (this: Bytes, value: any, offset: any = 0) {
      const number = +value;
      view(this, offset, 8).setFloat64(0, number, little);
      return offset + 8;
    };
    proto[`readBigInt64${suffix}`] = function (this: Bytes, offset: any = 0) { return view(this, offset, 8).getBigInt64(0, little); };
    proto[`readBigUInt64${suffix}`] = function (this: Bytes, offset: any = 0) { return view(this, offset, 8).getBigUint64(0, little); };
    proto[`writeBigInt64${suffix}`] = function (this: Bytes, value: any, offset: any = 0) {
      checkValue(value, -0x8000000000000000n, 0x7fffffffffffffffn, 8);
      view(this, offset, 8).setBigInt64(0, value, little);
      return offset + 8;
    };
    proto[`writeBigUInt64${suffix}`] = function (this: Bytes, value: any, offset: any = 0) {
      checkValue(value, 0n, 0xffffffffffffffffn, 8);
      view(this, offset, 8).setBigUint64(0, value, little);
      return offset + 8;
    };
  }
  for (const name of Object.keys(proto)) {
    if (!/^(read|write)/.test(name) || typeof proto[name] !== 'function') continue;
    Object.defineProperty(proto[name], 'name', { value: name, configurable: true });
    if (name.includes('UInt')) proto[name.replace('UInt', 'Uint')] = proto[name];
  }
}
