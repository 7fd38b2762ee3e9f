// MLKEM768-X25519, also called X-Wing (https://datatracker.ietf.org/doc/draft-connolly-cfrg-xwing-kem/): ML-KEM and X25519 together.
import { byteLengthOf, copyBytes } from '../blob/bytes';
import { native } from '../ops';
import { PrimordialUint8Array, TypedArrayPrototypeGetByteLength } from '../primordials';
import type { Algorithm, Encapsulated, ImportData, Source } from './algorithm';
import type { GenerateParams, ImportParams, JsonWebKey } from './convert';
import { dataError, invalidAccess, notSupported, operationError } from './errors';
import { decodeBase64Url, encodeBase64Url, exportJwk, hasDuplicate, missingUsage } from './jwk';
import { Key, type KeyPair } from './key';
import * as ops from './ops';
import { Usage, parseUsages } from './usages';

const NAME = 'MLKEM768-X25519';
const SEED_SIZE = 32;
const PUBLIC_SIZE = 1216;
const CIPHERTEXT_SIZE = 1120;

class XWing implements Algorithm {
  readonly name = NAME;
  readonly shape = 'name';

  generateKey(_params: GenerateParams, extractable: boolean, names: readonly string[]): KeyPair {
    const usages = parseUsages(names, Usage.Encapsulate | Usage.Decapsulate, NAME, 'generate');
    const seed = new PrimordialUint8Array(SEED_SIZE);
    native.getRandomValues(seed);
    return {
      publicKey: new Key(this, 'public', true, usages & Usage.Encapsulate, ops.xwingPublic.now(seed)),
      privateKey: new Key(this, 'private', extractable, usages & Usage.Decapsulate, seed),
    };
  }

  publicKey(key: Key, names: readonly string[]): Key {
    const usages = parseUsages(names, Usage.Encapsulate, NAME, 'import public');
    return new Key(this, 'public', true, usages, ops.xwingPublic.now(key.bytes));
  }

  importKey(format: string, data: ImportData, _params: ImportParams, extractable: boolean, names: readonly string[]): Key {
    switch (format) {
      case 'raw-public': {
        const usages = parseUsages(names, Usage.Encapsulate, NAME, 'import public');
        if (byteLengthOf(data as Source) !== PUBLIC_SIZE) throw dataError(`${NAME} public key must be ${PUBLIC_SIZE} bytes.`);
        return new Key(this, 'public', extractable, usages, copyBytes(data as Source));
      }
      case 'raw-seed': {
        const usages = parseUsages(names, Usage.Decapsulate, NAME, 'import private');
        if (byteLengthOf(data as Source) !== SEED_SIZE) throw dataError(`${NAME} seed must be ${SEED_SIZE} bytes.`);
        return new Key(this, 'private', extractable, usages, copyBytes(data as Source));
      }
      case 'jwk': return this.#fromJwk(data as JsonWebKey, extractable, names);
      default: throw notSupported(`Unsupported import format "${format}" for ${NAME}.`);
    }
  }

  #fromJwk(jwk: JsonWebKey, extractable: boolean, names: readonly string[]): Key {
    const { pub, priv } = jwk;
    const usages = priv === undefined ? parseUsages(names, Usage.Encapsulate, NAME, 'import public')
      : parseUsages(names, Usage.Decapsulate, NAME, 'import private');
    if (jwk.kty !== 'AKP') throw dataError('JWK kty must be AKP.');
    if (jwk.alg === undefined) throw dataError('JWK must have alg.');
    if (jwk.alg !== NAME) throw dataError(`JWK alg does not match ${NAME}.`);
    if (names.length > 0 && jwk.use !== undefined && jwk.use !== 'enc') throw dataError(`${NAME} JWK use must be enc.`);
    if (jwk.key_ops !== undefined) {
      if (hasDuplicate(jwk.key_ops) !== undefined) throw dataError(`${NAME} JWK key_ops contains duplicates.`);
      const missing = missingUsage(jwk.key_ops, names);
      if (missing !== undefined) throw dataError(`${NAME} JWK key_ops does not contain ${missing}.`);
    }
    if (priv === undefined) {
      if (pub === undefined) throw dataError('JWK must have pub.');
      const bytes = decode(pub, PUBLIC_SIZE);
      if (bytes === undefined) throw dataError(`Invalid ${NAME} JWK pub.`);
      return new Key(this, 'public', extractable, usages, bytes);
    }
    if (pub === undefined) throw dataError('JWK private keys must have pub.');
    const seed = decode(priv, SEED_SIZE);
    if (seed === undefined) throw dataError(`Invalid ${NAME} JWK priv.`);
    const open = decode(pub, PUBLIC_SIZE);
    if (open === undefined || encodeBase64Url(open) !== encodeBase64Url(ops.xwingPublic.now(seed))) {
      throw dataError('JWK pub does not match priv.');
    }
    return new Key(this, 'private', extractable, usages, seed);
  }

  exportKey(key: Key, format: string): ArrayBuffer | JsonWebKey {
    const isPublic = key.type === 'public';
    switch (format) {
      case 'raw-public':
        if (!isPublic) throw invalidAccess('raw-public export requires a public key.');
        return ops.bufferOf(copyBytes(key.bytes));
      case 'raw-seed':
        if (isPublic) throw invalidAccess('raw-seed export requires a private key.');
        return ops.bufferOf(copyBytes(key.bytes));
      case 'jwk': {
        return exportJwk(key, {
          kty: 'AKP', alg: NAME, pub: encodeBase64Url(isPublic ? key.bytes : ops.xwingPublic.now(key.bytes)),
          priv: isPublic ? undefined : encodeBase64Url(key.bytes),
        });
      }
      default: throw notSupported(`Unrecognized export format "${format}" for ${NAME}.`);
    }
  }

  encapsulate(key: Key): Encapsulated {
    const result = ops.xwingEncapsulate.now(key.bytes);
    if (result === undefined) throw operationError(`${NAME} encapsulation failed.`);
    return { sharedKey: result[0], ciphertext: result[1] };
  }

  decapsulate(key: Key, ciphertext: Source): ops.Bytes {
    if (byteLengthOf(ciphertext) !== CIPHERTEXT_SIZE) throw operationError(`Invalid ciphertext length for ${NAME}.`);
    const secret = ops.xwingDecapsulate.now(key.bytes, ciphertext);
    if (secret === undefined) throw operationError(`${NAME} decapsulation failed.`);
    return secret;
  }
}

function decode(text: string, size: number): ops.Bytes | undefined {
  const bytes = decodeBase64Url(text);
  return bytes !== undefined && TypedArrayPrototypeGetByteLength(bytes) === size ? bytes : undefined;
}

export const XWING: Algorithm = new XWing();
