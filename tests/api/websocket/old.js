import assert from 'node:assert';

const next = (ws, type) => new Promise((resolve) => ws.addEventListener(type, resolve, { once: true }));

export const test = {
  async test() {
    const [a, b] = Object.values(new WebSocketPair());
    assert.strictEqual(a.binaryType, 'arraybuffer');
    a.accept();
    b.accept();
    const m = next(b, 'message');
    a.send(new Uint8Array([7]));
    assert.deepStrictEqual([...new Uint8Array((await m).data)], [7]);
    // Nobody answers a close by itself.
    const closed = next(b, 'close');
    a.close(1000, 'x'.repeat(200));
    assert.strictEqual((await closed).code, 1000);
    assert.strictEqual(b.readyState, WebSocket.CLOSING);
    b.close();
    assert.strictEqual(b.readyState, WebSocket.CLOSED);
  },
};
