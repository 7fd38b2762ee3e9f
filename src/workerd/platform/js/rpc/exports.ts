// Objects of this worker that others hold, by number. An object is exported anew for each message it is in: each holder lets go on its own.
import { rootFrame, setFrame } from '../async-context';
import { removeOwnEntrypoint } from '../entrypoints';
import { MapPrototypeDelete, MapPrototypeGet, MapPrototypeSet, ReflectApply, SafeMap, SetPrototypeAdd, SetPrototypeDelete, SymbolDispose } from '../primordials';
import { reportUncaught } from '../report';
import type { Cap, RpcState } from './state';

export interface Export {
  readonly object: object;
  readonly state: RpcState;
  /** Its own properties can be asked for; otherwise those of its class. */
  readonly instance: boolean;
  readonly dispose: unknown;
  /** Holds the request open. */
  readonly retains: boolean;
  /** Stubs that the object's owner gave away with it. */
  stubs: Cap[] | undefined;
}

const PASSED_ON = {};
const table: Map<number, Export> = new SafeMap();
let last = 0;

export function disposeMethod(object: object): unknown {
  const method: unknown = (object as { [Symbol.dispose]?: unknown })[SymbolDispose];
  return typeof method === 'function' ? method : undefined;
}

/** Its number. `dispose` is called when nobody holds it any more. */
export function exportObject(object: object, state: RpcState, instance: boolean, dispose: unknown, retains: boolean): number {
  const id = ++last;
  MapPrototypeSet(table, id, { object, state, instance, dispose, retains, stubs: undefined });
  SetPrototypeAdd(state.exports, id);
  if (retains) state.io.retain();
  return id;
}

export function exportOf(id: number): Export | undefined {
  return MapPrototypeGet(table, id);
}

/** A number that stands for something passed on: as long as it is held, so is the request. */
export function exportHold(state: RpcState): number {
  return exportObject(PASSED_ON, state, true, undefined, true);
}

/** Forgets an export that was not given away after all. */
export function undoExport(id: number): void {
  const entry = MapPrototypeGet(table, id);
  if (entry === undefined) return;
  dropExport(id);
  SetPrototypeDelete(entry.state.exports, id);
  if (entry.retains) entry.state.io.release();
}

export function dropExport(id: number): void {
  MapPrototypeDelete(table, id);
}

/** C++ calls this when nobody holds an export, or an entrypoint with properties of its own, any more. */
export function onReleased(isExport: boolean, id: number): void {
  if (!isExport) return removeOwnEntrypoint(id);
  const entry = MapPrototypeGet(table, id);
  if (entry === undefined) return;
  const { state, stubs } = entry;
  dropExport(id);
  SetPrototypeDelete(state.exports, id);
  if (entry.dispose !== undefined) {
    setFrame(rootFrame(state.io));
    try {
      ReflectApply(entry.dispose as Function, entry.object, []);
    } catch (error) {
      reportUncaught(error, 'callback');
    }
  }
  if (stubs !== undefined) for (let i = 0; i < stubs.length; i++) stubs[i]!.dispose();
  if (entry.retains) state.io.release();
}
