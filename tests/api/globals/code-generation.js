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

// What they give are functions like any others, whose lines are those of the text.
export const unsafeFunctions = {
  async test(_controller, { unsafe }) {
    const made = unsafe.newFunction('return [a, b, arguments.length, this === globalThis]', 'name', 'a', 'b');
    assert.deepStrictEqual(made(1, 2, 3), [1, 2, 3, true]);
    assert.strictEqual(`${made}`, 'function name(a, b) {\nreturn [a, b, arguments.length, this === globalThis]\n}');
    assert.deepStrictEqual([made.name, made.length, made.constructor === Function, unsafe.newFunction('').name], ['name', 2, true, 'anonymous']);
    // Names need not be identifiers.
    assert.strictEqual(unsafe.newFunction('return 1', 'file:///a-b.js')(), 1);
    const later = unsafe.newAsyncFunction('return [a, b, arguments.length] // to the end', 'name', 'a', 'b');
    assert.deepStrictEqual([later.name, later.length, await later(1, 2, 3)], ['name', 2, [1, 2, 3]]);
    const place = (f) => {
      try {
        return f().then(undefined, (error) => error.stack.split('\n')[1].trim());
      } catch (error) {
        return error.stack.split('\n')[1].trim();
      }
    };
    assert.strictEqual(place(unsafe.newFunction('\n  throw new Error("x")', 'n', 'a')), 'at n (n:2:9)');
    assert.strictEqual(await place(unsafe.newAsyncFunction('\n  throw new Error("x")', 'n', 'a')), 'at n (n:2:9)');
    assert.strictEqual(place(() => unsafe.eval('\n throw new Error("x")', 'n')), 'at n:2:8');
    assert.throws(() => unsafe.newFunction('let = ;'), SyntaxError);
    assert.throws(() => unsafe.newFunction('return 1', 'n', 'a b'), SyntaxError);
    assert.throws(() => unsafe.newFunction('}, function () {'), SyntaxError);
    assert.throws(() => unsafe.newFunction(), TypeError);
    assert.throws(() => unsafe.newAsyncFunction(), TypeError);
  },
};
