import assert from 'node:assert';

let seen;
let answer;

const object = {
  name: 'k', version: 'v1', size: '5', etag: 'e1', uploaded: '1724767257918', storageClass: 'Standard',
  httpFields: { contentType: 'text/x', cacheExpiry: '1000' }, customFields: [{ k: 'a', v: 'b' }],
  range: { offset: '1', length: '4' }, checksums: { 0: '00ff' }, ssec: { algorithm: 'AES256', keyMd5: 'md' },
};

function reply(metadata, body = '', init = {}) {
  const head = new TextEncoder().encode(JSON.stringify(metadata));
  return new Response(new Blob([head, body]), { ...init, headers: { 'CF-R2-Metadata-Size': `${head.length}`, ...init.headers } });
}

function fail(status, v4code, metadata, body) {
  const headers = { 'CF-R2-Error': JSON.stringify({ version: 0, v4code, message: 'because' }) };
  return metadata === undefined ? new Response(null, { status, headers }) : reply(metadata, body, { status, headers });
}

export default {
  async fetch(request) {
    assert.strictEqual(request.url, 'https://fake-host/');
    if (request.method === 'GET') {
      seen = { method: 'GET', request: JSON.parse(request.headers.get('CF-R2-Request')) };
    } else {
      const bytes = await request.arrayBuffer();
      const size = +request.headers.get('CF-R2-Metadata-Size');
      assert.strictEqual(+request.headers.get('Content-Length'), bytes.byteLength);
      seen = { method: request.method, request: JSON.parse(new TextDecoder().decode(bytes.slice(0, size))), value: new TextDecoder().decode(bytes.slice(size)) };
    }
    return answer();
  },
};

export const getting = {
  async test(_, env) {
    answer = () => reply(object, 'hellö');
    const got = await env.BUCKET.get('k');
    assert.deepStrictEqual(seen, { method: 'GET', request: { version: 1, method: 'get', object: 'k' } });
    assert.strictEqual(got.constructor.name, 'GetResult');
    assert.deepStrictEqual([got.key, got.version, got.size, got.etag, got.httpEtag, got.storageClass, got.ssecKeyMd5],
      ['k', 'v1', 5, 'e1', '"e1"', 'Standard', 'md']);
    assert.deepStrictEqual(got.uploaded, new Date(1724767257918));
    assert.deepStrictEqual(got.httpMetadata, { contentType: 'text/x', cacheExpiry: new Date(1000) });
    assert.deepStrictEqual(got.customMetadata, { a: 'b' });
    assert.deepStrictEqual(got.range, { offset: 1, length: 4 });
    assert.deepStrictEqual(got.checksums.toJSON(), { md5: '00ff' });
    assert.deepStrictEqual([...new Uint8Array(got.checksums.md5)], [0, 255]);
    assert.strictEqual(got.bodyUsed, false);
    assert.strictEqual(await got.text(), 'hellö');
    assert.strictEqual(got.bodyUsed, true);
    await assert.rejects(got.text(), TypeError);
    assert.strictEqual((await (await env.BUCKET.get('k')).blob()).type, 'text/x');
    assert.strictEqual(await new Response((await env.BUCKET.get('k')).body).text(), 'hellö');
    answer = () => reply(object, '{"j":1}');
    assert.deepStrictEqual(await (await env.BUCKET.get('k')).json(), { j: 1 });

    // In pieces, cut anywhere.
    answer = () => {
      const bytes = new TextEncoder().encode(`${JSON.stringify(object)}abc`);
      return new Response(new ReadableStream({
        async start(c) {
          for (let i = 0; i < bytes.length; i += 50) { c.enqueue(bytes.slice(i, i + 50)); await scheduler.wait(0); }
          c.close();
        },
      }), { headers: { 'CF-R2-Metadata-Size': `${bytes.length - 3}` } });
    };
    assert.strictEqual(await (await env.BUCKET.get('k')).text(), 'abc');
  },
};

export const head = {
  async test(_, env) {
    answer = () => reply({ ...object, httpFields: undefined, customFields: undefined, range: undefined });
    const result = await env.BUCKET.head('k');
    assert.strictEqual(result.constructor.name, 'HeadResult');
    assert.deepStrictEqual([result.httpMetadata, result.customMetadata, result.range], [{}, {}, undefined]);
    answer = () => fail(404, 10007);
    assert.strictEqual(await env.BUCKET.head('k'), null);
    assert.strictEqual(await env.BUCKET.get('k'), null);
    answer = () => fail(500, 10001);
    await assert.rejects(env.BUCKET.head('k'), { message: 'head: because (10001)' });
    answer = () => new Response(null, { status: 500 });
    await assert.rejects(env.BUCKET.head('k'), { message: 'head: Unspecified error (0)' });
  },
};

export const conditions = {
  async test(_, env) {
    answer = () => fail(412, 10031, object);
    const failed = await env.BUCKET.get('k', { onlyIf: { etagMatches: 'x', etagDoesNotMatch: '*', uploadedBefore: new Date(7) } });
    assert.strictEqual(failed.body, undefined);
    assert.deepStrictEqual(seen.request.onlyIf, { etagMatches: [{ value: 'x', type: 'strong' }], etagDoesNotMatch: [{ type: 'wildcard' }], uploadedBefore: '7' });
    await env.BUCKET.get('k', { onlyIf: new Headers({
      'If-Match': '"a", W/"b"', 'If-None-Match': '*', 'If-Modified-Since': 'Thu, 01 Jan 1970 00:00:02 GMT' }) });
    assert.deepStrictEqual(seen.request.onlyIf, { etagMatches: [{ value: 'a', type: 'strong' }, { value: 'b', type: 'weak' }],
      etagDoesNotMatch: [{ type: 'wildcard' }], uploadedAfter: '2000', secondsGranularity: true });
    await assert.rejects(env.BUCKET.get('k', { onlyIf: { etagMatches: '"x"' } }), TypeError);
    await assert.rejects(env.BUCKET.get('k', { onlyIf: new Headers({ 'If-Match': '"a" "b"' }) }), { message: /^Comma was expected/ });
    assert.strictEqual(await env.BUCKET.put('k', 'v', { onlyIf: { etagMatches: 'x' } }), null);

    answer = () => reply(object);
    await env.BUCKET.get('k', { range: { offset: 0, length: 3 } });
    assert.deepStrictEqual(seen.request.range, { offset: '0', length: '3' });
    await env.BUCKET.get('k', { range: { suffix: 2 } });
    assert.deepStrictEqual(seen.request.range, { suffix: '2' });
    await env.BUCKET.get('k', { range: new Headers({ Range: 'bytes=1-' }) });
    assert.strictEqual(seen.request.rangeHeader, 'bytes=1-');
    await assert.rejects(env.BUCKET.get('k', { range: { offset: -1 } }), RangeError);
    await assert.rejects(env.BUCKET.get('k', { range: { offset: 1, suffix: 1 } }), TypeError);
  },
};

export const putting = {
  async test(_, env) {
    answer = () => new Response(JSON.stringify(object));
    const fixed = new FixedLengthStream(4);
    const writer = fixed.writable.getWriter();
    writer.write(new TextEncoder().encode('four'));
    writer.close();
    for (const [value, text] of [['tëxt', 'tëxt'], [new Uint8Array([65]), 'A'], [new Blob(['blob']), 'blob'], [null, ''], [fixed.readable, 'four']]) {
      const result = await env.BUCKET.put('k', value);
      assert.deepStrictEqual([seen.method, seen.request, seen.value], ['PUT', { version: 1, method: 'put', object: 'k' }, text]);
      assert.deepStrictEqual([result.httpMetadata, result.customMetadata], [{}, {}]);
    }
    const result = await env.BUCKET.put('k', 'v', {
      httpMetadata: new Headers({ 'Content-Type': 'a/b', Expires: 'Thu, 01 Jan 1970 00:00:03 GMT' }), customMetadata: { x: 1 }, md5: '00'.repeat(16),
      storageClass: 'InfrequentAccess', ssecKey: new Uint8Array(32),
    });
    assert.deepStrictEqual(seen.request, {
      version: 1, method: 'put', object: 'k', httpFields: { contentType: 'a/b', cacheExpiry: '3000' }, customFields: [{ k: 'x', v: '1' }],
      md5: 'AAAAAAAAAAAAAAAAAAAAAA==', storageClass: 'InfrequentAccess', ssec: { key: '00'.repeat(32) },
    });
    assert.deepStrictEqual(result.httpMetadata, { contentType: 'a/b', cacheExpiry: new Date(3000) });
    assert.deepStrictEqual(result.customMetadata, { x: '1' });
    await env.BUCKET.put('k', 'v', { sha1: new Uint8Array(20).fill(255) });
    assert.strictEqual(seen.request.sha1, 'ff'.repeat(20));

    await assert.rejects(env.BUCKET.put('k', 'v', { sha1: new Uint8Array(3) }), { message: 'SHA-1 is 20 bytes, not 3' });
    await assert.rejects(env.BUCKET.put('k', 'v', { md5: new Uint8Array(16), sha1: new Uint8Array(20) }), /multiple hashing algorithms/);
    await assert.rejects(env.BUCKET.put('k', new ReadableStream()), { message: /must have a known length/ });
    await assert.rejects(env.BUCKET.put('k', 5), TypeError);
  },
};

export const httpMetadata = {
  async test(_, env) {
    answer = () => reply(object);
    const headers = new Headers();
    (await env.BUCKET.head('k')).writeHttpMetadata(headers);
    assert.deepStrictEqual(Object.fromEntries(headers), { 'content-type': 'text/x', expires: 'Thu, 01 Jan 1970 00:00:01 GMT' });
    answer = () => reply({ ...object, httpFields: { contentType: 'a\r\nX-Evil: 1' } });
    const evil = await env.BUCKET.head('k');
    assert.throws(() => evil.writeHttpMetadata(new Headers()), TypeError);
  },
};

export const listing = {
  async test(_, env) {
    answer = () => reply({ objects: [{ ...object, httpFields: undefined, customFields: undefined }], truncated: true, cursor: 'c', delimitedPrefixes: ['p/'] });
    const all = await env.BUCKET.list();
    assert.deepStrictEqual(seen.request, { version: 1, method: 'list', newRuntime: true, ...(env.HONORS ? {} : { include: [0, 1] }) });
    assert.deepStrictEqual([all.truncated, all.cursor, all.delimitedPrefixes], [true, 'c', ['p/']]);
    assert.deepStrictEqual(all.objects[0].httpMetadata, env.HONORS ? undefined : {});
    if (env.HONORS) assert.throws(() => all.objects[0].writeHttpMetadata(new Headers()), { message: /^HTTP metadata unknown for key `k`/ });
    const some = await env.BUCKET.list({ limit: 3, prefix: 'p', delimiter: '/', startAfter: 'a', include: ['customMetadata'] });
    assert.deepStrictEqual(seen.request, { version: 1, method: 'list', limit: 3, prefix: 'p', delimiter: '/', startAfter: 'a',
      newRuntime: true, include: env.HONORS ? [1] : [0, 1] });
    assert.deepStrictEqual(some.objects[0].customMetadata, {});
    await assert.rejects(env.BUCKET.list({ include: ['size'] }), RangeError);
  },
};

export const deleting = {
  async test(_, env) {
    answer = () => new Response('{}');
    assert.strictEqual(await env.BUCKET.delete('k'), undefined);
    assert.deepStrictEqual(seen.request, { version: 1, method: 'delete', object: 'k' });
    await env.BUCKET.delete(['a', 'b']);
    assert.deepStrictEqual(seen.request, { version: 1, method: 'delete', objects: ['a', 'b'] });
  },
};

export const parts = {
  async test(_, env) {
    answer = () => new Response('{"uploadId":"u","etag":"p1"}');
    const upload = await env.BUCKET.createMultipartUpload('k', { customMetadata: { a: 'b' } });
    assert.deepStrictEqual(seen.request, { version: 1, method: 'createMultipartUpload', object: 'k', customFields: [{ k: 'a', v: 'b' }] });
    assert.deepStrictEqual([upload.key, upload.uploadId], ['k', 'u']);
    const part = await env.BUCKET.resumeMultipartUpload('k', 'u').uploadPart(1, 'part');
    assert.deepStrictEqual([seen.request, seen.value], [{ version: 1, method: 'uploadPart', object: 'k', uploadId: 'u', partNumber: 1 }, 'part']);
    assert.deepStrictEqual(part, { partNumber: 1, etag: 'p1' });
    await assert.rejects(upload.uploadPart(10001, 'x'), /between 1 and 10000/);
    answer = () => new Response(JSON.stringify(object));
    assert.strictEqual((await upload.complete([part])).etag, 'e1');
    assert.deepStrictEqual(seen.request, { version: 1, method: 'completeMultipartUpload', object: 'k', uploadId: 'u', parts: [{ etag: 'p1', part: 1 }] });
    answer = () => new Response('{}');
    await upload.abort();
    assert.deepStrictEqual(seen.request, { version: 1, method: 'abortMultipartUpload', object: 'k', uploadId: 'u' });
  },
};
