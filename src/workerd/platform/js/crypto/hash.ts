// The hashes WebCrypto knows, whatever the case of their names.
import { flags } from '../flags';
import { StringPrototypeToUpperCase } from '../primordials';
import { notSupported } from './errors';

/** Sizes in bytes of the digest and of the block. */
export interface Hash { readonly name: string; readonly size: number; readonly block: number }

const HASHES: Record<string, Hash> = {
  __proto__: null as never,
  'SHA-1': { name: 'SHA-1', size: 20, block: 64 },
  'SHA-256': { name: 'SHA-256', size: 32, block: 64 },
  'SHA-384': { name: 'SHA-384', size: 48, block: 128 },
  'SHA-512': { name: 'SHA-512', size: 64, block: 128 },
  'MD5': { name: 'MD5', size: 16, block: 64 },
};

/** Those that only digest() takes. */
const SHA3: Record<string, string> = { __proto__: null as never, 'SHA3-256': 'SHA3-256', 'SHA3-384': 'SHA3-384', 'SHA3-512': 'SHA3-512' };

/** The name of what digest() is asked for, in its canonical spelling. */
export function lookupDigest(name: string): string {
  const modern = flags.webcrypto_modern_algorithms ? SHA3[StringPrototypeToUpperCase(name)] : undefined;
  return modern ?? lookupHash(name).name;
}

export function lookupHash(name: string): Hash {
  const hash = HASHES[name] ?? HASHES[StringPrototypeToUpperCase(name)];
  if (hash === undefined) throw notSupported('Unrecognized or unimplemented digest algorithm requested.');
  return hash;
}
