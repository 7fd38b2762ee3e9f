// TextEncoder (https://encoding.spec.whatwg.org/#interface-textencoder).
import { addOwnProperties, badArgument, defineInterface, illegalInvocation, legacyOwnProperties } from '../interface';
import { native } from '../ops';
import { TypedArrayPrototypeGetToStringTag } from '../primordials';

class TextEncoder {
  readonly #encoder = true;

  constructor() {
    if (legacyOwnProperties) addOwnProperties(this);
  }

  get encoding(): string { if (!(#encoder in this)) throw illegalInvocation(); return 'utf-8'; }

  encode(input: string = ''): Uint8Array {
    if (!(#encoder in this)) throw illegalInvocation();
    return native.utf8Encode(typeof input === 'string' ? input : `${input}`);
  }

  encodeInto(source: string, destination: Uint8Array): { read: number; written: number } {
    if (!(#encoder in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('encodeInto', 'TextEncoder', 1, 'String');
    const text = typeof source === 'string' ? source : `${source}`;
    if (TypedArrayPrototypeGetToStringTag(destination) !== 'Uint8Array') throw badArgument('encodeInto', 'TextEncoder', 2, 'Uint8Array');
    native.utf8EncodeTo(text, destination);
    const counts = native.utf8Counts;
    return { read: counts[0]!, written: counts[1]! };
  }

  static {
    defineInterface(this, 'TextEncoder', { brand: (o) => #encoder in o, ownProperties: ['encoding'] });
  }
}

export { TextEncoder };
