// `list[list.length] = value` calls a setter, or a proxy's trap, that user code put where arrays inherit from. tools/intrinsics.mjs therefore
// writes it as `list[freeSlot(list)] = value`, wherever it stands in the platform's sources.
const { defineProperty, getPrototypeOf } = Object;
const ArrayPrototype = Array.prototype;
const ObjectPrototype = Object.prototype;

// It has what arrays inherit, and is always asked of the same place in the code with the same kind of object, which V8 answers at once.
const EMPTY: unknown[] = [];

/** The index after the last; where something inherited could get in the way, there is a property of the list's own. */
export function freeSlot(list: readonly unknown[]): number {
  const { length } = list;
  if (length in EMPTY || getPrototypeOf(ArrayPrototype) !== ObjectPrototype) {
    defineProperty(list, length, { __proto__: null, value: undefined, writable: true, enumerable: true, configurable: true } as PropertyDescriptor);
  }
  return length;
}
