import assert from 'node:assert';

let signal;

export default {
  async fetch(request) {
    signal = request.signal;
    await scheduler.wait(20);
    return new Response('late');
  },
};

/** Without the flag a request's signal has nothing to do with the client. */
export const neverAborts = {
  async test(_, env) {
    await assert.rejects(env.self.fetch('http://x/', { signal: AbortSignal.timeout(5) }), { name: 'TimeoutError' });
    await scheduler.wait(5);
    assert.strictEqual(signal.aborted, false);
  },
};
