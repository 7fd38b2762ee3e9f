// PerformanceEntry and its kinds (https://w3c.github.io/performance-timeline/, https://w3c.github.io/user-timing/).
import { badConstructorArgument, defineInterface, illegalInvocation, toDictionary } from '../interface';
import { DateNow, ObjectCreate } from '../primordials';

let constructing = false;

/** Makes an entry of a class scripts cannot construct. */
function make<E>(create: () => E): E {
  constructing = true;
  try {
    return create();
  } finally {
    constructing = false;
  }
}

let fieldsOf: (entry: PerformanceEntry) => [name: string, entryType: string, startTime: number, duration: number];

function toRecord(entry: PerformanceEntry, detail?: unknown): Record<string, unknown> {
  const record = ObjectCreate(null) as Record<string, unknown>;
  [record.name, record.entryType, record.startTime, record.duration] = fieldsOf(entry);
  if (detail !== undefined) record.detail = detail;
  return record;
}

class PerformanceEntry {
  readonly #name: string;
  readonly #entryType: string;
  readonly #startTime: number;
  readonly #duration: number;

  constructor(...args: [name?: string, entryType?: string, startTime?: number, duration?: number]) {
    if (!constructing) throw new TypeError('Illegal constructor');
    this.#name = args[0]!;
    this.#entryType = args[1]!;
    this.#startTime = args[2]!;
    this.#duration = args[3]!;
  }

  get name(): string { if (!(#name in this)) throw illegalInvocation(); return this.#name; }
  get entryType(): string { if (!(#name in this)) throw illegalInvocation(); return this.#entryType; }
  get startTime(): number { if (!(#name in this)) throw illegalInvocation(); return this.#startTime; }
  get duration(): number { if (!(#name in this)) throw illegalInvocation(); return this.#duration; }
  toJSON(): object { if (!(#name in this)) throw illegalInvocation(); return toRecord(this); }

  static {
    fieldsOf = (entry) => [entry.#name, entry.#entryType, entry.#startTime, entry.#duration];
    defineInterface(this, 'PerformanceEntry', { brand: (o) => #name in o });
  }
}

interface MarkOptions { detail?: unknown; startTime?: number }

class PerformanceMark extends PerformanceEntry {
  readonly #detail: unknown;

  constructor(name: string, options: MarkOptions = undefined!) {
    if (arguments.length === 0) throw badConstructorArgument('PerformanceMark', 1, 'string');
    const text = `${name}`;
    const dictionary = toDictionary<MarkOptions>(options, () => badConstructorArgument('PerformanceMark', 2, 'Options'));
    const startTime = dictionary?.startTime === undefined ? DateNow() : Number(dictionary.startTime);
    constructing = true;
    super(text, 'mark', startTime, 0);
    constructing = false;
    this.#detail = dictionary?.detail;
  }

  get detail(): unknown { if (!(#detail in this)) throw illegalInvocation(); return this.#detail === undefined ? null : this.#detail; }
  override toJSON(): object { if (!(#detail in this)) throw illegalInvocation(); return toRecord(this, this.#detail); }

  static {
    defineInterface(this, 'PerformanceMark', { brand: (o) => #detail in o });
  }
}

class PerformanceMeasure extends PerformanceEntry {
  readonly #detail: unknown;

  constructor(...args: [name?: string, startTime?: number, duration?: number, detail?: unknown]) {
    super(args[0], 'measure', args[1], args[2]);
    this.#detail = args[3];
  }

  get detail(): unknown { if (!(#detail in this)) throw illegalInvocation(); return this.#detail === undefined ? null : this.#detail; }
  override toJSON(): object { if (!(#detail in this)) throw illegalInvocation(); return toRecord(this, this.#detail); }

  static {
    defineInterface(this, 'PerformanceMeasure', { brand: (o) => #detail in o });
  }
}

export function createMeasure(name: string, startTime: number, duration: number, detail: unknown): PerformanceMeasure {
  return make(() => new PerformanceMeasure(name, startTime, duration, detail));
}

// Exists for feature tests: workers record no resource timings, so there is never an instance.
class PerformanceResourceTiming extends PerformanceEntry {
  static {
    for (const name of [
      'connectEnd', 'connectStart', 'decodedBodySize', 'domainLookupEnd', 'domainLookupStart', 'encodedBodySize', 'fetchStart',
      'initiatorType', 'nextHopProtocol', 'redirectEnd', 'redirectStart', 'requestStart', 'responseEnd', 'responseStart',
      'responseStatus', 'secureConnectionStart', 'transferSize', 'workerStart',
    ]) {
      const get = (): never => { throw illegalInvocation(); };
      Object.defineProperty(get, 'name', { value: `get ${name}` });
      Object.defineProperty(this.prototype, name, { get, enumerable: true, configurable: true });
    }
    defineInterface(this, 'PerformanceResourceTiming', { brand: () => false });
  }
}

class PerformanceNodeTiming extends PerformanceEntry {
  readonly #node = true;

  constructor() {
    super('node', 'node', 0, 0);
    for (const name of MILESTONES) Object.defineProperty(this, name, { value: 0, enumerable: true, configurable: true });
    Object.defineProperty(this, 'uvMetricsInfo', { value: { loopCount: 0, events: 0, eventsWaiting: 0 }, enumerable: true, configurable: true });
  }

  override toJSON(): object {
    if (!(#node in this)) throw illegalInvocation();
    const record = toRecord(this);
    for (const name of [...MILESTONES, 'uvMetricsInfo']) record[name] = (this as any)[name];
    return record;
  }

  static {
    defineInterface(this, 'PerformanceNodeTiming', { brand: (o) => #node in o });
  }
}
const MILESTONES = ['nodeStart', 'v8Start', 'bootstrapComplete', 'environment', 'loopStart', 'loopExit', 'idleTime'];

export function createNodeTiming(): PerformanceNodeTiming {
  return make(() => new PerformanceNodeTiming());
}

export { PerformanceEntry, PerformanceMark, PerformanceMeasure, PerformanceNodeTiming, PerformanceResourceTiming };
