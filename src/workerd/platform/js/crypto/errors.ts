// The errors WebCrypto throws, by name.
import { DOMException } from '../dom-exception';

export function operationError(message: string): DOMException {
  return new DOMException(message, 'OperationError');
}

export function dataError(message: string): DOMException {
  return new DOMException(message, 'DataError');
}

export function notSupported(message: string): DOMException {
  return new DOMException(message, 'NotSupportedError');
}

export function invalidAccess(message: string): DOMException {
  return new DOMException(message, 'InvalidAccessError');
}

export function syntaxError(message: string): DOMException {
  return new DOMException(message, 'SyntaxError');
}

export function cannotTellPublicKey(name: string): DOMException {
  return notSupported(`The getPublicKey operation is not supported for "${name}".`);
}

export function missingField(field: string, dictionary: string): TypeError {
  return new TypeError(`Missing field "${field}" in "${dictionary}".`);
}
