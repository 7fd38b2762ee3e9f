// process.env: the worker's text and JSON bindings as strings, changeable by the program.
import { ERR_INVALID_ARG_VALUE } from './errors';
import { validateObject } from './validators';

/** Whether JSON keeps all there is of the value: bindings that are services, namespaces and the like do not belong in process.env. */
function isJson(value: unknown, seen = new Set<unknown>()): boolean {
  switch (typeof value) {
    case 'boolean':
    case 'number':
    case 'string':
      return true;
    case 'object': {
      if (value === null) return true;
      if (seen.has(value)) return false;
      seen.add(value);
      const proto = Object.getPrototypeOf(value);
      if (proto !== Object.prototype && proto !== Array.prototype) return false;
      return Object.values(value).every((item) => isJson(item, seen));
    }
    default:
      return false;
  }
}

function initial(): Record<string, string> {
  const env: Record<string, string> = {};
  if (!internals.flags.nodejs_compat_populate_process_env) return env;
  for (const [key, value] of Object.entries(internals.env())) {
    if (typeof value === 'string') env[key] = value;
    else if (isJson(value)) env[key] = JSON.stringify(value);
  }
  return env;
}

function text(value: unknown): string {
  if (typeof value === 'symbol') throw new TypeError('Cannot convert a symbol value to a string');
  return `${value}`;
}

export function makeEnv(): Record<string, string> {
  // Filled at the first look: this module may be loaded before the worker has its bindings.
  const store: Record<string, string> = {};
  let filled = false;
  const fill = (): Record<string, string> => {
    if (!filled) {
      filled = true;
      Object.assign(store, initial());
    }
    return store;
  };
  return new Proxy(store, {
    get(target, key) {
      return Reflect.get(fill(), key);
    },
    has(target, key) {
      return Reflect.has(fill(), key);
    },
    ownKeys() {
      return Reflect.ownKeys(fill());
    },
    getOwnPropertyDescriptor(target, key) {
      return Reflect.getOwnPropertyDescriptor(fill(), key);
    },
    deleteProperty(target, key) {
      return Reflect.deleteProperty(fill(), key);
    },
    set(target, key, value) {
      fill();
      text(key);
      return Reflect.set(target, key, text(value));
    },
    defineProperty(target, key, descriptor) {
      fill();
      validateObject(descriptor, 'descriptor');
      if ('get' in descriptor || 'set' in descriptor) {
        throw new ERR_INVALID_ARG_VALUE('descriptor', descriptor, 'process.env value must not have getter/setter');
      }
      for (const field of ['configurable', 'enumerable', 'writable'] as const) {
        if (!descriptor[field]) throw new ERR_INVALID_ARG_VALUE(`descriptor.${field}`, descriptor, `process.env value must be ${field}`);
      }
      if (!('value' in descriptor)) {
        throw new ERR_INVALID_ARG_VALUE('descriptor.value', descriptor, 'process.env value must be specified explicitly');
      }
      text(key);
      return Reflect.defineProperty(target, key, { ...descriptor, value: text(descriptor.value) });
    },
  });
}
