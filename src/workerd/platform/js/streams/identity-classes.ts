// The classes of identity.ts that users construct.
import { defineInterface } from '../interface';
import { requireIoContext } from '../io-context';
import { MathMin, MathTrunc, ObjectSetPrototypeOf } from '../primordials';
import { enforceUnsigned } from './byob-request';
import { identityPair } from './identity';
import { isTypeScript } from './mode';
import type { ReadableStream } from './readable';
import { TransformStream, givePair, inheritTransform, takePair, transformAround } from './transform';
import type { WritableStream } from './writable';

const toNumber = Number;

function highWaterMark(strategy: { highWaterMark?: unknown } | null | undefined, owner: string): number | undefined {
  if (strategy === undefined || strategy === null) return undefined;
  if (typeof strategy !== 'object' && typeof strategy !== 'function') throw new TypeError(`Failed to construct '${owner}': the queuing strategy must be an object.`);
  const value = strategy.highWaterMark;
  return value === undefined ? undefined : enforceUnsigned(value, 'highWaterMark');
}

class IdentityTransformStream {
  declare readonly readable: ReadableStream;
  declare readonly writable: WritableStream;

  constructor(strategy: { highWaterMark?: number } | undefined = undefined) {
    // FixedLengthStream gives its own pair.
    if (!isTypeScript()) requireIoContext();
    const pair = takePair() ?? identityPair(undefined, highWaterMark(strategy, 'IdentityTransformStream'));
    return transformAround(pair, new.target) as IdentityTransformStream;
  }
}
ObjectSetPrototypeOf(IdentityTransformStream, TransformStream);
inheritTransform(IdentityTransformStream);

class FixedLengthStream extends IdentityTransformStream {
  constructor(expectedLength: number | bigint, strategy: { highWaterMark?: number } | undefined = undefined) {
    const length = typeof expectedLength === 'bigint' ? toNumber(expectedLength) : MathTrunc(+expectedLength);
    if (length !== length) throw new TypeError('The value cannot be converted because it is not an integer.');
    if (!(length >= 0 && length <= 9007199254740991)) {
      throw new TypeError('FixedLengthStream requires an integer expected length less than 2^53.');
    }
    const mark = highWaterMark(strategy, 'FixedLengthStream');
    // More than what is expected is never useful to buffer.
    givePair(identityPair(length + 0, mark === undefined ? undefined : MathMin(mark, length)));
    super();
  }
}

defineInterface(IdentityTransformStream, 'IdentityTransformStream', { standard: isTypeScript });
defineInterface(FixedLengthStream, 'FixedLengthStream', { standard: isTypeScript });
export { FixedLengthStream, IdentityTransformStream };
