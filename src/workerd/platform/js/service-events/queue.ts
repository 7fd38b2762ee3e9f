// The consumer's side of Queues (https://developers.cloudflare.com/queues/configuration/javascript-apis/#consumer).
import { asyncApi, toInt } from '../bindings/send';
import { readMetrics } from '../bindings/queue';
import { copyBytes, isBufferSource } from '../blob/bytes';
import { constructExtendable, ExtendableEvent } from '../events';
import { fetcherTarget, isFetcher, type Fetcher } from '../fetch/fetcher';
import { badArgument, badField, defineInterface, illegalInvocation, toDictionary } from '../interface';
import { native } from '../ops';
import { ArrayIsArray, MapPrototypeForEach, MapPrototypeGet, MapPrototypeHas, MapPrototypeSet, SafeMap, SafeSet, SetPrototypeAdd, SetPrototypeForEach, SetPrototypeHas } from '../primordials';
import { callEvent } from '../rpc/stubs';
import { logWarning } from '../warnings';
import { toTime } from './time';
import { fix, ServiceEvent, type Received } from './types';

const KEY = {};

interface Metrics { backlogCount: number; backlogBytes: number; oldestMessageTimestamp: number }
interface SentMessage { id: string; timestamp: number; body: Uint8Array; attempts: number }
interface Sent { queue: string; messages: SentMessage[]; metrics: Metrics }
interface RetryOptions { delaySeconds?: unknown }
interface RetryBatch { retry: boolean; delaySeconds?: number }
interface RetryMessage { msgId: string; delaySeconds?: number }
interface QueueResult { outcome: string; ackAll: boolean; retryBatch: RetryBatch; explicitAcks: string[]; retryMessages: RetryMessage[] }

/** What handlers have decided about a batch so far. */
export class Decisions {
  ackAll = false;
  batch: RetryBatch = { retry: false };
  readonly acks: Set<string> = new SafeSet();
  /** Delays, where given, by message. */
  readonly retries: Map<string, number | undefined> = new SafeMap();

  retryAll(options: unknown): void {
    const delay = delayOf(options, 'retryAll', 'QueueController');
    if (this.ackAll) return ignored('retryAll()', '', 'ackAll()', 'retryAll()');
    this.batch.retry = true;
    if (delay !== undefined) this.batch.delaySeconds = delay;
  }

  acknowledgeAll(): void {
    if (this.batch.retry) return ignored('ackAll()', '', 'retryAll()', 'ackAll()');
    this.ackAll = true;
  }

  retry(id: string, options: unknown): void {
    const delay = delayOf(options, 'retry', 'QueueMessage');
    if (this.ackAll) return ignored('retry()', ` on message ${id}`, 'ackAll()', 'retry() on a message');
    if (SetPrototypeHas(this.acks, id)) return ignored('retry()', ` on message ${id}`, 'ack()', 'retry() on a message');
    MapPrototypeSet(this.retries, id, delay ?? MapPrototypeGet(this.retries, id));
  }

  acknowledge(id: string): void {
    if (this.ackAll) return;
    if (this.batch.retry) return ignored('ack()', ` on message ${id}`, 'retryAll()', 'ack() on a message');
    if (MapPrototypeHas(this.retries, id)) return ignored('ack()', ` on message ${id}`, 'retry()', 'ack() on a message');
    SetPrototypeAdd(this.acks, id);
  }

  result(outcome: string): QueueResult {
    const explicitAcks: string[] = [];
    SetPrototypeForEach(this.acks, (id) => { explicitAcks[explicitAcks.length] = id; });
    const retryMessages: RetryMessage[] = [];
    MapPrototypeForEach(this.retries, (delaySeconds, msgId) => {
      retryMessages[retryMessages.length] = delaySeconds === undefined ? { msgId } : { msgId, delaySeconds };
    });
    return { outcome, ackAll: this.ackAll, retryBatch: this.batch, explicitAcks, retryMessages };
  }
}

function ignored(call: string, where: string, before: string, again: string): void {
  logWarning(`Received a call to ${call}${where} after ${before} was already called. Calling ${again} after calling ${before} has no effect.`);
}

function delayOf(options: unknown, method: string, owner: string): number | undefined {
  const delay = toDictionary<RetryOptions>(options, () => badArgument(method, owner, 1, 'QueueRetryOptions'))?.delaySeconds;
  return delay === undefined ? undefined : toInt(delay);
}

export class QueueMessage {
  declare readonly id: string;
  declare readonly timestamp: Date;
  declare readonly body: unknown;
  declare readonly attempts: number;
  #id: string;
  #decisions: Decisions;

  constructor(key: unknown, sent: SentMessage, decisions: Decisions) {
    if (key !== KEY) throw new TypeError('Illegal constructor');
    this.#id = sent.id;
    this.#decisions = decisions;
    fix(this, 'id', sent.id);
    fix(this, 'timestamp', new Date(sent.timestamp));
    fix(this, 'body', native.structuredDeserialize(sent.body, undefined));
    fix(this, 'attempts', sent.attempts);
  }

  retry(options?: RetryOptions): void {
    if (!(#id in this)) throw illegalInvocation();
    this.#decisions.retry(this.#id, options);
  }

  ack(): void {
    if (!(#id in this)) throw illegalInvocation();
    this.#decisions.acknowledge(this.#id);
  }

  static {
    defineInterface(this, 'QueueMessage', { brand: (o) => #id in o });
  }
}

interface Batch { messages: QueueMessage[]; queue: string; metadata: { metrics: ReturnType<typeof readMetrics> } }

function describe(object: object, batch: Batch): void {
  fix(object, 'messages', batch.messages);
  fix(object, 'queue', batch.queue);
  fix(object, 'metadata', batch.metadata);
}

/** What handlers get. */
export class QueueController {
  #decisions: Decisions;

  constructor(key: unknown, batch: Batch, decisions: Decisions) {
    if (key !== KEY) throw new TypeError('Illegal constructor');
    this.#decisions = decisions;
    describe(this, batch);
  }

  retryAll(options?: RetryOptions): void {
    if (!(#decisions in this)) throw illegalInvocation();
    this.#decisions.retryAll(options);
  }

  ackAll(): void {
    if (!(#decisions in this)) throw illegalInvocation();
    this.#decisions.acknowledgeAll();
  }

  static {
    defineInterface(this, 'QueueController', { brand: (o) => #decisions in o });
  }
}

let setDecisions: (event: QueueEvent, decisions: Decisions) => void;

/** What listeners get. */
export class QueueEvent extends ExtendableEvent {
  #decisions: Decisions | undefined = undefined;

  retryAll(options?: RetryOptions): void {
    if (!(#decisions in this)) throw illegalInvocation();
    this.#decisions!.retryAll(options);
  }

  ackAll(): void {
    if (!(#decisions in this)) throw illegalInvocation();
    this.#decisions!.acknowledgeAll();
  }

  static {
    setDecisions = (event, decisions) => { event.#decisions = decisions; };
    defineInterface(this, 'QueueEvent', { brand: (o) => #decisions in o });
  }
}

export function receiveQueue(sent: Sent): Received {
  const decisions = new Decisions();
  const messages: QueueMessage[] = [];
  for (let i = 0; i < sent.messages.length; i++) messages[messages.length] = new QueueMessage(KEY, sent.messages[i]!, decisions);
  const batch: Batch = { messages, queue: sent.queue, metadata: { metrics: readMetrics(sent.metrics) } };
  const event = constructExtendable(() => new QueueEvent('queue'));
  setDecisions(event, decisions);
  describe(event, batch);
  return { type: 'queue', event, controller: new QueueController(KEY, batch, decisions), result: (outcome) => decisions.result(outcome) };
}

const NAME = 'ServiceBindingQueueMessage';

function pack(message: any): SentMessage {
  const { id, timestamp, body, serializedBody } = message;
  if (id === undefined) throw badField('id', NAME, 'string');
  const attempts = toInt(message.attempts);
  if (attempts < 0 || attempts > 65535) throw new TypeError('Value out of range. Must be less than or equal to 65535.');
  const time = toTime(timestamp, () => badField('timestamp', NAME, 'date'));
  if (serializedBody !== undefined && !isBufferSource(serializedBody)) throw badField('serializedBody', NAME, 'ArrayBuffer or ArrayBufferView');
  if ((body === undefined) === (serializedBody === undefined)) throw new TypeError('Expected one of body or serializedBody for each message');
  return {
    id: `${id}`, timestamp: time, attempts,
    body: body !== undefined ? native.structuredSerialize(body, undefined) : copyBytes(serializedBody),
  };
}

function packMetrics(metadata: any): Metrics {
  const none = { backlogCount: 0, backlogBytes: 0, oldestMessageTimestamp: 0 };
  const given = toDictionary<any>(metadata, () => badArgument('queue', 'Fetcher', 3, 'MessageBatchMetadata'));
  if (given === undefined) return none;
  const metrics = toDictionary<any>(given.metrics, () => badField('metrics', 'MessageBatchMetadata', 'MessageBatchMetrics'));
  if (metrics === undefined) throw badField('metrics', 'MessageBatchMetadata', 'MessageBatchMetrics');
  const oldest = metrics.oldestMessageTimestamp;
  return {
    backlogCount: +metrics.backlogCount, backlogBytes: +metrics.backlogBytes,
    oldestMessageTimestamp: oldest === undefined ? 0 : toTime(oldest, () => badField('oldestMessageTimestamp', 'MessageBatchMetrics', 'date')),
  };
}

/** `Fetcher.prototype.queue`. */
export function queue(this: Fetcher, name: unknown, messages: unknown, metadata?: unknown): Promise<QueueResult> {
  if (!isFetcher(this)) throw illegalInvocation();
  const target = fetcherTarget(this);
  return asyncApi(() => {
    if (name === undefined) throw badArgument('queue', 'Fetcher', 1, 'string');
    if (!ArrayIsArray(messages)) throw badArgument('queue', 'Fetcher', 2, 'Array');
    const packed: SentMessage[] = [];
    for (let i = 0; i < messages.length; i++) {
      const message: unknown = messages[i];
      if (typeof message !== 'object' || message === null) throw badArgument('queue', 'Fetcher', 2, 'Array');
      packed[packed.length] = pack(message);
    }
    const sent: Sent = { queue: `${name as string}`, messages: packed, metrics: packMetrics(metadata) };
    return answered(callEvent(target, ServiceEvent.Queue, sent) as Promise<QueueResult>);
  });
}

async function answered(call: Promise<QueueResult>): Promise<QueueResult> {
  const { outcome, ackAll, retryBatch, explicitAcks, retryMessages } = await call;
  return { outcome, ackAll, retryBatch, explicitAcks, retryMessages };
}
