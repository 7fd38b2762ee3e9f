// What specifiers mean, in import() and in both registries; and that nothing internal can be had by any of them.
import assert from 'node:assert';
import process from 'node:process';
import { createRequire } from 'node:module';

const NEW = Cloudflare.compatibilityFlags.new_module_registry === true;

const outcome = async (specifier, options) => {
  try {
    const namespace = await import(specifier, options);
    return typeof namespace.default === 'string' ? namespace.default : 'found';
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};

export const ownModules = {
  async test() {
    for (const specifier of ['./x.js', './y/../x.js', ...(NEW ? [] : ['.//x.js', './/./x.js'])]) assert.strictEqual(await outcome(specifier), 'dir', specifier);
    assert.strictEqual(await outcome('../x.js'), 'top');
    assert.strictEqual(await outcome('x.js'), 'dir');
    assert.strictEqual(await outcome('./é.js'), 'dir');
    assert.strictEqual(await outcome('.\\x.js'), NEW ? 'dir' : 'Error: No such module "dir/.\\x.js".');
    // Names are paths in one, URLs in the other.
    const none = (old, url) => (NEW ? `Error: Module not found: ${url}` : `Error: No such module "${old}".`);
    assert.strictEqual(await outcome('/x.js'), NEW ? none('', 'file:///x.js') : 'top');
    assert.strictEqual(await outcome('./%78.js'), NEW ? 'dir' : none('dir/%78.js'));
    assert.strictEqual(await outcome('./%2e%2e/x.js'), NEW ? 'top' : none('dir/%2e%2e/x.js'));
    assert.strictEqual(await outcome('./x.js?q'), NEW ? 'dir' : none('dir/x.js?q'));
    assert.strictEqual(await outcome('file:///bundle/x.js'), NEW ? 'top' : none('dir/file:/bundle/x.js'));
    assert.strictEqual(await outcome('./none.js'), none('dir/none.js', 'file:///bundle/dir/none.js'));
    assert.strictEqual(await outcome('./\ud800.js'), none('dir/\ufffd.js', 'file:///bundle/dir/%ED%A0%80.js'));
    assert.strictEqual(await outcome('../../x.js'), NEW ? none('', 'file:///x.js') : 'Error: No such module "../../x.js"');
    assert.strictEqual(await outcome('http://['), NEW ? 'TypeError: Invalid module specifier: http://[' : none('dir/http:/['));
    for (const specifier of [...(NEW ? [] : ['']), '/', '.', '..', '__proto__', 'constructor', './__proto__', 'data:text/javascript,export default 1', 'x:y', 'https://x/y']) {
      assert.match(await outcome(specifier), /^Error: (No such module|Module not found)/, specifier);
    }
  },
};

export const queriesMakeInstances = {
  async test() {
    if (!NEW) return;
    const [a, b, c, d] = await Promise.all(['./x.js', './x.js?1', './x.js#1', './x.js?1'].map((specifier) => import(specifier)));
    assert.strictEqual(new Set([a, b, c]).size, 3);
    assert.strictEqual(b, d);
    assert.strictEqual(b.url, 'file:///bundle/dir/x.js?1');
  },
};

export const builtins = {
  async test() {
    for (const specifier of ['node:path', 'path', 'cloudflare:workers', 'cloudflare:sockets']) assert.strictEqual(await outcome(specifier), 'found', specifier);
    assert.strictEqual(await outcome('node:path/'), NEW ? 'Error: Module not found: node:path/' : 'found');
    assert.strictEqual((await import('sys')).default, (await import('util')).default);
    for (const specifier of ['node:', 'node:none', 'node:/path', 'node://path', 'node:%70ath', './path', 'Path', 'cloudflare:', 'cloudflare:none', 'cloudflare:%77orkers']) {
      assert.match(await outcome(specifier), /^Error: (No such module|Module not found)/, specifier);
    }
  },
};

const INTERNAL = ['cloudflare-internal:wrapped-binding', 'internal:unsafe-eval', 'node-internal:internal_path', 'workerd:unsafe', 'workerd:unsafe-eval', 'workerd:rtti'];
const SPELLINGS = [
  (name) => name, (name) => ` ${name}`, (name) => `${name} `, (name) => `./${name}`, (name) => `/${name}`, (name) => `${name}?`, (name) => `${name}#`,
  (name) => name.toUpperCase(), (name) => name.replace(':', ':/'), (name) => name.replace(':', '://'), (name) => name.replace(':', '%3a'),
  (name) => name.replace(/[a-z]$/, (last) => `%${last.charCodeAt(0).toString(16)}`), (name) => `node:../${name}`, (name) => `node:x/../../${name}`,
  (name) => `cloudflare:x/../../${name}`, (name) => `workerd:../${name}`, (name) => `${name}\0`, (name) => `\t${name}`, (name) => `file:///${name}`,
  (name) => `../../../${name}`, (name) => name.replace('i', '\u0131'), (name) => `x/../../${name}`,
];

export const internalModulesAreOutOfReach = {
  async test() {
    const required = createRequire('/dir/specifiers.js');
    for (const name of INTERNAL) {
      for (const spell of SPELLINGS) {
        const specifier = spell(name);
        for (const [way, ask] of [['import', () => import(specifier)], ['require', () => required(specifier)], ['process', () => process.getBuiltinModule(specifier)]]) {
          let found;
          try {
            found = await ask();
          } catch (error) {
            assert.ok(error instanceof Error, `${way} ${specifier}`);
          }
          assert.strictEqual(found, undefined, `${way} ${JSON.stringify(specifier)}`);
        }
      }
    }
  },
};

export const attributes = {
  async test() {
    if (NEW) {
      assert.strictEqual(await outcome('./j.json', { with: { type: 'json' } }), 'found');
      assert.match(await outcome('./x.js', { with: { type: 'json' } }), /^TypeError: .* is not of type "json"$/);
      assert.strictEqual(await outcome('./j.json', { with: { type: 'css' } }), 'TypeError: Unsupported import attribute type: "css"');
      assert.strictEqual(await outcome('./j.json', { with: { kind: 'json' } }), 'TypeError: Unsupported import attribute: "kind"');
      assert.strictEqual(await outcome('./j.json', { with: { type: 'text' } }), 'TypeError: Import attribute type "text" is not yet supported');
    } else {
      assert.strictEqual(await outcome('./j.json', { with: { type: 'json' } }), 'Error: Unrecognized import attributes specified');
    }
    assert.strictEqual(await outcome('./j.json'), 'found');
    assert.match(await outcome('./j.json', { with: 5 }), /^TypeError: /);
  },
};

export const meta = {
  test() {
    if (!NEW) {
      assert.deepStrictEqual(Object.keys(import.meta), []);
      return;
    }
    assert.deepStrictEqual(Object.keys(import.meta), ['main', 'url', 'filename', 'dirname', 'resolve']);
    assert.deepStrictEqual({ ...import.meta, resolve: 0 }, {
      main: true, url: 'file:///bundle/dir/specifiers.js', filename: '/bundle/dir/specifiers.js', dirname: '/bundle/dir', resolve: 0,
    });
    assert.strictEqual(import.meta.resolve('../x/./y.js?q'), 'file:///bundle/x/y.js?q');
    assert.strictEqual(import.meta.resolve('path'), 'node:path');
    assert.throws(() => import.meta.resolve(), { name: 'TypeError', message: 'import.meta.resolve requires a specifier argument' });
    assert.throws(() => import.meta.resolve('http://['), TypeError);
  },
};
