// Pipes between native streams: their bytes move inside C++, without JS for each chunk.
import { errorFromText } from '../fetch/native-error';
import type { Pipe } from '../native';
import { native } from '../ops';
import type { DefaultController } from './default-controller';
import { IdentityChannel } from './identity';
import type { InternalController } from './internal-controller';
import { bytesLength } from './intrinsics';
import { messageOf } from './native-pipe';
import { PipeState } from './pipe';
import { READABLE, type ReadableState, cancelStreamQuietly, closeStream, errorStream } from './readable-state';
import { WRITABLE, type WritableState } from './writable-state';

/** How a link went. what: 0 done, 1 the source failed, 2 the destination was cancelled. */
export type LinkEnd = (what: 0 | 1 | 2, message: string) => void;

/** What is done with both ends of a link after it. */
export function settleLink(source: ReadableState, dest: WritableState, to: Pipe, what: 0 | 1 | 2, message: string, options: {
  preventAbort: boolean; preventCancel: boolean; preventClose: boolean;
}): { failed: boolean; error: unknown } {
  if (what === 0) {
    if (source.state === READABLE) closeStream(source);
    if (!options.preventClose) dest.controller.settleElsewhere(false, undefined);
    return { failed: false, error: undefined };
  }
  const error = errorFromText(message === '' ? 'Network connection lost.' : message);
  if (what === 1) {
    if (source.state === READABLE) errorStream(source, error);
    if (!options.preventAbort) {
      native.pipeAbort(to, messageOf(error));
      dest.controller.settleElsewhere(true, error);
    }
  } else {
    dest.controller.settleElsewhere(true, error);
    if (!options.preventCancel) cancelStreamQuietly(source, error);
  }
  return { failed: true, error };
}

/**
 * For a stream that is about to be read by the native side: if all it gives comes from a native stream that a pipe writes into it, the
 * bytes are led past JS from here on. Gives what starts that, into the pipe given to it.
 */
export function takeFeed(s: ReadableState): ((to: Pipe) => void) | undefined {
  if (s.state !== READABLE || s.reader !== undefined || s.disturbed) return undefined;
  let dest: WritableState | undefined;
  let expected = -1;
  let firstIsDone = false;
  let early: ((give: (chunk: unknown) => void) => void) | undefined;
  if (s.controller.kind === 2) {
    const { source } = s.controller as InternalController;
    if (!(source instanceof IdentityChannel)) return undefined;
    dest = source.writable;
    expected = source.length();
    early = () => source.takeChunk();
  } else if (s.controller.kind === 0) {
    const controller = s.controller as DefaultController;
    const { transform } = controller;
    if (transform === undefined || !transform.passes) return undefined;
    dest = transform.writable;
    // A chunk the transform has passed on may still count as being written.
    firstIsDone = !transform.waiting;
    early = (give) => {
      while (controller.queue.length > 0) give(controller.queue.shift());
    };
  }
  if (dest === undefined || early === undefined || dest.state !== WRITABLE || dest.closeQueuedOrInFlight) return undefined;
  const pipe = dest.writer?.watcher;
  if (!(pipe instanceof PipeState)) return undefined;
  const source = pipe.nativeSource;
  if (source === undefined) return undefined;
  // A FixedLengthStream checks what passes, unless the source has promised as much.
  if (expected >= 0 && (native.pipeLength(source.pipe) !== expected || dest.controller.queue.length > 0)) return undefined;
  return (to) => {
    const give = (chunk: unknown): void => {
      if (bytesLength(chunk as Uint8Array) > 0) native.pipeWrite(to, chunk as Uint8Array);
    };
    early(give);
    pipe.leaveToNative(give, firstIsDone);
    if (s.state === READABLE) closeStream(s);
    native.pipeLink(source.pipe, to, true, (what, message) => pipe.ended(to, what, message));
  };
}
