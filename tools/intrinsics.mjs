// Makes bundles use the builtins as they were before user code ran: the names of the language's globals (`Map`) and their static functions
// (`Object.keys`) stand for constants that are filled when the platform is evaluated, or, in bundles that are evaluated later, handed over.
// What a bundle does to a free slot at the end of an array is made safe from accessors that user code put on Array.prototype.
const GLOBALS = [
  'AggregateError', 'Array', 'ArrayBuffer', 'BigInt', 'BigInt64Array', 'BigUint64Array', 'Boolean', 'DataView', 'Date', 'Error', 'EvalError',
  'FinalizationRegistry', 'Float32Array', 'Float64Array', 'Function', 'Int16Array', 'Int32Array', 'Int8Array', 'JSON', 'Map', 'Math', 'Number', 'Object', 'Promise', 'Proxy', 'RangeError',
  'ReferenceError', 'Reflect', 'RegExp', 'Set', 'String', 'Symbol', 'SyntaxError', 'TypeError', 'URIError', 'Uint16Array', 'Uint32Array', 'Uint8Array',
  'Uint8ClampedArray', 'WeakMap', 'WeakRef', 'WeakSet', 'decodeURI', 'decodeURIComponent', 'encodeURI', 'encodeURIComponent', 'isFinite', 'isNaN',
  'parseFloat', 'parseInt',
];
// What subclasses inherit and find `this` by.
const BOUND = new Set(['Promise', 'BigInt64Array', 'BigUint64Array', 'Float32Array', 'Float64Array', 'Int16Array', 'Int32Array', 'Int8Array', 'Uint16Array',
  'Uint32Array', 'Uint8Array', 'Uint8ClampedArray']);
const ABSENT_FROM_OLD_NODE = { Math: ['f16round', 'sumPrecise'], Promise: ['try', 'withResolvers'], Array: ['fromAsync'], Error: ['isError', 'captureStackTrace'],
  RegExp: ['escape'], Object: ['groupBy'], Map: ['groupBy'] };

/** [owner, name, identifier] of each static function. */
const STATICS = [];
for (const owner of GLOBALS) {
  const holder = globalThis[owner] ?? {};
  const own = Object.getOwnPropertyNames(holder).filter((key) => key !== 'prototype' && key !== 'prepareStackTrace' && typeof holder[key] === 'function');
  const inherited = BOUND.has(owner) && owner !== 'Promise' ? ['from', 'of'] : [];
  for (const key of new Set([...own, ...inherited, ...(ABSENT_FROM_OLD_NODE[owner] ?? [])])) STATICS.push([owner, key, `$${owner}_${key}`]);
}

/** For esbuild's `define`. */
export const define = Object.fromEntries([
  ...GLOBALS.map((name) => [name, `$${name}`]),
  ...STATICS.map(([owner, key, identifier]) => [`${owner}.${key}`, identifier]),
]);

// Objects that are nothing but a place for functions are copied, so that destructuring finds those of before, too.
const copied = (name) => (['JSON', 'Math', 'Reflect'].includes(name) ? `Object.create(null,Object.getOwnPropertyDescriptors(${name}))` : name);
// Property descriptors are objects as others are: what they have not, they would inherit.
const INHERITED = '"get"in Object.prototype||"set"in Object.prototype||"value"in Object.prototype||"writable"in Object.prototype||' +
  '"enumerable"in Object.prototype||"configurable"in Object.prototype';
const INSTEAD = {
  'Object.defineProperty': `(()=>{const define=Object.defineProperty,polluted=${inClosure(INHERITED)};` +
    'return (o,k,d)=>define(o,k,polluted()?{__proto__:null,...d}:d)})()',
  'Object.getOwnPropertyDescriptor': `(()=>{const get=Object.getOwnPropertyDescriptor,bare=Object.setPrototypeOf,polluted=${inClosure(INHERITED)};` +
    'return (o,k)=>{const d=get(o,k);return d!==undefined&&polluted()?bare(d,null):d}})()',
};
INSTEAD['Reflect.getOwnPropertyDescriptor'] = INSTEAD['Object.getOwnPropertyDescriptor'];
function inClosure(expression) {
  return `(()=>{const prototype=Object.prototype;return()=>${expression.replaceAll('Object.prototype', 'prototype')}})()`;
}
const LIST = [
  ...GLOBALS.map(copied),
  ...STATICS.map(([owner, key]) => INSTEAD[`${owner}.${key}`] ?? (BOUND.has(owner) ? `${owner}.${key}?.bind(${owner})` : `${owner}.${key}`)),
];
const IDENTIFIERS = [...GLOBALS.map((name) => `$${name}`), ...STATICS.map(([, , identifier]) => identifier)];

/** Statements that declare the constants which `text` uses. `from`: an expression for the list handed over; without it they are taken now. */
export function prelude(text, from) {
  const used = new Set(text.match(/\$[A-Za-z0-9_]+/g));
  const parts = [];
  for (let i = 0; i < IDENTIFIERS.length; i++) {
    if (used.has(IDENTIFIERS[i])) parts.push(`${IDENTIFIERS[i]}=${from === undefined ? LIST[i] : `${from}[${i}]`}`);
  }
  return parts.length === 0 ? '' : `const ${parts.join(',')};`;
}

/** The list to hand over, as an expression. */
export const list = `[${LIST.join(',')}]`;

/** `list[list.length] = value` as it must be written. */
export function freeSlots(text) {
  return text.replace(/(?<![\w.#$])((?:[\w$]+|this)(?:!?\.#?\w+)*)\[\1\.length\] = /g, '$1[freeSlot($1)] = ');
}
