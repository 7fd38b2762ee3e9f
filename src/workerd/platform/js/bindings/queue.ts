// The producer's side of Queues (https://developers.cloudflare.com/queues/configuration/javascript-apis/#producer): messages are posted to a service.
import { bufferOf, copyBytes, isResizable, viewBytes } from '../blob/bytes';
import { flags } from '../flags';
import { badArgument, badField, defineInterface, illegalInvocation, toDictionary } from '../interface';
import { native } from '../ops';
import { ArrayBufferIsView, JSONParse, JSONStringify, MathMax, StringPrototypeToLowerCase, TypedArrayPrototypeGetByteLength } from '../primordials';
import { asyncApi, bodyText, headerOf, send, toInt, type Answer } from './send';

const KEY = {};

interface SendOptions { contentType?: unknown; delaySeconds?: unknown }
interface MessageSendRequest extends SendOptions { body: unknown }

function unsupported(type: string): TypeError {
  return new TypeError(`Unsupported queue message content type: ${type}`);
}

function checkContentType(given: string): string {
  const type = StringPrototypeToLowerCase(given);
  if (type !== 'text' && type !== 'bytes' && type !== 'json' && type !== 'v8') throw unsupported(given);
  return type;
}

/** `type` undefined: as workers did before content types. `take`: the message's buffer is detached, as send() has always done. */
function serialize(body: unknown, type: string | undefined, take: boolean): Uint8Array {
  switch (type) {
    case undefined: case 'v8': return native.structuredSerialize(body, undefined);
    case 'json': return native.utf8Encode(`${JSONStringify(body)}`);
    case 'text':
      if (typeof body !== 'string') throw new TypeError(`Content Type "text" requires a value of type string, but received: ${typeof body}`);
      return native.utf8Encode(body);
    case 'bytes': {
      if (!ArrayBufferIsView(body)) throw new TypeError(`Content Type "bytes" requires a value of type ArrayBufferView, but received: ${typeof body}`);
      if (!take) return isResizable(body) ? copyBytes(body) : viewBytes(body);
      const bytes = copyBytes(body);
      try {
        native.detachArrayBuffer(bufferOf(body));
      } catch {
        // Shared memory and WebAssembly's cannot be taken away from the worker.
      }
      return bytes;
    }
    default: throw unsupported(type);
  }
}

function failure(answer: Answer, what: string, coded: boolean): Error {
  if (!coded) return new Error(`Queue ${what} failed: ${answer.statusText}`);
  const code = headerOf(answer, 'cf-queues-error-code') ?? '15000';
  return new Error(`${headerOf(answer, 'cf-queues-error-cause') ?? 'Unknown Internal Error'} (${code})`);
}

interface Metrics { backlogCount: number; backlogBytes: number; oldestMessageTimestamp?: Date }

/** 0 stands for "none" in what services say. */
export function readMetrics(value: any): Metrics {
  const { backlogCount, backlogBytes, oldestMessageTimestamp: oldest } = value;
  const metrics: Metrics = { backlogCount: +backlogCount, backlogBytes: +backlogBytes };
  const time = oldest === undefined ? 0 : +oldest;
  if (time !== 0) metrics.oldestMessageTimestamp = new Date(time);
  return metrics;
}

function parse(text: string, what: string): any {
  const value: any = JSONParse(text);
  if (typeof value !== 'object' || value === null) throw new Error(`Failed to parse queue ${what} response${text}`);
  return value;
}

async function sent(answer: Promise<Answer>, method: string, type: string): Promise<unknown> {
  const a = await answer;
  if (a.status !== 200) throw failure(a, method, flags.queue_expose_error_codes === true);
  const { metadata } = parse(await bodyText(a.response), 'send');
  if (typeof metadata !== 'object' || metadata === null) throw badField('metadata', `Send${type}Response`, `Send${type}Metadata`);
  const { metrics } = metadata;
  if (typeof metrics !== 'object' || metrics === null) throw badField('metrics', `Send${type}Metadata`, `Send${type}Metrics`);
  return { metadata: { metrics: readMetrics(metrics) } };
}

function delayHeader(delay: number | undefined): string {
  return delay === undefined ? '' : `X-Msg-Delay-Secs: ${delay}\r\n`;
}

function optionalInt(value: unknown): number | undefined {
  return value === undefined ? undefined : toInt(value);
}

export class WorkerQueue {
  #target: number;

  constructor(key: unknown, target: number) {
    if (key !== KEY) throw new TypeError('Illegal constructor');
    this.#target = target;
  }

  metrics(): Promise<unknown> {
    if (!(#target in this)) throw illegalInvocation();
    return asyncApi(async () => {
      const answer = await send(this.#target, 'GET', 'https://fake-host/metrics', '', null);
      if (answer.status !== 200) throw failure(answer, 'metrics', true);
      return readMetrics(parse(await bodyText(answer.response), 'metrics'));
    });
  }

  send(body: unknown, options?: SendOptions): Promise<unknown> {
    if (!(#target in this)) throw illegalInvocation();
    return asyncApi(() => {
      if (arguments.length === 0) throw badArgument('send', 'WorkerQueue', 1, 'Value');
      const given = toDictionary<SendOptions>(options, () => badArgument('send', 'WorkerQueue', 2, 'SendOptions'));
      const contentType = given?.contentType === undefined ? undefined : `${given.contentType as string}`;
      const delay = optionalInt(given?.delaySeconds);
      if (body === undefined) throw new TypeError('Message body cannot be undefined');
      const type = contentType !== undefined ? checkContentType(contentType) : flags.queues_json_messages ? 'json' : undefined;
      const block = `Content-Type: application/octet-stream\r\n${type === undefined ? '' : `X-Msg-Fmt: ${type}\r\n`}${delayHeader(delay)}`;
      return sent(send(this.#target, 'POST', 'https://fake-host/message', block, serialize(body, type, true)), 'send', '');
    });
  }

  sendBatch(batch: Iterable<MessageSendRequest>, options?: { delaySeconds?: unknown }): Promise<unknown> {
    if (!(#target in this)) throw illegalInvocation();
    return asyncApi(() => {
      if (typeof (batch as any)?.[Symbol.iterator] !== 'function') throw badArgument('sendBatch', 'WorkerQueue', 1, 'Sequence');
      const given = toDictionary<SendOptions>(options, () => badArgument('sendBatch', 'WorkerQueue', 2, 'SendBatchOptions'));
      const delay = optionalInt(given?.delaySeconds);
      let text = '';
      let count = 0;
      let total = 0;
      let largest = 0;
      for (const message of batch) {
        if (typeof message !== 'object' || message === null) throw badArgument('sendBatch', 'WorkerQueue', 1, 'Sequence');
        const { body } = message;
        const contentType = message.contentType === undefined ? undefined : `${message.contentType as string}`;
        const delaySeconds = optionalInt(message.delaySeconds);
        if (body === undefined) throw new TypeError('Message body cannot be undefined');
        const type = contentType !== undefined ? checkContentType(contentType) : flags.queues_json_messages ? 'json' : undefined;
        const bytes = serialize(body, contentType ?? type, false);
        const size = TypedArrayPrototypeGetByteLength(bytes);
        total += size;
        largest = MathMax(largest, size);
        text += `${count === 0 ? '' : ','}{"body":"${native.base64Encode(bytes, false)}"${type === undefined ? '' : `,"contentType":"${type}"`}` +
          `${delaySeconds === undefined ? '' : `,"delaySecs": ${delaySeconds}`}}`;
        count++;
      }
      if (count === 0) throw new TypeError('sendBatch() requires at least one message');
      const block = `CF-Queue-Batch-Count: ${count}\r\nCF-Queue-Batch-Bytes: ${total}\r\nCF-Queue-Largest-Msg: ${largest}\r\n` +
        `Content-Type: application/json\r\n${delayHeader(delay)}`;
      return sent(send(this.#target, 'POST', 'https://fake-host/batch', block, `{"messages":[${text}]}`), 'sendBatch', 'Batch');
    });
  }

  static {
    defineInterface(this, 'WorkerQueue', { brand: (o) => #target in o });
  }
}

export function makeQueue(target: number): WorkerQueue {
  return new WorkerQueue(KEY, target);
}
