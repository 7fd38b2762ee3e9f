// node:os. Says nothing of the real machine: every worker sees the same small Linux. https://nodejs.org/api/os.html
import constants from './data/os-constants.json';
import { validateInt32, validateObject, validateOneOf } from './internal/validators';

function freeze<T extends object>(object: T): T {
  const copy: any = Object.create(null);
  for (const [key, value] of Object.entries(object)) copy[key] = typeof value === 'object' && value !== null ? freeze(value) : value;
  return Object.freeze(copy);
}

/** Functions that also convert to their value, as Node's do. */
function constant<T>(name: string, value: T): () => T {
  const fn: any = { [name]: () => value }[name];
  Object.defineProperty(fn, Symbol.toPrimitive, { value: () => value, enumerable: true, configurable: true });
  return fn;
}

const EOL = '\n';
const devNull = '/dev/null';
export default {
  EOL, devNull, constants: freeze(constants), availableParallelism: constant('availableParallelism', 1), arch: constant('arch', 'x64'),
  cpus: () => [] as object[], endianness: constant('endianness', 'LE'), freemem: constant('freemem', 0),
  getPriority(pid?: unknown): number {
    if (pid !== undefined) validateInt32(pid, 'pid');
    return 0;
  },
  homedir: constant('homedir', '/tmp/'), hostname: constant('hostname', 'localhost'), loadavg: () => [0, 0, 0], machine: constant('machine', 'x86_64'),
  networkInterfaces: () => ({}), platform: constant('platform', 'linux'), release: constant('release', ''),
  setPriority(pid: unknown, priority?: unknown): void {
    if (priority === undefined) validateInt32(pid, 'priority', -20, 19);
    else {
      validateInt32(pid, 'pid');
      validateInt32(priority, 'priority', -20, 19);
    }
  },
  tmpdir: constant('tmpdir', '/tmp/'), totalmem: constant('totalmem', 0), type: constant('type', 'Linux'), uptime: constant('uptime', 0),
  userInfo(options?: any): object {
    if (options !== undefined) {
      validateObject(options, 'options');
      if (options.encoding !== undefined) {
        validateOneOf(options.encoding, 'options.encoding', ['buffer', 'utf8', 'utf-8', 'ucs2', 'ucs-2', 'utf16le', 'latin1', 'binary', 'ascii', 'hex', 'base64', 'base64url']);
      }
    }
    return {};
  },
  version: constant('version', ''),
};
