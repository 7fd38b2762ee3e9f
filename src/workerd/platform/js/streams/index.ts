// Streams, as the rest of the platform layer sees them. Users see the classes that `install` puts on the global object.
import type { Pipe } from '../native';
import { flags } from '../flags';
import { showText } from '../function-text';
import { ObjectDefineProperty } from '../primordials';
import { ReadableByteStreamController, ReadableStreamBYOBRequest } from './byob-request';
import { CompressionStream, DecompressionStream } from './compression';
import { ReadableStreamDefaultController } from './default-controller';
import { ReadableStreamDrainingReader } from './draining-reader';
import { TextDecoderStream, TextEncoderStream } from './encoding';
import { FixedLengthStream, IdentityTransformStream } from './identity-classes';
import { hasConstructors, isTypeScript } from './mode';
import { stateFromSource } from './native-bridge';
import { PipeSource } from './native-pipe';
import { pipeStates } from './pipe';
import { ReadableStream, lengthOf, stateOf, wrapState } from './readable';
import { ReadableStreamBYOBReader, ReadableStreamDefaultReader } from './readers';
import { ByteLengthQueuingStrategy, CountQueuingStrategy } from './strategy';
import { teeState } from './tee';
import { TransformStream, TransformStreamDefaultController, detachTransform } from './transform';
import { WritableStream, WritableStreamDefaultController, WritableStreamDefaultWriter, writableStateOf } from './writable';

// ---- classes (`new ReadableStream(...)` works inside the layer too, as the worker's flags allow)
export {
  ReadableStream, WritableStream, TransformStream, IdentityTransformStream, FixedLengthStream, CompressionStream, DecompressionStream, TextEncoderStream,
  TextDecoderStream,
};

// ---- brand checks and state; none of them can be fooled by user code
export { isReadableStream } from './readable';
export { isWritableStream } from './writable';
export { isTransformStream } from './transform';

/** Something has been read from it, or it was cancelled, piped or teed. */
export function isDisturbed(s: ReadableStream): boolean {
  return stateOf(s).disturbed;
}

/** A reader, a pipe or a tee holds it. */
export function isLocked(s: ReadableStream): boolean {
  return stateOf(s).reader !== undefined;
}

export function isWritableLocked(s: WritableStream): boolean {
  return writableStateOf(s).writer !== undefined;
}

/** Total bytes, where known beforehand (native length, FixedLengthStream, `expectedLength`), else undefined. */
export function getExpectedLength(s: ReadableStream): number | undefined {
  return lengthOf(stateOf(s));
}

/** True for streams whose bytes come from the platform (bodies, FixedLengthStream...), which give bytes only. */
export function isInternalStream(s: ReadableStream): boolean {
  return stateOf(s).controller.kind === 2;
}

// ---- making streams
export type { ByteSource } from './internal-controller';
export type { ByteSink } from './internal-writable';
export { emptyReadable, readableFromBytes, readableFromPipe, readableFromSource, setStreamOwner, writableFromPipe, writableFromSink } from './native-bridge';

// ---- giving streams to the native side
// bodyFromReadable: the stream's bytes as a native body. An undisturbed native stream gives back its own pipe or bytes untouched (nothing
// in JS per chunk); any other is pumped into a new pipe, with backpressure and errors. Locks and disturbs the stream. The caller checks
// isDisturbed/isLocked first, for its own error message. pipeFromReadable: the same, always as a pipe.
// reportFailures(pipe): when the user's stream behind such a pipe fails, the error is logged; for the bodies of responses.
// checkPumpable: for those who take also streams of which a part has been read.
export { bodyFromReadable, checkPumpable, pipeFromReadable, reportFailures } from './native-bridge';

/** The other way: writes what comes out of a native pipe to a stream, closes it at the end, aborts it when the pipe fails. The promise
 *  tells how it went. */
export function pipeToWritable(pipe: Pipe, s: WritableStream): Promise<undefined> {
  return pipeStates(stateFromSource(new PipeSource(pipe)), writableStateOf(s), { preventAbort: false, preventCancel: false, preventClose: false,
    signal: undefined });
}

// ---- consuming streams whole (bodies). They lock and disturb; the caller checks first.
// readAllText decodes UTF-8, malformed input replaced.
export { readAllBytes, readAllText } from './whole-body';

// ---- passing streams on
/** Two branches, as `stream.tee()` would make, without touching what users may have patched. Throws TypeError when locked. */
export function teeReadable(s: ReadableStream): [ReadableStream, ReadableStream] {
  const branches = teeState(stateOf(s));
  return [wrapState(branches[0]), wrapState(branches[1])];
}
// takeReadable: a new stream that takes over `s`, which is left locked and disturbed (`new Request(request)`).
// cancelQuietly: cancels without the lock check (aborted requests). Never throws, never an unhandled rejection.
export { cancelQuietly, takeReadable } from './native-bridge';
// prepareTransfer: for structuredClone() and postMessage(), the stream that takes another's place.
export { type Transfer, prepareTransfer } from './transfer';

function define(global: object, name: string, value: unknown): void {
  ObjectDefineProperty(global, name, { value, writable: true, enumerable: false, configurable: true });
}

/** What typescript_implemented_streams makes of the classes, beside their behaviour. */
function standardShapes(): void {
  for (const Class of [IdentityTransformStream, CompressionStream, DecompressionStream, TextEncoderStream, TextDecoderStream]) detachTransform(Class);
  for (const Class of [ReadableStream, ReadableStreamDefaultReader, ReadableStreamBYOBReader, ReadableStreamDefaultController, ReadableByteStreamController,
    ReadableStreamBYOBRequest, ByteLengthQueuingStrategy, CountQueuingStrategy, WritableStream, WritableStreamDefaultWriter,
    WritableStreamDefaultController, TransformStream, TransformStreamDefaultController, IdentityTransformStream, FixedLengthStream, TextEncoderStream,
    TextDecoderStream, CompressionStream, DecompressionStream, ReadableStreamDrainingReader]) showText(Class);
}

/** Called once by bootstrap. */
export function install(global: object): void {
  if (isTypeScript()) standardShapes();
  define(global, 'ReadableStream', ReadableStream);
  define(global, 'ReadableStreamDefaultReader', ReadableStreamDefaultReader);
  define(global, 'ReadableStreamBYOBReader', ReadableStreamBYOBReader);
  define(global, 'WritableStream', WritableStream);
  define(global, 'WritableStreamDefaultWriter', WritableStreamDefaultWriter);
  define(global, 'TransformStream', TransformStream);
  define(global, 'ByteLengthQueuingStrategy', ByteLengthQueuingStrategy);
  define(global, 'CountQueuingStrategy', CountQueuingStrategy);
  if (hasConstructors()) {
    define(global, 'ReadableStreamBYOBRequest', ReadableStreamBYOBRequest);
    define(global, 'ReadableStreamDefaultController', ReadableStreamDefaultController);
    define(global, 'ReadableByteStreamController', ReadableByteStreamController);
    define(global, 'WritableStreamDefaultController', WritableStreamDefaultController);
    define(global, 'TransformStreamDefaultController', TransformStreamDefaultController);
  }
  if (flags.expose_draining_reader && isTypeScript()) define(global, 'ReadableStreamDrainingReader', ReadableStreamDrainingReader);
  define(global, 'CompressionStream', CompressionStream);
  define(global, 'DecompressionStream', DecompressionStream);
  define(global, 'TextEncoderStream', TextEncoderStream);
  define(global, 'TextDecoderStream', TextDecoderStream);
  define(global, 'FixedLengthStream', FixedLengthStream);
  define(global, 'IdentityTransformStream', IdentityTransformStream);
}
