// What an algorithm of WebCrypto is to SubtleCrypto: a name and the operations it supports.
import type { CipherParams, DeriveParams, GenerateParams, ImportParams, JsonWebKey, SignParams } from './convert';
import type { Key, KeyPair } from './key';
import type { Bytes } from './ops';

type Soon<T> = T | Promise<T>;

export interface Algorithm {
  readonly name: string;
  /** What CryptoKey.algorithm shows: the name and... */
  readonly shape: 'name' | 'length' | 'hash' | 'curve' | 'rsa';
  /** `data` is bytes of the user for every format but "jwk". */
  importKey(format: string, data: ImportData, params: ImportParams, extractable: boolean, usages: readonly string[]): Soon<Key>;
  generateKey?(params: GenerateParams, extractable: boolean, usages: readonly string[]): Soon<Key | KeyPair>;
  exportKey?(key: Key, format: string): ArrayBuffer | JsonWebKey;
  encrypt?(key: Key, params: CipherParams, data: Source): Soon<ArrayBuffer>;
  decrypt?(key: Key, params: CipherParams, data: Source): Soon<ArrayBuffer>;
  /** Where wrapping is not encrypting. */
  wrapKey?(key: Key, data: Source): Soon<ArrayBuffer>;
  unwrapKey?(key: Key, data: Source): Soon<ArrayBuffer>;
  sign?(key: Key, params: SignParams, data: Source): Soon<ArrayBuffer>;
  verify?(key: Key, params: SignParams, signature: Source, data: Source): Soon<boolean>;
  /** `length` in bits; undefined: as many as there are, where that means anything. */
  deriveBits?(key: Key, params: DeriveParams, length: number | undefined): Soon<ArrayBuffer>;
  encapsulate?(key: Key): Encapsulated;
  decapsulate?(key: Key, ciphertext: Source): Bytes;
  /** The public key that belongs to a private one. */
  publicKey?(key: Key, usages: readonly string[]): Key;
}

/** A shared secret, and what the other side needs to come to it. */
export interface Encapsulated { readonly sharedKey: Bytes; readonly ciphertext: Bytes }

export type Source = ArrayBuffer | ArrayBufferView;
export type ImportData = Source | JsonWebKey;
