// Calls that this worker makes: the table of those under way, and what happens when an answer comes.
import { rootFrame, setFrame } from '../async-context';
import type { IoContext } from '../io-context';
import type { Exchange, Message, NativeError, Target } from '../native';
import { native } from '../ops';
import { MapPrototypeDelete, MapPrototypeGet, MapPrototypeSet, ObjectDefineProperty, ReflectApply, SafeMap, SetPrototypeAdd, SetPrototypeDelete, SymbolDispose } from '../primordials';
import { RemoteFailure } from './errors';
import { Cap, Group, type RpcState } from './state';
import { read } from './writing';

/** A call on the result of another one, which has to wait for that. Its arguments are packed already. */
interface Waiting {
  readonly call: Call;
  readonly message: Message;
  readonly get: boolean;
  readonly path: string | readonly string[] | undefined;
}

export class Call {
  readonly number: number;
  readonly state: RpcState;
  /** The answer comes from the caller of the session that this request is. */
  readonly session: boolean;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
  exchange: Exchange | undefined = undefined;
  /** Called with the value before the promise is resolved; may dispose of it. */
  onResult: ((value: unknown) => void) | undefined = undefined;
  onFailure: ((reason: unknown) => void) | undefined = undefined;
  waiting: Waiting[] | undefined = undefined;

  constructor(state: RpcState, session: boolean, resolve: (value: unknown) => void, reject: (reason: unknown) => void) {
    this.number = ++last;
    this.state = state;
    this.session = session;
    this.resolve = resolve;
    this.reject = reject;
  }

  get io(): IoContext {
    return this.state.io;
  }

  /** `value`: what is to be written, or a packed message. */
  send(target: number | Target, value: unknown, externals: readonly unknown[] | undefined, get: boolean): void {
    this.exchange = native.rpcCall(target, value, externals as never, get, this.number);
    MapPrototypeSet(table, this.number, this);
    SetPrototypeAdd(this.state.outgoing, this);
  }

  /** Makes a call on the result once that is there. */
  wait(call: Call, message: Message, get: boolean, path: string | readonly string[] | undefined): void {
    if (this.waiting === undefined) {
      this.waiting = [];
      if (this.exchange !== undefined) native.rpcSetPipelined(this.exchange);
    }
    this.waiting[this.waiting.length] = { call, message, get, path };
  }

  fail(reason: unknown): void {
    this.onFailure?.(reason);
    const { waiting } = this;
    this.waiting = undefined;
    this.reject(reason);
    if (waiting === undefined) return;
    for (let i = 0; i < waiting.length; i++) {
      waiting[i]!.call.fail(reason instanceof RemoteFailure ? reason.again() : reason);
    }
  }
}

const table: Map<number, Call> = new SafeMap();
let last = 0;

/** The request that made a call is over. */
export function endOutgoing(call: Call): void {
  MapPrototypeDelete(table, call.number);
  if (call.exchange !== undefined) native.exchangeCancel(call.exchange);
}

/** Where calls on a value go that has arrived: what `./destination` says of it. Throws the error of calls that cannot be made. */
let destinationOn: (value: unknown, state: RpcState, path: string | readonly string[] | undefined, get: boolean) => { target: number | Target; temporary: boolean };
export function setDestinationOn(fn: typeof destinationOn): void {
  destinationOn = fn;
}

function sendWaiting(call: Call, value: unknown, pipeline: Target | undefined): void {
  const { waiting } = call;
  call.waiting = undefined;
  if (waiting === undefined) return;
  for (let i = 0; i < waiting.length; i++) {
    const { call: next, message, get, path } = waiting[i]!;
    try {
      const { target, temporary } = pipeline !== undefined ? { target: pipeline, temporary: false } : destinationOn(value, call.state, path, get);
      next.send(target, message, undefined, get);
      if (temporary) native.rpcRelease(target as Target);
      if (next.waiting !== undefined) native.rpcSetPipelined(next.exchange!);
    } catch (error) {
      next.fail(error);
    }
  }
}

/** Gives an object that was received a method that disposes of all it has. */
function addDisposer(value: object, group: Group, pipeline: Cap | undefined): void {
  ObjectDefineProperty(value, SymbolDispose, {
    value: () => {
      group.dispose();
      pipeline?.dispose();
    },
    writable: true, enumerable: false, configurable: true,
  });
}

export function disposeResult(value: unknown): void {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return;
  const method: unknown = (value as Disposable)[SymbolDispose];
  if (typeof method === 'function') ReflectApply(method, value, []);
}

/** C++ calls this with each answer. */
export function onAnswer(number: number, error: NativeError | undefined, hasDisposer: boolean, pipeline: Target | undefined): void {
  const call = MapPrototypeGet(table, number);
  if (call === undefined) {
    if (pipeline !== undefined) native.rpcRelease(pipeline);
    return;
  }
  MapPrototypeDelete(table, number);
  const { state } = call;
  SetPrototypeDelete(state.outgoing, call);
  if (error !== undefined) return call.fail(new RemoteFailure(error));
  setFrame(rootFrame(state.io));
  const group = new Group(state, call.session);
  let value: unknown;
  try {
    value = read(group, native.rpcRead);
  } catch (failure) {
    group.dispose();
    if (pipeline !== undefined) native.rpcRelease(pipeline);
    return call.fail(failure);
  }
  sendWaiting(call, value, pipeline);
  if (typeof value === 'object' && value !== null) {
    addDisposer(value, group, hasDisposer && pipeline !== undefined ? new Cap(pipeline, state, call.session) : undefined);
  }
  if (!hasDisposer && pipeline !== undefined) native.rpcRelease(pipeline);
  call.onResult?.(value);
  call.resolve(value);
}
