import assert from 'node:assert';

export const absent = {
  test() {
    assert.strictEqual(typeof FileSystemHandle, 'undefined');
    assert.strictEqual(navigator.storage, undefined);
  },
};
