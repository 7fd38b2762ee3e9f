// Sign, Verify, and signatures in one call.
import { Buffer } from '../buffer';
import { ERR_CRYPTO_SIGN_KEY_REQUIRED, ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE } from '../internal/errors';
import { validateFunction, validateString } from '../internal/validators';
import { Writable } from '../stream';
import { privateKeyOf, publicKeyOf } from './keys';
import { sync } from './ops';
import { isBytes, output, toBytes } from './util';

const sign_ops = { sign: sync<Uint8Array>('sign'), verify: sync<boolean>('verify'), known: sync<boolean>('hash_known') };
const kState = Symbol('kState');
interface State { algorithm: string; parts: Uint8Array[] | undefined }

function intOption(name: string, options: any): number | undefined {
  const value = options[name];
  if (value === undefined || value === value >> 0) return value;
  throw new ERR_INVALID_ARG_VALUE(`options.${name}`, value);
}
function p1363(options: any): boolean {
  if (typeof options !== 'object') return false;
  const { dsaEncoding = 'der' } = options;
  if (dsaEncoding === 'der') return false;
  if (dsaEncoding === 'ieee-p1363') return true;
  throw new ERR_INVALID_ARG_VALUE('options.dsaEncoding', dsaEncoding);
}

function define(name: string, what: string): any {
  const Constructor: any = function (this: any, ...args: any[]): any {
    if (!(this instanceof Constructor)) return new Constructor(...args);
    validateString(args[0], 'algorithm');
    if (!sign_ops.known(args[0])) throw new Error(`Invalid digest: ${args[0]}`);
    this[kState] = { algorithm: args[0], parts: [] } satisfies State;
    Reflect.apply(Writable, this, [args[1]]);
    return undefined;
  };
  Object.defineProperty(Constructor, 'name', { value: name });
  Object.defineProperty(Constructor, 'length', { value: 2 });
  Object.setPrototypeOf(Constructor.prototype, Writable.prototype);
  Object.setPrototypeOf(Constructor, Writable);
  Constructor.prototype._write = function _write(this: any, chunk: any, encoding: any, callback: any): void {
    this.update(chunk, encoding);
    callback();
  };
  Constructor.prototype.update = function update(this: any, data: any, encoding?: any): any {
    const bytes = typeof data === 'string' ? Buffer.from(data, encoding === 'buffer' ? undefined : encoding) : data;
    if (!ArrayBuffer.isView(bytes)) throw new ERR_INVALID_ARG_TYPE('data', ['string', 'Buffer', 'TypedArray', 'DataView'], bytes);
    const state: State = this[kState];
    if (state.parts === undefined) throw new Error(`${what} context has already been finalized`);
    state.parts.push(toBytes(bytes, 'data').slice());
    return this;
  };
  return Constructor;
}

function finish(self: any, what: string): Uint8Array {
  const state: State = self[kState];
  if (state.parts === undefined) throw new Error(`${what} context has already been finalized`);
  const data = Buffer.concat(state.parts);
  state.parts = undefined;
  return data;
}

export const Sign = define('Sign', 'Signing');
Sign.prototype.sign = function sign(this: any, options: any, encoding?: any): any {
  if (!options) throw new ERR_CRYPTO_SIGN_KEY_REQUIRED();
  const key = privateKeyOf(options);
  const padding = intOption('padding', options);
  const salt = intOption('saltLength', options);
  const form = p1363(options);
  const data = finish(this, 'Signing');
  return output(sign_ops.sign(key.der, this[kState].algorithm, data, padding, salt, form), encoding);
};
export const Verify = define('Verify', 'Verification');
Verify.prototype.verify = function verify(this: any, options: any, signature: any, encoding: any = 'utf8'): boolean {
  if (!options) throw new ERR_CRYPTO_SIGN_KEY_REQUIRED();
  const key = publicKeyOf(options);
  const padding = intOption('padding', options);
  const salt = intOption('saltLength', options);
  const form = p1363(options);
  const bytes = toBytes(signature, 'signature', encoding);
  const data = finish(this, 'Verification');
  return sign_ops.verify(key.der, key.type === 'private', this[kState].algorithm, data, bytes, padding, salt, form);
};
export function createSign(algorithm: any, options?: any): any {
  return new Sign(algorithm, options);
}
export function createVerify(algorithm: any, options?: any): any {
  return new Verify(algorithm, options);
}

function arguments_(algorithm: any, data: any, options: any): [string | undefined, Uint8Array] {
  if (algorithm != null) validateString(algorithm, 'algorithm');
  if (!isBytes(data)) throw new ERR_INVALID_ARG_TYPE('data', ['Buffer', 'TypedArray', 'DataView'], data);
  if (!options) throw new ERR_CRYPTO_SIGN_KEY_REQUIRED();
  return [algorithm ?? undefined, toBytes(data, 'data')];
}
function deliver(work: () => unknown, callback: any): any {
  if (callback === undefined) return work();
  validateFunction(callback, 'callback');
  let result: unknown;
  let failure: unknown = null;
  try {
    result = work();
  } catch (e) {
    failure = e;
  }
  internals.web.queueMicrotask(() => (failure === null ? callback(null, result) : callback(failure)));
  return undefined;
}
export function sign(algorithm: any, data: any, options: any, callback?: any): any {
  const [name, bytes] = arguments_(algorithm, data, options);
  const key = privateKeyOf(options);
  const padding = intOption('padding', options);
  const salt = intOption('saltLength', options);
  const form = p1363(options);
  return deliver(() => output(sign_ops.sign(key.der, name, bytes, padding, salt, form)), callback);
}
export function verify(algorithm: any, data: any, options: any, signature: any, callback?: any): any {
  const [name, bytes] = arguments_(algorithm, data, options);
  const key = publicKeyOf(options);
  const padding = intOption('padding', options);
  const salt = intOption('saltLength', options);
  const form = p1363(options);
  if (!isBytes(signature)) throw new ERR_INVALID_ARG_TYPE('signature', ['Buffer', 'TypedArray', 'DataView'], signature);
  return deliver(() => sign_ops.verify(key.der, key.type === 'private', name, bytes, toBytes(signature, 'signature'), padding, salt, form), callback);
}
