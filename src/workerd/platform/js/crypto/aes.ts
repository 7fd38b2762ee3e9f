// AES-GCM, AES-CBC, AES-CTR and AES-KW (https://w3c.github.io/webcrypto/#aes-ctr to #aes-kw).
import { byteLengthOf, copyBytes } from '../blob/bytes';
import { native } from '../ops';
import { PrimordialUint8Array, StringPrototypeSlice, TypedArrayPrototypeGetByteLength } from '../primordials';
import { requireIoContext } from '../io-context';
import type { Algorithm, ImportData, Source } from './algorithm';
import type { CipherParams, GenerateParams, ImportParams, JsonWebKey } from './convert';
import { dataError, missingField, notSupported, operationError } from './errors';
import { decodeBase64Url, encodeBase64Url, exportJwk, hasDuplicate, missingUsage } from './jwk';
import { Key } from './key';
import * as ops from './ops';
import { type UsageContext, Usage, parseUsages } from './usages';

/** Bytes from which on a thread is worth its price. */
const HEAVY = 1 << 20;

const SMALLEST_LENT = 2048;

export function isKeyLength(bits: number): boolean {
  return bits === 128 || bits === 192 || bits === 256;
}

abstract class Aes implements Algorithm {
  readonly shape = 'length';
  abstract readonly name: string;
  protected readonly allowed: number = Usage.Cipher;

  #usages(usages: readonly string[], context: UsageContext): number {
    return parseUsages(usages, this.allowed, this.name, context);
  }

  generateKey({ length }: GenerateParams, extractable: boolean, names: readonly string[]): Key {
    const usages = this.#usages(names, 'generate');
    if (length === undefined) throw missingField('length', 'algorithm');
    if (!isKeyLength(length)) {
      throw operationError(`Generated AES key length must be 128, 192, or 256 bits but requested ${length}.`);
    }
    requireIoContext();
    const bytes = new PrimordialUint8Array(length / 8);
    native.getRandomValues(bytes);
    return new Key(this, 'secret', extractable, usages, bytes, length);
  }

  importKey(format: string, data: ImportData, _params: ImportParams, extractable: boolean, names: readonly string[]): Key {
    const usages = this.#usages(names, 'import secret');
    let bytes: ops.Bytes;
    if (format === 'raw' || format === 'raw-secret') bytes = copyBytes(data as Source);
    else if (format === 'jwk') bytes = this.#fromJwk(data as JsonWebKey, names, extractable);
    else throw notSupported(`Unrecognized key import format "${format}".`);
    const length = TypedArrayPrototypeGetByteLength(bytes) * 8;
    if (!isKeyLength(length)) throw badLength(length);
    return new Key(this, 'secret', extractable, usages, bytes, length);
  }

  #fromJwk(jwk: JsonWebKey, usages: readonly string[], extractable: boolean): ops.Bytes {
    if (jwk.kty !== 'oct') {
      throw dataError('Symmetric "jwk" key import requires a JSON Web Key with Key Type parameter "kty" equal to "oct" ' +
        `(encountered "${jwk.kty}").`);
    }
    const bytes = jwk.k === undefined ? undefined : decodeBase64Url(jwk.k);
    if (bytes === undefined) throw dataError('Symmetric "jwk" key import requires a base64Url encoding of the key.');
    const length = TypedArrayPrototypeGetByteLength(bytes) * 8;
    if (!isKeyLength(length)) throw badLength(length);
    const alg = this.#jwkName(length);
    if (jwk.alg !== undefined && jwk.alg !== alg) {
      throw dataError(`Symmetric "jwk" key contains invalid "alg" value "${jwk.alg}", expected "${alg}".`);
    }
    if (usages.length > 0 && jwk.use !== undefined && jwk.use !== 'enc') {
      throw dataError(`Symmetric "jwk" key must have a "use" of "enc", not "${jwk.use}".`);
    }
    if (jwk.key_ops !== undefined) {
      const duplicate = hasDuplicate(jwk.key_ops);
      if (duplicate !== undefined) {
        throw dataError(`Symmetric "jwk" key contains duplicate value "${duplicate}", in "key_op".`);
      }
      const missing = missingUsage(jwk.key_ops, usages);
      if (missing !== undefined) throw dataError(`"jwk" key missing usage "${missing}", in "key_ops".`);
    }
    if (jwk.ext === false && extractable) {
      throw dataError('"jwk" key has value "false", for "ext" that is incompatible with import extractability value "true".');
    }
    return bytes;
  }

  #jwkName(length: number): string {
    return `A${length}${StringPrototypeSlice(this.name, 4)}`;
  }

  exportKey(key: Key, format: string): ArrayBuffer | JsonWebKey {
    if (format === 'raw' || format === 'raw-secret') return ops.bufferOf(copyBytes(key.bytes));
    if (format !== 'jwk') {
      throw notSupported(`${this.name} key only supports exporting "raw", "raw-secret" & "jwk", not "${format}".`);
    }
    return exportJwk(key, { kty: 'oct', k: encodeBase64Url(key.bytes), alg: this.#jwkName(key.length!) });
  }
}

function badLength(bits: number): Error {
  return dataError(`Imported AES key length must be 128, 192, or 256 bits but provided ${bits}.`);
}

function cannotDecrypt(name: string, input: number, output: number): Error {
  return operationError('Decryption failed. This could be due to a ciphertext authentication failure, bad padding, incorrect ' +
    `CryptoKey, or another algorithm-specific reason. Input length was ${input}, output length expected to be ${output} for ${name}`);
}

class AesGcm extends Aes {
  readonly name = 'AES-GCM';

  encrypt(key: Key, params: CipherParams, data: Source): ArrayBuffer | Promise<ArrayBuffer> {
    const iv = gcmIv(params);
    const tag = tagBytes(params);
    const size = byteLengthOf(data);
    if (fitsInto(size, iv, tag)) {
      const out = native.bytesNew(size + tag);
      ops.aesGcmEncryptInto(key.bytes, iv, params.additionalData, data, out);
      return ops.bufferOf(out);
    }
    return ops.chain(
      ops.run(ops.aesGcmEncrypt, size > 4 * HEAVY, key.bytes, iv, params.additionalData, tag, data), ops.bufferOf);
  }

  decrypt(key: Key, params: CipherParams, data: Source): ArrayBuffer | Promise<ArrayBuffer> {
    const iv = gcmIv(params);
    const tag = tagBytes(params);
    const size = byteLengthOf(data);
    if (size < tag) {
      throw operationError(`Ciphertext length of ${size * 8} bits must be greater than or equal to the size of the AES-GCM tag ` +
        `length of ${tag * 8} bits.`);
    }
    if (fitsInto(size - tag, iv, tag)) {
      const out = native.bytesNew(size - tag);
      if (!ops.aesGcmDecryptInto(key.bytes, iv, params.additionalData, data, out)) throw cannotDecrypt(this.name, size - tag, size - tag);
      return ops.bufferOf(out);
    }
    return ops.chain(
      ops.run(ops.aesGcmDecrypt, size > 4 * HEAVY, key.bytes, iv, params.additionalData, tag, data),
      (plain) => {
        if (plain === undefined) throw cannotDecrypt(this.name, size - tag, size - tag);
        return ops.bufferOf(plain);
      });
  }
}

/** Whether the operation can work on JavaScript's own memory: only large buffers are lent (native/engine/values.cpp). */
function fitsInto(size: number, iv: Source, tag: number): boolean {
  const ivSize = byteLengthOf(iv);
  return size >= SMALLEST_LENT && size <= 4 * HEAVY && tag === 16 && ivSize >= 8 && ivSize <= 128;
}

export function gcmIv({ iv }: CipherParams): Source {
  if (iv === undefined) throw missingField('iv', 'algorithm');
  if (byteLengthOf(iv) === 0) throw operationError('AES-GCM IV must not be empty.');
  return iv;
}

export function tagBytes({ tagLength: given = 128 }: CipherParams): number {
  const infinite = given === Infinity || given === -Infinity;
  if (!infinite && (given >= 2 ** 31 || given < -(2 ** 31))) throw new TypeError('AES-GCM tagLength is outside the integer range.');
  const tagLength = infinite ? 0 : given | 0;
  switch (tagLength) {
    case 32: case 64: case 96: case 104: case 112: case 120: case 128: return tagLength / 8;
    default: throw operationError(`Invalid AES-GCM tag length ${tagLength}.`);
  }
}

class AesCbc extends Aes {
  readonly name = 'AES-CBC';

  encrypt(key: Key, params: CipherParams, data: Source): ArrayBuffer | Promise<ArrayBuffer> {
    const iv = cbcIv(params, ' bytes');
    return ops.chain(ops.run(ops.aesCbcEncrypt, byteLengthOf(data) > HEAVY, key.bytes, iv, data), ops.bufferOf);
  }

  decrypt(key: Key, params: CipherParams, data: Source): ArrayBuffer | Promise<ArrayBuffer> {
    const iv = cbcIv(params, '');
    const size = byteLengthOf(data);
    return ops.chain(ops.run(ops.aesCbcDecrypt, size > HEAVY, key.bytes, iv, data), (plain) => {
      // The last whole block is held back until the padding is known.
      if (plain === undefined) throw cannotDecrypt(this.name, size, size === 0 ? 0 : size % 16 === 0 ? size - 16 : size - size % 16);
      return ops.bufferOf(plain);
    });
  }
}

export function cbcIv({ iv }: CipherParams, unit: string): Source {
  if (iv === undefined) throw missingField('iv', 'algorithm');
  if (byteLengthOf(iv) !== 16) throw operationError(`AES-CBC IV must be 16 bytes long (provided ${byteLengthOf(iv)}${unit}).`);
  return iv;
}

class AesCtr extends Aes {
  readonly name = 'AES-CTR';

  encrypt(key: Key, params: CipherParams, data: Source): ArrayBuffer | Promise<ArrayBuffer> {
    const { counter, length } = ctrCounter(params);
    return ops.chain(ops.run(ops.aesCtr, byteLengthOf(data) > HEAVY, key.bytes, counter, length, data), (result) => {
      if (result === undefined) throw operationError('Counter block values will repeat.');
      return ops.bufferOf(result);
    });
  }

  decrypt(key: Key, params: CipherParams, data: Source): ArrayBuffer | Promise<ArrayBuffer> {
    return this.encrypt(key, params, data);
  }
}

export function ctrCounter({ counter, length }: CipherParams): { counter: Source; length: number } {
  if (counter === undefined) throw new TypeError('Missing "counter" member in "algorithm".');
  if (byteLengthOf(counter) !== 16) {
    throw operationError(`Counter must have length of 16 bytes (provided ${byteLengthOf(counter)}).`);
  }
  if (length === undefined) throw new TypeError('Missing "length" member in "algorithm".');
  if (length < 1 || length > 128) throw operationError(`Invalid counter of ${length} bits length provided.`);
  return { counter, length };
}

class AesKw extends Aes {
  readonly name = 'AES-KW';
  protected override readonly allowed = Usage.Wrapping;

  wrapKey(key: Key, data: Source): ArrayBuffer | Promise<ArrayBuffer> {
    const size = byteLengthOf(data);
    if (size % 8 !== 0) {
      throw operationError('Unwrapped key bit length must be a multiple of 64 bits but unwrapped key has a length of ' +
        `${size * 8} bits.`);
    }
    if (size < 16) {
      throw operationError(`Unwrapped key has length ${size} bytes but it should be greater than or equal to 16 and less than or ` +
        'equal to 18446744073709551607');
    }
    return ops.chain(ops.run(ops.aesKwWrap, size > HEAVY / 64, key.bytes, data), ops.bufferOf);
  }

  unwrapKey(key: Key, data: Source): ArrayBuffer | Promise<ArrayBuffer> {
    const size = byteLengthOf(data);
    if (size % 8 !== 0) {
      throw operationError(`Provided a wrapped key to unwrap that is ${size * 8} bits which isn't a multiple of 64 bits.`);
    }
    if (size < 24) {
      throw operationError(`Provided a wrapped key to unwrap this is ${size * 8} bits that is less than the minimal length of ` +
        '192 bits.');
    }
    return ops.chain(ops.run(ops.aesKwUnwrap, size > HEAVY / 64, key.bytes, data), (bytes) => {
      if (bytes === undefined) throw operationError('AES-KW key unwrapping failed.');
      return ops.bufferOf(bytes);
    });
  }
}

export const AES: readonly Algorithm[] = [new AesCtr(), new AesCbc(), new AesGcm(), new AesKw()];
