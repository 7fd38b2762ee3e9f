// When the messages of node:http end, close and fail, on both sides, and how many bytes a socket has written.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { once } from 'node:events';
import { PassThrough, pipeline, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { httpServerHandler } from 'cloudflare:node';
import { WorkerEntrypoint } from 'cloudflare:workers';

const log = [];
const pages = {
  '/piped': (req, res) => Readable.from(['a', 'b', 'c']).pipe(res),
  '/pipeline': (req, res) => pipeline(Readable.from(['x', Buffer.from('y')]), res, (error) => log.push(`pipeline ${error?.code}`)),
  '/through': (req, res) => req.pipe(new PassThrough()).pipe(res),
  '/order': (req, res) => {
    for (const event of ['finish', 'close']) res.on(event, () => log.push(event, res.closed, res.destroyed));
    res.write('1');
    log.push('written', res.closed);
    res.end('2');
    res.destroy();
    res.write('late', (error) => log.push(error.code));
  },
  '/head': (req, res) => res.setHeader('Content-Length', 5).end('hello'),
  '/destroyed': (req, res) => res.destroy(),
  '/destroyed-with': (req, res) => res.destroy(new RangeError('given up')),
  '/half': (req, res) => {
    res.write('half');
    setTimeout(() => res.destroy(), 1);
  },
  '/rejects': async () => {
    await null;
    throw new SyntaxError('later');
  },
  '/reused': (req, res) => {
    const bytes = Buffer.from('same');
    res.write(bytes);
    queueMicrotask(() => queueMicrotask(() => {
      bytes.fill(0x21);
      res.end(bytes);
    }));
  },
};
http.createServer((req, res) => pages[req.url](req, res)).listen(80);
export default httpServerHandler({ port: 80 });

const get = async (env, path, init) => (await env.SELF.fetch(`http://x${path}`, init)).text();

export const bodiesThatArePiped = {
  async test(_, env) {
    assert.equal(await get(env, '/piped'), 'abc');
    assert.equal(await get(env, '/pipeline'), 'xy');
    assert.deepEqual(log.splice(0), ['pipeline undefined']);
    assert.equal(await get(env, '/through', { method: 'POST', body: 'z'.repeat(300_000) }), 'z'.repeat(300_000));
    assert.equal(await get(env, '/reused'), 'same!!!!');
  },
};
export const closesAfterItsEnd = {
  async test(_, env) {
    assert.equal(await get(env, '/order'), '12');
    assert.deepEqual(log.splice(0), ['written', false, 'finish', false, true, 'ERR_STREAM_WRITE_AFTER_END', 'close', true, true]);
  },
};
export const headsKeepTheirLength = {
  async test(_, env) {
    const head = await env.SELF.fetch('http://x/head', { method: 'HEAD' });
    assert.deepEqual([head.headers.get('content-length'), await head.text()], ['5', '']);
    assert.equal(await get(env, '/head'), 'hello');
  },
};
export const failuresReachWhoAsked = {
  async test(_, env) {
    await assert.rejects(env.SELF.fetch('http://x/destroyed'), /Premature close/);
    await assert.rejects(env.SELF.fetch('http://x/destroyed-with'), /given up/);
    await assert.rejects(env.SELF.fetch('http://x/rejects'), /later/);
    const half = (await env.SELF.fetch('http://x/half')).body.getReader();
    assert.equal(new TextDecoder().decode((await half.read()).value), 'half');
    await assert.rejects(half.read(), /Premature close/);
  },
};

/** What requests and connections of this worker reach. */
export class Peer extends WorkerEntrypoint {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/never') await scheduler.wait(60_000);
    if (pathname === '/slow') {
      const { readable, writable } = new TransformStream();
      const writer = writable.getWriter();
      (async () => {
        for (let i = 0; i < 6; i++) {
          await writer.write(new TextEncoder().encode(`${i}`));
          await scheduler.wait(10);
        }
        await writer.close();
      })().catch(() => {});
      return new Response(readable);
    }
    return new Response(`${request.method} ${await request.text()}`);
  }
  async connect(socket) {
    await socket.readable.pipeTo(socket.writable);
  }
}

export const requestsThatAreGivenUp = {
  async test() {
    const events = [];
    const watch = (request) => {
      for (const event of ['abort', 'error', 'close', 'timeout']) request.on(event, (error) => events.push(error ? `${event} ${error.code}` : event));
      return request;
    };
    const destroyed = watch(http.get('http://peer/never'));
    setTimeout(() => destroyed.destroy(), 5);
    await once(destroyed, 'close').catch(() => {});
    await sleep(1);
    assert.deepEqual(events.splice(0), ['error ECONNRESET', 'close']);

    const aborted = watch(http.get('http://peer/never'));
    setTimeout(() => aborted.abort(), 5);
    await once(aborted, 'close');
    assert.deepEqual([events.splice(0), aborted.aborted, aborted.destroyed], [['abort', 'close'], true, true]);

    const slow = watch(http.get('http://peer/never', { timeout: 5 }));
    await once(slow, 'close').catch(() => {});
    await sleep(1);
    assert.deepEqual(events.splice(0), ['timeout', 'error ABORT_ERR', 'close']);
  },
};
export const whatComesKeepsARequestAlive = {
  async test() {
    const request = http.get('http://peer/slow', { timeout: 40 });
    const [response] = await once(request, 'response');
    assert.equal(request.res, response);
    const target = new PassThrough();
    response.pipe(target);
    assert.equal(await text(target), '012345');
    if (!request.closed) await once(request, 'close');
    assert.deepEqual([request.destroyed, response.complete, response.aborted], [true, true, false]);
  },
};
export const responsesThatAreGivenUp = {
  async test() {
    const request = http.get('http://peer/slow');
    const [response] = await once(request, 'response');
    const failed = once(response, 'error');
    await once(response, 'data');
    request.destroy();
    assert.equal((await failed)[0].code, 'ECONNRESET');
    assert.equal(response.aborted, true);
  },
};
export const endsTwice = {
  async test() {
    const request = http.request('http://peer/', { method: 'PUT' });
    const bytes = Buffer.from('body');
    request.write(bytes);
    bytes.fill(0);
    request.end();
    let code;
    request.end((error) => { code = error?.code; });
    const [response] = await once(request, 'response');
    assert.equal(await text(response), 'PUT body');
    request.end((error) => { code = error.code; });
    assert.equal(code, 'ERR_STREAM_ALREADY_FINISHED');
    // Nobody listens for the response: it is read and let go.
    const quiet = http.get('http://peer/');
    await once(quiet, 'close');
  },
};
export const socketsCountTextToo = {
  async test() {
    const socket = net.connect(7, 'peer');
    socket.write('h\u00e9llo');
    socket.write(Buffer.from('xyz'));
    let got = 0;
    for await (const chunk of socket) {
      got += chunk.length;
      if (got === 9) break;
    }
    assert.equal(socket.bytesWritten, 9);
  },
};
