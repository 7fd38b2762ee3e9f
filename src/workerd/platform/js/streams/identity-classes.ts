// The classes of identity.ts that users construct.
import { badConstructorArgument, defineInterface } from '../interface';
import { requireIoContext } from '../io-context';
import { MathMin, ObjectSetPrototypeOf } from '../primordials';
import { identityPair } from './identity';
import { standardIdentityPair } from './identity-standard';
import { isTypeScript } from './mode';
import type { ReadableStream } from './readable';
import { toUint64 } from './strategy';
import { type Pair, TransformStream, givePair, inheritTransform, takePair, transformAround } from './transform';
import type { WritableStream } from './writable';

function highWaterMark(strategy: { highWaterMark?: unknown } | null | undefined, owner: string, index: number): number | undefined {
  if (strategy === undefined || strategy === null) return undefined;
  if (typeof strategy !== 'object' && typeof strategy !== 'function') throw badConstructorArgument(owner, index, 'QueuingStrategy');
  const value = strategy.highWaterMark;
  return value === undefined ? undefined : toUint64(value);
}

function makePair(expectedLength: number | undefined, mark: number | undefined): Pair {
  return isTypeScript() ? standardIdentityPair(expectedLength, mark) : identityPair(expectedLength, mark);
}

class IdentityTransformStream {
  declare readonly readable: ReadableStream;
  declare readonly writable: WritableStream;

  constructor(strategy: { highWaterMark?: number } | undefined = undefined) {
    // FixedLengthStream gives its own pair.
    if (!isTypeScript()) requireIoContext();
    const pair = takePair() ?? makePair(undefined, highWaterMark(strategy, 'IdentityTransformStream', 1));
    return transformAround(pair, new.target) as IdentityTransformStream;
  }
}
ObjectSetPrototypeOf(IdentityTransformStream, TransformStream);
inheritTransform(IdentityTransformStream);

class FixedLengthStream extends IdentityTransformStream {
  constructor(expectedLength: number | bigint, strategy: { highWaterMark?: number } | undefined = undefined) {
    const length = toUint64(expectedLength);
    if (length > 9007199254740991) {
      throw new TypeError('FixedLengthStream requires an integer expected length less than 2^53.');
    }
    const mark = highWaterMark(strategy, 'FixedLengthStream', 2);
    // More than what is expected is never useful to buffer.
    givePair(makePair(length + 0, mark === undefined ? undefined : MathMin(mark, length)));
    super();
  }
}

defineInterface(IdentityTransformStream, 'IdentityTransformStream', { standard: isTypeScript });
defineInterface(FixedLengthStream, 'FixedLengthStream', { standard: isTypeScript });
export { FixedLengthStream, IdentityTransformStream };
