// WebAssembly instances that want to be told when their CPU time is nearly over, or has been ended: they export `__instance_signal` or
// `__instance_terminated`, globals with the address of 32 bits in their memory (native/engine/wasm_signals.h).
import { native } from './ops';
import {
  ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, PromisePrototypeThen, ReflectApply, ReflectConstruct, uncurryThis,
} from './primordials';

type Kinds = { module?: string; name: string; kind: string }[];

/** Called at bootstrap. */
export function installWasmInstances(): void {
  const { WebAssembly } = globalThis as any;
  const { Instance, instantiate, Module, Memory } = WebAssembly;
  // While the startup snapshot is made.
  if (Instance === undefined) return;
  const { imports: importsOf, exports: exportsOf } = Module as { imports(module: object): Kinds; exports(module: object): Kinds };
  const exportsOfInstance = uncurryThis(ObjectGetOwnPropertyDescriptor(Instance.prototype, 'exports')!.get!) as (instance: object) => Record<string, unknown>;
  const valueOfGlobal = uncurryThis(ObjectGetOwnPropertyDescriptor(WebAssembly.Global.prototype, 'value')!.get!) as (global: unknown) => unknown;
  const bufferOf = uncurryThis(ObjectGetOwnPropertyDescriptor(Memory.prototype, 'buffer')!.get!) as (memory: unknown) => unknown;

  /** The address in a global; -1 if it is none. */
  function address(global: unknown): number {
    if (typeof global !== 'object' || global === null) return -1;
    const value = valueOfGlobal(global);
    return typeof value === 'number' && value >= 0 ? value : -1;
  }

  /** The instance's first memory, which may be imported. */
  function memoryOf(exports: Record<string, unknown>, imports: any, module: object): object | undefined {
    const wanted = importsOf(module);
    for (let i = 0; i < wanted.length; i++) {
      const { kind, module: from, name } = wanted[i]!;
      if (kind === 'memory') return imports[from!][name];
    }
    const given = exportsOf(module);
    for (let i = 0; i < given.length; i++) if (given[i]!.kind === 'memory') return exports[given[i]!.name] as object;
    return undefined;
  }

  function track(instance: object, imports: unknown, module: object): void {
    try {
      const exports = exportsOfInstance(instance);
      const signal = exports['__instance_signal'], terminated = exports['__instance_terminated'];
      if (signal === undefined && terminated === undefined) return;
      const places = [address(signal), address(terminated)] as const;
      const memory = places[0] < 0 && places[1] < 0 ? undefined : memoryOf(exports, imports, module);
      if (memory === undefined) return;
      bufferOf(memory);
      native.trackWasmInstance(instance, memory, places[0], places[1]);
    } catch {
      // It is not told, then. Nobody's instance fails for that.
    }
  }

  const Tracked = new Proxy(Instance, {
    __proto__: null,
    construct(target: any, args: unknown[], newTarget: unknown) {
      const instance: object = ReflectConstruct(target, args, (newTarget === Tracked ? target : newTarget) as any);
      track(instance, args[1], args[0] as object);
      return instance;
    },
  } as ProxyHandler<any>);
  const describe = (value: unknown): PropertyDescriptor => ({ __proto__: null, value, writable: true, enumerable: false, configurable: true }) as PropertyDescriptor;
  ObjectDefineProperty(Instance.prototype, 'constructor', describe(Tracked));
  ObjectDefineProperty(WebAssembly, 'Instance', describe(Tracked));

  const { instantiate: tracked } = {
    instantiate(this: unknown, source: any, ...more: unknown[]): Promise<unknown> {
      const args = arguments;
      return PromisePrototypeThen(ReflectApply(instantiate, this, args as never) as Promise<any>, (result: any) => {
        // Of bytes there are a module and an instance.
        const both = result.module !== undefined && result.instance !== undefined;
        track(both ? result.instance : result, more[0], both ? result.module : source);
        return result;
      }) as Promise<unknown>;
    },
  };
  ObjectDefineProperty(WebAssembly, 'instantiate', { ...ObjectGetOwnPropertyDescriptor(WebAssembly, 'instantiate')!, value: tracked });
}
