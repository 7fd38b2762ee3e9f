// All algorithms by name, whatever its case.
import { StringPrototypeToLowerCase } from '../primordials';
import { AES } from './aes';
import type { Algorithm } from './algorithm';
import { EC } from './ec';
import { HMAC } from './hmac';
import { KDFS } from './kdf';
import { OKP } from './okp';
import { RSA } from './rsa-algorithms';

const byName: Record<string, Algorithm> = { __proto__: null as never };
for (const algorithm of [...AES, HMAC, ...KDFS, ...RSA, ...EC, ...OKP]) byName[algorithm.name.toLowerCase()] = algorithm;

export function lookupAlgorithm(name: string): Algorithm | undefined {
  return byName[StringPrototypeToLowerCase(name)];
}
