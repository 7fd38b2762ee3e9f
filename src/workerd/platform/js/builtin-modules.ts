// Modules that a worker imports by name and that the platform layer itself provides.
import { getEnv } from './entrypoints';
import { WrappedBinding } from './bindings/wrapped';
import { flags } from './flags';
import { requireIoContext } from './io-context';
import { pyOp } from './ops';
import { getLoopbackExports } from './loopback';
import { frameGet, frameWith, getFrame, runInFrame } from './async-context';
import { Fetcher } from './fetch/fetcher';
import { RpcPromise, RpcProperty, RpcStub, RpcTarget } from './rpc';
import { DurableObject, WorkerEntrypoint, WorkflowEntrypoint } from './worker-classes';
import { cloudflareNode } from './node-server';
import { connect } from './sockets';
import { tracing } from './tracing';
import { unsafeEvalBinding } from './unsafe-eval';
import { ObjectHasOwn, ReflectOwnKeys, ObjectGetOwnPropertyDescriptor } from './primordials';

const autogate = pyOp<(name: string) => boolean>('worker.autogate');

// `import { env } from 'cloudflare:workers'` is one object whatever withEnv() does: it reads through.
const abortIsolate = pyOp<(reason: string) => never>('worker.abort_isolate');

const ENV_STORE = {};
const EXPORTS_STORE = {};
const MISSING = {};

/** What an importable object stands for now: what withEnv() and the like have set, else the worker's own. */
function current(key: object, get: () => unknown): object | undefined {
  const value = frameGet(getFrame(), key, MISSING);
  if ((typeof value === 'object' && value !== null && value !== MISSING) || typeof value === 'function') return value;
  if (flags.env_module_nullable_support && (value === null || value === undefined)) return undefined;
  return flags.disallow_importable_env ? undefined : get() as object | undefined;
}

function readThrough(target: () => object | undefined, readOnly: boolean): object {
  const handler: ProxyHandler<object> = {
    get: (_, name) => { const inner = target(); return inner === undefined ? undefined : Reflect.get(inner, name); },
    has: (_, name) => { const inner = target(); return inner !== undefined && Reflect.has(inner, name); },
    ownKeys: () => { const inner = target(); return inner === undefined ? [] : ReflectOwnKeys(inner); },
    getOwnPropertyDescriptor: (_, name) => {
      const inner = target();
      const descriptor = inner === undefined ? undefined : ObjectGetOwnPropertyDescriptor(inner, name);
      if (descriptor !== undefined) descriptor.configurable = true;
      return descriptor;
    },
  };
  if (!readOnly) {
    handler.set = (_, name, value) => { const inner = target(); return inner === undefined || Reflect.set(inner, name, value); };
    handler.deleteProperty = (_, name) => { const inner = target(); return inner === undefined || Reflect.deleteProperty(inner, name); };
    handler.defineProperty = (_, name, descriptor) => { const inner = target(); return inner === undefined || Reflect.defineProperty(inner, name, descriptor); };
  }
  return new Proxy({}, handler);
}

function withStore(key: object, value: unknown, fn: () => unknown): unknown {
  return runInFrame(frameWith(getFrame(), key, value), fn, undefined, []);
}

function cloudflareWorkers(): Record<string, unknown> {
  const env = readThrough(() => current(ENV_STORE, getEnv), false);
  const exports = readThrough(() => current(EXPORTS_STORE, getLoopbackExports), true);
  return {
    WorkerEntrypoint, DurableObject, WorkflowEntrypoint, RpcTarget, RpcStub, RpcPromise, RpcProperty, ServiceStub: Fetcher,
    env, exports,
    withEnv: (value: unknown, fn: () => unknown) => withStore(ENV_STORE, value, fn),
    withExports: (value: unknown, fn: () => unknown) => withStore(EXPORTS_STORE, value, fn),
    withEnvAndExports: (newEnv: unknown, newExports: unknown, fn: () => unknown) =>
      withStore(ENV_STORE, newEnv, () => withStore(EXPORTS_STORE, newExports, fn)),
    waitUntil: (promise: unknown) => requireIoContext().waitUntil(promise),
    // `ctx.cache` exists only where a zone is in front of the worker.
    cache: readThrough(() => undefined, true),
    tracing, restore: Symbol('cloudflare:workers:restore'),
    abortIsolate: (reason?: unknown) => abortIsolate(reason === undefined ? '' : `${reason as string}`),
  };
}

// Only extensions may import these.
const internalMakers: Record<string, () => Record<string, unknown>> = {
  'cloudflare-internal:wrapped-binding': () => ({ default: { WrappedBinding }, WrappedBinding }),
  'internal:unsafe-eval': () => ({ default: unsafeEvalBinding() }),
};

function unsupportedTypes(name: string): () => never {
  return () => {
    throw new Error(`workerd:rtti: ${name}() is not supported by this release of workerd, which has no machine-readable types of its API.`);
  };
}

const makers: Record<string, () => Record<string, unknown>> = {
  'cloudflare:workers': cloudflareWorkers,
  'cloudflare:node': cloudflareNode,
  'cloudflare:sockets': () => ({ connect }),
  'workerd:rtti': () => ({ default: { exportTypes: unsupportedTypes('exportTypes'), exportExperimentalTypes: unsupportedTypes('exportExperimentalTypes') } }),
  'workerd:unsafe-eval': () => ({ default: unsafeEvalBinding() }),
  'workerd:unsafe': () => ({ default: { isTestAutogateEnabled: () => autogate('test-workerd') } }),
};
/** Modules that exist only for workers with a flag. */
const neededFlag: Record<string, string> = { 'workerd:rtti': 'rtti_api', 'workerd:unsafe': 'unsafe_module', 'workerd:unsafe-eval': 'unsafe_module' };
const made: Record<string, Record<string, unknown>> = { __proto__: null as never };

/** The exports of a platform module, made once, or undefined. `internal`: asked by a built-in module. */
export function builtinModule(name: string, internal: boolean): Record<string, unknown> | undefined {
  const table = ObjectHasOwn(makers, name) ? makers : internal && ObjectHasOwn(internalMakers, name) ? internalMakers : undefined;
  if (table === undefined || (ObjectHasOwn(neededFlag, name) && flags[neededFlag[name]!] !== true)) return undefined;
  return (made[name] ??= table[name]!());
}
