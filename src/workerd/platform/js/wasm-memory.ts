// WebAssembly.Memory.prototype.discard() (https://github.com/WebAssembly/memory-control), with `wasm_memory_discard`. The instruction
// memory.discard is not there: this V8 does not know it, and says so when a module that has it is compiled.
import { flags } from './flags';
import { native } from './ops';
import { ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, ObjectPrototypeToString, uncurryThis } from './primordials';

const PAGE = 65536;
const toNumber = Number;
const PREFIX = 'WebAssembly.Memory.discard()';

/** An address or a size, as WebAssembly's interface for JavaScript takes them. */
function toSize(value: unknown, name: string): number {
  const number = typeof value === 'bigint' ? toNumber(value) : +(value as number);
  const whole = number < 0 ? -(-number - (-number % 1)) : number - (number % 1);
  // NaN and the infinities are none of these.
  if (!(whole >= 0 && whole <= 2 ** 53 - 1)) throw new TypeError(`${PREFIX}: ${name} must be convertible to a valid number`);
  return whole;
}

export function installWasmMemory(): void {
  if (!flags.wasm_memory_discard) return;
  const prototype: object = (globalThis as any).WebAssembly.Memory.prototype;
  const bufferOf = uncurryThis(ObjectGetOwnPropertyDescriptor(prototype, 'buffer')!.get!) as (memory: unknown) => ArrayBuffer;
  const { discard } = {
    discard(this: unknown, byteOffset: unknown, byteLength: unknown): void {
      let buffer: ArrayBuffer;
      try {
        buffer = bufferOf(this);
      } catch {
        throw new TypeError(`${PREFIX}: Receiver is not a WebAssembly.Memory`);
      }
      const offset = toSize(byteOffset, 'Argument 0');
      const length = toSize(byteLength, 'Argument 1');
      if (ObjectPrototypeToString(buffer) === '[object SharedArrayBuffer]') throw new TypeError(`${PREFIX}: Cannot discard shared memory`);
      if (offset % PAGE !== 0 || length % PAGE !== 0) {
        throw new RangeError(`${PREFIX}: Offset and length must be multiples of the memory page size`);
      }
      // What the conversions ran may have let the memory grow.
      buffer = bufferOf(this);
      if (offset + length > buffer.byteLength) throw new RangeError(`${PREFIX}: Discarded region exceeds memory bounds`);
      native.discardPages(buffer, offset, length);
    },
  };
  ObjectDefineProperty(prototype, 'discard', { value: discard, writable: true, enumerable: true, configurable: true });
}
