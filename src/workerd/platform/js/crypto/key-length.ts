// How much secret a key takes that is derived.
import type { ImportParams } from './convert';
import { missingField, notSupported, operationError } from './errors';
import { lookupHash } from './hash';
import { lookupAlgorithm } from './table';

/** The "get key length" operation: bits of secret that a derived key takes, undefined for as many as there are. */
export function derivedLength({ name, length, hash }: ImportParams): number | undefined {
  const algorithm = lookupAlgorithm(name)?.name;
  switch (algorithm) {
    case 'AES-CTR': case 'AES-CBC': case 'AES-GCM': case 'AES-KW':
      if (length === undefined) throw missingField('length', 'derivedKeyParams');
      if (length !== 128 && length !== 192 && length !== 256) {
        throw operationError(`Derived AES key must be 128, 192, or 256 bits in length but provided ${length}.`);
      }
      return length;
    case 'HMAC':
      if (length !== undefined) {
        if (length <= 0) throw new TypeError('HMAC key length must be a non-zero unsigned long integer.');
        return length;
      }
      if (hash === undefined) throw missingField('hash', 'derivedKeyParams');
      return lookupHash(hash).block * 8;
    case 'HKDF': case 'PBKDF2': return undefined;
    case 'ChaCha20-Poly1305': return 256;
    default: throw notSupported(`Unrecognized derived key type "${name}" requested.`);
  }
}
