// PerformanceObserver (https://w3c.github.io/performance-timeline/#the-performanceobserver-interface) for marks and measures.
import { DOMException } from '../dom-exception';
import { badConstructorArgument, defineInterface, illegalInvocation } from '../interface';
import { native } from '../ops';
import {
  ArrayIsArray, ArrayPrototypeIncludes, ArrayPrototypeIndexOf, ArrayPrototypeSplice, ObjectDefineProperty, ObjectFreeze, ReflectApply,
} from '../primordials';
import type { PerformanceEntry } from './entries';
import { reportFromCallback } from '../uncaught-errors';

export const SUPPORTED = ObjectFreeze(['mark', 'measure']) as readonly string[];

export function select(entries: readonly PerformanceEntry[], name: string | undefined, type: string | undefined): PerformanceEntry[] {
  const found: PerformanceEntry[] = [];
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i]!;
    if ((name === undefined || entry.name === name) && (type === undefined || entry.entryType === type)) found[found.length] = entry;
  }
  return found;
}

let constructing = false;
let createList: (entries: readonly PerformanceEntry[]) => PerformanceObserverEntryList;

class PerformanceObserverEntryList {
  #entries: readonly PerformanceEntry[] = [];

  constructor() {
    if (!constructing) throw new TypeError('Illegal constructor');
  }

  getEntries(): PerformanceEntry[] { if (!(#entries in this)) throw illegalInvocation(); return select(this.#entries, undefined, undefined); }
  getEntriesByType(type: string): PerformanceEntry[] {
    if (!(#entries in this)) throw illegalInvocation();
    return select(this.#entries, undefined, `${type}`);
  }
  getEntriesByName(name: string, type: string = undefined!): PerformanceEntry[] {
    if (!(#entries in this)) throw illegalInvocation();
    return select(this.#entries, `${name}`, type === undefined ? undefined : `${type}`);
  }

  static {
    defineInterface(this, 'PerformanceObserverEntryList', { brand: (o) => #entries in o });
    createList = (entries) => {
      constructing = true;
      try {
        const list = new PerformanceObserverEntryList();
        list.#entries = entries;
        return list;
      } finally {
        constructing = false;
      }
    };
  }
}
const observers: PerformanceObserver[] = [];
let scheduled = false;
let buffered: () => readonly PerformanceEntry[];
let offer: (observer: PerformanceObserver, entry: PerformanceEntry) => boolean;
let deliver: (observer: PerformanceObserver) => void;

/** Where observers that ask for what was before find it. */
export function setTimeline(entries: () => readonly PerformanceEntry[]): void {
  buffered = entries;
}

/** Tells the observers of a new entry. */
export function queueEntry(entry: PerformanceEntry): void {
  let any = false;
  for (let i = 0; i < observers.length; i++) any = offer(observers[i]!, entry) || any;
  if (any) schedule();
}

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  native.enqueueMicrotask(() => {
    scheduled = false;
    for (let i = 0; i < observers.length; i++) deliver(observers[i]!);
  });
}

interface ObserveOptions { entryTypes?: string[]; type?: string; buffered?: boolean }

class PerformanceObserver {
  readonly #callback: Function;
  #records: PerformanceEntry[] = [];
  #types: string[] = [];
  /** Which form of observe() was used first; they do not mix. */
  #form: 'type' | 'entryTypes' | undefined = undefined;

  constructor(callback: Function) {
    if (typeof callback !== 'function') throw badConstructorArgument('PerformanceObserver', 1, 'Value');
    this.#callback = callback;
  }

  observe(options: ObserveOptions = {}): void {
    if (!(#callback in this)) throw illegalInvocation();
    const { entryTypes, type } = options;
    const form = entryTypes !== undefined ? 'entryTypes' : 'type';
    if (entryTypes === undefined && type === undefined) throw new TypeError("observe() needs either 'entryTypes' or 'type'");
    if (entryTypes !== undefined && (type !== undefined || options.buffered !== undefined)) {
      throw new TypeError("observe() takes 'entryTypes' alone");
    }
    if (this.#form !== undefined && this.#form !== form) {
      throw new DOMException("observe() with 'type' and observe() with 'entryTypes' cannot be mixed", 'InvalidModificationError');
    }
    this.#form = form;
    if (entryTypes !== undefined) {
      if (!ArrayIsArray(entryTypes)) throw new TypeError("observe(): 'entryTypes' must be an array");
      const types: string[] = [];
      for (let i = 0; i < entryTypes.length; i++) {
        const name = `${entryTypes[i]!}`;
        if (ArrayPrototypeIncludes(SUPPORTED, name)) types[types.length] = name;
      }
      if (types.length === 0) return;
      this.#types = types;
    } else {
      const name = `${type!}`;
      if (!ArrayPrototypeIncludes(SUPPORTED, name)) return;
      if (!ArrayPrototypeIncludes(this.#types, name)) this.#types[this.#types.length] = name;
      if (options.buffered) {
        const before = select(buffered(), undefined, name);
        for (let i = 0; i < before.length; i++) this.#records[this.#records.length] = before[i]!;
        if (before.length > 0) schedule();
      }
    }
    if (ArrayPrototypeIndexOf(observers, this as PerformanceObserver) < 0) observers[observers.length] = this;
  }

  disconnect(): void {
    if (!(#callback in this)) throw illegalInvocation();
    const i = ArrayPrototypeIndexOf(observers, this as PerformanceObserver);
    if (i >= 0) ArrayPrototypeSplice(observers, i, 1);
    this.#records = [];
    this.#types = [];
    this.#form = undefined;
  }

  takeRecords(): PerformanceEntry[] {
    if (!(#callback in this)) throw illegalInvocation();
    const records = this.#records;
    this.#records = [];
    return records;
  }

  declare static readonly supportedEntryTypes: readonly string[];

  static {
    offer = (observer, entry) => {
      if (!ArrayPrototypeIncludes(observer.#types, entry.entryType)) return false;
      observer.#records[observer.#records.length] = entry;
      return true;
    };
    deliver = (observer) => {
      const records = observer.#records;
      if (records.length === 0) return;
      observer.#records = [];
      try {
        ReflectApply(observer.#callback, observer, [createList(records), observer, { droppedEntriesCount: 0 }]);
      } catch (e) {
        reportFromCallback(e);
      }
    };
    ObjectDefineProperty(this, 'supportedEntryTypes', { value: SUPPORTED, enumerable: true, configurable: true });
    defineInterface(this, 'PerformanceObserver', { brand: (o) => #callback in o });
  }
}

export { PerformanceObserver, PerformanceObserverEntryList };
