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

// What Web IDL says of an operation: how many arguments it requires.
export const lengths = {
  test() {
    const operations = [
      [fetch, 1], [console.assert, 0], [console.time, 0], [Blob.prototype.slice, 0], [crypto.getRandomValues, 1],
      [crypto.subtle.importKey, 5], [FormData.prototype.append, 2], [Headers.prototype.forEach, 1], [Response.json, 1],
      [Response.prototype.json, 0], [WebSocket.prototype.close, 0], [Request, 1], [Response, 0], [Headers, 0], [WebSocket, 1], [File, 2],
    ];
    for (const [operation, length] of operations) assert.strictEqual(operation.length, length, operation.name);
    const { get, set } = Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'onabort');
    assert.deepStrictEqual([get.name, set.name, set.length], ['get onabort', 'set onabort', 1]);
  },
};

// pedantic_wpt: scripts may set what the standard lets them set.
export const returnValue = {
  test() {
    for (const [options, prevented] of [[undefined, true], [{ passive: true }, false]]) {
      const target = new EventTarget();
      target.addEventListener('x', (event) => { event.returnValue = false; }, options);
      const event = new Event('x', { cancelable: true });
      assert.deepStrictEqual([target.dispatchEvent(event), event.returnValue, event.defaultPrevented], [!prevented, !prevented, prevented]);
    }
    assert.throws(() => { Object.create(Event.prototype).returnValue = true; }, /Illegal invocation/);
  },
};
