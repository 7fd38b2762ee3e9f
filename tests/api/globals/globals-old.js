import assert from 'node:assert';

// What a worker of 2021 sees: accessors on the instances, no tags, no navigator, the old URL.
export const attributes = {
  test() {
    const event = new Event('x');
    assert.ok(Object.hasOwn(event, 'type'));
    assert.ok(!Object.hasOwn(Event.prototype, 'type'));
    assert.strictEqual(event.type, 'x');
    const { signal } = new AbortController();
    assert.ok(Object.hasOwn(signal, 'aborted'));
  },
};

export const absent = {
  test() {
    assert.strictEqual(typeof navigator, 'undefined');
    assert.strictEqual(Cloudflare.compatibilityFlags.global_navigator, false);
    assert.strictEqual(Cloudflare.compatibilityFlags.url_standard, false);
  },
};

export const subclasses = {
  test() {
    class Mine extends EventTarget {
      get type() {
        return 'mine';
      }
    }
    assert.strictEqual(new Mine().type, 'mine');
    class Marked extends Event {
      get type() {
        return 'shadowed';
      }
    }
    assert.strictEqual(new Marked('real').type, 'real');
  },
};
