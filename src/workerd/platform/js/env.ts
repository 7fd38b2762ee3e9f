// `env`: the worker's bindings, made from the descriptors of workerd/bindings (Python).
import { makeAnalyticsEngine } from './bindings/analytics';
import { makeHyperdrive } from './bindings/hyperdrive';
import { makeKvNamespace } from './bindings/kv';
import { makeMemoryCache } from './bindings/memory-cache';
import { makeQueue } from './bindings/queue';
import { makeR2Bucket } from './bindings/r2';
import { makeKeyBinding } from './crypto';
import { wrap } from './bindings/wrapped';
import { type Fetcher, isFetcher, makeFetcher } from './fetch/fetcher';
import { native } from './ops';
import { JSONParse, ObjectDefineProperty } from './primordials';
import { letCall } from './rpc/fetchers';
import { bufferOf } from './blob/bytes';
import { unsafeEvalBinding } from './unsafe-eval';

export interface Descriptor { name: string; kind: string; value?: any; target?: number; moduleName?: string; entrypoint?: string; innerBindings?: Descriptor[]; [k: string]: any }

/** Makes what binding `kind` is. */
function makeBinding(d: Descriptor): unknown {
  switch (d.kind) {
    case 'text': return d.value;
    case 'data': return bufferOf(d.value);
    case 'json': return JSONParse(d.value);
    case 'wasmModule': return native.compileWasm(d.value);
    case 'kvNamespace': return makeKvNamespace(d.target!);
    case 'r2Bucket': return makeR2Bucket(d.target!);
    case 'memoryCache': return makeMemoryCache(d.cache);
    case 'queue': return makeQueue(d.target!);
    case 'analyticsEngine': return makeAnalyticsEngine(d.target!, d.dataset);
    case 'hyperdrive': return makeHyperdrive(d as never);
    case 'service': return makeFetcher(d.target!);
    case 'cryptoKey': return makeKeyBinding(d as never);
    case 'unsafeEval': return unsafeEvalBinding();
    case 'wrapped': {
      const inner = makeEnv(d.innerBindings!);
      // They are the module's, not the worker's: its flags do not matter.
      for (const name in inner) if (isFetcher(inner[name])) letCall(inner[name] as Fetcher);
      return wrap(d.moduleName!, d.entrypoint!, inner);
    }
    default: throw new TypeError(`Binding '${d.name}' is of kind '${d.kind}', which this release does not support.`);
  }
}

export function makeEnv(descriptors: readonly Descriptor[]): Record<string, unknown> {
  const env: Record<string, unknown> = {};
  for (let i = 0; i < descriptors.length; i++) {
    const d = descriptors[i]!;
    ObjectDefineProperty(env, d.name, { value: makeBinding(d), enumerable: true, configurable: true, writable: true });
  }
  return env;
}
