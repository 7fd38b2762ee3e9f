// The asynchronous context: what an AsyncLocalStorage holds and which request (IoContext) is running, carried together by V8's
// continuation-preserved data through promises, and by `captureFrame`/`bindToFrame` through timers, streams and events.
//
// A frame is immutable. `undefined` stands for the frame with no request and no stores. Few stores exist at a time, so they
// are a flat [key, value, key, value...] array: looking up is a short scan, entering a store is one copy of that array.
import { native } from './ops';
import { ReflectApply } from './primordials';
import type { IoContext } from './io-context';

const NO_STORES: readonly unknown[] = [];

export class AsyncFrame {
  readonly io: IoContext | undefined;
  readonly stores: readonly unknown[];
  constructor(io: IoContext | undefined, stores: readonly unknown[]) {
    this.io = io;
    this.stores = stores;
  }
}

export function getFrame(): AsyncFrame | undefined {
  return native.getAsyncFrame() as AsyncFrame | undefined;
}

export function setFrame(frame: AsyncFrame | undefined): void {
  native.setAsyncFrame(frame);
}

/** The request whose code is running, if one is. */
export function currentIo(): IoContext | undefined {
  const frame = native.getAsyncFrame() as AsyncFrame | undefined;
  return frame === undefined ? undefined : frame.io;
}

/** The frame a new request starts with. */
export function rootFrame(io: IoContext): AsyncFrame {
  return new AsyncFrame(io, NO_STORES);
}

/** The same stores under another request: what runs a callback made outside of a request inside one. */
export function frameWithIo(frame: AsyncFrame | undefined, io: IoContext | undefined): AsyncFrame | undefined {
  if (frame === undefined) return io === undefined ? undefined : new AsyncFrame(io, NO_STORES);
  return frame.io === io ? frame : new AsyncFrame(io, frame.stores);
}

/** The value of a store, or `missing` when the frame has none for the key. */
export function frameGet(frame: AsyncFrame | undefined, key: object, missing: unknown): unknown {
  if (frame === undefined) return missing;
  const { stores } = frame;
  for (let i = 0; i < stores.length; i += 2) if (stores[i] === key) return stores[i + 1];
  return missing;
}

/** The frame with one store set. */
export function frameWith(frame: AsyncFrame | undefined, key: object, value: unknown): AsyncFrame {
  if (frame === undefined) return new AsyncFrame(undefined, [key, value]);
  const { stores } = frame;
  const copy: unknown[] = [];
  let found = false;
  for (let i = 0; i < stores.length; i += 2) {
    const k = stores[i];
    copy[copy.length] = k;
    if (k === key) {
      found = true;
      copy[copy.length] = value;
    } else {
      copy[copy.length] = stores[i + 1];
    }
  }
  if (!found) {
    copy[copy.length] = key;
    copy[copy.length] = value;
  }
  return new AsyncFrame(frame.io, copy);
}

/** Calls `fn` with the frame current, and restores the one before. */
export function runInFrame<R>(frame: AsyncFrame | undefined, fn: (...args: any[]) => R, self: unknown, args: readonly unknown[]): R {
  const before = native.getAsyncFrame();
  if (before === frame) return ReflectApply(fn, self, args as unknown[]) as R;
  native.setAsyncFrame(frame);
  try {
    return ReflectApply(fn, self, args as unknown[]) as R;
  } finally {
    native.setAsyncFrame(before);
  }
}

/** A function that runs `fn` in the frame that is current now. Keeps `this`. */
export function bindToFrame<F extends (...args: any[]) => any>(fn: F): F {
  const frame = getFrame();
  return function (this: unknown, ...args: unknown[]) {
    return runInFrame(frame, fn, this, args);
  } as F;
}
