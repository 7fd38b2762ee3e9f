// All algorithms by name, whatever its case.
import { flags } from '../flags';
import { StringPrototypeToLowerCase } from '../primordials';
import { AES } from './aes';
import type { Algorithm } from './algorithm';
import { CHACHA } from './chacha';
import { EC } from './ec';
import { HMAC } from './hmac';
import { KDFS } from './kdf';
import { OKP } from './okp';
import { POST_QUANTUM } from './post-quantum';
import { RSA } from './rsa-algorithms';
import { XWING } from './xwing';

const byName: Record<string, Algorithm> = { __proto__: null as never };
for (const algorithm of [...AES, HMAC, ...KDFS, ...RSA, ...EC, ...OKP]) byName[algorithm.name.toLowerCase()] = algorithm;
/** With webcrypto_modern_algorithms. */
const modern: Record<string, Algorithm> = { __proto__: null as never };
for (const algorithm of [CHACHA, ...POST_QUANTUM, XWING]) modern[algorithm.name.toLowerCase()] = algorithm;

export function lookupAlgorithm(name: string): Algorithm | undefined {
  const key = StringPrototypeToLowerCase(name);
  return byName[key] ?? (flags.webcrypto_modern_algorithms ? modern[key] : undefined);
}
