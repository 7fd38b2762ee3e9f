// One instance of lol-html's WebAssembly (npm package lol-html), and the values that cross its border. This takes the place of the glue
// that comes with the package: objects the Rust side keeps for us (handlers, errors) are ours, and tokens cross as bare pointers.
import { EMPTY_BYTES } from '../blob/bytes';
import { native, pyOp } from '../ops';
import {
  ObjectDefineProperty, PrimordialUint8Array, StringFromCharCode, StringPrototypeCharCodeAt, TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeSet, TypedArrayPrototypeSubarray,
} from '../primordials';

const html_rewriter_ops = { wasm: pyOp<() => Uint8Array>('html_rewriter.wasm') };

/** [pointer, length] of a string, then [error, failed]. */
type TextResult = [pointer: number, length: number, error: number, failed: number];
type FlagResult = [value: number, error: number, failed: number];
type VoidResult = [error: number, failed: number];

/** The module's functions; each token's pointer is that of its wrapper. */
export interface LolExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly __wbindgen_export_4: { get(i: number): unknown; set(i: number, v: unknown): void; grow(n: number): number };
  __wbindgen_start(): void;
  __wbindgen_malloc(size: number, align: number): number;
  __wbindgen_realloc(pointer: number, from: number, to: number, align: number): number;
  __wbindgen_free(pointer: number, size: number, align: number): void;
  __wbindgen_exn_store(index: number): void;
  __externref_table_alloc(): number;
  __externref_table_dealloc(index: number): void;
  htmlrewriter_new(encoding: number, length: number, sink: unknown): [pointer: number, error: number, failed: number];
  htmlrewriter_on(rewriter: number, selector: number, length: number, handlers: unknown): VoidResult;
  htmlrewriter_onDocument(rewriter: number, handlers: unknown): VoidResult;
  htmlrewriter_write(rewriter: number, chunk: number, length: number): VoidResult;
  htmlrewriter_end(rewriter: number): VoidResult;
  __wbg_htmlrewriter_free(rewriter: number, unused: number): void;
  readonly [name: string]: any;
}

/** What the Rust side takes for a JS function: it is called through `Lol`'s import `call`. */
export interface Callee {
  /** `pointer`: of the token, 0 for output. A promise suspends the parser. */
  call(pointer: number): Promise<void> | undefined;
}

/** What the Rust side takes for an object with handlers. */
export interface HandlerTable {
  readonly element?: Callee | undefined;
  readonly comments?: Callee | undefined;
  readonly text?: Callee | undefined;
  readonly doctype?: Callee | undefined;
  readonly end?: Callee | undefined;
}

interface Wasm {
  Instance: new (module: object, imports: object) => { readonly exports: LolExports };
  Suspending: new (f: (...args: any[]) => unknown) => object;
  promising: <F extends (...args: any[]) => any>(f: F) => (...args: Parameters<F>) => Promise<ReturnType<F>>;
}

// Taken at bootstrap: while the snapshot is made they are not complete, and later the user may have changed them.
let wasm: Wasm;
let lolModule: object | undefined;
let waitingCallModule: object | undefined;

// A function marked as suspending suspends at each call, and cannot be called with JavaScript on the stack. This module stands between
// the parser and us and calls one only when there is something to wait for:
//   (func (export "c") (param $callee externref) (param $this externref) (param $argument externref) (result externref) (local $r externref)
//     (local.tee $r (call $c (local.get $callee) (local.get $this) (local.get $argument)))
//     (if (i32.eqz (ref.is_null)) (then (call $w (local.get $r))))
//     (local.get $r))
const WAITING_CALL = new PrimordialUint8Array([
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
  1, 12, 2, 0x60, 3, 0x6f, 0x6f, 0x6f, 1, 0x6f, 0x60, 1, 0x6f, 0,
  2, 13, 2, 1, 0x65, 1, 0x63, 0, 0, 1, 0x65, 1, 0x77, 0, 1,
  3, 2, 1, 0,
  7, 5, 1, 1, 0x63, 0, 2,
  10, 27, 1, 25, 1, 1, 0x6f, 0x20, 0, 0x20, 1, 0x20, 2, 0x10, 0, 0x22, 3, 0xd1, 0x45, 0x04, 0x40, 0x20, 3, 0x10, 1, 0x0b, 0x20, 3, 0x0b,
]);

export function captureWebAssembly(): void {
  const { Instance, Suspending, promising } = (globalThis as any).WebAssembly;
  wasm = { Instance, Suspending, promising };
}

/** Up to this size a string is converted here; beyond, the way into C++ costs less. */
const SHORT = 48;
/** More memory than this is not kept for the next document. */
const MOST_MEMORY = 16 << 20;

export class Lol {
  readonly exports: LolExports;
  /** Calls into the parser that may stop in the middle, waiting for a handler. */
  readonly write: (rewriter: number, chunk: number, length: number) => Promise<VoidResult>;
  readonly end: (rewriter: number) => Promise<VoidResult>;
  /** Calls under way, in the order they began. They share one stack: only the last may go on. */
  readonly calls: object[] = [];
  waiting: (() => void)[] = [];
  /** Something was thrown through the Rust code: it is in no state to go on. */
  broken = false;

  #bytes: Uint8Array = EMPTY_BYTES;
  // The output slice that is about to be handed over.
  #outputAt = 0;
  #outputSize = 0;

  constructor() {
    this.exports = new wasm.Instance((lolModule ??= native.compileWasm(html_rewriter_ops.wasm()) as object), this.#imports()).exports;
    this.write = wasm.promising(this.exports.htmlrewriter_write);
    this.end = wasm.promising(this.exports.htmlrewriter_end);
    this.exports.__wbindgen_start();
  }

  /** Writes nothing, which is what makes lol-html notice a document that ends before it began. */
  begin(rewriter: number): void {
    this.takeVoid(this.exports.htmlrewriter_write(rewriter, this.putBytes(EMPTY_BYTES), 0));
  }

  get reusable(): boolean {
    return !this.broken && this.memorySize <= MOST_MEMORY;
  }

  /** The module's memory as it is now: growing it makes the view before worthless. */
  bytes(): Uint8Array {
    if (TypedArrayPrototypeGetByteLength(this.#bytes) === 0) this.#bytes = new PrimordialUint8Array(this.exports.memory.buffer);
    return this.#bytes;
  }

  get memorySize(): number {
    return TypedArrayPrototypeGetByteLength(this.bytes());
  }

  encode(text: string): Uint8Array {
    return native.utf8Encode(text);
  }

  // The output that is being handed over is bytes [outputAt, outputAt + outputSize) of the memory, until the parser goes on.
  outputSize(): number {
    return this.#outputSize;
  }

  outputAt(): number {
    return this.#outputAt;
  }

  // ---- values in

  /** Copies bytes in; the Rust side frees them. */
  putBytes(bytes: Uint8Array): number {
    const size = TypedArrayPrototypeGetByteLength(bytes);
    const pointer = this.exports.__wbindgen_malloc(size, 1) >>> 0;
    TypedArrayPrototypeSet(this.bytes(), bytes, pointer);
    return pointer;
  }

  /** Length of the string `putText` has put last. */
  textSize = 0;

  putText(text: string): number {
    const { length } = text;
    if (length <= SHORT) {
      const pointer = this.exports.__wbindgen_malloc(length, 1) >>> 0;
      const bytes = this.bytes();
      let i = 0;
      for (; i < length; i++) {
        const code = StringPrototypeCharCodeAt(text, i);
        if (code > 0x7f) break;
        bytes[pointer + i] = code;
      }
      if (i === length) {
        this.textSize = length;
        return pointer;
      }
      this.exports.__wbindgen_free(pointer, length, 1);
    }
    const encoded = native.utf8Encode(text);
    this.textSize = TypedArrayPrototypeGetByteLength(encoded);
    return this.putBytes(encoded);
  }

  /** Whether lol-html keeps the object that `give` gives it. It does not say so, but a place in its table is taken only then. */
  keeps(give: () => void): boolean {
    const { exports } = this;
    const free = exports.__externref_table_alloc();
    exports.__externref_table_dealloc(free);
    give();
    const next = exports.__externref_table_alloc();
    exports.__externref_table_dealloc(next);
    return next !== free;
  }

  /** An object in the table through which optional ones cross; the Rust side takes it out. */
  putObject(value: unknown): number {
    const index = this.exports.__externref_table_alloc();
    this.exports.__wbindgen_export_4.set(index, value);
    return index;
  }

  // ---- values out

  text(pointer: number, length: number): string {
    const bytes = this.bytes();
    pointer >>>= 0;
    if (length <= SHORT) {
      let text = '';
      let i = 0;
      for (; i < length; i++) {
        const code = bytes[pointer + i]!;
        if (code > 0x7f) break;
        text += StringFromCharCode(code);
      }
      if (i === length) return text;
    }
    return native.utf8Decode(TypedArrayPrototypeSubarray(bytes, pointer, pointer + length), false, true);
  }

  /** A string that the Rust side has made for us. */
  takeText(result: TextResult): string {
    // Read by index: destructuring an array runs what users may have patched.
    if (result[3] !== 0) throw this.takeError(result[2]);
    const text = this.text(result[0], result[1]);
    this.exports.__wbindgen_free(result[0], result[1], 1);
    return text;
  }

  /** The same, or null where there is none. */
  takeOptionalText(result: TextResult): string | null {
    if (result[3] !== 0) throw this.takeError(result[2]);
    return result[0] === 0 ? null : this.takeText(result);
  }

  takeFlag(result: FlagResult): boolean {
    if (result[2] !== 0) throw this.takeError(result[1]);
    return result[0] !== 0;
  }

  takeVoid(result: VoidResult): void {
    if (result[1] !== 0) throw this.takeError(result[0]);
  }

  /** An error: a handler's own, or lol-html's as text. */
  takeError(index: number): unknown {
    const error = this.takeObject(index);
    return typeof error === 'string' ? new TypeError(`Parser error: ${error}`) : error;
  }

  takeObject(index: number): unknown {
    const value = this.exports.__wbindgen_export_4.get(index);
    this.exports.__externref_table_dealloc(index);
    return value;
  }

  #optional(value: unknown): number {
    return value === undefined ? 0 : this.putObject(value);
  }

  /** Calls back out of the parser: output and handlers. Not null: what the parser has to wait for. */
  #call(callee: Callee, pointer: unknown): Promise<void> | null {
    try {
      return callee.call(pointer as number) ?? null;
    } catch (e) {
      this.exports.__wbindgen_exn_store(this.putObject(e));
      return null;
    }
  }

  #waitingCall(): unknown {
    const imports = {
      __proto__: null,
      e: {
        __proto__: null,
        c: (callee: Callee, _self: unknown, pointer: unknown) => this.#call(callee, pointer),
        w: new wasm.Suspending((promise: Promise<void>) => promise),
      },
    };
    return new wasm.Instance((waitingCallModule ??= native.compileWasm(WAITING_CALL) as object), imports).exports.c;
  }

  #imports(): object {
    const same = (pointer: number): number => pointer;
    const nothing = (): undefined => undefined;
    // The hashes are of the package's build, which package.json pins.
    const placeholder: Record<string, unknown> = {
      __proto__: null,
      __wbg_comment_new: same,
      __wbg_endtag_new: same,
      __wbg_documentend_new: same,
      __wbg_doctype_new: same,
      __wbg_textchunk_new: same,
      __wbg_element_new: same,
      // Content options: an object is only given for HTML.
      __wbg_html_e5e6fa796c38a65c: () => 1,
      __wbg_element_5496fd537f0d77ba: (table: HandlerTable) => this.#optional(table.element),
      __wbg_comments_02c515e985fd0ed7: (table: HandlerTable) => this.#optional(table.comments),
      __wbg_text_671fd89bd85b6da5: (table: HandlerTable) => this.#optional(table.text),
      __wbg_doctype_e273fa34fea23be1: (table: HandlerTable) => this.#optional(table.doctype),
      __wbg_comments_9308c0bfd8de6e26: (table: HandlerTable) => this.#optional(table.comments),
      __wbg_text_cdbc913fa5817f01: (table: HandlerTable) => this.#optional(table.text),
      __wbg_end_170067c0285b4554: (table: HandlerTable) => this.#optional(table.end),
      __wbg_call_500db948e69c7330: this.#waitingCall(),
      // Output: what would copy it into an Uint8Array of its own only notes where it is.
      __wbindgen_memory: nothing,
      __wbg_buffer_61b7ce01341d7f88: nothing,
      __wbg_newwithbyteoffsetandlength_ba35896968751d91: (_buffer: unknown, at: number, size: number) => {
        this.#outputAt = at >>> 0;
        this.#outputSize = size >>> 0;
      },
      __wbg_new_3ff5b33b1ce712df: nothing,
      // Attributes: an array of arrays of two strings.
      __wbindgen_string_new: (pointer: number, length: number) => this.text(pointer, length),
      __wbg_new_254fa9eac11932ae: () => [],
      __wbg_set_1d80752d0d5f0b21: (array: unknown[], index: number, value: unknown) => {
        ObjectDefineProperty(array, index >>> 0, { __proto__: null, value, writable: true, enumerable: true, configurable: true } as PropertyDescriptor);
      },
      __wbg_new_688846f374351c92: () => ({}),
      __wbg_set_3fda3bac07393de4: (object: object, key: PropertyKey, value: unknown) => {
        ObjectDefineProperty(object, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true } as PropertyDescriptor);
      },
      __wbg_String_fed4d24b68977888: (result: number, value: unknown) => this.#returnText(result, `${value}`),
      __wbindgen_debug_string: (result: number, value: unknown) => this.#returnText(result, typeof value),
      __wbg_new_6799ef630abee97c: (pointer: number, length: number) => new TypeError(`Parser error: ${this.text(pointer, length)}`),
      __wbindgen_throw: (pointer: number, length: number) => {
        throw new Error(this.text(pointer, length));
      },
      __wbindgen_init_externref_table: () => {
        const table = this.exports.__wbindgen_export_4;
        const offset = table.grow(4);
        table.set(0, undefined);
        table.set(offset, undefined);
        table.set(offset + 1, null);
        table.set(offset + 2, true);
        table.set(offset + 3, false);
      },
    };
    return { __proto__: null, __wbindgen_placeholder__: placeholder };
  }

  #returnText(result: number, text: string): void {
    const pointer = this.putText(text);
    const bytes = this.bytes();
    for (let i = 0; i < 4; i++) {
      bytes[result + i] = pointer >>> (8 * i);
      bytes[result + 4 + i] = this.textSize >>> (8 * i);
    }
  }
}

// ---- which instance serves which document

/** Instances with nothing to do. */
const idle: Lol[] = [];
const MOST_IDLE = 4;
/** Serves all documents whose handlers do not seem to wait for anything. */
let shared: Lol | undefined;

/** An instance for a document; `exclusive`: its handlers wait, and must not keep others' from going on. */
export function takeLol(exclusive: boolean): Lol {
  if (!exclusive) {
    if (shared === undefined || !shared.reusable || shared.calls.length > 0) shared = new Lol();
    return shared;
  }
  const last = idle[idle.length - 1];
  if (last !== undefined) {
    idle.length--;
    return last;
  }
  return new Lol();
}

/** Gives an exclusive instance back. */
export function giveLol(lol: Lol): void {
  if (idle.length < MOST_IDLE && lol.reusable) idle[idle.length] = lol;
}
