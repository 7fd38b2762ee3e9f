// What a CommonJS module sees. `results` is looked at by commonjs.js.
const results = {};
exports.results = results;
const seen = (name, look) => {
  try {
    results[name] = look();
  } catch (error) {
    results[name] = `${error.name}: ${error.message}`;
  }
};
seen('module', () => [Object.keys(module), Object.prototype.toString.call(module), module.path, module.constructor.name]);
seen('construct', () => new module.constructor());
seen('path', () => ((module.path = 'other'), module.path));
seen('names', () => [__filename, __dirname]);
seen('require', () => [require.name, require.length, `${require}`, typeof require.cache]);
seen('noArgument', () => require());
seen('undefined', () => require(undefined));
seen('symbol', () => require(Symbol('x')));
seen('object', () => require({ toString: () => '../x.txt' }));
seen('apart', () => (0, require)('../x.txt'));
seen('absolute', () => require('/x.txt'));
seen('up', () => require('../../x.txt'));
seen('nul', () => require('./x\0.txt'));
seen('surrogate', () => require('./\ud800.txt'));
seen('encoded', () => require('../%78.txt'));
seen('missing', () => require('./none.js'));
seen('empty', () => typeof require(''));
seen('data', () => Object.prototype.toString.call(require('../x.bin')));
seen('node', () => [typeof require('node:path').join, typeof require('path').join, require('node:path') === require('path')]);
seen('this', () => this === globalThis);
seen('self', () => require('./commonjs.cjs') === module.exports);
for (const name of ['cloudflare-internal:wrapped-binding', '/cloudflare-internal:wrapped-binding', 'internal:unsafe-eval', 'node-internal:internal_path',
  'workerd:unsafe', 'workerd:unsafe-eval', './internal:unsafe-eval', 'cloudflare-internal:%77rapped-binding', 'node:../internal:unsafe-eval',
  'cloudflare:x/../../internal:unsafe-eval', 'INTERNAL:unsafe-eval', 'internal:unsafe-eval?', 'internal:unsafe-eval#']) {
  seen(`internal ${name}`, () => typeof require(name));
}
