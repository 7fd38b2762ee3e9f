// First-in first-out lists of plain nodes: no arrays, whose elements user code could intercept through Array.prototype.

class Entry<T> {
  next: Entry<T> | undefined = undefined;
  constructor(readonly value: T, readonly size: number) {}
}

/** The spec's queue-with-sizes. */
export class SizedQueue<T> {
  #head: Entry<T> | undefined = undefined;
  #tail: Entry<T> | undefined = undefined;
  /** The sum of the sizes; never negative, however the rounding went. */
  total = 0;
  length = 0;

  push(value: T, size: number): void {
    const entry = new Entry(value, size);
    if (this.#tail === undefined) this.#head = entry;
    else this.#tail.next = entry;
    this.#tail = entry;
    this.total += size;
    this.length++;
  }

  shift(): T {
    const entry = this.#head!;
    this.#head = entry.next;
    if (this.#head === undefined) this.#tail = undefined;
    this.length--;
    const total = this.total - entry.size;
    this.total = total < 0 ? 0 : total;
    return entry.value;
  }

  peek(): T {
    return this.#head!.value;
  }

  peekSize(): number {
    return this.#head!.size;
  }

  clear(): void {
    this.#head = this.#tail = undefined;
    this.total = 0;
    this.length = 0;
  }
}

export interface Linked<T> {
  next: T | undefined;
}

/** A list of objects that carry their own link. */
export class LinkedList<T extends Linked<T>> {
  first: T | undefined = undefined;
  #last: T | undefined = undefined;
  length = 0;

  push(node: T): void {
    node.next = undefined;
    if (this.#last === undefined) this.first = node;
    else this.#last.next = node;
    this.#last = node;
    this.length++;
  }

  shift(): T {
    const node = this.first!;
    this.first = node.next;
    if (this.first === undefined) this.#last = undefined;
    this.length--;
    node.next = undefined;
    return node;
  }

  /** Empties the list and returns its first node; the nodes stay linked. */
  take(): T | undefined {
    const first = this.first;
    this.clear();
    return first;
  }

  clear(): void {
    this.first = this.#last = undefined;
    this.length = 0;
  }
}
