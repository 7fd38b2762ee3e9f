// The way from the platform layer to the outside: C++ operations (`native`) and Python ones (`pyOp`).
import type { Native } from './native';

// Not from primordials: this file is in bundles that are evaluated later, too.
const { apply } = Reflect;

// Set by bootstrap; nothing may call it while the startup snapshot is made.
export let native: Native = undefined as unknown as Native;

export function setNative(n: Native): void {
  native = n;
}

/** A function that finds its Python side at its first call, so that it can live in the startup snapshot. */
export function pyOp<F extends (...args: any[]) => any>(name: string): F {
  let fn: ((...args: any[]) => any) | undefined;
  // Not by spreading: that would run an Array.prototype[Symbol.iterator] of the user's.
  return ((...args: any[]) => apply((fn ??= native.pyOp(name)), undefined, args)) as F;
}
