// RSASSA-PKCS1-v1_5, RSA-PSS, RSA-OAEP (https://w3c.github.io/webcrypto/#rsassa-pkcs1 to #rsa-oaep) and workerd's own RSA-RAW.
import { byteLengthOf, copyBytes, viewBytes } from '../blob/bytes';
import { flags } from '../flags';
import { TypedArrayPrototypeGetByteLength } from '../primordials';
import type { Algorithm, Source } from './algorithm';
import { requirePrivateForSigning, requirePublicForVerifying } from './asymmetric';
import type { CipherParams, GenerateParams, ImportParams, JsonWebKey, SignParams } from './convert';
import { dataError, invalidAccess, missingField, operationError } from './errors';
import { lookupHash } from './hash';
import { Key, type KeyPair } from './key';
import * as ops from './ops';
import { Rsa, checkRsaParams, toNumber, unknownJwkAlgorithm } from './rsa';
import { Usage, parseUsages } from './usages';

/** Bits of a modulus from which on the private operation leaves the thread, and bytes of a message that do the same. */
const HEAVY_BITS = 3072;
const HEAVY_DATA = 1 << 19;

function isHeavy(key: Key, data: Source): boolean {
  return (key.type === 'private' && key.length! >= HEAVY_BITS) || byteLengthOf(data) > HEAVY_DATA;
}

/** An algorithm whose keys are bound to a hash and can be generated. */
abstract class BoundRsa extends Rsa {
  generateKey(params: GenerateParams, extractable: boolean, names: readonly string[]): KeyPair | Promise<KeyPair> {
    let usages = 0;
    const { hashName, exponent, modulusLength, bits } = checkGeneration(params, () => {
      usages = parseUsages(names, this.allowed, this.name, 'generate');
    });
    return ops.chain(ops.run(ops.rsaGenerate, true, bits, toNumber(exponent)!), (pair): KeyPair => ({
      publicKey: new Key(this, 'public', true, usages & Usage.Public, pair[1], modulusLength, hashName, undefined, exponent),
      privateKey: new Key(this, 'private', extractable, usages & Usage.Private, pair[0], modulusLength, hashName, undefined, exponent),
    }));
  }

  publicKey(key: Key, names: readonly string[]): Key {
    const usages = parseUsages(names, this.allowed & Usage.Public, this.name, 'import public');
    return new Key(this, 'public', true, usages, ops.publicOf.now(key.bytes), key.length, key.hash, undefined, key.exponent);
  }

  protected override hashOf({ hash }: ImportParams): string | undefined {
    if (hash === undefined) throw missingField('hash', 'algorithm');
    return lookupHash(hash).name;
  }
}

interface Generation { hashName: string; exponent: ops.Bytes; modulusLength: number; bits: number }

/** What generateKey needs, if keys can be made like that. `then` is called in between. */
export function checkGeneration(params: GenerateParams, then?: () => void): Generation {
  const { publicExponent, hash, modulusLength } = params;
  if (publicExponent === undefined) throw missingField('publicExponent', 'algorithm');
  if (hash === undefined) throw missingField('hash', 'algorithm');
  if (modulusLength === undefined) throw missingField('modulusLength', 'algorithm');
  if (modulusLength <= 0) throw operationError(`modulusLength must be greater than zero (requested ${modulusLength}).`);
  const hashName = lookupHash(hash).name;
  then?.();
  const exponent = copyBytes(publicExponent);
  checkRsaParams(modulusLength, exponent, false);
  if (flags.strict_crypto_checks && (modulusLength & 127) !== 0) {
    throw operationError("Can't generate key: RSA key size is required to be a multiple of 128");
  }
  // BoringSSL's rounding, which the key's `algorithm` does not show.
  const bits = modulusLength & ~127;
  if (bits < 1024) throw operationError('RSA key size is too small.');
  return { hashName, exponent, modulusLength, bits };
}

class RsassaPkcs1 extends BoundRsa {
  readonly name = 'RSASSA-PKCS1-v1_5';

  protected jwkName(hashBits: string): string {
    return `RS${hashBits}`;
  }

  sign(key: Key, _params: SignParams, data: Source): ArrayBuffer | Promise<ArrayBuffer> {
    requirePrivateForSigning(key);
    const needed = lookupHash(key.hash!).size + 32;
    if (key.length! < needed * 8) {
      throw operationError(`key too small for signing with given digest, need at least ${8 * needed}bits.`);
    }
    return ops.chain(ops.run(ops.rsaSign, isHeavy(key, data), key.bytes, key.hash!, undefined, data), ops.bufferOf);
  }

  verify(key: Key, _params: SignParams, signature: Source, data: Source): boolean | Promise<boolean> {
    requirePublicForVerifying(key);
    return ops.run(ops.rsaVerify, isHeavy(key, data), key.bytes, key.hash!, undefined, signature, data);
  }
}

class RsaPss extends BoundRsa {
  readonly name = 'RSA-PSS';

  protected jwkName(hashBits: string): string {
    return `PS${hashBits}`;
  }

  sign(key: Key, { saltLength }: SignParams, data: Source): ArrayBuffer | Promise<ArrayBuffer> {
    requirePrivateForSigning(key);
    if (saltLength === undefined) throw dataError(NO_SALT);
    checkSalt(saltLength);
    const room = key.length! / 8 - lookupHash(key.hash!).size - 2;
    if (room < 0) throw operationError('key too small for signing with given digest');
    if (saltLength > room) throw operationError('key too small for signing with given digest and salt length');
    return ops.chain(ops.run(ops.rsaSign, isHeavy(key, data), key.bytes, key.hash!, saltLength, data), ops.bufferOf);
  }

  verify(key: Key, { saltLength }: SignParams, signature: Source, data: Source): boolean | Promise<boolean> {
    requirePublicForVerifying(key);
    if (saltLength === undefined) throw new TypeError(NO_SALT);
    checkSalt(saltLength);
    return ops.run(ops.rsaVerify, isHeavy(key, data), key.bytes, key.hash!, saltLength, signature, data);
  }
}

const NO_SALT = 'Failed to provide salt for RSA-PSS key operation which requires a salt';

export function checkSalt(saltLength: number): void {
  if (saltLength < 0) throw dataError(`SaltLength for RSA-PSS must be non-negative (provided ${saltLength}).`);
}

class RsaOaep extends BoundRsa {
  readonly name = 'RSA-OAEP';
  protected override readonly allowed = Usage.Cipher;

  protected jwkName(hashBits: string): string {
    return hashBits === '1' ? 'RSA-OAEP' : `RSA-OAEP-${hashBits}`;
  }

  encrypt(key: Key, { label }: CipherParams, data: Source): ArrayBuffer | Promise<ArrayBuffer> {
    if (key.type !== 'public') {
      throw invalidAccess(`Encryption/key wrapping only works with public keys, not "${key.type}".`);
    }
    return ops.chain(ops.run(ops.rsaOaepEncrypt, isHeavy(key, data), key.bytes, key.hash!, label, data), oaepResult);
  }

  decrypt(key: Key, { label }: CipherParams, data: Source): ArrayBuffer | Promise<ArrayBuffer> {
    if (key.type !== 'private') {
      throw invalidAccess(`Decryption/key unwrapping only works with private keys, not "${key.type}".`);
    }
    // BoringSSL's name for what is not as long as the modulus.
    if (byteLengthOf(data) !== key.length! / 8) throw operationError('RSA-OAEP failed encrypt/decrypt: Invalid RSA signature..');
    return ops.chain(ops.run(ops.rsaOaepDecrypt, isHeavy(key, data), key.bytes, key.hash!, label, data), oaepResult);
  }
}

function oaepResult(result: ops.Bytes | undefined): ArrayBuffer {
  if (result === undefined) throw operationError('RSA-OAEP failed encrypt/decrypt.');
  return ops.bufferOf(result);
}

/** The private operation without padding, for blind signatures. Only private keys, and no verification. */
class RsaRaw extends Rsa {
  readonly name = 'RSA-RAW';

  protected override hashOf(): undefined {
    return undefined;
  }

  protected override checkType(type: string): void {
    if (type !== 'private') throw dataError(`RSA-RAW only supports private keys but requested "${type}".`);
  }

  protected override checkJwk({ kty, alg }: JsonWebKey): void {
    if (kty !== 'RSA') {
      throw dataError(`RSA-RAW "jwk" key import requires a JSON Web Key with Key Type parameter "kty" ("${kty}") equal to "RSA".`);
    }
    if (alg !== undefined && alg !== 'RS1' && alg !== 'RS256' && alg !== 'RS384' && alg !== 'RS512') throw unknownJwkAlgorithm(alg);
  }

  protected jwkName(hashBits: string): string {
    return `RS${hashBits}`;
  }

  sign(key: Key, _params: SignParams, data: Source): ArrayBuffer | Promise<ArrayBuffer> {
    const bytes = viewBytes(data);
    const size = key.length! / 8;
    const given = TypedArrayPrototypeGetByteLength(bytes);
    if (given > size) {
      throw dataError(`Blind Signing requires presigned data (${given} bytes) to be smaller than the key (${size} bytes).`);
    }
    // BoringSSL's name for data that is not as long as the modulus.
    if (given < size) throw operationError('Invalid RSA signature.');
    return ops.chain(ops.run(ops.rsaRawSign, true, key.bytes, bytes), (signature) => {
      if (signature === undefined) {
        throw dataError('Blind Signing requires presigned data value to be strictly smaller than RSA keymodulus, consider using a ' +
          'larger key size.');
      }
      return ops.bufferOf(signature);
    });
  }
}

export const RSA: readonly Algorithm[] = [new RsassaPkcs1(), new RsaPss(), new RsaOaep(), new RsaRaw()];
