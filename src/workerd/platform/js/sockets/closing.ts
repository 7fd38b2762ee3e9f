// The two streams of a socket that its owner closes, which neither locks nor reads and writes under way can hold up.
import type { ReadableStream, WritableStream } from '../streams';
import type { InternalController } from '../streams/internal-controller';
import { internalClose } from '../streams/internal-writable';
import { stateOf } from '../streams/readable';
import { cancelStreamQuietly } from '../streams/readable-state';
import { abortWritable } from '../streams/writable-state';
import { writableStateOf } from '../streams/writable';
import { native } from '../ops';

/** From here on nothing new can be read or written; what is under way goes on. */
export function beginClosing(readable: ReadableStream, writable: WritableStream): void {
  (stateOf(readable).controller as InternalController).closing = true;
  writableStateOf(writable).closing = true;
}

/** Closes behind what was written, whoever holds the stream. */
export function closeWriting(writable: WritableStream): Promise<undefined> {
  return internalClose(writableStateOf(writable));
}

/** What is under way fails; the reader finds its stream closed, the writer finds it failed. */
export function endStreams(readable: ReadableStream, writable: WritableStream): void {
  const reason = new TypeError('This socket has been closed.');
  cancelStreamQuietly(stateOf(readable), reason);
  const state = writableStateOf(writable);
  state.closing = false;
  native.markPromiseHandled(abortWritable(state, reason));
}
