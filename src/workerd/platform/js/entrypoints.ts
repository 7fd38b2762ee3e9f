// The worker's entrypoints: what can be asked of it, by number. An entrypoint is an exported object with handlers, an exported class
// (WorkerEntrypoint or not), or, in service-worker syntax, the global scope with its event listeners.
import { ExecutionContext } from './execution-context';
import { flags } from './flags';
import { isEntrypointClass } from './worker-classes';

export interface Entrypoint {
  readonly name: string;
  readonly kind: 'object' | 'class' | 'service-worker';
  readonly value: any;
  readonly props: unknown;
  /** Shared by all invocations where the flag says so. */
  ctx: ExecutionContext | undefined;
}

export const entrypoints: Entrypoint[] = [];
let mainExports: Record<string, unknown> | undefined;
let env: unknown = undefined;

export function setEnv(value: unknown): void {
  env = value;
}

export function getEnv(): unknown {
  return env;
}

export function setMainExports(namespace: Record<string, unknown>): void {
  mainExports = namespace;
}

export function getMainExports(): Record<string, unknown> | undefined {
  return mainExports;
}

function kindOf(value: unknown): 'object' | 'class' | undefined {
  if (typeof value === 'function') return 'class';
  return typeof value === 'object' && value !== null ? 'object' : undefined;
}

/** [name, kind, handler names] of each export that can be an entrypoint. Handlers on the prototype chain count. */
export function listEntrypoints(): [name: string, kind: string, handlers: string[]][] {
  const out: [string, string, string[]][] = [];
  if (mainExports === undefined) return [['default', 'service-worker', []]];
  for (const name in mainExports) {
    const value = mainExports[name];
    const kind = kindOf(value);
    if (kind === undefined) continue;
    const handlers: string[] = [];
    const target = kind === 'class' ? (value as any).prototype : value;
    for (const handler of ['fetch', 'connect', 'scheduled', 'queue', 'tail', 'trace', 'tailStream', 'email', 'test', 'alarm']) {
      if (typeof target?.[handler] === 'function') handlers[handlers.length] = handler;
    }
    out[out.length] = [name, kind === 'class' && !isEntrypointClass(value as Function) ? 'plain-class' : kind, handlers];
  }
  return out;
}

/** Adds an entrypoint to the table; its number. `name` undefined: the default one. */
export function addEntrypoint(name: string | undefined, props: unknown): number {
  const key = name ?? 'default';
  if (mainExports === undefined) {
    entrypoints[entrypoints.length] = { name: key, kind: 'service-worker', value: globalThis, props, ctx: undefined };
    return entrypoints.length - 1;
  }
  let value = mainExports[key];
  let kind = kindOf(value);
  if (kind === undefined && name === undefined) {
    // Allowed by the reference for history's sake: it has no handlers.
    value = {};
    kind = 'object';
  }
  if (kind === undefined) throw new TypeError(`The module has no export named '${name}' that can be an entrypoint.`);
  entrypoints[entrypoints.length] = { name: key, kind, value, props, ctx: undefined };
  return entrypoints.length - 1;
}

export function contextFor(entry: Entrypoint): ExecutionContext {
  if (entry.kind === 'object' && flags.nonclass_entrypoint_reuses_ctx_across_invocations) return (entry.ctx ??= new ExecutionContext(entry.props));
  return new ExecutionContext(entry.props);
}

/** The object whose handlers are called, and what they are called with. Runs the class's constructor. */
export function instantiate(entry: Entrypoint, ctx: ExecutionContext): any {
  if (entry.kind !== 'class') return entry.value;
  return new entry.value(ctx, env);
}
