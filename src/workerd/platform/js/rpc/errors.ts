// Errors that come from the other side of a call.
import { isDOMException } from '../dom-exception';
import { errorNamed } from '../fetch/native-error';
import type { NativeError } from '../native';
import { native } from '../ops';
import { ErrorCaptureStackTrace, ObjectDefineProperty } from '../primordials';
import { markRemote } from '../report';
import { typeOf, TypeBit } from '../type-bits';

/** A call failed over there. It becomes an error where the caller waits: in a reaction of its promise, so that the stack is the caller's. */
export class RemoteFailure {
  readonly #error: NativeError;

  constructor(error: NativeError) {
    this.#error = error;
  }

  /** For another call that failed for the same reason. */
  again(): RemoteFailure {
    const { name, message, stack, value, remote } = this.#error;
    return new RemoteFailure({ name, message, stack, value: value === undefined ? undefined : native.structuredClone(value, undefined), remote });
  }

  toError(above: Function): unknown {
    const { value, name, message } = this.#error;
    let error: Error;
    if (typeOf(value) & TypeBit.NativeError || (typeof value === 'object' && value !== null && isDOMException(value))) error = value as Error;
    // What is no error comes as one.
    else error = value === undefined ? errorNamed(name, message) : new Error(message);
    ErrorCaptureStackTrace(error, above);
    ObjectDefineProperty(error, 'remote', { value: true, writable: true, enumerable: true, configurable: true });
    markRemote(error);
    return error;
  }
}
