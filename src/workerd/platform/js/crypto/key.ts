// CryptoKey (https://w3c.github.io/webcrypto/#cryptokey-interface) and the key inside it. As in workerd, what it shows are own
// properties made once; what the platform goes by is private.
import { flags } from '../flags';
import { defineInterface } from '../interface';
import { ObjectDefineProperty, ObjectFreeze, TypedArrayPrototypeGetBuffer } from '../primordials';
import { copyBytes } from '../blob/bytes';
import type { Algorithm } from './algorithm';
import type { Bytes } from './ops';
import { usageNames } from './usages';

export type KeyType = 'secret' | 'public' | 'private';

/** A key without its JS object. A class, so that what a key has not got is not looked up in Object.prototype. */
export class Key {
  constructor(
    readonly algorithm: Algorithm,
    readonly type: KeyType,
    readonly extractable: boolean,
    /** A set of Usage bits. */
    readonly usages: number,
    /** Raw for secret keys; PKCS #8 and SubjectPublicKeyInfo, both DER, for private and public ones. */
    readonly bytes: Bytes,
    /** Bits of an AES or HMAC key, or of an RSA modulus. */
    readonly length: number | undefined = undefined,
    /** The hash an HMAC or RSA key is bound to, in its canonical spelling. */
    readonly hash: string | undefined = undefined,
    readonly curve: string | undefined = undefined,
    /** RSA's public exponent, as given or in the shortest form. */
    readonly exponent: Bytes | undefined = undefined,
  ) {}
}

export interface KeyPair {
  readonly publicKey: Key;
  readonly privateKey: Key;
}

let constructing: Key | undefined;

/** True for real CryptoKeys, whatever their prototype is now. */
export let isCryptoKey: (value: unknown) => value is CryptoKey;
export let keyOf: (value: CryptoKey) => Key;

const shown = { __proto__: null, value: undefined as unknown, writable: false, enumerable: true, configurable: true };

class CryptoKey {
  readonly #key: Key;
  declare readonly type: KeyType;
  declare readonly extractable: boolean;
  declare readonly algorithm: object;
  declare readonly usages: string[];

  constructor() {
    const key = constructing;
    if (key === undefined) throw new TypeError('Illegal constructor');
    constructing = undefined;
    this.#key = key;
    show(this, 'usages', ObjectFreeze(usageNames(key.usages)));
    show(this, 'algorithm', describe(key));
    show(this, 'extractable', key.extractable);
    show(this, 'type', key.type);
  }

  static {
    isCryptoKey = (value): value is CryptoKey => typeof value === 'object' && value !== null && #key in value;
    keyOf = (value) => value.#key;
  }
}

function show(target: object, name: string, value: unknown): void {
  shown.value = value;
  ObjectDefineProperty(target, name, shown as PropertyDescriptor);
}

/** The value of CryptoKey.algorithm. */
function describe(key: Key): object {
  const { name, shape } = key.algorithm;
  switch (shape) {
    case 'length': return { name, length: key.length! & 0xffff };
    case 'hash': return { name, hash: { name: key.hash! }, length: key.length! & 0xffff };
    case 'curve': return { name, namedCurve: key.curve! };
    case 'rsa': {
      // The exponent used to come out as an ArrayBuffer.
      const copy = copyBytes(key.exponent!);
      const publicExponent = flags.crypto_preserve_public_exponent ? copy : TypedArrayPrototypeGetBuffer(copy);
      return key.hash === undefined ? { name, modulusLength: key.length!, publicExponent }
        : { name, modulusLength: key.length!, publicExponent, hash: { name: key.hash } };
    }
    case 'name': return { name };
  }
}

export function makeCryptoKey(key: Key): CryptoKey {
  constructing = key;
  return new CryptoKey();
}

defineInterface(CryptoKey, 'CryptoKey', { brand: (o) => isCryptoKey(o) });
export { CryptoKey };
