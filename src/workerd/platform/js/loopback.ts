// `ctx.exports`: stubs of the worker's own entrypoints, which can be called to have one with other properties.
import { entrypointFor, addOwnEntrypoint, listEntrypoints } from './entrypoints';
import { Fetcher, makeFetcher, setFetcherBehind } from './fetch/fetcher';
import { flags } from './flags';
import { badArgument, badField, defineInterface } from './interface';
import { native } from './ops';
import { ObjectCreate, ObjectDefineProperty, ObjectHasOwn } from './primordials';
import { handlerOf } from './rpc/brand';
import { CallableHandler, makeCallable } from './rpc/callable';
import { write, Writing } from './rpc/writing';

export class LoopbackServiceStub extends Fetcher {}
defineInterface(LoopbackServiceStub, 'LoopbackServiceStub', { brand: (value) => handlerOf(value) instanceof LoopbackHandler });

class LoopbackHandler extends CallableHandler {
  readonly className = 'LoopbackServiceStub';
  readonly fetcher: Fetcher;
  readonly #name: string;

  constructor(name: string) {
    super();
    this.#name = name;
    this.fetcher = withProps(name, () => ({}));
  }
  protected prototype(): object { return LoopbackServiceStub.prototype; }
  // Remote methods come from the prototype chain of Fetchers.
  protected wildcard(): unknown { return undefined; }
  protected call(args: unknown[]): unknown {
    const options = args[0] as { props?: unknown } | undefined;
    if ((typeof options !== 'object' || options === null) && typeof options !== 'function') {
      throw badArgument('(called as function)', 'LoopbackServiceStub', 1, dictionaryName());
    }
    const { props } = options;
    if (props !== undefined && (typeof props !== 'object' || props === null) && typeof props !== 'function') throw badField('props', dictionaryName(), 'Object');
    if (flags.enable_version_api) checkVersion((options as { version?: unknown }).version);
    if (props === undefined) return withProps(this.#name, () => ({}));
    const writing = new Writing(undefined, true, false);
    const packed = write(writing, props, (value) => native.rpcPack(value, writing.externals));
    return withProps(this.#name, () => native.rpcUnpack(packed));
  }
}

function dictionaryName(): string {
  return flags.enable_version_api ? 'OptionsWithVersion' : 'Options';
}

/** Which version is to answer: there is one only, so nothing is chosen, but the option must be well-formed. */
function checkVersion(version: unknown): void {
  if (version === undefined || version === null) return;
  if (typeof version !== 'object' && typeof version !== 'function') throw badField('version', 'OptionsWithVersion', 'Version');
  const { cohort } = version as { cohort?: unknown };
  if (cohort !== undefined && cohort !== null) void `${cohort as string}`;
}

function withProps(name: string, makeProps: () => unknown): Fetcher {
  return makeFetcher(native.rpcEntry(addOwnEntrypoint(entrypointFor(name)!, makeProps)));
}

setFetcherBehind((value) => {
  const handler = handlerOf(value);
  return handler instanceof LoopbackHandler ? handler.fetcher : undefined;
});

// Those that the runtime makes (Durable Object namespaces and classes) and the worker's stateless entrypoints.
const given: Record<string, unknown> = ObjectCreate(null);
let stubs: Record<string, unknown> | undefined;

export function setLoopbackExport(name: string, stub: unknown): void {
  given[name] = stub;
  if (stubs !== undefined) define(stubs, name, stub);
}

function define(to: object, name: string, value: unknown): void {
  ObjectDefineProperty(to, name, { value, writable: true, enumerable: true, configurable: true });
}

/** Complete once the worker's top-level code has run. */
export function getLoopbackExports(): Record<string, unknown> {
  if (stubs !== undefined) return stubs;
  const made: Record<string, unknown> = {};
  const listed = listEntrypoints();
  for (let pass = 0; pass < 2; pass++) {
    for (let i = 0; i < listed.length; i++) {
      const name = listed[i]![0];
      const kind = listed[i]![1];
      // The default one comes first.
      if ((name === 'default') !== (pass === 0)) continue;
      if (ObjectHasOwn(given, name)) define(made, name, given[name]);
      else if (kind === 'object' || kind === 'class') define(made, name, makeCallable(new LoopbackHandler(name)));
    }
  }
  return (stubs = made);
}
