// Flags of the language and the global scope, each seen from both sides.
import assert from 'node:assert';
import { WorkerEntrypoint } from 'cloudflare:workers';

const flags = Cloudflare.compatibilityFlags;

export class Entry extends WorkerEntrypoint {
  version() {
    return ['version' in this.ctx, this.ctx.version];
  }
}

export const temporal = {
  test() {
    if (flags.temporal) {
      assert.strictEqual(Temporal.PlainDate.from('2024-02-29').add({ years: 1 }).toString(), '2025-02-28');
      assert.strictEqual(new Date(0).toTemporalInstant().epochMilliseconds, 0);
      assert.ok(Math.abs(Temporal.Now.instant().epochMilliseconds - Date.now()) < 1000);
    } else {
      assert.strictEqual('Temporal' in globalThis, false);
      assert.strictEqual('toTemporalInstant' in Date.prototype, false);
    }
  },
};

export const preciseTimers = {
  async test() {
    let odd = 0;
    for (let i = 0; i < 8; i++) {
      const [now, high] = [Date.now(), performance.now()];
      if (now % 3 !== 0 || high % 3 !== 0 || new Date().getTime() % 3 !== 0) odd++;
      await scheduler.wait(2);
    }
    assert.strictEqual(odd === 0, flags.precise_timers);
  },
};

export const version = {
  async test(_controller, _env, ctx) {
    assert.strictEqual('version' in ctx, flags.enable_version_api);
    const { Entry: entry } = ctx.exports;
    for (const given of [{}, { version: {} }, { version: null }, { version: { cohort: 'a' } }, { version: { cohort: null } }]) {
      assert.deepStrictEqual(await entry(given).version(), [flags.enable_version_api, undefined]);
    }
    if (flags.enable_version_api) {
      assert.throws(() => entry({ version: 5 }),
        { name: 'TypeError', message: "Incorrect type for the 'version' field on 'OptionsWithVersion': the provided value is not of type 'Version'." });
      assert.throws(() => entry({ version: { cohort: { toString() { throw new RangeError('asked'); } } } }), RangeError);
    } else {
      assert.deepStrictEqual(await entry({ version: 5 }).version(), [false, undefined]);
    }
    assert.throws(() => entry(), { message: new RegExp(`is not of type '${flags.enable_version_api ? 'OptionsWithVersion' : 'Options'}'`) });
  },
};

export const testClasses = {
  test() {
    if (!flags.expose_serialization_test_class) {
      assert.strictEqual(typeof CloneableTestBox, 'undefined');
      assert.strictEqual(typeof CloneableTestError, 'undefined');
      return;
    }
    const box = new CloneableTestBox('label', { date: new Date(5) });
    const [clone, same] = structuredClone([box, box]);
    assert.strictEqual(clone, same);
    assert.ok(clone instanceof CloneableTestBox);
    assert.notStrictEqual(clone, box);
    assert.deepStrictEqual([clone.label, clone.value.date.getTime()], ['label', 5]);
    assert.throws(() => new CloneableTestBox(5), { message: 'CloneableTestBox label must be a string' });
    assert.throws(() => structuredClone(new CloneableTestBox('x', () => {})), { name: 'DataCloneError' });
    const error = structuredClone({ error: Object.assign(new CloneableTestError('message'), { code: 5 }) }).error;
    assert.ok(error instanceof CloneableTestError && error instanceof Error);
    assert.deepStrictEqual([error.name, error.message, error.code, error.stack.split('\n')[0]],
      ['CloneableTestError', 'message', undefined, 'CloneableTestError: message']);
  },
};

export const nullForWrongTypes = {
  test() {
    const cases = [
      () => new Request('http://x', { signal: {} }), () => new Request('http://x', { fetcher: 5 }),
      () => new Response(null, { webSocket: {} }), () => new EventTarget().addEventListener('x', 5),
      () => new EventTarget().removeEventListener('x', 5),
    ];
    for (const fn of cases) {
      if (flags.dont_substitute_null_on_type_error) assert.throws(fn, TypeError, `${fn}`);
      else fn();
    }
    // Not where null is no choice.
    assert.throws(() => new EventTarget().addEventListener('x', () => {}, { signal: 5 }), TypeError);
  },
};

/** Calls `then` asynchronously. */
function thenable(ran) {
  return {
    then(resolve) {
      ran.push('then');
      resolve();
    },
  };
}

export const thenables = {
  async test(_controller, env) {
    const expected = flags.unwrap_custom_thenables ? ['then'] : [];
    const cases = {
      async write(ran) {
        const writer = new WritableStream({ write: () => thenable(ran) }).getWriter();
        await writer.write(1);
      },
      async cancel(ran) {
        await new ReadableStream({ cancel: () => thenable(ran) }).cancel();
      },
      async transform(ran) {
        const { readable, writable } = new TransformStream({
          transform(chunk, controller) {
            controller.enqueue(chunk);
            return thenable(ran);
          },
        });
        void writable.getWriter().write(1);
        await readable.getReader().read();
        await scheduler.wait(1);
      },
      async rewrite(ran) {
        await new HTMLRewriter().on('a', { element: () => thenable(ran) }).transform(new Response('<a></a>')).text();
      },
    };
    for (const name in cases) {
      const ran = [];
      await cases[name](ran);
      assert.deepStrictEqual(ran, expected, name);
    }
    const refused = { name: 'TypeError', message: "Callback returned incorrect type; expected 'Promise'" };
    const answer = env.HANDLERS.fetch('http://x/thenable').then((response) => response.text());
    if (flags.unwrap_custom_thenables) assert.strictEqual(await answer, 'from a thenable');
    else await assert.rejects(answer, refused);
    await assert.rejects(env.HANDLERS.fetch('http://x/number'), refused);
    await (await env.HANDLERS.fetch('http://x/wait')).text();
    assert.strictEqual(await (await env.HANDLERS.fetch('http://x/waited')).text(), `${flags.unwrap_custom_thenables}`);
  },
};

export const unhandledRejections = {
  async test() {
    // A promise that gets its handler some microtasks after its rejection.
    const seen = [];
    const listener = (event) => {
      seen.push(event.reason);
      event.preventDefault();
    };
    globalThis.addEventListener('unhandledrejection', listener);
    const late = Promise.reject('late');
    await null;
    await null;
    await null;
    late.catch(() => {});
    void Promise.reject('never');
    await scheduler.wait(1);
    globalThis.removeEventListener('unhandledrejection', listener);
    assert.deepStrictEqual(seen, flags.unhandled_rejection_after_microtask_checkpoint ? ['never'] : ['late', 'never']);
  },
};

export const exportedKeys = {
  async test() {
    const key = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, true, ['sign']);
    const jwk = await crypto.subtle.exportKey('jwk', key);
    assert.deepStrictEqual(Object.keys(jwk), flags.enable_fast_jsg_struct
      ? ['kty', 'use', 'key_ops', 'alg', 'ext', 'crv', 'x', 'y', 'd', 'n', 'e', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'pub', 'priv']
      : ['kty', 'key_ops', 'alg', 'ext', 'k']);
    const again = await crypto.subtle.importKey('jwk', jwk, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign']);
    assert.deepStrictEqual(await crypto.subtle.exportKey('raw', again), await crypto.subtle.exportKey('raw', key));
  },
};

export const ends = {
  async test() {
    const expected = flags.enable_fast_jsg_struct ? ['done', 'value'] : ['done'];
    const reader = new ReadableStream({ start: (controller) => controller.close() }).getReader();
    assert.deepStrictEqual(Object.keys(await reader.read()).sort(), expected);
    const body = new Response('').body.getReader();
    assert.deepStrictEqual(Object.keys(await body.read()).sort(), expected);
    assert.deepStrictEqual(Object.keys(new Headers().entries().next()).sort(), expected);
    const iterator = new Response('a').body.values();
    assert.deepStrictEqual(Object.keys(await iterator.next()), ['done', 'value']);
    assert.deepStrictEqual(Object.keys(await iterator.next()), expected);
  },
};
