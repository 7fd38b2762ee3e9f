// DOMException (https://webidl.spec.whatwg.org/#idl-DOMException). As in workerd, message, name, code and stack are enumerable own
// properties, and every instance has a stack, those made by user code too.
import { defineInterface } from './interface';
import { ErrorCaptureStackTrace, ObjectDefineProperty, ObjectSetPrototypeOf } from './primordials';

const CONSTANTS = {
  INDEX_SIZE_ERR: 1, DOMSTRING_SIZE_ERR: 2, HIERARCHY_REQUEST_ERR: 3, WRONG_DOCUMENT_ERR: 4, INVALID_CHARACTER_ERR: 5,
  NO_DATA_ALLOWED_ERR: 6, NO_MODIFICATION_ALLOWED_ERR: 7, NOT_FOUND_ERR: 8, NOT_SUPPORTED_ERR: 9, INUSE_ATTRIBUTE_ERR: 10,
  INVALID_STATE_ERR: 11, SYNTAX_ERR: 12, INVALID_MODIFICATION_ERR: 13, NAMESPACE_ERR: 14, INVALID_ACCESS_ERR: 15,
  VALIDATION_ERR: 16, TYPE_MISMATCH_ERR: 17, SECURITY_ERR: 18, NETWORK_ERR: 19, ABORT_ERR: 20, URL_MISMATCH_ERR: 21,
  QUOTA_EXCEEDED_ERR: 22, TIMEOUT_ERR: 23, INVALID_NODE_TYPE_ERR: 24, DATA_CLONE_ERR: 25,
};

// Names that have a legacy code, in the order of the codes.
const NAMES = [
  'IndexSizeError', 'DOMStringSizeError', 'HierarchyRequestError', 'WrongDocumentError', 'InvalidCharacterError',
  'NoDataAllowedError', 'NoModificationAllowedError', 'NotFoundError', 'NotSupportedError', 'InUseAttributeError',
  'InvalidStateError', 'SyntaxError', 'InvalidModificationError', 'NamespaceError', 'InvalidAccessError', 'ValidationError',
  'TypeMismatchError', 'SecurityError', 'NetworkError', 'AbortError', 'URLMismatchError', 'QuotaExceededError', 'TimeoutError',
  'InvalidNodeTypeError', 'DataCloneError',
];
const codes: Record<string, number> = { __proto__: null } as unknown as Record<string, number>;
for (let i = 0; i < NAMES.length; i++) codes[NAMES[i]!] = i + 1;

// The stack is captured before the own properties exist; V8 builds its first line from these. Not part of the interface.
const header = { __proto__: null, value: '', writable: false, enumerable: true, configurable: true } as PropertyDescriptor;
const stackAttributes = { __proto__: null, enumerable: true } as PropertyDescriptor;

/** True for real DOMExceptions, whatever their prototype is now. */
export let isDOMException: (value: object) => value is DOMException;

class DOMException {
  // Marks real instances for brand checks and structured clone.
  readonly #real = true;
  declare readonly message: string;
  declare readonly name: string;
  declare readonly code: number;
  declare stack: string;

  // The default parameters keep `length` at the 0 of the interface.
  constructor(message: string = '', name: string = 'Error') {
    const text = `${message}`;
    const label = `${name}`;
    define(this, 'code', codes[label] ?? 0);
    define(this, 'name', label);
    define(this, 'message', text);
    ErrorCaptureStackTrace(this, new.target);
    ObjectDefineProperty(this, 'stack', stackAttributes);
  }

  static {
    isDOMException = (value): value is DOMException => #real in value;
  }
}

function define(target: object, key: string, value: unknown): void {
  header.value = value;
  ObjectDefineProperty(target, key, header);
}

ObjectSetPrototypeOf(DOMException.prototype, Error.prototype);
defineInterface(DOMException, 'DOMException', { brand: (o) => isDOMException(o), constants: CONSTANTS });

/** A DOMException that crossed a boundary: its stack is the one it had there. */
export function restoreDOMException(name: string, message: string, stack: string): DOMException {
  const e = new DOMException(message, name);
  ObjectDefineProperty(e, 'stack', { __proto__: null, value: stack, writable: true, enumerable: true, configurable: true } as PropertyDescriptor);
  return e;
}

export { DOMException };
