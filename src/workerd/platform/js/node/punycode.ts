// node:punycode: what Node has is this package.
// @ts-expect-error no types
import punycode from 'punycode/punycode.es6.js';

const { ucs2, decode, encode, toASCII, toUnicode } = punycode as any;
export default { version: '2.1.0', ucs2, decode, encode, toASCII, toUnicode };
