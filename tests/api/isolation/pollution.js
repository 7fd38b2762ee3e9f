// Replaces what user code can replace of the language's builtins, runs ordinary uses of the platform's APIs, and tells what was called.
const { apply, ownKeys, getOwnPropertyDescriptor, getPrototypeOf, defineProperty, deleteProperty } = Reflect;
const { stringify } = JSON;
const NativeError = Error;
const NativeString = String;

const byteLength = getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength').get;
export const lengthOf = (buffer) => apply(byteLength, buffer, []);

const name = (key) => (typeof key === 'symbol' ? `[${key.description}]` : key);

/** [label, object] of everything of the language that has properties which user code can replace. */
function holders() {
  const list = [];
  const add = (label, object) => { list.push([label, object]); };
  for (const key of ['Object', 'Function', 'Array', 'String', 'Number', 'Boolean', 'BigInt', 'Symbol', 'RegExp', 'Promise', 'Map', 'Set', 'WeakMap', 'WeakSet',
    'WeakRef', 'Date', 'Error', 'TypeError', 'RangeError', 'SyntaxError', 'ReferenceError', 'EvalError', 'URIError', 'AggregateError', 'ArrayBuffer',
    'SharedArrayBuffer', 'DataView', 'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'Float32Array',
    'Float64Array', 'BigInt64Array', 'BigUint64Array', 'FinalizationRegistry', 'Iterator']) {
    const constructor = globalThis[key];
    add(key, constructor);
    add(`${key}.prototype`, constructor.prototype);
  }
  for (const key of ['JSON', 'Math', 'Reflect', 'Atomics', 'Proxy', 'Intl', 'WebAssembly']) add(key, globalThis[key]);
  const TypedArray = getPrototypeOf(Uint8Array);
  add('%TypedArray%', TypedArray);
  add('%TypedArray%.prototype', TypedArray.prototype);
  add('%ArrayIterator%', getPrototypeOf([][Symbol.iterator]()));
  add('%MapIterator%', getPrototypeOf(new Map().entries()));
  add('%SetIterator%', getPrototypeOf(new Set().values()));
  add('%StringIterator%', getPrototypeOf(''[Symbol.iterator]()));
  add('%RegExpStringIterator%', getPrototypeOf(''.matchAll(/x/g)));
  const generator = getPrototypeOf(function* () {});
  add('%Generator%', generator.prototype);
  const asyncGenerator = getPrototypeOf(async function* () {});
  add('%AsyncGenerator%', asyncGenerator.prototype);
  add('%AsyncIterator%', getPrototypeOf(asyncGenerator.prototype));
  add('%AsyncFunction%', getPrototypeOf(async () => {}));
  return list;
}

/** Names that dictionaries and results have: accessors for them on Object.prototype must stay unheard of. */
const NAMES = ['method', 'headers', 'body', 'signal', 'redirect', 'cf', 'status', 'statusText', 'webSocket', 'encodeBody', 'get', 'set', 'value', 'writable',
  'enumerable', 'configurable', 'done', 'next', 'return', 'then', 'length', 'type', 'cause', 'name', 'message', 'stack', 'start', 'pull', 'cancel', 'write', 'close',
  'abort', 'transform', 'flush', 'size', 'highWaterMark', 'mode', 'preventClose', 'preventAbort', 'preventCancel', 'stream', 'fatal', 'ignoreBOM', 'once', 'passive',
  'capture', 'bubbles', 'cancelable', 'composed', 'detail', 'data', 'origin', 'hash', 'iv', 'salt', 'info', 'iterations', 'namedCurve', 'modulusLength',
  'publicExponent', 'label', 'counter', 'tagLength', 'additionalData', 'public', 'saltLength', 'extractable', 'usages', 'key', 'kty', 'alg', 'k', 'n', 'e', 'd', 'x', 'y',
  'transfer', 'endings', 'lastModified', 'protocol', 'hostname', 'port', 'pathname', 'search', 'username', 'password', 'element', 'comments', 'text', 'doctype',
  'end', 'html', 'target', 'id', 'props', 'env', 'ctx', 'io', 'entry', 'exchange', 'pipe', 'tag', 'ignoreMethod', 'cacheTtl', 'metadata', 'expiration', 'limit', 'prefix',
  'cursor', 'onlyIf', 'range', 'httpMetadata', 'customMetadata', 'contentType', 'delaySeconds', 'secureTransport', 'allowHalfOpen', 'compact', 'depth', 'colors',
  'showHidden', 'code', 'reason', 'binary', 'error', 'result', 'options', 'algorithm', 'hasIndices', 'global', 'source', 'flags', 'index', 'input', 'groups',
  'preventScroll', 'encoding', 'byteLength', 'buffer', 'resolve', 'reject', 'promise', 'handler', 'handlers', 'async', 'delay', 'timeout', 'priority'];
const INDICES = ['0', '1', '2', '3'];

const UNTOUCHED = new Set([
  // Read by the language itself for what user code awaits and calls: behind these there is no platform.
  'Object.prototype.constructor', 'Function.prototype.constructor', 'Promise.prototype.constructor', 'Promise.[Symbol.species]',
]);

/** `mode`: 'pass' records calls and does what the builtin does; 'throw' records and throws; 'spy' is 'pass' with all that is handed over kept.
 *  Returns { calls, restore }. */
export function pollute(mode, allowed = () => false) {
  const calls = [];
  const undo = [];
  let on = true;
  // No builtin with a name that user code can replace may be used from here on, but for those above.
  const record = (label, self, args) => {
    if (!on || allowed(label, self, args)) return;
    on = false;
    if (mode === 'spy') {
      if (calls.length < 100_000) calls[calls.length] = { label, self, args };
      on = true;
      return;
    }
    const trace = new NativeError('trace').stack;
    calls[calls.length] = { label, trace };
    on = true;
    if (mode === 'throw') throw new NativeError(`user code was called: ${label}`);
  };
  const restoreAll = () => {
    on = false;
    for (let i = undo.length - 1; i >= 0; i--) undo[i]();
  };
  const put = (object, key, descriptor) => {
    const before = getOwnPropertyDescriptor(object, key);
    defineProperty(object, key, descriptor);
    undo[undo.length] = () => { before === undefined ? deleteProperty(object, key) : defineProperty(object, key, before); };
  };
  const wrap = (label, fn) => {
    // `new.target` tells calls from constructions.
    const wrapped = function (...args) {
      record(label, this, args);
      return new.target === undefined ? apply(fn, this, args) : Reflect.construct(fn, args, new.target === wrapped ? fn : new.target);
    };
    return wrapped;
  };
  const globals = [];
  for (const [label, object] of holders()) {
    for (const key of ownKeys(object)) {
      const full = `${label}.${name(key)}`;
      const descriptor = getOwnPropertyDescriptor(object, key);
      if (UNTOUCHED.has(full) || !descriptor.configurable || key === 'constructor' || key === 'prototype' || key === 'name' || key === 'length') continue;
      if (typeof descriptor.value === 'function') globals.push([object, key, { ...descriptor, value: wrap(full, descriptor.value) }]);
      else if (descriptor.get !== undefined) {
        globals.push([object, key, { ...descriptor, get: wrap(`get ${full}`, descriptor.get), set: descriptor.set && wrap(`set ${full}`, descriptor.set) }]);
      }
    }
  }
  const accessors = [];
  for (const [label, object, keys] of [['Object.prototype', Object.prototype, [...NAMES, ...INDICES]], ['Array.prototype', Array.prototype, INDICES]]) {
    for (const key of keys) {
      if (Object.hasOwn(object, key)) continue;
      accessors.push([object, key, {
        configurable: true, enumerable: false,
        get() { record(`get ${label}.${key}`, this, []); return undefined; },
        set(value) {
          record(`set ${label}.${key}`, this, [value]);
          defineProperty(this, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
        },
      }]);
    }
  }
  on = false;
  // The accessors last: they would be called for what comes before.
  const all = [...globals, ...accessors];
  for (let i = 0; i < all.length; i++) {
    const entry = all[i];
    // A descriptor must not inherit from what has just been polluted.
    const descriptor = entry[2];
    Object_setPrototypeOf(descriptor, null);
    put(entry[0], entry[1], descriptor);
  }
  on = true;
  return { calls, restore: restoreAll };
}
const Object_setPrototypeOf = Object.setPrototypeOf;

const debugging = false;
const PUBLIC = Symbol.for('cloudflare:internal-class');
const { isArray } = Array;
const isView = ArrayBuffer.isView;
const BUILTINS = [Promise.prototype, Error.prototype, ArrayBuffer.prototype, Map.prototype, Set.prototype, Date.prototype, RegExp.prototype];

/** Promises look for `then` in what they are resolved with: user code may see that of results and public objects, but of nothing internal. */
function thenOfPublic(label, self) {
  // What is logged of an error that nobody caught.
  if (label === 'get Object.prototype.cause') return self instanceof NativeError;
  if (label !== 'get Object.prototype.then') return false;
  if (self === undefined || self === null || typeof self !== 'object') return true;
  if (self[PUBLIC] !== undefined || isArray(self) || isView(self)) return true;
  const proto = getPrototypeOf(self);
  for (let p = proto; p !== null; p = getPrototypeOf(p)) {
    for (let i = 0; i < BUILTINS.length; i++) if (p === BUILTINS[i]) return true;
  }
  const keys = ownKeys(self);
  // { value, done } in any order, and the public dictionaries of some results.
  const first = keys[0];
  return proto === Object_prototype && (keys.length === 0 || first === 'value' || first === 'done' || first === 'shown');
}
const Object_prototype = Object.prototype;

const NativePromise = Promise;
const { then } = Promise.prototype;
const start = setTimeout;
const stop = clearTimeout;
/** The promise, or an error when it takes too long. */
function limited(promise) {
  return new NativePromise((resolve, reject) => {
    const timer = start(() => reject(new NativeError('nothing came')), 1500);
    apply(then, promise, [(value) => { stop(timer); resolve(value); }, (error) => { stop(timer); reject(error); }]);
  });
}

/** Runs `use` as it is, then in a polluted world; the results must be the same, and nothing may be called. */
export async function check(label, use, env, { allow = () => false } = {}) {
  const expected = stringify(await use(env));
  const problems = [];
  for (const mode of ['pass', 'throw']) {
    const world = pollute(mode, (what, self, args) => thenOfPublic(what, self) || allow(what, self, args));
    let result;
    let failure;
    if (debugging) globalThis.__all = true;
    try {
      result = await limited(use(env));
    } catch (error) {
      failure = error;
    }
    world.restore();
    const seen = new Set();
    for (const call of world.calls) {
      if (seen.has(call.label)) continue;
      seen.add(call.label);
      problems.push(`${mode}: ${call.label} was called\n${call.trace.replaceAll('workerd:', '').split('\n').slice(2, 9).join('\n')}`);
    }
    if (failure !== undefined) problems.push(`${mode}: ${NativeString(failure?.stack ?? failure).replaceAll('workerd:', '')}`);
    else if (stringify(result) !== expected) problems.push(`${mode}: ${stringify(result)} instead of ${expected}`);
  }
  if (problems.length > 0) throw new Error(`${label}:\n${problems.join('\n')}`);
}
