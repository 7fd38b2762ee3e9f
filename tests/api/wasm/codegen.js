// What makes code out of bytes and strings is refused, at all times but those that flags allow.
import assert from 'node:assert';

const BYTES = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
const REFUSED = { name: 'CompileError', message: /Wasm code generation disallowed by embedder$/ };
const EVAL = { name: 'EvalError', message: 'Code generation from strings disallowed for this context' };
const evaluators = {
  eval: () => eval('1'),
  indirect: () => (0, eval)('1'),
  notText: () => eval(5),
  Function: () => new Function('return 1')(),
  call: () => Function('')(),
  parameters: () => new Function('a', 'b', undefined),
  AsyncFunction: () => (async () => {}).constructor('return 1')(),
  GeneratorFunction: () => (function* () {}).constructor('yield 1')(),
};

function outcomes() {
  const out = {};
  for (const [name, run] of Object.entries({ ...evaluators, Module: () => new WebAssembly.Module(BYTES) })) {
    try {
      run();
      out[name] = 'ran';
    } catch (error) {
      out[name] = error;
    }
  }
  return out;
}

const atTheStart = outcomes();

export const whileItStarts = {
  test(_, env) {
    for (const [name, outcome] of Object.entries(atTheStart)) {
      if (env.AT_START) assert.strictEqual(outcome, 'ran', name);
      else if (name === 'Module') assert.match(outcome.message, REFUSED.message);
      else assert.strictEqual(outcome.message, EVAL.message, name);
    }
  },
};

export const inRequests = {
  async test(_, env) {
    if (env.ALWAYS) {
      for (const [name, outcome] of Object.entries(outcomes())) assert.strictEqual(outcome, 'ran', name);
      assert.ok((await WebAssembly.compile(BYTES)) instanceof WebAssembly.Module);
      return;
    }
    for (const run of Object.values(evaluators)) assert.throws(run, EVAL);
    assert.throws(() => new WebAssembly.Module(BYTES), REFUSED);
    await assert.rejects(WebAssembly.compile(BYTES), REFUSED);
    await assert.rejects(WebAssembly.instantiate(BYTES), REFUSED);
  },
};

export const whatMakesNoCode = {
  test() {
    assert.strictEqual(eval(), undefined);
    assert.strictEqual(eval(undefined), undefined);
    assert.strictEqual(typeof new Function(), 'function');
    class Callable extends Function {}
    assert.strictEqual(new Callable() instanceof Callable, true);
    assert.strictEqual(WebAssembly.validate(BYTES), true);
    assert.strictEqual(WebAssembly.validate(new Uint8Array([1, 2, 3])), false);
    assert.throws(() => setTimeout('1'), TypeError);
  },
};

// There is nothing to stream a module from: workers have theirs from the start.
export const noStreaming = {
  test() {
    assert.strictEqual(WebAssembly.compileStreaming, undefined);
    assert.strictEqual(WebAssembly.instantiateStreaming, undefined);
    assert.deepStrictEqual(Object.getOwnPropertyNames(WebAssembly).sort(), [
      'CompileError', 'Exception', 'Global', 'Instance', 'JSTag', 'LinkError', 'Memory', 'Module', 'RuntimeError', 'SuspendError', 'Suspending',
      'Table', 'Tag', 'compile', 'instantiate', 'promising', 'validate',
    ]);
  },
};
