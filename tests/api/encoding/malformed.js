// Malformed UTF-8, whole and in pieces, against the standard's own decoder, byte by byte
// (https://encoding.spec.whatwg.org/#utf-8-decoder).
import { strictEqual, throws } from 'node:assert';

const PARTS = [
  [0x41], [0xc3, 0xa9], [0xe2, 0x82, 0xac], [0xf0, 0x9f, 0x98, 0x80], [0xff], [0x80], [0xe2, 0x82], [0xf0, 0x9f], [0xf0, 0x9f, 0x98], [0xed, 0xa0, 0x80],
  [0xc0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe0, 0x80, 0x80], [0xf5], [0xc2], [0xe1], [0xf4, 0x8f, 0xbf, 0xbf], [0x00],
];

function standard(bytes) {
  let text = '', point = 0, needed = 0, seen = 0, low = 0x80, high = 0xbf, malformed = false;
  const replace = () => {
    text += '\ufffd';
    malformed = true;
  };
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (needed === 0) {
      if (byte < 0x80) text += String.fromCharCode(byte);
      else if (byte >= 0xc2 && byte <= 0xdf) [needed, point] = [1, byte & 0x1f];
      else if (byte >= 0xe0 && byte <= 0xef) [needed, point, low, high] = [2, byte & 0xf, byte === 0xe0 ? 0xa0 : 0x80, byte === 0xed ? 0x9f : 0xbf];
      else if (byte >= 0xf0 && byte <= 0xf4) [needed, point, low, high] = [3, byte & 7, byte === 0xf0 ? 0x90 : 0x80, byte === 0xf4 ? 0x8f : 0xbf];
      else replace();
      continue;
    }
    const fits = byte >= low && byte <= high;
    [low, high] = [0x80, 0xbf];
    if (!fits) {
      [point, needed, seen] = [0, 0, 0];
      i--;
      replace();
      continue;
    }
    point = (point << 6) | (byte & 0x3f);
    if (++seen === needed) {
      text += String.fromCodePoint(point);
      [point, needed, seen] = [0, 0, 0];
    }
  }
  if (needed > 0) replace();
  return { text, malformed };
}

export const random_bytes = {
  test() {
    let state = 1;
    const random = (below) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % below;
    };
    for (let round = 0; round < 5000; round++) {
      const bytes = new Uint8Array(Array.from({ length: random(40) }, () => PARTS[random(PARTS.length)]).flat());
      const { text, malformed } = standard(bytes);
      strictEqual(new TextDecoder().decode(bytes), text);
      const decoder = new TextDecoder();
      const cut = random(bytes.length + 1);
      strictEqual(decoder.decode(bytes.subarray(0, cut), { stream: true }) + decoder.decode(bytes.subarray(cut)), text);
      const fatal = new TextDecoder('utf-8', { fatal: true });
      if (malformed) throws(() => fatal.decode(bytes), TypeError);
      else strictEqual(fatal.decode(bytes), text);
    }
  },
};
