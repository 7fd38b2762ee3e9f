import assert from 'node:assert';

export const clock = {
  async test() {
    const before = performance.now();
    assert.ok(before >= 0 && performance.timeOrigin >= 0);
    await scheduler.wait(2);
    assert.ok(performance.now() >= before);
    assert.strictEqual(performance.toJSON().timeOrigin, performance.timeOrigin);
  },
};

export const entries = {
  test() {
    performance.clearMarks();
    performance.clearMeasures();
    const mark = performance.mark('a', { detail: { x: 1 }, startTime: 1 });
    assert.ok(mark instanceof PerformanceMark && mark instanceof PerformanceEntry);
    assert.deepStrictEqual([mark.name, mark.entryType, mark.startTime, mark.duration, mark.detail.x], ['a', 'mark', 1, 0, 1]);
    performance.mark('b', { startTime: 5 });
    const measure = performance.measure('m', 'a', 'b');
    assert.deepStrictEqual([measure.startTime, measure.duration, measure.entryType], [1, 4, 'measure']);
    assert.strictEqual(performance.getEntries().length, 3);
    assert.deepStrictEqual(performance.getEntriesByName('a').map((e) => e.entryType), ['mark']);
    assert.strictEqual(performance.getEntriesByType('measure').length, 1);
    assert.strictEqual(performance.measure('x', 'missing').startTime, 0);
    performance.clearMarks('a');
    assert.strictEqual(performance.getEntriesByType('mark').length, 1);
    performance.clearMarks();
    performance.clearMeasures();
    assert.strictEqual(performance.getEntries().length, 0);
  },
};

export const observer = {
  async test() {
    const seen = [];
    const watching = new PerformanceObserver((list) => seen.push(...list.getEntries().map((e) => e.name)));
    watching.observe({ entryTypes: ['mark'] });
    performance.mark('seen');
    performance.measure('unseen');
    await scheduler.wait(1);
    assert.deepStrictEqual(seen, ['seen']);
    watching.disconnect();
    performance.mark('later');
    await scheduler.wait(1);
    assert.strictEqual(seen.length, 1);
    performance.clearMarks();
    performance.clearMeasures();
  },
};

export const interfaces = {
  test() {
    assert.ok(performance instanceof Performance && performance instanceof EventTarget);
    assert.throws(() => new Performance(), TypeError);
    assert.throws(() => Performance.prototype.now.call({}), TypeError);
    assert.strictEqual(Object.prototype.toString.call(performance), '[object Performance]');
  },
};
