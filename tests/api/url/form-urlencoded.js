// application/x-www-form-urlencoded against the algorithms of https://url.spec.whatwg.org/#application/x-www-form-urlencoded written
// out byte by byte. Inputs are random, from a fixed seed.
import assert from 'node:assert';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function randomFrom(seed) {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * n);
  };
}

function hex(byte) {
  const text = String.fromCharCode(byte);
  return /[0-9A-Fa-f]/.test(text) ? parseInt(text, 16) : -1;
}

function oracleDecode(bytes) {
  const out = [];
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === 0x25 && i + 2 < bytes.length && hex(bytes[i + 1]) >= 0 && hex(bytes[i + 2]) >= 0) {
      out.push(hex(bytes[i + 1]) * 16 + hex(bytes[i + 2]));
      i += 2;
    } else {
      out.push(bytes[i] === 0x2b ? 0x20 : bytes[i]);
    }
  }
  return decoder.decode(new Uint8Array(out));
}

function split(bytes, byte) {
  const parts = [[]];
  for (const b of bytes) if (b === byte) parts.push([]); else parts.at(-1).push(b);
  return parts;
}

function oracleParse(text) {
  const pairs = [];
  for (const part of split(encoder.encode(text), 0x26)) {
    if (part.length === 0) continue;
    const equals = part.indexOf(0x3d);
    pairs.push(equals < 0 ? [oracleDecode(part), ''] : [oracleDecode(part.slice(0, equals)), oracleDecode(part.slice(equals + 1))]);
  }
  return pairs;
}

function oracleEncode(text) {
  let out = '';
  for (const byte of encoder.encode(text)) {
    const char = String.fromCharCode(byte);
    out += /[0-9A-Za-z*\-._]/.test(char) ? char : char === ' ' ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

const oracleSerialize = (pairs) => pairs.map(([name, value]) => `${oracleEncode(name)}=${oracleEncode(value)}`).join('&');

function check(text) {
  const params = new URLSearchParams(text);
  const pairs = oracleParse(text[0] === '?' ? text.slice(1) : text);
  assert.deepStrictEqual([...params], pairs, JSON.stringify(text));
  assert.strictEqual(params.size, pairs.length);
  assert.strictEqual(params.toString(), oracleSerialize(pairs), JSON.stringify(text));
}

const PLAIN = ['a', 'Z', '7', 'name', 'a longer value', '-', '.', '_', '*', '~', '!', "'", '(', '/', ':', '\0', '\x7f', '\n', '"', '#', '?'];
const FORM = ['&', '&', '=', '=', '+', '%20', '%26', '%3D', '%2B', '%25', '%00', '%', '%%', '%4', '%g1', '%1g', '%e', '&&', '=&'];
const WIDE = ['\u00e9', '\u00ff', '\u20ac', '\ufeff', '\ufffd', '\u{1f600}', '\ud800', '\udc00', '\ud83d', '%C3%A9', '%c3', '%A9', '%EF%BB%BF',
  '%F0%9F%98%80', '%F0%9F', '%E2%82', '%ED%A0%80', '%FF', '%C0%80', '%80', '%F4%90%80%80'];

function randomText(random, alphabet, most) {
  let text = '';
  for (let n = random(most); n > 0; n--) text += alphabet[random(alphabet.length)];
  return text;
}

export const random = {
  test() {
    const random = randomFrom(20261126);
    const all = [...PLAIN, ...FORM, ...WIDE];
    for (let i = 0; i < 3000; i++) {
      check(randomText(random, [...PLAIN, ...FORM], 24));
      check(randomText(random, all, 24));
      check(randomText(random, [...FORM, ...WIDE], 12));
    }
  },
};

// Around the sizes from which buffers and lists are held elsewhere.
export const sizes = {
  test() {
    const random = randomFrom(7);
    for (const count of [1, 2, 62, 63, 64, 65, 126, 127, 128, 129, 500, 5000]) {
      for (const alphabet of [['a', 'b1', 'some-longer-value'], [...PLAIN, '%20', '+'], [...PLAIN, ...WIDE]]) {
        const pairs = Array.from({ length: count }, () => `${randomText(random, alphabet, 4)}=${randomText(random, alphabet, 6)}`);
        check(pairs.join('&'));
      }
    }
    for (let length = 500; length < 520; length++) check(`%41=${'x'.repeat(length)}`);
    for (const length of [255, 256, 257, 767, 768, 769, 1535, 1536, 1537]) {
      for (const char of ['x', ' ', '/', '\u00e9', '\u20ac']) check(`a=${char.repeat(length)}`);
    }
  },
};

export const lists = {
  test() {
    const random = randomFrom(99);
    const all = [...PLAIN, ...WIDE, '&', '='];
    for (let i = 0; i < 1000; i++) {
      const given = Array.from({ length: random(6) }, () => [randomText(random, all, 4), randomText(random, all, 8)]);
      const params = new URLSearchParams(given);
      const pairs = given.map((pair) => pair.map((text) => text.toWellFormed()));
      assert.deepStrictEqual([...params], pairs);
      assert.strictEqual(params.toString(), oracleSerialize(pairs));
      const url = new URL('http://a/');
      for (const [name, value] of given) url.searchParams.append(name, value);
      assert.strictEqual(url.search, pairs.length === 0 ? '' : `?${oracleSerialize(pairs)}`);
    }
  },
};

// What one parse says of its list is not taken for what another does.
export const oneAfterTheOther = {
  test() {
    const texts = ['', '&', 'a', 'a=1&b=2', 'a=%C3%A9', 'x=1&'.repeat(300), 'x=%41&'.repeat(300), '%80=%80&%80'];
    for (const first of texts) {
      for (const second of texts) {
        const one = new URLSearchParams(first);
        const two = new URLSearchParams(second);
        assert.deepStrictEqual([...one], oracleParse(first));
        assert.deepStrictEqual([...two], oracleParse(second));
      }
    }
    const params = new URLSearchParams('x=1&'.repeat(300));
    params.append('y', '2');
    params.delete('x');
    assert.strictEqual(params.toString(), 'y=2');
  },
};

// Accessors that user code puts on prototypes hear of nothing.
export const overheard = {
  test() {
    const heard = [];
    const hear = { configurable: true, set(value) { heard.push(value); }, get() { return undefined; } };
    for (const [target, key] of [[Array.prototype, '0'], [Object.prototype, '1'], [Object.prototype, '300']]) Object.defineProperty(target, key, hear);
    let text;
    let many;
    try {
      text = new URLSearchParams('a=1&b=2').toString();
      many = new URLSearchParams('x=%41&'.repeat(300)).toString();
    } finally {
      for (const [target, key] of [[Array.prototype, '0'], [Object.prototype, '1'], [Object.prototype, '300']]) delete target[key];
    }
    assert.deepStrictEqual(heard, []);
    assert.strictEqual(text, 'a=1&b=2');
    assert.strictEqual(many, Array(300).fill('x=A').join('&'));
  },
};

// By UTF-16 code units, equal names in their order.
export const sorted = {
  test() {
    const random = randomFrom(5);
    const names = ['', 'a', 'b', 'aa', 'B', '1', '\u00e9', '\uffff', '\u{1f600}', 'a b'];
    for (let i = 0; i < 600; i++) {
      const pairs = Array.from({ length: random(i % 3 === 0 ? 60 : 14) }, (_, n) => [names[random(names.length)], `${n}`]);
      const params = new URLSearchParams(pairs);
      params.sort();
      const order = pairs.map((pair, n) => ({ pair, n })).sort((x, y) => (x.pair[0] < y.pair[0] ? -1 : x.pair[0] > y.pair[0] ? 1 : x.n - y.n));
      assert.deepStrictEqual([...params], order.map(({ pair }) => pair));
    }
  },
};
