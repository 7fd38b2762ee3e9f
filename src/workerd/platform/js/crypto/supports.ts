// SubtleCrypto.supports (https://wicg.github.io/webcrypto-modern-algos/#SubtleCrypto-method-supports): whether an operation would get
// as far as looking at the key.
import { badArgument } from '../interface';
import { chachaIv } from './chacha';
import { cbcIv, ctrCounter, gcmIv, isKeyLength, tagBytes } from './aes';
import * as convert from './convert';
import { curveBits, lookupCurve, signatureHash } from './ec';
import { lookupDigest, lookupHash } from './hash';
import { derivedLength } from './key-length';
import { checkNodeCurve } from './okp';
import { dsaContext } from './post-quantum';
import { checkGeneration, checkSalt } from './rsa-algorithms';
import { lookupAlgorithm } from './table';

/** The third argument: an algorithm, a number of bits, or null or nothing. */
type Extra = unknown;

export function supports(operation: unknown, algorithm: unknown, extra: Extra): boolean {
  if (operation === undefined) throw badArgument('supports', 'SubtleCrypto', 1, 'string');
  const name = `${operation as string}`;
  if (algorithm === undefined) throw badArgument('supports', 'SubtleCrypto', 2, 'Value');
  if (typeof extra === 'number' && extra >>> 0 !== extra) throw new TypeError('length must be an unsigned long integer.');
  try {
    return check(name, algorithm, extra);
  } catch {
    // What makes the operation throw.
    return false;
  }
}

function check(operation: string, algorithm: unknown, extra: Extra): boolean {
  switch (operation) {
    case 'encrypt': case 'decrypt': return cipher(operation, convert.cipherParams(algorithm, operation, 1));
    case 'sign': case 'verify': return signature(operation, convert.signParams(algorithm, operation));
    case 'digest': return lookupDigest(convert.hashParams(algorithm, operation)) !== '';
    case 'generateKey': return generation(convert.generateParams(algorithm, operation));
    case 'importKey': return importing(convert.importParams(algorithm, operation, 1));
    case 'exportKey': return exporting(algorithm);
    case 'wrapKey': return wrapping(operation, 'encrypt', algorithm) && (!isAlgorithm(extra) || exporting(extra));
    case 'unwrapKey':
      return wrapping(operation, 'decrypt', algorithm) && (!isAlgorithm(extra) || importing(convert.importParams(extra, operation, 3)));
    case 'deriveBits': return !isAlgorithm(extra) && derivation(algorithm, extra as number | null | undefined);
    case 'deriveKey': {
      if (!isAlgorithm(extra)) return false;
      const derived = convert.importParams(extra, operation, 3);
      return importing(derived) && derivation(algorithm, derivedLength(derived));
    }
    case 'encapsulateKey': case 'decapsulateKey':
      return encapsulation(algorithm) && (!isAlgorithm(extra) || sharedKey(convert.importParams(extra, operation, 3)));
    case 'encapsulateBits': case 'decapsulateBits': return encapsulation(algorithm);
    case 'getPublicKey': {
      const implementation = named(algorithm);
      return implementation?.publicKey !== undefined && implementation.name !== 'NODE-ED25519';
    }
    default: return false;
  }
}

function isAlgorithm(extra: Extra): boolean {
  return extra !== undefined && extra !== null && typeof extra !== 'number';
}

function named(algorithm: unknown): ReturnType<typeof lookupAlgorithm> {
  return lookupAlgorithm(convert.importParams(algorithm, 'supports', 2).name);
}

function exporting(algorithm: unknown): boolean {
  return named(algorithm)?.exportKey !== undefined;
}

function encapsulation(algorithm: unknown): boolean {
  return named(algorithm)?.encapsulate !== undefined;
}

function wrapping(operation: 'wrapKey' | 'unwrapKey', cipherOperation: 'encrypt' | 'decrypt', algorithm: unknown): boolean {
  const params = convert.cipherParams(algorithm, operation, 1);
  return lookupAlgorithm(params.name)?.[operation] !== undefined || cipher(cipherOperation, params);
}

function cipher(operation: 'encrypt' | 'decrypt', params: convert.CipherParams): boolean {
  const implementation = lookupAlgorithm(params.name);
  if (implementation?.[operation] === undefined) return false;
  switch (implementation.name) {
    case 'AES-GCM':
      gcmIv(params);
      tagBytes(params);
      break;
    case 'AES-CBC': cbcIv(params, ''); break;
    case 'AES-CTR': ctrCounter(params); break;
    case 'ChaCha20-Poly1305': chachaIv(params); break;
  }
  return true;
}

function signature(operation: 'sign' | 'verify', params: convert.SignParams): boolean {
  const implementation = lookupAlgorithm(params.name);
  if (implementation?.[operation] === undefined) return false;
  switch (implementation.name) {
    case 'ECDSA': signatureHash(params); break;
    case 'RSA-PSS':
      if (params.saltLength === undefined) return false;
      checkSalt(params.saltLength);
      break;
    case 'ML-DSA-44': case 'ML-DSA-65': case 'ML-DSA-87': dsaContext(params.context); break;
  }
  return true;
}

function generation(params: convert.GenerateParams): boolean {
  const implementation = lookupAlgorithm(params.name);
  if (implementation?.generateKey === undefined) return false;
  switch (implementation.name) {
    case 'AES-GCM': case 'AES-CBC': case 'AES-CTR': case 'AES-KW': return params.length !== undefined && isKeyLength(params.length);
    case 'HMAC':
      if (params.hash === undefined) return false;
      lookupHash(params.hash);
      return params.length === undefined || params.length > 0;
    case 'ECDSA': case 'ECDH': lookupCurve(params.namedCurve); break;
    case 'NODE-ED25519': checkNodeCurve(params.namedCurve); break;
    case 'RSASSA-PKCS1-v1_5': case 'RSA-PSS': case 'RSA-OAEP': checkGeneration(params); break;
  }
  return true;
}

function importing(params: convert.ImportParams): boolean {
  const implementation = lookupAlgorithm(params.name);
  switch (implementation?.name) {
    case undefined: return false;
    case 'HMAC': case 'RSASSA-PKCS1-v1_5': case 'RSA-PSS': case 'RSA-OAEP':
      if (params.hash === undefined) return false;
      lookupHash(params.hash);
      break;
    case 'ECDSA': case 'ECDH': lookupCurve(params.namedCurve); break;
    case 'NODE-ED25519': checkNodeCurve(params.namedCurve); break;
  }
  return true;
}

/** Whether 32 bytes can become such a key. */
function sharedKey(params: convert.ImportParams): boolean {
  if (!importing(params)) return false;
  switch (lookupAlgorithm(params.name)!.name) {
    case 'HMAC': return params.length === undefined || (params.length > 248 && params.length <= 256);
    case 'AES-GCM': case 'AES-CBC': case 'AES-CTR': case 'AES-KW': case 'HKDF': case 'PBKDF2': case 'ChaCha20-Poly1305': return true;
    default: return false;
  }
}

function derivation(algorithm: unknown, length: number | null | undefined): boolean {
  const params = convert.deriveParams(algorithm, 'deriveBits');
  const implementation = lookupAlgorithm(params.name);
  if (implementation?.deriveBits === undefined) return false;
  const peer = params.public;
  switch (implementation.name) {
    case 'ECDH':
      return peer?.algorithm === implementation && peer.type === 'public' && (length ?? 0) <= (curveBits(peer.curve!) + 7 & ~7);
    case 'X25519': return peer?.algorithm === implementation && peer.type === 'public' && (length ?? 0) <= 256;
    default:
      if (params.hash === undefined || params.salt === undefined || typeof length !== 'number') return false;
      lookupHash(params.hash);
      if (implementation.name === 'HKDF' ? params.info === undefined : !(params.iterations! > 0)) return false;
      return length % 8 === 0;
  }
}
