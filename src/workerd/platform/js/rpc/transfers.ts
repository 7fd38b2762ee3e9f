// Streams and abort signals in remote calls: pipes and channels lead from one worker to the other.
import { AbortSignal, SignalKind, abortReason, addAbortAlgorithm, createAbortSignal, isAborted, signalAbort, signalKind } from '../abort';
import { currentIo, rootFrame, runInFrame } from '../async-context';
import { DOMException } from '../dom-exception';
import { errorFromText } from '../fetch/native-error';
import { flags } from '../flags';
import { type IoContext, otherRequestError } from '../io-context';
import type { ChannelEnd, Pipe } from '../native';
import { native } from '../ops';
import { checkPipe, ownPipe } from '../pipe-owner';
import {
  ObjectDefineProperty, PromisePrototypeThen, SafeSet, SafeWeakMap, SetPrototypeAdd, SetPrototypeDelete, SetPrototypeForEach, WeakMapPrototypeGet, WeakMapPrototypeSet,
} from '../primordials';
import { pipeFromReadable, readableFromSource, writableFromSink, type ReadableStream, type WritableStream } from '../streams';
import { PipeSink, PipeSource } from '../streams/native-pipe';
import { stateFromSource, untouchedSource } from '../streams/native-bridge';
import { pipeStates } from '../streams/pipe';
import { stateOf as readableState } from '../streams/readable';
import { writableStateOf } from '../streams/writable';
import { CloneTag, dataCloneError, registerCloneable } from '../structured-clone';
import type { Group, RpcState } from './state';
import { currentReading, currentWriting, external, type Writing } from './writing';

/** As errorFromText() reads it. */
function errorText(reason: unknown): string {
  try {
    if (!(reason instanceof Error)) return `${reason as string}`;
    return reason.name === 'Error' ? `${reason.message}` : `${reason.name}: ${reason.message}`;
  } catch {
    return 'Stream failed.';
  }
}

/** A message that belongs to a request. */
export type Sending = Writing & { readonly state: RpcState };

/** The message that is being written. `type`: what it is for, in the error when there is none. */
export function writingFor(type: string): Sending {
  const writing = currentWriting();
  if (writing?.state === undefined) throw dataCloneError(`${type} can only be serialized for RPC.`);
  return writing as Sending;
}

export function readingFor(type: string): Group {
  const group = currentReading();
  if (group === undefined) throw dataCloneError(`${type} cannot be deserialized in this context.`);
  return group;
}

// ---- streams

const PREMATURE = 'ReadableStream received over RPC disconnected prematurely.';
const WRITER_GONE = 'WritableStream received over RPC was disconnected because the remote execution context has ended.';

/** A pipe from another worker. What went wrong over there is not told. */
class RemoteSource extends PipeSource {
  readonly #failure: string;
  constructor(pipe: Pipe, failure: string) {
    super(pipe);
    this.#failure = failure;
  }
  override read(max: number, wake: () => void): Uint8Array | null | undefined {
    checkPipe(this.pipe);
    try {
      return native.pipeRead(this.pipe, max, wake);
    } catch (error) {
      throw this.failure((error as Error).message);
    }
  }
  override failure(_: string): Error {
    return new Error(this.#failure);
  }
  override cancel(reason: unknown): void {
    native.pipeCancel(this.pipe, errorText(reason));
  }
}

/** A pipe to another worker, which may tell why it wants no more. */
class RemoteSink extends PipeSink {
  override write(chunk: Uint8Array): Promise<undefined> | undefined {
    let written;
    try {
      written = super.write(chunk);
    } catch {
      throw this.#reason();
    }
    return written === undefined ? undefined : PromisePrototypeThen(written, undefined, () => { throw this.#reason(); }) as Promise<undefined>;
  }
  #reason(): Error {
    const text = native.pipeError(this.pipe);
    return text === '' ? new Error('Network connection lost.') : errorFromText(text);
  }
}

/** What comes out of a stream, for the other side. */
export function sendReadable(writing: Sending, stream: ReadableStream): number {
  return writing.external(stream, () => {
    const s = readableState(stream);
    if (s.reader !== undefined) throw new TypeError('The ReadableStream has been locked to a reader.');
    // What comes from a pipe already is led past this worker.
    const own = !(untouchedSource(s) instanceof PipeSource);
    const pipe = pipeFromReadable(stream);
    if (own) {
      const { io } = writing.state;
      if (writing.retains) io.retainPipe(pipe);
      else io.onEnd(() => native.pipeAbort(pipe, PREMATURE));
    }
    return pipe;
  });
}

/** A pipe whose bytes are written to a stream of this worker's. */
export function sendWritable(writing: Sending, stream: WritableStream): number {
  return writing.external(stream, () => {
    const s = writableStateOf(stream);
    if (s.writer !== undefined) throw new TypeError('The WritableStream has been locked to a writer.');
    const pipe = native.pipeNew();
    const { io } = writing.state;
    if (writing.retains) io.retain();
    else io.onEnd(() => native.pipeCancel(pipe, 'Network connection lost.'));
    const done = pipeStates(stateFromSource(new RemoteSource(pipe, WRITER_GONE)), s, {
      preventAbort: false, preventCancel: false, preventClose: false, signal: undefined,
    });
    const ended = (): void => {
      if (writing.retains) io.release();
    };
    void PromisePrototypeThen(done, ended, ended);
    return pipe;
  });
}

registerCloneable('ReadableStream', CloneTag.ReadableStream, (stream: ReadableStream) => sendReadable(writingFor('ReadableStream'), stream), (index: unknown) => {
  const { io } = readingFor('ReadableStream').state;
  const pipe = external(index);
  ownPipe(pipe, io);
  return readableFromSource(new RemoteSource(pipe, PREMATURE));
});

registerCloneable('WritableStream', CloneTag.WritableStream, (stream: WritableStream) => sendWritable(writingFor('WritableStream'), stream), (index: unknown) => {
  const { io } = readingFor('WritableStream').state;
  const pipe = external(index);
  io.onEnd(() => native.pipeAbort(pipe, WRITER_GONE));
  return writableFromSink(new RemoteSink(pipe));
});

// ---- abort signals

const TRIGGER_LOST = 'An AbortSignal received over RPC was implicitly aborted because the connection back to its trigger was lost.';

interface Follower { readonly io: IoContext; readonly channel: ChannelEnd }

/** Signals that others follow, over there. A request that has sent one is where it may be aborted from then on. */
const followers: WeakMap<AbortSignal, Set<Follower>> = new SafeWeakMap();

/** Tells the other end of a channel when the signal aborts. */
function follow(signal: AbortSignal, { io }: RpcState): ChannelEnd {
  const ends = native.channelNew();
  const channel = ends[0];
  let set = WeakMapPrototypeGet(followers, signal);
  if (set === undefined) {
    set = new SafeSet<Follower>();
    WeakMapPrototypeSet(followers, signal, set);
    const list = set;
    addAbortAlgorithm(signal, (reason) => {
      if (currentIo() !== io) throw otherRequestError('RefcountedCanceler');
      tellFollowers(list, reason);
    });
  }
  const follower = { io, channel };
  const list = set;
  SetPrototypeAdd(list, follower);
  io.onEnd(() => {
    if (SetPrototypeDelete(list, follower)) native.channelClose(channel, 1005, '');
  });
  return ends[1];
}

function tellFollowers(list: Set<Follower>, reason: unknown): void {
  let bytes: Uint8Array;
  try {
    bytes = native.structuredSerialize(reason, undefined);
  } catch {
    bytes = native.structuredSerialize(new DOMException('The operation was aborted', 'AbortError'), undefined);
  }
  SetPrototypeForEach(list, (follower) => {
    SetPrototypeDelete(list, follower);
    native.channelSend(follower.channel, bytes);
    native.channelClose(follower.channel, 1005, '');
  });
}

registerCloneable('AbortSignal', CloneTag.AbortSignal, (signal: AbortSignal) => {
  if (!flags.enable_abortsignal_rpc) throw dataCloneError('AbortSignal serialization is not enabled.');
  const writing = writingFor('AbortSignal');
  const kind = signalKind(signal);
  if (isAborted(signal)) return [kind, true, abortReason(signal)];
  if (kind === SignalKind.NeverAborts) return [kind];
  return [kind, false, undefined, writing.external(signal, () => follow(signal, writing.state))];
}, (parts: [kind: SignalKind, aborted?: boolean, reason?: unknown, index?: number]) => {
  const { io } = readingFor('AbortSignal').state;
  const signal = createAbortSignal(parts[0]);
  if (parts[1] === true) {
    signalAbort(signal, parts[2]);
    return signal;
  }
  if (parts[3] === undefined) return signal;
  native.channelListen(external(parts[3]), (kind, data) => {
    if (kind === 'close' || io.ended) return;
    const reason: unknown = kind === 'binary' ? native.structuredDeserialize(data as Uint8Array, undefined) : new DOMException(TRIGGER_LOST, 'AbortError');
    runInFrame(rootFrame(io), signalAbort, undefined, [signal, reason]);
  });
  return signal;
});

/** Called at bootstrap. */
export function installTransfers(): void {
  if (!flags.experimental) return;
  // The reference's own tests ask for it.
  ObjectDefineProperty(AbortSignal.prototype, 'skipReleaseForTest', {
    value(this: AbortSignal) {
      const list = WeakMapPrototypeGet(followers, this);
      if (list !== undefined) SetPrototypeForEach(list, (follower) => native.channelAbort(follower.channel, TRIGGER_LOST));
    },
    writable: true, enumerable: true, configurable: true,
  });
}
