// Decoders of the legacy single-byte and multi-byte encodings (https://encoding.spec.whatwg.org/), for TextDecoder.
import { createMultibyteDecoder } from '@exodus/bytes/multi-byte.js';
import { createSinglebyteDecoder } from '@exodus/bytes/single-byte.js';

const MULTIBYTE = ['gbk', 'gb18030', 'big5', 'euc-jp', 'iso-2022-jp', 'shift_jis', 'euc-kr'];

/** A function that decodes chunk after chunk. Without `fatal`, what is malformed becomes U+FFFD. */
export function createDecoder(encoding: string, fatal: boolean): (bytes: Uint8Array, stream: boolean) => string {
  return MULTIBYTE.includes(encoding) ? createMultibyteDecoder(encoding, !fatal) : createSinglebyteDecoder(encoding, !fatal);
}
