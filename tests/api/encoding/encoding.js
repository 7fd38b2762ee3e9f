import assert from 'node:assert';

const bytes = (...values) => new Uint8Array(values);

export const encoder = {
  test() {
    const encode = (text) => [...new TextEncoder().encode(text)];
    assert.deepStrictEqual(encode('a\u00e9\u20ac\u{1f600}'), [0x61, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80]);
    assert.deepStrictEqual(encode('\ud800x'), [0xef, 0xbf, 0xbd, 0x78]);
    assert.deepStrictEqual(encode(), []);
    const target = new Uint8Array(5);
    assert.deepStrictEqual(new TextEncoder().encodeInto('\u20ac\u20ac', target), { read: 1, written: 3 });
    assert.throws(() => new TextEncoder().encodeInto('x', new Uint16Array(1)), /parameter 2 is not of type 'Uint8Array'/);
  },
};

export const malformedUtf8 = {
  test() {
    const decode = (...values) => new TextDecoder().decode(bytes(...values));
    assert.strictEqual(decode(0xff, 0x61), '\ufffda');
    assert.strictEqual(decode(0xf0, 0x9f, 0x61), '\ufffda');
    assert.strictEqual(decode(0xe0, 0x80, 0x80), '\ufffd\ufffd\ufffd');
    assert.strictEqual(decode(0xed, 0xa0, 0x80), '\ufffd\ufffd\ufffd');
    assert.strictEqual(decode(0xe2, 0x82), '\ufffd');
    assert.strictEqual(decode(0xf4, 0x90, 0x80, 0x80), '\ufffd\ufffd\ufffd\ufffd');
    assert.strictEqual(decode(0xc3, 0xa9), '\u00e9');
    for (const bad of [[0x80], [0xc0, 0x80], [0xf5], [0xe2, 0x82], [0xed, 0xbf, 0xbf]]) {
      assert.throws(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes(...bad)), { name: 'TypeError', message: 'Failed to decode input.' });
    }
  },
};

export const streaming = {
  test() {
    const text = '\ufeffa\u00e9\u20ac\u{1f600}z';
    const encoded = new TextEncoder().encode(text);
    for (const ignoreBOM of [false, true]) {
      const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM });
      let out = '';
      for (const byte of encoded) out += decoder.decode(bytes(byte), { stream: true });
      out += decoder.decode();
      assert.strictEqual(out, ignoreBOM ? text : text.slice(1));
    }
    for (const label of ['utf-16le', 'utf-16be']) {
      const units = [...text].flatMap((c) => c.split('')).flatMap((c) => {
        const code = c.charCodeAt(0);
        return label === 'utf-16le' ? [code & 255, code >> 8] : [code >> 8, code & 255];
      });
      const decoder = new TextDecoder(label);
      let out = '';
      for (const byte of units) out += decoder.decode(bytes(byte), { stream: true });
      assert.strictEqual(out + decoder.decode(), text.slice(1), label);
    }
    const decoder = new TextDecoder('utf-8', { fatal: true });
    decoder.decode(bytes(0xe2, 0x82), { stream: true });
    assert.throws(() => decoder.decode(), TypeError);
    assert.strictEqual(decoder.decode(bytes(0x61)), 'a');
  },
};

export const labels = {
  test() {
    for (const [label, name] of [['UTF8', 'utf-8'], [' latin1\n', 'windows-1252'], ['utf-16', 'utf-16le'], ['sjis', 'shift_jis'],
      ['gb2312', 'gbk'], ['x-user-defined', 'x-user-defined'], ['iso-8859-8-i', 'iso-8859-8-i']]) {
      assert.strictEqual(new TextDecoder(label).encoding, name);
    }
    assert.throws(() => new TextDecoder('nope'), { name: 'RangeError', message: '"nope" is not a valid encoding.' });
    assert.throws(() => new TextDecoder('replacement'), RangeError);
  },
};

export const legacy = {
  test() {
    assert.strictEqual(new TextDecoder('latin1').decode(bytes(0x80, 0xe9, 0x81)), '\u20ac\u00e9\u0081');
    assert.strictEqual(new TextDecoder('shift_jis').decode(bytes(0x93, 0xfa, 0x96, 0x7b)), '\u65e5\u672c');
    assert.strictEqual(new TextDecoder('euc-kr').decode(bytes(0xc7, 0xd1)), '\ud55c');
    assert.strictEqual(new TextDecoder('gb18030').decode(bytes(0x81, 0x30, 0x81, 0x30)), '\u0080');
    assert.strictEqual(new TextDecoder('koi8-r').decode(bytes(0xc1)), '\u0430');
    assert.strictEqual(new TextDecoder('x-user-defined').decode(bytes(0x41, 0x80)), 'A\uf780');
    for (const label of ['ibm866', 'iso-8859-2', 'iso-8859-8', 'koi8-u', 'macintosh', 'windows-1250', 'windows-1258', 'x-mac-cyrillic']) {
      assert.strictEqual(new TextDecoder(label, { fatal: true }).decode(bytes(0x41)), 'A', label);
    }
    assert.throws(() => new TextDecoder('windows-874', { fatal: true }).decode(bytes(0xdb)), TypeError);
    const decoder = new TextDecoder('euc-jp');
    assert.strictEqual(decoder.decode(bytes(0xc6), { stream: true }) + decoder.decode(bytes(0xfc)), '\u65e5');
  },
};

export const sources = {
  test() {
    const decoder = new TextDecoder();
    const shared = new Uint8Array(new SharedArrayBuffer(2));
    shared.set([0x68, 0x69]);
    assert.strictEqual(decoder.decode(shared), 'hi');
    assert.strictEqual(decoder.decode(new DataView(bytes(1, 0x61, 2).buffer, 1, 1)), 'a');
    assert.strictEqual(decoder.decode(new Uint16Array([0x6261])), 'ab');
    for (const bad of [null, 1, 'x', {}, []]) assert.throws(() => decoder.decode(bad), /parameter 1 is not of type 'Array'/);
  },
};

export const base64 = {
  test() {
    const all = String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i));
    assert.strictEqual(atob(btoa(all)), all);
    assert.strictEqual(btoa('a'), 'YQ==');
    assert.strictEqual(atob(' Y\tQ\n= ='), 'a');
    assert.strictEqual(atob('YQ'), 'a');
    assert.strictEqual(btoa(null), 'bnVsbA==');
    for (const bad of ['Y', 'YQ=', 'YQ===', 'Y=Q=', '\u0100', 'YQ==Y', '-_', '=']) {
      assert.throws(() => atob(bad), { name: 'InvalidCharacterError', code: 5 }, bad);
    }
    assert.throws(() => btoa('\u0100'), { name: 'InvalidCharacterError' });
  },
};

// The encoder in C++ against one that goes code point by code point.
export const encoderFindsItsWayThroughAnyText = {
  test() {
    const expected = (text, room) => {
      const out = [];
      let read = 0;
      for (const character of text) {
        const c = character.length === 1 && /[\ud800-\udfff]/.test(character) ? 0xfffd : character.codePointAt(0);
        const part = c < 0x80 ? [c] : c < 0x800 ? [0xc0 | c >> 6, 0x80 | c & 63]
          : c < 0x10000 ? [0xe0 | c >> 12, 0x80 | c >> 6 & 63, 0x80 | c & 63]
            : [0xf0 | c >> 18, 0x80 | c >> 12 & 63, 0x80 | c >> 6 & 63, 0x80 | c & 63];
        if (out.length + part.length > room) break;
        out.push(...part);
        read += character.length;
      }
      return { out, read };
    };
    const parts = ['a', 'plain ASCII of some length', '\u00e9', '\u00ff\u00fe', '\u0416\u0436', '\u20ac', '\u{1f600}', '\ud83d', '\ude00', '\0', '\u07ff\u0800\uffff'];
    let state = 1;
    const random = (n) => (state = (state * 48271) % 2147483647) % n;
    for (let round = 0; round < 400; round++) {
      let text = '';
      for (let i = random(12); i >= 0; i--) text += parts[random(round % 2 ? 4 : parts.length)];
      const whole = expected(text, Infinity);
      assert.deepStrictEqual([...new TextEncoder().encode(text)], whole.out, JSON.stringify(text));
      for (const room of [0, 1, random(40), whole.out.length - 1, whole.out.length, text.length * 3 + 8]) {
        if (room < 0) continue;
        const { out, read } = expected(text, room);
        const target = new Uint8Array(room + 2).fill(0x55);
        const result = new TextEncoder().encodeInto(text, target.subarray(1, room + 1));
        assert.deepStrictEqual(result, { read, written: out.length }, `${JSON.stringify(text)} into ${room}`);
        assert.deepStrictEqual([...target.subarray(1, out.length + 1)], out);
        assert.strictEqual(target[0], 0x55);
        assert.strictEqual(target[room + 1], 0x55);
      }
    }
  },
};

export const base64OfAllLengths = {
  test() {
    const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    for (let length = 0; length < 120; length++) {
      let text = '';
      for (let i = 0; i < length; i++) text += String.fromCharCode((i * 37 + length * 101) & 255);
      let expected = '';
      for (let i = 0; i < length; i += 3) {
        const at = (j) => (i + j < length ? text.charCodeAt(i + j) : 0);
        const v = at(0) << 16 | at(1) << 8 | at(2);
        expected += digits[v >> 18] + digits[v >> 12 & 63] + (i + 1 < length ? digits[v >> 6 & 63] : '=') + (i + 2 < length ? digits[v & 63] : '=');
      }
      assert.strictEqual(btoa(text), expected);
      assert.strictEqual(atob(expected), text);
      // Anything else than a digit, at each place.
      for (let at = 0; at < expected.length; at += 1 + (length >> 4)) {
        for (const bad of ['!', '-', '_', '\x7f', '\x80', '\xff', '@', '[', '`', '{', '.', ':', ',', '\0', '\u0141']) {
          assert.throws(() => atob(expected.slice(0, at) + bad + expected.slice(at + 1)), { name: 'InvalidCharacterError' });
        }
        assert.strictEqual(atob(`${expected.slice(0, at)} \n${expected.slice(at)}`), text);
      }
    }
  },
};
