// Both sides of text_decoder_cjk_decoder: what the Encoding standard says, and what ICU's converters do.
import assert from 'node:assert';

const standard = Cloudflare.compatibilityFlags.text_decoder_cjk_decoder;
const bytes = (text) => new Uint8Array(text.split(' ').filter(Boolean).map((byte) => parseInt(byte, 16)));
const decode = (label, text) => new TextDecoder(label).decode(bytes(text));

/** [label, bytes, by the standard, by ICU] */
const CASES = [
  ['gbk', '80', '\u20ac', '\ufffd'],
  ['gb18030', 'a6 d9 fe 90', '\ufe10\u9fba', '\ue78d\ue854'],
  ['gb18030', '84 31 a4 37', '\ufffd', '\ufffd'],
  ['gb18030', '90 30 81 30 81 30 81 30', '\u{10000}\u0080', '\u{10000}\u0080'],
  ['gb18030', '81 30 81 41', '\ufffd0\u4e04', '\ufffd0\u4e04'],
  ['big5', '81 80 41', '\ufffdA', '\ufffd\ufffdA'],
  ['big5', '87 88 a4 40', '\ufffd\u4e00', '\ufffd\u1ebf@'],
  ['big5', '88 62 a4 a4', '\u00ca\u0304\u4e2d', '\u00ca\u0304\u4e2d'],
  ['shift_jis', 'f9 40 f9 a1', '\ue69c\ue6fc', '\ufffd@\ufffd'],
  ['shift_jis', '87 5e', '\ufffd^', '\ufffd'],
  ['euc-jp', '8e e0 41', '\ufffdA', '\ufffd\ufffdA'],
  ['euc-jp', '8f 8e b1', '\ufffd\ufffd', '\ufffd\uff71'],
  ['euc-jp', '8f 8e 41', '\ufffdA', '\ufffd\ufffdA'],
  ['euc-kr', 'b0 a1 b0 7f ff', '\uac00\ufffd\u007f\ufffd', '\uac00\ufffd\u007f\ufffd'],
  ['iso-2022-jp', '1b 24 42 0a 41', '\ufffd\ufffd', '\nA'],
  ['iso-2022-jp', '1b 28 48 5c', '\ufffd(H\\', '\u00a5'],
  ['iso-2022-jp', '1b 24 28 44 41', '\ufffd$(DA', '\ufffdA'],
  ['iso-2022-jp', '1b 24', '\ufffd$', '\ufffd'],
  ['iso-2022-jp', '1b 24 42 46 7c 1b 28 42', '\u65e5', '\u65e5'],
];

export const whole = {
  test() {
    for (const [label, input, spec, icu] of CASES) {
      const expected = standard ? spec : icu;
      assert.strictEqual(decode(label, input), expected, `${label} ${input}`);
      const strict = new TextDecoder(label, { fatal: true });
      // U+FFFD itself can be written in gb18030 only.
      if (expected.includes('\ufffd') && input !== '84 31 a4 37') {
        assert.throws(() => strict.decode(bytes(input)), { name: 'TypeError', message: 'Failed to decode input.' }, `${label} ${input}`);
      } else {
        assert.strictEqual(strict.decode(bytes(input)), expected);
      }
    }
  },
};

export const byteByByte = {
  test() {
    for (const [label, input, spec, icu] of CASES) {
      const decoder = new TextDecoder(label);
      let text = '';
      for (const byte of bytes(input)) text += decoder.decode(new Uint8Array([byte]), { stream: true }) + decoder.decode(new Uint8Array(), { stream: true });
      assert.strictEqual(text + decoder.decode(), standard ? spec : icu, `${label} ${input}`);
    }
  },
};

/** All pairs of bytes, added up: the outputs of the reference have these sums. */
export const allPairs = {
  test() {
    const sums = {};
    const pair = new Uint8Array(2);
    for (const label of ['big5', 'gbk', 'euc-jp', 'shift_jis', 'euc-kr']) {
      const decoder = new TextDecoder(label);
      let sum = 0;
      for (let value = 0x8000; value < 0x10000; value++) {
        pair[0] = value >> 8;
        pair[1] = value & 255;
        const text = decoder.decode(pair);
        for (let i = 0; i < text.length; i++) sum = (Math.imul(sum, 31) + text.charCodeAt(i)) | 0;
      }
      sums[label] = sum;
    }
    assert.deepStrictEqual(sums, standard ? SPEC_SUMS : ICU_SUMS);
  },
};

export const errorsInStreams = {
  test() {
    const decoder = new TextDecoder('iso-2022-jp', { fatal: true });
    decoder.decode(bytes('1b 24 42'), { stream: true });
    assert.throws(() => decoder.decode(bytes('80 81'), { stream: true }), TypeError);
    // The standard's decoder begins anew, ICU's stays in the character set.
    assert.strictEqual(decoder.decode(bytes('46 7c')), standard ? 'F|' : '\u65e5');
    const big5 = new TextDecoder('big5', { fatal: true });
    big5.decode(bytes('a4'), { stream: true });
    assert.throws(() => big5.decode(bytes('20 a4'), { stream: true }), TypeError);
    assert.strictEqual(big5.decode(bytes('40')), '@');
  },
};

// utf-16 is not of these encodings, but ends in the same way everywhere.
export const utf16 = {
  test() {
    assert.strictEqual(new TextDecoder('utf-16le').decode(bytes('00 d8 41')), '\ufffd');
    assert.strictEqual(new TextDecoder('utf-16be').decode(bytes('d8 00 41')), '\ufffd');
    const strict = new TextDecoder('utf-8', { fatal: true });
    assert.throws(() => strict.decode(bytes('ff f0 9f'), { stream: true }), TypeError);
    assert.strictEqual(strict.decode(bytes('41')), 'A');
  },
};

const SPEC_SUMS = { big5: 877421646, gbk: -1746323094, 'euc-jp': 252411189, shift_jis: 366315268, 'euc-kr': 1898537976 };
const ICU_SUMS = { big5: 1582554510, gbk: -650887878, 'euc-jp': 113359980, shift_jis: 819869251, 'euc-kr': 1898537976 };
