// What ECDH and X25519 have in common.
import { TypedArrayPrototypeGetByteLength } from '../primordials';
import { subBytes, copyBytes } from '../blob/bytes';
import type { DeriveParams } from './convert';
import { invalidAccess, missingField, operationError } from './errors';
import type { Key } from './key';
import { type Bytes, bufferOf } from './ops';

/** The public key of the other side, which must be of the same algorithm. */
export function checkPeer(key: Key, params: DeriveParams): Key {
  const { name } = key.algorithm;
  if (key.type !== 'private') {
    throw invalidAccess(`The deriveBits operation is only valid for a private key, not "${key.type}".`);
  }
  const peer = params.public;
  if (peer === undefined) throw missingField('public', 'derivedKeyParams');
  if (peer.type !== 'public') throw invalidAccess(`The provided key has type "${peer.type}", not "public"`);
  if (peer.algorithm.shape !== key.algorithm.shape) {
    throw invalidAccess(`Base ${name} private key cannot be used to derive a key from a peer ${peer.algorithm.name} public key`);
  }
  if (peer.algorithm !== key.algorithm) {
    throw invalidAccess(`Private key for derivation is using "${name}" while public key is using "${peer.algorithm.name}".`);
  }
  return peer;
}

/** The first `length` bits of a secret, the unused ones of the last byte zero; all of it without a length. */
export function truncateSecret(secret: Bytes, length: number | undefined): ArrayBuffer {
  const bits = TypedArrayPrototypeGetByteLength(secret) * 8;
  if (length === undefined || length === bits) return bufferOf(secret);
  if (length > bits) {
    throw operationError(`Derived key length (${length} bits) is too long (should be at most ${bits} bits).`);
  }
  const result = copyBytes(subBytes(secret, 0, (length + 7) >> 3));
  const unused = -length & 7;
  if (unused > 0) result[((length + 7) >> 3) - 1]! &= 0xff << unused;
  return bufferOf(result);
}
