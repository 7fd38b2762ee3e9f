// Modules that a worker imports by name and that the platform layer itself provides.
import { getEnv } from './entrypoints';
import { flags } from './flags';
import { requireIoContext } from './io-context';
import { pyOp } from './ops';
import { getLoopbackExports } from './loopback';
import { frameGet, frameWith, getFrame, runInFrame } from './async-context';
import { DurableObject, WorkerEntrypoint, WorkflowEntrypoint } from './worker-classes';
import { connect } from './sockets';
import { unsafeEvalBinding } from './unsafe-eval';
import { ObjectCreate, ObjectHasOwn, ReflectOwnKeys, ObjectGetOwnPropertyDescriptor } from './primordials';

const autogate = pyOp<(name: string) => boolean>('worker.autogate');

// `import { env } from 'cloudflare:workers'` is one object whatever withEnv() does: it reads through.
const ENV_STORE = {};
const EXPORTS_STORE = {};

function readThrough(key: object, get: () => unknown): object {
  const target = () => frameGet(getFrame(), key, undefined) as object ?? (get() as object) ?? {};
  return new Proxy(ObjectCreate(null), {
    get: (_, name) => Reflect.get(target(), name),
    has: (_, name) => Reflect.has(target(), name),
    set: (_, name, value) => Reflect.set(target(), name, value),
    deleteProperty: (_, name) => Reflect.deleteProperty(target(), name),
    ownKeys: () => ReflectOwnKeys(target()),
    getOwnPropertyDescriptor: (_, name) => {
      const descriptor = ObjectGetOwnPropertyDescriptor(target(), name);
      if (descriptor !== undefined) descriptor.configurable = true;
      return descriptor;
    },
    getPrototypeOf: () => Object.prototype,
  });
}

function withStore(key: object, value: unknown, fn: () => unknown): unknown {
  return runInFrame(frameWith(getFrame(), key, value), fn, undefined, []);
}

function cloudflareWorkers(): Record<string, unknown> {
  const env = readThrough(ENV_STORE, getEnv);
  const exports = readThrough(EXPORTS_STORE, getLoopbackExports);
  return {
    WorkerEntrypoint, DurableObject, WorkflowEntrypoint,
    env, exports,
    withEnv: (value: unknown, fn: () => unknown) => withStore(ENV_STORE, value, fn),
    withExports: (value: unknown, fn: () => unknown) => withStore(EXPORTS_STORE, value, fn),
    withEnvAndExports: (newEnv: unknown, newExports: unknown, fn: () => unknown) =>
      withStore(ENV_STORE, newEnv, () => withStore(EXPORTS_STORE, newExports, fn)),
    waitUntil: (promise: unknown) => requireIoContext().waitUntil(promise),
  };
}

// Only extensions may import these.
const internalMakers: Record<string, () => Record<string, unknown>> = {
  'internal:unsafe-eval': () => ({ default: unsafeEvalBinding() }),
};

const makers: Record<string, () => Record<string, unknown>> = {
  'cloudflare:workers': cloudflareWorkers,
  'cloudflare:sockets': () => ({ connect }),
  'workerd:unsafe-eval': () => ({ default: unsafeEvalBinding() }),
  'workerd:unsafe': () => ({ default: { isTestAutogateEnabled: () => autogate('test-workerd') } }),
};
/** Modules that exist only for workers with a flag. */
const neededFlag: Record<string, string> = { 'workerd:unsafe': 'unsafe_module', 'workerd:unsafe-eval': 'unsafe_module' };
const made: Record<string, Record<string, unknown>> = {};

/** The exports of a platform module, made once, or undefined. `internal`: asked by a built-in module. */
export function builtinModule(name: string, internal: boolean): Record<string, unknown> | undefined {
  const table = ObjectHasOwn(makers, name) ? makers : internal && ObjectHasOwn(internalMakers, name) ? internalMakers : undefined;
  if (table === undefined || (ObjectHasOwn(neededFlag, name) && flags[neededFlag[name]!] !== true)) return undefined;
  return (made[name] ??= table[name]!());
}
