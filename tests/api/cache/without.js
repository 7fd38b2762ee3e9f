import assert from 'node:assert';

export const test = {
  async test() {
    await assert.rejects(caches.default.match('https://example.com/'), { message: 'No Cache was configured' });
    await assert.rejects(caches.default.put('https://example.com/', new Response('x')), { message: 'No Cache was configured' });
  },
};
