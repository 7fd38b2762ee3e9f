// FileSystemWritableFileStream (https://fs.spec.whatwg.org/#api-filesystemwritablefilestream).
import { blobBytes, isBlob } from '../blob';
import { isBufferSource, viewBytes } from '../blob/bytes';
import { DOMException } from '../dom-exception';
import { defineInterface, illegalInvocation } from '../interface';
import { native } from '../ops';
import { MathTrunc, StringPrototypeToWellFormed, uncurryThis } from '../primordials';
import { WritableStream, WritableStreamDefaultWriter, wrapNextSink } from '../streams/writable';
import type { FileNode } from '../node/fs/nodes';
import { attempt } from './vfs';

interface Command {
  type: 'write' | 'seek' | 'truncate';
  position: number | undefined;
  size: number | undefined;
  /** undefined: none given. */
  data: Uint8Array | null | undefined;
}

const getWriter = uncurryThis(WritableStream.prototype.getWriter as () => object);
const writeTo = uncurryThis(WritableStreamDefaultWriter.prototype.write as (chunk: unknown) => Promise<void>);
const release = uncurryThis(WritableStreamDefaultWriter.prototype.releaseLock as () => void);

/** Web IDL's unsigned long long. */
function toUint64(value: unknown): number {
  const n = MathTrunc(Number(value));
  if (!(n > -Infinity && n < Infinity)) return 0;
  return n < 0 ? n + 2 ** 64 : n;
}

function bytesOf(data: unknown): Uint8Array {
  if (isBlob(data)) return blobBytes(data);
  if (isBufferSource(data)) return viewBytes(data);
  return native.utf8Encode(StringPrototypeToWellFormed(`${data as string}`));
}

function commandOf(chunk: unknown): Command {
  const dictionary = chunk === undefined || chunk === null || (typeof chunk === 'object' && !isBlob(chunk) && !isBufferSource(chunk));
  if (!dictionary) return { type: 'write', position: undefined, size: undefined, data: bytesOf(chunk) };
  const { data, position, size, type } = (chunk ?? {}) as Record<string, unknown>;
  const kind = type === undefined ? undefined : `${type as string}`;
  if (kind !== 'write' && kind !== 'seek' && kind !== 'truncate') throw new TypeError(`Invalid write type: ${kind}`);
  return {
    type: kind,
    position: position === undefined || position === null ? undefined : toUint64(position),
    size: size === undefined || size === null ? undefined : toUint64(size),
    data: data === undefined || data === null ? data : bytesOf(data),
  };
}

function missing(message: string): DOMException {
  return new DOMException(message, 'SyntaxError');
}

/** The file under a stream: written at a position that each write moves. */
class Target {
  #position = 0;

  constructor(readonly file: FileNode) {}

  run(command: Command): void {
    if (command.type === 'seek') {
      if (command.position === undefined) throw missing('seek() requires a position parameter');
      this.#position = command.position;
    } else if (command.type === 'truncate') {
      const { size } = command;
      if (size === undefined) throw missing('truncate() requires a size parameter');
      attempt(() => this.file.resize(size));
      if (this.#position > size) this.#position = size;
    } else {
      const { data } = command;
      if (data === null) throw new TypeError('write() requires a non-null data parameter');
      if (data === undefined) throw missing('write() requires a non-null data parameter');
      const at = command.position ?? this.#position;
      this.#position = at + attempt(() => this.file.write(at, data));
    }
  }
}

let making: object | undefined;

class FileSystemWritableFileStream extends WritableStream {
  readonly #file = true;

  constructor() {
    if (making === undefined) throw new TypeError('Illegal constructor');
    const sink = making;
    making = undefined;
    wrapNextSink(sink);
    super();
  }

  async write(data: unknown): Promise<void> {
    if (!(#file in this)) throw illegalInvocation();
    if (arguments.length === 0) throw new TypeError('write() requires an argument');
    return enqueue(this, data);
  }

  async seek(position: number): Promise<void> {
    if (!(#file in this)) throw illegalInvocation();
    if (arguments.length === 0) throw new TypeError('seek() requires an argument');
    return enqueue(this, { __proto__: null, type: 'seek', position: toUint64(position) });
  }

  async truncate(size: number): Promise<void> {
    if (!(#file in this)) throw illegalInvocation();
    if (arguments.length === 0) throw new TypeError('truncate() requires an argument');
    return enqueue(this, { __proto__: null, type: 'truncate', size: toUint64(size) });
  }

  static {
    defineInterface(this, 'FileSystemWritableFileStream', { brand: (o) => #file in o });
  }
}

function enqueue(stream: WritableStream, chunk: unknown): Promise<void> {
  const writer = getWriter(stream);
  const written = writeTo(writer, chunk);
  release(writer);
  return written;
}

/** `over` is called when the stream ends, however it does; `commit` before that, when it was closed. */
export function writableFor(file: FileNode, over: () => void, commit: () => void): FileSystemWritableFileStream {
  const target = new Target(file);
  making = {
    __proto__: null,
    write(chunk: unknown): void {
      try {
        target.run(commandOf(chunk));
      } catch (error) {
        over(); // a failed write is the stream's end
        throw error;
      }
    },
    close(): void {
      try {
        commit();
      } finally {
        over();
      }
    },
    abort: over,
  };
  return new FileSystemWritableFileStream();
}

export { FileSystemWritableFileStream };
