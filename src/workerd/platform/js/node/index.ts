// The node:* modules: a registry whose modules are evaluated when they are first asked for. `require` of a TypeScript file is
// esbuild's lazy initialisation of it.
/* eslint-disable */
import { nodeModuleNames, resolveNodeModule } from './modules';

declare function require(path: string): any;

/** node:_stream_readable and the like: the class, which is also its own named export. */
function alias(name: string): any {
  const Class = require('./stream')[name];
  Class[name] = Class;
  return Class;
}

const loaders: Record<string, () => any> = {
  __proto__: null as never,
  'node:_http_agent': () => require('./http-agent').default,
  'node:_http_client': () => require('./http-client').default,
  'node:_http_common': () => require('./http-common').default,
  'node:_http_incoming': () => require('./http-incoming').default,
  'node:_http_outgoing': () => require('./http-outgoing').default,
  'node:_http_server': () => require('./http-server').default,
  'node:_stream_duplex': () => alias('Duplex'),
  'node:_stream_passthrough': () => alias('PassThrough'),
  'node:_stream_readable': () => alias('Readable'),
  'node:_stream_transform': () => alias('Transform'),
  'node:_stream_wrap': () => require('./stream-wrap').default,
  'node:_stream_writable': () => alias('Writable'),
  'node:_tls_common': () => require('./tls').tlsCommon,
  'node:_tls_wrap': () => require('./tls').tlsWrap,
  'node:assert': () => require('./assert').default,
  'node:assert/strict': () => require('./assert').default.strict,
  'node:async_hooks': () => require('./async_hooks').default,
  'node:buffer': () => require('./buffer').default,
  'node:child_process': () => require('./child-process').default,
  'node:cluster': () => require('./cluster').default,
  'node:console': () => require('./console').default,
  'node:constants': () => require('./constants').default,
  'node:crypto': () => require('./crypto').default,
  'node:dgram': () => require('./dgram').default,
  'node:diagnostics_channel': () => require('./diagnostics-channel').default,
  'node:dns': () => require('./dns').default,
  'node:dns/promises': () => require('./dns').promises,
  'node:domain': () => require('./domain').default,
  'node:events': () => require('./events').default,
  'node:fs': () => require('./fs').default,
  'node:fs/promises': () => require('./fs').default.promises,
  'node:http': () => require('./http').default,
  'node:http2': () => require('./http2').default,
  'node:https': () => require('./https').default,
  'node:inspector': () => require('./inspector').default,
  'node:inspector/promises': () => require('./inspector').promises,
  'node:module': () => require('./module').default,
  'node:net': () => require('./net').default,
  'node:os': () => require('./os').default,
  'node:path': () => require('./path').default,
  'node:path/posix': () => require('./path').default.posix,
  'node:path/win32': () => require('./path').default.win32,
  'node:perf_hooks': () => require('./perf-hooks').default,
  'node:process': () => require('./process').default,
  'node:punycode': () => require('./punycode').default,
  'node:querystring': () => require('./querystring').default,
  'node:readline': () => require('./readline').default,
  'node:readline/promises': () => require('./readline').default.promises,
  'node:repl': () => require('./repl').default,
  'node:sqlite': () => require('./sqlite').default,
  'node:stream': () => require('./stream').default,
  'node:stream/consumers': () => require('./stream-consumers').default,
  'node:stream/promises': () => require('./stream').default.promises,
  'node:stream/web': () => require('./stream-web').default,
  'node:string_decoder': () => require('./string-decoder').default,
  'node:sys': () => require('./util').default,
  'node:test': () => require('./test').default,
  'node:timers': () => require('./timers').default,
  'node:timers/promises': () => require('./timers').default.promises,
  'node:tls': () => require('./tls').default,
  'node:trace_events': () => require('./trace-events').default,
  'node:tty': () => require('./tty').default,
  'node:url': () => require('./url').default,
  'node:util': () => require('./util').default,
  'node:util/types': () => require('./util-types').default,
  'node:v8': () => require('./v8').default,
  'node:vm': () => require('./vm').default,
  'node:wasi': () => require('./wasi').default,
  'node:worker_threads': () => require('./worker-threads').default,
  'node:zlib': () => require('./zlib').default,
};

const loaded: Record<string, any> = { __proto__: null as never };

export const names = nodeModuleNames;

/** What of the virtual file system the platform's File System API works on. */
export function virtualFiles(): object {
  const { resolve, entriesOf } = require('./fs/vfs');
  return { resolve, entriesOf, ...require('./fs/nodes') };
}

/** Whether the worker's flags give it the module; `specifier` may lack the prefix where they allow that. */
export function has(specifier: string): boolean {
  const name = resolveNodeModule(specifier, internals.flags);
  return name !== undefined && loaders[name] !== undefined;
}

/** The module's exports object; the same one each time. Throws when the worker has no such module. */
export function get(specifier: string): any {
  const name = resolveNodeModule(specifier, internals.flags);
  if (name === undefined || loaders[name] === undefined) throw new Error(`No such module: ${specifier}`);
  return (loaded[name] ??= named(loaders[name]!()));
}

/** Methods that were assigned to a prototype have no names. */
function nameMethods(prototype: any): void {
  for (const key of Object.getOwnPropertyNames(prototype)) {
    const value = Object.getOwnPropertyDescriptor(prototype, key)!.value;
    if (typeof value === 'function' && value.name === '') Object.defineProperty(value, 'name', { value: key, configurable: true });
  }
}

/** Bundling may have changed the name of a class or function: it is the one it is exported by. */
function named(exports: any): any {
  for (const key of Object.keys(exports)) {
    const descriptor = Object.getOwnPropertyDescriptor(exports, key)!;
    const value = descriptor.value;
    if (typeof value !== 'function') continue;
    if (value.prototype) nameMethods(value.prototype);
    if (value.name === key) continue;
    const { name: given } = value;
    if (given.startsWith(key) ? /^[0-9]+$/.test(given.slice(key.length)) : given.startsWith('_') && given.replace(/^_|[0-9]+$/g, '') === key) {
      Object.defineProperty(value, 'name', { value: key, configurable: true });
    }
  }
  return exports;
}
