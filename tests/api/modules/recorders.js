// Puts a recorder in the place of every function of the language and the platform that user code can reach, before anything else runs. It
// looks for internal operations among receivers, arguments and results. leaks.js asks for `found`.
const { apply, construct, ownKeys, getOwnPropertyDescriptor: descriptorOf, defineProperty } = Reflect;
const INTERNAL = new Set(['pyOp', 'runScript', 'discardPages', 'setAsyncFrame', 'getAsyncFrame', 'subrequest', 'pipeNew', 'pipeRead', 'exitTurn', 'rpcCall',
  'setHandlers', 'compileWasm', 'typeBits', 'proxyDetails', 'channelNew', 'timerStart', 'requireModule', 'bundleFiles', 'writeStdio']);
const isInternal = INTERNAL.has.bind(INTERNAL);
const looked = new WeakSet();
const wasLooked = looked.has.bind(looked), setLooked = looked.add.bind(looked);
export const found = [];
let quiet = false;

export function look(value, depth, where) {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || value === globalThis || wasLooked(value)) return;
  setLooked(value);
  const keys = ownKeys(value);
  if (keys.length > 3000) return;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (isInternal(key)) found[found.length] = `${where}: ${key}`;
    if (depth > 0) look(descriptorOf(value, key)?.value, depth - 1, where);
  }
  if (typeof value === 'function' && isInternal(descriptorOf(value, 'name')?.value)) found[found.length] = `${where}: a function`;
}

function quietly(task) {
  if (quiet) return;
  quiet = true;
  try {
    task();
  } finally {
    quiet = false;
  }
}

function recorder(original, name, label) {
  return { [name](...args) {
    quietly(() => {
      look(this, 2, label);
      for (let i = 0; i < args.length; i++) look(args[i], 2, label);
    });
    const result = new.target ? construct(original, args, new.target) : apply(original, this, args);
    quietly(() => look(result, 1, label));
    return result;
  } }[name];
}

function record(holder, key, label) {
  const descriptor = descriptorOf(holder, key);
  // Constructors stay: their prototypes are recorded.
  if (descriptor === undefined || !descriptor.configurable || descriptorOf(Object(descriptor.value), 'prototype') !== undefined) return;
  for (const part of ['value', 'get', 'set']) {
    if (typeof descriptor[part] === 'function') descriptor[part] = recorder(descriptor[part], typeof key === 'symbol' ? 'symbol' : key, label);
  }
  defineProperty(holder, key, descriptor);
}

const holders = [];
for (const name of ownKeys(globalThis).concat('EventTarget')) {
  const value = typeof name === 'string' && /^[A-Z]/.test(name) ? globalThis[name] : undefined;
  if ((typeof value === 'function' || typeof value === 'object') && value !== null && name !== 'Cloudflare') holders.push([value, name]);
  if (typeof value === 'function' && typeof value.prototype === 'object') holders.push([value.prototype, `${name}.prototype`]);
}
const prototypeOf = Object.getPrototypeOf;
for (const value of [Uint8Array, Uint8Array.prototype, [][Symbol.iterator](), new Map().entries(), new Set().values(), (function* () {})(), (async function* () {})()]) {
  holders.push([prototypeOf(value), 'an intrinsic prototype']);
}
for (const [holder, label] of holders) {
  for (const key of ownKeys(holder)) {
    if (key !== 'prototype' && key !== 'constructor') record(holder, key, `${label}.${String(key)}`);
  }
}
setLooked(Object.prototype);
// What is set on an object that has no such property is seen, too.
for (const key of ['pyOp', 'native', 'handle', 'options', 'builtinModule', 'internals']) {
  defineProperty(Object.prototype, key, { configurable: true,
    set(value) {
      look(value, 2, `${key} set`);
      defineProperty(this, key, { value, writable: true, configurable: true, enumerable: true });
    },
    get() {
      quietly(() => look(this, 2, `${key} read`));
    },
  });
}
