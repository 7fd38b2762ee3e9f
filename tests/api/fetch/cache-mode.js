import assert from 'node:assert';

const sent = async (env, init) => {
  const { cf, headers } = await (await env.other.fetch('http://backend/echo', init)).json();
  return [cf, headers];
};
const NO_CACHE = [['cache-control', 'no-cache'], ['pragma', 'no-cache']];

/** Whether a request's cache option also says what the answer's Cache-Control is to be. */
export const cacheOption = {
  async test(_, env) {
    const control = (value) => (env.preserves ? {} : { cacheControl: value });
    assert.deepStrictEqual(await sent(env, { cache: 'no-store' }), [{ cacheTtl: -1, cacheLevel: 'bypass', ...control('no-store') }, NO_CACHE]);
    assert.deepStrictEqual(await sent(env, { cache: 'no-store', cf: { cacheTtl: -1 } }),
      [{ cacheTtl: -1, cacheLevel: 'bypass', ...control('no-store') }, NO_CACHE]);
    assert.deepStrictEqual(await sent(env, { cache: 'no-cache', cf: { a: 1 } }),
      [{ a: 1, cacheForceRevalidate: true, ...control('no-cache') }, NO_CACHE]);
    assert.deepStrictEqual(await sent(env, { cache: 'reload' }), [{ cacheLevel: 'bypass' }, NO_CACHE]);
    const headers = { 'Cache-Control': 'max-age=5', Pragma: 'x' };
    assert.deepStrictEqual((await sent(env, { cache: 'no-store', headers }))[1], [['cache-control', 'max-age=5'], ['pragma', 'x']]);
  },
};

/** Without the option a time to live says it as before. */
export const timeToLive = {
  async test(_, env) {
    assert.deepStrictEqual(await sent(env, { cf: { cacheTtl: 5 } }), [{ cacheTtl: 5, cacheControl: 'max-age=5' }, []]);
    assert.deepStrictEqual(await sent(env, { cf: { cacheTtl: -1 } }), [{ cacheTtl: -1, cacheControl: 'no-store' }, []]);
    assert.deepStrictEqual(await sent(env, { cf: { cacheControl: 'public' } }), [{ cacheControl: 'public' }, []]);
  },
};

export const conflicts = {
  async test(_, env) {
    await assert.rejects(sent(env, { cache: 'no-store', cf: { cacheTtl: 5 } }), { name: 'TypeError' });
    await assert.rejects(sent(env, { cache: 'no-store', cf: { cacheControl: 'public' } }), { name: 'TypeError' });
    await assert.rejects(sent(env, { cf: { cacheControl: 'public', cacheTtl: 5 } }), { name: 'TypeError' });
    await assert.rejects(sent(env, { cache: 'force-cache' }), { name: 'TypeError', message: 'Unsupported cache mode: force-cache' });
  },
};
