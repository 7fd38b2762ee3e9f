// RpcStub, RpcPromise and RpcProperty as users have them, and how calls start from them.
import { defineInterface, illegalInvocation } from '../interface';
import { type IoContext, otherRequestError, requireIoContext } from '../io-context';
import { currentIo } from '../async-context';
import { flags } from '../flags';
import type { Target } from '../native';
import { native } from '../ops';
import { ObjectPrototype, ObjectDefineProperty, ObjectGetPrototypeOf, PrimordialPromise, PromisePrototypeThen, PromiseReject, ReflectApply, SymbolDispose, SymbolToStringTag } from '../primordials';
import { handlerOf } from './brand';
import { CallableHandler, makeCallable } from './callable';
import { Call, disposeResult, setDestinationOn } from './calls';
import { RemoteFailure } from './errors';
import { disposeMethod, exportObject } from './exports';
import { findProperty } from './lookup';
import { Cap, type RpcState, stateOf } from './state';
import { checkStubType } from './stub-type';
import { replaceFunctions, write, Writing } from './writing';

const MAX_PROPERTY_DEPTH = 64;

/** Where a call goes: a target, or the result of a call that is under way. */
interface Destination {
  readonly target: number | Target | undefined;
  readonly call: Call | undefined;
  /** The target was made for this one call. */
  readonly temporary: boolean;
  readonly session: boolean;
}

/** What calls can start from. */
export interface Provider {
  /** Throws when no call can be made now. */
  open(): Destination;
}

export type Path = string | readonly string[] | undefined;

/** The class of a service binding registers how calls of it start. */
export class FetcherProvider implements Provider {
  readonly #target: number | Target;
  constructor(target: number | Target) {
    this.#target = target;
  }
  open(): Destination {
    requireIoContext();
    return { target: this.#target, call: undefined, temporary: false, session: false };
  }
}

class StubHandler extends CallableHandler implements Provider {
  readonly className = 'RpcStub';
  readonly cap: Cap;

  constructor(cap: Cap) {
    super();
    this.cap = cap;
  }
  open(): Destination {
    return { target: this.cap.use(), call: undefined, temporary: false, session: this.cap.session };
  }
  protected prototype(): object { return RpcStub.prototype; }
  protected wildcard(name: string): unknown {
    // It must not look like a promise.
    return name === 'then' ? undefined : makeProperty(this, name, 0);
  }
  protected call(args: unknown[]): unknown { return invoke(this, undefined, args); }
}

const enum Phase { Pending, Resolved, Failed, Disposed }

class PromiseHandler extends CallableHandler implements Provider {
  readonly className = 'RpcPromise';
  readonly inner: Promise<unknown>;
  #phase = Phase.Pending;
  /** The call, its value, or why it failed. */
  #state: unknown;
  readonly #io: IoContext | undefined;

  constructor(inner: Promise<unknown>, call: Call | undefined, failure: unknown) {
    super();
    this.inner = inner;
    this.#io = call?.io;
    if (call === undefined) {
      this.#phase = Phase.Failed;
      this.#state = failure;
      return;
    }
    this.#state = call;
    call.onResult = (value) => {
      if (this.#phase === Phase.Disposed) return disposeResult(value);
      this.#phase = Phase.Resolved;
      this.#state = value;
    };
    call.onFailure = (reason) => {
      if (this.#phase === Phase.Disposed) return;
      this.#phase = Phase.Failed;
      this.#state = reason;
    };
  }

  open(): Destination {
    const state = this.#state;
    if (this.#phase === Phase.Disposed) throw new Error('RPC promise used after being disposed.');
    if (this.#phase === Phase.Failed) throw state instanceof RemoteFailure ? state.again() : state;
    const here = currentIo() === this.#io;
    if (this.#phase === Phase.Pending) {
      if (!here) throw otherRequestError('Pipeline');
      const call = state as Call;
      return { target: undefined, call, temporary: false, session: call.session };
    }
    if (!here) throw otherRequestError('JsRpcPromise');
    return { ...destinationOnValue(state, stateOf(this.#io!)), call: undefined };
  }

  dispose(): void {
    if (this.#phase === Phase.Resolved) disposeResult(this.#state);
    this.#phase = Phase.Disposed;
    this.#state = undefined;
  }
  protected prototype(): object { return RpcPromise.prototype; }
  protected wildcard(name: string): unknown { return makeProperty(this, name, 0); }
  protected call(args: unknown[]): unknown { return invoke(this, undefined, args); }
}

class PropertyHandler extends CallableHandler {
  readonly className = 'RpcProperty';
  readonly parent: Provider | PropertyHandler;
  readonly name: string;
  readonly depth: number;

  constructor(parent: Provider | PropertyHandler, name: string, depth: number) {
    super();
    this.parent = parent;
    this.name = name;
    this.depth = depth;
  }
  protected prototype(): object { return RpcProperty.prototype; }
  protected wildcard(name: string): unknown {
    if (this.depth >= MAX_PROPERTY_DEPTH) throw new TypeError(`RPC pipelined property path is too deep (max ${MAX_PROPERTY_DEPTH}).`);
    return makeProperty(this, name, this.depth + 1);
  }
  protected call(args: unknown[]): unknown {
    // JSON.stringify() asks every object for it: it is not meant to be sent anywhere.
    if (this.name === 'toJSON' && args.length === 1 && typeof args[0] === 'string') return this.parent instanceof FetcherProvider ? {} : undefined;
    return invoke(this.parent, this.name, args);
  }
}

export function makeProperty(parent: Provider | PropertyHandler, name: string, depth: number): object {
  return makeCallable(new PropertyHandler(parent, name, depth));
}

export function makeStub(cap: Cap): object {
  return makeCallable(new StubHandler(cap));
}

/** The capability of a stub, or undefined for anything else. */
export function capOf(value: unknown): Cap | undefined {
  const handler = handlerOf(value);
  return handler instanceof StubHandler ? handler.cap : undefined;
}

/** Fetchers say where calls on them go; set by ./fetchers. */
let fetcherTargetOf: (value: unknown) => number | Target | undefined;
export function setFetcherTargetOf(fn: typeof fetcherTargetOf): void {
  fetcherTargetOf = fn;
}

/** Calls on a value that a call has returned go to it as it is here: through a capability made for one call, unless it is one itself. */
function destinationOnValue(value: unknown, state: RpcState): { target: number | Target; temporary: boolean; session: boolean } {
  const cap = capOf(value);
  if (cap !== undefined) return { target: cap.use(), temporary: false, session: cap.session };
  const target = fetcherTargetOf(value);
  if (target !== undefined) return { target, temporary: false, session: false };
  if (typeof value !== 'object' || value === null) throw new TypeError("Can't pipeline on RPC that did not return an object.");
  return { target: native.rpcExport(exportObject(value, state, true, undefined, false)), temporary: true, session: false };
}

// Calls that waited for a result. One that has no properties at all fails as the other side would have it.
setDestinationOn((value, state, path, get) => {
  if (capOf(value) === undefined && fetcherTargetOf(value) === undefined && !isPlain(value)) {
    const { value: found, name } = findProperty({}, path, true, false);
    if (!get && typeof found !== 'function') throw new TypeError(`"${name}" is not a function.`);
  }
  return destinationOnValue(value, state);
});

function isPlain(value: unknown): boolean {
  return typeof value === 'object' && value !== null && ObjectGetPrototypeOf(value) === ObjectPrototype;
}

function fullPath(parent: Provider | PropertyHandler, name: string | undefined): { root: Provider; path: Path } {
  if (!(parent instanceof PropertyHandler)) return { root: parent, path: name };
  const upwards: string[] = [name!];
  let root: Provider | PropertyHandler = parent;
  while (root instanceof PropertyHandler) {
    upwards[upwards.length] = root.name;
    root = root.parent;
  }
  const names: string[] = [];
  for (let i = upwards.length - 1; i >= 0; i--) names[names.length] = upwards[i]!;
  return { root, path: names };
}

function revive(reason: unknown): never {
  throw reason instanceof RemoteFailure ? reason.toError(revive) : reason;
}

/** Starts a call, or (without arguments) the reading of a property; the promise and what pipelining needs. Never throws. */
function start(parent: Provider | PropertyHandler, name: string | undefined, args: unknown[] | undefined): PromiseHandler {
  let resolve!: (value: unknown) => void;
  let reject!: (reason: unknown) => void;
  let to: Destination | undefined;
  try {
    const { root, path } = fullPath(parent, name);
    to = root.open();
    const { target, call: before } = to;
    const state = stateOf(requireIoContext());
    const promise = new PrimordialPromise<unknown>((ok, bad) => { resolve = ok; reject = bad; });
    const call = new Call(state, to.session, resolve, reject);
    const writing = new Writing(state, flags.rpc_params_dup_stubs === true, state.session && to.session);
    const get = args === undefined;
    const values: unknown[] = [path];
    if (!get) {
      for (let i = 0; i < args.length; i++) values[values.length] = args[i];
      replaceFunctions(writing, values, 1);
    }
    write(writing, values, (value) => {
      if (before === undefined) call.send(target!, value, writing.externals, get);
      else before.wait(call, native.rpcPack(value, writing.externals), get, path);
    });
    writing.disposeCaps();
    const inner = PromisePrototypeThen(promise, undefined, revive);
    return new PromiseHandler(inner, call, undefined);
  } catch (error) {
    const failure = error instanceof RemoteFailure ? error.toError(start) : error;
    return new PromiseHandler(PromiseReject(failure), undefined, failure);
  } finally {
    if (to?.temporary === true) native.rpcRelease(to.target as Target);
  }
}

function invoke(parent: Provider | PropertyHandler, name: string | undefined, args: unknown[]): object {
  return makeCallable(start(parent, name, args));
}

/** Sends a target an event (../service-events): a call whose path is a number. */
export function callEvent(target: number | Target, event: number, sent: object): Promise<unknown> {
  return start(new FetcherProvider(target), event as never, [sent]).inner;
}

function then(self: unknown, ok: any, bad: any): Promise<unknown> {
  return PromisePrototypeThen(innerPromise(self), ok, bad);
}

/** The promise behind; properties are read anew each time. */
function innerPromise(self: unknown): Promise<unknown> {
  const handler = handlerOf(self);
  if (handler instanceof PromiseHandler) return handler.inner;
  if (handler instanceof PropertyHandler) return start(handler.parent, handler.name, undefined).inner;
  throw illegalInvocation();
}

const promiseFinally = Promise.prototype.finally;

abstract class Thenable {
  then(ok?: any, bad?: any): Promise<unknown> { return then(this, ok, bad); }
  catch(bad?: any): Promise<unknown> { return then(this, undefined, bad); }
  finally(fn?: any): Promise<unknown> { return ReflectApply(promiseFinally, innerPromise(this), [fn]); }
}

export class RpcPromise {
  constructor() { throw new TypeError('Illegal constructor'); }
  declare then: Thenable['then'];
  declare catch: Thenable['catch'];
  declare finally: Thenable['finally'];
  [Symbol.dispose](): void {
    const handler = handlerOf(this);
    if (!(handler instanceof PromiseHandler)) throw illegalInvocation();
    handler.dispose();
  }
}

export class RpcProperty {
  constructor() { throw new TypeError('Illegal constructor'); }
  declare then: Thenable['then'];
  declare catch: Thenable['catch'];
  declare finally: Thenable['finally'];
}

for (const Class of [RpcPromise, RpcProperty]) {
  for (const name of ['then', 'catch', 'finally'] as const) {
    ObjectDefineProperty(Class.prototype, name, { value: Thenable.prototype[name], writable: true, enumerable: true, configurable: true });
  }
}

export class RpcStub {
  constructor(object: object) {
    if ((typeof object !== 'object' || object === null) && typeof object !== 'function') {
      throw new TypeError("Failed to construct 'JsRpcStub': constructor parameter 1 is not of type 'Object'.");
    }
    const state = stateOf(requireIoContext());
    const instance = checkStubType(object);
    if (instance === undefined) throw new TypeError('RpcStubs can only wrap plain objects, functions, and RpcTarget derivatives.');
    const id = exportObject(object, state, instance, disposeMethod(object), false);
    return makeStub(new Cap(native.rpcExport(id), state, false)) as RpcStub;
  }

  /** Another stub for the same object, which is to be disposed of on its own. */
  dup(): object {
    const handler = handlerOf(this);
    if (!(handler instanceof StubHandler)) throw illegalInvocation();
    return makeStub(new Cap(native.rpcTarget(handler.cap.use()), handler.cap.state, handler.cap.session));
  }

  [Symbol.dispose](): void {
    const handler = handlerOf(this);
    if (!(handler instanceof StubHandler)) throw illegalInvocation();
    handler.cap.dispose();
  }
}

for (const [Class, name] of [[RpcPromise, 'RpcPromise'], [RpcProperty, 'RpcProperty'], [RpcStub, 'RpcStub']] as const) {
  defineInterface(Class, name, { brand: (value) => handlerOf(value)?.className === name });
  // Their names in workerd are others than those they are exported under.
  ObjectDefineProperty(Class.prototype, SymbolToStringTag, { value: `Js${name}`, writable: true, enumerable: false, configurable: true });
  if (SymbolDispose in Class.prototype) ObjectDefineProperty(Class.prototype, SymbolDispose, { enumerable: false });
}
