// What keys in pairs have in common: import of JWK, SPKI and PKCS #8, and export.
import { copyBytes } from '../blob/bytes';
import { flags } from '../flags';
import { ArrayPrototypeIncludes } from '../primordials';
import type { ImportData, Source } from './algorithm';
import type { JsonWebKey } from './convert';
import { dataError, invalidAccess, notSupported } from './errors';
import { exportJwk, hasDuplicate } from './jwk';
import type { Key, KeyType } from './key';
import * as ops from './ops';
import { Usage, parseUsages } from './usages';

/** What an import has found. `usages` is checked against the kind of key. */
export interface Imported<T> {
  readonly found: T;
  readonly type: KeyType;
  readonly usages: number;
}

/** Reads the key in `data`; `fromJwk` does it for JWK, where the checks that all algorithms share are done. */
export function importAsymmetric<T>(
  name: string, format: string, data: ImportData, extractable: boolean, names: readonly string[], allowed: number,
  fromJwk: (jwk: JsonWebKey) => T,
): Imported<T | ops.KeyDescription> {
  switch (format) {
    case 'jwk': {
      const jwk = data as JsonWebKey;
      const type = jwk.d === undefined ? 'public' : 'private';
      const usages = type === 'private' ? privateUsages(name, names, allowed)
        : parseUsages(names, allowed & (name === 'ECDH' ? ecdhPublicUsages() : Usage.Public), name, 'import public');
      if (type === 'private' && jwk.oth !== undefined) throw notSupported('Multi-prime private keys not supported.');
      checkJwk(name, jwk, extractable, names);
      return { found: fromJwk(jwk), type, usages };
    }
    case 'spki': {
      const found = described(ops.readSpki.now(data as Source), 'SPKI');
      const usages = parseUsages(names, allowed & (name === 'ECDH' ? 0 : Usage.Public), name, 'import public');
      return { found, type: 'public', usages };
    }
    case 'pkcs8': {
      const found = described(ops.readPkcs8.now(data as Source), 'PKCS8');
      return { found, type: 'private', usages: privateUsages(name, names, allowed) };
    }
    default: throw notSupported(`Unrecognized key import format "${format}".`);
  }
}

/** A public ECDH key is for nothing; before strict_crypto_checks it could claim to be for derivation. */
export function ecdhPublicUsages(): number {
  return flags.strict_crypto_checks ? 0 : Usage.Derivation;
}

function privateUsages(name: string, names: readonly string[], allowed: number): number {
  return parseUsages(names, allowed & Usage.Private, name, 'import private');
}

function described(result: ops.KeyDescription | number | undefined, format: string): ops.KeyDescription {
  if (result === undefined) throw dataError(`Invalid ${format} input.`);
  if (typeof result === 'number') throw dataError(`Invalid ${result} trailing bytes after ${format} input.`);
  return result;
}

/** "use", "key_ops" and "ext" must fit the usages asked for. */
function checkJwk(name: string, jwk: JsonWebKey, extractable: boolean, usages: readonly string[]): void {
  const agreement = name === 'ECDH' || name === 'X25519';
  const encryption = name === 'RSA-OAEP';
  const use = agreement || encryption ? 'enc' : 'sig';
  const op0 = encryption ? 'encrypt' : 'sign';
  const op1 = encryption ? 'wrapKey' : 'verify';
  if (usages.length > 0 && jwk.use !== undefined && jwk.use !== use) {
    throw dataError('Asymmetric "jwk" key import with usages requires a JSON Web Key with Public Key Use parameter "use" ' +
      `("${jwk.use}") equal to "sig".`);
  }
  const keyOps = jwk.key_ops;
  if (keyOps !== undefined) {
    if (hasDuplicate(keyOps) !== undefined) {
      throw dataError('A JSON Web Key\'s Key Operations parameter ("key_ops") must not contain duplicates.');
    }
    if (jwk.use !== undefined) {
      if (jwk.use !== use) {
        throw dataError(`Asymmetric "jwk" import requires a JSON Web Key with Public Key Use "use" ("${jwk.use}") equal to ` +
          `"${use}".`);
      }
      for (let i = 0; i < keyOps.length; i++) {
        const op = keyOps[i]!;
        if (!agreement && (op === op0 || op === op1)) continue;
        throw dataError('A JSON Web Key should have either a Public Key Use parameter ("use") or a Key Operations parameter ' +
          '("key_ops"); otherwise, the parameters must be consistent with each other. ' + (agreement
          ? `For public ${name} keys, there are no valid usages,so keys with a non-empty "key_ops" parameter are not allowed.`
          : `A Public Key Use for ${name} would allow a Key Operations array with only "${op0}" and/or "${op1}" values ` +
            `(not "${op}").`));
      }
    }
    for (let i = 0; i < usages.length; i++) {
      if (ArrayPrototypeIncludes(keyOps, usages[i]!)) continue;
      throw dataError('All specified key usages must be present in the JSON Web Key\'s Key Operations parameter ("key_ops").');
    }
  }
  if (extractable && jwk.ext === false) {
    throw dataError('Cannot create an extractable CryptoKey from an unextractable JSON Web Key.');
  }
}

/** Exports in every format but "raw" and those of `otherwise`. */
export function exportAsymmetric(
  key: Key, format: string, toJwk: (key: Key) => JsonWebKey, toRaw: (key: Key) => ArrayBuffer,
): ArrayBuffer | JsonWebKey {
  switch (format) {
    case 'pkcs8': case 'spki': {
      const type = format === 'spki' ? 'public' : 'private';
      if (key.type !== type) throw invalidAccess(`Asymmetric ${format} export requires ${type} key (not "${key.type}").`);
      return ops.bufferOf(copyBytes(key.bytes));
    }
    case 'jwk': return exportJwk(key, toJwk(key));
    case 'raw': case 'raw-public': return toRaw(key);
    default: throw cannotExport(key, format);
  }
}

export function cannotExport(key: Key, format: string): Error {
  return invalidAccess(`Cannot export "${key.algorithm.name}" in "${format}" format.`);
}

export function requirePrivateForSigning(key: Key): void {
  if (key.type !== 'private') throw invalidAccess('Asymmetric signing requires a private key.');
}

export function requirePublicForVerifying(key: Key): void {
  if (key.type !== 'public') throw invalidAccess('Asymmetric verification requires a public key.');
}
