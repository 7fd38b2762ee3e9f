import assert from 'node:assert';
import { WorkerEntrypoint } from 'cloudflare:workers';

let seen;
let batches = [];
let events = [];
const metrics = { backlogCount: 3, backlogBytes: 5, oldestMessageTimestamp: 1000 };

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    seen = { method: request.method, pathname, headers: Object.fromEntries(request.headers), body: new Uint8Array(await request.arrayBuffer()) };
    return Response.json(pathname === '/metrics' ? metrics : { metadata: { metrics: { ...metrics, oldestMessageTimestamp: 0 } } });
  },
  queue(batch, env, ctx) {
    batches.push(batch);
    batch.messages[0].ack();
    batch.messages[1]?.retry({ delaySeconds: 7 });
    ctx.waitUntil(scheduler.wait(1).then(() => batch.messages[2]?.retry()));
  },
  async scheduled(controller, env, ctx) {
    events.push(controller);
    if (controller.cron === 'boom') throw new Error('boom');
    if (controller.cron === 'late') ctx.waitUntil(Promise.reject(new Error('late')));
    if (controller.cron === 'stop') controller.noRetry();
  },
};

export const coded = {
  fetch() {
    return new Response(null, { status: 503, headers: { 'CF-Queues-Error-Code': '10250', 'CF-Queues-Error-Cause': 'Queue is overloaded' } });
  },
};

export class Consumer extends WorkerEntrypoint {
  queue(batch) {
    batch.ackAll();
    batch.retryAll();
  }
}

const text = () => new TextDecoder().decode(seen.body);

export const producer = {
  async test(_, env) {
    const result = await env.QUEUE.send({ a: 1 }, { delaySeconds: 4 });
    assert.deepStrictEqual(result, { metadata: { metrics: { backlogCount: 3, backlogBytes: 5 } } });
    assert.strictEqual(`${seen.method} ${seen.pathname}`, 'POST /message');
    assert.strictEqual(seen.headers['x-msg-fmt'], 'json');
    assert.strictEqual(seen.headers['x-msg-delay-secs'], '4');
    assert.strictEqual(text(), '{"a":1}');
    await env.QUEUE.send('é', { contentType: 'TEXT' });
    assert.strictEqual(seen.headers['x-msg-fmt'], 'text');
    assert.strictEqual(text(), 'é');
    const bytes = new Uint8Array([1, 2]);
    await env.QUEUE.send(bytes, { contentType: 'bytes' });
    assert.deepStrictEqual([...seen.body], [1, 2]);
    assert.strictEqual(bytes.byteLength, 0);
    await env.QUEUE.send(new Map(), { contentType: 'v8' });
    assert.strictEqual(seen.body[0], 0xff);

    const kept = new Uint8Array([4]);
    await env.QUEUE.sendBatch(new Set([{ body: kept, contentType: 'bytes' }, { body: [7], delaySeconds: 1 }]), { delaySeconds: 9 });
    assert.strictEqual(kept.byteLength, 1);
    assert.strictEqual(seen.pathname, '/batch');
    assert.deepStrictEqual(JSON.parse(text()), { messages: [
      { body: 'BA==', contentType: 'bytes' }, { body: btoa('[7]'), contentType: 'json', delaySecs: 1 }] });
    assert.strictEqual(seen.headers['cf-queue-batch-count'], '2');
    assert.strictEqual(seen.headers['cf-queue-batch-bytes'], '4');
    assert.strictEqual(seen.headers['cf-queue-largest-msg'], '3');
    assert.strictEqual(seen.headers['x-msg-delay-secs'], '9');

    assert.deepStrictEqual(await env.QUEUE.metrics(), { ...metrics, oldestMessageTimestamp: new Date(1000) });
    assert.strictEqual(`${seen.method} ${seen.pathname}`, 'GET /metrics');
  },
};

export const producerErrors = {
  async test(_, env) {
    await assert.rejects(env.QUEUE.send(undefined), { name: 'TypeError', message: 'Message body cannot be undefined' });
    await assert.rejects(env.QUEUE.send(1, { contentType: 'text' }), { message: /requires a value of type string, but received: number/ });
    await assert.rejects(env.QUEUE.send(1, { contentType: 'xml' }), { message: 'Unsupported queue message content type: xml' });
    await assert.rejects(env.QUEUE.sendBatch([]), { message: 'sendBatch() requires at least one message' });
    await assert.rejects(env.CODED.metrics(), { message: 'Queue is overloaded (10250)' });
    await assert.rejects(env.CODED.send(1), { message: /^Queue send failed: / });
  },
};

const message = (id, body) => ({ id, timestamp: new Date(5), attempts: 1, body });

export const consumer = {
  async test(_, env) {
    const result = await env.SELF.queue('q', [message('a', new Map([[1, 2]])), message('b', 2), message('c', 3)],
      { metrics: { backlogCount: 1, backlogBytes: 2, oldestMessageTimestamp: new Date(9) } });
    assert.deepStrictEqual(result, {
      outcome: 'ok', ackAll: false, retryBatch: { retry: false }, explicitAcks: ['a'],
      retryMessages: [{ msgId: 'b', delaySeconds: 7 }, { msgId: 'c' }],
    });
    const batch = batches.pop();
    assert.strictEqual(batch.queue, 'q');
    assert.deepStrictEqual(batch.metadata, { metrics: { backlogCount: 1, backlogBytes: 2, oldestMessageTimestamp: new Date(9) } });
    assert.deepStrictEqual(batch.messages[0].body, new Map([[1, 2]]));
    assert.deepStrictEqual(batch.messages[0].timestamp, new Date(5));
    assert.strictEqual(batch.constructor.name, 'QueueController');

    const own = await env.CLASS.queue('q', [message('a', 1)]);
    assert.strictEqual(own.ackAll, true);
    assert.deepStrictEqual(own.retryBatch, { retry: false });

    const none = await env.NONE.queue('q', [message('a', 1)]);
    assert.strictEqual(none.outcome, 'exception');
    const listened = await env.LISTENERS.queue('q', [message('a', 11), message('b', 1)]);
    assert.deepStrictEqual(listened, {
      outcome: 'ok', ackAll: false, retryBatch: { retry: true, delaySeconds: 11 }, explicitAcks: [], retryMessages: [{ msgId: 'b', delaySeconds: 3 }],
    });
    const early = await env.NOWAIT.queue('q', [message('a', 1)]);
    assert.deepStrictEqual(early.explicitAcks, ['a']);

    const { body, ...rest } = message('a', 1);
    assert.strictEqual((await env.SELF.queue('q', [{ ...rest, serializedBody: new Uint8Array([1, 2, 3]) }])).outcome, 'exception');

    await assert.rejects(env.SELF.queue('q', [{ id: 'a', timestamp: new Date(), attempts: 1 }]), TypeError);
    await assert.rejects(env.SELF.queue('q', [{ ...message('a', 1), serializedBody: new ArrayBuffer(1) }]), TypeError);
  },
};

export const scheduledEvents = {
  async test(_, env) {
    assert.deepStrictEqual(await env.SELF.scheduled({ scheduledTime: new Date(1234), cron: 'stop' }), { outcome: 'ok', noRetry: true });
    assert.strictEqual(events[0].scheduledTime, 1234);
    assert.strictEqual(events[0].cron, 'stop');
    assert.deepStrictEqual(await env.SELF.scheduled(), { outcome: 'ok', noRetry: false });
    assert.strictEqual((await env.SELF.scheduled({ cron: 'boom' })).outcome, 'exception');
    assert.strictEqual((await env.SELF.scheduled({ cron: 'late' })).outcome, 'exception');
    assert.deepStrictEqual(await env.LISTENERS.scheduled({ cron: 'none' }), { outcome: 'ok', noRetry: true });
    assert.strictEqual((await env.LISTENERS.scheduled({ cron: 'late' })).outcome, 'exception');
    assert.strictEqual((await env.NONE.scheduled()).outcome, 'exception');
  },
};

// Nobody but the platform sends events: a remote call of that name is a call of a method.
export const notByName = {
  async test(_, env) {
    const before = events.length;
    await assert.rejects(async () => { await env.SELF['1']({ scheduledTime: 1, cron: '' }); }, /is not a function/);
    assert.strictEqual(events.length, before);
  },
};
