// Decoders of the legacy single-byte and multi-byte encodings (https://encoding.spec.whatwg.org/), for TextDecoder.
import { createMultibyteDecoder } from '@exodus/bytes/multi-byte.js';
import { createSinglebyteDecoder } from '@exodus/bytes/single-byte.js';
import { createIcuDecoder } from '../encoding/legacy/icu-multibyte';

type Decoder = (bytes: Uint8Array, stream: boolean) => string;

// An object: Set's methods may have been patched before this bundle was loaded.
const MULTIBYTE: Record<string, true> = {
  __proto__: null as never, gbk: true, gb18030: true, big5: true, 'euc-jp': true, 'iso-2022-jp': true, shift_jis: true, 'euc-kr': true,
};
// Single-byte decoders have no state, and a table each.
const singleByte: Record<string, Decoder> = { __proto__: null as never };
let making = false;

/** What is malformed throws, and the next chunk begins anew. */
function forgetful(encoding: string): Decoder {
  let decode = createMultibyteDecoder(encoding, false);
  return (bytes, stream) => {
    try {
      return decode(bytes, stream);
    } catch (e) {
      decode = createMultibyteDecoder(encoding, false);
      throw e;
    }
  };
}

/**
 * A function that decodes chunk after chunk. Without `fatal`, what is malformed becomes U+FFFD. `standard`: the multi-byte encodings
 * as the Encoding standard has them, else as ICU has them.
 */
export function createDecoder(encoding: string, fatal: boolean, standard: boolean): Decoder {
  if (MULTIBYTE[encoding]) {
    if (standard) return fatal ? forgetful(encoding) : createMultibyteDecoder(encoding, true);
    const whole = createMultibyteDecoder(encoding, true);
    return createIcuDecoder(encoding, fatal, (bytes) => whole(bytes, false));
  }
  const key = `${encoding} ${fatal}`;
  let decoder = singleByte[key];
  if (decoder !== undefined) return decoder;
  // The library asks a TextDecoder first, which would be one of ours; refused, it takes its own tables.
  if (making) throw new RangeError(`${encoding} is being made`);
  making = true;
  try {
    singleByte[key] = decoder = createSinglebyteDecoder(encoding, !fatal);
  } finally {
    making = false;
  }
  return decoder;
}
