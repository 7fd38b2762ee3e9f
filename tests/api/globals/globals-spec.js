import assert from 'node:assert';

// spec_compliant_property_attributes: constants are fixed, interface objects do not show in loops.
export const attributes = {
  test() {
    for (const holder of [Event, Event.prototype]) {
      const { writable, enumerable, configurable, value } = Object.getOwnPropertyDescriptor(holder, 'BUBBLING_PHASE');
      assert.deepStrictEqual([value, writable, enumerable, configurable], [3, false, true, false]);
    }
    let holder = globalThis;
    while (!Object.hasOwn(holder, 'URL')) holder = Object.getPrototypeOf(holder);
    assert.ok(!Object.getOwnPropertyDescriptor(holder, 'URL').enumerable);
    const type = Object.getOwnPropertyDescriptor(Event.prototype, 'type');
    assert.deepStrictEqual([typeof type.get, type.set, type.enumerable, type.configurable], ['function', undefined, true, true]);
  },
};
