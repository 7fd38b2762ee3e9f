// CommonJS modules, in both registries.
import assert from 'node:assert';
import { results } from './dir/commonjs.cjs';
import declares from './dir/declares.cjs';

const NEW = Cloudflare.compatibilityFlags.new_module_registry === true;
const home = NEW ? 'file:///bundle/' : '/';
const none = (specifier, path) => (NEW ? `Error: Module not found: ${specifier}` : `Error: No such module "${path}".`);

export const module = {
  test() {
    assert.deepStrictEqual(results.module, [['path', 'exports'], '[object CommonJsModuleObject]', `${home}dir/commonjs.cjs`, 'CommonJsModuleObject']);
    assert.strictEqual(results.construct, 'TypeError: Illegal constructor');
    assert.strictEqual(results.path, `${home}dir/commonjs.cjs`);
    assert.deepStrictEqual(results.names, NEW ? ['/bundle/dir/commonjs.cjs', '/bundle/dir'] : ['/dir/commonjs.cjs', '/dir']);
    assert.strictEqual(results.this, true);
    assert.strictEqual(results.self, true);
  },
};

export const require = {
  test() {
    assert.deepStrictEqual(results.require, ['require', 0, 'function require() { [native code] }', 'undefined']);
    assert.strictEqual(results.noArgument, "TypeError: Failed to execute 'require' on 'CommonJsModuleContext': parameter 1 is not of type 'string'.");
    assert.strictEqual(results.undefined, none('undefined', 'dir/undefined'));
    assert.strictEqual(results.symbol, 'TypeError: Cannot convert a Symbol value to a string');
    assert.strictEqual(results.object, 'text');
    // Not in the reference, where it is a method of an object that the module does not see.
    assert.strictEqual(results.apart, 'text');
    assert.strictEqual(results.absolute, NEW ? none('/x.txt') : 'text');
    assert.strictEqual(results.up, NEW ? none('../../x.txt') : 'TypeError: Invalid module specifier "../../x.txt".');
    assert.strictEqual(results.nul, NEW ? none('./x\0.txt') : 'TypeError: Invalid module specifier "./x\0.txt".');
    assert.strictEqual(results.surrogate, none('./\ud800.txt', 'dir/\ufffd.txt'));
    assert.strictEqual(results.encoded, NEW ? 'text' : none('', '%78.txt'));
    assert.strictEqual(results.missing, none('./none.js', 'dir/none.js'));
    assert.strictEqual(results.empty, NEW ? 'object' : none('', 'dir'));
    assert.strictEqual(results.data, '[object ArrayBuffer]');
    assert.deepStrictEqual(results.node, ['function', 'function', true]);
  },
};

export const internalModulesAreOutOfReach = {
  test() {
    const names = Object.keys(results).filter((name) => name.startsWith('internal '));
    assert.strictEqual(names.length, 13);
    for (const name of names) assert.match(results[name], /^(Error: (No such module|Module not found)|TypeError: Invalid module specifier)/, name);
  },
};

// In the reference these names are no parameters.
export const ownDeclarations = {
  test() {
    assert.deepStrictEqual(declares, { sum: 18, strict: true });
  },
};
