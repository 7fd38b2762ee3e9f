// Dates in arguments.
import { uncurryThis } from '../primordials';

const getTime = uncurryThis(Date.prototype.getTime) as (date: unknown) => number;

/** Milliseconds since the epoch of a Date object or a number. */
export function toTime(value: unknown, error: () => TypeError): number {
  if (typeof value === 'number') return value;
  let time: number;
  try {
    time = getTime(value);
  } catch {
    throw error();
  }
  if (time !== time) throw new TypeError('The value cannot be converted because it is not a valid Date.');
  return time;
}
