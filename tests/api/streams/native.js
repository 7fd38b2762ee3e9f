// Streams that meet the native side: bodies between workers, and pipes that need no JS for each chunk.
import { bytes, collect, decode, encode, equal, ok, rejects, same, text, tick } from 'check';

const CHUNK = 65536;
const MANY = 60;

function generate(count, size = CHUNK) {
  let i = 0;
  return new ReadableStream({
    pull(c) {
      if (i === count) c.close();
      else c.enqueue(new Uint8Array(size).fill(i++));
    },
  });
}

let piped;
function watch(promise) {
  piped = 'pending';
  promise.then(() => { piped = 'done'; }, (e) => { piped = e; });
}

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const name = url.pathname.slice(1);
    if (name === 'echo') return new Response(request.body);
    if (name === 'generate') return new Response(generate(MANY));
    if (name === 'fail') {
      let i = 0;
      return new Response(new ReadableStream({
        pull(c) {
          if (i++ === 3) throw new Error('source failed');
          c.enqueue(new Uint8Array(1000));
        },
      }));
    }
    if (name === 'echo') return new Response(request.body);
    const upstream = await env.self.fetch(`http://self/${url.searchParams.get('from') ?? 'generate'}`);
    const pair = name === 'transform' ? new TransformStream()
      : name === 'identity' ? new IdentityTransformStream()
      : name === 'fixed' ? new FixedLengthStream(MANY * CHUNK)
      : name === 'upper' ? new TransformStream({ transform(chunk, c) { c.enqueue(chunk); } }) : undefined;
    watch(upstream.body.pipeTo(pair.writable));
    if (url.searchParams.has('late')) await scheduler.wait(5);
    return new Response(pair.readable);
  },
};

async function checkGenerated(body) {
  let total = 0;
  for await (const chunk of body) {
    ok(chunk[0] === Math.floor(total / CHUNK) && chunk.at(-1) === Math.floor((total + chunk.length - 1) / CHUNK), 'order');
    total += chunk.length;
  }
  equal(total, MANY * CHUNK);
}

export const pipesThroughWorkers = {
  async test(_, env) {
    for (const name of ['transform', 'identity', 'fixed', 'upper']) {
      for (const late of ['', '?late']) {
        const response = await env.self.fetch(`http://self/${name}${late}`);
        await checkGenerated(response.body);
        await tick();
        equal(piped, 'done', name);
      }
    }
  },
};

export const failuresCrossThem = {
  async test(_, env) {
    for (const name of ['transform', 'identity', 'upper']) {
      const response = await env.self.fetch(`http://self/${name}?from=fail`);
      await rejects(text(response.body), 'source failed');
      await tick();
      ok(piped instanceof Error && piped.message === 'source failed', name);
    }
  },
};

export const cancelsCrossThem = {
  async test(_, env) {
    for (const name of ['transform', 'identity']) {
      const response = await env.self.fetch(`http://self/${name}`);
      const reader = response.body.getReader();
      await reader.read();
      await reader.cancel('gone');
      await scheduler.wait(20);
      ok(piped !== 'pending', `${name} ends`);
    }
  },
};

export const bodiesAreReadWhole = {
  async test(_, env) {
    const response = await env.self.fetch('http://self/generate');
    const copy = response.clone();
    equal((await response.arrayBuffer()).byteLength, MANY * CHUNK);
    await checkGenerated(copy.body);
    const euro = encode('€€€€');
    const split = new ReadableStream({
      start(c) {
        for (const byte of bytes(0xef, 0xbb, 0xbf)) c.enqueue(bytes(byte));
        for (const byte of euro) c.enqueue(bytes(byte));
        c.enqueue(bytes(0xe2, 0x82));
        c.close();
      },
    });
    equal((await new Response(split).text()).replace(/^\ufeff/, ''), '€€€€\ufffd');
    await rejects(new Response(ReadableStream.from(['text'])).arrayBuffer(), 'did not return bytes');
  },
};

export const nativeBodiesGiveBytesToBuffers = {
  async test(_, env) {
    const body = encode('abcdefgh');
    const response = await env.self.fetch('http://self/echo', { method: 'POST', body });
    const reader = response.body.getReader({ mode: 'byob' });
    equal(decode((await reader.read(new Uint8Array(3))).value), 'abc');
    equal(decode((await reader.readAtLeast(5, new Uint8Array(8))).value), 'defgh');
    equal((await reader.read(new Uint8Array(1))).done, true);
  },
};

export const uploadsFromStreams = {
  async test(_, env) {
    const response = await env.self.fetch('http://self/echo', { method: 'POST', body: generate(MANY), duplex: 'half' });
    await checkGenerated(response.body);
    const { readable, writable } = new IdentityTransformStream();
    const answer = env.self.fetch('http://self/echo', { method: 'POST', body: readable });
    const writer = writable.getWriter();
    await writer.write(encode('one '));
    await writer.write(encode('two'));
    await writer.close();
    equal(await (await answer).text(), 'one two');
  },
};

export const branchesOfBodies = {
  async test(_, env) {
    const response = await env.self.fetch('http://self/generate');
    const [one, two] = response.body.tee();
    const sizes = await Promise.all([one, two].map(async (s) => (await collect(s)).reduce((n, c) => n + c.length, 0)));
    same(sizes, [MANY * CHUNK, MANY * CHUNK]);
  },
};

export const userCodeAtTheEndsIsInItsRequest = {
  async test(_, env) {
    const answer = async () => (await env.self.fetch('http://self/echo', { method: 'POST', body: 'x' })).text();
    const answers = [];
    const response = await env.self.fetch('http://self/generate');
    await response.body.pipeTo(new WritableStream({
      async write() {
        if (answers.length < 3) answers.push(await answer());
      },
      async close() { answers.push(await answer()); },
    }));
    same(answers, ['x', 'x', 'x', 'x']);

    let left = 4;
    const body = new ReadableStream({
      async pull(c) {
        c.enqueue(encode(await answer()));
        c.enqueue(new Uint8Array(70_000));
        if (--left === 0) c.close();
      },
    });
    const echoed = await env.self.fetch('http://self/echo', { method: 'POST', body });
    equal((await echoed.arrayBuffer()).byteLength, 4 * 70_001);

    let cancelled;
    const endless = new ReadableStream({
      pull(c) { c.enqueue(new Uint8Array(70_000)); },
      async cancel() { cancelled = await answer(); },
    });
    const cut = await env.self.fetch('http://self/echo', { method: 'POST', body: endless });
    await cut.body.cancel();
    await scheduler.wait(20);
    equal(cancelled, 'x');
  },
};

const posted = async (env, body) => new Uint8Array(await (await env.self.fetch('http://self/echo', { method: 'POST', body })).arrayBuffer());

export const chunksOfBodies = {
  async test(_, env) {
    const stream = (...chunks) => new ReadableStream({
      start(c) {
        for (const chunk of chunks) c.enqueue(chunk);
        c.close();
      },
    });
    // Strings go out as UTF-8, though Response.text() does not take them.
    equal(await new Response(stream('h\u00e9', '', new Uint8Array([65]))).text().catch((e) => e.message), 'This ReadableStream did not return bytes.');
    equal(decode(await posted(env, stream('h\u00e9', '', new Uint8Array([65]), new DataView(new ArrayBuffer(1))))), 'h\u00e9A\0');
    for (const bad of [1, null, undefined, {}, new SharedArrayBuffer(1)]) {
      await rejects(posted(env, stream(bad)), 'cannot be converted to bytes');
    }
  },
};
