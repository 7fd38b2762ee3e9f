// Streams, bodies and sockets belong to the request that made them or was given them: another one may not use them.
import { currentIo } from './async-context';
import { type IoContext, otherRequestError } from './io-context';
import type { Pipe } from './native';
import { SafeWeakMap, WeakMapPrototypeGet, WeakMapPrototypeSet } from './primordials';

/** What workerd calls the source of a readable stream in the error. */
export const READABLE_TYPE = 'ReadableStreamSource>';
/** And the sink of a writable one. */
export const WRITABLE_TYPE = 'Writable';

/** What objects made now belong to; undefined where no request is running. */
export function currentOwner(): object | undefined {
  return currentIo()?.owner;
}

/** Throws when something that belongs to `owner` is used by another request. `type`: what workerd calls it. */
export function checkOwner(owner: object | undefined, type: string | undefined): void {
  if (isForeign(owner)) throw otherRequestError(type);
}

/** Whether something that belongs to `owner` belongs to another request than the running one. */
export function isForeign(owner: object | undefined): boolean {
  if (owner === undefined) return false;
  // The platform's own callbacks run in no request.
  const io = currentIo();
  return io !== undefined && io.owner !== owner;
}

const owners = new SafeWeakMap<Pipe, IoContext>();

/** The pipe of a body that came to a request: as its own, or as the answer to one it made. */
export function ownPipe(pipe: Pipe, io: IoContext): void {
  WeakMapPrototypeSet(owners, pipe, io);
}

/** Throws when the pipe belongs to another request than the running one. */
export function checkPipe(pipe: Pipe): void {
  checkOwner(WeakMapPrototypeGet(owners, pipe)?.owner, READABLE_TYPE);
}
