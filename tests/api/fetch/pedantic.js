// What pedantic_wpt asks for, and what stays without it.
import assert from 'node:assert';

const { pedantic_wpt: pedantic } = Cloudflare.compatibilityFlags;

export const statusText = {
  test() {
    const accepted = pedantic ? ['', 'é', '\x80', '\t'] : ['', 'é', '\x80', '\u0100', '\x7f'];
    const refused = pedantic ? ['\n', '\0', '\x7f', '\u0100'] : ['\n', '\0', '\t'];
    for (const statusText of accepted) assert.doesNotThrow(() => new Response('', { statusText }), JSON.stringify(statusText));
    for (const statusText of refused) {
      assert.throws(() => new Response('', { statusText }), { name: 'TypeError', message: 'Invalid statusText' });
    }
  },
};

export const json = {
  async test() {
    for (const value of [Symbol(), undefined, () => 1]) {
      if (!pedantic) {
        assert.strictEqual(await Response.json(value).text(), 'undefined');
        continue;
      }
      assert.throws(() => Response.json(value), {
        name: 'TypeError', message: 'Response.json() requires a value that can be serialized to JSON.',
      });
    }
  },
};

export const error = {
  test() {
    const append = () => Response.error().headers.append('a', 'b');
    if (pedantic) assert.throws(append, { name: 'TypeError', message: "Can't modify immutable headers." });
    else append();
  },
};
