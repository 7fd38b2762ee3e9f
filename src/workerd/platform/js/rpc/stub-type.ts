// Which objects can be called from elsewhere, and what of them.
import { defineInterface } from '../interface';
import { ObjectPrototype, ObjectGetPrototypeOf } from '../primordials';
import { handlerOf } from './brand';

export let isRpcTarget: (value: object) => boolean;

/** Base class of objects that others are to call. It only marks them. */
export class RpcTarget {
  readonly #target = true;
  static {
    isRpcTarget = (value) => #target in value;
  }
}

defineInterface(RpcTarget, 'RpcTarget', { brand: (value) => isRpcTarget(value) });
Object.defineProperty(RpcTarget.prototype, Symbol.toStringTag, { value: 'JsRpcTarget', writable: true, enumerable: false, configurable: true });

const RpcTargetPrototype = RpcTarget.prototype;

/** Callables that may be given away as functions. Promises and properties of remote calls may not. */
export function isFunctionForRpc(value: unknown): boolean {
  if (typeof value !== 'function') return false;
  const handler = handlerOf(value);
  return handler === undefined || (handler.className !== 'RpcPromise' && handler.className !== 'RpcProperty');
}

/** Judged by the prototype chain alone, which proxies may make up. */
export function inheritsRpcTarget(value: object): boolean {
  for (let p = ObjectGetPrototypeOf(value) as object | null; p !== null; p = ObjectGetPrototypeOf(p) as object | null) {
    if (p === RpcTargetPrototype) return true;
  }
  return false;
}

/** True: its own properties can be asked for. False: an RpcTarget. undefined: it cannot be called from elsewhere. */
export function checkStubType(value: object): boolean | undefined {
  if (ObjectGetPrototypeOf(value) === ObjectPrototype) return true;
  if (inheritsRpcTarget(value)) return false;
  return isFunctionForRpc(value) ? true : undefined;
}
