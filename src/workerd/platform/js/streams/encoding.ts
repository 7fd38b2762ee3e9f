// TextEncoderStream and TextDecoderStream (https://encoding.spec.whatwg.org/#interface-textencoderstream).
import { TextDecoder } from '../encoding';
import { flags } from '../flags';
import { badConstructorArgument, defineInterface, illegalInvocation, toDictionary } from '../interface';
import { native } from '../ops';
import { ObjectGetOwnPropertyDescriptor, StringPrototypeCharCodeAt, StringPrototypeSlice, uncurryThis } from '../primordials';
import { Bytes, isBuffer, isSharedBuffer, isView, viewBytes } from './intrinsics';
import { identityPair } from './identity';
import { hasStandardTransform, isTypeScript, specMode } from './mode';
import { type Pair, inheritTransform, transformAround, wrapTransform } from './transform';
import { TransformState, type Transformer } from './transform-state';

const decode = uncurryThis(TextDecoder.prototype.decode as (input?: unknown, options?: object) => string);
const attribute = (name: string): ((self: object) => any) =>
  uncurryThis(ObjectGetOwnPropertyDescriptor(TextDecoder.prototype, name)!.get! as () => unknown);
const streaming = { __proto__: null, stream: true } as object;

/** What the standard has for both: a chunk is transformed when there is a reader for it. */
function makePair(transformer: Transformer): Pair {
  // Without the standard's TransformStream, these too are what that is then.
  if (!hasStandardTransform()) return identityPair(undefined, undefined);
  const t = new TransformState(transformer, 1, undefined, flags.encoder_stream_spec_compliant_backpressure ? 0 : 1, undefined);
  t.start(undefined);
  return wrapTransform(t);
}

function isLead(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** The encoder keeps a lead surrogate at the end of a chunk for the next one. */
function encoder(): Transformer {
  let lead = '';
  return {
    transform(chunk, t) {
      let text = `${chunk as string}`;
      if (text === '') return;
      if (lead !== '') text = lead + text;
      lead = '';
      const last = text.length - 1;
      if (isLead(StringPrototypeCharCodeAt(text, last))) {
        lead = StringPrototypeSlice(text, last);
        text = StringPrototypeSlice(text, 0, last);
      }
      if (text !== '') t.enqueue(native.utf8Encode(text));
    },
    flush(t) {
      if (lead === '') return;
      const replacement = new Bytes(3);
      replacement[0] = 0xef;
      replacement[1] = 0xbf;
      replacement[2] = 0xbd;
      t.enqueue(replacement);
    },
    cancel: undefined,
  };
}

class Given {
  constructor(value: object) {
    return value;
  }
}

/** Puts private fields on a stream that another constructor made. */
class Encoding extends Given {
  readonly #brand = true;

  static has(stream: unknown): boolean {
    return typeof stream === 'object' && stream !== null && #brand in stream;
  }
}

class TextEncoderStream {
  constructor() {
    return new Encoding(transformAround(makePair(encoder()), new.target)) as never;
  }

  get encoding(): string {
    if (!Encoding.has(this)) throw illegalInvocation();
    return 'utf-8';
  }
}

function decoderTransformer(decoder: object): Transformer {
  return {
    transform(chunk, t) {
      if (!isView(chunk) && !isBuffer(chunk) && !(specMode() && isSharedBuffer(chunk))) {
        throw new TypeError('This TransformStream is being used as a byte stream, but received a value that is not a BufferSource.');
      }
      const text = decode(decoder, isView(chunk) && viewBytes(chunk) === 0 ? undefined : chunk, streaming);
      if (text !== '') t.enqueue(text);
    },
    flush(t) {
      const text = decode(decoder);
      if (text !== '') t.enqueue(text);
    },
    cancel: undefined,
  };
}

class Decoding extends Given {
  readonly #decoder: object;

  constructor(stream: object, decoder: object) {
    super(stream);
    this.#decoder = decoder;
  }

  static decoderOf(stream: unknown): object {
    if (typeof stream !== 'object' || stream === null || !(#decoder in stream)) throw illegalInvocation();
    return stream.#decoder;
  }
}

class TextDecoderStream {
  constructor(label: string | undefined = undefined, options: { fatal?: boolean; ignoreBOM?: boolean } | undefined = undefined) {
    let decoder: object;
    const given = toDictionary<{ fatal?: boolean; ignoreBOM?: boolean }>(options,
      () => badConstructorArgument('TextDecoderStream', 2, 'TextDecoderStreamInit'));
    if (options === undefined || (given === undefined && specMode())) {
      decoder = new TextDecoder(label);
    } else {
      const { fatal, ignoreBOM } = given ?? {};
      // workerd decodes fatally when options are given and do not say otherwise.
      decoder = new TextDecoder(label, { fatal: fatal === undefined ? !flags.pedantic_wpt : !!fatal, ignoreBOM: !!ignoreBOM } as never);
    }
    return new Decoding(transformAround(makePair(decoderTransformer(decoder)), new.target), decoder) as never;
  }

  get encoding(): string { return attribute_encoding(Decoding.decoderOf(this)); }
  get fatal(): boolean { return attribute_fatal(Decoding.decoderOf(this)); }
  get ignoreBOM(): boolean { return attribute_ignoreBOM(Decoding.decoderOf(this)); }
}

const attribute_encoding = attribute('encoding') as (d: object) => string;
const attribute_fatal = attribute('fatal') as (d: object) => boolean;
const attribute_ignoreBOM = attribute('ignoreBOM') as (d: object) => boolean;

inheritTransform(TextEncoderStream);
inheritTransform(TextDecoderStream);
defineInterface(TextEncoderStream, 'TextEncoderStream', { standard: isTypeScript });
defineInterface(TextDecoderStream, 'TextDecoderStream', { standard: isTypeScript });
export { TextDecoderStream, TextEncoderStream };
