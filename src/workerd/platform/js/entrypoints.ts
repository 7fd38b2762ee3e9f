// The worker's entrypoints: what can be asked of it, by number. An entrypoint is an exported object with handlers, an exported class
// (WorkerEntrypoint or not), or, in service-worker syntax, the global scope with its event listeners.
import { listenerTypes } from './events';
import { ExecutionContext } from './execution-context';
import { flags } from './flags';
import { ArrayPrototypeFilter, MapPrototypeDelete, MapPrototypeGet, MapPrototypeSet, SafeMap } from './primordials';
import { isEntrypointClass } from './worker-classes';

export interface Entrypoint {
  readonly name: string;
  readonly kind: 'object' | 'class' | 'service-worker';
  readonly value: any;
  readonly props: unknown;
  /** Makes the properties anew for each invocation. */
  readonly makeProps?: () => unknown;
  /** Shared by all invocations where the flag says so. */
  ctx: ExecutionContext | undefined;
}

export const entrypoints: Entrypoint[] = [];
// Those made with properties of their own, while somebody holds them. Their numbers begin where the others' never get.
const OWN = 1 << 24;
const own: Map<number, Entrypoint> = new SafeMap();
let lastOwn = OWN;
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

const HANDLERS = ['fetch', 'connect', 'scheduled', 'queue', 'tail', 'trace', 'tailStream', 'email', 'test', 'alarm'];

/** Whether somebody outside asks for events of a type: a script with listeners for others only can do nothing. */
const isAsked = (type: string): boolean => type !== 'alarm' && type !== 'unhandledrejection' && type !== 'rejectionhandled';

/** [name, kind, handler names] of each export that can be an entrypoint. Handlers on the prototype chain count. */
export function listEntrypoints(): [name: string, kind: string, handlers: string[]][] {
  const out: [string, string, string[]][] = [];
  if (mainExports === undefined) return [['default', 'service-worker', ArrayPrototypeFilter(listenerTypes(globalThis), isAsked)]];
  for (const name in mainExports) {
    const value = mainExports[name];
    const kind = kindOf(value);
    if (kind === undefined) {
      throw new TypeError(value === null || value === undefined ? `Cannot initialize ExportedHandler '${name}' with required members from an undefined or null value.` :
        `Incorrect type for map entry '${name}': the provided value is not of type 'function or ExportedHandler'.`);
    }
    const handlers: string[] = [];
    const target = kind === 'class' ? (value as any).prototype : value;
    for (let i = 0; i < HANDLERS.length; i++) {
      const handler = HANDLERS[i]!;
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
  const value = mainExports[key];
  const kind = kindOf(value);
  if (kind === undefined && name === undefined) {
    // For history's sake a module may do without, and its listeners are asked as a script's are.
    entrypoints[entrypoints.length] = { name: key, kind: 'service-worker', value: globalThis, props, ctx: undefined };
    return entrypoints.length - 1;
  }
  if (kind === undefined) throw new TypeError(`The module has no export named '${name}' that can be an entrypoint.`);
  entrypoints[entrypoints.length] = { name: key, kind, value, props, ctx: undefined };
  return entrypoints.length - 1;
}

/** An entrypoint by its number. */
export function entrypointOf(id: number): Entrypoint | undefined {
  return id < OWN ? entrypoints[id] : MapPrototypeGet(own, id);
}

/** Another entrypoint for the same export; its number. */
export function addOwnEntrypoint(base: Entrypoint, makeProps: () => unknown): number {
  MapPrototypeSet(own, ++lastOwn, { name: base.name, kind: base.kind, value: base.value, props: undefined, makeProps, ctx: undefined });
  return lastOwn;
}

export function removeOwnEntrypoint(id: number): void {
  MapPrototypeDelete(own, id);
}

/** The entrypoint for an export, with empty properties. It is not in the table. */
export function entrypointFor(name: string): Entrypoint | undefined {
  const value = mainExports?.[name];
  const kind = kindOf(value);
  return kind === undefined ? undefined : { name, kind, value, props: undefined, ctx: undefined };
}

export function contextFor(entry: Entrypoint): ExecutionContext {
  if (entry.kind === 'object' && flags.nonclass_entrypoint_reuses_ctx_across_invocations) return (entry.ctx ??= new ExecutionContext({}));
  return new ExecutionContext(entry.makeProps === undefined ? entry.props : entry.makeProps());
}

/** The object whose handlers are called, and what they are called with. Runs the class's constructor. */
export function instantiate(entry: Entrypoint, ctx: ExecutionContext): any {
  if (entry.kind !== 'class') return entry.value;
  return new entry.value(ctx, env);
}
