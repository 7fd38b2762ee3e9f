// Bytes and encodings in the arguments of node:crypto.
import { Buffer } from '../buffer';
import { ERR_INVALID_ARG_TYPE } from '../internal/errors';
import { isAnyArrayBuffer } from '../internal/types';

export function isBytes(value: unknown): boolean {
  return ArrayBuffer.isView(value) || isAnyArrayBuffer(value);
}

/** A view of the bytes of a buffer, view or (with an encoding) text. */
export function toBytes(value: any, name: string, encoding?: any, expected: string[] = ['string', 'ArrayBuffer', 'Buffer', 'TypedArray', 'DataView']): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value, encoding === undefined || encoding === 'buffer' ? 'utf8' : encoding);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
  if (isAnyArrayBuffer(value)) return new Uint8Array(value as ArrayBuffer);
  throw new ERR_INVALID_ARG_TYPE(name, expected, value);
}

/** Result bytes as a Buffer, or as text in an encoding. */
export function output(bytes: Uint8Array, encoding?: any): any {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return encoding && encoding !== 'buffer' ? buffer.toString(encoding) : buffer;
}

export function toBigInt(bytes: Uint8Array): bigint {
  const hex = Buffer.from(bytes).toString('hex');
  return hex === '' ? 0n : BigInt(`0x${hex}`);
}
