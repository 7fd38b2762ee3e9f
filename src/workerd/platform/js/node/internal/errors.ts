// Node's errors: `.code`, the code in toString() and in the stack's first line, and Node's exact messages, which programs match on.
// https://nodejs.org/api/errors.html#nodejs-error-codes
import { describeForError, inspectShort } from './describe';

type Make = new (...args: any[]) => Error & { code: string; [key: string]: any };
type Message = string | ((...args: any[]) => string);

/** Puts the code into the first line of the stack. V8 builds that line when the stack is first looked at. */
function stampStack(error: any, code: string): void {
  const name = error.name;
  Object.defineProperty(error, 'name', { value: `${name} [${code}]`, configurable: true, writable: true });
  void error.stack;
  delete error.name;
}

function toStringWithCode(this: Error & { code: string }): string {
  return `${this.name} [${this.code}]: ${this.message}`;
}

/** Makes the class of one code. `after` gets the new error and the constructor's arguments. */
function E(code: string, Base: any, message: Message, after?: (error: any, args: any[]) => void): Make {
  const Class = {
    [Base.name]: class extends Base {
      constructor(...args: any[]) {
        super(typeof message === 'string' ? message : message(...args));
        Object.defineProperty(this, 'code', { value: code, enumerable: true, writable: true, configurable: true });
        stampStack(this, code);
        if (after !== undefined) after(this, args);
      }
    },
  }[Base.name]!;
  Object.defineProperty(Class.prototype, 'constructor', { value: Base, configurable: true, writable: true, enumerable: false });
  Object.defineProperty(Class.prototype, 'toString', { value: toStringWithCode, configurable: true, writable: true, enumerable: false });
  return Class as unknown as Make;
}

function plain(name: unknown): string {
  return typeof name === 'symbol' ? (name.description ?? '') : String(name);
}

const TYPE_WORDS = new Set(['string', 'function', 'number', 'object', 'Function', 'Object', 'boolean', 'bigint', 'symbol']);
const CLASS_NAME = /^([A-Z][a-z0-9]*)+$/;

function join(words: string[], one: string, many: string): string {
  if (words.length === 1) return `${one} ${words[0]}`;
  if (words.length === 2) return `${many} ${words[0]} or ${words[1]}`;
  return `${many} ${words.slice(0, -1).join(', ')}, or ${words[words.length - 1]}`;
}

function invalidArgType(name: string, expected: string | string[], actual: unknown): string {
  const list = Array.isArray(expected) ? expected : [expected];
  const types: string[] = [];
  const instances: string[] = [];
  const other: string[] = [];
  for (const value of list) {
    if (TYPE_WORDS.has(value)) types.push(value.toLowerCase());
    else if (CLASS_NAME.test(value)) instances.push(value);
    else other.push(value);
  }
  // `object` beside class names would be ambiguous, so it is named as a class.
  const at = types.indexOf('object');
  if (instances.length > 0 && at !== -1) {
    types.splice(at, 1);
    instances.push('Object');
  }
  const parts: string[] = [];
  if (types.length > 0) parts.push(join(types, 'of type', 'one of type'));
  if (instances.length > 0) parts.push(join(instances, 'an instance of', 'an instance of'));
  if (other.length > 1) parts.push(join(other, '', 'one of'));
  else if (other.length === 1) parts.push(other[0]!.toLowerCase() !== other[0] ? `an ${other[0]}` : other[0]!);
  const subject = name.endsWith(' argument') ? name : `"${name}" ${name.includes('.') ? 'property' : 'argument'}`;
  return `The ${subject} must be ${parts.join(' or ')}.${describeForError(actual)}`;
}

function invalidArgValue(name: string, value: unknown, reason = 'is invalid'): string {
  let shown = internals.inspect.inspect(value);
  if (shown.length > 128) shown = `${shown.slice(0, 128)}...`;
  return `The ${name.includes('.') ? 'property' : 'argument'} '${name}' ${reason}. Received ${shown}`;
}

/** 1234567 -> "1_234_567". */
export function addNumericalSeparator(digits: string): string {
  let out = '';
  let i = digits.length;
  const start = digits[0] === '-' ? 1 : 0;
  for (; i >= start + 4; i -= 3) out = `_${digits.slice(i - 3, i)}${out}`;
  return digits.slice(0, i) + out;
}

function outOfRange(what: string, range: string, input: unknown, replaceDefault = false): string {
  let received: string;
  if (Number.isInteger(input) && Math.abs(input as number) > 2 ** 32) received = addNumericalSeparator(String(input));
  else if (typeof input === 'bigint') {
    received = String(input);
    if (input > 2n ** 32n || input < -(2n ** 32n)) received = addNumericalSeparator(received);
    received += 'n';
  } else received = internals.inspect.inspect(input);
  return `${replaceDefault ? what : `The value of "${what}" is out of range.`} It must be ${range}. Received ${received}`;
}

function missingArgs(...args: (string | string[])[]): string {
  const names = args.map((a) => (Array.isArray(a) ? a.map((n) => `"${n}"`).join(' or ') : `"${a}"`));
  if (names.length === 1) return `The ${names[0]} argument must be specified`;
  if (names.length === 2) return `The ${names[0]} and ${names[1]} arguments must be specified`;
  return `The ${names.slice(0, -1).join(', ')}, and ${names[names.length - 1]} arguments must be specified`;
}

// ---- arguments and values
export const ERR_INVALID_ARG_TYPE = E('ERR_INVALID_ARG_TYPE', TypeError, invalidArgType);
export const ERR_INVALID_ARG_TYPE_RANGE = E('ERR_INVALID_ARG_TYPE', RangeError, invalidArgType);
export const ERR_INVALID_ARG_VALUE = E('ERR_INVALID_ARG_VALUE', TypeError, invalidArgValue);
export const ERR_INVALID_ARG_VALUE_RANGE = E('ERR_INVALID_ARG_VALUE', RangeError, invalidArgValue);
export const ERR_OUT_OF_RANGE = E('ERR_OUT_OF_RANGE', RangeError, outOfRange);
export const ERR_MISSING_ARGS = E('ERR_MISSING_ARGS', TypeError, missingArgs);
export const ERR_MISSING_OPTION = E('ERR_MISSING_OPTION', Error, (name) => name);
export const ERR_AMBIGUOUS_ARGUMENT = E('ERR_AMBIGUOUS_ARGUMENT', TypeError, (x, y) => `The "${x}" argument is ambiguous. ${y}`);
export const ERR_INVALID_RETURN_VALUE = E('ERR_INVALID_RETURN_VALUE', TypeError,
  (input, name, value) => `Expected ${input} to be returned from the "${name}" function but got ${inspectShort(value)}.`);
export const ERR_INVALID_THIS = E('ERR_INVALID_THIS', TypeError, (x) => `Value of "this" must be of type ${x}`);
export const ERR_INVALID_STATE = E('ERR_INVALID_STATE', Error, (x) => `Invalid state: ${x}`);
export const ERR_INVALID_STATE_TYPE = E('ERR_INVALID_STATE', TypeError, (x) => `Invalid state: ${x}`);
export const ERR_ILLEGAL_CONSTRUCTOR = E('ERR_ILLEGAL_CONSTRUCTOR', TypeError, 'Illegal constructor');
export const ERR_UNKNOWN_ENCODING = E('ERR_UNKNOWN_ENCODING', TypeError, (x) => `Unknown encoding: ${x}`);
export const ERR_UNKNOWN_SIGNAL = E('ERR_UNKNOWN_SIGNAL', TypeError, (x) => `Unknown signal: ${x}`);
export const ERR_INCOMPATIBLE_OPTION_PAIR = E('ERR_INCOMPATIBLE_OPTION_PAIR', TypeError,
  (a, b) => `Option "${a}" cannot be used in combination with option "${b}"`);
export const ERR_OPTION_NOT_IMPLEMENTED = E('ERR_OPTION_NOT_IMPLEMENTED', Error, (n) => `The ${plain(n)} option is not implemented`);
export const ERR_METHOD_NOT_IMPLEMENTED = E('ERR_METHOD_NOT_IMPLEMENTED', Error, (n) => `The ${plain(n)} method is not implemented`);
export const ERR_UNSUPPORTED_OPERATION = E('ERR_UNSUPPORTED_OPERATION', Error, 'The requested operation is unsupported');
export const ERR_FEATURE_UNAVAILABLE_ON_PLATFORM = E('ERR_FEATURE_UNAVAILABLE_ON_PLATFORM', TypeError,
  (f) => `The feature ${f} is unavailable on the current platform`);
export const ERR_FALSY_VALUE_REJECTION = E('ERR_FALSY_VALUE_REJECTION', Error, 'Promise was rejected with falsy value',
  (error, args) => { error.reason = args[0]; });
export const ERR_MULTIPLE_CALLBACK = E('ERR_MULTIPLE_CALLBACK', Error, 'Callback called multiple times');
export const ERR_CONSTRUCT_CALL_REQUIRED = E('ERR_CONSTRUCT_CALL_REQUIRED', TypeError, (n) => `Class constructor ${n} cannot be invoked without \`new\``);
export const ERR_UNHANDLED_ERROR = E('ERR_UNHANDLED_ERROR', Error, (x) => (x === undefined ? 'Unhandled error.' : `Unhandled error. (${x})`));
export const ERR_EVENT_RECURSION = E('ERR_EVENT_RECURSION', Error, (x) => `The event "${x}" is already being dispatched`);
export const ERR_INVALID_MIME_SYNTAX = E('ERR_INVALID_MIME_SYNTAX', TypeError, (production, str, index) =>
  `The MIME syntax for a ${production} in ${JSON.stringify(str)} is invalid${index !== -1 ? ` at ${index}` : ''}`);
export const ERR_SYSTEM_ERROR = E('ERR_SYSTEM_ERROR', Error, (m) => m);
export const ERR_PARSE_ARGS_INVALID_OPTION_VALUE = E('ERR_PARSE_ARGS_INVALID_OPTION_VALUE', TypeError, (m) => m);
export const ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL = E('ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL', TypeError, (positional) =>
  `Unexpected argument '${positional}'. This command does not take positional arguments`);
export const ERR_PARSE_ARGS_UNKNOWN_OPTION = E('ERR_PARSE_ARGS_UNKNOWN_OPTION', TypeError, (option, allowPositionals) =>
  `Unknown option '${option}'${allowPositionals ? `. To specify a positional argument starting with a '-', place it at the end of the command after '--', as in '-- ${JSON.stringify(option)}` : ''}`);
// ---- buffers
export const ERR_BUFFER_OUT_OF_BOUNDS = E('ERR_BUFFER_OUT_OF_BOUNDS', RangeError,
  (name) => (name ? `"${name}" is outside of buffer bounds` : 'Attempt to access memory outside buffer bounds'));
export const ERR_INVALID_BUFFER_SIZE = E('ERR_INVALID_BUFFER_SIZE', RangeError, (bits) => `Buffer size must be a multiple of ${bits}`);
export const ERR_BUFFER_TOO_LARGE = E('ERR_BUFFER_TOO_LARGE', RangeError, (n) => `Cannot create a Buffer larger than ${n} bytes`);
export const ERR_STRING_TOO_LONG = E('ERR_STRING_TOO_LONG', Error, 'Cannot create a string longer than 0x1fffffe8 characters');
export const ERR_INVALID_CHAR = E('ERR_INVALID_CHAR', TypeError,
  (name, field) => `Invalid character in ${name}${field !== undefined ? ` ["${field}"]` : ''}`);
// ---- streams
export const ERR_STREAM_PREMATURE_CLOSE = E('ERR_STREAM_PREMATURE_CLOSE', Error, 'Premature close');
export const ERR_STREAM_WRAP = E('ERR_STREAM_WRAP', Error, 'Stream has StringDecoder set or is in objectMode');
export const ERR_STREAM_DESTROYED = E('ERR_STREAM_DESTROYED', Error, (n) => `Cannot call ${plain(n)} after a stream was destroyed`);
export const ERR_STREAM_ALREADY_FINISHED = E('ERR_STREAM_ALREADY_FINISHED', Error, (n) => `Cannot call ${plain(n)} after a stream was finished`);
export const ERR_STREAM_CANNOT_PIPE = E('ERR_STREAM_CANNOT_PIPE', Error, 'Cannot pipe, not readable');
export const ERR_STREAM_NULL_VALUES = E('ERR_STREAM_NULL_VALUES', TypeError, 'May not write null values to stream');
export const ERR_STREAM_WRITE_AFTER_END = E('ERR_STREAM_WRITE_AFTER_END', Error, 'write after end');
export const ERR_STREAM_PUSH_AFTER_EOF = E('ERR_STREAM_PUSH_AFTER_EOF', Error, 'stream.push() after EOF');
export const ERR_STREAM_UNSHIFT_AFTER_END_EVENT = E('ERR_STREAM_UNSHIFT_AFTER_END_EVENT', Error, 'stream.unshift() after end event');
// ---- url, sockets, http, tls
export const ERR_INVALID_URL = E('ERR_INVALID_URL', TypeError, 'Invalid URL', (error, args) => { error.input = args[0]; });
export const ERR_INVALID_URL_SCHEME = E('ERR_INVALID_URL_SCHEME', TypeError, (s) => `The URL must be of scheme ${s}`);
export const ERR_INVALID_FILE_URL_HOST = E('ERR_INVALID_FILE_URL_HOST', TypeError, (p) => `File URL host must be "localhost" or empty on ${p}`);
export const ERR_INVALID_FILE_URL_PATH = E('ERR_INVALID_FILE_URL_PATH', TypeError, (p) => `File URL path ${p}`);
export const ERR_INVALID_URI = E('ERR_INVALID_URI', URIError, 'URI malformed');
export const ERR_SOCKET_BAD_PORT = E('ERR_SOCKET_BAD_PORT', RangeError,
  (name, port, allowZero) => `${name} should be ${allowZero ? '>=' : '>'} 0 and < 65536. Received ${inspectShort(port)}.`);
export const ERR_SOCKET_CLOSED = E('ERR_SOCKET_CLOSED', Error, 'Socket is closed');
export const ERR_SOCKET_CONNECTING = E('ERR_SOCKET_CONNECTING', Error, 'Socket is already connecting');
export const ERR_SOCKET_CLOSED_BEFORE_CONNECTION = E('ERR_SOCKET_CLOSED_BEFORE_CONNECTION', Error, 'Socket closed before connection established');
export const EPIPE = E('EPIPE', Error, 'This socket has been ended by the other party');
export const ConnResetException = E('ECONNRESET', Error, (m) => m);
export const ERR_INVALID_IP_ADDRESS = E('ERR_INVALID_IP_ADDRESS', TypeError, (ip) => `Invalid IP address: ${ip}`);
export const ERR_INVALID_ADDRESS = E('ERR_INVALID_ADDRESS', Error, 'Invalid address');
export const ERR_INVALID_ADDRESS_FAMILY = E('ERR_INVALID_ADDRESS_FAMILY', RangeError, (type, host, port) => `Invalid address family: ${type} ${host}:${port}`);
export const ERR_SERVER_ALREADY_LISTEN = E('ERR_SERVER_ALREADY_LISTEN', Error, 'Listen method has been called more than once without closing.');
export const ERR_SERVER_NOT_RUNNING = E('ERR_SERVER_NOT_RUNNING', Error, 'Server is not running.');
export const ERR_INVALID_HTTP_TOKEN = E('ERR_INVALID_HTTP_TOKEN', TypeError, (label, name) => `${label} must be a valid HTTP token ["${name}"]`);
export const ERR_HTTP_INVALID_HEADER_VALUE = E('ERR_HTTP_INVALID_HEADER_VALUE', TypeError, (v, h) => `Invalid value "${v}" for header "${h}"`);
export const ERR_HTTP_HEADERS_SENT = E('ERR_HTTP_HEADERS_SENT', Error, (a) => `Cannot ${a} headers after they are sent to the client`);
export const ERR_HTTP_CONTENT_LENGTH_MISMATCH = E('ERR_HTTP_CONTENT_LENGTH_MISMATCH', Error, (actual, expected) =>
  `Response body's content-length of ${actual} byte(s) does not match the content-length of ${expected} byte(s) set in header`);
export const ERR_HTTP_BODY_NOT_ALLOWED = E('ERR_HTTP_BODY_NOT_ALLOWED', Error, 'Adding content for this request method or response status is not allowed.');
export const ERR_HTTP_INVALID_STATUS_CODE = E('ERR_HTTP_INVALID_STATUS_CODE', RangeError, (s) => `Invalid status code: ${s}`);
export const ERR_HTTP_TRAILER_INVALID = E('ERR_HTTP_TRAILER_INVALID', Error, 'Trailers are invalid with this transfer encoding');
export const ERR_HTTP_SOCKET_ASSIGNED = E('ERR_HTTP_SOCKET_ASSIGNED', Error, 'ServerResponse has an already assigned socket');
export const ERR_INVALID_PROTOCOL = E('ERR_INVALID_PROTOCOL', TypeError, (actual, expected) => `Protocol "${actual}" not supported. Expected "${expected}"`);
export const ERR_UNESCAPED_CHARACTERS = E('ERR_UNESCAPED_CHARACTERS', TypeError, (f) => `${f} contains unescaped characters`);
export const ERR_TLS_HANDSHAKE_TIMEOUT = E('ERR_TLS_HANDSHAKE_TIMEOUT', Error, 'TLS handshake timeout');
export const ERR_TLS_INVALID_CONTEXT = E('ERR_TLS_INVALID_CONTEXT', TypeError, (x) => `${x} must be a SecureContext`);
export const ERR_TLS_CERT_ALTNAME_FORMAT = E('ERR_TLS_CERT_ALTNAME_FORMAT', SyntaxError, 'Invalid subject alternative name string');
export const ERR_TLS_CERT_ALTNAME_INVALID = E('ERR_TLS_CERT_ALTNAME_INVALID', Error,
  (reason) => `Hostname/IP does not match certificate's altnames: ${reason}`, (error, args) => {
    error.reason = args[0];
    error.host = args[1];
    error.cert = args[2];
  });
// ---- crypto, zlib
export const ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY = E('ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY', Error, 'Public key is not valid for specified curve');
export const ERR_CRYPTO_HASH_FINALIZED = E('ERR_CRYPTO_HASH_FINALIZED', Error, 'Digest already called');
export const ERR_CRYPTO_HASH_UPDATE_FAILED = E('ERR_CRYPTO_HASH_UPDATE_FAILED', Error, 'Hash update failed');
export const ERR_CRYPTO_INCOMPATIBLE_KEY = E('ERR_CRYPTO_INCOMPATIBLE_KEY', Error, (n, m) => `Incompatible ${n}: ${m}`);
export const ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS = E('ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS', Error, (a, b) => `The selected key encoding ${a} ${b}.`);
export const ERR_CRYPTO_INVALID_JWK = E('ERR_CRYPTO_INVALID_JWK', TypeError, 'Invalid JWK data');
export const ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE = E('ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE', TypeError, (a, e) => `Invalid key object type ${a}, expected ${e}.`);
export const ERR_CRYPTO_SIGN_KEY_REQUIRED = E('ERR_CRYPTO_SIGN_KEY_REQUIRED', Error, 'No key provided to sign');
export const ERR_BROTLI_INVALID_PARAM = E('ERR_BROTLI_INVALID_PARAM', RangeError, (x) => `${x} is not a valid Brotli parameter`);
export const ERR_ZSTD_INVALID_PARAM = E('ERR_ZSTD_INVALID_PARAM', RangeError, (x) => `${x} is not a valid zstd parameter`);
export const ERR_ZLIB_INITIALIZATION_FAILED = E('ERR_ZLIB_INITIALIZATION_FAILED', Error, 'Initialization failed');
// ---- fs, inspector, the rest
export const ERR_DIR_CLOSED = E('ERR_DIR_CLOSED', Error, 'Directory handle was closed');
export const ERR_DIR_CONCURRENT_OPERATION = E('ERR_DIR_CONCURRENT_OPERATION', Error,
  'Cannot do synchronous work on directory handle with concurrent asynchronous operations');
export const ERR_FS_FILE_TOO_LARGE = E('ERR_FS_FILE_TOO_LARGE', RangeError, (n) => `File size (${n}) is greater than 2 GiB`);
export const ERR_FS_EISDIR = E('ERR_FS_EISDIR', Error, (m) => m);
export const ERR_INSPECTOR_ALREADY_CONNECTED = E('ERR_INSPECTOR_ALREADY_CONNECTED', Error, (m) => `${m} is already connected`);
export const ERR_INSPECTOR_NOT_CONNECTED = E('ERR_INSPECTOR_NOT_CONNECTED', Error, 'Session is not connected');
export const ERR_INSPECTOR_CLOSED = E('ERR_INSPECTOR_CLOSED', Error, 'Session was closed');
export const ERR_INSPECTOR_COMMAND = E('ERR_INSPECTOR_COMMAND', Error, (code, m) => `Inspector error ${code}: ${m}`);
export const ERR_INSPECTOR_NOT_WORKER = E('ERR_INSPECTOR_NOT_WORKER', Error, 'Current thread is not a worker');
export const ERR_PERFORMANCE_INVALID_TIMESTAMP = E('ERR_PERFORMANCE_INVALID_TIMESTAMP', TypeError, (v) => `${v} is not a valid timestamp`);
export const ERR_TRACE_EVENTS_CATEGORY_REQUIRED = E('ERR_TRACE_EVENTS_CATEGORY_REQUIRED', TypeError, 'At least one category is required');

export class DnsError extends Error {
  code: string;
  errno = undefined;
  hostname: string;
  syscall: string;

  constructor(hostname: string, code: string, syscall: string) {
    super(`${syscall} ${code} ${hostname}`);
    this.code = code;
    this.hostname = hostname;
    this.syscall = syscall;
    stampStack(this, code);
  }
}
export class AbortError extends Error {
  code = 'ABORT_ERR';
  constructor(message = 'The operation was aborted', options?: ErrorOptions) {
    if (options !== undefined && typeof options !== 'object') throw new ERR_INVALID_ARG_TYPE('options', 'Object', options);
    super(message, options);
    this.name = 'AbortError';
  }
}

/** Both errors as one AggregateError, the outer one first. */
export function aggregateTwoErrors(inner: any, outer: any): any {
  if (!inner || !outer || inner === outer) return inner || outer;
  if (Array.isArray(outer.errors)) {
    outer.errors.push(inner);
    return outer;
  }
  const error: any = new AggregateError([outer, inner], outer.message);
  error.code = outer.code;
  return error;
}

/** An error of the system call kind: `ENOENT: no such file or directory, open '/x'`. */
export function syscallError(code: string, errno: number, text: string, syscall: string, path?: string, dest?: string): Error {
  let message = `${code}: ${text}, ${syscall}`;
  if (path !== undefined) message += ` '${path}'`;
  if (dest !== undefined) message += ` -> '${dest}'`;
  const error: any = new Error(message);
  error.errno = errno;
  error.code = code;
  error.syscall = syscall;
  if (path !== undefined) error.path = path;
  if (dest !== undefined) error.dest = dest;
  return error;
}
