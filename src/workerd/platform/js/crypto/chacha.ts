// ChaCha20-Poly1305 (https://wicg.github.io/webcrypto-modern-algos/#chacha20-poly1305).
import { byteLengthOf, copyBytes } from '../blob/bytes';
import { requireIoContext } from '../io-context';
import { native } from '../ops';
import { PrimordialUint8Array, TypedArrayPrototypeGetByteLength } from '../primordials';
import type { Algorithm, ImportData, Source } from './algorithm';
import type { CipherParams, GenerateParams, ImportParams, JsonWebKey } from './convert';
import { dataError, missingField, notSupported, operationError } from './errors';
import { encodeBase64Url, exportJwk, hasDuplicate, member, missingUsage } from './jwk';
import { Key } from './key';
import * as ops from './ops';
import { Usage, parseUsages } from './usages';

const NAME = 'ChaCha20-Poly1305';
const KEY_SIZE = 32;
const TAG_SIZE = 16;
/** Bytes from which on a thread is worth its price. */
const HEAVY = 1 << 20;

class ChaCha implements Algorithm {
  readonly name = NAME;
  readonly shape = 'name';

  generateKey(_params: GenerateParams, extractable: boolean, names: readonly string[]): Key {
    const usages = parseUsages(names, Usage.Cipher, NAME, 'generate');
    requireIoContext();
    const bytes = new PrimordialUint8Array(KEY_SIZE);
    native.getRandomValues(bytes);
    return new Key(this, 'secret', extractable, usages, bytes);
  }

  importKey(format: string, data: ImportData, _params: ImportParams, extractable: boolean, names: readonly string[]): Key {
    const usages = parseUsages(names, Usage.Cipher, NAME, 'import secret');
    let bytes: ops.Bytes;
    if (format === 'raw-secret') {
      bytes = copyBytes(data as Source);
      if (TypedArrayPrototypeGetByteLength(bytes) !== KEY_SIZE) throw dataError(`${NAME} key must be 256 bits.`);
    } else if (format === 'jwk') bytes = fromJwk(data as JsonWebKey, names);
    else throw notSupported(`Unrecognized key import format "${format}".`);
    return new Key(this, 'secret', extractable, usages, bytes);
  }

  exportKey(key: Key, format: string): ArrayBuffer | JsonWebKey {
    if (format === 'raw-secret') return ops.bufferOf(copyBytes(key.bytes));
    if (format === 'jwk') return exportJwk(key, { kty: 'oct', k: encodeBase64Url(key.bytes), alg: 'C20P' });
    throw notSupported(`${NAME} key only supports exporting "raw-secret" and "jwk", not "${format}".`);
  }

  encrypt(key: Key, params: CipherParams, data: Source): ArrayBuffer | Promise<ArrayBuffer> {
    const iv = chachaIv(params);
    return ops.chain(
      ops.run(ops.chachaEncrypt, byteLengthOf(data) > HEAVY, key.bytes, iv, params.additionalData, data), ops.bufferOf);
  }

  decrypt(key: Key, params: CipherParams, data: Source): ArrayBuffer | Promise<ArrayBuffer> {
    const iv = chachaIv(params);
    const size = byteLengthOf(data);
    if (size < TAG_SIZE) throw operationError(`${NAME} ciphertext is shorter than its authentication tag.`);
    return ops.chain(ops.run(ops.chachaDecrypt, size > HEAVY, key.bytes, iv, params.additionalData, data), (plain) => {
      if (plain === undefined) throw operationError(`${NAME} authentication failed.`);
      return ops.bufferOf(plain);
    });
  }
}

function fromJwk(jwk: JsonWebKey, names: readonly string[]): ops.Bytes {
  if (jwk.kty !== 'oct') throw dataError(`${NAME} JWK kty must be oct.`);
  const bytes = member(jwk.k, () => dataError(`${NAME} JWK requires a base64url key.`));
  if (jwk.alg !== undefined && jwk.alg !== 'C20P') throw dataError(`${NAME} JWK alg must be C20P.`);
  if (names.length > 0 && jwk.use !== undefined && jwk.use !== 'enc') throw dataError(`${NAME} JWK must have a use of "enc".`);
  if (jwk.key_ops !== undefined) {
    if (hasDuplicate(jwk.key_ops) !== undefined) throw dataError(`${NAME} JWK key_ops contains duplicates.`);
    const missing = missingUsage(jwk.key_ops, names);
    if (missing !== undefined) throw dataError(`${NAME} JWK key_ops does not contain ${missing}.`);
  }
  if (TypedArrayPrototypeGetByteLength(bytes) !== KEY_SIZE) throw dataError(`${NAME} JWK key must be 256 bits.`);
  return bytes;
}

/** The initialization vector, if all parameters are right. */
export function chachaIv({ iv, tagLength }: CipherParams): Source {
  if (iv === undefined) throw missingField('iv', 'algorithm');
  if (byteLengthOf(iv) !== 12) throw operationError(`${NAME} IV must be 12 bytes long.`);
  if (tagLength !== undefined) {
    if (tagLength !== tagLength || tagLength === Infinity || tagLength === -Infinity) {
      throw new TypeError(`${NAME} tagLength must be finite.`);
    }
    if (tagLength <= -1 || tagLength >= 256) throw new TypeError(`${NAME} tagLength must be an octet.`);
    if ((tagLength | 0) !== TAG_SIZE * 8) throw operationError(`${NAME} tag length must be 128 bits.`);
  }
  return iv;
}

export const CHACHA: Algorithm = new ChaCha();
