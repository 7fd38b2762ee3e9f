import assert from 'node:assert';

export const basics = {
  test() {
    const controller = new AbortController();
    const { signal } = controller;
    assert.strictEqual(signal, controller.signal);
    assert.strictEqual(signal.aborted, false);
    signal.throwIfAborted();
    let events = 0;
    signal.onabort = (e) => {
      assert.ok(e.isTrusted && e.target === signal && signal.aborted);
      events++;
    };
    signal.addEventListener('abort', () => events++);
    controller.abort();
    controller.abort('again');
    assert.strictEqual(events, 2);
    assert.deepStrictEqual([signal.reason.name, signal.reason.code, signal.reason.message], ['AbortError', 20, 'The operation was aborted']);
    assert.throws(() => signal.throwIfAborted(), (e) => e === signal.reason);
    assert.throws(() => new AbortSignal(), /Illegal constructor/);
  },
};

export const reasons = {
  test() {
    assert.strictEqual(AbortSignal.abort(null).reason, null);
    assert.strictEqual(AbortSignal.abort(undefined).reason.name, 'AbortError');
    const controller = new AbortController();
    const reason = { any: 'thing' };
    controller.abort(reason);
    assert.strictEqual(controller.signal.reason, reason);
  },
};

export const timeouts = {
  async test() {
    const signal = AbortSignal.timeout(5);
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    assert.strictEqual(signal.reason.name, 'TimeoutError');
    assert.throws(() => AbortSignal.timeout(), /parameter 1 is not of type 'number'/);
  },
};

export const any = {
  test() {
    const a = new AbortController();
    const b = new AbortController();
    const first = AbortSignal.any([a.signal, b.signal]);
    const second = AbortSignal.any([first, a.signal]);
    const order = [];
    // All of them are aborted before the first listener runs, and each fires after what it follows.
    second.addEventListener('abort', () => order.push('second'));
    first.addEventListener('abort', () => order.push(`first ${second.aborted}`));
    a.signal.addEventListener('abort', () => order.push(`a ${first.aborted} ${second.aborted}`));
    a.abort('why');
    b.abort('other');
    assert.deepStrictEqual(order, ['a true true', 'first true', 'second']);
    assert.strictEqual(first.reason, 'why');
    assert.strictEqual(second.reason, 'why');
    assert.strictEqual(AbortSignal.any([]).aborted, false);
    assert.strictEqual(AbortSignal.any([new AbortController().signal, AbortSignal.abort(7)]).reason, 7);
    assert.throws(() => AbortSignal.any([1]), /array element 0/);
    assert.throws(() => AbortSignal.any(1), /parameter 1 is not of type 'Array'/);
  },
};

export const anyIsKeptWhileListenedTo = {
  async test() {
    const controller = new AbortController();
    let fired = 0;
    (() => { AbortSignal.any([controller.signal]).onabort = () => fired++; })();
    gc();
    await scheduler.wait(1);
    gc();
    controller.abort();
    assert.strictEqual(fired, 1);
  },
};

export const listenerErrors = {
  test() {
    const controller = new AbortController();
    const dependent = AbortSignal.any([controller.signal]);
    let reached = false;
    controller.signal.addEventListener('abort', () => { throw new Error('listener'); });
    dependent.addEventListener('abort', () => { reached = true; });
    assert.throws(() => controller.abort(), /listener/);
    assert.ok(reached);
  },
};

export const abortedPipe = {
  async test() {
    // A pipe whose signal has aborted already lets go of its source before anybody hears of the abort.
    let sink;
    const destination = new WritableStream({ start(controller) { sink = controller; } });
    await null;
    const source = new ReadableStream();
    let second;
    sink.signal.addEventListener('abort', () => {
      second = source.pipeTo(new WritableStream());
      second.catch(() => {});
    });
    const signal = AbortSignal.abort(new Error('at once'));
    await assert.rejects(source.pipeTo(destination, { signal, preventCancel: true }), { message: 'at once' });
    assert.ok(second instanceof Promise);
    assert.strictEqual(source.locked, true);
    assert.strictEqual(destination.locked, false);
  },
};
