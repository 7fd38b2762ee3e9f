import assert from 'node:assert';

const USED = /^Body has already been used\. It can only be used once\. Use tee\(\) first if you need to read it twice\.$/;
const bytes = (...n) => new Uint8Array(n);

export const consumers = {
  async test() {
    for (const make of [
      () => new Response('{"a":"é"}'),
      () => new Response(new TextEncoder().encode('{"a":"é"}')),
      () => new Response(new Blob(['{"a":', '"é"}'])),
      () => new Response(new Response('{"a":"é"}').body),
      () => { const r = new Response('{"a":"é"}'); r.body; return r; },
      () => new Request('http://a/', { method: 'POST', body: '{"a":"é"}' }),
    ]) {
      assert.strictEqual(await make().text(), '{"a":"é"}');
      assert.deepStrictEqual(await make().json(), { a: 'é' });
      assert.strictEqual((await make().arrayBuffer()).byteLength, 10);
      assert.ok((await make().bytes()) instanceof Uint8Array);
      assert.strictEqual((await make().blob()).size, 10);
      const r = make();
      const reading = r.text();
      assert.strictEqual(r.bodyUsed, true);
      await reading;
      for (const how of ['text', 'json', 'arrayBuffer', 'bytes', 'blob']) await assert.rejects(r[how](), { name: 'TypeError', message: USED });
      assert.strictEqual(r.body.locked, true);
    }
  },
};

export const nothing = {
  async test() {
    const r = new Response(null);
    assert.strictEqual(await r.text(), '');
    assert.strictEqual(r.bodyUsed, false);
    assert.strictEqual((await r.arrayBuffer()).byteLength, 0);
    assert.strictEqual((await r.blob()).size, 0);
    await assert.rejects(r.json(), { name: 'SyntaxError' });
    await assert.rejects(r.formData(), { message: 'Parsing a Body as FormData requires a Content-Type header.' });
  },
};

export const copies = {
  async test() {
    const given = bytes(1, 2, 3);
    const r = new Response(given);
    given[0] = 9;
    const first = await r.clone().bytes();
    first[1] = 9;
    assert.deepStrictEqual([...await r.bytes()], [1, 2, 3]);
    const view = new Response(new DataView(bytes(1, 2, 3, 4).buffer, 1, 2));
    assert.deepStrictEqual([...await view.bytes()], [2, 3]);
    const rs = new Response(bytes(5, 6));
    const { value } = await rs.clone().body.getReader().read();
    value[0] = 0;
    assert.deepStrictEqual([...await rs.bytes()], [5, 6]);
  },
};

export const text = {
  async test() {
    assert.strictEqual(await new Response('\ufeffx').text(), 'x');
    assert.strictEqual(await new Response(bytes(0xef, 0xbb, 0xbf, 0x78)).text(), 'x');
    assert.strictEqual(await new Response('a\ud800b').text(), 'a\ufffdb');
    assert.strictEqual(await new Response(bytes(0x61, 0xff)).text(), 'a\ufffd');
    await assert.rejects(new Response('{').json(), { name: 'SyntaxError' });
  },
};

export const streams = {
  async test() {
    const r = new Response('hello');
    const reader = r.body.getReader();
    await assert.rejects(r.text(), { name: 'TypeError', message: 'This ReadableStream is currently locked to a reader.' });
    assert.strictEqual(new TextDecoder().decode((await reader.read()).value), 'hello');
    assert.strictEqual(r.bodyUsed, true);
    const disturbed = new Response('x');
    await disturbed.body.cancel();
    assert.throws(() => new Response(disturbed.body), /is disturbed/);
    const locked = new ReadableStream();
    locked.getReader();
    assert.throws(() => new Response(locked), /locked to a reader/);
    await assert.rejects(new Response(new ReadableStream({ start(c) { c.enqueue('text'); c.close(); } })).text(),
      { name: 'TypeError', message: 'This ReadableStream did not return bytes.' });
    await assert.rejects(new Response(new ReadableStream({ start(c) { c.error(new RangeError('mine')); } })).arrayBuffer(), { name: 'RangeError', message: 'mine' });
    const byob = new Response('abcdef').body.getReader({ mode: 'byob' });
    assert.strictEqual((await byob.read(new Uint8Array(4))).value.length, 4);
  },
};

export const iterables = {
  async test() {
    const enc = new TextEncoder();
    async function* parts() { yield enc.encode('a'); yield enc.encode('b'); }
    assert.strictEqual(await new Response(parts()).text(), 'ab');
    assert.strictEqual(await new Response([enc.encode('c'), enc.encode('d')]).text(), 'cd');
    assert.strictEqual(await new Response(new String('boxed')).text(), 'boxed');
    assert.strictEqual(await new Response({ [Symbol.iterator]: () => [][Symbol.iterator](), toString: () => 'said so' }).text(), 'said so');
    assert.strictEqual(await new Response({}).text(), '[object Object]');
  },
};

export const blobs = {
  async test() {
    const blob = await new Response('x', { headers: { 'content-type': 'TEXT/html; charset="utf-8"; x=y' } }).blob();
    assert.strictEqual(blob.type, 'text/html;charset=utf-8;x=y');
    assert.strictEqual((await new Response('x', { headers: { 'content-type': 'nonsense' } }).blob()).type, '');
  },
};

export const detached = {
  async test() {
    for (const view of [(b) => b, (b) => new Uint8Array(b), (b) => new DataView(b)]) {
      const buffer = new ArrayBuffer(4);
      const source = view(buffer);
      buffer.transfer();
      assert.strictEqual((await new Response(source).bytes()).length, 0);
      assert.strictEqual(new Blob([source]).size, 0);
    }
  },
};
