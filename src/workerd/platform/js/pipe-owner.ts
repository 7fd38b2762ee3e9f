// Bodies that stream belong to the request whose event brought them: another request may not read them.
import { currentIo } from './async-context';
import { type IoContext, otherRequestError } from './io-context';
import type { Pipe } from './native';
import { SafeWeakMap, WeakMapPrototypeGet, WeakMapPrototypeSet } from './primordials';

const owners = new SafeWeakMap<Pipe, IoContext>();

/** The pipe of a body that came to a request: as its own, or as the answer to one it made. */
export function ownPipe(pipe: Pipe, io: IoContext): void {
  WeakMapPrototypeSet(owners, pipe, io);
}

/** Throws when the pipe belongs to another request than the running one. */
export function checkPipe(pipe: Pipe): void {
  const owner = WeakMapPrototypeGet(owners, pipe);
  if (owner === undefined) return;
  const io = currentIo();
  if (io !== undefined && io !== owner) throw otherRequestError('ReadableStreamSource');
}
