// Where workerd's streams depart from the standard and no flag of their own switches it, these two flags ask for the standard.
import { flags } from '../flags';

/** Whether `new ReadableStream()` and `new WritableStream()` are to be had. */
export function hasConstructors(): boolean {
  return flags.streams_enable_constructors === true || flags.typescript_implemented_streams === true;
}

/** Whether `new TransformStream()` is the standard's. */
export function hasStandardTransform(): boolean {
  return flags.transformstream_enable_standard_constructor === true || flags.typescript_implemented_streams === true;
}

export function specMode(): boolean {
  return flags.pedantic_wpt === true || flags.typescript_implemented_streams === true;
}

/** Whether the stream classes are written in JavaScript to the worker's eyes too, and have the standard's shape whatever its date. */
export function isTypeScript(): boolean {
  return flags.typescript_implemented_streams === true;
}
