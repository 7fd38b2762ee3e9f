import assert from 'node:assert';

export const dispatchOrder = {
  test() {
    const target = new EventTarget();
    const seen = [];
    target.onping = () => seen.push('property');
    target.addEventListener('ping', () => seen.push('first'));
    target.addEventListener('ping', { handleEvent: () => seen.push('object') });
    const again = () => seen.push('again');
    target.addEventListener('ping', again);
    target.addEventListener('ping', again);
    assert.strictEqual(target.dispatchEvent(new Event('ping')), true);
    assert.deepStrictEqual(seen, ['property', 'first', 'object', 'again']);
  },
};

export const changesWhileDispatching = {
  test() {
    const target = new EventTarget();
    const seen = [];
    const second = () => seen.push('second');
    target.addEventListener('x', () => {
      seen.push('first');
      target.removeEventListener('x', second);
      target.addEventListener('x', () => seen.push('late'));
    }, { once: true });
    target.addEventListener('x', second);
    target.dispatchEvent(new Event('x'));
    assert.deepStrictEqual(seen, ['first']);
    target.dispatchEvent(new Event('x'));
    assert.deepStrictEqual(seen, ['first', 'late']);
  },
};

export const cancelling = {
  test() {
    const target = new EventTarget();
    target.addEventListener('x', (e) => e.preventDefault());
    const plain = new Event('x');
    const cancelable = new Event('x', { cancelable: true });
    assert.strictEqual(target.dispatchEvent(plain), false);
    assert.strictEqual(plain.defaultPrevented, false);
    assert.strictEqual(target.dispatchEvent(cancelable), false);
    assert.strictEqual(cancelable.defaultPrevented, true);
    const passive = new EventTarget();
    passive.addEventListener('x', (e) => e.preventDefault(), { passive: true });
    assert.strictEqual(passive.dispatchEvent(new Event('x', { cancelable: true })), true);
  },
};

export const errorsComeOut = {
  test() {
    const target = new EventTarget();
    let later = false;
    target.addEventListener('x', () => { throw new RangeError('from a listener'); });
    target.addEventListener('x', () => { later = true; });
    const event = new Event('x');
    assert.throws(() => target.dispatchEvent(event), { name: 'RangeError', message: 'from a listener' });
    assert.strictEqual(later, false);
    assert.strictEqual(event.eventPhase, Event.NONE);
  },
};

export const reentry = {
  test() {
    const target = new EventTarget();
    target.addEventListener('x', (e) => {
      assert.throws(() => target.dispatchEvent(e), { name: 'InvalidStateError', code: 11 });
    });
    target.dispatchEvent(new Event('x'));
  },
};

export const withSignal = {
  test() {
    const target = new EventTarget();
    const controller = new AbortController();
    let n = 0;
    target.addEventListener('x', () => n++, { signal: controller.signal });
    target.dispatchEvent(new Event('x'));
    controller.abort();
    target.dispatchEvent(new Event('x'));
    target.addEventListener('x', () => n++, { signal: AbortSignal.abort() });
    target.dispatchEvent(new Event('x'));
    assert.strictEqual(n, 1);
  },
};

export const wrongArguments = {
  test() {
    assert.throws(() => new Event(), /Failed to construct 'Event': constructor parameter 1 is not of type 'string'\./);
    assert.throws(() => new Event('x', 1), /parameter 2 is not of type 'Init'/);
    assert.throws(() => new EventTarget().addEventListener('x', {}), /'handleEvent' field on 'HandlerObject'/);
    assert.throws(() => new EventTarget().addEventListener('x', () => {}, true), /useCapture must be false/);
    new EventTarget().addEventListener('x', null, true);
    assert.throws(() => new EventTarget().dispatchEvent({}), /parameter 1 is not of type 'Event'/);
    assert.throws(() => EventTarget.prototype.addEventListener.call({}, 'x', () => {}), /Illegal invocation/);
    for (const Class of [ExtendableEvent, PromiseRejectionEvent]) assert.throws(() => new Class('x'), /Illegal constructor/);
  },
};

export const returnValue = {
  test() {
    const event = new Event('x', { cancelable: true });
    assert.strictEqual(event.returnValue, true);
    // Read only, as in workerd; the standard lets it be set.
    assert.throws(() => { event.returnValue = false; }, TypeError);
    event.preventDefault();
    assert.strictEqual(event.returnValue, false);
  },
};

export const kinds = {
  test() {
    assert.strictEqual(new CustomEvent('x', { detail: 0 }).detail, 0);
    assert.strictEqual(new CustomEvent('x').detail, undefined);
    assert.strictEqual(new MessageEvent('message', { data: 'd' }).data, 'd');
    const close = new CloseEvent('close', { code: '1001', reason: 'bye', wasClean: 1 });
    assert.deepStrictEqual([close.code, close.reason, close.wasClean], [1001, 'bye', true]);
    const error = new ErrorEvent('error', { message: 'm', filename: 'f', lineno: 3.9, colno: '4', error: 5 });
    assert.deepStrictEqual([error.message, error.filename, error.lineno, error.colno, error.error], ['m', 'f', 3, 4, 5]);
  },
};

export const pollution = {
  test() {
    // Patched builtins must not reach the platform's own lists.
    const { push, splice } = Array.prototype;
    Array.prototype.push = Array.prototype.splice = () => { throw new Error('patched'); };
    try {
      const target = new EventTarget();
      let n = 0;
      const listener = () => n++;
      target.addEventListener('__proto__', listener);
      target.addEventListener('constructor', () => n++);
      target.dispatchEvent(new Event('__proto__'));
      target.removeEventListener('__proto__', listener);
      target.dispatchEvent(new Event('__proto__'));
      assert.strictEqual(n, 1);
    } finally {
      Array.prototype.push = push;
      Array.prototype.splice = splice;
    }
  },
};

export const initializers = {
  test() {
    const { port1 } = new MessageChannel();
    const message = new MessageEvent('x', {
      data: 1, origin: 'o', lastEventId: 'i', source: port1, ports: [port1], bubbles: true, cancelable: true, composed: true,
    });
    assert.deepStrictEqual([message.data, message.origin, message.lastEventId, message.source === port1, message.ports[0] === port1],
      [1, 'o', 'i', true, true]);
    assert.deepStrictEqual([message.bubbles, message.cancelable, message.composed], [true, true, true]);
    assert.notStrictEqual(message.ports, message.ports);
    const plain = new MessageEvent('x');
    assert.deepStrictEqual([plain.data, plain.origin, plain.lastEventId, plain.source, plain.ports], [null, '', '', null, []]);
    const type = (field, name) => ({ message: `Incorrect type for the '${field}' field on 'Initializer': the provided value is not of type '${name}'.` });
    assert.throws(() => new MessageEvent('x', { source: 5 }), type('source', 'MessagePort'));
    assert.throws(() => new MessageEvent('x', { ports: new Set() }), type('ports', 'Array'));
    assert.throws(() => new MessageEvent('x', { ports: [{}] }), { message: /array element 0: .* 'MessagePort'/ });
    assert.strictEqual(new CloseEvent('x', { code: 1, cancelable: true }).cancelable, true);
    assert.strictEqual(new ErrorEvent('x', { message: 'm', cancelable: true }).cancelable, true);
    assert.throws(() => new CustomEvent('x', 5), { message: /'CustomEventInit'/ });
  },
};
