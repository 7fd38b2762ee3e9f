// What the runtime calls once for each new context, before any user code.
import { type AsyncFrame, frameWithIo } from './async-context';
import { builtinModule } from './builtin-modules';
import { commonJsContext, mutableCopy } from './commonjs';
import { install as installBlob } from './blob';
import { install as installCache } from './cache';
import { install as installCrypto } from './crypto';
import { install as installFetch } from './fetch';
import { setGlobalOutbound, makeFetcher } from './fetch/fetcher';
import { install as installFormData } from './form-data';
import { install as installEventSource } from './eventsource';
import { install as installHtmlRewriter } from './html-rewriter';
import { install as installStreams } from './streams';
import { installKv } from './bindings/kv';
import { setModuleLoader } from './bindings/wrapped';
import { installMemoryCache } from './bindings/memory-cache';
import { install as installServiceEvents } from './service-events';
import { install as installWebFileSystem } from './web-file-system';
import { installWasmInstances } from './wasm-instances';
import { installWasmMemory } from './wasm-memory';
import { install as installWebSocket } from './websocket';
import { arrangeGlobals, installGlobals } from './global-scope';
import { setConsoleColors } from './console';
import { DOMException } from './dom-exception';
import { dispatchFetch, dispatchHandler, dispatchTest } from './dispatch';
import { addEntrypoint, getEnv, listEntrypoints, setEnv, setMainExports } from './entrypoints';
import { installExecutionContext } from './execution-context';
import { makeEnv, type Descriptor } from './env';
import { installFakeClock } from './fake-clock';
import { flags, setFlags } from './flags';
import { setLoopbackExport } from './loopback';
import { nodeInternals } from './internals';
import { inspectConsole } from './console';
import { installNodeGlobals } from './node-globals';
import type { Native } from './native';
import { native, pyOp, setNative } from './ops';
import { options, type BootstrapOptions } from './options';
import { reportUncaught } from './report';
import { install as installRpc, rpcHandlers } from './rpc';
import { prepareStack } from './stack-traces';
import { onTimer } from './timers';
import { onRejection, onUncaught } from './uncaught-errors';
import { ObjectAssign, ObjectDefineProperty } from './primordials';

const allFlags = pyOp<() => Record<string, boolean>>('worker.flags');

const errors: Record<string, new (message: string) => Error> = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

// Python's exceptions whose kind C++ does not make itself.
function makeError(name: string, message: string, dom: boolean): unknown {
  if (dom) return new DOMException(message, name);
  const Class = errors[name];
  if (Class !== undefined) return new Class(message);
  const error = new Error(message);
  if (name !== 'Error') Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  return error;
}

export function bootstrap(ops: Native, given: BootstrapOptions): object {
  setNative(ops);
  setFlags(given.flags);
  ObjectAssign(options, given);
  ObjectDefineProperty(options, 'allFlags', { get: allFlags });
  setConsoleColors(given.consoleColors);
  setGlobalOutbound(given.globalOutbound);
  native.setHandlers({
    dispatch: dispatchFetch as never, timer: onTimer, rejection: onRejection, makeError, uncaught: onUncaught,
    prepareStack, earlyRejections: !flags.unhandled_rejection_after_microtask_checkpoint, clockStep: flags.precise_timers ? 3 : 0,
    topLevelFrame: (frame) => frameWithIo(frame as AsyncFrame | undefined, undefined),
    ...rpcHandlers,
  });
  if (native.tee !== undefined) inspectConsole(native.tee);
  installExecutionContext();
  installGlobals(globalThis);
  installStreams(globalThis);
  installBlob(globalThis);
  installFormData(globalThis);
  installFetch(globalThis);
  installRpc();
  installCrypto(globalThis);
  installHtmlRewriter(globalThis);
  installWebSocket(globalThis);
  installCache(globalThis);
  installWasmMemory();
  installWasmInstances();
  installEventSource(globalThis);
  installWebFileSystem(globalThis);
  installNodeGlobals(globalThis);
  installKv();
  installMemoryCache();
  installServiceEvents(globalThis);
  arrangeGlobals(globalThis);
  if (given.fakeTimers) installFakeClock();
  // What Python calls (runtime/worker.py); nothing else keeps it.
  return {
    setMainExports, listEntrypoints, addEntrypoint, builtinModule, reportUncaught, nodeInternals, commonJsContext, mutableCopy,
    setEnv: (descriptors: Descriptor[], loadModule: (name: string) => any) => {
      setModuleLoader(loadModule);
      setEnv(makeEnv(descriptors));
    },
    // Service-worker syntax: bindings are globals.
    setEnvAsGlobals: (descriptors: Descriptor[], loadModule: (name: string) => any) => {
      setModuleLoader(loadModule);
      const env = makeEnv(descriptors);
      setEnv(env);
      for (const name of Object.keys(env)) Object.defineProperty(globalThis, name, { value: env[name], enumerable: true, configurable: true, writable: true });
    },
    getEnv, dispatchTest,
    dispatchHandler: (id: number, handler: string, ...args: unknown[]) => dispatchHandler(id, handler, (env, ctx) => [...args, env, ctx]),
    setLoopbackExport: (name: string, target: number) => setLoopbackExport(name, makeFetcher(target)),
  };
}
