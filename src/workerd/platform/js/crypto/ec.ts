// ECDSA and ECDH (https://w3c.github.io/webcrypto/#ecdsa, #ecdh).
import { byteLengthOf } from '../blob/bytes';
import { StringPrototypeToUpperCase } from '../primordials';
import type { Algorithm, ImportData, Source } from './algorithm';
import {
  ecdhPublicUsages, exportAsymmetric, importAsymmetric, requirePrivateForSigning, requirePublicForVerifying,
} from './asymmetric';
import type { DeriveParams, GenerateParams, ImportParams, JsonWebKey, SignParams } from './convert';
import { dataError, invalidAccess, missingField, notSupported, operationError } from './errors';
import { truncateSecret, checkPeer } from './agreement';
import { lookupHash } from './hash';
import { encodeBase64Url, member } from './jwk';
import { Key, type KeyPair, type KeyType } from './key';
import * as ops from './ops';
import { Usage, parseUsages } from './usages';

const HEAVY_DATA = 1 << 19;

/** Bits of the curves' fields. */
const CURVES: Record<string, number> = { __proto__: null as never, 'P-256': 256, 'P-384': 384, 'P-521': 521 };
const JWK_CURVES: Record<string, string> = { __proto__: null as never, 'ES256': 'P-256', 'ES384': 'P-384', 'ES512': 'P-521' };

export function lookupCurve(namedCurve: string | undefined): string {
  if (namedCurve === undefined) throw missingField('namedCurve', 'algorithm');
  const name = StringPrototypeToUpperCase(namedCurve);
  if (CURVES[name] === undefined) throw notSupported(`Unrecognized or unimplemented EC curve "${namedCurve}" requested.`);
  return name;
}

export function curveBits(name: string): number {
  return CURVES[name]!;
}

interface Found { readonly der: ops.Bytes; readonly curve: string }

abstract class Elliptic implements Algorithm {
  readonly shape = 'curve';
  abstract readonly name: string;
  protected abstract readonly allowed: number;

  generateKey({ namedCurve }: GenerateParams, extractable: boolean, names: readonly string[]): KeyPair {
    const usages = parseUsages(names, this.allowed, this.name, 'generate');
    const curve = lookupCurve(namedCurve);
    const pair = ops.ecGenerate.now(curve);
    return {
      publicKey: this.#key('public', true, usages & Usage.Public, pair[1], curve),
      privateKey: this.#key('private', extractable, usages & Usage.Private, pair[0], curve),
    };
  }

  #key(type: KeyType, extractable: boolean, usages: number, der: ops.Bytes, curve: string): Key {
    return new Key(this, type, extractable, usages, der, undefined, undefined, curve);
  }

  importKey(
    format: string, data: ImportData, { namedCurve }: ImportParams, extractable: boolean, names: readonly string[],
  ): Key {
    const curve = lookupCurve(namedCurve);
    if (format === 'raw' || format === 'raw-public') {
      const usages = parseUsages(names, this.rawUsages(), this.name, 'import public');
      return this.#key('public', extractable, usages, fromPoint(curve, data as Source), curve);
    }
    const { found, type, usages } = importAsymmetric<Found | ops.KeyDescription>(
      this.name, format, data, extractable, names, this.allowed, (jwk) => {
        if (jwk.kty !== 'EC') {
          throw dataError('Elliptic curve "jwk" key import requires a JSON Web Key with Key Type parameter "kty" ' +
            `("${jwk.kty}") equal to "EC".`);
        }
        this.checkJwkAlgorithm(jwk.alg, curve);
        return { kind: 'ec', der: fromJwk(jwk, curve), curve };
      });
    if ((found as ops.KeyDescription).kind !== 'ec') throw dataError(this.notElliptic);
    if (found.curve !== curve) throw dataError(this.wrongCurve(namedCurve!));
    return this.#key(type, extractable, usages, found.der, curve);
  }

  protected abstract readonly notElliptic: string;
  protected abstract wrongCurve(namedCurve: string): string;
  /** What a public key given as a point may be for. */
  protected abstract rawUsages(): number;

  protected checkJwkAlgorithm(_alg: string | undefined, _curve: string): void {}

  publicKey(key: Key, names: readonly string[]): Key {
    const usages = parseUsages(names, this.allowed & Usage.Verify, this.name, 'import public');
    return this.#key('public', true, usages, ops.publicOf.now(key.bytes), key.curve!);
  }

  exportKey(key: Key, format: string): ArrayBuffer | JsonWebKey {
    return exportAsymmetric(key, format, toJwk, toPoint);
  }
}

function toJwk(key: Key): JsonWebKey {
  const parts = ops.ecNumbers.now(key.bytes, key.type === 'private');
  return {
    kty: 'EC', crv: key.curve!, x: encodeBase64Url(parts[0]!), y: encodeBase64Url(parts[1]!),
    d: key.type === 'private' ? encodeBase64Url(parts[2]!) : undefined,
  };
}

function toPoint(key: Key): ArrayBuffer {
  if (key.type !== 'public') throw invalidAccess('Raw export of elliptic curve keys is only allowed for public keys.');
  return ops.bufferOf(ops.ecPoint.now(key.bytes));
}

function fromPoint(curve: string, point: Source): ops.Bytes {
  const der = ops.ecFromPoint.now(curve, point);
  if (typeof der === 'string') throw dataError(`Failed to import raw EC key data${der === '' ? '' : `: ${der}`}.`);
  return der;
}

function fromJwk(jwk: JsonWebKey, curve: string): ops.Bytes {
  const x = member(jwk.x, () => dataError('Invalid EC key in JSON Web Key; missing "x".'));
  const y = member(jwk.y, () => dataError('Invalid EC key in JSON Web Key; missing "y".'));
  const d = jwk.d === undefined ? undefined : member(jwk.d, () => dataError(
    'Invalid EC key in JSON Web Key; missing or invalid private key component ("d").'));
  const der = ops.ecFromNumbers.now(curve, x, y, d);
  switch (der) {
    case 'range': throw operationError('Invalid EC key; public key coordinates "x" and "y" are invalid.');
    case 'point':
      throw operationError('Invalid EC key; public key coordinates "x" and "y" are invalid: Point is not on curve..');
    case 'd': throw operationError('Invalid EC key; private key component "d" is invalid.');
    case 'pair': throw dataError('Invalid EC key in JSON Web Key.');
    default: return der as ops.Bytes;
  }
}

class Ecdsa extends Elliptic {
  readonly name = 'ECDSA';
  protected readonly allowed = Usage.Signature;
  protected readonly notElliptic = 'Input was not an EC key.';

  protected wrongCurve(namedCurve: string): string {
    return `"algorithm.namedCurve" "${namedCurve}" does not match the curve specified by the input key data.`;
  }

  protected rawUsages(): number {
    return Usage.Verify;
  }

  protected override checkJwkAlgorithm(alg: string | undefined, curve: string): void {
    if (alg === undefined) return;
    const algCurve = JWK_CURVES[alg];
    if (algCurve === undefined) {
      throw notSupported(`Unrecognized or unimplemented algorithm "${alg}" listed in JSON Web Key Algorithm parameter.`);
    }
    if (algCurve !== curve) {
      throw dataError(`JSON Web Key Algorithm parameter "alg" ("${alg}") does not match requested curve.`);
    }
  }

  sign(key: Key, params: SignParams, data: Source): ArrayBuffer | Promise<ArrayBuffer> {
    requirePrivateForSigning(key);
    const hash = signatureHash(params);
    return ops.chain(ops.run(ops.ecSign, byteLengthOf(data) > HEAVY_DATA, key.bytes, hash, data), ops.bufferOf);
  }

  verify(key: Key, params: SignParams, signature: Source, data: Source): boolean | Promise<boolean> {
    requirePublicForVerifying(key);
    return ops.run(ops.ecVerify, byteLengthOf(data) > HEAVY_DATA, key.bytes, signatureHash(params), signature, data);
  }
}

export function signatureHash({ hash }: SignParams): string {
  if (hash === undefined) {
    throw new TypeError('Missing "hash" in AlgorithmIdentifier. (ECDSA requires that the hash algorithm be specified at call time ' +
      'rather than on the key. This differs from other WebCrypto algorithms for historical reasons.)');
  }
  return lookupHash(hash).name;
}

class Ecdh extends Elliptic {
  readonly name = 'ECDH';
  protected readonly allowed = Usage.Derivation;
  protected readonly notElliptic = 'Input was not an EC public key nor a DH key.';

  protected wrongCurve(namedCurve: string): string {
    return `"algorithm.namedCurve" "${namedCurve}", does not match the curve specified by the input key data.`;
  }

  protected rawUsages(): number {
    return ecdhPublicUsages();
  }

  deriveBits(key: Key, params: DeriveParams, length: number | undefined): ArrayBuffer {
    const peer = checkPeer(key, params);
    if (peer.curve !== key.curve) {
      throw invalidAccess(`Private key for derivation is using curve "${key.curve}" while public key is using "${peer.curve}".`);
    }
    const secret = ops.ecdh.now(key.bytes, peer.bytes);
    return truncateSecret(secret, length);
  }
}

export const EC: readonly Algorithm[] = [new Ecdsa(), new Ecdh()];
