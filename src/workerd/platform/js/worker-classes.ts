// The classes of `cloudflare:workers` that user code extends.
import { ExecutionContext, isExecutionContext } from './execution-context';
import { badConstructorArgument, defineInterface } from './interface';
import { ObjectDefineProperty, ObjectGetPrototypeOf, SymbolToStringTag } from './primordials';

function isObject(value: unknown): boolean {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** What all of them do with their arguments. */
function fill(instance: object, owner: string, ctx: unknown, env: unknown, isContext: (value: unknown) => boolean, contextType: string): void {
  if (!isContext(ctx)) throw badConstructorArgument(owner, 1, contextType);
  if (!isObject(env)) throw badConstructorArgument(owner, 2, 'Object');
  ObjectDefineProperty(instance, 'ctx', { value: ctx, writable: true, enumerable: true, configurable: true });
  ObjectDefineProperty(instance, 'env', { value: env, writable: true, enumerable: true, configurable: true });
}

export class WorkerEntrypoint {
  readonly #brand = true;
  declare protected readonly ctx: ExecutionContext;
  declare protected readonly env: unknown;
  constructor(ctx: unknown = undefined, env: unknown = undefined) {
    fill(this, 'WorkerEntrypoint', ctx, env, isObject, 'Object');
  }
  static {
    defineInterface(this, 'WorkerEntrypoint', { brand: (value) => #brand in value });
  }
}

export class DurableObject {
  readonly #brand = true;
  declare protected readonly ctx: object;
  declare protected readonly env: unknown;
  constructor(ctx: unknown = undefined, env: unknown = undefined) {
    fill(this, 'DurableObjectBase', ctx, env, isObject, 'DurableObjectState');
  }
  static {
    defineInterface(this, 'DurableObject', { brand: (value) => #brand in value });
    ObjectDefineProperty(this.prototype, SymbolToStringTag, { value: 'DurableObjectBase' });
  }
}

export class WorkflowEntrypoint {
  readonly #brand = true;
  declare protected readonly ctx: ExecutionContext;
  declare protected readonly env: unknown;
  constructor(ctx: unknown = undefined, env: unknown = undefined) {
    fill(this, 'WorkflowEntrypoint', ctx, env, (value) => isObject(value) && isExecutionContext(value), 'ExecutionContext');
  }
  static {
    defineInterface(this, 'WorkflowEntrypoint', { brand: (value) => #brand in value });
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
