// The globals that Node.js compatibility adds. Each is made at its first use, so that a worker which never looks at one does not pay
// for loading the node: modules.
import { flags } from './flags';
import { pyOp } from './ops';

const requireModule = pyOp<(specifier: string, referrer: string) => any>('modules.require');

/** Globals as they were before these replaced them: what the node: modules build on. */
export const originals: Record<string, unknown> = { __proto__: null } as never;

function lazy(global: any, name: string, enumerable: boolean, load: () => unknown): void {
  const put = (value: unknown): void => {
    Object.defineProperty(global, name, { value, writable: true, enumerable, configurable: true });
  };
  Object.defineProperty(global, name, {
    configurable: true, enumerable,
    get() {
      const value = load();
      put(value);
      return value;
    },
    set: put,
  });
}

export function installNodeGlobals(global: any): void {
  if (flags.nodejs_compat_v2) {
    lazy(global, 'process', true, () => requireModule('node:process', ''));
    lazy(global, 'Buffer', true, () => requireModule('node:buffer', '').Buffer);
    Object.defineProperty(global, 'global', { value: global, writable: true, enumerable: true, configurable: true });
  }
  if (flags.enable_nodejs_global_timers && (flags.nodejs_compat || flags.nodejs_compat_v2)) {
    for (const name of ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval']) {
      originals[name] = global[name];
      lazy(global, name, true, () => requireModule('node:timers', '')[name]);
    }
  }
}
