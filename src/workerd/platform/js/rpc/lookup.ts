// Finds what a remote call names, by the rules of what others may see of an object.
import { ArrayPrototypeJoin, ObjectGetPrototypeOf, ObjectHasOwn } from '../primordials';
import { typeOf, TypeBit } from '../type-bits';
import { handlerOf } from './brand';
import { inheritsRpcTarget, isFunctionForRpc, isRpcTarget } from './stub-type';

const ObjectPrototype = Object.prototype as unknown as Record<string, unknown>;

/** Set by ./fetchers. */
let isFetcher: (value: unknown) => boolean = () => false;
export function setIsFetcher(fn: typeof isFetcher): void {
  isFetcher = fn;
}

const reserved: Record<string, boolean> = { __proto__: null, dup: true, constructor: true } as never;
// Entrypoints have handlers with these names.
const reservedOnEntrypoints: Record<string, boolean> = {
  __proto__: null, fetch: true, connect: true, alarm: true, webSocketMessage: true, webSocketClose: true, webSocketError: true, dup: true, constructor: true,
} as never;

export interface Found {
  readonly value: unknown;
  readonly self: object;
  /** For error messages. */
  readonly name: string;
}

function missing(name: string): TypeError {
  return new TypeError(`The RPC receiver does not implement the method "${name}".`);
}

function property(object: any, name: string, instance: boolean, entrypoint: boolean): unknown {
  if ((entrypoint ? reservedOnEntrypoints : reserved)[name] === true) {
    throw new TypeError(`'${name}' is a reserved method and cannot be called over RPC.`);
  }
  // Plain objects show their own properties and nothing that is inherited; instances of classes show what the class has.
  if (ObjectHasOwn(object, name) !== instance) throw missing(name);
  const value: unknown = object[name];
  if (!instance && value === ObjectPrototype[name]) throw missing(name);
  return value;
}

/** `instance`: the object's own properties can be asked for. Throws TypeError. */
export function findProperty(object: object, path: string | readonly string[] | undefined, instance: boolean, entrypoint: boolean): Found {
  if (path === undefined) return { value: object, self: object, name: '(this)' };
  if (typeof path === 'string') return { value: property(object, path, instance, entrypoint), self: object, name: path };
  let inStub = false;
  for (let i = 0; i < path.length - 1; i++) {
    const name = path[i]!;
    const next = property(object, name, instance, entrypoint);
    if ((typeof next !== 'object' || next === null) && typeof next !== 'function') throw missing(name);
    object = next;
    const handler = handlerOf(object);
    const proxy = handler === undefined && (typeOf(object) & TypeBit.Proxy) !== 0;
    if (handler === undefined && ObjectGetPrototypeOf(object) === (ObjectPrototype as object)) {
      instance = true;
    } else if (proxy ? inheritsRpcTarget(object) : isRpcTarget(object)) {
      instance = false;
    } else if (handler?.className === 'RpcStub' || isFetcher(object) || (inStub && handler?.className === 'RpcProperty')) {
      // Properties of a stub's are descended into only below the stub itself.
      instance = false;
      inStub = true;
    } else if (isFunctionForRpc(object)) {
      instance = true;
    } else {
      throw missing(name);
    }
  }
  const name = path[path.length - 1]!;
  return { value: property(object, name, instance, entrypoint), self: object, name: ArrayPrototypeJoin(path, '.') };
}
