import assert from 'node:assert';

const big = 'hello world '.repeat(20000);
const get = (env, path, init) => env.other.fetch(`http://backend${path}`, init);

export const request = {
  async test(_, env) {
    const seen = await (await env.other.fetch('http://user:pw@backend/echo?q#frag', {
      method: 'POST', body: 'data', headers: { 'X-One': '1' }, cf: { colo: 'X' },
    })).json();
    assert.deepStrictEqual(seen, {
      method: 'POST', url: 'http://backend/echo?q', body: 'data', redirect: 'manual', cf: { colo: 'X' },
      headers: [['content-length', '4'], ['content-type', 'text/plain;charset=UTF-8'], ['x-one', '1']],
    });
    const plain = await (await get(env, '/echo')).json();
    assert.deepStrictEqual([plain.headers, plain.body, plain.cf], [[], null, undefined]);
    // Empty is not the same as none.
    assert.strictEqual((await (await get(env, '/echo', { method: 'POST', body: '' })).json()).body, '');
    assert.strictEqual((await (await get(env, '/echo', { method: 'POST' })).json()).body, null);
    const stream = new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('abc')); c.close(); } });
    const chunked = await (await get(env, '/echo', { method: 'PUT', body: stream })).json();
    assert.deepStrictEqual([chunked.headers, chunked.body], [[['transfer-encoding', 'chunked']], 'abc']);
    const fixed = new FixedLengthStream(3);
    const writer = fixed.writable.getWriter();
    writer.write(new Uint8Array([97, 98, 99]));
    writer.close();
    assert.deepStrictEqual((await (await get(env, '/echo', { method: 'PUT', body: fixed.readable })).json()).headers, [['content-length', '3']]);
  },
};

export const response = {
  async test(_, env) {
    const r = await get(env, '/teapot#x');
    assert.deepStrictEqual([r.status, r.statusText, r.url, r.redirected, r.ok], [418, "I'm a teapot", 'http://backend/teapot', false, false]);
    assert.deepStrictEqual(r.headers.getSetCookie(), ['a=1', 'b=2']);
    assert.strictEqual(r.headers.get('x-u'), 'é');
    assert.throws(() => r.headers.set('a', 'b'), /immutable/);
    assert.strictEqual(await r.text(), 'short and stout');
    assert.notStrictEqual((await get(env, '/null')).body, null);
    assert.strictEqual((await get(env, '/204')).body, null);
    assert.strictEqual((await get(env, '/big', { method: 'HEAD' })).body, null);
    let total = 0;
    for await (const chunk of (await get(env, '/big')).body) total += chunk.length;
    assert.strictEqual(total, big.length);
    const passed = await get(env, '/teapot');
    const again = new Response(passed.body, passed);
    again.headers.set('more', '1');
    assert.deepStrictEqual([again.status, await again.text()], [418, 'short and stout']);
  },
};

export const errors = {
  async test(_, env) {
    await assert.rejects(get(env, '/throw'), { name: 'RangeError', message: 'boom', remote: true });
    await assert.rejects(get(env, '/throw-own'), { name: 'OwnError', message: 'own', remote: true });
    await assert.rejects(get(env, '/throw-string'), { name: 'Error', message: 'a string', remote: true });
    await assert.rejects(get(env, '/reject'), { name: 'TypeError', message: 'later' });
    await assert.rejects(get(env, '/nothing'), { name: 'TypeError', message: "Incorrect type for Promise: the Promise did not resolve to 'Response'." });
    await assert.rejects(get(env, '/error-response'), /must not be an error response/);
    await assert.rejects((await get(env, '/bad-stream')).text(), /broken/);
    await assert.rejects(env.other.fetch('nonsense'), { name: 'TypeError', message: 'Invalid URL: nonsense' });
    await assert.rejects(env.other.fetch('ftp://backend/'), { name: 'TypeError', message: 'Fetch API cannot load: ftp://backend/' });
    const used = new Request('http://backend/echo', { method: 'POST', body: 'x' });
    await (await env.other.fetch(used)).text();
    assert.strictEqual(used.bodyUsed, true);
    await assert.rejects(env.other.fetch(used), { message: 'Cannot reconstruct a Request with a used body.' });
  },
};

export const redirects = {
  async test(_, env) {
    const followed = await get(env, '/302', { method: 'POST', body: 'x', headers: { authorization: 'secret' } });
    const seen = await followed.json();
    assert.deepStrictEqual([followed.url, followed.redirected, seen.method, seen.body], ['http://backend/echo?from=302', true, 'GET', null]);
    assert.ok(seen.headers.some(([name]) => name === 'authorization'));
    assert.strictEqual((await (await get(env, '/303', { method: 'PUT', body: 'x' })).json()).method, 'GET');
    assert.strictEqual((await get(env, '/303', { method: 'HEAD' })).status, 200);
    const kept = await (await get(env, '/307', { method: 'POST', body: 'again' })).json();
    assert.deepStrictEqual([kept.method, kept.body], ['POST', 'again']);
    const out = await (await get(env, '/308-out', { headers: { authorization: 'secret', 'x-a': '1' } })).json();
    assert.deepStrictEqual([out.url, out.headers], ['http://elsewhere/echo', [['x-a', '1']]]);
    const manual = await get(env, '/302', { redirect: 'manual' });
    assert.deepStrictEqual([manual.status, manual.redirected, manual.headers.get('location')], [302, false, '/echo?from=302#part']);
    assert.strictEqual(await (await get(env, '/no-location')).text(), 'stay');
    assert.strictEqual(await (await get(env, '/empty-location')).text(), 'stay');
    await assert.rejects(get(env, '/loop'), { name: 'TypeError', message: /^Too many redirects\./ });
    await assert.rejects(get(env, '/bad-location'), { message: 'Invalid Location header; unable to follow redirect.' });
    const once = new ReadableStream({ start(c) { c.enqueue(new Uint8Array(1)); c.close(); } });
    await assert.rejects(get(env, '/307', { method: 'POST', body: once }), /one-time-use body/);
  },
};

export const aborts = {
  async test(_, env) {
    await assert.rejects(get(env, '/echo', { signal: AbortSignal.abort() }), { name: 'AbortError' });
    await assert.rejects(get(env, '/echo', { signal: AbortSignal.abort('why') }), (e) => e === 'why');
    const early = new AbortController();
    const pending = get(env, '/slow', { signal: early.signal });
    early.abort(new Error('changed my mind'));
    await assert.rejects(pending, { message: 'changed my mind' });
    await assert.rejects(get(env, '/slow', { signal: AbortSignal.timeout(5) }), { name: 'TimeoutError' });
    const late = new AbortController();
    const response = await get(env, '/slow-body', { signal: late.signal });
    const reading = response.text();
    late.abort();
    await assert.rejects(reading, { name: 'AbortError' });
    const unharmed = new AbortController();
    const complete = await get(env, '/big', { signal: unharmed.signal });
    assert.strictEqual((await complete.text()).length, big.length);
    unharmed.abort();
  },
};

export const codings = {
  async test(_, env) {
    for (const path of ['/gzip', '/br', '/gzip-stream']) {
      const raw = await (await get(env, path, { encodeResponseBody: 'manual' })).bytes();
      assert.ok(raw.length < big.length / 10, path);
      const decoded = await get(env, path);
      assert.strictEqual(await decoded.text(), big);
      const parts = [];
      for await (const part of (await get(env, path)).body) parts.push(part.length);
      assert.strictEqual(parts.reduce((a, b) => a + b), big.length);
      const [one, two] = [await get(env, path)].flatMap((r) => [r.clone(), r]);
      assert.deepStrictEqual([await one.text(), await two.text()], [big, big]);
    }
    assert.strictEqual(await (await get(env, '/gzip-members')).text(), `one ${big}end`);
    for (const path of ['/gzip-then-junk', '/gzip-cut', '/gzip-members-cut']) {
      await assert.rejects((await get(env, path)).text(), { name: 'TypeError' }, path);
    }
    await assert.rejects((await get(env, '/not-gzip')).text(), { name: 'TypeError', message: 'Gzip decompression failed.' });
    assert.strictEqual(await (await get(env, '/not-gzip', { encodeResponseBody: 'manual' })).text(), 'plain');
  },
};

export const dataUrls = {
  async test() {
    const r = await fetch('data:text/html;charset=utf-8,hi%20%C3%A9');
    assert.deepStrictEqual([r.status, r.statusText, r.headers.get('content-type'), await r.text()], [200, 'OK', 'text/html;charset=utf-8', 'hi é']);
    assert.strictEqual(await (await fetch('data:;base64,aGk')).text(), 'hi');
    assert.strictEqual((await fetch('data:,x')).headers.get('content-type'), 'text/plain;charset=US-ASCII');
    await assert.rejects(fetch('data:nothing'), { name: 'TypeError' });
  },
};

export const upgrade = {
  async test(_, env) {
    const r = await get(env, '/socket', { headers: { Upgrade: 'WebSocket' } });
    assert.deepStrictEqual([r.status, r.body, r.headers.get('x-h')], [101, null, 'v']);
    const ws = r.webSocket;
    const answer = new Promise((resolve) => ws.addEventListener('message', (e) => resolve(e.data)));
    ws.accept();
    ws.send('hello');
    assert.strictEqual(await answer, 'echo hello');
    ws.close();
    await assert.rejects(get(env, '/socket'), /did not contain the header "Upgrade: websocket"/);
    assert.strictEqual((await get(env, '/echo', { headers: { Upgrade: 'websocket' } })).webSocket, null);
  },
};

export const concurrent = {
  async test(_, env) {
    const all = await Promise.all(Array.from({ length: 200 }, (_, i) => get(env, '/echo', { method: 'POST', body: `${i}` }).then((r) => r.json())));
    all.forEach((seen, i) => assert.strictEqual(seen.body, `${i}`));
  },
};

let globalError;
try {
  await fetch('http://example.com/');
} catch (e) {
  globalError = e;
}

export const globalScope = {
  test() {
    assert.match(globalError.message, /^Disallowed operation called within global scope/);
  },
};

// What goes wrong behind a body is the same error for who reads it.
export const errorsOfBodies = {
  async test(_, env) {
    const midway = { name: 'RangeError', message: 'midway' };
    await assert.rejects((await get(env, '/midway')).text(), midway);
    await assert.rejects((await get(env, '/midway')).clone().arrayBuffer(), midway);
    const reader = (await get(env, '/midway')).body.getReader();
    assert.strictEqual((await reader.read()).value.length, 3);
    await assert.rejects(reader.read(), (e) => e instanceof RangeError && e.message === 'midway');
    await assert.rejects((await get(env, '/midway-odd')).text(), { name: 'Error', message: 'TypeError: not what it seems' });
    const short = new FixedLengthStream(5);
    const writer = short.writable.getWriter();
    writer.write(new Uint8Array(2)).catch(() => {});
    writer.close().catch(() => {});
    await assert.rejects(get(env, '/echo', { method: 'POST', body: short.readable }));
  },
};

export const argumentsOfFetch = {
  async test(_, env) {
    const says = (owner, number, type) => ({ name: 'TypeError', message: `Failed to execute 'fetch' on '${owner}': parameter ${number} is not of type '${type}'.` });
    const init = 'RequestInitializerDict or Request';
    await assert.rejects(fetch(), says('ServiceWorkerGlobalScope', 1, 'Request or string'));
    await assert.rejects(env.other.fetch(), says('Fetcher', 1, 'Request or string'));
    for (const wrong of [5, 'x', true, Symbol('s')]) {
      await assert.rejects(fetch('http://x/', wrong), says('ServiceWorkerGlobalScope', 2, init));
      await assert.rejects(env.other.fetch('http://x/', wrong), says('Fetcher', 2, init));
    }
    for (const none of [null, undefined, []]) assert.strictEqual((await get(env, '/echo', none)).status, 200);
  },
};
