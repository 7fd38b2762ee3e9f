// Wasm modules of the worker, with the flags on and off, in both registries. `env` says what this worker has.
import add from './add.wasm';
import strings from './dir/strings.wasm';
import trap from './dir/trap.wasm';
import source copy from './add.wasm';
import assert from 'node:assert';

export const aModule = {
  async test() {
    assert.ok(add instanceof WebAssembly.Module);
    assert.strictEqual(copy, add);
    assert.strictEqual((await import('./add.wasm')).default, add);
    assert.strictEqual(new WebAssembly.Instance(add).exports.add(2, 40), 42);
    assert.strictEqual((await WebAssembly.instantiate(add)).exports.add(2, 40), 42);
  },
};

export const stringBuiltins = {
  test(_, env) {
    const imports = WebAssembly.Module.imports(strings);
    if (env.BUILTINS) {
      assert.deepStrictEqual(imports, []);
      assert.strictEqual(new WebAssembly.Instance(strings).exports.f(), 5);
    } else {
      assert.deepStrictEqual(imports.map(({ module, name }) => `${module} ${name}`), ['wasm:js-string length', 'wasm:js/string-constants hello']);
      assert.throws(() => new WebAssembly.Instance(strings, {}), TypeError);
    }
  },
};

export const namesInStacks = {
  test(_, env) {
    const base = Cloudflare.compatibilityFlags.new_module_registry ? 'file:///bundle/' : '';
    let stack;
    try {
      new WebAssembly.Instance(trap).exports.trap();
    } catch (error) {
      assert.ok(error instanceof WebAssembly.RuntimeError);
      stack = error.stack.split('\n')[1].trim();
    }
    if (env.NAMED) assert.match(stack, new RegExp(`^at mine\\.boom \\(${base}dir/trap\\.wasm:wasm-function\\[0\\]:0x[0-9a-f]+\\)$`));
    else assert.match(stack, /^at mine\.boom \(wasm:\/\/wasm\/mine-[0-9a-f]{8}:wasm-function\[0\]:0x[0-9a-f]+\)$/);
  },
};

// Modules outlive what compiled them, wherever that was.
export const manyInstances = {
  test() {
    let sum = 0;
    for (let i = 0; i < 2000; i++) sum += new WebAssembly.Instance(add).exports.add(i, 1);
    assert.strictEqual(sum, 2001000);
  },
};
