import assert from 'node:assert';

export const ownProperties = {
  test() {
    const event = new Event('x');
    assert.ok(Object.hasOwn(event, 'type'));
    assert.ok(!('type' in Event.prototype));
    assert.strictEqual(event.type, 'x');
    assert.strictEqual(Object.prototype.toString.call(event), '[object Object]');
    assert.ok(Object.hasOwn(new AbortController(), 'signal'));
    class Sub extends CustomEvent {}
    assert.strictEqual(new Sub('y', { detail: 1 }).type, 'y');
  },
};

export const listenerThis = {
  test() {
    const target = new EventTarget();
    let self;
    target.addEventListener('x', function () { self = this; });
    target.dispatchEvent(new Event('x'));
    assert.strictEqual(self, globalThis);
  },
};
