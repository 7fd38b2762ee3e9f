// node:process and the global `process`. https://nodejs.org/api/process.html
// Two forms: the full one, under enable_nodejs_process_v2, and the few properties there were before.
import EventEmitter from './events';
import { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_METHOD_NOT_IMPLEMENTED, ERR_OUT_OF_RANGE } from './internal/errors';
import { nextTick } from './internal/next-tick';
import { getCwd, setCwd } from './internal/cwd';
import { makeEnv } from './internal/process-env';
import { parseEnv } from './internal/parse-env';
import { validateString } from './internal/validators';
import config from './data/process-config.json';

declare function require(path: string): any;

const NODE_VERSION = internals.flags.nodejs_process_version_24 ? '24.22.2' : '22.23.4';
const VERSION_NAMES = ('v8 modules zlib brotli zstd ares napi llhttp nghttp2 acorn ada simdutf nbytes ncrypto uvwasi uv openssl sqlite icu ' +
  'undici simdjson unicode cldr tz cjs_module_lexer amaro merve').split(' ');

function freezeDeep<T extends object>(object: T): T {
  for (const value of Object.values(object)) if (typeof value === 'object' && value !== null) freezeDeep(value);
  return Object.freeze(object);
}

function emitWarning(warning: any, options?: any, codeOrCtor?: any, maybeCtor?: any): void {
  let name = 'Warning';
  let code: string | undefined;
  let detail: unknown;
  let ctor: any;
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) {
    if (options.type) name = options.type;
    ({ code, detail, ctor } = options);
  } else if (typeof options === 'string') {
    name = options;
    if (typeof codeOrCtor === 'string') {
      code = codeOrCtor;
      if (typeof maybeCtor === 'function') ctor = maybeCtor;
      else if (maybeCtor !== undefined) throw new ERR_INVALID_ARG_TYPE('ctor', 'function', maybeCtor);
    } else if (typeof codeOrCtor === 'function') ctor = codeOrCtor;
    else if (codeOrCtor !== undefined) throw new ERR_INVALID_ARG_TYPE('ctor', 'function', codeOrCtor);
  } else if (typeof options === 'function') ctor = options;
  else if (options !== undefined) throw new ERR_INVALID_ARG_TYPE('options', 'object', options);
  let error: any;
  if (typeof warning === 'string') {
    error = new (ctor || Error)(warning);
    error.name = name;
  } else if (warning instanceof Error) {
    error = warning;
    if (name !== 'Warning') error.name = name;
  } else throw new ERR_INVALID_ARG_TYPE('warning', 'string or Error', warning);
  if (code) error.code = code;
  if (detail && typeof detail === 'string') error.detail = detail;
  (Error as any).captureStackTrace(error, ctor || emitWarning);
  internals.web.queueMicrotask(() => process.emit('warning', error));
}

function getBuiltinModule(given: unknown): any {
  const id = `${given as string}`;
  // Of other built-in modules there is the namespace.
  if (/^(cloudflare|workerd):/.test(id)) return internals.builtinModule(id) === undefined ? undefined : internals.requireModule(id, '');
  const { resolveNodeModule } = require('./modules');
  const name = id === 'test' ? undefined : resolveNodeModule(id.startsWith('node:') ? id : `node:${id}`, internals.flags);
  return name === undefined ? undefined : require('./index').get(name);
}

function umask(mask?: unknown): number {
  const bad = 'must be a 32-bit unsigned integer or an octal string';
  let value = mask;
  if (typeof value === 'string') {
    if (!/^[0-7]+$/.test(value)) throw new ERR_INVALID_ARG_VALUE('mask', mask, bad);
    value = parseInt(value, 8);
  } else if (value !== undefined && typeof value !== 'number') throw new ERR_INVALID_ARG_TYPE('mask', 'number', value);
  if (value !== undefined && ((value as number) < 0 || (value as number) > 0xffffffff || !Number.isInteger(value))) {
    throw new ERR_INVALID_ARG_VALUE('mask', value, bad);
  }
  return 0o22;
}

function hrtime(time?: any): [number, number] {
  if (time !== undefined) {
    if (!Array.isArray(time)) throw new ERR_INVALID_ARG_TYPE('time', 'tuple of integers', time);
    if (time.length !== 2) throw new ERR_OUT_OF_RANGE('time', '2', time);
  }
  const now = Date.now();
  let seconds = Math.floor(now / 1000);
  let nanos = (now % 1000) * 1e6;
  if (time) {
    seconds -= time[0];
    nanos -= time[1];
    if (nanos < 0) {
      seconds -= 1;
      nanos += 1e9;
    }
  }
  return [seconds, nanos];
}
hrtime.bigint = (): bigint => BigInt(Date.now()) * 1_000_000n;

function missing(name: string): (...args: any[]) => never {
  const method = name.slice(name.lastIndexOf('.') + 1);
  return { [method]() { throw new ERR_METHOD_NOT_IMPLEMENTED(name); } }[method] as never;
}

/** Only user and group 0 exist, so setting anything else is not permitted. */
function setId(syscall: string): (id?: unknown) => void {
  return { [syscall](id?: unknown) {
    if (id === 0) return;
    const error: any = new Error('operation not permitted');
    Object.assign(error, { code: 'EPERM', syscall, errno: 1 });
    throw error;
  } }[syscall]!;
}

const env = makeEnv();
const features = Object.freeze({
  cached_builtins: true, debug: false, inspector: false, ipv6: true, openssl_is_boringssl: true, require_module: false, tls: true,
  tls_alpn: true, tls_ocsp: true, tls_sni: true, typescript: false, uv: true,
});
const platform: string = internals.flags.unsupported_process_actual_platform ? internals.pyOp<() => string>('worker.platform')() : 'linux';
const exit = (code?: unknown): never => internals.exit(typeof code === 'number' ? code : Number(code ?? 0) || 0);
const zeros = (names: string): Record<string, number> => Object.fromEntries(names.split(' ').map((name) => [name, 0]));

function makeProcess(): any {
  const lazy: Record<string, any> = {};
  const stdio = (name: string): PropertyDescriptor => ({
    enumerable: true, configurable: true,
    get: () => (lazy[name] ??= require('./internal/stdio').make(name)),
    set(value) { lazy[name] = value; },
  });
  const base: any = Object.create(Object.create(EventEmitter.prototype, {
    constructor: { value: function process() {}, configurable: true, writable: true },
  }));
  Object.assign(base, {
    assert(value: unknown, message?: string) { require('./assert').default.ok(value, message); },
    version: `v${NODE_VERSION}`, versions: Object.freeze({ node: NODE_VERSION, ...Object.fromEntries(VERSION_NAMES.map((n) => [n, ''])) }),
    title: 'workerd', argv: ['workerd'], argv0: 'workerd', execArgv: [], arch: 'x64', platform, config: freezeDeep(config), pid: 1, ppid: 0,
    getegid: () => 0, getgid: () => 0, getgroups: () => [0], geteuid: () => 0, getuid: () => 0,
    setegid: setId('setegid'), setgid: setId('setgid'), setgroups: setId('setgroups'), seteuid: setId('seteuid'), setuid: setId('setuid'),
    initgroups: setId('initgroups'),
    setSourceMapsEnabled(_enabled: unknown, _options: unknown) {},
    getSourceMapsSupport: () => ({ enabled: false, nodeModules: false, generatedCode: false }),
    nextTick, emitWarning, env, exit, abort: () => exit(1), getBuiltinModule, features, allowedNodeEnvironmentFlags: new Set(),
    kill: missing('process.kill'), ref() {}, unref() {},
    chdir(directory: unknown) {
      validateString(directory, 'directory');
      setCwd(require('./fs').changeDirectory(directory));
    },
    cwd: getCwd, umask, hrtime, uptime: () => 0,
    loadEnvFile(path: any = '.env') {
      const text = require('./fs').default.readFileSync(path, 'utf8');
      Object.assign(env, parseEnv(text));
    },
    exitCode: undefined, channel: null, connected: false, binding: missing('process.binding'), debugPort: 0, dlopen: missing('process.dlopen'),
    finalization: {
      register: missing('process.finalization.register'), registerBeforeExit: missing('process.finalization.registerBeforeExit'),
      unregister: missing('process.finalization.unregister'),
    },
    getActiveResourcesInfo: missing('process.getActiveResourcesInfo'),
    setUncaughtExceptionCaptureCallback: missing('process.setUncaughtExceptionCaptureCallback'),
    hasUncaughtExceptionCaptureCallback: missing('process.hasUncaughtExceptionCaptureCallback'),
    memoryUsage: () => zeros('rss heapTotal heapUsed external arrayBuffers'),
    noDeprecation: false, permission: { has: missing('process.permission.has') },
    release: { name: 'node', lts: true, sourceUrl: '', headersUrl: '' },
    report: {
      compact: false, directory: '', filename: '', getReport: () => ({}), reportOnFatalError: false, reportOnSignal: false,
      reportOnUncaughtException: false, excludeNetwork: false, excludeEnv: false, signal: 'SIGUSR2', writeReport: missing('process.report.writeReport'),
    },
    resourceUsage: () => zeros('userCPUTime systemCPUTime maxRSS sharedMemorySize unsharedDataSize unsharedStackSize minorPageFault ' +
      'majorPageFault swappedOut fsRead fsWrite ipcSent ipcReceived signalsCount voluntaryContextSwitches involuntaryContextSwitches'),
    send: (_message: unknown, _handle: unknown) => false, traceDeprecation: false, throwDeprecation: false, sourceMapsEnabled: false,
    threadCpuUsage: missing('process.threadCpuUsage'), cpuUsage: missing('process.cpuUsage'), execPath: '',
    constrainedMemory: () => 0, availableMemory: () => 0, execve: missing('process.execve'), openStdin: () => base.stdin,
    _rawDebug: (...args: unknown[]) => (globalThis as any).console.log(...args), moduleLoadList: [],
    _linkedBinding: missing('process._linkedBinding'), domain: null, _exiting: false, _getActiveRequests: () => [], _getActiveHandles: () => [],
    reallyExit: exit, _kill: missing('process._kill'), _fatalException: (_err: unknown) => false, _tickCallback() {}, _debugProcess(_pid: unknown) {},
    _debugEnd() {}, _startProfilerIdleNotifier() {}, _stopProfilerIdleNotifier() {}, _preload_modules: [],
    _disconnect: undefined, _handleQueue: undefined, _pendingMessage: undefined, _channel: undefined, _send: undefined,
  });
  EventEmitter.call(base);
  Object.defineProperties(base, { stdin: stdio('stdin'), stdout: stdio('stdout'), stderr: stdio('stderr') });
  // The global events are listened to only once somebody asks for ours.
  const pending: Record<string, (event: any) => unknown> = {
    unhandledRejection: (event) => base.emit('unhandledRejection', event.reason, event.promise),
    rejectionHandled: (event) => base.emit('rejectionHandled', event.promise),
  };
  base.on('newListener', (name: any) => {
    const listener = Object.hasOwn(pending, name) ? pending[name] : undefined;
    if (listener === undefined) return;
    delete pending[name];
    internals.web.addEventListener.call(globalThis, name.toLowerCase(), listener);
  });
  Object.defineProperty(base, Symbol.toStringTag, { value: 'process', configurable: true, enumerable: false });
  return base;
}

/** process as it was: an EventEmitter with a few more properties. */
function makeLegacyProcess(): any {
  const base: any = Object.create(EventEmitter.prototype);
  EventEmitter.call(base);
  for (const key of Object.keys(base)) Object.defineProperty(base, key, { enumerable: false });
  return Object.assign(base, { nextTick, env, exit, getBuiltinModule, platform, features });
}

const process: any = internals.flags.enable_nodejs_process_v2 ? makeProcess() : makeLegacyProcess();
export default process;
