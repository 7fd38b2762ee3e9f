import * as errors from '../internal/errors';
// readable-stream makes one of them without `new`.
function ERR_ILLEGAL_CONSTRUCTOR(): Error {
  return new errors.ERR_ILLEGAL_CONSTRUCTOR();
}
export const { AbortError, aggregateTwoErrors } = errors;
export function hideStackFrames<T>(fn: T): T {
  return fn;
}
export const codes = { ...errors, ERR_ILLEGAL_CONSTRUCTOR };
