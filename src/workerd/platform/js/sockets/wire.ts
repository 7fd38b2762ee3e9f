// The writing side of a socket: a sink over a native pipe that can be waited for, and be shut for a reason of our own.
import type { Pipe } from '../native';
import { native } from '../ops';
import { PrimordialPromise, PromiseResolve } from '../primordials';
import type { ByteSink } from '../streams';

export class SocketSink implements ByteSink {
  readonly pipe: Pipe;
  /** Why nothing can be written any more. */
  #shut: unknown = undefined;
  #waiting: Promise<void> | undefined = undefined;

  constructor(pipe: Pipe) {
    this.pipe = pipe;
  }

  write(chunk: Uint8Array): void | Promise<void> {
    if (this.#shut !== undefined) throw this.#shut;
    const answer = native.pipeWrite(this.pipe, chunk);
    if (answer === 0) return undefined;
    if (answer === 2) throw new Error('Network connection lost.');
    return this.#waiting = new PrimordialPromise<void>((resolve, reject) => {
      native.pipeOnDrain(this.pipe, (cancelled) => {
        this.#waiting = undefined;
        if (cancelled) reject(this.#shut ?? new Error('Network connection lost.'));
        else resolve();
      });
    });
  }

  close(): void {
    if (this.#shut === undefined) native.pipeClose(this.pipe);
  }

  abort(reason: unknown): void {
    if (this.#shut === undefined) native.pipeAbort(this.pipe, reason instanceof Error ? reason.message : `${reason as any}`);
  }

  /** Resolves when nothing that was written waits for room. */
  async flushed(): Promise<void> {
    // What is queued behind a write that had to wait follows in microtasks.
    for (let i = 0; i < 3; i++) await PromiseResolve(undefined);
    while (this.#waiting !== undefined) {
      try {
        await this.#waiting;
      } catch {
        return;
      }
      for (let i = 0; i < 3; i++) await PromiseResolve(undefined);
    }
  }

  /** Further writes fail with `reason`. The pipe itself is the caller's. */
  shut(reason: unknown): void {
    this.#shut ??= reason;
  }
}
