// `list[list.length] = value` calls a setter, or a proxy's trap, that user code put where arrays inherit from. tools/intrinsics.mjs therefore
// writes it as `list[freeSlot(list)] = value`, wherever it stands in the platform's sources.
const { defineProperty, getPrototypeOf } = Object;
const ArrayPrototype = Array.prototype;
const ObjectPrototype = Object.prototype;

/** The index after the last; where something inherited could get in the way, there is a property of the list's own. */
export function freeSlot(list: readonly unknown[]): number {
  const { length } = list;
  if (getPrototypeOf(ArrayPrototype) !== ObjectPrototype || length in list) {
    defineProperty(list, length, { __proto__: null, value: undefined, writable: true, enumerable: true, configurable: true } as PropertyDescriptor);
  }
  return length;
}
