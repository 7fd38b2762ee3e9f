// node:test: its mocks only; tests themselves are run by `workerd test`. https://nodejs.org/api/test.html#mocking
import { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE } from './internal/errors';
import { validateBoolean, validateFunction, validateInteger, validateObject } from './internal/validators';

type AnyFn = (...args: any[]) => any;
const noop = function (): void {};

class MockFunctionContext {
  #calls: object[] = [];
  #original: AnyFn | undefined;
  #implementation: AnyFn;
  #onces = new Map<number, AnyFn>();
  #restore: { object: any; key: PropertyKey; descriptor: PropertyDescriptor } | undefined;
  #times: number;
  constructor(implementation: AnyFn, restore: any, times: number, original?: AnyFn) {
    this.#implementation = implementation;
    this.#restore = restore;
    this.#times = times;
    this.#original = original;
  }
  get calls(): object[] {
    return this.#calls.slice();
  }
  callCount(): number {
    return this.#calls.length;
  }
  mockImplementation(implementation: AnyFn): void {
    validateFunction(implementation, 'implementation');
    this.#implementation = implementation;
  }
  mockImplementationOnce(implementation: AnyFn, onCall?: number): void {
    validateFunction(implementation, 'implementation');
    const next = this.#calls.length;
    const call = onCall ?? next;
    validateInteger(call, 'onCall', next);
    this.#onces.set(call, implementation);
  }
  restore(): void {
    if (this.#restore) Object.defineProperty(this.#restore.object, this.#restore.key, this.#restore.descriptor);
    else if (this.#original) this.#implementation = this.#original;
  }
  resetCalls(): void {
    this.#calls = [];
  }
  static next(context: MockFunctionContext): AnyFn {
    const n = context.#calls.length;
    const once = context.#onces.get(n);
    if (once) context.#onces.delete(n);
    const implementation = once ?? context.#implementation;
    if (n + 1 === context.#times) context.restore();
    return implementation;
  }
  static track(context: MockFunctionContext, call: object): void {
    context.#calls.push(call);
  }
}
const { next, track } = MockFunctionContext;

function mocked(target: AnyFn, context: MockFunctionContext): AnyFn {
  const proxy = new Proxy(target, {
    apply(_fn, thisArg, args) {
      const fn = next(context);
      let result: unknown;
      let error: unknown;
      try {
        result = Reflect.apply(fn, thisArg, args);
      } catch (err) {
        error = err;
        throw err;
      } finally {
        track(context, { arguments: args, error, result, stack: new Error(), target: undefined, this: thisArg });
      }
      return result;
    },
    construct(fn, args, newTarget) {
      const real = next(context);
      let result: any;
      let error: unknown;
      try {
        // The mock of a class makes that class's instances, whoever builds them.
        result = Reflect.construct(real, args, newTarget === proxy ? fn : newTarget);
      } catch (err) {
        error = err;
        throw err;
      } finally {
        track(context, { arguments: args, error, result, stack: new Error(), target: fn, this: result });
      }
      return result;
    },
    get(fn, property, receiver) {
      return property === 'mock' ? context : Reflect.get(fn, property, receiver);
    },
  });
  return proxy;
}

function timesOf(options: any): number {
  const times = options.times === undefined ? Infinity : options.times;
  if (times !== Infinity) validateInteger(times, 'options.times', 1);
  return times;
}

function findDescriptor(object: any, key: PropertyKey): PropertyDescriptor | undefined {
  for (let o = object; o !== null && o !== undefined; o = Object.getPrototypeOf(o)) {
    const descriptor = Object.getOwnPropertyDescriptor(o, key);
    if (descriptor) return descriptor;
  }
  return undefined;
}

class MockTracker {
  #mocks: MockFunctionContext[] = [];

  fn(original: any = noop, implementation: any = original, options: any = {}): AnyFn {
    if (original !== null && typeof original === 'object') {
      options = original;
      original = noop;
      implementation = original;
    } else if (implementation !== null && typeof implementation === 'object') {
      options = implementation;
      implementation = original;
    }
    validateFunction(original, 'original');
    validateFunction(implementation, 'implementation');
    validateObject(options, 'options');
    const context = new MockFunctionContext(implementation, undefined, timesOf(options), original);
    this.#mocks.push(context);
    // Each mock is an object of its own, also of the same function.
    return mocked(original === noop ? function () {} : original.bind !== undefined && !isClass(original) ? forward(original) : original, context);
  }

  method(object: any, name: PropertyKey, implementation: any = {}, options: any = {}): AnyFn {
    if ((typeof object !== 'object' && typeof object !== 'function') || object === null) {
      throw new ERR_INVALID_ARG_TYPE('object', 'object', object);
    }
    if (typeof name !== 'string' && typeof name !== 'symbol') throw new ERR_INVALID_ARG_TYPE('methodName', ['string', 'symbol'], name);
    if (typeof implementation === 'object' && implementation !== null) {
      options = implementation;
      implementation = undefined;
    }
    validateObject(options, 'options');
    const { getter = false, setter = false } = options;
    validateBoolean(getter, 'options.getter');
    validateBoolean(setter, 'options.setter');
    if (getter && setter) throw new ERR_INVALID_ARG_VALUE('options.setter', setter, "cannot be used with 'options.getter'");
    const descriptor = findDescriptor(object, name);
    const original = getter ? descriptor?.get : setter ? descriptor?.set : descriptor?.value;
    if (typeof original !== 'function') throw new ERR_INVALID_ARG_VALUE('methodName', original, 'must be a method');
    const context = new MockFunctionContext(implementation ?? original, { object, key: name, descriptor }, timesOf(options), original);
    this.#mocks.push(context);
    const mock = mocked(forward(original), context);
    const replacement: PropertyDescriptor = { configurable: descriptor!.configurable!, enumerable: descriptor!.enumerable! };
    if (getter) {
      replacement.get = mock;
      replacement.set = descriptor!.set!;
    } else if (setter) {
      replacement.get = descriptor!.get!;
      replacement.set = mock;
    } else {
      replacement.writable = descriptor!.writable!;
      replacement.value = mock;
    }
    Object.defineProperty(object, name, replacement);
    return mock;
  }
  getter(object: any, name: PropertyKey, implementation: any = {}, options: any = {}): AnyFn {
    return this.#accessor('getter', object, name, implementation, options);
  }
  setter(object: any, name: PropertyKey, implementation: any = {}, options: any = {}): AnyFn {
    return this.#accessor('setter', object, name, implementation, options);
  }
  #accessor(kind: 'getter' | 'setter', object: any, name: PropertyKey, implementation: any, options: any): AnyFn {
    if (typeof implementation === 'object' && implementation !== null) {
      options = implementation;
      implementation = undefined;
    }
    validateObject(options, 'options');
    if (options[kind] === false) throw new ERR_INVALID_ARG_VALUE(`options.${kind}`, false, 'cannot be false');
    const both = { ...options, [kind]: true };
    if (both.getter && both.setter) throw new ERR_INVALID_ARG_VALUE('options.setter', both.setter, "cannot be used with 'options.getter'");
    return implementation === undefined ? this.method(object, name, both) : this.method(object, name, implementation, both);
  }
  reset(): void {
    this.restoreAll();
    this.#mocks = [];
  }
  restoreAll(): void {
    for (const mock of this.#mocks) mock.restore();
  }
}

function isClass(fn: AnyFn): boolean {
  return /^class\b/.test(Function.prototype.toString.call(fn));
}

/** A function object of its own with the original's name and length, for the proxy to stand on. */
function forward(original: AnyFn): AnyFn {
  const fn = function (this: unknown, ...args: unknown[]): unknown {
    return Reflect.apply(original, this, args);
  };
  Object.defineProperty(fn, 'name', { value: original.name, configurable: true });
  Object.defineProperty(fn, 'length', { value: original.length, configurable: true });
  if (original.prototype) fn.prototype = original.prototype;
  return fn;
}

export default { mock: new MockTracker(), MockFunctionContext, MockTracker };
