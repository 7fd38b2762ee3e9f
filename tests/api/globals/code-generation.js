import assert from 'node:assert';

// The smallest WebAssembly module.
const wasm = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
const cell = new Int32Array(new SharedArrayBuffer(4));

// allow_eval_during_startup holds for WebAssembly too.
const atStart = [eval('1 + 1'), new WebAssembly.Module(wasm) instanceof WebAssembly.Module];

export const startup = {
  test() {
    assert.deepStrictEqual(atStart, [2, true]);
    assert.throws(() => eval('1'), EvalError);
    assert.throws(() => new WebAssembly.Module(wasm), WebAssembly.CompileError);
  },
};

export const unsafeEval = {
  async test(_controller, env) {
    assert.strictEqual(env.unsafe.eval('eval("1") + new Function("return 2")()'), 3);
    assert.ok(env.unsafe.eval(`new WebAssembly.Module(new Uint8Array([${wasm}]))`) instanceof WebAssembly.Module);
    assert.throws(() => env.unsafe.eval('throw new RangeError("from inside")'), RangeError);
    assert.throws(() => eval('1'), EvalError);
    await assert.rejects(env.unsafe.eval('Promise.resolve().then(() => eval("1"))'), EvalError);
    const later = env.unsafe.newFunction('return eval("1")');
    assert.throws(() => later(), EvalError);
  },
};

export const atomicsWait = {
  test() {
    assert.throws(() => Atomics.wait(cell, 0, 0, 1), TypeError);
    assert.strictEqual(Atomics.notify(cell, 0), 0);
  },
};
