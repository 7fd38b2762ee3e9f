// HKDF and PBKDF2 (https://w3c.github.io/webcrypto/#hkdf, #pbkdf2).
import { byteLengthOf, copyBytes } from '../blob/bytes';
import type { Algorithm, ImportData, Source } from './algorithm';
import type { DeriveParams, ImportParams } from './convert';
import { missingField, notSupported, operationError, syntaxError } from './errors';
import { type Hash, lookupHash } from './hash';
import { Key } from './key';
import * as ops from './ops';
import { Usage, parseUsages } from './usages';

/** Rounds of a hash that take about a millisecond. */
const HEAVY_ROUNDS = 2000;

abstract class Kdf implements Algorithm {
  readonly shape = 'name';
  abstract readonly name: string;
  /** How the sentence about formats ends. */
  protected abstract readonly stop: string;

  importKey(format: string, data: ImportData, _params: ImportParams, extractable: boolean, names: readonly string[]): Key {
    const usages = parseUsages(names, Usage.Derivation, this.name, 'import secret');
    if (extractable) throw syntaxError(`${this.name} key cannot be extractable.`);
    if (format !== 'raw' && format !== 'raw-secret') {
      throw notSupported(`${this.name} key must be imported in "raw" format (requested "${format}")${this.stop}`);
    }
    return new Key(this, 'secret', false, usages, copyBytes(data as Source));
  }

  deriveBits(key: Key, params: DeriveParams, length: number | undefined): ArrayBuffer | Promise<ArrayBuffer> {
    if (params.hash === undefined) throw missingField('hash', 'algorithm');
    const hash = lookupHash(params.hash);
    if (params.salt === undefined) throw missingField('salt', 'algorithm');
    this.checkParams(params);
    if (length === undefined) throw operationError(`${this.name} cannot derive a key with null length.`);
    if (length % 8 !== 0) {
      throw operationError(`${this.name} requires a derived key length that is a multiple of eight (requested ${length}).`);
    }
    return ops.chain(this.derive(key, params.salt, params, hash, length / 8), ops.bufferOf);
  }

  protected abstract checkParams(params: DeriveParams): void;
  protected abstract derive(
    key: Key, salt: Source, params: DeriveParams, hash: Hash, bytes: number): ops.Bytes | Promise<ops.Bytes>;
}

class Hkdf extends Kdf {
  readonly name = 'HKDF';
  protected readonly stop = '';

  protected checkParams({ info }: DeriveParams): void {
    if (info === undefined) throw missingField('info', 'algorithm');
  }

  protected derive(key: Key, salt: Source, { info }: DeriveParams, hash: Hash, bytes: number): ops.Bytes | Promise<ops.Bytes> {
    if (bytes > 255 * hash.size) throw operationError('HKDF deriveBits failed.');
    return ops.run(ops.hkdf, byteLengthOf(info!) > 1 << 14, hash.name, key.bytes, salt, info!, bytes);
  }
}

class Pbkdf2 extends Kdf {
  readonly name = 'PBKDF2';
  protected readonly stop = '.';

  protected checkParams({ iterations }: DeriveParams): void {
    if (iterations === undefined) throw missingField('iterations', 'algorithm');
  }

  protected derive(key: Key, salt: Source, { iterations }: DeriveParams, hash: Hash, bytes: number): ops.Bytes | Promise<ops.Bytes> {
    const rounds = iterations!;
    if (rounds <= 0) throw operationError(`PBKDF2 requires a positive iteration count (requested ${rounds}).`);
    if (bytes > 255 * hash.size) throw operationError('Pbkdf2 failed: derived key length exceeds maximum for this hash');
    const heavy = rounds * (1 + bytes / hash.size) > HEAVY_ROUNDS;
    return ops.run(ops.pbkdf2, heavy, hash.name, key.bytes, salt, rounds, bytes);
  }
}

export const KDFS: readonly Algorithm[] = [new Pbkdf2(), new Hkdf()];
