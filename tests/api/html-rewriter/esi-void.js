import assert from 'node:assert';

const rewritten = (html, handler) => new HTMLRewriter().on('esi\\:include', { element: handler }).transform(new Response(html)).text();

export const esiVoid = {
  async test() {
    for (const end of ['', '</esi:include>y']) {
      const page = `<div><esi:include src=a>t<b>u</b>${end}</div>z`;
      const rest = `t<b>u</b>${end}</div>z`;
      assert.strictEqual(await rewritten(page, (e) => { e.replace('R'); }), `<div>R${rest}`);
      assert.strictEqual(await rewritten(page, (e) => { e.remove(); e.remove(); e.after(`${e.removed}`); }), `<div>true${rest}`);
      assert.strictEqual(await rewritten(page, (e) => { e.removeAndKeepContent(); }), `<div>${rest}`);
      assert.strictEqual(await rewritten(page, (e) => { e.before('1').before('2').after('3').after('4'); }), `<div>12<esi:include src=a>43${rest}`);
      assert.strictEqual(await rewritten(page, (e) => { e.append('1').prepend('2').setInnerContent('3'); }), page);
      assert.strictEqual(await rewritten(page, (e) => { e.replace(new Response('<b>'), { html: true }); }), `<div><b>${rest}`);
      await assert.rejects(rewritten(page, (e) => { e.onEndTag(() => {}); }), { message: 'Parser error: No end tag.' });
    }
  },
};
