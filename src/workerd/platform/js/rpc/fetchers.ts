// Service bindings as what remote calls start from: every property that a Fetcher does not have is one of the service.
import { Fetcher, fetcherTarget, isFetcher } from '../fetch/fetcher';
import { flags } from '../flags';
import { illegalInvocation } from '../interface';
import { ObjectPrototype, ObjectDefineProperty, ObjectSetPrototypeOf, SafeWeakSet, WeakSetPrototypeAdd, WeakSetPrototypeHas } from '../primordials';
import { currentIo } from '../async-context';
import { logWarning } from '../warnings';
import { isIndex } from './callable';
import { setIsFetcher } from './lookup';
import { FetcherProvider, makeProperty, setFetcherTargetOf } from './stubs';

const { get: ReflectGet, has: ReflectHas } = Reflect;

setIsFetcher((value) => isFetcher(value));
setFetcherTargetOf((value) => (isFetcher(value) ? fetcherTarget(value) : undefined));

function enabled(): boolean {
  return flags.rpc === true || flags.experimental === true;
}

function wildcard(fetcher: Fetcher, name: string): unknown {
  // It must not look like a promise.
  return name === 'then' || isIndex(name) ? undefined : makeProperty(new FetcherProvider(fetcherTarget(fetcher)), name, 0);
}

const callable = new SafeWeakSet<object>();

/** Lets a service's methods be called whatever the worker's flags say, and gives it back: for the platform's own modules. */
export function letCall(fetcher: Fetcher): Fetcher {
  WeakSetPrototypeAdd(callable, fetcher);
  return fetcher;
}

let warned = false;

function warn(name: string): void {
  // itty-durable looks for this property on all bindings.
  if (warned || name === 'idFromName' || currentIo() === undefined) return;
  warned = true;
  logWarning(`WARNING: Tried to access method or property '${name}' on a Service Binding or Durable Object stub. Are you trying to use RPC? If ` +
    "so, please enable the 'rpc' compat flag or update your compat date to 2024-04-03 or later (see " +
    'https://developers.cloudflare.com/workers/configuration/compatibility-dates/ ). If you are not trying to use RPC, please note that in the ' +
    'future, this property (and all other property names) will appear to be present as an RPC method.');
}

// Takes the place of Object.prototype behind Fetcher.prototype: lookups that found nothing end here.
const behind: ProxyHandler<object> = {
  get(_, name, receiver: unknown) {
    if (typeof name === 'symbol' || ReflectHas(ObjectPrototype, name)) return ReflectGet(ObjectPrototype, name, receiver);
    if (!isFetcher(receiver)) return undefined;
    if (enabled() || WeakSetPrototypeHas(callable, receiver)) return wildcard(receiver, name);
    warn(name);
    return undefined;
  },
  has(_, name) {
    return ReflectHas(ObjectPrototype, name) || (typeof name === 'string' && name !== 'then' && !isIndex(name) && enabled());
  },
};

/** Called at bootstrap. */
export function installFetcherRpc(): void {
  ObjectSetPrototypeOf(Fetcher.prototype, new Proxy({}, behind));
  if (!flags.experimental) return;
  // For tests: names that are no remote ones here.
  ObjectDefineProperty(Fetcher.prototype, 'getRpcMethodForTestOnly', {
    value(this: Fetcher, name: string) {
      if (!isFetcher(this)) throw illegalInvocation();
      return wildcard(this, `${name}`);
    },
    writable: true, enumerable: true, configurable: true,
  });
}
