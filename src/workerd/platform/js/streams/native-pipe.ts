// Native pipes as sources and sinks of streams.
import type { Pipe } from '../native';
import { native } from '../ops';
import { errorFromText } from '../fetch/native-error';
import { RegExpPrototypeExec } from '../primordials';
import { checkPipe } from '../pipe-owner';
import type { ByteSource } from './internal-controller';
import type { ByteSink } from './internal-writable';
import { deferred } from './promises';

const NAME = /^(?:[A-Z][A-Za-z]*)?(?:Error|Exception)(?:$|: )/;

/** What is said of an error to the other side of a pipe, where errorFromText() makes an error of its class of it. */
export function messageOf(reason: unknown): string {
  try {
    if (reason instanceof Error) {
      const name = `${reason.name}`;
      const message = `${reason.message}`;
      const plain = name === 'Error' || RegExpPrototypeExec(NAME, name) === null;
      // A message that itself begins like one with a name must not be taken for it.
      return plain ? RegExpPrototypeExec(NAME, message) === null ? message : `Error: ${message}` : `${name}: ${message}`;
    }
    return reason === undefined ? 'Stream was cancelled.' : `${reason as string}`;
  } catch {
    return 'Stream failed.';
  }
}

export class PipeSource implements ByteSource {
  constructor(readonly pipe: Pipe) {}
  read(max: number, wake: () => void): Uint8Array | null | undefined {
    checkPipe(this.pipe);
    try {
      return native.pipeRead(this.pipe, max, wake);
    } catch (error) {
      throw this.failure((error as Error).message);
    }
  }
  cancel(reason: unknown): void {
    native.pipeCancel(this.pipe, messageOf(reason));
  }
  length(): number {
    return native.pipeLength(this.pipe);
  }
  /** What a reader is told when the pipe was aborted. */
  failure(message: string): Error {
    return errorFromText(message);
  }
}

export class PipeSink implements ByteSink {
  constructor(readonly pipe: Pipe) {}
  write(chunk: Uint8Array): Promise<undefined> | undefined {
    const answer = native.pipeWrite(this.pipe, chunk);
    if (answer === 0) return undefined;
    if (answer === 2) throw new Error('Network connection lost.');
    const d = deferred<undefined>();
    native.pipeOnDrain(this.pipe, (cancelled) => {
      if (cancelled) d.reject(new Error('Network connection lost.'));
      else d.resolve(undefined);
    });
    return d.promise;
  }
  close(): void {
    native.pipeClose(this.pipe);
  }
  abort(reason: unknown): void {
    native.pipeAbort(this.pipe, messageOf(reason));
  }
}
