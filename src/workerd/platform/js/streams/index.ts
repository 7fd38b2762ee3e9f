// Streams, as the rest of the platform layer sees them. Users see the classes that `install` puts on the global object.
import type { NativeBody, Pipe } from '../native';

// ---- classes (real ones: `new ReadableStream(...)` works inside the layer too)
export declare class ReadableStream<R = any> { constructor(source?: object, strategy?: object); private _r: R }
export declare class WritableStream<W = any> { constructor(sink?: object, strategy?: object); private _w: W }

// ---- brand checks and state; none of them can be fooled by user code
/** True for every ReadableStream of this context, subclass instances included. */
export declare function isReadableStream(v: unknown): v is ReadableStream;
export declare function isWritableStream(v: unknown): v is WritableStream;
export declare function isTransformStream(v: unknown): boolean;
/** Something has been read from it, or it was cancelled, piped or teed. */
export declare function isDisturbed(s: ReadableStream): boolean;
/** A reader, a pipe or a tee holds it. */
export declare function isLocked(s: ReadableStream): boolean;
export declare function isWritableLocked(s: WritableStream): boolean;
/** Total bytes, where known beforehand (native length, FixedLengthStream, `expectedLength`), else undefined. */
export declare function getExpectedLength(s: ReadableStream): number | undefined;
/** True for streams whose bytes come from the platform (bodies, FixedLengthStream...), which give bytes only. */
export declare function isInternalStream(s: ReadableStream): boolean;

// ---- making streams
/** A byte stream (BYOB too) over a native pipe, which it owns from now on. */
export declare function readableFromPipe(pipe: Pipe): ReadableStream<Uint8Array>;
/** A byte stream over bytes in memory; `bytes` is not copied, the caller gives it away. */
export declare function readableFromBytes(bytes: Uint8Array): ReadableStream<Uint8Array>;
/** A byte stream that is already at its end. */
export declare function emptyReadable(): ReadableStream<Uint8Array>;
/** What an internal byte source must be able to do; `readableFromSource` makes a stream of it. */
export interface ByteSource {
  /** At most `max` bytes: a chunk (never empty; the stream's to give away), null at the end, undefined: none yet, then call
   *  `wake` once, later, when asking again makes sense. A throw errors the stream. */
  read(max: number, wake: () => void): Uint8Array | null | undefined;
  cancel(reason: unknown): void;
  /** Bytes still to come, or -1. */
  length(): number;
}
export declare function readableFromSource(source: ByteSource): ReadableStream<Uint8Array>;
/** What an internal byte sink must be able to do; `writableFromSink` makes a stream of it. */
export interface ByteSink {
  /** `chunk` is a private copy. A promise when the stream should wait before the next write. */
  write(chunk: Uint8Array): void | Promise<void>;
  close(): void | Promise<void>;
  abort(reason: unknown): void;
  flush?(): void | Promise<void>;
}
/** `highWaterMark` in bytes; undefined: no backpressure is shown to the writer (desiredSize stays 1). */
export declare function writableFromSink(sink: ByteSink, highWaterMark?: number): WritableStream<Uint8Array>;
/** A byte WritableStream that feeds a native pipe (sockets, request bodies). */
export declare function writableFromPipe(pipe: Pipe, highWaterMark?: number): WritableStream<Uint8Array>;

// ---- giving streams to the native side
/** The stream's bytes as a native body. An undisturbed native stream gives back its own pipe or bytes untouched (nothing in JS per
 *  chunk); any other is pumped into a new pipe, with backpressure and errors. Locks and disturbs the stream. The caller checks
 *  isDisturbed/isLocked first, for its own error message. */
export declare function bodyFromReadable(s: ReadableStream): NativeBody;
/** The same, always as a pipe. */
export declare function pipeFromReadable(s: ReadableStream): Pipe;

// ---- consuming streams whole (bodies). They lock and disturb; the caller checks first.
export declare function readAllBytes(s: ReadableStream): Promise<ArrayBuffer>;
/** UTF-8, malformed input replaced. */
export declare function readAllText(s: ReadableStream, stripBOM: boolean): Promise<string>;

// ---- passing streams on
/** Two branches, as `stream.tee()` would make, without touching what users may have patched. Throws TypeError when locked. */
export declare function teeReadable(s: ReadableStream): [ReadableStream, ReadableStream];
/** A new stream that takes over `s`, which is left locked and disturbed (`new Request(request)`). */
export declare function takeReadable(s: ReadableStream): ReadableStream;
/** Cancels without the lock check (aborted requests). Never throws, never an unhandled rejection. */
export declare function cancelQuietly(s: ReadableStream, reason: unknown): void;

// ---- called once by bootstrap
export declare function install(global: object): void;
