// One document on its way through lol-html: reads the input when output is wanted, calls handlers, and is the source of the new body.
import { type AsyncFrame, getFrame, runInFrame } from '../async-context';
import { isBufferSource, viewBytes } from '../blob/bytes';
import { native } from '../ops';
import { PrimordialPromise, TypedArrayPrototypeGetByteLength } from '../primordials';
import type { ByteSource, ReadableStream } from '../streams';
import { stateOf } from '../streams/readable';
import { type ReadRequest, type ReaderState, acquireReader, cancelStreamQuietly, readerRead } from '../streams/readable-state';
import { isPromiseLike } from '../thenables';
import { Inserter } from './insertion';
import { type Callee, type HandlerTable, type Lol, giveLol, takeLol } from './lol-html';
import { Insertion, Output } from './output';
import { Kind, type Token, endToken, makeToken } from './tokens';

/** A handler as `on` and `onDocument` were given it. */
export interface UserHandler {
  readonly fn: (token: object) => unknown;
  readonly receiver: object | undefined;
  /** It has waited for something before, or is an async function: it gets an instance of lol-html to itself. */
  waits: boolean;
}

export interface UserHandlers {
  /** undefined: of the document. */
  readonly selector: string | undefined;
  readonly element?: UserHandler | undefined;
  readonly comments?: UserHandler | undefined;
  readonly text?: UserHandler | undefined;
  readonly doctype?: UserHandler | undefined;
  readonly end?: UserHandler | undefined;
}

/** Of one token. */
const MOST_KEPT = 3 << 20;

/** Thrown through lol-html when nobody wants the document any more. */
const STOPPED = {};

export class Transform implements ByteSource, ReadRequest {
  next: ReadRequest | undefined = undefined;
  readonly lol: Lol;
  readonly #exclusive: boolean;
  /** The Rust side's rewriter; 0 once it is gone. */
  #rewriter: number;
  readonly #encoding: string | undefined;
  readonly #frame: AsyncFrame | undefined = getFrame();
  readonly #output = new Output();
  #input: ReaderState | undefined;

  #wake: (() => void) | undefined;
  /** The input is being read, or the parser is running or waits. */
  #busy = false;
  #reading = false;
  #ended = false;
  #stopped = false;
  #failure: { readonly reason: unknown } | undefined;
  #reason: unknown;
  /** The stream that is being inserted now. */
  #insertion: InsertionReader | undefined;

  /** `encoding`: a label; throws TypeError for unknown ones. */
  constructor(handlers: readonly UserHandlers[], encoding: string) {
    this.#exclusive = waits(handlers);
    const lol = this.lol = takeLol(this.#exclusive);
    this.#encoding = encoding === 'utf-8' ? undefined : encoding;
    const output = this.#output;
    const label = lol.putText(encoding);
    const made = lol.exports.htmlrewriter_new(label, lol.textSize, {
      call: (): undefined => output.write(lol.bytes(), lol.outputAt(), lol.outputAt() + lol.outputSize()) as undefined,
    });
    if (made[2] !== 0) {
      const error = lol.takeError(made[1]);
      if (this.#exclusive) giveLol(lol);
      throw error;
    }
    this.#rewriter = made[0] >>> 0;
    for (let i = 0; i < handlers.length; i++) this.#register(handlers[i]!);
    lol.begin(this.#rewriter);
  }

  #register({ selector, element, comments, text, doctype, end }: UserHandlers): void {
    const { lol } = this;
    const table: HandlerTable = {
      element: this.#callee(Kind.Element, element), comments: this.#callee(Kind.Comment, comments), text: this.#callee(Kind.Text, text),
      doctype: this.#callee(Kind.Doctype, doctype), end: this.#callee(Kind.DocumentEnd, end),
    };
    if (selector === undefined) {
      lol.takeVoid(lol.exports.htmlrewriter_onDocument(this.#rewriter, table));
      return;
    }
    const pointer = lol.putText(selector);
    lol.takeVoid(lol.exports.htmlrewriter_on(this.#rewriter, pointer, lol.textSize, table));
  }

  #callee(kind: Kind, handler: UserHandler | undefined): Callee | undefined {
    return handler === undefined ? undefined : { call: (pointer) => this.#handle(kind, handler, pointer) };
  }

  /** Starts on `input`, which it locks (throws if it is locked). As much as there is to do before somebody reads is done at once. */
  start(input: ReadableStream): void {
    this.#input = acquireReader(stateOf(input));
    this.#pump();
  }

  // ---- output: what the new body's stream asks for

  read(max: number, wake: () => void): Uint8Array | null | undefined {
    for (;;) {
      if (this.#insertion === undefined) {
        const item = this.#output.take(max);
        if (item instanceof Insertion) {
          this.#startInsertion(item);
          continue;
        }
        if (item !== undefined) return item;
        if (this.#failure !== undefined) throw this.#failure.reason;
        if (this.#ended) return null;
        this.#pump();
        if (this.#output.isEmpty && this.#failure === undefined && !this.#ended) {
          this.#wake = wake;
          return undefined;
        }
      } else {
        const chunk = this.#insertion.take(max);
        if (chunk !== undefined) return chunk;
        if (this.#failure !== undefined) throw this.#failure.reason;
        if (this.#insertion.done) this.#insertion = undefined;
        else {
          this.#insertion.pull();
          if (!this.#insertion.progress && this.#failure === undefined) {
            this.#wake = wake;
            return undefined;
          }
        }
      }
    }
  }

  cancel(reason: unknown): void {
    this.#stop(reason);
  }

  length(): number {
    return -1;
  }

  #startInsertion({ stream, html }: Insertion): void {
    const inserter = new Inserter(this.lol, this.#encoding, html, new Output());
    try {
      this.#insertion = new InsertionReader(stream, inserter, this.#awake, (e) => this.#fail(e));
    } catch (e) {
      this.#fail(e);
    }
  }

  readonly #awake = (): void => {
    const wake = this.#wake;
    if (wake === undefined) return;
    this.#wake = undefined;
    wake();
  };

  // ---- input

  #pump(): void {
    if (this.#busy || this.#ended || this.#stopped || this.#failure !== undefined) return;
    this.#busy = true;
    this.#reading = true;
    readerRead(this.#input!, this);
  }

  chunk(value: unknown): void {
    this.#reading = false;
    if (this.#stopped) {
      // Not at once: this chunk has been taken.
      native.enqueueMicrotask(() => this.#cancelInput());
      return;
    }
    let bytes: Uint8Array;
    if (isBufferSource(value)) bytes = viewBytes(value);
    else if (typeof value === 'string') bytes = this.lol.encode(value);
    else {
      this.#fail(new TypeError('This ReadableStream did not return bytes.'));
      return;
    }
    const size = TypedArrayPrototypeGetByteLength(bytes);
    const { lol } = this;
    const pointer = lol.putBytes(bytes);
    void this.#run(() => lol.write(this.#rewriter, pointer, size), size);
  }

  close(): void {
    this.#reading = false;
    this.#input = undefined;
    if (!this.#stopped) void this.#run(() => this.lol.end(this.#rewriter), undefined);
  }

  error(reason: unknown): void {
    this.#reading = false;
    this.#input = undefined;
    this.#fail(reason);
  }

  /** Runs the parser on `size` bytes, or on the end (undefined). What it has written when it stops is there for the reader. */
  async #run(call: () => Promise<[error: number, failed: number]>, size: number | undefined): Promise<void> {
    const { lol } = this;
    const mark = {};
    const activity = this.#activity;
    const memory = lol.memorySize;
    lol.calls[lol.calls.length] = mark;
    try {
      let result: [error: number, failed: number];
      try {
        result = await call();
      } catch (e) {
        // It went right through the Rust code, or is a trap.
        lol.broken = true;
        throw e;
      }
      leave(lol, mark);
      if (this.#stopped) {
        this.#release();
        return;
      }
      lol.takeVoid(result);
      this.#busy = false;
      if (size === undefined) {
        this.#ended = true;
        this.#release();
      } else if (activity === this.#activity && this.#hoards(size, lol.memorySize - memory)) {
        throw new TypeError('Parser error: The memory limit has been exceeded.');
      } else if (this.#output.isEmpty && this.#wake !== undefined) this.#pump();
      if (!this.#busy) this.#awake();
    } catch (e) {
      leave(lol, mark);
      if (e === STOPPED) return;
      this.#fail(this.#thrown === undefined ? e : this.#thrown.error);
    }
  }

  // lol-html keeps what may be one token until it is whole, here without a limit of its own: it goes too far when nothing comes out of
  // the parser any more and its memory grows.
  #handled = 0;
  #silentAt = 0;
  #silent = 0;
  #kept = 0;

  get #activity(): number {
    return this.#output.writes + this.#handled;
  }

  #hoards(size: number, growth: number): boolean {
    if (this.#silentAt !== this.#activity) {
      this.#silentAt = this.#activity;
      this.#silent = 0;
      this.#kept = 0;
    }
    this.#silent += size;
    this.#kept += growth;
    return this.#silent > MOST_KEPT && this.#kept > MOST_KEPT / 2;
  }

  #fail(thrown: unknown): void {
    // As it would come out of the reference.
    const reason = typeof thrown === 'object' && thrown !== null ? thrown : new Error(`${String(thrown)}`);
    if (this.#failure !== undefined || this.#stopped) return;
    this.#failure = { reason };
    this.#busy = false;
    this.#reason = reason;
    this.#cancelInput();
    this.#insertion?.cancel(reason);
    this.#release();
    this.#awake();
  }

  #stop(reason: unknown): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#reason = reason;
    // As in the reference, who waits for the reader to take a chunk gets it taken, and learns of the cancellation at the next.
    if (!this.#reading) this.#cancelInput();
    this.#insertion?.cancel(reason);
    this.#output.clear();
    // A handler that is being waited for finds out when it is done.
    if (!this.#running) this.#release();
  }

  #cancelInput(): void {
    const input = this.#input?.stream;
    this.#input = undefined;
    if (input !== undefined) cancelStreamQuietly(input, this.#reason);
  }

  get #running(): boolean {
    return this.#waiting > 0;
  }

  /** Handlers that are being waited for: 0 or 1. */
  #waiting = 0;
  /** What a handler has thrown: lol-html does not always hand it on. */
  #thrown: { readonly error: unknown } | undefined;

  /** Gives the Rust side's memory back, and an instance of our own to others. */
  #release(): void {
    const rewriter = this.#rewriter;
    if (rewriter === 0) return;
    this.#rewriter = 0;
    if (this.lol.broken) return;
    this.lol.exports.__wbg_htmlrewriter_free(rewriter, 0);
    // An insertion may still need it to encode.
    if (this.#exclusive && (this.#encoding === undefined || this.#failure !== undefined || this.#stopped)) giveLol(this.lol);
  }

  // ---- handlers

  #handle(kind: Kind, handler: UserHandler, pointer: number): Promise<void> | undefined {
    if (this.#stopped) throw STOPPED;
    this.#handled++;
    const token = makeToken(kind, this, pointer);
    let result: unknown;
    try {
      result = runInFrame(this.#frame, handler.fn, handler.receiver, [token]);
      if (isPromiseLike(result)) {
        handler.waits = true;
        return this.#wait(result, token);
      }
    } catch (e) {
      this.#thrown = { error: e };
      endToken(token);
      throw e;
    }
    endToken(token);
    return undefined;
  }

  /** Settles when the parser may go on. A rejection goes right through it, which leaves it unusable. */
  async #wait(result: unknown, token: Token): Promise<void> {
    const { lol } = this;
    const mark = lol.calls[lol.calls.length - 1];
    this.#waiting++;
    // What was written before the handler is not held back by it.
    this.#output.flush();
    this.#awake();
    try {
      await result;
    } catch (e) {
      this.#thrown = { error: e };
      lol.broken = true;
      throw e;
    } finally {
      this.#waiting--;
      endToken(token);
    }
    if (this.#stopped) {
      lol.broken = true;
      throw STOPPED;
    }
    while (lol.calls[lol.calls.length - 1] !== mark) {
      await new PrimordialPromise<void>((resolve) => {
        lol.waiting[lol.waiting.length] = resolve;
      });
    }
  }

  // ---- what tokens need to know

  placeholder(stream: ReadableStream, html: boolean): string {
    return this.#output.placeholder(stream, html);
  }

  // As in workerd the last handler given to onEndTag is the only one, also if another element handler gave the one before.
  // lol-html's WebAssembly would call them all, and does not say whether two tokens are the same: they are if nothing was written
  // since, and neither or both are removed.
  #endTag: { slot: { fn: (tag: object) => unknown }; writes: number; removed: boolean } | undefined;

  /** False if the element can have no end tag: it is void, or closed at once where there is foreign content. */
  onEndTag(pointer: number, fn: (tag: object) => unknown): boolean {
    const { lol } = this;
    const removed = lol.takeFlag(lol.exports.element_removed(pointer));
    const last = this.#endTag;
    if (last !== undefined && last.writes === this.#output.writes && last.removed === removed) {
      last.slot.fn = fn;
      return true;
    }
    const slot = { fn };
    const handler: UserHandler = { get fn() { return slot.fn; }, receiver: undefined, waits: false };
    const kept = lol.keeps(() => {
      lol.takeVoid(lol.exports.element_onEndTag(pointer, { call: (tag: number) => this.#handle(Kind.EndTag, handler, tag) }));
    });
    if (kept) this.#endTag = { slot, writes: this.#output.writes, removed };
    return kept;
  }

  /** A handler is done with a token. */
  tokenEnds(kind: Kind, pointer: number): void {
    if (kind === Kind.Element) {
      const last = this.#endTag;
      if (last !== undefined && last.writes === this.#output.writes) {
        last.removed = this.lol.takeFlag(this.lol.exports.element_removed(pointer));
      }
    } else if (kind === Kind.EndTag) this.#endTag = undefined;
  }

  // A token whose text was changed is replaced for lol-html; the handlers that come after are to see the new text. Such a token
  // is removed before its handler has done anything.
  #changed: { kind: Kind; text: string; writes: number } | undefined;

  changedTokens(kind: Kind, text: string): void {
    this.#changed = { kind, text, writes: this.#output.writes };
  }

  changedText(kind: Kind, _pointer: number): string | undefined {
    const changed = this.#changed;
    return changed !== undefined && changed.kind === kind && changed.writes === this.#output.writes ? changed.text : undefined;
  }
}

/** Reads a stream that is inserted into the document. */
class InsertionReader implements ReadRequest {
  next: ReadRequest | undefined = undefined;
  readonly #reader: ReaderState;
  readonly #inserter: Inserter;
  readonly #awake: () => void;
  readonly #failed: (reason: unknown) => void;
  #reading = false;
  done = false;

  constructor(stream: ReadableStream, inserter: Inserter, awake: () => void, failed: (reason: unknown) => void) {
    this.#reader = acquireReader(stateOf(stream));
    this.#inserter = inserter;
    this.#awake = awake;
    this.#failed = failed;
  }

  /** There is something to take, or nothing more will come. */
  get progress(): boolean {
    return this.done || !this.#inserter.output.isEmpty;
  }

  take(max: number): Uint8Array | undefined {
    return this.#inserter.output.take(max) as Uint8Array | undefined;
  }

  pull(): void {
    if (this.#reading || this.done) return;
    this.#reading = true;
    readerRead(this.#reader, this);
  }

  chunk(value: unknown): void {
    this.#reading = false;
    if (this.done) return;
    try {
      this.#inserter.write(value);
    } catch (e) {
      this.cancel(e);
      this.#failed(e);
      return;
    }
    if (this.#inserter.output.isEmpty) this.pull();
    else this.#awake();
  }

  close(): void {
    this.#reading = false;
    this.done = true;
    this.#awake();
  }

  error(reason: unknown): void {
    this.#reading = false;
    this.done = true;
    this.#failed(reason);
  }

  cancel(reason: unknown): void {
    if (this.done) return;
    this.done = true;
    const { stream } = this.#reader;
    if (stream !== undefined) cancelStreamQuietly(stream, reason);
  }
}

function waits(handlers: readonly UserHandlers[]): boolean {
  for (let i = 0; i < handlers.length; i++) {
    const { element, comments, text, doctype, end } = handlers[i]!;
    if (element?.waits || comments?.waits || text?.waits || doctype?.waits || end?.waits) return true;
  }
  return false;
}

/** The call is over: those that began before it may go on. */
function leave(lol: Lol, mark: object): void {
  const { calls, waiting } = lol;
  for (let i = calls.length - 1; i >= 0; i--) {
    if (calls[i] !== mark) continue;
    for (; i + 1 < calls.length; i++) calls[i] = calls[i + 1]!;
    calls.length--;
    break;
  }
  if (waiting.length > 0) {
    lol.waiting = [];
    for (let i = 0; i < waiting.length; i++) waiting[i]!();
  }
}
