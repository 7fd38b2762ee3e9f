// Base64url, and what JSON Web Keys (RFC 7517) of all kinds have in common.
import { native } from '../ops';
import { ArrayPrototypeIncludes, ArrayPrototypeSort, defineValue, ObjectHasOwn, PrimordialUint8Array, StringPrototypeCharCodeAt } from '../primordials';
import { subBytes } from '../blob/bytes';
import type { JsonWebKey } from './convert';
import type { Key } from './key';
import type { Bytes } from './ops';
import { usageNames } from './usages';

/** Index in the alphabet, both of them; 64: white space, which is skipped; 65: "="; -1: nothing of the kind. */
function valueOf(code: number): number {
  if (code >= 0x61 && code <= 0x7a) return code - 0x61 + 26;
  if (code >= 0x41 && code <= 0x5a) return code - 0x41;
  if (code >= 0x30 && code <= 0x39) return code - 0x30 + 52;
  if (code === 0x2d || code === 0x2b) return 62;
  if (code === 0x5f || code === 0x2f) return 63;
  if (code === 0x20 || (code >= 9 && code <= 13)) return 64;
  return code === 0x3d ? 65 : -1;
}

/** Decodes base64url or base64, padded or not; undefined if the text is neither. */
export function decodeBase64Url(text: string): Bytes | undefined {
  return native.base64UrlDecode(text) ?? decodeLeniently(text);
}

function decodeLeniently(text: string): Bytes | undefined {
  const out = new PrimordialUint8Array((text.length * 3) >> 2);
  let at = 0;
  let bits = 0;
  let held = 0;
  let digits = 0;
  let padding = 0;
  for (let i = 0; i < text.length; i++) {
    const value = valueOf(StringPrototypeCharCodeAt(text, i));
    if (value === 64) continue;
    if (value === 65) {
      padding++;
      continue;
    }
    if (value < 0 || padding > 0) return undefined;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    digits++;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = held >> bits;
    }
  }
  if (digits % 4 === 1 || padding > 2 || (padding > 0 && (digits + padding) % 4 !== 0)) return undefined;
  return subBytes(out, 0, at);
}

export function encodeBase64Url(bytes: Bytes): string {
  return native.base64Encode(bytes, true);
}

/** The member's bytes, or what `error` makes. */
export function member(value: string | undefined, error: () => Error): Bytes {
  const bytes = value === undefined ? undefined : decodeBase64Url(value);
  if (bytes === undefined) throw error();
  return bytes;
}

/** True if a value occurs twice. Sorts `values`. */
export function hasDuplicate(values: string[]): string | undefined {
  ArrayPrototypeSort(values);
  for (let i = 1; i < values.length; i++) if (values[i] === values[i - 1]) return values[i];
  return undefined;
}

/** The first of `usages` that is not in `ops`. */
export function missingUsage(ops: readonly string[], usages: readonly string[]): string | undefined {
  for (let i = 0; i < usages.length; i++) if (!ArrayPrototypeIncludes(ops, usages[i]!)) return usages[i];
  return undefined;
}

const MEMBERS = ['kty', 'use', 'key_ops', 'alg', 'ext', 'crv', 'x', 'y', 'd', 'n', 'e', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'pub', 'priv'] as const;

/** The JWK of a key, its members in the reference's order. */
export function exportJwk(key: Key, members: JsonWebKey): JsonWebKey {
  const jwk: Record<string, unknown> = {};
  for (let i = 0; i < MEMBERS.length; i++) {
    const name = MEMBERS[i]!;
    const value = name === 'key_ops' ? usageNames(key.usages) : name === 'ext' ? true
      : ObjectHasOwn(members, name) ? members[name] : undefined;
    if (value !== undefined) defineValue(jwk, name, value);
  }
  return jwk as unknown as JsonWebKey;
}
