// Decoders of the legacy single-byte and multi-byte encodings (https://encoding.spec.whatwg.org/), for TextDecoder.
import { createMultibyteDecoder } from '@exodus/bytes/multi-byte.js';
import { createSinglebyteDecoder } from '@exodus/bytes/single-byte.js';

type Decoder = (bytes: Uint8Array, stream: boolean) => string;

const MULTIBYTE = new Set(['gbk', 'gb18030', 'big5', 'euc-jp', 'iso-2022-jp', 'shift_jis', 'euc-kr']);
// Single-byte decoders have no state, and a table each.
const singleByte = new Map<string, Decoder>();
let making = false;

/** A function that decodes chunk after chunk. Without `fatal`, what is malformed becomes U+FFFD. */
export function createDecoder(encoding: string, fatal: boolean): Decoder {
  if (MULTIBYTE.has(encoding)) return createMultibyteDecoder(encoding, !fatal);
  const key = `${encoding} ${fatal}`;
  let decoder = singleByte.get(key);
  if (decoder !== undefined) return decoder;
  // The library asks a TextDecoder first, which would be one of ours; refused, it takes its own tables.
  if (making) throw new RangeError(`${encoding} is being made`);
  making = true;
  try {
    singleByte.set(key, decoder = createSinglebyteDecoder(encoding, !fatal));
  } finally {
    making = false;
  }
  return decoder;
}
