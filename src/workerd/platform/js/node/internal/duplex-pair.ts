// stream.duplexPair(): two duplex streams, what is written to one is read from the other.
// @ts-expect-error no types
import Duplex from 'readable-stream/lib/internal/streams/duplex.js';
import { nextTick } from './next-tick';

const kCallback = Symbol('callback');
const kOther = Symbol('other');

class DuplexSide extends (Duplex as any) {
  [kCallback]: ((error?: unknown) => void) | null = null;
  [kOther]: any = null;
  _read(): void {
    const callback = this[kCallback];
    if (callback) {
      this[kCallback] = null;
      callback();
    }
  }
  _write(chunk: any, _encoding: unknown, callback: () => void): void {
    const other = this[kOther];
    if (chunk.length === 0) nextTick(callback);
    else {
      other.push(chunk);
      other[kCallback] = callback;
    }
  }
  _final(callback: () => void): void {
    this[kOther].on('end', callback);
    this[kOther].push(null);
  }
}

export function duplexPair(options?: object): [any, any] {
  const a: any = new (DuplexSide as any)(options);
  const b: any = new (DuplexSide as any)(options);
  a[kOther] = b;
  b[kOther] = a;
  return [a, b];
}
