// Errors that come from the native side, as the values JavaScript sees.
import { DOMException } from '../dom-exception';
import { flags } from '../flags';
import type { NativeError } from '../native';
import { ObjectDefineProperty, ObjectHasOwn, RegExpPrototypeExec } from '../primordials';
import { markRemote } from '../report';

const CLASSES: Record<string, new (message: string) => Error> = {
  Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError,
};
Object.setPrototypeOf(CLASSES, null);
const DOM_NAMES: Record<string, boolean> = { AbortError: true, TimeoutError: true, DataCloneError: true, InvalidStateError: true,
  NotSupportedError: true, OperationError: true, SyntaxError: false, NetworkError: true, InvalidAccessError: true, NotFoundError: true,
  QuotaExceededError: true, DataError: true };
Object.setPrototypeOf(DOM_NAMES, null);

/** A new error of the class its name stands for. */
export function errorNamed(name: string, message: string): Error {
  const Class = CLASSES[name];
  if (Class !== undefined) {
    const error = new Class(message);
    // What a peer that went away leaves behind: callers may try again.
    if (message === 'Network connection lost.') {
      ObjectDefineProperty(error, 'retryable', { value: true, writable: true, enumerable: true, configurable: true });
    }
    return error;
  }
  if (DOM_NAMES[name] === true) return new DOMException(message, name);
  const error = new Error(message);
  if (name !== '') ObjectDefineProperty(error, 'name', { value: name, writable: true, enumerable: false, configurable: true });
  return error;
}

const ErrorClass = Error;

/** What a caller sees of a failure: a clone of what was thrown where that could be made, except that only newer workers see objects that
 *  are no errors. */
export function errorFromNative(e: NativeError): unknown {
  const thrown: any = ObjectHasOwn(e, 'value') ? e.value : undefined;
  const isError = thrown instanceof ErrorClass;
  const kept = isError || flags.enhanced_error_serialization && typeof thrown === 'object' && thrown !== null;
  const error: any = kept ? thrown : thrown !== undefined ? new ErrorClass(e.message) : errorNamed(e.name, e.message);
  if (thrown !== undefined || e.remote) {
    ObjectDefineProperty(error, 'remote', { value: true, writable: true, enumerable: true, configurable: true });
    // Cloning keeps the names of JavaScript's own errors only.
    if ((isError || thrown === undefined) && e.name !== '' && error.name !== e.name) {
      ObjectDefineProperty(error, 'name', { value: e.name, writable: true, enumerable: false, configurable: true });
    }
    markRemote(error);
  }
  return error;
}

const NAMED = /^((?:[A-Z][A-Za-z]*)?(?:Error|Exception)): ([^]*)$/;

/** `Name: message`, as pipes carry errors. */
export function errorFromText(text: string): Error {
  const m = RegExpPrototypeExec(NAMED, text);
  return m === null ? errorNamed('Error', text) : errorNamed(m[1]!, m[2]!);
}
