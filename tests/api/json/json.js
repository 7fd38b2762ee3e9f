// Response.json() of long texts takes a way of its own (platform/js/json.ts): the value must be what JSON.parse makes of the
// text, in all, and so must the error.
import { deepStrictEqual, rejects, strictEqual, throws } from 'node:assert';

function random(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
}

const KEYS = ['id', 'name', 'a long key of more than sixteen', 'x', '0', '17', '__proto__', 'constructor', '', 'é', 'quo"te', 'then', 'toString'];
const STRINGS = ['', 'a', 'short', 'sixteen chars ..', 'more than sixteen characters', 'new\nline "quoted" \\ back', 'é', '日本語', '\u{1F600}',
  '\ud800 alone', '\u0000\u001f', 'x'.repeat(300), '\u00e9\n'];
const NUMBERS = ['0', '-0', '1', '-1', '268435455', '268435456', '-268435456', '2147483648', '9007199254740993', '123456789012345678',
  '12345678901234567890', '0.1', '-0.0', '1e5', '1E-7', '1.5e+300', '1e400', '4.9e-324', '1e-400', '0.000000000000000000000001', '3.141592653589793',
  '123456.789012345678901234567890', '1.7976931348623157e308'];

function text(next, depth) {
  const pad = next(6) === 0 ? [' ', '\n', '\t ', '\r\n'][next(4)] : '';
  switch (next(depth > 4 ? 5 : 8)) {
    case 0: return NUMBERS[next(NUMBERS.length)];
    case 1: return String(next(100000) / 16);
    case 2: return JSON.stringify(STRINGS[next(STRINGS.length)]);
    case 3: return ['null', 'true', 'false'][next(3)];
    case 4: return `"\\u00${next(10)}${next(10)}\\ud83d\\ude00\\/\\b"`;
    case 5: return `[${pad}${Array.from({ length: next(12) }, () => text(next, depth + 1)).join(`${pad},`)}${pad}]`;
    case 6: return `[${Array.from({ length: next(20) }, () => String(next(3) ? next(1000) : next(1000) / 8))}]`;
    default: {
      const keys = next(2) ? ['id', 'name', 'tags'].slice(0, next(4)) : Array.from({ length: next(6) }, () => KEYS[next(KEYS.length)]);
      return `{${pad}${keys.map((key) => `${JSON.stringify(key)}${pad}:${pad}${text(next, depth + 1)}`).join(`,${pad}`)}${pad}}`;
    }
  }
}

const document = (seed) => {
  const next = random(seed);
  // What is left of characters above these ones decides which way the text takes.
  const all = [/[^]^/g, /[^\0-\u007f]/g, /[^\0-\u00ff]/g][seed % 3];
  return whole(next).replace(all, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
};

function whole(next) {
  return `[${Array.from({ length: 150 }, () => text(next, 0))},"${'.'.repeat(5000)}"]`;
}

/** All there is to see, the order of keys and the attributes of properties included. */
function same(a, b) {
  if (typeof a !== 'object' || a === null) return strictEqual(Object.is(a, b), true, `${String(a)} / ${String(b)}`);
  strictEqual(Object.getPrototypeOf(a), Object.getPrototypeOf(b));
  const keys = Reflect.ownKeys(a);
  deepStrictEqual(keys, Reflect.ownKeys(b));
  for (const key of keys) {
    const { value: x, ...one } = Object.getOwnPropertyDescriptor(a, key);
    const { value: y, ...other } = Object.getOwnPropertyDescriptor(b, key);
    deepStrictEqual(one, other);
    same(x, y);
  }
}

const encoder = new TextEncoder();
const bodies = (source) => [source, encoder.encode(source), new Response(source).body];

export const random_documents = {
  async test() {
    for (let seed = 1; seed <= 120; seed++) {
      const source = document(seed);
      for (const body of bodies(source)) same(await new Response(body).json(), JSON.parse(source));
    }
  },
};

export const random_damage = {
  async test() {
    const next = random(7);
    for (let seed = 1; seed <= 150; seed++) {
      let source = document(seed);
      const at = next(source.length);
      const junk = ['', '"', ',', '}', ']', '{', '[', ':', '\\', '\n', '-', '.', 'e', '0', 'tru', '\u0001', 'é'][next(17)];
      source = source.slice(0, at) + junk + source.slice(at + next(3));
      let expected, message;
      try {
        expected = JSON.parse(source);
      } catch (error) {
        ({ message } = error);
      }
      for (const body of bodies(source)) {
        if (message === undefined) same(await new Response(body).json(), expected);
        else await rejects(new Response(body).json(), { name: 'SyntaxError', message });
      }
    }
  },
};

export const malformed = {
  async test() {
    const filler = ' '.repeat(5000);
    const wrong = ['', '{"a":1,}', '[1,]', '[,1]', '{,}', '{"a"}', '{"a":}', '{a:1}', "['a']", '[1 2]', '01', '1.', '.5', '+1', '-', '1e', 'nul', 'truee', '"',
      '"\\x"', '"\\u12g4"', '"\t"', '[', '{', '[1}', '{"a":1]', '1 1', '[NaN]', '[Infinity]', '{"id":1,"name":"x",}', '{"id":1 "name":2}', '\u00a01', '//'];
    for (const source of wrong) {
      let message;
      throws(() => JSON.parse(filler + source), (error) => ({ message } = error) && error.name === 'SyntaxError');
      for (const body of bodies(filler + source)) await rejects(new Response(body).json(), { name: 'SyntaxError', message });
    }
  },
};

// Objects of these shapes are learned; then come others that begin in the same way, or go on.
export const alike = {
  async test() {
    const usual = Array.from({ length: 400 }, (_, i) => ({ id: i, name: `n${i}`, tags: { a: 1, b: [i] } }));
    const odd = [
      '{"id":1}', '{"id":1,"name":"x"}', '{"id":1,"name":"x","tags":{"a":1,"b":[1]},"more":true}', '{"name":"x","id":1,"tags":1}', '{"id":1,"id":2,"name":3}',
      '{"id":1,"name":"x","tags":{"a":1,"b":2,"a":3}}', '{"id" : 1 , "name" :\n"x","tags"\t:{}}', '{"i\\u0064":1,"name":2,"tags":3}', '{"id":1,"__proto__":[],"tags":2}',
      '{"id":1,"0":2,"tags":3}', '{}', '{"id":{"id":{"id":{"id":1}}}}', '{"idx":1,"name":2,"tags":3}',
    ];
    for (let i = 0; i < 3; i++) {
      for (const each of odd) {
        const source = `[${usual.map((u, j) => (j % 7 === 3 ? each : JSON.stringify(u)))}]`;
        for (const body of bodies(source)) same(await new Response(body).json(), JSON.parse(source));
      }
    }
  },
};

export const deep = {
  async test() {
    for (const depth of [100, 127, 128, 129, 5000]) {
      for (const [open, close] of [['[', ']'], ['{"a":', '}']]) {
        const source = open.repeat(depth) + `"${'x'.repeat(5000)}"` + close.repeat(depth);
        let value = await new Response(encoder.encode(source)).json();
        for (let i = 0; i < depth; i++) value = open === '[' ? value[0] : value.a;
        strictEqual(value.length, 5000);
      }
    }
  },
};

// V8 by itself would end the process.
export const too_deep = {
  async test() {
    const deep = '['.repeat(1 << 26);
    for (const body of [deep, encoder.encode(deep), `"\u20ac"${deep}`]) {
      await rejects(new Response(body).json(), { name: 'SyntaxError', message: 'JSON is nested too deeply' });
    }
    // Many brackets are not many open ones.
    strictEqual((await new Response(`[${'[],'.repeat(9 << 20)}"${'['.repeat(9 << 20)}"]`).json()).length, (9 << 20) + 1);
  },
};

export const byte_order_mark = {
  async test() {
    const source = JSON.stringify({ text: 'x'.repeat(5000) });
    strictEqual((await new Response(encoder.encode(`\ufeff${source}`)).json()).text.length, 5000);
    await rejects(new Response(encoder.encode(`\ufeff\ufeff${source}`)).json(), SyntaxError);
  },
};

export const malformed_utf8 = {
  async test() {
    const bytes = encoder.encode(JSON.stringify({ text: 'x'.repeat(5000) }));
    bytes[2000] = 0xff;
    strictEqual((await new Response(bytes).json()).text[2000 - 9], '\ufffd');
  },
};

// Code that patches the prototypes of objects and arrays neither sees nor changes what is read.
export const pollution = {
  async test() {
    const source = JSON.stringify(Array.from({ length: 300 }, (_, i) => ({ polluted: i, list: [i], many: Array.from({ length: 12 }, () => ({ i })) })));
    const expected = JSON.parse(source);
    const seen = [];
    const trap = { configurable: true, get() { seen.push('get'); }, set() { seen.push('set'); } };
    Object.defineProperty(Object.prototype, 'polluted', trap);
    Object.defineProperty(Array.prototype, '0', trap);
    Object.defineProperty(Array.prototype, '5', trap);
    const { parse } = JSON;
    JSON.parse = () => seen.push('parse');
    let results;
    try {
      results = await Promise.all([source, encoder.encode(source)].map((body) => new Response(body).json()));
    } finally {
      delete Object.prototype.polluted;
      delete Array.prototype[0];
      delete Array.prototype[5];
      JSON.parse = parse;
    }
    deepStrictEqual(seen, []);
    for (const result of results) same(result, expected);
  },
};

// Ever new keys: nothing is to be learned of them, and what is kept is bounded.
export const ever_new_keys = {
  async test() {
    let key = 0;
    for (let round = 0; round < 40; round++) {
      const source = JSON.stringify(Array.from({ length: 400 }, () => ({ [`k${key++}`]: 1, [`l${key++}`]: { [`m${key++}`]: 2 } })));
      same(await new Response(encoder.encode(source)).json(), JSON.parse(source));
    }
    const usual = JSON.stringify(Array.from({ length: 400 }, (_, i) => ({ after: i, all: 'that' })));
    for (let round = 0; round < 5; round++) same(await new Response(usual).json(), JSON.parse(usual));
  },
};
