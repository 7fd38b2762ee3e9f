// Writing and reading the values of remote calls. V8's serializer refuses functions and proxies before it asks anybody; stand-ins take
// their places.
import type { External, Target } from '../native';
import { native } from '../ops';
import {
  ObjectPrototype, ArrayIsArray, MapPrototypeForEach, MapPrototypeGet, MapPrototypeSet, ObjectDefineProperty, ObjectGetPrototypeOf, ObjectKeys, SafeMap, SafeSet,
  SetPrototypeAdd, SetPrototypeForEach,
} from '../primordials';
import { setStrictHook } from '../structured-clone';
import { TypeBit, typeOf } from '../type-bits';
import { exportHold, undoExport } from './exports';
import type { Cap, Group, RpcState } from './state';

/** One message on its way out. */
export class Writing {
  /** What the message refers to by index. */
  readonly externals: External[] = [];
  /** None for properties of entrypoints, which belong to no request: only services may be in them. */
  readonly state: RpcState | undefined;
  /** Stubs in the message stay the sender's; otherwise they are given away with it. */
  readonly duplicate: boolean;
  /** Objects in the message hold the sender's request open. */
  readonly retains: boolean;
  /** Stubs that are given away. */
  caps: Cap[] | undefined = undefined;
  #exports: number[] | undefined = undefined;
  #held: Target[] | undefined = undefined;
  // By object, in case that the value has to be written twice.
  #known: Map<object, number> | undefined = undefined;

  constructor(state: RpcState | undefined, duplicate: boolean, retains: boolean) {
    this.state = state;
    this.duplicate = duplicate;
    this.retains = retains;
  }

  /** The index of what stands for `object` beside the message, made at the first time. */
  external(object: object, make: (object: any) => External): number {
    const known = this.#known === undefined ? undefined : MapPrototypeGet(this.#known, object);
    if (known !== undefined) return known;
    const external = make(object);
    const index = this.externals.length;
    this.externals[this.externals.length] = external;
    MapPrototypeSet(this.#known ??= new SafeMap<object, number>(), object, index);
    return index;
  }

  /** How an export is an external. */
  exported(id: number): External {
    const list = this.#exports ??= [];
    list[list.length] = id;
    return -id;
  }

  /** A capability that is passed on. */
  passOn(handle: Target): External {
    if (!this.retains) return handle;
    // The request through which it went lasts as long as it is held.
    const id = exportHold(this.state!);
    const held = native.rpcHold(handle, id);
    const list = this.#held ??= [];
    list[list.length] = held;
    const exports = this.#exports ??= [];
    exports[exports.length] = id;
    return held;
  }

  /** After the message is packed, or never will be. */
  releaseHeld(): void {
    const list = this.#held;
    this.#held = undefined;
    if (list !== undefined) for (let i = 0; i < list.length; i++) native.rpcRelease(list[i]!);
  }

  giveAway(cap: Cap): void {
    const caps = this.caps ??= [];
    caps[caps.length] = cap;
  }

  disposeCaps(): void {
    const caps = this.caps;
    this.caps = undefined;
    if (caps !== undefined) for (let i = 0; i < caps.length; i++) caps[i]!.dispose();
  }

  undo(): void {
    const list = this.#exports;
    if (list !== undefined) for (let i = 0; i < list.length; i++) undoExport(list[i]!);
  }
}

let current: Writing | undefined;
let reading: Group | undefined;

/** The message that is being written, if the serializer writes one for a remote call. */
export function currentWriting(): Writing | undefined {
  return current;
}

export function currentReading(): Group | undefined {
  return reading;
}

/** In the place of a function or a proxy while the value around it is written. */
class StandIn {
  readonly index: number;
  readonly tag: number;
  constructor(index: number, tag: number) {
    this.index = index;
    this.tag = tag;
  }
}

/** How callables and proxies are written: set by ./stubs. */
let describeCallable: (writing: Writing, value: object, proxy: boolean) => [tag: number, index: number];
export function setDescribeCallable(fn: typeof describeCallable): void {
  describeCallable = fn;
}

function standIn(writing: Writing, value: object, proxy: boolean): StandIn {
  const description = describeCallable(writing, value, proxy);
  return new StandIn(description[1], description[0]);
}

const StandInPrototype = StandIn.prototype;

/** Called at bootstrap. */
export function installWriting(): void {
  setStrictHook((value) => {
    if (ObjectGetPrototypeOf(value) === StandInPrototype) return [(value as StandIn).tag, (value as StandIn).index];
    return undefined;
  });
}

/** `values` as they can be written: top-level functions are replaced, in place. */
export function replaceFunctions(writing: Writing, values: unknown[], from: number): void {
  for (let i = from; i < values.length; i++) {
    const value = values[i];
    if (typeof value !== 'function') continue;
    let j = from;
    const stand = standIn(writing, value, (typeOf(value) & TypeBit.Proxy) !== 0);
    // The same function twice is one object over there, too.
    for (; j < i; j++) if (values[j] instanceof StandIn && (values[j] as StandIn).index === stand.index) break;
    values[i] = j < i ? values[j] : stand;
  }
}

/** Runs `send` with a value that the serializer takes: the value itself, or a copy of it in which functions and proxies are replaced. */
export function write<R>(writing: Writing, value: unknown, send: (value: unknown) => R): R {
  const before = current;
  current = writing;
  try {
    const bits = typeof value === 'function' || (typeof value === 'object' && value !== null) ? typeOf(value) : 0;
    if (typeof value === 'function' || bits & TypeBit.Proxy) return send(standIn(writing, value as object, (bits & TypeBit.Proxy) !== 0));
    try {
      return send(value);
    } catch (error) {
      const copier = new Copier(writing);
      const copy = copier.copy(value);
      if (!copier.replaced) throw error;
      return send(copy);
    }
  } catch (error) {
    writing.undo();
    throw error;
  } finally {
    current = before;
    writing.releaseHeld();
  }
}

/** Reads with `group` as the owner of the stubs that are found. */
export function read(group: Group, from: () => unknown): unknown {
  const before = reading;
  reading = group;
  try {
    return from();
  } finally {
    reading = before;
  }
}

/** The handle of an external, as a read hook asks for it. */
export function external(index: unknown): ReturnType<typeof native.rpcExternal> {
  return native.rpcExternal(index as number);
}

/** Copies what structured clones look into: plain objects, arrays, Maps and Sets. */
class Copier {
  readonly #writing: Writing;
  readonly #copies: Map<object, unknown> = new SafeMap();
  replaced = false;

  constructor(writing: Writing) {
    this.#writing = writing;
  }

  copy(value: unknown): unknown {
    if (typeof value !== 'function' && (typeof value !== 'object' || value === null)) return value;
    const known = MapPrototypeGet(this.#copies, value);
    if (known !== undefined) return known;
    const bits = typeOf(value);
    if (typeof value === 'function' || bits & TypeBit.Proxy) {
      this.replaced = true;
      const stand = standIn(this.#writing, value, (bits & TypeBit.Proxy) !== 0);
      MapPrototypeSet(this.#copies, value, stand);
      return stand;
    }
    if (bits & TypeBit.Map) {
      const copy = new SafeMap<unknown, unknown>();
      MapPrototypeSet(this.#copies, value, copy);
      MapPrototypeForEach(value as Map<unknown, unknown>, (item, key) => { MapPrototypeSet(copy, this.copy(key), this.copy(item)); });
      return copy;
    }
    if (bits & TypeBit.Set) {
      const copy = new SafeSet<unknown>();
      MapPrototypeSet(this.#copies, value, copy);
      SetPrototypeForEach(value as Set<unknown>, (item) => { SetPrototypeAdd(copy, this.copy(item)); });
      return copy;
    }
    const array = ArrayIsArray(value);
    if (!array && (bits !== 0 || ObjectGetPrototypeOf(value) !== ObjectPrototype)) return value;
    const copy: object = array ? [] : {};
    MapPrototypeSet(this.#copies, value, copy);
    const keys = ObjectKeys(value);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      ObjectDefineProperty(copy, key, { value: this.copy((value as Record<string, unknown>)[key]), writable: true, enumerable: true, configurable: true });
    }
    if (array) (copy as unknown[]).length = (value as unknown[]).length;
    return copy;
  }
}
