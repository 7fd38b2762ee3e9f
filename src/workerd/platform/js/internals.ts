// What the node:* bundle (node/internals.d.ts) and other lazy bundles get of the platform.
import * as async from './async-context';
import { builtinModule } from './builtin-modules';
import { isCryptoKey, keyOf } from './crypto';
import { getEnv } from './entrypoints';
import { flags } from './flags';
import { format, formatWithOptions, inspect } from './inspect';
import { MessageChannel, MessagePort } from './message-channel';
import { originals } from './node-globals';
import { serverPorts } from './node-server';
import { requireIoContext } from './io-context';
import { native, pyOp } from './ops';
import { options } from './options';
import { reportUncaught } from './report';
import { exitRequest } from './exit';
import { ReflectApply, StringPrototypeEndsWith, StringPrototypeSlice, StringPrototypeSplit, StringPrototypeTrim } from './primordials';
import { connect } from './sockets';

/** The language's builtins as they were before user code ran (tools/intrinsics.mjs). */
declare const $builtins: unknown[];

const writeRaw = pyOp<(fd: number, text: string) => void>('log.stdio');
const stdioPrefix = pyOp<(fd: number) => string>('log.stdio_prefix');
const bundleFiles = pyOp<() => [string, string | Uint8Array][]>('modules.files');
const requireModule = pyOp<(specifier: string, referrer: string) => unknown>('modules.require');

/** Whole lines of standard output or error: as in workerd each goes through `console.log`, which user code may have replaced. */
function writeStdio(fd: 1 | 2, text: string): void {
  const prefix = stdioPrefix(fd);
  const lines = StringPrototypeSplit(StringPrototypeEndsWith(text, '\n') ? StringPrototypeSlice(text, 0, -1) : text, '\n');
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const console: unknown = (globalThis as { console?: unknown }).console;
    const log: unknown = typeof console === 'object' && console !== null ? (console as { log?: unknown }).log : undefined;
    if (typeof log === 'function') ReflectApply(log, console, [line === '' ? StringPrototypeTrim(prefix) : prefix + line]);
    else writeRaw(fd, line);
  }
}

/** Made at the first import of a node: module; the globals are as user code left them only where it replaced them before that. */
export function nodeInternals(): object {
  const web: Record<string, unknown> = { __proto__: null } as never;
  // Interfaces and functions are on the prototypes of the global object.
  for (let object: object = globalThis; object !== Object.prototype; object = Object.getPrototypeOf(object) as object) {
    for (const name of Object.getOwnPropertyNames(object)) {
      if (Object.hasOwn(web, name)) continue;
      const descriptor = Object.getOwnPropertyDescriptor(object, name)!;
      if ('value' in descriptor) web[name] = descriptor.value;
      else Object.defineProperty(web, name, { get: () => (globalThis as Record<string, unknown>)[name], configurable: true });
    }
  }
  Object.defineProperties(web, Object.getOwnPropertyDescriptors(originals));
  return {
    builtins: $builtins, native, pyOp, flags, web, inspect: { inspect, format, formatWithOptions }, async,
    env: () => (getEnv() ?? {}) as Record<string, unknown>,
    requireModule, bundleFiles, connect, exit: exitRequest, writeStdio, requireRequest: requireIoContext,
    reportError: (error: unknown) => reportUncaught(error, 'callback'),
    isCryptoKey, builtinModule,
    cryptoKeyData: (key: never) => keyOf(key),
    serverPorts,
    messageChannel: { MessageChannel, MessagePort },
    predictable: options.predictable,
  };
}
