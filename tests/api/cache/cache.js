import assert from 'node:assert';

export const roundTrip = {
  async test() {
    const cache = caches.default;
    assert.strictEqual(await cache.match('https://example.com/a'), undefined);
    await cache.put('https://example.com/a', new Response('text', { status: 203, headers: { 'x-h': 'v', 'cache-control': 'max-age=9' } }));
    const hit = await cache.match(new Request('https://example.com/a'));
    assert.deepStrictEqual([hit.status, hit.headers.get('x-h'), hit.headers.get('x-line'), hit.headers.get('x-framing'), hit.url, await hit.text()],
      [203, 'v', 'HTTP/1.1 203 Non-Authoritative Information', 'Content-Length=4', '', 'text']);
    assert.strictEqual(await cache.delete('https://example.com/a'), true);
    assert.strictEqual(await cache.delete('https://example.com/a'), false);
    assert.strictEqual(await cache.match('https://example.com/a'), undefined);
    await assert.rejects(cache.delete('https://example.com/limited'), { message: 'Unable to delete cached response. Subrequests are being rate-limited.' });
  },
};

export const streams = {
  async test() {
    const { readable, writable } = new TransformStream();
    const response = new Response(readable);
    const put = caches.default.put('https://example.com/stream', response);
    assert.strictEqual(response.bodyUsed, true);
    const writer = writable.getWriter();
    for (let i = 0; i < 50; i++) await writer.write(new TextEncoder().encode('0123456789'.repeat(1000)));
    await writer.close();
    await put;
    const hit = await caches.default.match('https://example.com/stream');
    assert.deepStrictEqual([(await hit.text()).length, hit.headers.get('x-framing')], [500000, 'Transfer-Encoding=chunked']);
  },
};

export const named = {
  async test() {
    const one = await caches.open('näme 1');
    await one.put('https://example.com/n', new Response('one'));
    assert.strictEqual(await caches.default.match('https://example.com/n'), undefined);
    assert.strictEqual(await (await one.match('https://example.com/n')).text(), 'one');
    assert.strictEqual(await (await caches.open('other')).match('https://example.com/n'), undefined);
    await assert.rejects(caches.open('x'.repeat(1024)), { name: 'TypeError', message: 'Cache name is too long.' });
  },
};

export const refused = {
  async test() {
    const cache = caches.default;
    const url = 'https://example.com/x';
    const post = new Request(url, { method: 'POST' });
    await assert.rejects(cache.put(post, new Response('x')), { message: 'Cannot cache response to non-GET request.' });
    await assert.rejects(cache.put(url, new Response('x', { status: 206 })), { message: 'Cannot cache response to a range request (206 Partial Content).' });
    await assert.rejects(cache.put(url, new Response('x', { headers: { vary: 'accept, *' } })), { message: "Cannot cache response with 'Vary: *' header." });
    await assert.rejects(cache.put(url, Response.error()), { message: 'Cache is unable to store an error response' });
    await assert.rejects(cache.put(url, 'x'), { name: 'TypeError', message: "Failed to execute 'put' on 'Cache': parameter 2 is not of type 'Response'." });
    const used = new Response('x');
    await used.text();
    await assert.rejects(cache.put(url, used), { name: 'TypeError', message: /^Body has already been used/ });
    await cache.put(url, new Response(null, { status: 304 }));
    assert.strictEqual(await cache.match(url), undefined);
    assert.strictEqual(await cache.match(post), undefined);
    assert.strictEqual(await cache.delete(post), false);
    await cache.put(url, new Response('x'));
    assert.strictEqual(await (await cache.match(post, { ignoreMethod: true })).text(), 'x');
    await assert.rejects(cache.match('nonsense'), { name: 'TypeError' });
    await assert.rejects(cache.match(url, { ignoreVary: true }), { message: "The 'ignoreVary' field on 'CacheQueryOptions' is not implemented." });
    for (const [owner, name] of [[cache, 'add'], [cache, 'addAll'], [cache, 'keys'], [cache, 'matchAll'], [caches, 'match'], [caches, 'has'], [caches, 'delete'], [caches, 'keys']]) {
      assert.throws(() => owner[name](url), { message: /the method is not implemented\.$/ });
    }
    assert.throws(() => new Cache(), { message: 'Illegal constructor' });
    assert.throws(() => new CacheStorage(), { message: 'Illegal constructor' });
  },
};

// The stored message has its own framing: what the response says of it could make a cache read two messages.
export const framing = {
  async test() {
    const headers = { 'Content-Length': '1', 'Transfer-Encoding': 'chunked', Connection: 'x-a', 'Keep-Alive': '1', Upgrade: 'h2c', TE: 'x', Trailer: 'y', 'X-A': 'b' };
    await caches.default.put('https://example.com/framing', new Response('longer', { headers }));
    const hit = await caches.default.match('https://example.com/framing');
    assert.deepStrictEqual([hit.headers.get('x-headers'), hit.headers.get('x-framing'), await hit.text()],
      ['content-length x-a content-type', 'Content-Length=6', 'longer']);
  },
};

export const failingBodies = {
  async test() {
    const failing = (first) => new Response(new ReadableStream({
      start(c) { if (first) c.enqueue(new TextEncoder().encode('part')); },
      async pull(c) { await scheduler.wait(1); c.error(new Error('no more')); },
    }));
    for (const first of [false, true]) {
      await assert.rejects(caches.default.put('https://example.com/failing', failing(first)), { name: 'Error', message: 'no more' });
      assert.strictEqual(await caches.default.match('https://example.com/failing'), undefined);
    }
  },
};

export const keys = {
  async test() {
    for (const url of ['http://u:p@example.com/', 'http://u@example.com/', '/relative', '']) {
      await assert.rejects(caches.default.match(url), { name: 'TypeError' }, url);
    }
    await caches.default.put('https://example.com/shared', new Response('x'));
    assert.strictEqual(await (await (await caches.open('')).match('https://example.com/shared')).text(), 'x');
  },
};
