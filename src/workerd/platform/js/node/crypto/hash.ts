// Hash, Hmac and crypto.hash(). Small inputs are gathered, so that hashing a few strings is one call into Python.
import { Buffer } from '../buffer';
import {
  ERR_CRYPTO_HASH_FINALIZED, ERR_INVALID_ARG_TYPE,
} from '../internal/errors';
import { validateEncoding, validateString, validateUint32 } from '../internal/validators';
import { Transform } from '../stream';
import { keyBytes } from './keys';
import { sync, wrapHandle } from './ops';
import { isBytes, output, toBytes } from './util';

const hash_ops = {
  once: sync<Uint8Array>('hash'), start: sync<any>('hash_new'), known: sync<boolean>('hash_known'),
  hmacOnce: sync<Uint8Array>('hmac'), hmacStart: sync<any>('hmac_new'),
};
/** Bytes gathered before they go to Python. */
const GATHER = 64 * 1024;

class Gathered {
  #parts: Uint8Array[] = [];
  #size = 0;
  #handle: any;
  constructor(private start: () => any, private once: (data: Uint8Array) => Uint8Array) {}

  update(bytes: Uint8Array): void {
    if (this.#handle === undefined && this.#size + bytes.length <= GATHER) {
      this.#parts.push(bytes.slice());
      this.#size += bytes.length;
      return;
    }
    this.#flush();
    this.#handle.update(bytes);
  }
  #flush(): void {
    this.#handle ??= wrapHandle(this.start());
    if (this.#size > 0) this.#handle.update(this.#joined());
    this.#parts = [];
    this.#size = 0;
  }
  #joined(): Uint8Array {
    return this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
  }
  digest(): Uint8Array {
    if (this.#handle !== undefined) {
      this.#flush();
      return this.#handle.digest();
    }
    return this.once(this.#parts.length === 0 ? new Uint8Array(0) : this.#joined());
  }
  copy(start: () => any, once: (data: Uint8Array) => Uint8Array, length?: number): Gathered {
    const other = new Gathered(start, once);
    other.#parts = [...this.#parts];
    other.#size = this.#size;
    if (this.#handle !== undefined) {
      this.#flush();
      other.#handle = wrapHandle(this.#handle.copy(length));
      other.#parts = [];
      other.#size = 0;
    }
    return other;
  }
}

const kState = Symbol('kHandle');
class HashState {
  finalized = false;
  #result: Uint8Array | undefined;
  constructor(readonly gathered: Gathered, readonly algorithm: string, readonly length: number | undefined) {}
  digest(): Uint8Array {
    return (this.#result ??= this.gathered.digest());
  }
  copy(length: number | undefined): HashState {
    if (this.#result !== undefined) throw new Error('The hash has already been finalized');
    const { algorithm } = this;
    return new HashState(this.gathered.copy(() => hash_ops.start(algorithm, length), (data) => hash_ops.once(algorithm, data, length), length), algorithm, length);
  }
}

function makeGathered(algorithm: string, length: number | undefined): Gathered {
  return new Gathered(() => hash_ops.start(algorithm, length), (data) => hash_ops.once(algorithm, data, length));
}

function outputLength(options: any): number | undefined {
  const length = options !== null && typeof options === 'object' ? options.outputLength : undefined;
  if (length !== undefined) validateUint32(length, 'options.outputLength');
  return length;
}

export function Hash(this: any, algorithm: any, options?: any): any {
  if (!(this instanceof (Hash as any))) return new (Hash as any)(algorithm, options);
  const length = outputLength(options);
  if (algorithm instanceof Hash) {
    this[kState] = (algorithm as any)[kState].copy(length);
  } else {
    validateString(algorithm, 'algorithm');
    if (!hash_ops.known(algorithm)) throw new Error('Digest method not supported');
    // Wrong lengths are told now, not at the end.
    if (length !== undefined) hash_ops.start(algorithm, length);
    this[kState] = new HashState(makeGathered(algorithm, length), algorithm, length);
  }
  Reflect.apply(Transform, this, [options]);
  return undefined;
}
Object.setPrototypeOf(Hash.prototype, Transform.prototype);
Object.setPrototypeOf(Hash, Transform);
const hashProto: any = Hash.prototype;

hashProto.copy = function copy(this: any, options?: any): any {
  if (this[kState].finalized) throw new ERR_CRYPTO_HASH_FINALIZED();
  return new (Hash as any)(this, options);
};
hashProto._transform = function _transform(this: any, chunk: any, encoding: any, callback: any): void {
  this[kState].gathered.update(toBytes(chunk, 'data', encoding));
  callback();
};
hashProto._flush = function _flush(this: any, callback: any): void {
  this.push(output(this[kState].digest()));
  callback();
};

function updated(self: any, data: any, encoding: any): void {
  encoding ??= 'utf8';
  if (encoding === 'buffer') encoding = undefined;
  if (typeof data === 'string') validateEncoding(data, encoding);
  else if (!isBytes(data)) throw new ERR_INVALID_ARG_TYPE('data', ['string', 'Buffer', 'TypedArray', 'DataView'], data);
  self[kState].gathered.update(toBytes(data, 'data', encoding));
}
hashProto.update = function update(this: any, data: any, encoding?: any): any {
  if (this[kState].finalized) throw new ERR_CRYPTO_HASH_FINALIZED();
  updated(this, data, encoding);
  return this;
};
hashProto.digest = function digest(this: any, encoding?: any): any {
  const state: HashState = this[kState];
  if (state.finalized) throw new ERR_CRYPTO_HASH_FINALIZED();
  if (encoding !== undefined && typeof encoding !== 'string') encoding = String(encoding);
  const bytes = state.digest();
  state.finalized = true;
  return output(bytes, encoding);
};

export function createHash(algorithm: any, options?: any): any {
  return new (Hash as any)(algorithm, options);
}

/** crypto.hash(): all at once, text out unless said otherwise. */
export function hash(algorithm: any, data: any, encoding: any = 'hex'): any {
  validateString(algorithm, 'algorithm');
  if (typeof data !== 'string' && !isBytes(data)) throw new ERR_INVALID_ARG_TYPE('data', ['string', 'Buffer', 'TypedArray', 'DataView'], data);
  validateString(encoding, 'outputEncoding');
  return output(hash_ops.once(algorithm, toBytes(data, 'data')), encoding);
}

export function Hmac(this: any, hmac: any, key: any, options?: any): any {
  if (!(this instanceof (Hmac as any))) return new (Hmac as any)(hmac, key, options);
  validateString(hmac, 'hmac');
  const bytes = keyBytes(key, typeof options?.encoding === 'string' ? options.encoding : undefined);
  if (!hash_ops.known(hmac)) {
    throw new Error('Digest method not supported');
  }
  this[kState] = new HashState(new Gathered(() => hash_ops.hmacStart(hmac, bytes), (data) => hash_ops.hmacOnce(hmac, bytes, data)), hmac, undefined);
  Reflect.apply(Transform, this, [options]);
  return undefined;
}
Object.setPrototypeOf(Hmac.prototype, Transform.prototype);
Object.setPrototypeOf(Hmac, Transform);
const hmacProto: any = Hmac.prototype;
hmacProto.update = function update(this: any, data: any, encoding?: any): any {
  if (this[kState].finalized) throw new ERR_CRYPTO_HASH_FINALIZED();
  updated(this, data, encoding);
  return this;
};
hmacProto.digest = function digest(this: any, encoding?: any): any {
  const state: HashState = this[kState];
  // Unlike a hash, a second digest is empty.
  if (state.finalized) return output(new Uint8Array(0), encoding);
  state.finalized = true;
  return output(state.digest(), encoding);
};
hmacProto._transform = hashProto._transform;
hmacProto._flush = function _flush(this: any, callback: any): void {
  this.push(this.digest());
  callback();
};

export function createHmac(hmac: any, key: any, options?: any): any {
  return new (Hmac as any)(hmac, key, options);
}

export function getHashes(): string[] {
  return ['md4', 'md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'md5-sha1', 'RSA-MD5', 'RSA-SHA1', 'RSA-SHA224', 'RSA-SHA256',
    'RSA-SHA384', 'RSA-SHA512', 'DSA-SHA', 'DSA-SHA1', 'ecdsa-with-SHA1'];
}
