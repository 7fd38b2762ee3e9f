// Ed25519, its older name NODE-ED25519, and X25519 (https://w3c.github.io/webcrypto/#ed25519, #x25519).
import { byteLengthOf } from '../blob/bytes';
import { TypedArrayPrototypeGetByteLength } from '../primordials';
import type { Algorithm, ImportData, Source } from './algorithm';
import { checkPeer, truncateSecret } from './agreement';
import { exportAsymmetric, importAsymmetric, requirePrivateForSigning, requirePublicForVerifying } from './asymmetric';
import type { DeriveParams, GenerateParams, ImportParams, JsonWebKey, SignParams } from './convert';
import { cannotTellPublicKey, dataError, invalidAccess, missingField, notSupported, operationError } from './errors';
import { encodeBase64Url, member } from './jwk';
import { Key, type KeyPair } from './key';
import * as ops from './ops';
import { Usage, parseUsages } from './usages';

const HEAVY_DATA = 1 << 19;
const KEY_SIZE = 32;
const SIGNATURE_SIZE = 64;

interface Found { readonly kind: string; readonly der: ops.Bytes }

abstract class Okp implements Algorithm {
  abstract readonly name: string;
  readonly shape: Algorithm['shape'] = 'name';
  protected abstract readonly kind: 'ed25519' | 'x25519';
  /** "Ed25519" or "X25519". */
  protected abstract readonly crv: string;
  protected abstract readonly allowed: number;
  /** What a raw public key may be for. */
  protected abstract readonly rawUsages: number;
  protected readonly curve: string | undefined = undefined;

  protected checkCurve(_namedCurve: string | undefined): void {}

  generateKey({ namedCurve }: GenerateParams, extractable: boolean, names: readonly string[]): KeyPair {
    const usages = parseUsages(names, this.allowed, this.name, 'generate');
    this.checkCurve(namedCurve);
    const pair = ops.okpGenerate.now(this.kind);
    return {
      publicKey: this.#key('public', true, usages & Usage.Public, pair[1]),
      privateKey: this.#key('private', extractable, usages & Usage.Private, pair[0]),
    };
  }

  #key(type: 'public' | 'private', extractable: boolean, usages: number, der: ops.Bytes): Key {
    return new Key(this, type, extractable, usages, der, undefined, undefined, this.curve);
  }

  importKey(
    format: string, data: ImportData, { namedCurve }: ImportParams, extractable: boolean, names: readonly string[],
  ): Key {
    this.checkCurve(namedCurve);
    if (format === 'raw' || format === 'raw-public') {
      const usages = parseUsages(names, this.rawUsages, this.name, 'import public');
      const size = byteLengthOf(data as Source);
      if (size !== KEY_SIZE) throw dataError(`${this.crv} raw keys must be exactly 32-bytes (provided ${size}).`);
      return this.#key('public', extractable, usages, ops.okpFromRaw.now(this.kind, data as Source, false));
    }
    const { found, type, usages } = importAsymmetric<Found>(
      this.name, format, data, extractable, names, this.allowed, (jwk) => ({ kind: this.kind, der: this.#fromJwk(jwk) }));
    if (found.kind !== this.kind) throw dataError(`Input was not an ${this.crv} key.`);
    return this.#key(type as 'public' | 'private', extractable, usages, found.der);
  }

  #fromJwk({ kty, crv, alg, x, d }: JsonWebKey): ops.Bytes {
    const { crv: expected } = this;
    if (kty !== 'OKP') {
      throw dataError(`${expected} "jwk" key imports requires a JSON Web Key with Key Type parameter "kty" ("${kty}") equal to ` +
        '"OKP".');
    }
    if (crv === undefined) throw dataError(`Missing field "crv" for ${expected} key.`);
    if (crv !== expected) throw notSupported(`Only ${expected} is supported but "${crv}" was requested.`);
    if (alg !== undefined && alg !== 'EdDSA' && this.kind === 'ed25519') {
      throw dataError(`JSON Web Key Algorithm parameter "alg" ("${alg}") does not match requested Ed25519 curve.`);
    }
    const publicKey = member(x, () => dataError(
      `Invalid ${crv} key in JSON WebKey; missing or invalid public key component ("x").`));
    checkSize(publicKey, 'public');
    if (d === undefined) return ops.okpFromRaw.now(this.kind, publicKey, false);
    const privateKey = member(d, () => dataError(
      `Invalid ${expected} key in JSON Web Key; missing or invalid private key component ("d").`));
    checkSize(privateKey, 'private');
    return ops.okpFromRaw.now(this.kind, privateKey, true);
  }

  publicKey(key: Key, names: readonly string[]): Key {
    const usages = parseUsages(names, this.rawUsages, this.name, 'import public');
    return this.#key('public', true, usages, ops.publicOf.now(key.bytes));
  }

  exportKey(key: Key, format: string): ArrayBuffer | JsonWebKey {
    return exportAsymmetric(key, format, (k) => this.#toJwk(k), (k) => {
      if (k.type !== 'public') throw invalidAccess(`Raw export of ${this.name} keys is only allowed for public keys.`);
      return ops.bufferOf(ops.okpRaw.now(k.bytes, false)[0]!);
    });
  }

  #toJwk(key: Key): JsonWebKey {
    const raw = ops.okpRaw.now(key.bytes, key.type === 'private');
    return {
      kty: 'OKP', crv: this.crv, x: encodeBase64Url(raw[0]!), alg: this.name === 'Ed25519' ? 'EdDSA' : undefined,
      d: key.type === 'private' ? encodeBase64Url(raw[1]!) : undefined,
    };
  }
}

function checkSize(bytes: ops.Bytes, what: string): void {
  const size = TypedArrayPrototypeGetByteLength(bytes);
  if (size !== KEY_SIZE) throw dataError(`Invalid length ${size} for ${what} key`);
}

class Ed25519 extends Okp {
  readonly name: string = 'Ed25519';
  protected readonly kind = 'ed25519';
  protected readonly crv = 'Ed25519';
  protected readonly allowed = Usage.Signature;
  protected readonly rawUsages = Usage.Verify;

  sign(key: Key, _params: SignParams, data: Source): ArrayBuffer | Promise<ArrayBuffer> {
    requirePrivateForSigning(key);
    return ops.chain(ops.run(ops.ed25519Sign, byteLengthOf(data) > HEAVY_DATA, key.bytes, data), ops.bufferOf);
  }

  verify(key: Key, _params: SignParams, signature: Source, data: Source): boolean | Promise<boolean> {
    requirePublicForVerifying(key);
    const size = byteLengthOf(signature);
    if (size !== SIGNATURE_SIZE) throw operationError(`Invalid ${this.name} signature length ${size}`);
    return ops.run(ops.ed25519Verify, byteLengthOf(data) > HEAVY_DATA, key.bytes, signature, data);
  }
}

class NodeEd25519 extends Ed25519 {
  override readonly name = 'NODE-ED25519';
  override readonly shape = 'curve';
  protected override readonly curve = 'NODE-ED25519';

  override publicKey(): never {
    throw cannotTellPublicKey(this.name);
  }

  protected override checkCurve(namedCurve: string | undefined): void {
    checkNodeCurve(namedCurve);
  }
}

export function checkNodeCurve(namedCurve: string | undefined): void {
  if (namedCurve === undefined) throw missingField('namedCurve', 'algorithm');
  if (namedCurve !== 'NODE-ED25519') throw notSupported(`EDDSA curve "${namedCurve}" isn't supported.`);
}

class X25519 extends Okp {
  readonly name = 'X25519';
  protected readonly kind = 'x25519';
  protected readonly crv = 'X25519';
  protected readonly allowed = Usage.Derivation;
  protected readonly rawUsages = 0;

  deriveBits(key: Key, params: DeriveParams, length: number | undefined): ArrayBuffer {
    const peer = checkPeer(key, params);
    if (length !== undefined && length > KEY_SIZE * 8) {
      throw operationError(`Derived key length (${length} bits) is too long (should be at most ${KEY_SIZE * 8} bits).`);
    }
    const secret = ops.x25519.now(key.bytes, peer.bytes);
    // All zeros, which the specification has be an error: the peer's point has a small order.
    if (secret === undefined) throw operationError('Failed to derive EDDH key: public key routines INVALID_PEER_KEY.');
    return truncateSecret(secret, length);
  }
}

export const OKP: readonly Algorithm[] = [new Ed25519(), new NodeEd25519(), new X25519()];
