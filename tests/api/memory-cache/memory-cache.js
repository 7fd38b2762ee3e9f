import assert from 'node:assert';

const value = (v, expiration) => async () => ({ value: v, expiration });
const never = () => { throw new Error('not wanted'); };

export const kept = {
  async test(_, env) {
    assert.strictEqual(await env.OWN.read('a'), undefined);
    assert.deepStrictEqual(await env.OWN.read('a', value(new Map([[1, 2]]))), new Map([[1, 2]]));
    assert.deepStrictEqual(await env.OWN.read('a', never), new Map([[1, 2]]));
    env.OWN.delete('a');
    assert.strictEqual(await env.OWN.read('a'), undefined);
  },
};

export const leastRecentlyUsedGo = {
  async test(_, env) {
    await env.OWN.read('x', value(1));
    await env.OWN.read('y', value(2));
    await env.OWN.read('x');
    await env.OWN.read('z', value(3));
    assert.deepStrictEqual([await env.OWN.read('x'), await env.OWN.read('y'), await env.OWN.read('z')], [1, undefined, 3]);
    await env.OWN.read('large', value('v'.repeat(101)));
    assert.strictEqual(await env.OWN.read('large'), undefined);
    assert.strictEqual(await env.OWN.read('x'), 1);
  },
};

export const expired = {
  async test(_, env) {
    await env.OWN.read('old', value(1, Date.now() - 1));
    assert.strictEqual(await env.OWN.read('old'), undefined);
    await assert.rejects(env.OWN.read('nan', value(1, NaN)), { message: 'Expiration time must not be NaN.' });
  },
};

export const oneMakes = {
  async test(_, env) {
    let made = 0;
    const slow = async () => { made++; await scheduler.wait(1); return { value: made }; };
    assert.deepStrictEqual(await Promise.all([env.OWN.read('s', slow), env.OWN.read('s', slow)]), [1, 1]);
    const failing = async () => { throw new Error('no luck'); };
    const [first, second] = await Promise.allSettled([env.OWN.read('f', failing), env.OWN.read('f', value('luck'))]);
    assert.strictEqual(first.reason.message, 'no luck');
    assert.strictEqual(second.value, 'luck');
  },
};

export const shared = {
  async test(_, env) {
    assert.strictEqual(await (await env.OTHER.fetch('http://x/k')).json(), 'made by the other');
    assert.strictEqual(await env.SHARED.read('/k', never), 'made by the other');
    assert.strictEqual(await (await env.OTHER.fetch('http://x/leave')).text(), 'left');
    assert.strictEqual(await env.SHARED.read('left', value('taken over')), 'taken over');
  },
};

export const refused = {
  async test(_, env) {
    await assert.rejects(env.OWN.read('k'.repeat(2049)), { name: 'RangeError', message: 'Key too large.' });
    await assert.rejects(env.OWN.read(5), TypeError);
    await assert.rejects(env.OWN.read('fn', value(() => {})), { name: 'DataCloneError' });
  },
};
