// The base of bindings that a built-in module makes around a service: `cloudflare-internal:wrapped-binding`. They can be sent to other
// workers, which have the module make them anew around the same service.
import { fetcherTarget, isFetcher, makeFetcher, type Fetcher } from '../fetch/fetcher';
import { defineInterface } from '../interface';
import { letCall } from '../rpc/fetchers';
import { currentWriting, external } from '../rpc/writing';
import { CloneTag, cloneParts, dataCloneError, registerCloneable } from '../structured-clone';

type Namespace = Record<string, unknown>;

let loadModule: (name: string) => Namespace;

let setModule: (binding: WrappedBinding, name: string) => void;
let isWrapped: (value: unknown) => value is WrappedBinding;

export class WrappedBinding {
  readonly #fetcher: Fetcher | undefined;
  /** What made it; undefined while its constructor runs. */
  #module: string | undefined;

  constructor(fetcher?: unknown) {
    this.#fetcher = isFetcher(fetcher) ? fetcher as Fetcher : undefined;
  }

  static {
    defineInterface(this, 'WrappedBinding', { brand: (o) => #fetcher in o });
    isWrapped = (value): value is WrappedBinding => typeof value === 'object' && value !== null && #fetcher in value;
    setModule = (binding, name) => { binding.#module = name; };
    registerCloneable('WrappedBinding', CloneTag.WrappedBinding, (binding: WrappedBinding) => {
      const writing = currentWriting();
      if (writing === undefined || binding.#fetcher === undefined || binding.#module === undefined) {
        throw dataCloneError('This binding cannot be serialized in this context.');
      }
      return [binding.#module, writing.external(binding.#fetcher, fetcherTarget)];
    }, (data: unknown) => {
      const [name, index] = cloneParts<[name: string, index: number]>(data, ['string', 'number']);
      // First: it fails for what is no message from another worker.
      const fetcher = letCall(makeFetcher(external(index)));
      return wrap(name, 'default', { fetcher });
    });
  }
}

/** What the function `entrypoint` of an extension's module makes of `env`. */
export function wrap(moduleName: string, entrypoint: string, env: Namespace): object {
  const make = loadModule(moduleName)[entrypoint];
  if (typeof make !== 'function') throw new TypeError(`Wrapped binding: module '${moduleName}' has no function '${entrypoint}'.`);
  const made: object = make(env);
  if (entrypoint === 'default' && isWrapped(made)) setModule(made, moduleName);
  return made;
}

/** Called at bootstrap: gives the namespaces of extensions' modules, internal ones too. */
export function setModuleLoader(load: typeof loadModule): void {
  loadModule = load;
}
