// What counts as a promise where user code gives the platform one: real promises, and under unwrap_custom_thenables whatever else has a
// `then`. Before that flag other thenables were values like any other, which nobody waits for.
import { flags } from './flags';
import { typeOf, TypeBit } from './type-bits';

/** True for what is waited for. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return false;
  return (typeOf(value) & TypeBit.Promise) !== 0 || (flags.unwrap_custom_thenables === true && typeof (value as { then?: unknown }).then === 'function');
}

/** The value, or undefined for a thenable that is not to be waited for. */
export function awaitable<T>(value: T): T {
  if (flags.unwrap_custom_thenables || (typeof value !== 'object' && typeof value !== 'function') || value === null) return value;
  if ((typeOf(value) & TypeBit.Promise) !== 0 || typeof (value as { then?: unknown }).then !== 'function') return value;
  return undefined!;
}
