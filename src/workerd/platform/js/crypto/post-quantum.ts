// ML-KEM and ML-DSA (https://wicg.github.io/webcrypto-modern-algos/), whose keys are all of the JWK type "AKP" (RFC 9964): a public
// key, and a seed. Bytes of a Key are DER, in which both stand at the end.
import { EMPTY_BYTES, byteLengthOf, copyBytes, isBufferSource, subBytes, viewBytes } from '../blob/bytes';
import { TypedArrayPrototypeGetByteLength } from '../primordials';
import type { Algorithm, Encapsulated, ImportData, Source } from './algorithm';
import type { GenerateParams, ImportParams, JsonWebKey, SignParams } from './convert';
import { DerReader, Tag, isHex } from './der';
import { dataError, invalidAccess, notSupported, operationError } from './errors';
import { encodeBase64Url, exportJwk, hasDuplicate, member, missingUsage } from './jwk';
import { Key, type KeyPair } from './key';
import * as ops from './ops';
import { Usage, parseUsages } from './usages';

const HEAVY_DATA = 1 << 16;
/** Bytes of DER in front of a seed or a public key. */
const DER_PREFIX = 22;

abstract class Akp implements Algorithm {
  readonly shape = 'name';
  protected abstract readonly family: string;
  /** Of a JWK. */
  protected abstract readonly use: string;
  protected abstract readonly publicUsages: number;
  protected abstract readonly privateUsages: number;
  protected abstract readonly seedSize: number;
  /** A JWK of a private key must have the public one too. */
  protected abstract readonly needsPub: boolean;

  constructor(readonly name: string, readonly publicSize: number, readonly oid: string) {}

  generateKey(_params: GenerateParams, extractable: boolean, names: readonly string[]): KeyPair {
    const usages = parseUsages(names, this.publicUsages | this.privateUsages, this.name, 'generate');
    const pair = ops.pqGenerate.now(this.name);
    return {
      publicKey: new Key(this, 'public', true, usages & this.publicUsages, pair[1]),
      privateKey: new Key(this, 'private', extractable, usages & this.privateUsages, pair[0]),
    };
  }

  publicKey(key: Key, names: readonly string[]): Key {
    const usages = this.#publicUsages(names);
    return new Key(this, 'public', true, usages, ops.publicOf.now(key.bytes));
  }

  #publicUsages(names: readonly string[]): number {
    return parseUsages(names, this.publicUsages, this.name, 'import public');
  }

  #privateUsages(names: readonly string[]): number {
    return parseUsages(names, this.privateUsages, this.name, 'import private');
  }

  importKey(format: string, data: ImportData, _params: ImportParams, extractable: boolean, names: readonly string[]): Key {
    switch (format) {
      case 'raw-public': {
        const usages = this.#publicUsages(names);
        const size = byteLengthOf(data as Source);
        if (size !== this.publicSize) {
          throw dataError(`Invalid ${this.name} public key length: expected ${this.publicSize} bytes, got ${size}`);
        }
        return new Key(this, 'public', extractable, usages, this.#fromPublic(data as Source, ''));
      }
      case 'raw-seed': {
        const usages = this.#privateUsages(names);
        const size = byteLengthOf(data as Source);
        if (size !== this.seedSize) {
          throw dataError(`Invalid ${this.name} seed length: expected ${this.seedSize} bytes, got ${size}`);
        }
        return new Key(this, 'private', extractable, usages, ops.pqFromSeed.now(this.name, data as Source));
      }
      case 'spki': {
        const usages = this.#publicUsages(names);
        return new Key(this, 'public', extractable, usages, this.#fromSpki(copyBytes(data as Source)));
      }
      case 'pkcs8': {
        const usages = this.#privateUsages(names);
        return new Key(this, 'private', extractable, usages, this.#fromPkcs8(copyBytes(data as Source)));
      }
      case 'jwk': return this.#fromJwk(data as JsonWebKey, extractable, names);
      default: throw notSupported(`Unsupported import format "${format}" for ${this.family}.`);
    }
  }

  #fromPublic(raw: Source, from: string): ops.Bytes {
    const der = byteLengthOf(raw) === this.publicSize ? ops.pqFromPublic.now(this.name, raw) : undefined;
    if (der === undefined) throw dataError(`Failed to parse ${this.name} public key${from}`);
    return der;
  }

  #fromSpki(bytes: ops.Bytes): ops.Bytes {
    const outer = new DerReader(bytes);
    const content = outer.read(Tag.Sequence);
    if (content === undefined || !outer.done) throw dataError('Invalid SPKI structure.');
    const reader = new DerReader(content);
    this.#checkAlgorithm(reader, 'SPKI');
    const bits = reader.read(Tag.BitString);
    if (bits === undefined) throw dataError('Invalid SPKI subjectPublicKey.');
    const size = TypedArrayPrototypeGetByteLength(bits);
    if (size === 0 || bits[0] !== 0) throw dataError('Invalid SPKI subjectPublicKey BIT STRING padding.');
    if (!reader.done) throw dataError('Trailing data in SPKI.');
    return this.#fromPublic(subBytes(bits, 1, size), ' from SPKI.');
  }

  #fromPkcs8(bytes: ops.Bytes): ops.Bytes {
    const outer = new DerReader(bytes);
    const content = outer.read(Tag.Sequence);
    if (content === undefined || !outer.done) throw dataError('Invalid PKCS8 structure.');
    const reader = new DerReader(content);
    const version = reader.read(Tag.Integer);
    if (version === undefined || !isHex(version, '00')) throw dataError('Invalid PKCS8 version.');
    this.#checkAlgorithm(reader, 'PKCS8');
    const octets = reader.read(Tag.OctetString);
    if (octets === undefined) throw dataError('Invalid PKCS8 privateKey.');
    const inner = new DerReader(octets);
    const seed = inner.read(Tag.Context0);
    if (seed === undefined || !inner.done) {
      throw notSupported(`Only the seed PKCS8 private key format is supported for ${this.name}.`);
    }
    if (TypedArrayPrototypeGetByteLength(seed) !== this.seedSize) throw dataError(`Invalid ${this.name} seed length in PKCS8.`);
    return ops.pqFromSeed.now(this.name, seed);
  }

  #checkAlgorithm(reader: DerReader, format: string): void {
    const algorithm = reader.read(Tag.Sequence);
    if (algorithm === undefined) throw dataError(`Invalid ${format} AlgorithmIdentifier.`);
    const parts = new DerReader(algorithm);
    const oid = parts.read(Tag.ObjectId);
    if (oid === undefined) throw dataError(`Invalid ${format} algorithm OID.`);
    if (!isHex(oid, this.oid)) throw dataError(`${format} algorithm OID does not match ${this.name}.`);
    if (!parts.done) throw dataError(`${format} AlgorithmIdentifier for ${this.name} must not have parameters.`);
  }

  #fromJwk(jwk: JsonWebKey, extractable: boolean, names: readonly string[]): Key {
    const { name } = this;
    const isPrivate = jwk.priv !== undefined;
    const usages = isPrivate ? this.#privateUsages(names) : this.#publicUsages(names);
    if (jwk.kty !== 'AKP') throw dataError(`JWK "kty" field must be "AKP" for ${name}.`);
    if (jwk.alg === undefined) throw dataError(`JWK "alg" field is required for ${name}.`);
    if (jwk.alg !== name) throw dataError(`JWK "alg" field "${jwk.alg}" does not match "${name}".`);
    if (names.length > 0 && jwk.use !== undefined && jwk.use !== this.use) {
      throw dataError(`JWK "use" field must be "${this.use}" for ${name}.`);
    }
    if (jwk.key_ops !== undefined) {
      const duplicate = hasDuplicate(jwk.key_ops);
      if (duplicate !== undefined) throw dataError(`JWK contains duplicate value "${duplicate}", in "key_ops".`);
      const missing = missingUsage(jwk.key_ops, names);
      if (missing !== undefined) throw dataError(`"jwk" key missing usage "${missing}", in "key_ops".`);
    }
    const { pub } = jwk;
    if (!isPrivate) {
      if (pub === undefined) throw dataError(`JWK for ${name} must have "pub" field.`);
      const raw = this.#member(pub, 'pub', this.publicSize);
      return new Key(this, 'public', extractable, usages, this.#fromPublic(raw, ' from JWK.'));
    }
    if (pub === undefined && this.needsPub) throw dataError(`JWK for ${name} private keys must have "pub".`);
    const der = ops.pqFromSeed.now(name, this.#member(jwk.priv!, 'priv', this.seedSize));
    if (pub !== undefined && !this.#isPublicOf(der, this.#member(pub, 'pub', undefined))) {
      throw dataError('JWK "pub" does not match the public key derived from "priv".');
    }
    return new Key(this, 'private', extractable, usages, der);
  }

  #member(text: string, field: string, size: number | undefined): ops.Bytes {
    const bytes = member(text, () => dataError(`Invalid base64url in JWK "${field}" for ${this.name}.`));
    if (size !== undefined && TypedArrayPrototypeGetByteLength(bytes) !== size) {
      throw dataError(`Invalid JWK "${field}" length for ${this.name}.`);
    }
    return bytes;
  }

  #isPublicOf(der: ops.Bytes, pub: ops.Bytes): boolean {
    return encodeBase64Url(rawOf(ops.publicOf.now(der))) === encodeBase64Url(pub);
  }

  exportKey(key: Key, format: string): ArrayBuffer | JsonWebKey {
    const isPublic = key.type === 'public';
    switch (format) {
      case 'raw-public':
        if (!isPublic) throw invalidAccess('raw-public export requires a public key.');
        return ops.bufferOf(copyBytes(rawOf(key.bytes)));
      case 'raw-seed':
        if (isPublic) throw invalidAccess('raw-seed export requires a private key.');
        return ops.bufferOf(copyBytes(rawOf(key.bytes)));
      case 'spki':
        if (!isPublic) throw invalidAccess('SPKI export requires a public key.');
        return ops.bufferOf(copyBytes(key.bytes));
      case 'pkcs8':
        if (isPublic) throw invalidAccess('PKCS8 export requires a private key.');
        return ops.bufferOf(copyBytes(key.bytes));
      case 'jwk': {
        return exportJwk(key, {
          kty: 'AKP', alg: this.name, pub: encodeBase64Url(rawOf(isPublic ? key.bytes : ops.publicOf.now(key.bytes))),
          priv: isPublic ? undefined : encodeBase64Url(rawOf(key.bytes)),
        });
      }
      default: throw notSupported(`Unrecognized export format "${format}" for ${this.family}.`);
    }
  }
}

function rawOf(der: ops.Bytes): ops.Bytes {
  return subBytes(der, DER_PREFIX, TypedArrayPrototypeGetByteLength(der));
}

class MlKem extends Akp {
  protected readonly family = 'ML-KEM';
  protected readonly use = 'enc';
  protected readonly publicUsages = Usage.Encapsulate;
  protected readonly privateUsages = Usage.Decapsulate;
  protected readonly seedSize = 64;
  protected readonly needsPub = true;

  constructor(name: string, publicSize: number, readonly ciphertextSize: number, oid: string) {
    super(name, publicSize, oid);
  }

  encapsulate(key: Key): Encapsulated {
    const result = ops.mlKemEncapsulate.now(key.bytes);
    return { sharedKey: result[0], ciphertext: result[1] };
  }

  decapsulate(key: Key, ciphertext: Source): ops.Bytes {
    const size = byteLengthOf(ciphertext);
    if (size !== this.ciphertextSize) {
      throw operationError(`Invalid ciphertext length for ${this.name}: expected ${this.ciphertextSize} bytes, got ${size}`);
    }
    return ops.mlKemDecapsulate.now(key.bytes, ciphertext);
  }
}

class MlDsa extends Akp {
  protected readonly family = 'ML-DSA';
  protected readonly use = 'sig';
  protected readonly publicUsages = Usage.Verify;
  protected readonly privateUsages = Usage.Sign;
  protected readonly seedSize = 32;
  protected readonly needsPub = false;

  sign(key: Key, { context }: SignParams, data: Source): ArrayBuffer | Promise<ArrayBuffer> {
    // It takes several attempts, nobody knows how many: about a millisecond.
    return ops.chain(ops.run(ops.mlDsaSign, true, key.bytes, dsaContext(context), data), ops.bufferOf);
  }

  verify(key: Key, { context }: SignParams, signature: Source, data: Source): boolean | Promise<boolean> {
    return ops.run(ops.mlDsaVerify, byteLengthOf(data) > HEAVY_DATA, key.bytes, dsaContext(context), signature, data);
  }
}

/** What is signed along with the message. */
export function dsaContext(context: unknown): ops.Bytes {
  if (context === undefined) return EMPTY_BYTES;
  if (!isBufferSource(context)) throw new TypeError('ML-DSA context must be a buffer source.');
  if (byteLengthOf(context) > 255) throw operationError('ML-DSA context must be at most 255 bytes.');
  return viewBytes(context);
}

const NIST = '6086480165030404';
const NIST_SIGNATURES = '6086480165030403';

export const POST_QUANTUM: readonly Algorithm[] = [
  new MlKem('ML-KEM-768', 1184, 1088, `${NIST}02`), new MlKem('ML-KEM-1024', 1568, 1568, `${NIST}03`),
  new MlDsa('ML-DSA-44', 1312, `${NIST_SIGNATURES}11`), new MlDsa('ML-DSA-65', 1952, `${NIST_SIGNATURES}12`),
  new MlDsa('ML-DSA-87', 2592, `${NIST_SIGNATURES}13`),
];
