// Objects that can be called and have every property: what all traps of them have in common.
import {
  ObjectCreate, ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, ObjectHasOwn, ReflectOwnKeys, StringPrototypeCharCodeAt,
} from '../primordials';
import { brand, type Handler } from './brand';

const { get: ReflectGet, has: ReflectHas, set: ReflectSet, deleteProperty: ReflectDeleteProperty } = Reflect;

// One target for all: it is never changed, since every trap that could is there. An arrow function has no `prototype`.
const callable = (): void => {};
// The names of its own properties, which no trap may deny to be configurable.
delete (callable as { name?: string }).name;
delete (callable as { length?: number }).length;

/** Array indices are not names of remote methods. */
export function isIndex(name: string): boolean {
  const first = StringPrototypeCharCodeAt(name, 0);
  if (!(first >= 48 && first <= 57) || name.length > 10 || (first === 48 && name.length > 1)) return false;
  for (let i = 1; i < name.length; i++) {
    const c = StringPrototypeCharCodeAt(name, i);
    if (c < 48 || c > 57) return false;
  }
  return true;
}

export abstract class CallableHandler implements Handler {
  abstract readonly className: string;
  /** Properties that users have set on the object itself. */
  #own: Record<PropertyKey, unknown> | undefined;

  protected abstract prototype(): object;
  protected abstract call(args: unknown[]): unknown;
  /** A property that the prototype does not have. */
  protected abstract wildcard(name: string): unknown;

  get(_: object, name: PropertyKey, receiver: unknown): unknown {
    const own = this.#own;
    if (own !== undefined && ObjectHasOwn(own, name)) return ReflectGet(own, name, receiver);
    const prototype = this.prototype();
    if (typeof name === 'symbol' || ReflectHas(prototype, name)) return ReflectGet(prototype, name, receiver);
    return isIndex(name as string) ? undefined : this.wildcard(name as string);
  }

  has(_: object, name: PropertyKey): boolean {
    if (this.#own !== undefined && ObjectHasOwn(this.#own, name)) return true;
    return ReflectHas(this.prototype(), name) || (typeof name !== 'symbol' && !isIndex(name as string) && this.wildcard(name as string) !== undefined);
  }

  set(_: object, name: PropertyKey, value: unknown): boolean {
    return ReflectSet(this.#own ??= ObjectCreate(null) as Record<PropertyKey, unknown>, name, value);
  }

  defineProperty(_: object, name: PropertyKey, descriptor: PropertyDescriptor): boolean {
    ObjectDefineProperty(this.#own ??= ObjectCreate(null) as Record<PropertyKey, unknown>, name, { ...descriptor, configurable: true });
    return true;
  }

  deleteProperty(_: object, name: PropertyKey): boolean {
    return this.#own === undefined || ReflectDeleteProperty(this.#own, name);
  }

  ownKeys(): (string | symbol)[] {
    return this.#own === undefined ? [] : ReflectOwnKeys(this.#own);
  }

  getOwnPropertyDescriptor(_: object, name: PropertyKey): PropertyDescriptor | undefined {
    return this.#own === undefined ? undefined : ObjectGetOwnPropertyDescriptor(this.#own, name);
  }

  getPrototypeOf(): object {
    return this.prototype();
  }

  setPrototypeOf(): boolean {
    return false;
  }

  preventExtensions(): boolean {
    return false;
  }

  apply(_: object, __: unknown, args: unknown[]): unknown {
    return this.call(args);
  }
}

/** The object of a handler. */
export function makeCallable(handler: CallableHandler): object {
  const object = new Proxy(callable, handler as ProxyHandler<typeof callable>);
  brand(object, handler);
  return object;
}
