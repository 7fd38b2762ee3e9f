// The `length` of operations whose required arguments (https://webidl.spec.whatwg.org/#dfn-create-operation-function) are not those their
// TypeScript signature counts.
import { ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, ObjectHasOwn } from './primordials';

/** Of an interface object (''), its static operations ('static x') and its operations. */
const lengths: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  __proto__: null as never,
  Blob: { slice: 0 },
  Body: { '': 0 },
  Cache: { '': 0, add: 1, addAll: 1, delete: 1, match: 1 },
  CacheStorage: { '': 0, delete: 1, has: 1, match: 1 },
  Crypto: { getRandomValues: 1 },
  DigestStream: { '': 1 },
  DurableObject: { '': 2 },
  EventSource: { '': 1 },
  ExecutionContext: { '': 0, abort: 0 },
  Fetcher: { '': 0, connect: 1, fetch: 1 },
  File: { '': 2 },
  FormData: { append: 2, set: 2, forEach: 1 },
  Headers: { '': 0, forEach: 1 },
  HTMLRewriter: { on: 2, onDocument: 1, transform: 1 },
  ReadableByteStreamController: { error: 1 },
  ReadableStreamDefaultController: { error: 1 },
  Request: { '': 1 },
  Response: { '': 0, 'static json': 1, 'static redirect': 1 },
  RpcPromise: { then: 1 },
  RpcProperty: { then: 1 },
  SubtleCrypto: {
    decrypt: 3, deriveBits: 2, deriveKey: 5, digest: 2, encrypt: 3, exportKey: 2, generateKey: 3, importKey: 5, sign: 3, timingSafeEqual: 2,
    unwrapKey: 7, verify: 4, wrapKey: 4,
  },
  TransformStreamDefaultController: { enqueue: 1, error: 1 },
  WebSocket: { '': 1, accept: 0, close: 0 },
  WorkerEntrypoint: { '': 2 },
  WorkflowEntrypoint: { '': 2 },
};

export function setLength(fn: Function, length: number): void {
  ObjectDefineProperty(fn, 'length', { __proto__: null, value: length, writable: false, enumerable: false, configurable: true } as PropertyDescriptor);
}

/** Called once for each interface, when the platform is evaluated. */
export function setOperationLengths(Class: Function, name: string): void {
  const own = lengths[name];
  if (own === undefined) return;
  for (const key in own) {
    if (key === '') {
      setLength(Class, own[key]!);
      continue;
    }
    const fromClass = key.startsWith('static ');
    const holder = fromClass ? Class : Class.prototype as object;
    const member = fromClass ? key.slice(7) : key;
    if (!ObjectHasOwn(holder, member)) throw new Error(`${name} has no ${key}`);
    setLength(ObjectGetOwnPropertyDescriptor(holder, member)!.value as Function, own[key]!);
  }
}
