// What the kinds of events have in common.
import type { Event } from '../events';
import { ObjectDefineProperty } from '../primordials';

/** The number that says in a call which event it is. */
export const enum ServiceEvent { Scheduled = 1, Queue }

/** An event that has come in. */
export interface Received {
  readonly type: 'scheduled' | 'queue';
  /** For handlers. */
  readonly controller: object;
  /** For listeners. */
  readonly event: Event;
  /** The answer; plain data. */
  result(outcome: string): unknown;
}

/** A property of an instance that cannot be written. */
export function fix(object: object, name: string, value: unknown): void {
  ObjectDefineProperty(object, name, { value, writable: false, enumerable: true, configurable: false });
}
