import assert from 'node:assert';

const encoder = new TextEncoder();

async function until(condition) {
  for (let i = 0; i < 200 && !(await condition()); i++) await scheduler.wait(2);
  assert.ok(await condition());
}

export const readables = {
  async test(_, { CALLEE, BETWEEN }) {
    const chunks = (...texts) => new ReadableStream({
      start(controller) {
        for (const text of texts) controller.enqueue(encoder.encode(text));
        controller.close();
      },
    });
    assert.strictEqual(await CALLEE.readText(chunks('a', 'b', 'c')), 'abc');
    assert.strictEqual(await new Response(await CALLEE.echo(chunks('there', ' and back'))).text(), 'there and back');
    assert.strictEqual(await new Response(await BETWEEN.echo(new Response('through two').body)).text(), 'through two');
    const large = 'x'.repeat(300_000);
    assert.strictEqual((await CALLEE.readText(new Blob([large]).stream())).length, large.length);
    const locked = chunks();
    locked.getReader();
    await assert.rejects(CALLEE.readText(locked), { name: 'TypeError', message: 'The ReadableStream has been locked to a reader.' });
    const failing = new ReadableStream({
      start(controller) {
        controller.enqueue(encoder.encode('x'));
      },
      pull() {
        throw new Error('a secret');
      },
    });
    await assert.rejects(CALLEE.readText(failing), { message: 'ReadableStream received over RPC disconnected prematurely.' });
    await assert.rejects(CALLEE.readText(new ReadableStream({ start(c) { c.enqueue(5); c.close(); } })), /disconnected prematurely/);
    assert.strictEqual(await CALLEE.readText(new ReadableStream({ start(c) { c.enqueue('text'); c.close(); } })), 'text');
  },
};

export const cancelled = {
  async test(_, { CALLEE }) {
    const before = await CALLEE.disposals('endless');
    const stream = await CALLEE.endless();
    const reader = stream.getReader();
    assert.strictEqual((await reader.read()).value.length > 0, true);
    await reader.cancel();
    await until(async () => (await CALLEE.disposals('endless')) === before + 1);
  },
};

export const writables = {
  async test(_, { CALLEE }) {
    const { readable, writable } = new IdentityTransformStream();
    const done = CALLEE.write(writable, ['a', 'b', 'c']);
    assert.strictEqual(await new Response(readable).text(), 'abc');
    await done;
    const texts = [];
    let closed = false;
    const own = new WritableStream({
      write(chunk) {
        texts.push(new TextDecoder().decode(chunk));
      },
      close() {
        closed = true;
      },
    });
    await CALLEE.write(own, ['d', 'e']);
    await until(() => closed);
    assert.strictEqual(texts.join(''), 'de');
    const failing = new WritableStream({
      write() {
        throw new RangeError('full');
      },
    });
    await assert.rejects(CALLEE.write(failing, Array.from({ length: 200 }, () => 'x'.repeat(1000))), { name: 'RangeError', message: 'full' });
    const round = new IdentityTransformStream();
    const writer = (await CALLEE.echo(round.writable)).getWriter();
    const text = new Response(round.readable).text();
    await writer.write(encoder.encode('around'));
    await writer.close();
    assert.strictEqual(await text, 'around');
  },
};

export const http = {
  async test(_, { CALLEE }) {
    const headers = await CALLEE.echo(new Headers([['a', '1'], ['set-cookie', 'x'], ['set-cookie', 'y']]));
    assert.ok(headers instanceof Headers);
    assert.deepStrictEqual([...headers], [['a', '1'], ['set-cookie', 'x'], ['set-cookie', 'y']]);
    const request = await CALLEE.echo(new Request('http://host/path', { method: 'POST', body: 'body', headers: { x: 'y' }, redirect: 'manual' }));
    assert.ok(request instanceof Request);
    assert.deepStrictEqual([request.url, request.method, request.headers.get('x'), request.redirect, await request.text()],
      ['http://host/path', 'POST', 'y', 'manual', 'body']);
    const response = await CALLEE.echo(new Response('text', { status: 201, headers: { 'content-type': 'x/y' } }));
    assert.deepStrictEqual([response.status, response.headers.get('content-type'), await response.text()], [201, 'x/y', 'text']);
    assert.strictEqual((await CALLEE.echo(new Response(null, { status: 204 }))).body, null);
    const blob = await CALLEE.echo(new Blob(['blob'], { type: 'a/b' }));
    assert.deepStrictEqual([blob.type, await blob.text()], ['a/b', 'blob']);
  },
};

export const signals = {
  async test(_, { CALLEE }) {
    const controller = new AbortController();
    const waiting = CALLEE.waitFor(controller.signal);
    await scheduler.wait(2);
    controller.abort({ why: 'because' });
    const reason = await waiting;
    assert.strictEqual(reason.why, 'because');
    const aborted = await CALLEE.echo(AbortSignal.abort('already'));
    assert.deepStrictEqual([aborted.aborted, aborted.reason], [true, 'already']);
    const never = await CALLEE.echo(AbortSignal.any([]));
    assert.strictEqual(never.aborted, false);
    const own = new AbortController();
    const twice = await CALLEE.echo(own.signal);
    own.abort(new TypeError('t'));
    await scheduler.wait(5);
    // The request that would have passed it on is over.
    assert.deepStrictEqual([own.signal.aborted, twice.aborted], [true, false]);
  },
};
