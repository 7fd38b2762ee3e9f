// structuredClone() and the platform's part in V8's serializer: interfaces say here how their objects are written and read
// (https://html.spec.whatwg.org/#safe-passing-of-structured-data). The same hooks serve RPC and storage.
import { type Blob, blobBytes, blobType, makeBlob } from './blob';
import { addLateErrorTypes, describeErrors, restoreErrors } from './clone-errors';
import { DOMException, restoreDOMException } from './dom-exception';
import { Guard, type Headers, headersFromRaw, headersGuard, headersToRaw } from './fetch/headers';
import { flags } from './flags';
import { badArgument, badField, interfaceNameOf, toDictionary } from './interface';
import { native } from './ops';
import { handlerOf } from './rpc/brand';
import { ArrayIsArray, ArrayPrototypeIncludes, StringPrototypeEndsWith } from './primordials';
import { type Transfer, isReadableStream, isTransformStream, isWritableStream, prepareTransfer } from './streams';
import { typeOf, TypeBit } from './type-bits';

/** Tags as workerd numbers them. */
export const enum CloneTag {
  JsRpcStub = 1, WritableStream, ReadableStream, Headers, Request, Response, DomException = 8, AbortSignal, NativeError, ServiceStub,
  ActorClass, Blob, Socket,
  // Not workerd's: nothing that was written with these is kept.
  TestBox = 100, TestError, WrappedBinding,
  // A stream of the transfer list, by its number there.
  Transferred,
}

interface Codec {
  readonly tag: number;
  /** Plain data for the object. May throw DataCloneError. */
  readonly write: (value: any) => unknown;
}

const codecs: Record<string, Codec> = { __proto__: null } as never;
const readers: ((data: any) => object)[] = [];

/** Makes instances of an interface (by its name) cloneable. Called once, when the platform is evaluated. */
export function registerCloneable(name: string, tag: number, write: (value: any) => unknown, read: (data: any) => object): void {
  codecs[name] = { tag, write };
  readers[tag] = read;
}

export function dataCloneError(message: string): DOMException {
  return new DOMException(message, 'DataCloneError');
}

// Remote calls refuse instances of classes that are not the platform's; some they know themselves.
let strictHook: (value: object) => [number, unknown] | undefined;
export function setStrictHook(hook: typeof strictHook): void {
  strictHook = hook;
}

// The streams that go with the value that is being cloned.
let transferring: Transfer[] | undefined;

function writeHook(value: object, strict: boolean): [number, unknown] | undefined {
  if (transferring !== undefined) {
    for (let i = 0; i < transferring.length; i++) {
      if (transferring[i]!.original === value) return [CloneTag.Transferred, i];
    }
  }
  const name = interfaceNameOf(value);
  if (name === undefined) {
    // V8 knows what to do with its own: errors, for one.
    if (!strict || native.typeBits(value) !== 0) return undefined;
    const written = strictHook(value);
    if (written !== undefined) return written;
    throw dataCloneError(`Could not serialize object of type "${native.getConstructorName(value)}". This type does not support serialization.`);
  }
  const codec = codecs[name];
  if (codec === undefined) throw dataCloneError(`Could not serialize object of type "${native.getConstructorName(value)}". This type does not support serialization.`);
  return [codec.tag, codec.write(value)];
}

function unreadable(): DOMException {
  return dataCloneError('Unable to deserialize cloned data.');
}

/** What a reader got, if it is an array of such types (`undefined` is allowed where a type ends in '?'): users can make clones up. */
export function cloneParts<T>(data: unknown, types: readonly string[]): T {
  if (!ArrayIsArray(data)) throw unreadable();
  for (let i = 0; i < types.length; i++) {
    const type = types[i]!;
    const actual = typeof data[i];
    if (actual !== type && !(actual === 'undefined' && StringPrototypeEndsWith(type, '?')) && `${actual}?` !== type) throw unreadable();
  }
  return data as T;
}

function readHook(tag: number, data: unknown): object {
  if (tag === CloneTag.Transferred) {
    const transfer = typeof data === 'number' ? transferring?.[data] : undefined;
    if (transfer === undefined) throw unreadable();
    return transfer.received;
  }
  const read = readers[tag];
  if (read === undefined) throw unreadable();
  return read(data);
}

/** Called at bootstrap. */
export function installCloneHooks(): void {
  addLateErrorTypes();
  native.setHostObjectHooks(writeHook, readHook, flags.enhanced_error_serialization ? describeErrors : undefined,
    (list, keepStacks) => restoreErrors(list, keepStacks, structuredClone));
}

registerCloneable('DOMException', CloneTag.DomException,
  (e: DOMException) => [`${e.name}`, `${e.message}`, typeof e.stack === 'string' ? e.stack : ''],
  (data: unknown) => {
    const parts = cloneParts<[name: string, message: string, stack: string]>(data, ['string', 'string', 'string']);
    return restoreDOMException(parts[0], parts[1], parts[2]);
  });
// Those that nobody may change travel in an array.
registerCloneable('Headers', CloneTag.Headers,
  (headers: Headers) => (headersGuard(headers) === Guard.Immutable ? [headersToRaw(headers)] : headersToRaw(headers)),
  (data: unknown) => {
    if (typeof data === 'string') return headersFromRaw(data, Guard.None);
    return headersFromRaw(cloneParts<[raw: string]>(data, ['string'])[0], Guard.Immutable);
  });
registerCloneable('Blob', CloneTag.Blob, (blob: Blob) => [blobBytes(blob), blobType(blob)],
  (data: unknown) => {
    const parts = cloneParts<[bytes: Uint8Array<ArrayBuffer>, type: string]>(data, ['object', 'string']);
    if (!(typeOf(parts[0]) & TypeBit.TypedArray)) throw unreadable();
    return makeBlob(parts[0], parts[1]);
  });

/** What a transfer list holds. */
interface TransferList {
  buffers: ArrayBuffer[] | undefined;
  streams: Transfer[] | undefined;
}

const NOTHING: TransferList = { buffers: undefined, streams: undefined };

function addBuffer(item: unknown, list: ArrayBuffer[]): void {
  const bits = typeOf(item);
  const buffer: unknown = bits & (TypeBit.TypedArray | TypeBit.DataView) ? (item as ArrayBufferView).buffer : item;
  const kind = buffer === item ? bits : typeOf(buffer);
  if (kind & TypeBit.SharedArrayBuffer && buffer !== item) throw dataCloneError('Object is not transferable.');
  if (!(kind & TypeBit.ArrayBuffer)) throw new TypeError('Object is not transferable');
  if (!ArrayPrototypeIncludes(list, buffer as ArrayBuffer)) list[list.length] = buffer as ArrayBuffer;
}

function lockedStream(item: object): DOMException {
  return dataCloneError(`${native.getConstructorName(item)} could not be transferred: it is locked.`);
}

function toTransferList(items: readonly unknown[]): TransferList {
  const buffers: ArrayBuffer[] = [];
  let streams: Transfer[] | undefined;
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    const transfer = prepareTransfer(item);
    if (transfer === undefined) {
      addBuffer(item, buffers);
      continue;
    }
    if (transfer === 'locked') throw lockedStream(item as object);
    streams ??= [];
    for (let j = 0; j < streams.length; j++) {
      if (streams[j]!.original === item) throw dataCloneError('A stream could not be transferred: it is in the list twice.');
    }
    streams[streams.length] = transfer;
  }
  return { buffers, streams };
}

function cloneWith(value: unknown, list: TransferList, sharedRefused?: string): unknown {
  const { streams } = list;
  // Getters of the value may clone something else in between.
  const outer = transferring;
  let result: unknown;
  transferring = streams;
  try {
    result = native.structuredClone(value, list.buffers, sharedRefused);
  } finally {
    transferring = outer;
  }
  if (streams !== undefined) {
    for (let i = 0; i < streams.length; i++) {
      if (!streams[i]!.connect()) throw lockedStream(streams[i]!.original);
    }
  }
  return result;
}

const NO_SHARED_MEMORY = 'SharedArrayBuffer is unsupported with MessagePort';

/** For postMessage(). As in workerd buffers alone cannot be transferred by it; streams can, and then so can buffers. */
export function cloneMessage(value: unknown, transfer: unknown): unknown {
  if (transfer === undefined) return cloneWith(value, NOTHING, NO_SHARED_MEMORY);
  if (!ArrayIsArray(transfer)) throw badField('transfer', 'PostMessageOptions', 'Array');
  if (transfer.length === 0) return cloneWith(value, NOTHING, NO_SHARED_MEMORY);
  for (let i = 0; i < transfer.length; i++) {
    const item: unknown = transfer[i];
    if (isReadableStream(item) || isWritableStream(item) || isTransformStream(item)) {
      return cloneWith(value, toTransferList(transfer), NO_SHARED_MEMORY);
    }
  }
  throw new Error('Transfer list is not supported');
}

// A method, so that it is no constructor.
export const { structuredClone } = {
  structuredClone(value: any, options: { transfer?: unknown } = undefined!): any {
    if (arguments.length === 0) throw badArgument('structuredClone', 'ServiceWorkerGlobalScope', 1, 'Value');
    const dictionary = toDictionary<{ transfer?: unknown }>(
      options, () => badArgument('structuredClone', 'ServiceWorkerGlobalScope', 2, 'StructuredCloneOptions'));
    const handler = handlerOf(value);
    if (handler !== undefined) throw dataCloneError(`#<${handler.className}> could not be cloned.`);
    const transfer = dictionary?.transfer;
    if (transfer === undefined) {
      if (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol') return value;
      return cloneWith(value, NOTHING);
    }
    if (!ArrayIsArray(transfer)) throw badField('transfer', 'StructuredCloneOptions', 'Array');
    return cloneWith(value, toTransferList(transfer));
  },
};
