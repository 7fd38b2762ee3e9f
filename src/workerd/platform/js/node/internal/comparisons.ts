// Deep equality as node:assert and util.isDeepStrictEqual define it.
// https://nodejs.org/api/assert.html#assertdeepstrictequalactual-expected-message
import {
  isAnyArrayBuffer, isArrayBufferView, isBoxedPrimitive, isCryptoKey, isDate, isFloat32Array, isFloat64Array, isMap, isNativeError,
  isPromise, isRegExp, isSet, isWeakMap, isWeakSet,
} from './types';

export const LOOSE = 0;
export const STRICT = 1;
export const PARTIAL = 2;
type Mode = 0 | 1 | 2;

const hasOwn = Object.hasOwn;
const isEnumerable = (o: object, k: PropertyKey): boolean => Object.prototype.propertyIsEnumerable.call(o, k);

/** Own enumerable keys: strings, then symbols; of arrays and typed arrays without their indices. */
function ownKeys(object: object, skipIndices: boolean, mode: Mode): PropertyKey[] {
  const keys: PropertyKey[] = skipIndices
    ? Object.keys(object).filter((k) => !/^(0|[1-9][0-9]*)$/.test(k))
    : Object.keys(object);
  if (mode !== LOOSE) {
    for (const symbol of Object.getOwnPropertySymbols(object)) if (isEnumerable(object, symbol)) keys.push(symbol);
  }
  return keys;
}

function bytesOf(value: any): Uint8Array {
  return isArrayBufferView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value);
}

function sameBytes(a: any, b: any): boolean {
  const x = bytesOf(a);
  const y = bytesOf(b);
  if (x.byteLength !== y.byteLength) return false;
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return false;
  return true;
}

function sameElements(a: any, b: any): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function sameBoxed(a: any, b: any): boolean {
  for (const type of [Number, String, Boolean, BigInt, Symbol] as any[]) {
    const { valueOf } = type.prototype;
    try {
      const x = valueOf.call(a);
      try {
        return Object.is(x, valueOf.call(b));
      } catch {
        return false;
      }
    } catch {
      // Not of this type; the next one.
    }
  }
  return false;
}

class Comparison {
  // Pairs being compared: meeting one of them again is a cycle, equal if both sides have it at the same place.
  #left: unknown[] = [];
  #right: unknown[] = [];
  constructor(private mode: Mode) {}

  equal(a: any, b: any): boolean {
    const { mode } = this;
    if (a === b) return a !== 0 || mode === LOOSE || Object.is(a, b);
    if (mode !== LOOSE) {
      if (typeof a !== 'object') return typeof a === 'number' && Number.isNaN(a) && Number.isNaN(b);
      if (typeof b !== 'object' || a === null || b === null) return false;
      if (mode === STRICT && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
    } else {
      if (a === null || typeof a !== 'object') {
        // eslint-disable-next-line eqeqeq
        return (b === null || typeof b !== 'object') && (a == b || (a !== a && b !== b));
      }
      if (b === null || typeof b !== 'object') return false;
    }
    if (Object.prototype.toString.call(a) !== Object.prototype.toString.call(b)) return false;
    if (Array.isArray(a)) return Array.isArray(b) && (mode === PARTIAL ? a.length >= b.length : a.length === b.length) && this.array(a, b);
    if (Array.isArray(b)) return false;
    if (isDate(a)) {
      if (!isDate(b)) return false;
      const x = Date.prototype.getTime.call(a);
      const y = Date.prototype.getTime.call(b);
      if (x !== y && !(Number.isNaN(x) && Number.isNaN(y))) return false;
    } else if (isRegExp(a)) {
      if (!isRegExp(b) || a.source !== b.source || a.flags !== b.flags || a.lastIndex !== b.lastIndex) return false;
    } else if (isNativeError(a) || a instanceof Error) {
      if ((!isNativeError(b) && !(b instanceof Error)) || !this.error(a, b)) return false;
    } else if (isArrayBufferView(a)) {
      if (!isArrayBufferView(b)) return false;
      if (mode === PARTIAL && (a as any).length !== undefined) return this.array(a as any, b as any);
      if (mode === LOOSE && (isFloat32Array(a) || isFloat64Array(a)) ? !sameElements(a, b) : !sameBytes(a, b)) return false;
      return this.keys(a, b, true);
    } else if (isSet(a)) {
      return isSet(b) && (mode === PARTIAL ? a.size >= b.size : a.size === b.size) && this.keys(a, b, false);
    } else if (isMap(a)) {
      return isMap(b) && (mode === PARTIAL ? a.size >= b.size : a.size === b.size) && this.keys(a, b, false);
    } else if (isAnyArrayBuffer(a)) {
      if (!isAnyArrayBuffer(b) || !sameBytes(a, b)) return false;
    } else if (isBoxedPrimitive(a)) {
      if (!isBoxedPrimitive(b) || !sameBoxed(a, b)) return false;
    } else if (isArrayBufferView(b) || isSet(b) || isMap(b) || isAnyArrayBuffer(b) || isBoxedPrimitive(b) || isDate(b) ||
      isRegExp(b) || isNativeError(b) || b instanceof Error) {
      return false;
    } else if (internals.web.URL !== undefined && a instanceof internals.web.URL) {
      if (!(b instanceof internals.web.URL) || a.href !== b.href) return false;
    } else if (isCryptoKey(a)) {
      if (!isCryptoKey(b) || (typeof a.equals === 'function' && !a.equals(b))) return false;
    } else if (isWeakMap(a) || isWeakSet(a) || isPromise(a)) {
      return false;
    } else if (typeof a.equals === 'function' && typeof b.equals === 'function' && a[Symbol.toStringTag] === 'KeyObject') {
      if (!a.equals(b)) return false;
    }
    return this.keys(a, b, false);
  }

  error(a: any, b: any): boolean {
    // Usually not enumerable, so the comparison of keys would miss them.
    for (const key of ['message', 'name']) {
      if (this.mode === PARTIAL ? b[key] !== undefined && a[key] !== b[key] : a[key] !== b[key]) return false;
    }
    for (const key of ['cause', 'errors']) {
      if (this.mode !== PARTIAL && hasOwn(a, key) !== hasOwn(b, key)) return false;
      if (hasOwn(b, key) && !this.equal(a[key], b[key])) return false;
    }
    return true;
  }

  array(a: any, b: any): boolean {
    return this.keys(a, b, true);
  }

  keys(a: any, b: any, skipIndices: boolean): boolean {
    const { mode } = this;
    const keys = ownKeys(b, skipIndices, mode);
    if (mode !== PARTIAL && ownKeys(a, skipIndices, mode).length !== keys.length) return false;
    for (const key of keys) if (!hasOwn(a, key) || (mode !== LOOSE && !isEnumerable(a, key))) return false;
    for (let i = this.#left.length - 1; i >= 0; i--) {
      const left = this.#left[i] === a;
      const right = this.#right[i] === b;
      if (left || right) {
        if (left && right) return true;
        // One side closes a loop where the other does not, yet.
        if (left && this.#left.indexOf(a) !== i) return false;
        if (right && this.#right.indexOf(b) !== i) return false;
      }
    }
    this.#left.push(a);
    this.#right.push(b);
    try {
      for (const key of keys) if (!this.equal(a[key], b[key])) return false;
      return this.content(a, b);
    } finally {
      this.#left.pop();
      this.#right.pop();
    }
  }

  content(a: any, b: any): boolean {
    if (Array.isArray(a) || (isArrayBufferView(a) && this.mode === PARTIAL)) return this.items(a as any, b);
    if (isSet(a)) return this.set(a, b);
    if (isMap(a)) return this.map(a, b);
    return true;
  }

  items(a: any, b: any): boolean {
    if (this.mode === PARTIAL) {
      // `expected` is a subsequence of `actual`.
      let from = 0;
      for (let i = 0; i < b.length; i++) {
        while (from < a.length && !this.equal(a[from], b[i])) from++;
        if (from++ >= a.length) return false;
      }
      return true;
    }
    for (let i = 0; i < a.length; i++) {
      if (hasOwn(a, i)) {
        if (!hasOwn(b, i) || !this.equal(a[i], b[i])) return false;
      } else if (hasOwn(b, i)) return false;
    }
    return true;
  }

  set(a: Set<unknown>, b: Set<unknown>): boolean {
    const open: unknown[] = [];
    for (const value of b) {
      if (a.has(value)) continue;
      if (this.mode !== LOOSE && (typeof value !== 'object' || value === null)) return false;
      open.push(value);
    }
    if (open.length === 0) return true;
    const candidates = [...a].filter((value) => !b.has(value));
    return open.every((value) => {
      const at = candidates.findIndex((candidate) => this.equal(candidate, value));
      if (at < 0) return false;
      candidates.splice(at, 1);
      return true;
    });
  }

  map(a: Map<unknown, unknown>, b: Map<unknown, unknown>): boolean {
    const open: [unknown, unknown][] = [];
    for (const [key, value] of b) {
      if (a.has(key)) {
        if (!this.equal(a.get(key), value)) return false;
      } else {
        if (this.mode !== LOOSE && (typeof key !== 'object' || key === null)) return false;
        open.push([key, value]);
      }
    }
    if (open.length === 0) return true;
    const candidates = [...a].filter(([key]) => !b.has(key));
    return open.every(([key, value]) => {
      const at = candidates.findIndex(([k, v]) => this.equal(k, key) && this.equal(v, value));
      if (at < 0) return false;
      candidates.splice(at, 1);
      return true;
    });
  }
}

export function isDeepEqual(a: unknown, b: unknown): boolean {
  return new Comparison(LOOSE).equal(a, b);
}
export function isDeepStrictEqual(a: unknown, b: unknown): boolean {
  return new Comparison(STRICT).equal(a, b);
}
export function isPartialStrictEqual(a: unknown, b: unknown): boolean {
  return new Comparison(PARTIAL).equal(a, b);
}
