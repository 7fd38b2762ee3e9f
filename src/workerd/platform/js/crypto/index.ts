// The `crypto` object (https://w3c.github.io/webcrypto/#crypto-interface), and what other parts of the platform need of keys.
import { byteLengthOf } from '../blob/bytes';
import { DOMException } from '../dom-exception';
import { addOwnProperties, badArgument, defineInterface, illegalInvocation, legacyOwnProperties } from '../interface';
import { requireIoContext } from '../io-context';
import { native } from '../ops';
import { ArrayBufferIsView, JSONParse, ObjectDefineProperty, TypedArrayPrototypeGetToStringTag } from '../primordials';
import { importDataArgument, importParams } from './convert';
import { DigestStream } from './digest-stream';
import { CryptoKey, Key, isCryptoKey, keyOf, makeCryptoKey } from './key';
import { exportKey, importKey, installSubtle, makeSubtleCrypto, SubtleCrypto } from './subtle';

/** What one call of getRandomValues gives at most. */
const QUOTA = 65536;

let constructing = false;
let isCrypto: (value: unknown) => boolean;

class Crypto {
  readonly #subtle: SubtleCrypto;

  constructor() {
    if (!constructing) throw new TypeError('Illegal constructor');
    this.#subtle = makeSubtleCrypto();
    if (legacyOwnProperties) addOwnProperties(this);
  }

  get subtle(): SubtleCrypto {
    if (!isCrypto(this)) throw illegalInvocation();
    return this.#subtle;
  }

  getRandomValues(array: unknown = undefined): ArrayBufferView {
    if (!isCrypto(this)) throw illegalInvocation();
    if (!ArrayBufferIsView(array)) throw badArgument('getRandomValues', 'Crypto', 1, 'ArrayBufferView');
    switch (TypedArrayPrototypeGetToStringTag(array)) {
      case 'Int8Array': case 'Uint8Array': case 'Uint8ClampedArray': case 'Int16Array': case 'Uint16Array': case 'Int32Array':
      case 'Uint32Array': case 'BigInt64Array': case 'BigUint64Array': break;
      default:
        throw new DOMException(
          'ArrayBufferView argument to getRandomValues() must be an integer-typed view.', 'TypeMismatchError');
    }
    const size = byteLengthOf(array);
    if (size > QUOTA) {
      throw new DOMException(
        `getRandomValues() only accepts buffers of size <= 64K but provided ${size} bytes.`, 'QuotaExceededError');
    }
    requireIoContext();
    if (size > 0) native.getRandomValues(array);
    return array;
  }

  randomUUID(): string {
    if (!isCrypto(this)) throw illegalInvocation();
    requireIoContext();
    return native.randomUUID();
  }

  static {
    isCrypto = (value) => typeof value === 'object' && value !== null && #subtle in value;
  }
}

defineInterface(Crypto, 'Crypto', { brand: (o) => isCrypto(o), ownProperties: ['subtle'] });
ObjectDefineProperty(Crypto.prototype, 'DigestStream', {
  value: DigestStream, writable: true, enumerable: true, configurable: true,
});

function makeCrypto(): Crypto {
  constructing = true;
  try {
    return new Crypto();
  } finally {
    constructing = false;
  }
}

/** Puts `crypto` and its interfaces on the global object. Called by bootstrap. */
export function install(global: object): void {
  installSubtle();
  const attributes = { writable: true, enumerable: false, configurable: true };
  ObjectDefineProperty(global, 'Crypto', { value: Crypto, ...attributes });
  ObjectDefineProperty(global, 'SubtleCrypto', { value: SubtleCrypto, ...attributes });
  ObjectDefineProperty(global, 'CryptoKey', { value: CryptoKey, ...attributes });
  ObjectDefineProperty(global, 'crypto', { value: makeCrypto(), writable: true, enumerable: true, configurable: true });
}

// ---- for node:crypto and bindings

export { Crypto, CryptoKey, DigestStream, Key, SubtleCrypto, isCryptoKey, keyOf, makeCryptoKey };
export { encodeBase64Url, decodeBase64Url } from './jwk';
export { lookupAlgorithm } from './table';
export { exportKey, importKey };

export interface KeyBinding {
  readonly format: 'raw' | 'pkcs8' | 'spki' | 'jwk';
  /** JSON text for "jwk". */
  readonly data: Uint8Array | string;
  /** JSON text. */
  readonly algorithm: string;
  readonly extractable: boolean;
  readonly usages: readonly string[];
}

/** A `cryptoKey` binding's key, from what bindings/crypto_key.py says of it. Throws what importKey would reject with. */
export function makeKeyBinding(binding: KeyBinding): CryptoKey {
  const params = importParams(JSONParse(binding.algorithm), 'importKey', 3);
  const data = typeof binding.data === 'string' ? importDataArgument(JSONParse(binding.data), 'importKey', 2) : binding.data;
  // No request is running, so that nothing is left to a thread.
  return makeCryptoKey(importKey(binding.format, data, params, binding.extractable, binding.usages) as Key);
}
