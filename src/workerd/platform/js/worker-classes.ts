// The classes of `cloudflare:workers` that user code extends.
import { ExecutionContext } from './execution-context';
import { ObjectDefineProperty, ObjectGetPrototypeOf } from './primordials';

class Base {
  protected readonly ctx!: ExecutionContext;
  protected readonly env!: unknown;
  constructor(ctx: unknown, env: unknown) {
    ObjectDefineProperty(this, 'ctx', { value: ctx, writable: true, enumerable: true, configurable: true });
    ObjectDefineProperty(this, 'env', { value: env, writable: true, enumerable: true, configurable: true });
  }
}

export class WorkerEntrypoint extends Base {}
export class DurableObject extends Base {}
export class WorkflowEntrypoint extends Base {
  run(): never {
    throw new Error('A workflow must implement run(event, step).');
  }
}

/** Classes that are not Durable Objects or Workflows count as stateless entrypoints. */
export function isEntrypointClass(Class: Function): boolean {
  for (let c: unknown = Class; typeof c === 'function'; c = ObjectGetPrototypeOf(c)) {
    if (c === WorkerEntrypoint) return true;
    if (c === DurableObject || c === WorkflowEntrypoint) return false;
  }
  return false;
}

export function isDurableObjectClass(Class: unknown): boolean {
  for (let c: unknown = Class; typeof c === 'function'; c = ObjectGetPrototypeOf(c)) if (c === DurableObject) return true;
  return false;
}
