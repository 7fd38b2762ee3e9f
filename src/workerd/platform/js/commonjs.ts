// What a CommonJS module sees besides its exports: `module` and `require`. Python (runtime/modules/) runs the module and finds what it requires.
import { ObjectDefineProperty, ReflectOwnKeys, SymbolToStringTag } from './primordials';
import { setLength } from './function-lengths';

class CommonJsModuleObject {
  constructor() {
    throw new TypeError('Illegal constructor');
  }
}
ObjectDefineProperty(CommonJsModuleObject.prototype, SymbolToStringTag, { value: 'CommonJsModuleObject', configurable: true });

export interface CommonJsContext {
  module: object;
  require: (specifier: unknown) => unknown;
  /** `__filename` and `__dirname` of a module that has neither. */
  noPaths: object;
}

const noPaths = {
  __proto__: null,
  get __filename(): string { throw new Error('Module specifier has no filename'); },
  get __dirname(): string { throw new Error('Module specifier has no directory'); },
};

/** `path`: the module's own; `load` gives what a specifier means. */
export function commonJsContext(path: string, load: (specifier: string) => unknown): CommonJsContext {
  const module = { __proto__: CommonJsModuleObject.prototype };
  // Descriptors without a prototype: one with a `get` would make them invalid.
  ObjectDefineProperty(module, 'path', { __proto__: null, value: path, writable: false, enumerable: true, configurable: true } as PropertyDescriptor);
  ObjectDefineProperty(module, 'exports', { __proto__: null, value: {}, writable: true, enumerable: true, configurable: true } as PropertyDescriptor);
  // A method, so that it is no constructor.
  const { require } = {
    require(...given: unknown[]): unknown {
      if (given.length === 0) throw new TypeError("Failed to execute 'require' on 'CommonJsModuleContext': parameter 1 is not of type 'string'.");
      return load(`${given[0] as string}`);
    },
  };
  setLength(require, 0);
  return { module, require, noPaths };
}

/** What require() of an ES module without a default export gives: its exports, which may be changed. */
export function mutableCopy(namespace: Record<PropertyKey, unknown>): object {
  const copy: Record<PropertyKey, unknown> = { __proto__: null } as never;
  const keys = ReflectOwnKeys(namespace);
  for (let i = 0; i < keys.length; i++) copy[keys[i]!] = namespace[keys[i]!];
  return copy;
}
