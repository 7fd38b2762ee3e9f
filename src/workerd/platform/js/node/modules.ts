// Which node:* modules a worker has. One row for each module; the second column is the flag that adds it, or '' when nodejs_compat
// (or nodejs_compat_v2) alone does. This file is also part of the platform bundle: no imports.
const ROWS = `
assert
assert/strict
async_hooks
buffer
constants
crypto
diagnostics_channel
dns
dns/promises
events
module
net
path
path/posix
path/win32
process
querystring
stream
stream/consumers
stream/promises
stream/web
string_decoder
sys
test
timers
timers/promises
tls
url
util
util/types
zlib
_stream_duplex
_stream_passthrough
_stream_readable
_stream_transform
_stream_writable
_tls_common
_tls_wrap
fs/promises
_http_agent enable_nodejs_http_modules
_http_client enable_nodejs_http_modules
_http_common enable_nodejs_http_modules
_http_incoming enable_nodejs_http_modules
_http_outgoing enable_nodejs_http_modules
_http_server enable_nodejs_http_server_modules
_stream_wrap enable_nodejs_stream_wrap_module
child_process enable_nodejs_child_process_module
cluster enable_nodejs_cluster_module
console enable_nodejs_console_module
dgram enable_nodejs_dgram_module
domain enable_nodejs_domain_module
fs enable_nodejs_fs_module
http enable_nodejs_http_modules
http2 enable_nodejs_http2_module
https enable_nodejs_http_modules
inspector enable_nodejs_inspector_module
inspector/promises enable_nodejs_inspector_module
os enable_nodejs_os_module
perf_hooks enable_nodejs_perf_hooks_module
punycode enable_nodejs_punycode_module
readline enable_nodejs_readline_module
readline/promises enable_nodejs_readline_module
repl enable_nodejs_repl_module
sqlite enable_nodejs_sqlite_module
trace_events enable_nodejs_trace_events_module
tty enable_nodejs_tty_module
v8 enable_nodejs_v8_module
vm enable_nodejs_vm_module
wasi enable_nodejs_wasi_module
worker_threads enable_nodejs_worker_threads_module`;

/** "node:fs" -> the flag that adds it, '' for nodejs_compat itself. */
const FLAG_OF: Record<string, string> = { __proto__: null as never };
for (const row of ROWS.trim().split('\n')) {
  const [name, flag] = row.split(' ');
  FLAG_OF[`node:${name}`] = flag ?? '';
}

type Flags = Record<string, boolean>;

/** Whether the worker can import `specifier` ("node:fs"). */
export function nodeModuleEnabled(specifier: string, flags: Flags): boolean {
  const flag = FLAG_OF[specifier];
  if (flag === undefined) return false;
  if (!flags.nodejs_compat && !flags.nodejs_compat_v2) return specifier === 'node:async_hooks' && flags.nodejs_als === true;
  return flag === '' || flags[flag] === true;
}

/** The module an import specifier means: "node:fs", or "fs" under nodejs_compat_v2; undefined when the worker has no such module. */
export function resolveNodeModule(specifier: string, flags: Flags): string | undefined {
  if (specifier.startsWith('node:')) return nodeModuleEnabled(specifier, flags) ? specifier : undefined;
  if (!flags.nodejs_compat_v2) return undefined;
  const full = `node:${specifier}`;
  // These have no name without the prefix, in Node either.
  if (full === 'node:test' || full === 'node:sqlite') return undefined;
  return nodeModuleEnabled(full, flags) ? full : undefined;
}

/** All names, enabled or not, in order. */
export const nodeModuleNames: readonly string[] = Object.keys(FLAG_OF).sort();
