// HMAC (https://w3c.github.io/webcrypto/#hmac).
import { byteLengthOf, copyBytes } from '../blob/bytes';
import { requireIoContext } from '../io-context';
import { native } from '../ops';
import { PrimordialUint8Array, StringPrototypeSlice, StringPrototypeStartsWith, TypedArrayPrototypeGetByteLength } from '../primordials';
import type { Algorithm, ImportData, Source } from './algorithm';
import type { GenerateParams, ImportParams, JsonWebKey, SignParams } from './convert';
import { dataError, missingField, notSupported, operationError } from './errors';
import { lookupHash } from './hash';
import { encodeBase64Url, exportJwk, member } from './jwk';
import { Key } from './key';
import * as ops from './ops';
import { Usage, parseUsages } from './usages';

const HEAVY = 1 << 19;

class Hmac implements Algorithm {
  readonly name = 'HMAC';
  readonly shape = 'hash';

  generateKey({ hash, length }: GenerateParams, extractable: boolean, names: readonly string[]): Key {
    if (hash === undefined) throw missingField('hash', 'algorithm');
    const { name, block } = lookupHash(hash);
    const usages = parseUsages(names, Usage.Signature, this.name, 'generate');
    const bits = length ?? block * 8;
    if (bits <= 0) throw operationError(`HMAC key length must be a non-zero unsigned long integer (requested ${bits}).`);
    requireIoContext();
    const size = (bits + 7) >> 3;
    const bytes = new PrimordialUint8Array(size);
    for (let at = 0; at < size; at += 65536) {
      native.getRandomValues(new PrimordialUint8Array(ops.bufferOf(bytes), at, size - at < 65536 ? size - at : 65536));
    }
    clearUnusedBits(bytes, bits);
    return new Key(this, 'secret', extractable, usages, bytes, bits, name);
  }

  importKey(format: string, data: ImportData, { hash, length }: ImportParams, extractable: boolean, names: readonly string[]): Key {
    const usages = parseUsages(names, Usage.Signature, this.name, 'import secret');
    if (hash === undefined) throw missingField('hash', 'algorithm');
    let bytes: ops.Bytes;
    if (format === 'raw' || format === 'raw-secret') bytes = copyBytes(data as Source);
    else if (format === 'jwk') bytes = fromJwk(data as JsonWebKey, hash);
    else throw notSupported(`Unrecognized key import format "${format}".`);
    const size = TypedArrayPrototypeGetByteLength(bytes) * 8;
    const bits = length ?? size;
    if (bits === 0 || bits > size || bits <= size - 8) {
      throw dataError(`Imported HMAC key length (${bits}) must be a non-zero value up to 7 bits less than, and no greater than, ` +
        `the bit length of the raw key data (${size}).`);
    }
    clearUnusedBits(bytes, bits);
    return new Key(this, 'secret', extractable, usages, bytes, bits, lookupHash(hash).name);
  }

  exportKey(key: Key, format: string): ArrayBuffer | JsonWebKey {
    if (format === 'raw' || format === 'raw-secret') return ops.bufferOf(copyBytes(key.bytes));
    if (format !== 'jwk') throw notSupported(`Unimplemented key export format "${format}".`);
    if (!StringPrototypeStartsWith(key.hash!, 'SHA-')) {
      throw notSupported(`Unimplemented JWK key export format for key algorithm "${key.hash}".`);
    }
    return exportJwk(key, { kty: 'oct', k: encodeBase64Url(key.bytes), alg: `HS${StringPrototypeSlice(key.hash!, 4)}` });
  }

  sign(key: Key, _params: SignParams, data: Source): ArrayBuffer | Promise<ArrayBuffer> {
    return ops.chain(this.#compute(key, data), ops.bufferOf);
  }

  verify(key: Key, _params: SignParams, signature: Source, data: Source): boolean | Promise<boolean> {
    // A copy: the signature must be the one given, also if it is compared later.
    const expected = copyBytes(signature);
    return ops.chain(this.#compute(key, data), (code) =>
      TypedArrayPrototypeGetByteLength(code) === TypedArrayPrototypeGetByteLength(expected) && native.timingSafeEqual(code, expected));
  }

  #compute(key: Key, data: Source): ops.Bytes | Promise<ops.Bytes> {
    return ops.run(ops.hmac, byteLengthOf(data) > HEAVY, key.hash!, key.bytes, data);
  }
}

function fromJwk(jwk: JsonWebKey, hash: string): ops.Bytes {
  if (jwk.kty !== 'oct') {
    throw dataError('HMAC "jwk" key import requires a JSON Web Key with Key Type parameter ("kty") equal to "oct" ' +
      `(encountered "${jwk.kty}").`);
  }
  const bytes = member(jwk.k, () => dataError('HMAC "jwk" key import requires a base64Url encoding of the key'));
  if (jwk.alg !== undefined) {
    if (!StringPrototypeStartsWith(hash, 'SHA-')) {
      throw notSupported(`Unrecognized or unimplemented hash algorithm requested${jwk.alg}`);
    }
    const expected = `HS${StringPrototypeSlice(hash, 4)}`;
    if (jwk.alg !== expected) {
      throw dataError('HMAC "jwk" key import specifies "alg" that is incompatible with the hash name (encountered ' +
        `"${jwk.alg}", expected "${expected}").`);
    }
  }
  return bytes;
}

/** Clears what is in the last byte beyond `bits`. */
function clearUnusedBits(bytes: ops.Bytes, bits: number): void {
  const size = TypedArrayPrototypeGetByteLength(bytes);
  const unused = size * 8 - bits;
  if (unused > 0) bytes[size - 1]! &= 0xff << unused;
}

export const HMAC: Algorithm = new Hmac();
