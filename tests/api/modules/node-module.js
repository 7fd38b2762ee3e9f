// node:module's createRequire() and isBuiltin(), and process.getBuiltinModule(), in both registries.
import assert from 'node:assert';
import fs from 'node:fs';
import process from 'node:process';
import { builtinModules, createRequire, isBuiltin } from 'node:module';

const NEW = Cloudflare.compatibilityFlags.new_module_registry === true;

export const whereItStarts = {
  test() {
    const name = NEW ? 'file:///bundle/' : '/';
    // Of ES modules there is the namespace in one, the default export in the other (require_returns_default_export).
    const value = (exports) => (NEW ? exports.default : exports);
    assert.strictEqual(value(createRequire(`${name}dir/a.js`)('./x.js')), 'dir');
    assert.strictEqual(value(createRequire(new URL(NEW ? 'file:///bundle/dir/x' : 'file:///dir/x'))('../x.js')), 'top');
    for (const bad of ['x', './x', '', 'http://x/', undefined, null, 5, {}, new URL('https://x/')]) {
      assert.throws(() => createRequire(bad), { name: 'TypeError', message: /must be a file URL object, a file URL string, or an absolute path string/ });
    }
    assert.throws(() => createRequire(Symbol('x')), TypeError);
    if (NEW) assert.strictEqual(typeof createRequire('/x?y'), 'function');
    else assert.throws(() => createRequire('/x?y'), { name: 'Error', message: 'The specifier must not have query string parameters or hash fragments.' });
  },
};

export const whatItGives = {
  test() {
    const require = createRequire(NEW ? 'file:///bundle/dir/a.js' : '/dir/a.js');
    assert.strictEqual(require.name, '');
    assert.strictEqual(require.length, 0);
    assert.deepStrictEqual(require('./y.cjs'), { y: 1 });
    assert.deepStrictEqual(require('./j.json'), { j: 1 });
    assert.strictEqual(require('./j.json'), require('./j.json'));
    assert.strictEqual(require('./t.txt'), 'text');
    const none = (name) => (NEW ? `Module not found: ${name}` : `No such module "dir/${name}".`);
    for (const name of ['none', 'undefined', 'null', '5']) assert.throws(() => require(name === '5' ? 5 : name), { name: 'Error', message: none(name) });
    assert.throws(() => require(), { name: 'Error', message: none('undefined') });
    assert.throws(() => require('../../../x.js'), { name: 'Error', message: NEW ? 'Module not found: ../../../x.js' : 'Invalid specifier path: ../../../x.js' });
    if (NEW) assert.throws(() => require('http://['), { name: 'TypeError', message: 'Invalid module specifier: http://[' });
    assert.strictEqual(require('node:fs').readFileSync, fs.readFileSync);
    assert.strictEqual(require('fs'), require('node:fs'));
  },
};

export const builtins = {
  test() {
    for (const name of ['fs', 'node:fs', 'fs/promises', 'node:test', 'sys', 'node:none', 'sqlite']) assert.strictEqual(isBuiltin(name), true, name);
    for (const name of ['test', 'none', '', './fs', 'cloudflare:workers', undefined, 5]) assert.strictEqual(isBuiltin(name), false, `${name}`);
    assert.ok(Object.isFrozen(builtinModules));
    assert.ok(builtinModules.includes('fs') && !builtinModules.includes('test') && !builtinModules.includes('node:fs'));
    assert.strictEqual(process.getBuiltinModule('fs'), process.getBuiltinModule('node:fs'));
    assert.strictEqual(process.getBuiltinModule('process'), process);
    assert.strictEqual(typeof process.getBuiltinModule('cloudflare:workers').WorkerEntrypoint, 'function');
    assert.strictEqual(typeof process.getBuiltinModule('node:test'), 'object');
    for (const name of ['test', 'none', '', undefined, null, {}, './x.js', 'dir/x.js', 'FS']) assert.strictEqual(process.getBuiltinModule(name), undefined, `${name}`);
  },
};
