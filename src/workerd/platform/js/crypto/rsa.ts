// RSA keys: import, export, and what makes a key acceptable.
import { flags } from '../flags';
import { StringPrototypeSlice, StringPrototypeStartsWith, TypedArrayPrototypeGetByteLength } from '../primordials';
import type { Algorithm, ImportData } from './algorithm';
import { cannotExport, exportAsymmetric, importAsymmetric } from './asymmetric';
import type { ImportParams, JsonWebKey } from './convert';
import { dataError, notSupported, operationError } from './errors';
import { encodeBase64Url, member } from './jwk';
import { Key } from './key';
import * as ops from './ops';
import { Usage } from './usages';

/** The hash each JWK "alg" stands for. */
const JWK_HASHES: Record<string, string> = {
  __proto__: null as never,
  'RS1': 'SHA-1', 'RS256': 'SHA-256', 'RS384': 'SHA-384', 'RS512': 'SHA-512',
  'PS1': 'SHA-1', 'PS256': 'SHA-256', 'PS384': 'SHA-384', 'PS512': 'SHA-512',
  'RSA-OAEP': 'SHA-1', 'RSA-OAEP-256': 'SHA-256', 'RSA-OAEP-384': 'SHA-384', 'RSA-OAEP-512': 'SHA-512',
};

type Found = ops.KeyDescription | ops.RsaNumbers;

export abstract class Rsa implements Algorithm {
  readonly shape = 'rsa';
  abstract readonly name: string;
  protected readonly allowed: number = Usage.Signature;

  importKey(
    format: string, data: ImportData, params: ImportParams, extractable: boolean, names: readonly string[],
  ): Key | Promise<Key> {
    const hash = this.hashOf(params);
    const { found, type, usages } = importAsymmetric<Found | Promise<Found>>(
      this.name, format, data, extractable, names, this.allowed, (jwk) => {
        this.checkJwk(jwk, params.name, hash);
        return fromJwk(jwk);
      });
    return ops.chain<Found, Key>(found, ({ kind, der, bits, e }) => {
      this.checkType(type);
      if (kind !== 'rsa') throw dataError('Input was not an RSA key.');
      checkRsaParams(bits, e, true);
      if (der === undefined) throw dataError('Invalid RSA key in JSON Web Key.');
      return new Key(this, type, extractable, usages, der, bits, hash, undefined, e);
    });
  }

  /** The hash the key is to be bound to. */
  protected abstract hashOf(params: ImportParams): string | undefined;

  protected checkType(_type: string): void {}

  protected checkJwk({ kty, alg }: JsonWebKey, given: string, hash: string | undefined): void {
    if (kty !== 'RSA') {
      throw dataError('RSASSA-PKCS1-v1_5 "jwk" key import requires a JSON Web Key with Key Type parameter "kty" ' +
        `("${kty}") equal to "RSA".`);
    }
    if (alg === undefined) return;
    if (given !== this.name) throw notSupported(`Unrecognized RSA variant "${given}".`);
    const algHash = JWK_HASHES[alg];
    if (algHash === undefined) throw unknownJwkAlgorithm(alg);
    if (algHash !== hash) {
      throw dataError(`JSON Web Key Algorithm parameter "alg" ("${alg}") does not match requested hash algorithm "${alg}".`);
    }
  }

  exportKey(key: Key, format: string): ArrayBuffer | JsonWebKey {
    return exportAsymmetric(key, format, (k) => this.#toJwk(k), (k) => {
      throw cannotExport(k, 'raw');
    });
  }

  #toJwk(key: Key): JsonWebKey {
    if (key.hash === undefined || !StringPrototypeStartsWith(key.hash, 'SHA')) {
      throw notSupported(`JWK export not supported for hash algorithm "${key.hash}".`);
    }
    const alg = this.jwkName(StringPrototypeSlice(key.hash, 4));
    const parts = ops.rsaNumbers.now(key.bytes, key.type === 'private');
    const text = (i: number): string => encodeBase64Url(parts[i]!);
    if (key.type === 'public') return { kty: 'RSA', alg, n: text(0), e: text(1) };
    return {
      kty: 'RSA', alg, n: text(0), e: text(1), d: text(2), p: text(3), q: text(4), dp: text(5), dq: text(6), qi: text(7),
    };
  }

  /** The JWK "alg" with the hash of so many bits. */
  protected abstract jwkName(hashBits: string): string;
}

export function unknownJwkAlgorithm(alg: string): Error {
  return notSupported(`Unrecognized or unimplemented algorithm "${alg}" listed in JSON Web Key Algorithm parameter.`);
}

function fromJwk(jwk: JsonWebKey): Found | Promise<Found> {
  const n = member(jwk.n, () => dataError(
    'Invalid RSA key in JSON Web Key; missing or invalid Modulus parameter ("n").'));
  const e = member(jwk.e, () => dataError(
    'Invalid RSA key in JSON Web Key; missing or invalid Exponent parameter ("e").'));
  if (jwk.d === undefined) return ops.rsaFromNumbers.now(n, e, undefined, undefined);
  const d = member(jwk.d, () => dataError(
    'Invalid RSA key in JSON Web Key; missing or invalid Private Exponent parameter ("d").'));
  const { p, q, dp, dq, qi } = jwk;
  if (p === undefined && q === undefined && dp === undefined && dq === undefined && qi === undefined) {
    // The factors have to be found.
    return ops.run(ops.rsaFromNumbers, true, n, e, d, undefined);
  }
  if (p === undefined || q === undefined || dp === undefined || dq === undefined || qi === undefined) {
    throw dataError('Invalid RSA private key in JSON Web Key; if one Prime Factor or CRT Exponent/Coefficient parameter is ' +
      'present, then they must all be present ("p", "q", "dp", "dq", "qi").');
  }
  const part = (value: string, what: string): ops.Bytes => member(value, () => dataError(
    `Invalid RSA key in JSON Web Key; invalid ${what}.`));
  return ops.rsaFromNumbers.now(n, e, d, [
    part(p, 'First Prime Factor parameter ("p")'),
    part(q, 'Second Prime Factor parameter ("q")'),
    part(dp, 'First Factor CRT Exponent parameter ("dp")'),
    part(dq, 'Second Factor CRT Exponent parameter ("dq")'),
    part(qi, 'First CRT Coefficient parameter ("qi")'),
  ]);
}

/** Big-endian bytes as a number; undefined when it has more than 32 bits. */
export function toNumber(bytes: ops.Bytes): number | undefined {
  let value = 0;
  const size = TypedArrayPrototypeGetByteLength(bytes);
  for (let i = 0; i < size; i++) {
    if (bytes[i] !== 0 && size - i > 4) return undefined;
    value = value * 256 + bytes[i]!;
  }
  return value;
}

/** Refuses keys that are dangerous to use or to make. */
export function checkRsaParams(bits: number, exponent: ops.Bytes, isImport: boolean): void {
  const strict = flags.strict_crypto_checks;
  if ((strict || !isImport) && (bits % 8 !== 0 || bits < 256 || bits > 16384)) {
    throw operationError(`The modulus length must be a multiple of 8 and between 256 and 16k, but ${bits} was requested.`);
  }
  const e = toNumber(exponent);
  if (e === undefined) {
    throw operationError('The "publicExponent" must be either 3 or 65537, but got a number larger than 2^32.');
  }
  if (e === 3 || e === 65537) return;
  if (!isImport) throw operationError(`The "publicExponent" must be either 3 or 65537, but got ${e}.`);
  if (strict && e !== 17 && e !== 37) throw operationError(`Imported RSA key has invalid publicExponent ${e}.`);
}
