// Web IDL conversions as the reference has them, where they differ from what JavaScript does by itself.
import { MathTrunc, NumberIsNaN } from '../primordials';

/** A 32-bit integer: out of range throws, NaN is 0. */
export function toInt32(value: unknown): number {
  const n = +(value as any);
  if (n >= -2147483648 && n <= 2147483647) return MathTrunc(n) | 0;
  if (NumberIsNaN(n)) return 0;
  throw new TypeError('Value out of range. Must be between -2147483648 and 2147483647 (inclusive).');
}
