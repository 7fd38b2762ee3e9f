import assert from 'node:assert';

let arrived;
let next = new Promise((resolve) => { arrived = resolve; });

export default {
  async fetch(request) {
    assert.strictEqual(request.method, 'POST');
    arrived(await request.json());
    return new Response('');
  },
};

export const points = {
  async test(_, env) {
    assert.strictEqual(env.POINTS.writeDataPoint({ indexes: ['i'], doubles: [1.5, NaN], blobs: ['é', null, new Uint8Array([1])] }), undefined);
    const point = await next;
    assert.deepStrictEqual(point.dataset, [...Buffer.from('points')]);
    assert.deepStrictEqual(point.index1, [105]);
    assert.deepStrictEqual(point.blob1, [0xc3, 0xa9]);
    assert.strictEqual(point.blob2, undefined);
    assert.deepStrictEqual(point.blob3, [1]);
    assert.strictEqual(point.double1, 1.5);
    assert.strictEqual(point.double2, 'NaN');
    assert.strictEqual(point.double20, 0);
    assert.match(point.timestamp, /^\d+000000$/);
  },
};

export const limits = {
  test(_, env) {
    assert.throws(() => env.POINTS.writeDataPoint({ doubles: new Array(21).fill(0) }), { message: 'writeDataPoint(): Maximum of 20 doubles supported.' });
    assert.throws(() => env.POINTS.writeDataPoint({ indexes: ['a', 'b'] }), { message: 'writeDataPoint(): Maximum of 1 indexes supported.' });
    assert.throws(() => env.POINTS.writeDataPoint({ indexes: ['x'.repeat(97)] }), TypeError);
    assert.throws(() => env.POINTS.writeDataPoint({ blobs: ['x'.repeat(16001)] }), TypeError);
  },
};
