// Key usages as sets of bits (https://w3c.github.io/webcrypto/#dfn-KeyUsage).
import { syntaxError } from './errors';

export const enum Usage {
  Encrypt = 1, Decrypt = 2, Sign = 4, Verify = 8, DeriveKey = 16, DeriveBits = 32, WrapKey = 64, UnwrapKey = 128,
  EncapsulateKey = 256, EncapsulateBits = 512, DecapsulateKey = 1024, DecapsulateBits = 2048,
  /** What the public and the private key of a pair may be for. */
  Public = Encrypt | Verify | WrapKey,
  Private = Decrypt | Sign | UnwrapKey | DeriveKey | DeriveBits,
  Signature = Sign | Verify,
  Derivation = DeriveKey | DeriveBits,
  Wrapping = WrapKey | UnwrapKey,
  Encapsulate = EncapsulateKey | EncapsulateBits,
  Decapsulate = DecapsulateKey | DecapsulateBits,
  Cipher = Encrypt | Decrypt | WrapKey | UnwrapKey,
}

/** In the order CryptoKey.usages lists them. */
const NAMES = ['encrypt', 'decrypt', 'sign', 'verify', 'deriveKey', 'deriveBits', 'wrapKey', 'unwrapKey',
  'encapsulateKey', 'encapsulateBits', 'decapsulateKey', 'decapsulateBits'];

export function usageNames(usages: number): string[] {
  const names: string[] = [];
  for (let i = 0; i < NAMES.length; i++) if ((usages & (1 << i)) !== 0) names[names.length] = NAMES[i]!;
  return names;
}

/** The name of a single usage. */
export function usageName(usage: number): string {
  for (let i = 0; ; i++) if (usage === 1 << i) return NAMES[i]!;
}

export type UsageContext = 'generate' | 'import secret' | 'import public' | 'import private';

/** The set `names` makes; SyntaxError if one of them is not in `allowed`. */
export function parseUsages(names: readonly string[], allowed: number, name: string, context: UsageContext): number {
  let usages = 0;
  for (let i = 0; i < names.length; i++) {
    const bit = usageBit(names[i]!);
    if (bit === 0 || (bit & allowed) === 0) {
      throw syntaxError(`Attempt to ${context} ${name} key with invalid usage "${names[i]}".`);
    }
    usages |= bit;
  }
  return usages;
}

function usageBit(name: string): number {
  for (let i = 0; i < NAMES.length; i++) if (NAMES[i] === name) return 1 << i;
  return 0;
}
