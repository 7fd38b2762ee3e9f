import assert from 'node:assert';

const parse = (body, type) => new Response(body, { headers: { 'content-type': type } }).formData();
const multipart = (body, boundary = 'b') => parse(body, `multipart/form-data; boundary=${boundary}`);

export const entries = {
  test() {
    const fd = new FormData();
    fd.append('a', '1');
    fd.append('b', 2);
    fd.append('a', '3');
    assert.deepStrictEqual([...fd], [['a', '1'], ['b', '2'], ['a', '3']]);
    assert.deepStrictEqual([fd.get('a'), fd.getAll('a'), fd.has('b'), fd.get('c'), fd.getAll('c')], ['1', ['1', '3'], true, null, []]);
    fd.set('a', 'new');
    assert.deepStrictEqual([...fd], [['a', 'new'], ['b', '2']]);
    fd.set('c', 'd');
    fd.delete('a');
    assert.deepStrictEqual([...fd.keys()], ['b', 'c']);
    assert.deepStrictEqual([...fd.values()], ['2', 'd']);
    fd.append('\ud800', '\udfff');
    assert.strictEqual(fd.get('\ufffd'), '\ufffd');
    assert.throws(() => fd.append('x'), { message: "Failed to execute 'append' on 'FormData': parameter 2 is not of type 'File or Blob or string'." });
    assert.throws(() => FormData.prototype.get.call({}, 'a'), { message: /^Illegal invocation/ });
  },
};

export const files = {
  async test() {
    const fd = new FormData();
    fd.append('blob', new Blob(['x'], { type: 'a/b' }));
    fd.append('named', new Blob(['y']), 'n.txt');
    const file = new File(['z'], 'own.txt');
    fd.append('file', file);
    fd.append('renamed', file, 'other.txt');
    assert.deepStrictEqual([...fd].map(([, f]) => [f instanceof File, f.name]), [[true, 'blob'], [true, 'n.txt'], [true, 'own.txt'], [true, 'other.txt']]);
    assert.strictEqual(fd.get('file'), file);
    assert.strictEqual(fd.get('blob').type, 'a/b');
  },
};

export const iterating = {
  test() {
    const fd = new FormData();
    const it = fd.entries();
    assert.strictEqual(it.next().done, true);
    fd.append('a', '1');
    assert.deepStrictEqual(it.next().value, ['a', '1']);
    const seen = [];
    fd.forEach((value, key, parent) => {
      seen.push(key);
      if (seen.length < 3) parent.append(`more${seen.length}`, value);
    });
    assert.deepStrictEqual(seen, ['a', 'more1', 'more2']);
  },
};

export const serialized = {
  async test() {
    const fd = new FormData();
    fd.append('q"uo\\te\nd', 'vä\r\nlue');
    fd.append('f', new File([new Uint8Array([0, 255, 13, 10])], 'n"ame', { type: 'x/y' }));
    const r = new Response(fd);
    const [, boundary] = /^multipart\/form-data; boundary=([0-9a-f]{32})$/.exec(r.headers.get('content-type'));
    const bytes = await r.clone().bytes();
    const text = new TextDecoder('latin1').decode(bytes);
    assert.strictEqual(text, `--${boundary}\r\nContent-Disposition: form-data; name="q%22uo\\\\te%0Ad"\r\n\r\nv\u00c3\u00a4\r\nlue\r\n` +
      `--${boundary}\r\nContent-Disposition: form-data; name="f"; filename="n%22ame"\r\nContent-Type: x/y\r\n\r\n\u0000\u00ff\r\n\r\n--${boundary}--`);
    const back = await r.formData();
    assert.strictEqual(back.get('q%22uo\\te%0Ad'), 'vä\r\nlue');
    assert.deepStrictEqual([...await back.get('f').bytes()], [0, 255, 13, 10]);
    assert.strictEqual(back.get('f').type, 'x/y');
    const bad = new FormData();
    bad.append('a\\', 'b');
    assert.throws(() => new Response(bad), { message: "Name or filename can't end with backslash" });
    assert.strictEqual(await new Response(new FormData()).text().then((t) => /^--[0-9a-f]{32}--$/.test(t)), true);
  },
};

export const parsed = {
  async test() {
    const fd = await multipart('preamble\r\n--b\r\ncontent-disposition: form-data; name="a"\r\n\r\none\r\n--b\n' +
      'Content-Disposition: form-data; name="f"; filename="x.bin"\nContent-Type: t/u\n\nline\r\n\n--b\r\n' +
      'Content-Disposition: form-data; name="e\\"sc"\r\n\r\n\r\n--b--epilogue');
    assert.strictEqual(fd.get('a'), 'one');
    assert.deepStrictEqual([fd.get('f').name, fd.get('f').type, await fd.get('f').text()], ['x.bin', 't/u', 'line\r\n'.slice(0, 6)]);
    assert.strictEqual(fd.get('e"sc'), '');
    assert.strictEqual((await parse('--"q"\r\nContent-Disposition: form-data; name="a"\r\n\r\nv\r\n--"q"--', 'multipart/form-data; boundary="\\"q\\""')).get('a'), 'v');
  },
};

export const malformed = {
  async test() {
    for (const [body, message] of [
      ['', 'No initial boundary string (or you have a truncated message).'],
      ['--b', 'No initial boundary string (or you have a truncated message).'],
      ['--bx', "Boundary string was not succeeded by CRLF, LF, or '--'."],
      ['--b\r\nfoo', 'No multipart message header termination found.'],
      ['--b\r\n\r\n\r\nx\r\n--b--', 'No valid Content-Disposition header found in FormData part.'],
      ['--b\r\nbad header\r\n\r\nx\r\n--b--', 'FormData part had invalid headers.'],
      ['--b\r\nContent-Disposition: attachment; name="a"\r\n\r\nx\r\n--b--', /must have the value "form-data", possibly followed by parameters\. Got: "attachment"/],
      ['--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--', 'Content-Disposition header in FormData part is missing a name.'],
      ['--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx', 'No subsequent boundary string after multipart message.'],
    ]) await assert.rejects(multipart(body), { name: 'TypeError', message }, body);
    await assert.rejects(parse('x', 'multipart/form-data'), { message: /^No boundary string in Content-Type header\./ });
    await assert.rejects(parse('x', 'text/plain'), { message: /^Unrecognized Content-Type header value\./ });
    await assert.rejects(parse('x', 'application/x-www-form-urlencoded; charset=latin1'), { message: 'Non-utf-8 application/x-www-form-urlencoded body.' });
  },
};

export const urlencoded = {
  async test() {
    const fd = await parse('a=1&b=two+words&c=%C3%A9%zz%4&&=empty&flag&é=ü&bad=%ff', 'application/x-www-form-urlencoded;charset=UTF-8');
    assert.deepStrictEqual([...fd], [['a', '1'], ['b', 'two words'], ['c', 'ézz\x04'], ['', 'empty'], ['flag', ''], ['é', 'ü'], ['bad', '\ufffd']]);
    assert.deepStrictEqual([...await parse(null, 'application/x-www-form-urlencoded')], []);
    const params = new URLSearchParams([['k', 'a b&=é']]);
    assert.deepStrictEqual([...await new Response(params).formData()], [['k', 'a b&=é']]);
  },
};

export default {
  async fetch(request) {
    const fd = await request.formData();
    return new Response(fd.get('file'), { headers: { 'x-name': fd.get('file').name, 'x-text': fd.get('text') } });
  },
};

export const overTheWire = {
  async test(_, env) {
    const fd = new FormData();
    fd.append('text', 'hello');
    fd.append('file', new File(['contents'], 'n.txt', { type: 'a/b' }));
    const r = await env.self.fetch('http://self/', { method: 'POST', body: fd });
    assert.deepStrictEqual([r.headers.get('x-name'), r.headers.get('x-text'), r.headers.get('content-type'), await r.text()], ['n.txt', 'hello', 'a/b', 'contents']);
  },
};
