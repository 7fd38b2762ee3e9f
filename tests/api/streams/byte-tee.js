// Branches of a teed byte stream, as workerd has them: the source sees the pending read of a branch at once.
import assert from 'node:assert';

function teed() {
  let controller;
  const stream = new ReadableStream({ type: 'bytes', start(c) { controller = c; } });
  const readers = stream.tee().map((branch) => branch.getReader({ mode: 'byob' }));
  return { controller, readers };
}

export const answered = {
  async test() {
    const { controller, readers } = teed();
    const reads = readers.map((reader) => reader.read(new Uint8Array(100)));
    const request = controller.byobRequest;
    assert.strictEqual(request.view.byteLength, 100);
    request.view[0] = 65;
    request.respond(50);
    for (const { value, done } of await Promise.all(reads)) assert.deepStrictEqual([done, value.byteLength, value[0]], [false, 50, 65]);
  },
};

export const enqueued = {
  async test() {
    // What is enqueued goes to both, whole, however small the read that asked for it.
    const { controller, readers } = teed();
    const reads = [readers[0].read(new Uint8Array(2)), readers[1].read(new Uint8Array(3))];
    controller.enqueue(new Uint8Array([1, 2, 3, 4, 5]));
    assert.deepStrictEqual((await Promise.all(reads)).map(({ value }) => [...value]), [[1, 2], [1, 2, 3]]);
    assert.deepStrictEqual([...(await readers[0].read(new Uint8Array(8))).value], [3, 4, 5]);
  },
};

export const cancelled = {
  async test() {
    const { controller, readers } = teed();
    const [first, second] = readers.map((reader) => reader.read(new Uint8Array(8)));
    const request = controller.byobRequest;
    request.view[0] = 65;
    await readers[0].cancel('no more');
    assert.throws(() => request.respond(9), RangeError);
    assert.throws(() => request.respond(0), TypeError);
    request.respond(1);
    assert.strictEqual((await first).done, true);
    assert.deepStrictEqual([...(await second).value], [65]);
  },
};
