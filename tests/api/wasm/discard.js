// WebAssembly.Memory.prototype.discard(), with wasm_memory_discard and without.
import assert from 'node:assert';

const PAGE = 65536;

export const discards = {
  test(_, env) {
    if (!env.DISCARD) {
      assert.strictEqual(WebAssembly.Memory.prototype.discard, undefined);
      return;
    }
    const { discard } = WebAssembly.Memory.prototype;
    assert.strictEqual(discard.length, 2);
    assert.match(`${discard}`, /^function discard\(\) \{ \[native code\] \}$/);
    const memory = new WebAssembly.Memory({ initial: 4, maximum: 8 });
    const bytes = new Uint8Array(memory.buffer).fill(0xff);
    assert.strictEqual(memory.discard(PAGE, 2 * PAGE), undefined);
    assert.strictEqual(bytes.indexOf(0), PAGE);
    assert.strictEqual(bytes.lastIndexOf(0), 3 * PAGE - 1);
    assert.strictEqual(bytes.subarray(PAGE, 3 * PAGE).some((byte) => byte !== 0), false);
    bytes[PAGE] = 7;
    assert.strictEqual(bytes[PAGE], 7);
    memory.discard(4 * PAGE, 0);
    memory.discard('0', 0n);
  },
};

export const refusals = {
  test(_, env) {
    if (!env.DISCARD) return;
    const memory = new WebAssembly.Memory({ initial: 2 });
    const page = { name: 'RangeError', message: 'WebAssembly.Memory.discard(): Offset and length must be multiples of the memory page size' };
    const bounds = { name: 'RangeError', message: 'WebAssembly.Memory.discard(): Discarded region exceeds memory bounds' };
    assert.throws(() => memory.discard(1, PAGE), page);
    assert.throws(() => memory.discard(0, 1), page);
    assert.throws(() => memory.discard(PAGE, 2 * PAGE), bounds);
    assert.throws(() => memory.discard(3 * PAGE, 0), bounds);
    assert.throws(() => memory.discard(2 ** 52, 2 ** 52), bounds);
    for (const bad of [-PAGE, NaN, Infinity, undefined, {}, 2 ** 60]) assert.throws(() => memory.discard(bad, 0), TypeError);
    assert.throws(() => memory.discard(Symbol('x'), 0), TypeError);
    assert.throws(() => WebAssembly.Memory.prototype.discard.call({ buffer: new ArrayBuffer(PAGE) }, 0, PAGE), TypeError);
    assert.throws(() => new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).discard(0, PAGE), TypeError);
    assert.throws(() => new memory.discard(0, 0), TypeError);
  },
};

// The instruction is unknown to the engine: such a module is refused, with a message that names it.
export const theInstruction = {
  async test() {
    await assert.rejects(import('./discard.wasm'), { name: 'CompileError', message: /invalid numeric opcode: 0xfc12/ });
  },
};
