// Buffers and views as the streams need them, through builtins user code cannot patch.
import { ArrayBufferIsView, ReflectApply, TypedArrayPrototypeGetToStringTag, uncurryThis } from '../primordials';

const TypedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as object;

function getter<T>(prototype: object, key: PropertyKey): (self: any) => T {
  return uncurryThis(Object.getOwnPropertyDescriptor(prototype, key)!.get! as (this: unknown) => T) as (self: any) => T;
}

const typedBuffer = getter<ArrayBuffer>(TypedArrayPrototype, 'buffer');
const typedOffset = getter<number>(TypedArrayPrototype, 'byteOffset');
const typedBytes = getter<number>(TypedArrayPrototype, 'byteLength');
const typedLength = getter<number>(TypedArrayPrototype, 'length');
const dataBuffer = getter<ArrayBuffer>(DataView.prototype, 'buffer');
const dataOffset = getter<number>(DataView.prototype, 'byteOffset');
const dataBytes = getter<number>(DataView.prototype, 'byteLength');
const bufferBytes = getter<number>(ArrayBuffer.prototype, 'byteLength');
// V8 has no SharedArrayBuffer while the startup snapshot is made.
let sharedGetter: ((v: unknown) => number) | undefined;
const sharedBytes = (v: unknown): number => (sharedGetter ??= getter<number>(SharedArrayBuffer.prototype, 'byteLength'))(v);
const bufferDetached = getter<boolean>(ArrayBuffer.prototype, 'detached');
const bufferResizable = getter<boolean>(ArrayBuffer.prototype, 'resizable');
export const bufferTransfer = uncurryThis(ArrayBuffer.prototype.transfer as () => ArrayBuffer) as (b: ArrayBuffer) => ArrayBuffer;
export const bufferSlice = uncurryThis(ArrayBuffer.prototype.slice) as (b: ArrayBuffer, start: number, end: number) => ArrayBuffer;
const typedSet = uncurryThis(Uint8Array.prototype.set as (a: Uint8Array, o: number) => void) as (t: Uint8Array, a: Uint8Array, o: number) => void;

export const Bytes = Uint8Array;
export const Buffer = ArrayBuffer;

type ViewConstructor = new (buffer: ArrayBuffer, byteOffset: number, length: number) => ArrayBufferView;
const constructors: Record<string, ViewConstructor> = { __proto__: null } as never;
const elementSizes: Record<string, number> = { __proto__: null } as never;
for (const C of [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array, BigInt64Array,
  BigUint64Array, (globalThis as any).Float16Array]) {
  if (C === undefined) continue;
  constructors[C.name] = C as unknown as ViewConstructor;
  elementSizes[C.name] = C.BYTES_PER_ELEMENT;
}
const DataViewConstructor = DataView;

export const isView: (v: unknown) => v is ArrayBufferView = ArrayBufferIsView as never;

export function isBuffer(v: unknown): v is ArrayBuffer {
  if (typeof v !== 'object' || v === null) return false;
  try {
    bufferBytes(v);
    return true;
  } catch {
    return false;
  }
}

export function isSharedBuffer(v: unknown): v is SharedArrayBuffer {
  if (typeof v !== 'object' || v === null) return false;
  try {
    sharedBytes(v);
    return true;
  } catch {
    return false;
  }
}

/** The name of a typed array's type; undefined for a DataView. */
export const viewTag = TypedArrayPrototypeGetToStringTag;

export function viewBuffer(v: ArrayBufferView): ArrayBuffer {
  return viewTag(v) === undefined ? dataBuffer(v) : typedBuffer(v);
}

/** 0 for a view out of bounds or of a detached buffer. */
export function viewOffset(v: ArrayBufferView): number {
  if (viewTag(v) !== undefined) return typedOffset(v);
  try {
    return dataOffset(v);
  } catch {
    return 0;
  }
}

/** 0 for a view out of bounds or of a detached buffer. */
export function viewBytes(v: ArrayBufferView): number {
  if (viewTag(v) !== undefined) return typedBytes(v);
  try {
    return dataBytes(v);
  } catch {
    return 0;
  }
}

/** Elements; for a DataView bytes. */
export function viewLength(v: ArrayBufferView): number {
  return viewTag(v) === undefined ? viewBytes(v) : typedLength(v);
}

export function elementSize(v: ArrayBufferView): number {
  const tag = viewTag(v);
  return tag === undefined ? 1 : elementSizes[tag]!;
}

export function viewConstructor(v: ArrayBufferView): ViewConstructor {
  const tag = viewTag(v);
  return tag === undefined ? (DataViewConstructor as unknown as ViewConstructor) : constructors[tag]!;
}

export function sizeOfElements(C: ViewConstructor): number {
  return C === (DataViewConstructor as unknown) ? 1 : (C as unknown as { BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT;
}

export type { ViewConstructor };

export function bufferLength(b: ArrayBuffer): number {
  return bufferBytes(b);
}
export const isDetached = bufferDetached;
export const isResizable = bufferResizable;
export const bytesLength: (b: Uint8Array) => number = typedBytes;

/** Copies `count` bytes between buffers. */
export function copyBytes(to: ArrayBuffer, toOffset: number, from: ArrayBuffer, fromOffset: number, count: number): void {
  typedSet(new Bytes(to), new Bytes(from, fromOffset, count), toOffset);
}

/** Copies a whole Uint8Array into another one. */
export const setBytes = typedSet;

/** A Uint8Array over the view's bytes (not a copy). */
export function bytesOf(v: ArrayBufferView): Uint8Array {
  return new Bytes(viewBuffer(v), viewOffset(v), viewBytes(v));
}

/** A private copy of what a BufferSource or SharedArrayBuffer holds now; undefined for anything else. */
export function copyOf(v: unknown): Uint8Array | undefined {
  if (isView(v)) {
    const n = viewBytes(v);
    const copy = new Bytes(n);
    if (n > 0) typedSet(copy, new Bytes(viewBuffer(v), viewOffset(v), n), 0);
    return copy;
  }
  let n: number;
  if (isBuffer(v)) n = bufferBytes(v);
  else if (isSharedBuffer(v)) n = sharedBytes(v);
  else return undefined;
  const copy = new Bytes(n);
  if (n > 0) typedSet(copy, new Bytes(v as ArrayBuffer, 0, n), 0);
  return copy;
}

/** Calls a user's function with a user's `this`. */
export const apply = ReflectApply;
