// performance (https://w3c.github.io/hr-time/, https://w3c.github.io/user-timing/). As in workerd the time origin is 0, so now() is the
// time of the clock that Date.now() reads, and marks and measures that do not exist count as the origin.
import { EventTarget } from '../events';
import { entryIterator, keyIterator, valueIterator } from '../fetch/iterators';
import { flags } from '../flags';
import { badArgument, defineInterface, illegalInvocation, toDictionary } from '../interface';
import { DateNow, ObjectCreate, ObjectDefineProperty, SymbolIterator } from '../primordials';
import { createMeasure, createNodeTiming, type PerformanceEntry, PerformanceMark, type PerformanceMeasure } from './entries';
import { queueEntry, select, setTimeline } from './observer';

let constructing = false;

/** Counts of user interface events: there are none in a worker. */
class EventCounts {
  readonly #counts = true;
  constructor() { if (!constructing) throw new TypeError('Illegal constructor'); }
  get size(): number { if (!(#counts in this)) throw illegalInvocation(); return 0; }
  get(_type: string): number | undefined { if (!(#counts in this)) throw illegalInvocation(); return undefined; }
  has(_type: string): boolean { if (!(#counts in this)) throw illegalInvocation(); return false; }
  entries(): IterableIterator<[string, number]> { if (!(#counts in this)) throw illegalInvocation(); return entryIterator<[string, number]>(() => undefined); }
  keys(): IterableIterator<string> { if (!(#counts in this)) throw illegalInvocation(); return keyIterator<string>(() => undefined); }
  values(): IterableIterator<number> { if (!(#counts in this)) throw illegalInvocation(); return valueIterator<number>(() => undefined); }
  forEach(callback: Function): void {
    if (!(#counts in this)) throw illegalInvocation();
    if (typeof callback !== 'function') throw badArgument('forEach', 'EventCounts', 1, 'function');
  }
  static {
    ObjectDefineProperty(this.prototype, SymbolIterator, { value: this.prototype.entries, writable: true, configurable: true });
    defineInterface(this, 'EventCounts', { brand: (o) => #counts in o });
  }
}

interface MeasureOptions { detail?: unknown; start?: number; duration?: number; end?: number }

class Performance extends EventTarget {
  #entries: PerformanceEntry[] = [];

  constructor() {
    if (!constructing) throw new TypeError('Illegal constructor');
    super();
    setTimeline(() => this.#entries);
  }

  get timeOrigin(): number { if (!(#entries in this)) throw illegalInvocation(); return 0; }
  now(): number { if (!(#entries in this)) throw illegalInvocation(); return DateNow(); }

  get eventCounts(): EventCounts {
    if (!(#entries in this)) throw illegalInvocation();
    return construct(() => new EventCounts());
  }

  clearMarks(name: string = undefined!): void { if (!(#entries in this)) throw illegalInvocation(); this.#clear('mark', name); }
  clearMeasures(name: string = undefined!): void { if (!(#entries in this)) throw illegalInvocation(); this.#clear('measure', name); }
  clearResourceTimings(): void { if (!(#entries in this)) throw illegalInvocation(); }

  getEntries(): PerformanceEntry[] { if (!(#entries in this)) throw illegalInvocation(); return select(this.#entries, undefined, undefined); }
  getEntriesByName(name: string, type: string = undefined!): PerformanceEntry[] {
    if (!(#entries in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('getEntriesByName', 'Performance', 1, 'string');
    return select(this.#entries, `${name}`, type === undefined ? undefined : `${type}`);
  }
  getEntriesByType(type: string): PerformanceEntry[] {
    if (!(#entries in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('getEntriesByType', 'Performance', 1, 'string');
    return select(this.#entries, undefined, `${type}`);
  }

  mark(name: string, options: { detail?: unknown; startTime?: number } = undefined!): PerformanceMark {
    if (!(#entries in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('mark', 'Performance', 1, 'string');
    toDictionary(options, () => badArgument('mark', 'Performance', 2, 'Options'));
    return this.#add(new PerformanceMark(name, options));
  }

  measure(name: string, startOrOptions: string | MeasureOptions = undefined!, endMark: string = undefined!): PerformanceMeasure {
    if (!(#entries in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('measure', 'Performance', 1, 'string');
    const text = `${name}`;
    let start = 0;
    let end: number = DateNow();
    let detail: unknown;
    if (typeof startOrOptions === 'object' && startOrOptions !== null) {
      const { detail: given, start: from, end: to, duration } = startOrOptions;
      detail = given;
      if (from !== undefined) start = this.#time(from, 0);
      if (to !== undefined) end = this.#time(to, end);
      else if (duration !== undefined) end = start + Number(duration);
    } else if (startOrOptions !== undefined) {
      start = this.#time(`${startOrOptions}`, 0);
      if (endMark !== undefined) end = this.#time(`${endMark}`, end);
    }
    return this.#add(createMeasure(text, start, end >= start ? end - start : 0, detail));
  }

  setResourceTimingBufferSize(size: number): void {
    if (!(#entries in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('setResourceTimingBufferSize', 'Performance', 1, 'number');
    Number(size);
  }

  toJSON(): object {
    if (!(#entries in this)) throw illegalInvocation();
    const record = ObjectCreate(null) as { timeOrigin: number };
    record.timeOrigin = 0;
    return record;
  }

  // Node.js's additions (node:perf_hooks).
  get nodeTiming(): object { if (!(#entries in this)) throw illegalInvocation(); return createNodeTiming(); }
  eventLoopUtilization(): object { if (!(#entries in this)) throw illegalInvocation(); return { idle: 0, active: 0, utilization: 0 }; }
  markResourceTiming(): void { if (!(#entries in this)) throw illegalInvocation(); }
  timerify(fn: Function): Function {
    if (!(#entries in this)) throw illegalInvocation();
    if (typeof fn !== 'function') throw badArgument('timerify', 'Performance', 1, 'function');
    return fn;
  }

  #add<E extends PerformanceEntry>(entry: E): E {
    this.#entries[this.#entries.length] = entry;
    queueEntry(entry);
    return entry;
  }

  #time(mark: string | number, missing: number): number {
    if (typeof mark === 'number') return mark;
    const marks = select(this.#entries, mark, 'mark');
    if (marks.length > 0) return marks[0]!.startTime;
    const n = Number(mark);
    return n === n ? n : missing;
  }

  #clear(type: string, name: string | undefined): void {
    const wanted = name === undefined ? undefined : `${name}`;
    const kept: PerformanceEntry[] = [];
    for (let i = 0; i < this.#entries.length; i++) {
      const entry = this.#entries[i]!;
      if (entry.entryType !== type || (wanted !== undefined && entry.name !== wanted)) kept[kept.length] = entry;
    }
    this.#entries = kept;
  }

  static {
    defineInterface(this, 'Performance', { brand: (o) => #entries in o });
  }
}

const TIMELINE = [
  'eventCounts', 'clearMarks', 'clearMeasures', 'clearResourceTimings', 'getEntries', 'getEntriesByName', 'getEntriesByType', 'mark',
  'measure', 'setResourceTimingBufferSize', 'toJSON',
];
const NODE = ['nodeTiming', 'eventLoopUtilization', 'markResourceTiming', 'timerify'];

/** Leaves of Performance what the worker's flags say. */
export function installPerformance(): void {
  const node = flags.enable_nodejs_perf_hooks_module;
  const absent = [...(node || flags.enable_global_performance_classes ? [] : TIMELINE), ...(node ? [] : NODE)];
  for (const name of absent) delete (Performance.prototype as any)[name];
}

function construct<T>(create: () => T): T {
  constructing = true;
  try {
    return create();
  } finally {
    constructing = false;
  }
}

export function createPerformance(): Performance {
  return construct(() => new Performance());
}

export { Performance };
