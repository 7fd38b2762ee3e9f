// Remote calls that come in: of an entrypoint, each in a request of its own, or of an object that was given away, in the request that did so.
import { rootFrame, setFrame } from '../async-context';
import { contextFor, entrypointOf, getEnv, instantiate } from '../entrypoints';
import type { ExecutionContext } from '../execution-context';
import { isFetcher } from '../fetch/fetcher';
import { IoContext } from '../io-context';
import type { Exchange } from '../native';
import { native } from '../ops';
import { ObjectPrototype, ArrayPrototypeSlice, MathTrunc, ObjectGetPrototypeOf, PromisePrototypeThen, PromiseResolve, ReflectApply, SymbolDispose } from '../primordials';
import { reportUncaught } from '../report';
import { findEvent } from '../service-events';
import { isDurableObjectClass } from '../worker-classes';
import { exportObject, exportOf, undoExport } from './exports';
import { findProperty, type Found } from './lookup';
import { addIncoming, findIncoming, GONE, Group, RpcState, stateOf, takeIncoming } from './state';
import { read, write, Writing } from './writing';

const { deleteProperty: ReflectDeleteProperty } = Reflect;

/** A call that is to be answered. */
class Incoming {
  readonly exchange: Exchange;
  readonly state: RpcState;
  /** The stubs among the arguments: they are the callee's until the call is over. */
  readonly group: Group;
  /** The call alone keeps the request open. */
  readonly retains: boolean;

  constructor(exchange: Exchange, state: RpcState, retains: boolean) {
    this.exchange = exchange;
    this.state = state;
    this.retains = retains;
    this.group = new Group(state, state.session);
    if (retains) state.io.retain();
    addIncoming(state, exchange, this);
  }

  answer(value: unknown): void {
    if (!takeIncoming(this.state, this.exchange)) return;
    try {
      this.#send(value);
    } catch (error) {
      native.respondError(this.exchange, error);
    }
    this.#over();
  }

  fail(error: unknown): void {
    if (!takeIncoming(this.state, this.exchange)) return;
    native.respondError(this.exchange, error);
    this.#over();
  }

  /** Nobody waits for the answer any more. */
  cancel(): void {
    if (takeIncoming(this.state, this.exchange)) this.#over();
  }

  #over(): void {
    this.group.dispose();
    if (this.retains) this.state.io.release();
  }

  #send(value: unknown): void {
    const { state, exchange } = this;
    let dispose: unknown;
    let pipeline: number | undefined;
    const object = typeof value === 'object' && value !== null ? value : undefined;
    const plain = object !== undefined && ObjectGetPrototypeOf(object) === ObjectPrototype;
    if (plain) {
      // The receiver's object gets a method of its own, which leads to this one.
      const method: unknown = (object as { [Symbol.dispose]?: unknown })[SymbolDispose];
      if (method !== undefined) ReflectDeleteProperty(object, SymbolDispose);
      if (typeof method === 'function') dispose = method;
    }
    // Calls on the value come here, if there are any: to the value as it is here, not to its copy.
    if (object !== undefined && (plain ? dispose !== undefined || native.rpcIsPipelined(exchange) : isFetcher(object) && native.rpcIsPipelined(exchange))) {
      pipeline = exportObject(object, state, plain, dispose, state.session);
    }
    const writing = new Writing(state, false, state.session);
    try {
      write(writing, value, (written) => {
        native.rpcAnswer(exchange, written, writing.externals, dispose !== undefined, pipeline === undefined ? undefined : -pipeline);
      });
    } catch (error) {
      if (pipeline !== undefined) undoExport(pipeline);
      throw error;
    }
    // What was given away with the value is needed as long as calls on the value may come.
    const exported = pipeline === undefined ? undefined : exportOf(pipeline);
    if (exported !== undefined) exported.stubs = writing.caps;
    else writing.disposeCaps();
  }
}

/** C++ calls this. Never throws. Returns what the answer, if it is still to come, hangs on. */
export function onCall(exchange: Exchange, isExport: boolean, id: number, get: boolean): IoContext | undefined {
  if (isExport) {
    const entry = exportOf(id);
    if (entry === undefined || entry.state.io.ended) {
      native.respondError(exchange, new Error(GONE));
      return undefined;
    }
    setFrame(rootFrame(entry.state.io));
    return serve(new Incoming(exchange, entry.state, false), get, (path) => findProperty(entry.object, path, entry.instance, false), undefined);
  }
  const io = new IoContext(id, exchange);
  const state = new RpcState(io, true);
  io.rpc = state;
  setFrame(rootFrame(io));
  const call = new Incoming(exchange, state, true);
  const entry = entrypointOf(id);
  if (entry === undefined) {
    call.fail(new TypeError('The receiver is not an RPC object'));
    return undefined;
  }
  const ctx = contextFor(entry);
  return serve(call, get, (path) => {
    if (typeof path === 'number') return findEvent(path, entry, io, ctx);
    if (entry.kind === 'service-worker') throw new TypeError('The receiver is not an RPC object');
    if (isDurableObjectClass(entry.value)) throw new TypeError('A Durable Object class cannot be used as a stateless entrypoint.');
    return findProperty(instantiate(entry, ctx), path, entry.kind === 'object', true);
  }, entry.kind === 'object' ? ctx : undefined);
}

/** A call of an object that lives on between calls, in a context of its own: what a Durable Object is. `find` gives the object, and may throw. */
export function serveObject(exchange: Exchange, get: boolean, io: IoContext, find: () => object): IoContext | undefined {
  setFrame(rootFrame(io));
  return serve(new Incoming(exchange, stateOf(io), false), get, (path) => findProperty(find(), path, false, true), undefined);
}

/** `ctx`: for functions of an exported object, which get `env` and `ctx` after their one argument. */
function serve(call: Incoming, get: boolean, find: (path: any) => Found, ctx: ExecutionContext | undefined): IoContext | undefined {
  let result: unknown;
  let thrown = false;
  try {
    const values = read(call.group, native.rpcRead) as [path: string | string[] | undefined, ...args: unknown[]];
    const found = find(values[0]);
    if (get) {
      result = found.value;
    } else {
      if (typeof found.value !== 'function') throw new TypeError(`"${found.name}" is not a function.`);
      const args = ArrayPrototypeSlice(values as unknown[], 1);
      if (ctx !== undefined) insertEnv(found, args, ctx);
      thrown = true;
      result = ReflectApply(found.value, found.self, args);
      thrown = false;
    }
  } catch (error) {
    if (thrown) reportUncaught(error, 'rpc');
    call.fail(error);
    return undefined;
  }
  if ((typeof result !== 'object' || result === null) && typeof result !== 'function') {
    call.answer(result);
    return undefined;
  }
  PromisePrototypeThen(PromiseResolve(result), (value) => call.answer(value), (error) => {
    reportUncaught(error, 'rpc');
    call.fail(error);
  });
  return call.state.io;
}

function insertEnv(found: Found, args: unknown[], ctx: ExecutionContext): void {
  const arity = MathTrunc((found.value as Function).length);
  if (!(arity >= 0 && arity < 256)) throw new TypeError(`RPC function has unreasonable length attribute: ${arity}`);
  // More would let an author who forgot `env` and `ctx` hand them to the caller by mistake.
  if (arity > 3) {
    throw new TypeError(`Cannot call handler function "${found.name}" over RPC because it has the wrong number of arguments. A simple function ` +
      'handler can only be called over RPC if it has exactly the arguments (arg, env, ctx), where only the first argument comes from the client. ' +
      'To support multi-argument RPC functions, use class-based syntax (extending WorkerEntrypoint) instead.');
  }
  if (args.length !== 1) {
    throw new TypeError(`Attempted to call RPC function "${found.name}" with the wrong number of arguments. When calling a top-level handler ` +
      'function that is not declared as part of a class, you must always send exactly one argument. In order to support variable numbers of ' +
      'arguments, the server must use class-based syntax (extending WorkerEntrypoint) instead.');
  }
  args[args.length] = getEnv();
  args[args.length] = ctx;
}

/** C++ calls this when a caller has gone before its answer. */
export function onCancelled(context: object, exchange: Exchange): void {
  const state = (context as IoContext).rpc as RpcState | undefined;
  if (state !== undefined) findIncoming(state, exchange)?.cancel();
}
