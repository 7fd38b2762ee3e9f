// Walks everything that can be reached from given values: properties, prototypes, accessors (called), what iterators give.
const { ownKeys, getPrototypeOf, getOwnPropertyDescriptor, apply } = Reflect;

/** Calling these would end the walk, or do something other than tell. */
const QUIET = new Set(['globalThis.process.exit']);

function nameOf(key) {
  if (typeof key === 'symbol') return `[${key.description}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** Maps each object and function that is found to the path of it that was found first. `roots`: [path, value] pairs. */
export function crawl(roots, limit = 200_000) {
  const found = new Map();
  const queue = [];
  const add = (path, value) => {
    if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return;
    if (found.has(value) || found.size >= limit) return;
    found.set(value, path);
    queue.push(value);
  };
  for (const [path, value] of roots) add(path, value);
  for (let at = 0; at < queue.length; at++) {
    const object = queue[at];
    const path = found.get(object);
    if (path.split('.').length > 14) continue;
    try {
      add(`${path}.__proto__`, getPrototypeOf(object));
    } catch {} // A proxy's trap.
    let keys = [];
    try {
      keys = ownKeys(object);
    } catch {} // The same.
    const big = keys.length > 2000;
    for (const key of big ? keys.slice(0, 50) : keys) {
      const here = `${path}${nameOf(key)}`;
      let descriptor;
      try {
        descriptor = getOwnPropertyDescriptor(object, key);
      } catch {} // The same.
      if (descriptor === undefined) continue;
      add(here, descriptor.value);
      add(`get ${here}`, descriptor.get);
      add(`set ${here}`, descriptor.set);
      if (descriptor.get !== undefined && !QUIET.has(here)) readAccessor(add, object, descriptor.get, here);
    }
    // Accessors of its prototypes, with the object itself; and what is called to list.
    for (let proto = safePrototype(object); proto !== null; proto = safePrototype(proto)) {
      let protoKeys = [];
      try {
        protoKeys = ownKeys(proto);
      } catch {} // The same.
      for (const key of protoKeys) {
        let descriptor;
        try {
          descriptor = getOwnPropertyDescriptor(proto, key);
        } catch {} // The same.
        if (descriptor?.get !== undefined) readAccessor(add, object, descriptor.get, `${path}${nameOf(key)}`);
        else if (key === 'entries' || key === 'values' || key === Symbol.iterator || key === Symbol.asyncIterator) {
          try {
            const iterator = apply(descriptor.value, object, []);
            add(`${path}${nameOf(key)}()`, iterator);
            if (key === 'entries') add(`${path}.entries().next()`, iterator.next());
          } catch {} // Not for this object.
        }
      }
    }
  }
  return found;
}

function safePrototype(object) {
  try {
    return getPrototypeOf(object);
  } catch {
    return null;
  }
}

function readAccessor(add, object, get, path) {
  try {
    const value = apply(get, object, []);
    add(path, value);
    if (value instanceof Promise) value.catch(() => {});
  } catch (error) {
    add(`catch ${path}`, error);
  }
}
