// Bytes of a BufferSource, read past anything user code may have patched.
import {
  ArrayBufferIsView, ArrayBufferPrototypeGetByteLength, ArrayBufferPrototypeGetDetached, ArrayBufferPrototypeGetResizable, DataViewPrototypeGetBuffer,
  DataViewPrototypeGetByteLength, DataViewPrototypeGetByteOffset, PrimordialUint8Array, TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetByteOffset, TypedArrayPrototypeGetToStringTag, TypedArrayPrototypeSet,
  isArrayBuffer,
} from '../primordials';
import { TypeBit, typeOf } from '../type-bits';

/** What Web IDL calls a BufferSource: a SharedArrayBuffer is none, a view of one is. */
export function isBufferSource(v: unknown): v is ArrayBuffer | ArrayBufferView {
  return typeof v === 'object' && v !== null && (ArrayBufferIsView(v) || (typeOf(v) & TypeBit.ArrayBuffer) !== 0);
}

/** A view of the same memory, not a copy; an empty one for a detached buffer. */
export function viewBytes(source: ArrayBuffer | ArrayBufferView): Uint8Array<ArrayBuffer> {
  if (isDetached(bufferOf(source))) return new PrimordialUint8Array(0);
  if (!ArrayBufferIsView(source)) return new PrimordialUint8Array(source);
  if (TypedArrayPrototypeGetToStringTag(source) === undefined) {
    return new PrimordialUint8Array(
      DataViewPrototypeGetBuffer(source), DataViewPrototypeGetByteOffset(source), DataViewPrototypeGetByteLength(source));
  }
  return new PrimordialUint8Array(
    TypedArrayPrototypeGetBuffer(source), TypedArrayPrototypeGetByteOffset(source), TypedArrayPrototypeGetByteLength(source));
}

export function bufferOf(source: ArrayBuffer | ArrayBufferView): ArrayBuffer {
  if (!ArrayBufferIsView(source)) return source;
  return TypedArrayPrototypeGetToStringTag(source) === undefined ? DataViewPrototypeGetBuffer(source) : TypedArrayPrototypeGetBuffer(source);
}

export function byteLengthOf(source: ArrayBuffer | ArrayBufferView): number {
  if (isDetached(bufferOf(source))) return 0;
  if (!ArrayBufferIsView(source)) return isArrayBuffer(source) ? ArrayBufferPrototypeGetByteLength(source) : viewBytes(source).length;
  return TypedArrayPrototypeGetToStringTag(source) === undefined
    ? DataViewPrototypeGetByteLength(source) : TypedArrayPrototypeGetByteLength(source);
}

function isDetached(buffer: ArrayBuffer): boolean {
  return isArrayBuffer(buffer) && ArrayBufferPrototypeGetDetached(buffer);
}

export function isResizable(source: ArrayBuffer | ArrayBufferView): boolean {
  const buffer = bufferOf(source);
  return isArrayBuffer(buffer) && ArrayBufferPrototypeGetResizable(buffer);
}

/** A private copy, in a buffer of exactly its size. (`slice` would ask the user's species constructor for one.) */
export function copyBytes(source: ArrayBuffer | ArrayBufferView): Uint8Array<ArrayBuffer> {
  const from = viewBytes(source);
  const copy = new PrimordialUint8Array(TypedArrayPrototypeGetByteLength(from));
  TypedArrayPrototypeSet(copy, from);
  return copy;
}

/** A part of `bytes`, sharing its memory. */
export function subBytes(bytes: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer> {
  return new PrimordialUint8Array(TypedArrayPrototypeGetBuffer(bytes), TypedArrayPrototypeGetByteOffset(bytes) + start, end - start);
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let size = 0;
  for (let i = 0; i < parts.length; i++) size += TypedArrayPrototypeGetByteLength(parts[i]!);
  const all = new PrimordialUint8Array(size);
  let at = 0;
  for (let i = 0; i < parts.length; i++) {
    TypedArrayPrototypeSet(all, parts[i]!, at);
    at += TypedArrayPrototypeGetByteLength(parts[i]!);
  }
  return all;
}

export const EMPTY_BYTES = new PrimordialUint8Array(0);
