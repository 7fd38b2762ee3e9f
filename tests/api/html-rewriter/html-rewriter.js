import assert from 'node:assert';
import { AsyncLocalStorage } from 'node:async_hooks';

const rewrite = (html, selector, handlers, init) => new HTMLRewriter()
  .on(selector, typeof handlers === 'function' ? { element: handlers } : handlers).transform(new Response(html, init));
const rewritten = (...args) => rewrite(...args).text();
const is = async (html, selector, handlers, expected) => assert.strictEqual(await rewritten(html, selector, handlers), expected);

export const construction = {
  test() {
    const rewriter = new HTMLRewriter();
    assert.strictEqual(rewriter.on('a', {}), rewriter);
    assert.strictEqual(rewriter.onDocument({}), rewriter);
    assert.throws(() => HTMLRewriter(), TypeError);
    assert.throws(() => HTMLRewriter.prototype.on.call({}, 'a', {}), /Illegal invocation/);
    assert.throws(() => rewriter.on('a'), /parameter 2 is not of type 'ElementContentHandlers'/);
    assert.throws(() => rewriter.on('a', { element: 5 }), /'element' field on 'ElementContentHandlers'/);
    assert.throws(() => rewriter.onDocument({ end: null }), /'end' field on 'DocumentContentHandlers'/);
    assert.throws(() => rewriter.transform({}), /parameter 1 is not of type 'Response'/);
    assert.throws(() => rewriter.transform(Response.error()), /cannot transform an error response/);
    const empty = new Response(null);
    assert.strictEqual(rewriter.transform(empty), empty);
  },
};

export const selectors = {
  test() {
    for (const [selector, message] of [['', 'The selector is empty.'], ['a +', 'Dangling combinator'], ['a + b', 'Unsupported combinator `+`'],
      ['a:hover', 'Unsupported pseudo-class'], ['svg|a', 'explicit namespaces'], ['[', 'Unexpected end of selector.']]) {
      assert.throws(() => new HTMLRewriter().on(selector, {}), (e) => e instanceof TypeError && e.message.startsWith('Parser error: ') &&
        (e.message.includes(message) || selector === 'a +'));
    }
    for (const selector of ['a', 'a b', 'a > b', '#x.y[z="1" i]', ':not(.a)', 'a:nth-child(2n+1)', 'a, b', '*']) new HTMLRewriter().on(selector, {});
  },
};

export const elements = {
  async test() {
    await is('<a>t</a>', 'a', (e) => e.before('1').before('2').prepend('3').prepend('4').append('5').append('6').after('7').after('8'),
      '12<a>43t56</a>87');
    await is('<a>t</a>', 'a', (e) => { e.before('<b>&').after('<b>&', { html: true }); }, '&lt;b&gt;&amp;<a>t</a><b>&');
    await is('<a>t</a>', 'a', (e) => { e.setInnerContent('<i>', { html: true }); }, '<a><i></a>');
    await is('<a>t</a>', 'a', (e) => { e.replace('r'); assert.strictEqual(e.removed, true); }, 'r');
    await is('<a>t</a>', 'a', (e) => { assert.strictEqual(e.removed, false); e.remove(); }, '');
    await is('<a>t</a>', 'a', (e) => { e.removeAndKeepContent(); }, 't');
    await is('<a>t</a>', 'a', (e) => { e.tagName = 'b'; assert.strictEqual(e.tagName, 'b'); }, '<b>t</b>');
    await is('<svg><a/></svg>', 'a', (e) => { e.after(e.namespaceURI); }, '<svg><a/>http://www.w3.org/2000/svg</svg>');
    await is('<a>t</a>', 'a', (e) => { e.before(undefined).before(null).before(5); }, 'undefinednull5<a>t</a>');
    await assert.rejects(rewritten('<a>', 'a', (e) => e.before()), TypeError);
    await assert.rejects(rewritten('<a>', 'a', (e) => e.before('x', 5)), /'ContentOptions'/);
    await assert.rejects(rewritten('<a>', 'a', (e) => { e.tagName = 'a b'; }), /^TypeError: Parser error: ` ` character is forbidden in the tag name/);
    await assert.rejects(rewritten('<a>', 'a', (e) => { e.onEndTag(5); }), TypeError);
    await assert.rejects(rewritten('<br>', 'br', (e) => { e.onEndTag(() => {}); }), /No end tag/);
  },
};

export const attributes = {
  async test() {
    await is('<a x=1 Y="2" z>', 'a', (e) => {
      assert.deepStrictEqual([...e.attributes], [['x', '1'], ['y', '2'], ['z', '']]);
      assert.strictEqual(e.getAttribute('X'), '1');
      assert.strictEqual(e.getAttribute('nope'), null);
      assert.strictEqual(e.hasAttribute('z'), true);
      e.setAttribute('x', 'a"b').setAttribute('new', '').removeAttribute('z').removeAttribute('nope');
      const iterator = e.attributes;
      iterator.next();
      e.setAttribute('w', 'é');
      assert.throws(() => iterator.next(), /modified during iteration/);
    }, '<a x="a&quot;b" Y="2" new="" w="é">');
    await assert.rejects(rewritten('<a>', 'a', (e) => e.setAttribute('', 'x')), /Attribute name can't be empty/);
    await assert.rejects(rewritten('<a>', 'a', (e) => e.setAttribute('x')), /parameter 2/);
  },
};

export const endTags = {
  async test() {
    await is('<a>t</a>', 'a', (e) => { e.onEndTag((t) => { assert.strictEqual(t.name, 'a'); t.before('1').after('2'); }); }, '<a>t1</a>2');
    await is('<a>t</a>', 'a', (e) => { e.onEndTag((t) => { t.name = 'b'; t.after(t.name); }); }, '<a>t</b>b');
    await is('<a>t</a>', 'a', (e) => { e.onEndTag((t) => { t.name = 'b'; t.remove(); }); }, '<a>t');
    await is('<a>t</a>', 'a', (e) => { e.onEndTag(() => assert.fail()); e.onEndTag((t) => { t.before('2'); }); }, '<a>t2</a>');
    await is('<a>t</a>', 'a', (e) => { e.onEndTag(async (t) => { await scheduler.wait(1); t.before('!'); }); }, '<a>t!</a>');
    await is('<a><a></a></a>', 'a', (e) => { e.onEndTag((t) => { t.before('.'); }); }, '<a><a>.</a>.</a>');
    const two = new HTMLRewriter().on('a', { element(e) { e.onEndTag(() => assert.fail()); } })
      .on('a', { element(e) { e.onEndTag((t) => { t.before('2'); }); } }).transform(new Response('<a></a><p><a></a>'));
    assert.strictEqual(await two.text(), '<a>2</a><p><a>2</a>');
    await assert.rejects(rewritten('<a></a>', 'a', (e) => { e.onEndTag(() => { throw new RangeError('end'); }); }), { name: 'RangeError', message: 'end' });
  },
};

export const commentsTextDoctype = {
  async test() {
    await is('<a><!--c--></a>', 'a', { comments(c) { assert.strictEqual(c.text, 'c'); c.text = 'd'; c.before('<').after('>', { html: true }); } },
      '<a>&lt;<!--d-->></a>');
    await is('<a><!--c--></a>', 'a', { comments(c) { c.text = 'd'; assert.strictEqual(c.removed, false); c.remove(); assert.ok(c.removed); } }, '<a></a>');
    await is('<a><!--c--></a>', 'a', { comments(c) { c.text = 'd'; c.replace('e'); } }, '<a>e</a>');
    const twice = new HTMLRewriter().on('a', { comments(c) { c.text = 'x'; } }).on('a', { comments(c) { assert.ok(!c.removed); c.text += 'y'; } })
      .transform(new Response('<a><!--c--><!--d--></a>'));
    assert.strictEqual(await twice.text(), '<a><!--xy--><!--xy--></a>');
    await assert.rejects(rewritten('<a><!--c--></a>', 'a', { comments(c) { c.text = '-->'; } }), /comment-closing sequence/);
    await assert.rejects(rewritten('<a><!--c--></a>', 'a', { comments(c) { c.before(new Response('x')); } }), /not implemented/);

    const seen = [];
    await is('<a>one<b>two</b></a>', 'a', { text(t) { seen.push([t.text, t.lastInTextNode]); if (t.text === 'one') t.replace('1').before('(').after(')'); } },
      '<a>(1)<b>two</b></a>');
    assert.deepStrictEqual(seen, [['one', false], ['', true], ['two', false], ['', true]]);

    const order = [];
    const all = new HTMLRewriter().onDocument({
      doctype(d) { order.push([d.name, d.publicId, d.systemId]); }, comments(c) { order.push(c.text); },
      text(t) { if (t.text !== '') order.push(t.text); }, end(e) { order.push('end'); e.append('<!-- end -->', { html: true }).append('<'); },
    }).transform(new Response('<!DOCTYPE html SYSTEM "s">x<!--c-->'));
    assert.strictEqual(await all.text(), '<!DOCTYPE html SYSTEM "s">x<!--c--><!-- end -->&lt;');
    assert.deepStrictEqual(order, [['html', null, 's'], 'x', 'c', 'end']);
    const nothing = new HTMLRewriter().onDocument({ end(e) { e.append('only'); } }).transform(new Response(''));
    assert.strictEqual(await nothing.text(), 'only');
  },
};

export const tokensEnd = {
  async test() {
    const kept = {};
    await new HTMLRewriter().on('a', {
      element(e) { kept.element = e; kept.iterator = e.attributes; e.onEndTag((t) => { kept.endTag = t; }); }, text(t) { kept.text ??= t; },
      comments(c) { kept.comment = c; },
    }).onDocument({ doctype(d) { kept.doctype = d; }, end(e) { kept.end = e; } }).transform(new Response('<!doctype html><a x>t<!--c--></a>')).text();
    const ended = { message: /no longer valid/, name: 'TypeError' };
    for (const use of [() => kept.element.tagName, () => kept.element.before('x'), () => kept.iterator.next(), () => kept.endTag.name,
      () => kept.text.text, () => kept.comment.text, () => kept.doctype.name, () => kept.end.append('x')]) assert.throws(use, ended);
    assert.throws(() => kept.element.constructor.prototype.remove.call(kept.text), /Illegal invocation/);
    assert.throws(() => new kept.element.constructor(), /Illegal constructor/);
  },
};

const delayed = (value, ms = 1) => scheduler.wait(ms).then(() => value);

export const asyncHandlers = {
  async test() {
    const log = [];
    const result = new HTMLRewriter().on('a', {
      async element(e) { log.push('in'); e.before(await delayed('1', 3)); e.setAttribute('x', 'y'); log.push('out'); },
      async text(t) { if (t.text) { await delayed(); t.replace('T'); } },
    }).on('b', { element(e) { log.push('b'); e.remove(); } }).onDocument({ async end(e) { await delayed(); e.append('!'); } })
      .transform(new Response('<a>t</a><b></b>'));
    assert.strictEqual(await result.text(), '1<a x="y">T</a>!');
    assert.deepStrictEqual(log, ['in', 'out', 'b']);
    // Not an async function, but a promise all the same; and thenables.
    await is('<a></a>', 'a', (e) => delayed('x').then((v) => { e.append(v); }), '<a>x</a>');
    await is('<a></a>', 'a', (e) => ({ then(done) { e.append('t'); done(); } }), '<a>t</a>');
    await assert.rejects(rewritten('<a>', 'a', async () => { await delayed(); throw new RangeError('late'); }), { name: 'RangeError', message: 'late' });
  },
};

// Many documents at the same time, each waiting for the others: none may hold up another.
export const interleaved = {
  async test() {
    for (const makeHandler of [(wait) => async (e) => { await wait(); e.append('x'); }, (wait) => (e) => wait().then(() => { e.append('x'); })]) {
      const waiting = [];
      let arrived = 0;
      const wait = () => new Promise((resolve) => { waiting.push(resolve); if (++arrived === 8) for (const go of waiting) go(); });
      const one = new HTMLRewriter().on('a', { element: makeHandler(wait) });
      // Learns that its handler waits.
      const warm = one.transform(new Response('<a></a>')).text();
      await delayed();
      for (const go of waiting.splice(0)) go();
      assert.strictEqual(await warm, '<a>x</a>');
      arrived = 0;
      const all = await Promise.all(Array.from({ length: 8 }, (_, i) => one.transform(new Response(`<p>${i}<a></a>`)).text()));
      assert.deepStrictEqual(all, Array.from({ length: 8 }, (_, i) => `<p>${i}<a>x</a>`));
    }
  },
};

export const sharedStack = {
  async test() {
    // Plain functions that return promises, in documents that run side by side, and sync ones between them.
    const waits = new HTMLRewriter().on('a', { element: (e) => delayed(undefined, e.getAttribute('n') % 3).then(() => { e.append(e.getAttribute('n')); }) });
    const plain = new HTMLRewriter().on('a', { element(e) { e.append(e.getAttribute('n')); } });
    const page = (i) => Array.from({ length: 20 }, (_, k) => `<a n=${i + k}></a>`).join('');
    const all = await Promise.all(Array.from({ length: 12 }, (_, i) => (i % 2 ? waits : plain).transform(new Response(page(i))).text()));
    all.forEach((text, i) => assert.strictEqual(text, Array.from({ length: 20 }, (_, k) => `<a n=${i + k}>${i + k}</a>`).join('')));
  },
};

export const streams = {
  async test() {
    const stream = (...chunks) => new ReadableStream({ async pull(c) { await delayed(); if (chunks.length) c.enqueue(chunks.shift()); else c.close(); } });
    const text = (s) => new TextEncoder().encode(s);
    await is('<a>t</a>', 'a', (e) => {
      e.before(stream(text('<1>'))).before('2').prepend(new Response('<b>'), { html: true }).append(stream(text('a'), text('&')))
        .after(new Response('z')).after('y');
    }, '&lt;1&gt;2<a><b>ta&amp;</a>yz');
    await is('<a>t</a>', 'a', (e) => { e.append(stream(text('gone'))); e.replace(stream(text('r'))); }, 'r');
    await is('<a>t</a>', 'a', (e) => { e.append(new Response(null)); }, '<a>t</a>');
    await is('<a>t</a>', 'a', { text(t) { if (t.text) t.replace(stream('str', 'ing')); } }, '<a>string</a>');
    await is('<a></a>', 'a', (e) => { e.onEndTag((t) => { t.before(new Response('<')); }); }, '<a>&lt;</a>');
    // Characters cut in two; what never ends is dropped; what is none is an error.
    await is('<a></a>', 'a', (e) => { e.append(stream(Uint8Array.of(0xe2, 0x82), Uint8Array.of(0xac, 0xf0, 0x9f), Uint8Array.of(0x98, 0x80, 0xc3))); }, '<a>€😀</a>');
    for (const bytes of [[0xff], [0xe0, 0x80], [0xed, 0xa0], [0xf4, 0x90], [0xc0], [0x80], [0xf0, 0x9f, 0x41]]) {
      await assert.rejects(rewritten('<a></a>', 'a', (e) => { e.append(stream(Uint8Array.from(bytes))); }), { message: 'Parser error: Invalid UTF-8' });
    }
    const boom = new Error('boom');
    await assert.rejects(rewritten('<a></a>', 'a', (e) => { e.append(new ReadableStream({ pull(c) { c.error(boom); } })); }), boom);
    const large = 'x<'.repeat(200_000);
    await is('<a></a>', 'a', (e) => { e.append(new Response(large)); }, `<a>${large.replaceAll('<', '&lt;')}</a>`);
  },
};

export const encodings = {
  async test() {
    const bytes = async (charset, handlers, body = '<a></a>') => [...await rewrite(body, 'a', handlers, { headers: { 'content-type': `text/html; charset=${charset}` } }).bytes()]
      .slice(3, -4);
    assert.deepStrictEqual(await bytes('windows-1252', (e) => { e.append('é€'); }), [233, 128]);
    assert.deepStrictEqual(await bytes('windows-1252', (e) => { e.append('あ'); }), [...'&#12354;'].map((c) => c.charCodeAt(0)));
    assert.deepStrictEqual(await bytes('"Shift_JIS"', (e) => { e.append('あ'); }), [130, 160]);
    assert.deepStrictEqual(await bytes('gbk', (e) => { e.append(new Response('あ<')); }), [164, 162, 38, 108, 116, 59]);
    assert.deepStrictEqual(await bytes('utf-8', (e) => { e.append('é'); }), [195, 169]);
    let seen;
    await bytes('windows-1252', { text(t) { seen ??= t.text; } }, Uint8Array.of(60, 97, 62, 233, 60, 47, 97, 62));
    assert.strictEqual(seen, 'é');
    for (const [charset, message] of [['bogus', /Unknown character encoding/], ['utf-16', /ASCII-compatible/], ['replacement', /Unknown/]]) {
      const response = new Response('x', { headers: { 'content-type': `text/html; charset=${charset}` } });
      assert.throws(() => new HTMLRewriter().transform(response), message);
      assert.strictEqual(response.bodyUsed, false);
    }
  },
};

export const responses = {
  async test() {
    const input = new Response('<a>', { status: 201, statusText: 'Made', headers: { 'x-a': 'b' } });
    const output = new HTMLRewriter().transform(input);
    assert.strictEqual(input.bodyUsed, true);
    assert.deepStrictEqual([output.status, output.statusText, output.headers.get('x-a')], [201, 'Made', 'b']);
    assert.strictEqual(await output.text(), '<a>');
    assert.throws(() => new HTMLRewriter().transform(input), TypeError);
  },
};

// However the input is cut, handlers see the same tokens and the output is the same.
export const chunks = {
  async test() {
    const page = `<!doctype html><p class="a">é€😀 <a href="/x?y=1&amp;z">text</a><!-- comment --><script>if (a < b) {}</script>${'<b>bold</b>'.repeat(50)}</p>`;
    const bytes = new TextEncoder().encode(page);
    const run = (size) => {
      let at = 0;
      const source = new ReadableStream({ pull(c) { if (at >= bytes.length) c.close(); else c.enqueue(bytes.slice(at, at += size)); } });
      return new HTMLRewriter().on('a', { element(e) { e.setAttribute('href', e.getAttribute('href') + '#h'); } })
        .on('b', { element(e) { e.setInnerContent('B'); } }).on('*', { comments(c) { c.text = c.text.trim(); } }).transform(new Response(source)).text();
    };
    const expected = await run(bytes.length);
    assert.ok(expected.includes('href="/x?y=1&amp;z#h"') && expected.includes('<!--comment-->') && expected.includes('<b>B</b>'));
    for (const size of [1, 2, 7, 64]) assert.strictEqual(await run(size), expected);
  },
};

export const byob = {
  async test() {
    const reader = rewrite('<a>'.repeat(10_000), 'a', (e) => { e.before('-'); }).body.getReader({ mode: 'byob' });
    let total = '';
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(1000));
      if (done) break;
      total += new TextDecoder().decode(value);
    }
    assert.strictEqual(total, '-<a>'.repeat(10_000));
  },
};

export const failures = {
  async test() {
    const error = new (class Custom extends Error {})('mine');
    await assert.rejects(rewritten('<a>', 'a', () => { throw error; }), (e) => e === error);
    await assert.rejects(rewritten('<a>', 'a', () => { throw 5; }), { message: '5' });
    // The input is cancelled, and the worker goes on.
    let cancelled;
    const source = new ReadableStream({ pull(c) { c.enqueue(new TextEncoder().encode('<a>')); }, cancel(reason) { cancelled = reason; } });
    await assert.rejects(rewrite(source, 'a', () => { throw error; }).text(), (e) => e === error);
    assert.strictEqual(cancelled, error);
    await assert.rejects(rewritten(new ReadableStream({ pull(c) { c.error(error); } }), 'a', {}), (e) => e === error);
    await assert.rejects(rewritten('<select><div><style></div></select>', 'x', {}), /ambiguous/);
    await is('<a></a>', 'a', (e) => { e.append('x'); }, '<a>x</a>');
  },
};

export const cancellation = {
  async test() {
    let calls = 0;
    let release;
    const gate = new Promise((resolve) => { release = resolve; });
    const response = rewrite('<a></a><a></a>', 'a', async () => { calls++; await gate; });
    const reader = response.body.getReader();
    const read = reader.read();
    await delayed();
    await Promise.all([reader.cancel('no more'), assert.rejects(read, { message: 'no more' })]);
    release();
    await delayed(undefined, 5);
    assert.strictEqual(calls, 1);
    await rewrite('<a>', 'a', () => {}).body.cancel();
  },
};

export const context = {
  async test() {
    const store = new AsyncLocalStorage();
    const seen = [];
    const rewriter = store.run('on', () => new HTMLRewriter().on('a', {
      async element() { seen.push(store.getStore()); await delayed(); seen.push(store.getStore()); },
    }));
    const response = store.run('transform', () => rewriter.transform(new Response('<a></a><a></a>')));
    await store.run('read', () => response.text());
    assert.deepStrictEqual(seen, Array(4).fill('transform'));
    const self = {};
    const handlers = { self, element() { assert.strictEqual(this.self, self); } };
    await is('<a>', 'a', handlers, '<a>');
  },
};

export const pollution = {
  async test() {
    const saved = { iterator: Array.prototype[Symbol.iterator], then: Promise.prototype.then, set: Uint8Array.prototype.set, encode: TextEncoder.prototype.encode };
    const broken = () => { throw new Error('patched'); };
    let text;
    try {
      Array.prototype[Symbol.iterator] = broken;
      Promise.prototype.then = broken;
      Object.getPrototypeOf(Uint8Array.prototype).set = broken;
      WebAssembly.Instance = WebAssembly.promising = broken;
      Object.defineProperty(Object.prototype, 'element', { configurable: true, get: broken });
      Object.defineProperty(Object.prototype, 'html', { configurable: true, value: true });
      text = new HTMLRewriter().on('a', { __proto__: null, element(e) { e.append('<', { __proto__: null }); } }).transform(new Response('<a></a>')).text();
    } finally {
      Array.prototype[Symbol.iterator] = saved.iterator;
      Promise.prototype.then = saved.then;
      Object.getPrototypeOf(Uint8Array.prototype).set = saved.set;
      delete Object.prototype.element;
      delete Object.prototype.html;
    }
    assert.strictEqual(await text, '<a>&lt;</a>');
  },
};

export const memory = {
  async test() {
    const text = (s) => new TextEncoder().encode(s);
    const endless = (first, more, count) => new ReadableStream({
      pull(c) { if (first !== undefined) { c.enqueue(text(first)); first = undefined; } else if (count-- > 0) c.enqueue(text(more)); else c.close(); },
    });
    const more = 'x'.repeat(65536);
    await assert.rejects(rewritten(endless('<a b="', more, 200), 'a', () => {}), { message: 'Parser error: The memory limit has been exceeded.' });
    await assert.rejects(rewritten(endless(`<a b="${'x'.repeat(4e6)}`, '"></a>', 1), 'a', () => {}), /memory limit/);
    // What is dropped, and what handlers add, is not kept.
    await is(endless('<a>', more, 100), 'a', (e) => { e.remove(); }, '');
    assert.strictEqual((await rewritten(endless('<a>', '<a>', 3), 'a', (e) => { e.before('x'.repeat(2e6)); })).length, 4 * (2e6 + 3));
  },
};

export const ownProperties = {
  async test() {
    const seen = {};
    const note = (kind, token) => { seen[kind] = [Object.keys(token), JSON.stringify(token)]; };
    await new HTMLRewriter()
      .on('a', {
        element(e) { note('element', e); e.onEndTag((tag) => note('end tag', tag)); },
        text(t) { if (!t.lastInTextNode) note('text', t); },
        comments(c) { note('comment', c); },
      })
      .onDocument({ doctype(d) { note('doctype', d); }, end(e) { note('end', e); } })
      .transform(new Response('<!doctype html PUBLIC "p" "s"><a>t<!--c--></a>')).text();
    assert.deepStrictEqual(seen, {
      element: [['namespaceURI', 'removed', 'attributes', 'tagName'],
        '{"namespaceURI":"http://www.w3.org/1999/xhtml","removed":false,"attributes":{},"tagName":"a"}'],
      'end tag': [['name'], '{"name":"a"}'],
      text: [['removed', 'lastInTextNode', 'text'], '{"removed":false,"lastInTextNode":false,"text":"t"}'],
      comment: [['removed', 'text'], '{"removed":false,"text":"c"}'],
      doctype: [['systemId', 'publicId', 'name'], '{"systemId":"s","publicId":"p","name":"html"}'],
      end: [[], '{}'],
    });
  },
};

export const endTagsThatCannotCome = {
  async test() {
    const none = { name: 'TypeError', message: 'Parser error: No end tag.' };
    const wait = (page, selector) => rewrite(page, selector, (e) => e.onEndTag((tag) => tag.before('end'))).text();
    for (const [page, selector] of [['<br>', 'br'], ['<br/>', 'br'], ['<svg><path/></svg>', 'path'], ['<math><mi/></math>', 'mi']]) {
      await assert.rejects(wait(page, selector), none, page);
    }
    assert.strictEqual(await wait('<svg><path></path></svg>', 'path'), '<svg><path>end</path></svg>');
    assert.strictEqual(await wait('<div/>a</div>', 'div'), '<div/>aend</div>');
    assert.strictEqual(await wait('<p>never', 'p'), '<p>never');
  },
};
