// What remote calls keep for a request: the capabilities it holds, the objects of it that others hold, and the calls under way both ways.
// All of it ends with the request: garbage collection alone never releases anything, so that nobody can observe it.
import { currentIo } from '../async-context';
import { type IoContext, otherRequestError } from '../io-context';
import type { Exchange, Target } from '../native';
import { native } from '../ops';
import {
  MapPrototypeDelete, MapPrototypeForEach, MapPrototypeGet, MapPrototypeGetSize, MapPrototypeSet, SafeMap, SafeSet, SetPrototypeForEach,
} from '../primordials';
import { endOutgoing, type Call } from './calls';
import { dropExport } from './exports';

/** A call of this request's objects, or the one that the request is. */
export interface IncomingCall {
  fail(reason: unknown): void;
  cancel(): void;
}

export const GONE = 'The execution context which hosts this callback is no longer running.';

export class RpcState {
  readonly io: IoContext;
  /** The request is a remote call of an entrypoint: it lasts as long as the caller holds something of it. */
  readonly session: boolean;
  readonly incoming: Map<Exchange, IncomingCall> = new SafeMap();
  readonly outgoing: Set<Call> = new SafeSet();
  readonly exports: Set<number> = new SafeSet();
  caps: Cap | undefined = undefined;

  constructor(io: IoContext, session: boolean) {
    this.io = io;
    this.session = session;
    io.onAbort((reason) => this.#failIncoming(reason));
    io.onEnd(() => this.#end());
  }

  #failIncoming(reason: unknown): void {
    MapPrototypeForEach(this.incoming, (call) => { call.fail(reason); });
  }

  #end(): void {
    if (MapPrototypeGetSize(this.incoming) > 0) this.#failIncoming(new Error(GONE));
    SetPrototypeForEach(this.outgoing, endOutgoing);
    SetPrototypeForEach(this.exports, dropExport);
    for (let cap = this.caps; cap !== undefined; cap = cap.next) cap.end();
    this.caps = undefined;
  }
}

export function stateOf(io: IoContext): RpcState {
  return (io.rpc ??= new RpcState(io, false)) as RpcState;
}

/** A capability that a request holds. */
export class Cap {
  readonly state: RpcState;
  /** It came from the caller of the session that the request is: what is given back through it holds the session open. */
  readonly session: boolean;
  #handle: Target | undefined;
  #ended = false;
  prev: Cap | undefined = undefined;
  next: Cap | undefined;

  constructor(handle: Target, state: RpcState, session: boolean) {
    this.#handle = handle;
    this.state = state;
    this.session = session;
    const first = state.caps;
    this.next = first;
    if (first !== undefined) first.prev = this;
    state.caps = this;
  }

  /** For use now. `type`: what workerd calls the object it belongs to. */
  use(type = 'Client'): Target {
    if (this.#handle === undefined) throw new Error('RPC stub used after being disposed.');
    if (currentIo() !== this.state.io) throw otherRequestError(type);
    if (this.#ended) throw new Error(GONE);
    return this.#handle;
  }

  /** The handle as long as it is good, whoever asks. */
  get handle(): Target | undefined {
    return this.#ended ? undefined : this.#handle;
  }

  dispose(): void {
    const handle = this.#handle;
    if (handle === undefined) return;
    this.#handle = undefined;
    if (this.#ended) return;
    native.rpcRelease(handle);
    if (this.prev !== undefined) this.prev.next = this.next;
    else if (this.state.caps === this) this.state.caps = this.next;
    if (this.next !== undefined) this.next.prev = this.prev;
  }

  end(): void {
    this.#ended = true;
    if (this.#handle !== undefined) native.rpcRelease(this.#handle);
  }
}

/** Capabilities that arrived in one message: they are disposed of together. */
export class Group {
  readonly state: RpcState;
  readonly session: boolean;
  #caps: Cap[] | undefined = undefined;

  constructor(state: RpcState, session: boolean) {
    this.state = state;
    this.session = session;
  }

  hold(handle: Target): Cap {
    const cap = new Cap(handle, this.state, this.session);
    this.add(cap);
    return cap;
  }

  add(cap: Cap): void {
    const caps = this.#caps ??= [];
    caps[caps.length] = cap;
  }

  /** They are the owner's business from here on. */
  disown(): void {
    this.#caps = undefined;
  }

  dispose(): void {
    const caps = this.#caps;
    this.#caps = undefined;
    if (caps !== undefined) for (let i = 0; i < caps.length; i++) caps[i]!.dispose();
  }
}

export function addIncoming(state: RpcState, exchange: Exchange, call: IncomingCall): void {
  MapPrototypeSet(state.incoming, exchange, call);
}

export function findIncoming(state: RpcState, exchange: Exchange): IncomingCall | undefined {
  return MapPrototypeGet(state.incoming, exchange);
}

/** False: it was answered or given up meanwhile. */
export function takeIncoming(state: RpcState, exchange: Exchange): boolean {
  return MapPrototypeDelete(state.incoming, exchange);
}
