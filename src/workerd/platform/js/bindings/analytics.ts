// Analytics Engine (https://developers.cloudflare.com/analytics/analytics-engine/): data points, posted to a service as JSON.
import { copyBytes, isBufferSource } from '../blob/bytes';
import { badArgument, badField, defineInterface, illegalInvocation, toDictionary } from '../interface';
import { requireIoContext } from '../io-context';
import { native } from '../ops';
import { ArrayIsArray, ArrayPrototypeJoin, DateNow, TypedArrayPrototypeGetByteLength } from '../primordials';
import { drain, send, succeeded } from './send';

const KEY = {};
const MAX_MEMBERS = 20;
const MAX_INDEXES = 1;
/** Bytes. */
const MAX_INDEX_SIZE = 96;
const MAX_BLOBS_SIZE = 16000;

interface DataPoint { indexes?: unknown; doubles?: unknown; blobs?: unknown }

function list(value: unknown, field: string): readonly unknown[] {
  if (value === undefined) return [];
  if (!ArrayIsArray(value)) throw badField(field, 'AnalyticsEngineEvent', 'Array');
  return value;
}

/** undefined: null, which leaves its place empty. */
function bytesOf(value: unknown): Uint8Array | undefined {
  if (value === null || value === undefined) return undefined;
  return isBufferSource(value) ? copyBytes(value) : native.utf8Encode(`${value as string}`);
}

function byteList(bytes: Uint8Array): string {
  return `[${ArrayPrototypeJoin(bytes as never, ',')}]`;
}

// JSON has no such numbers.
function double(value: unknown): string {
  const n = +(value as number);
  return n !== n || n === Infinity || n === -Infinity ? `"${n}"` : `${n}`;
}

export class AnalyticsEngine {
  #target: number;
  #dataset: string;

  constructor(key: unknown, target: number, dataset: string) {
    if (key !== KEY) throw new TypeError('Illegal constructor');
    this.#target = target;
    this.#dataset = dataset;
  }

  writeDataPoint(event?: DataPoint): void {
    if (!(#target in this)) throw illegalInvocation();
    const io = requireIoContext();
    const given = toDictionary<DataPoint>(event, () => badArgument('writeDataPoint', 'AnalyticsEngine', 1, 'AnalyticsEngineEvent'));
    const indexes = list(given?.indexes, 'indexes');
    const doubles = list(given?.doubles, 'doubles');
    const blobs = list(given?.blobs, 'blobs');
    if (indexes.length > MAX_INDEXES) throw new TypeError(`writeDataPoint(): Maximum of ${MAX_INDEXES} indexes supported.`);
    const index = bytesOf(indexes[0]);
    if (index !== undefined && TypedArrayPrototypeGetByteLength(index) > MAX_INDEX_SIZE) {
      throw new TypeError(`writeDataPoint(): Size of indexes[0] exceeds ${MAX_INDEX_SIZE} bytes).`);
    }
    if (blobs.length > MAX_MEMBERS) throw new TypeError(`writeDataPoint(): Maximum of ${MAX_MEMBERS} blobs supported.`);
    let tail = '';
    let size = 0;
    for (let i = 0; i < blobs.length; i++) {
      const blob = bytesOf(blobs[i]);
      if (blob === undefined) continue;
      size += TypedArrayPrototypeGetByteLength(blob);
      if (size > MAX_BLOBS_SIZE) throw new TypeError(`writeDataPoint(): Cumulative size of blobs exceeds ${MAX_BLOBS_SIZE} bytes).`);
      tail += `,"blob${i + 1}":${byteList(blob)}`;
    }
    if (doubles.length > MAX_MEMBERS) throw new TypeError(`writeDataPoint(): Maximum of ${MAX_MEMBERS} doubles supported.`);
    let text = `{"accountId":"0","dataset":${byteList(native.utf8Encode(this.#dataset))},"schemaVersion":"0",` +
      `"index1":${index === undefined ? '[]' : byteList(index)},"timestamp":"${DateNow()}000000"`;
    for (let i = 0; i < MAX_MEMBERS; i++) text += `,"double${i + 1}":${i < doubles.length ? double(doubles[i]) : '0'}`;
    text += `${tail}}`;
    const target = this.#target;
    io.waitUntil((async () => {
      const answer = await send(target, 'POST', 'https://fake-host/', '', text);
      if (!succeeded(answer)) throw new Error('writeLogfwdr request returned an error');
      await drain(answer);
    })());
  }

  static {
    defineInterface(this, 'AnalyticsEngine', { brand: (o) => #target in o });
  }
}

export function makeAnalyticsEngine(target: number, dataset: string): AnalyticsEngine {
  return new AnalyticsEngine(KEY, target, dataset);
}
