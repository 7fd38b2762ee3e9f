// Bundles that few workers need (lazy/*.ts), evaluated at their first use.
import { native, pyOp } from './ops';

const bundles_ops = { lazy: pyOp<(name: string) => string>('bundles.lazy') };
/** The language's builtins as they were before user code ran (tools/intrinsics.mjs). */
declare const $builtins: unknown[];

const loaded: Record<string, unknown> = { __proto__: null } as never;

/** The exports of lazy/<name>.ts. */
export function loadLazy<T>(name: string): T {
  return (loaded[name] ??= native.compileFunction(bundles_ops.lazy(name), `workerd:${name}`, ['builtins'])($builtins)) as T;
}
