import assert from 'node:assert';

// Before the `rpc` flag service bindings have no other properties.
export default {
  async test(_, { CALLEE, DEFAULT }) {
    assert.strictEqual(CALLEE.sum, undefined);
    assert.strictEqual('sum' in CALLEE, false);
    assert.strictEqual(typeof CALLEE.fetch, 'function');
    assert.strictEqual(typeof CALLEE.put, 'function');
    assert.strictEqual(await DEFAULT.get('http://x'), 'default GET');
  },
};
