import assert from 'node:assert';

const encoder = new TextEncoder();
const streamOf = (...parts) => new ReadableStream({
  start(c) {
    for (const part of parts) c.enqueue(typeof part === 'string' ? encoder.encode(part) : part);
    c.close();
  },
});

/** All that a source says until its stream ends. */
function listen(source, types = []) {
  return new Promise((resolve) => {
    const log = [];
    for (const type of ['message', ...types]) source.addEventListener(type, (e) => log.push([e.type, e.data, e.lastEventId]));
    source.addEventListener('error', () => resolve(log));
  });
}

export const format = {
  async test() {
    const parts = ['\ufeffdata: one\n\n:comment\ndata\ndata:\n\ndata:two\ndata: lines\r\n\r\nid: 7\nevent: own\ndata: x\r\r',
      'data: split ac', 'ross\r', '\ndata: chunks\n', '\nid: bad\0id\ndata: é', encoder.encode('ü').slice(0, 1), encoder.encode('ü').slice(1), '\n\nevent: lost\n\n', 'data: unfinished'];
    const log = await listen(EventSource.from(streamOf(...parts)), ['own', 'lost']);
    assert.deepStrictEqual(log, [
      ['message', 'one', ''], ['message', '\n', ''], ['message', 'two\nlines', ''], ['own', 'x', '7'],
      ['message', 'split across\nchunks', '7'], ['message', 'éü', '7'],
    ]);
  },
};

export const states = {
  async test() {
    const source = EventSource.from(streamOf('data: x\n\n'));
    assert.strictEqual(source.readyState, EventSource.OPEN);
    source.close();
    assert.strictEqual(source.readyState, EventSource.CLOSED);
    assert.deepStrictEqual([EventSource.CONNECTING, EventSource.OPEN, EventSource.CLOSED, source.withCredentials], [0, 1, 2, false]);
    const locked = new ReadableStream();
    locked.getReader();
    assert.throws(() => EventSource.from(locked), { name: 'TypeError', message: 'This ReadableStream is locked.' });
    assert.throws(() => EventSource.from({}), { name: 'TypeError' });
    assert.throws(() => new EventSource('nonsense'), { name: 'SyntaxError' });
    assert.throws(() => new EventSource('http://a/', { withCredentials: true }), { name: 'NotSupportedError' });
  },
};

let attempts = 0;
export default {
  async fetch(request) {
    switch (new URL(request.url).pathname) {
      case '/events': {
        attempts++;
        const headers = { 'content-type': 'text/event-stream; charset=utf-8' };
        return new Response(`retry: 1\nid: ${attempts}\ndata: ${request.headers.get('accept')} ${request.headers.get('last-event-id')}\n\n`, { headers });
      }
      case '/html': return new Response('x', { headers: { 'content-type': 'text/html' } });
      case '/moved': return Response.redirect('http://self/events');
    }
    return new Response(null, { status: 404 });
  },
};

export const connection = {
  async test(_, env) {
    const source = new EventSource('http://self/moved', { fetcher: env.self });
    assert.deepStrictEqual([source.readyState, source.url], [0, 'http://self/moved']);
    const opened = new Promise((resolve) => { source.onopen = resolve; });
    const seen = [];
    const two = new Promise((resolve) => {
      source.onmessage = (e) => {
        seen.push([e.data, e.origin]);
        if (seen.length === 2) resolve();
      };
    });
    await opened;
    assert.strictEqual(source.url, 'http://self/events');
    await two;
    source.close();
    assert.deepStrictEqual(seen, [['text/event-stream null', 'http://self'], ['text/event-stream 1', 'http://self']]);
  },
};

export const failures = {
  async test(_, env) {
    for (const [path, message] of [['/404', 'The response status code was 404.'], ['/html', "The content type 'text/html' is invalid."]]) {
      const source = new EventSource(`http://self${path}`, { fetcher: env.self });
      const { error } = await new Promise((resolve) => { source.onerror = resolve; });
      assert.deepStrictEqual([error.name, error.message, source.readyState], ['AbortError', message, 2]);
    }
  },
};
