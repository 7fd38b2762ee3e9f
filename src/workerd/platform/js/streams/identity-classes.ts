// The classes of identity.ts that users construct.
import { defineInterface } from '../interface';
import { MathMin, MathTrunc } from '../primordials';
import { enforceUnsigned } from './byob-request';
import { identityPair } from './identity';
import { TransformStream, givePair, pairIsGiven } from './transform';

const toNumber = Number;

function highWaterMark(strategy: { highWaterMark?: unknown } | null | undefined, owner: string): number | undefined {
  if (strategy === undefined || strategy === null) return undefined;
  if (typeof strategy !== 'object' && typeof strategy !== 'function') throw new TypeError(`Failed to construct '${owner}': the queuing strategy must be an object.`);
  const value = strategy.highWaterMark;
  return value === undefined ? undefined : enforceUnsigned(value, 'highWaterMark');
}

class IdentityTransformStream extends TransformStream {
  constructor(strategy: { highWaterMark?: number } | undefined = undefined) {
    // FixedLengthStream gives its own pair.
    super(pairIsGiven() ? undefined : givePair(identityPair(undefined, highWaterMark(strategy, 'IdentityTransformStream'))));
  }
}

class FixedLengthStream extends IdentityTransformStream {
  constructor(expectedLength: number | bigint, strategy: { highWaterMark?: number } | undefined = undefined) {
    const length = typeof expectedLength === 'bigint' ? toNumber(expectedLength) : MathTrunc(+expectedLength);
    if (length !== length) throw new TypeError('The value cannot be converted because it is not an integer.');
    if (!(length >= 0 && length <= 9007199254740991)) {
      throw new TypeError('FixedLengthStream requires an integer expected length less than 2^53.');
    }
    const mark = highWaterMark(strategy, 'FixedLengthStream');
    // More than what is expected is never useful to buffer.
    super(givePair(identityPair(length + 0, mark === undefined ? undefined : MathMin(mark, length))));
  }
}

defineInterface(IdentityTransformStream, 'IdentityTransformStream');
defineInterface(FixedLengthStream, 'FixedLengthStream');
export { FixedLengthStream, IdentityTransformStream };
