// The memory cache binding: values that requests of this process share. Who finds none makes one; the others wait for it.
import { DOMException } from '../dom-exception';
import { flags } from '../flags';
import { badArgument, defineInterface, illegalInvocation } from '../interface';
import { requireIoContext } from '../io-context';
import { native, pyOp } from '../ops';
import { asyncApi } from './send';
import { DateNow, ObjectDefineProperty, PromiseReject, PromiseResolve, TypedArrayPrototypeGetByteLength } from '../primordials';

/** A value, or a ticket: the duty to make one. */
type Claim = Uint8Array | number;
const lookUp = pyOp<(cache: number, key: string, now: number) => Uint8Array | undefined>('memory_cache.get');
const claim = pyOp<(cache: number, key: string, now: number) => Claim | Promise<Claim>>('memory_cache.claim');
const settle = pyOp<(ticket: number, value: Uint8Array | undefined, expiration: number | undefined, now: number) => void>('memory_cache.settle');
const remove = pyOp<(cache: number, key: string) => void>('memory_cache.delete');

const KEY = {};
/** UTF-8 bytes. */
const MAX_KEY = 2048;

type Fallback = (key: string) => unknown;

function keyError(key: unknown, method: string): Error | undefined {
  if (typeof key !== 'string') return badArgument(method, 'MemoryCache', 1, 'string');
  return TypedArrayPrototypeGetByteLength(native.utf8Encode(key)) > MAX_KEY ? new RangeError('Key too large.') : undefined;
}

function deserialize(bytes: Uint8Array): unknown {
  return native.structuredDeserialize(bytes, undefined);
}

function serialize(value: unknown): Uint8Array {
  if (typeof value === 'symbol' || typeof value === 'function') throw new DOMException(`failed to serialize ${typeof value}`, 'DataCloneError');
  return native.structuredSerialize(value, undefined);
}

/** Makes the value that `ticket` stands for. The ticket is given back however this ends. */
async function make(ticket: number, key: string, fallback: Fallback): Promise<unknown> {
  const io = requireIoContext();
  let held = true;
  const giveBack = (value?: Uint8Array, expiration?: number): void => {
    if (!held) return;
    held = false;
    settle(ticket, value, expiration, DateNow());
  };
  io.onEnd(() => giveBack());
  try {
    const made: any = await fallback(key);
    if ((typeof made !== 'object' || made === null) && typeof made !== 'function') {
      throw new TypeError("Incorrect type for Promise: the Promise did not resolve to 'CacheValueProduceResult'.");
    }
    const { value, expiration } = made;
    const bytes = serialize(value);
    const time = expiration === undefined ? undefined : +expiration;
    if (time !== undefined && time !== time) throw new TypeError('Expiration time must not be NaN.');
    giveBack(bytes, time);
    return value;
  } catch (error) {
    giveBack();
    throw error;
  }
}

async function readWith(cache: number, key: string, fallback: Fallback): Promise<unknown> {
  const found = await claim(cache, key, DateNow());
  return typeof found === 'number' ? make(found, key, fallback) : deserialize(found);
}

let cacheOf: (c: MemoryCache) => number;
let isMemoryCache: (v: unknown) => v is MemoryCache;

export class MemoryCache {
  #cache: number;

  constructor(key: unknown, cache: number) {
    if (key !== KEY) throw new TypeError('Illegal constructor');
    this.#cache = cache;
  }

  read(key: string, fallback?: Fallback): Promise<unknown> {
    if (!(#cache in this)) throw illegalInvocation();
    return asyncApi(() => {
      requireIoContext();
      const error = keyError(key, 'read') ??
        (fallback !== undefined && typeof fallback !== 'function' ? badArgument('read', 'MemoryCache', 2, 'function') : undefined);
      if (error instanceof RangeError) return PromiseReject(error);
      if (error !== undefined) throw error;
      if (fallback !== undefined) return readWith(this.#cache, key, fallback);
      const bytes = lookUp(this.#cache, key, DateNow());
      return PromiseResolve(bytes === undefined ? undefined : deserialize(bytes));
    });
  }

  static {
    cacheOf = (c) => c.#cache;
    isMemoryCache = (v): v is MemoryCache => typeof v === 'object' && v !== null && #cache in v;
    defineInterface(this, 'MemoryCache', { brand: isMemoryCache });
  }
}

/** Called at bootstrap. */
export function installMemoryCache(): void {
  if (!flags.memory_cache_delete) return;
  const methods = {
    delete(this: MemoryCache, key: string): void {
      if (!isMemoryCache(this)) throw illegalInvocation();
      const error = keyError(key, 'delete');
      if (error !== undefined) throw error;
      requireIoContext();
      remove(cacheOf(this), key);
    },
  };
  ObjectDefineProperty(MemoryCache.prototype, 'delete', { value: methods.delete, writable: true, enumerable: true, configurable: true });
}

export function makeMemoryCache(cache: number): MemoryCache {
  return new MemoryCache(KEY, cache);
}
