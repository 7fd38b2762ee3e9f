// Everything on the global object that is not fetch, streams or crypto, where and with which attributes workerd has it: interface objects
// and functions on ServiceWorkerGlobalScope.prototype, singletons as own properties.
import { AbortController, AbortSignal } from '../abort';
import { atob, btoa } from '../base64';
import { CloneableTestBox, CloneableTestError } from '../cloneable-test';
import { DOMException } from '../dom-exception';
import { TextDecoder, TextEncoder } from '../encoding';
import {
  applyEventFlags, CloseEvent, CustomEvent, enableSpecialEventWarnings, ErrorEvent, Event, EventTarget, ExtendableEvent, MessageEvent,
  PromiseRejectionEvent, setGlobalTarget, TailEvent,
} from '../events';
import { flags } from '../flags';
import { plainFunction } from '../function-attributes';
import { setLength } from '../function-lengths';
import { applyInterfaceFlags } from '../interface';
import { MessageChannel, MessagePort } from '../message-channel';
import { createNavigator, Navigator } from '../navigator';
import { options } from '../options';
import {
  createPerformance, installPerformance, Performance, PerformanceEntry, PerformanceMark, PerformanceMeasure, PerformanceObserver,
  PerformanceObserverEntryList, PerformanceResourceTiming,
} from '../performance';
import { ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, StringPrototypeEndsWith, StringPrototypeIncludes } from '../primordials';
import { installCloneHooks, structuredClone } from '../structured-clone';
import {
  clearImmediate, clearInterval, clearTimeout, createScheduler, setImmediate, setInterval, setTimeout,
} from '../timers';
import { LegacyURL, LegacyURLPattern, LegacyURLSearchParams, StandardURLPattern, URL, URLSearchParams } from '../url';
import { createCloudflare } from './cloudflare';
import { importScripts, queueMicrotask, reportError } from './functions';
import { adoptGlobal, ServiceWorkerGlobalScope, WorkerGlobalScope } from './scopes';

const prototype = ServiceWorkerGlobalScope.prototype as object;

for (const fn of [btoa, atob, setTimeout, setInterval, queueMicrotask, structuredClone, reportError, setImmediate, clearImmediate]) plainFunction(fn);
for (const fn of [clearTimeout, clearInterval]) {
  setLength(fn, 1);
  plainFunction(fn);
}

function put(target: object, name: string, value: unknown, enumerable = true): void {
  ObjectDefineProperty(target, name, { value, writable: true, enumerable, configurable: true });
}

function interfaces(global: object, table: Record<string, unknown>): void {
  const own = flags.spec_compliant_property_attributes === true;
  for (const name in table) {
    put(prototype, name, table[name]);
    if (own) put(global, name, table[name], false);
  }
}

/** The first step of making the global object. */
export function installGlobals(global: object): void {
  adoptGlobal(global);
  setGlobalTarget(global);
  applyInterfaceFlags();
  applyEventFlags();
  installCloneHooks();
  installPerformance();
  if (!options.serviceWorker) enableSpecialEventWarnings();

  interfaces(global, {
    DOMException, WorkerGlobalScope, Event, ExtendableEvent, CustomEvent, PromiseRejectionEvent, MessageEvent, CloseEvent, ErrorEvent,
    TailEvent, TraceEvent: TailEvent,
    AbortController, AbortSignal, TextDecoder, TextEncoder,
    URL: flags.url_standard ? URL : LegacyURL,
    URLSearchParams: flags.url_standard ? URLSearchParams : LegacyURLSearchParams,
    URLPattern: flags.urlpattern_standard ? StandardURLPattern : LegacyURLPattern,
  });
  if (flags.expose_global_message_channel) interfaces(global, { MessageChannel, MessagePort });
  if (flags.global_navigator) {
    interfaces(global, { Navigator });
    put(global, 'navigator', createNavigator());
  }
  if (flags.enable_global_performance_classes || flags.enable_nodejs_perf_hooks_module) {
    interfaces(global, {
      Performance, PerformanceEntry, PerformanceMark, PerformanceMeasure, PerformanceResourceTiming, PerformanceObserver,
      PerformanceObserverEntryList,
    });
  }
  const functions: Record<string, Function> = {
    btoa, atob, setTimeout, clearTimeout, setInterval, clearInterval, queueMicrotask, structuredClone, reportError,
  };
  if (flags.nodejs_compat_v2) {
    functions.setImmediate = setImmediate;
    functions.clearImmediate = clearImmediate;
    put(global, 'global', global);
  }
  for (const name in functions) {
    ObjectDefineProperty(functions[name]!, 'name', { value: name, configurable: true });
    put(prototype, name, functions[name]);
  }
  put(WorkerGlobalScope.prototype, 'EventTarget', EventTarget);
  if (flags.spec_compliant_property_attributes) {
    put(prototype, 'EventTarget', EventTarget);
    put(global, 'EventTarget', EventTarget, false);
  }
  if (!flags.no_global_importscripts) put(WorkerGlobalScope.prototype, 'importScripts', importScripts);

  put(global, 'self', global);
  put(global, 'scheduler', createScheduler());
  put(global, 'performance', createPerformance());
  put(global, 'Cloudflare', createCloudflare());
  ObjectDefineProperty(global, 'origin', { value: 'null', writable: false, enumerable: true, configurable: true });
  put(global, 'ServiceWorkerGlobalScope', ServiceWorkerGlobalScope);
  if (!flags.enable_weak_ref) {
    delete (global as any).WeakRef;
    delete (global as any).FinalizationRegistry;
  }
  if (flags.expose_serialization_test_class) {
    put(global, 'CloneableTestBox', CloneableTestBox, false);
    put(global, 'CloneableTestError', CloneableTestError, false);
  }
  if (!flags.temporal) {
    delete (global as any).Temporal;
    delete (Date.prototype as any).toTemporalInstant;
  }
}

// What other features define on the global object itself.
const ELSEWHERE = [
  'fetch', 'FetchEvent', 'TailEvent', 'TraceEvent', 'ScheduledEvent', 'ReadableStreamDefaultReader', 'ReadableStreamBYOBReader',
  'ReadableStream', 'WritableStream', 'WritableStreamDefaultWriter', 'TransformStream', 'ByteLengthQueuingStrategy',
  'CountQueuingStrategy', 'EventSource', 'ReadableStreamBYOBRequest', 'ReadableStreamDefaultController', 'ReadableByteStreamController',
  'WritableStreamDefaultController', 'TransformStreamDefaultController', 'CompressionStream', 'DecompressionStream', 'TextEncoderStream',
  'TextDecoderStream', 'Headers', 'Body', 'Request', 'Response', 'WebSocket', 'WebSocketPair', 'WebSocketRequestResponsePair', 'Blob',
  'File', 'FormData', 'Crypto', 'SubtleCrypto', 'CryptoKey', 'CacheStorage', 'Cache', 'FixedLengthStream', 'IdentityTransformStream',
  'HTMLRewriter', 'FileSystemHandle', 'FileSystemFileHandle', 'FileSystemDirectoryHandle', 'FileSystemWritableFileStream', 'StorageManager',
];

function isStreamClass(name: string): boolean {
  return name !== 'FileSystemWritableFileStream' && (StringPrototypeIncludes(name, 'Stream') || StringPrototypeEndsWith(name, 'QueuingStrategy'));
}

/** The last step: what other features put on the global object moves where workerd has it. */
export function arrangeGlobals(global: object): void {
  for (let i = 0; i < ELSEWHERE.length; i++) {
    const name = ELSEWHERE[i]!;
    const descriptor = ObjectGetOwnPropertyDescriptor(global, name);
    if (descriptor === undefined || !('value' in descriptor)) continue;
    if (flags.typescript_implemented_streams && isStreamClass(name)) {
      put(global, name, descriptor.value, false);
      continue;
    }
    put(prototype, name, descriptor.value);
    // Functions stay on the prototype whatever the flag says; only interface objects are own properties by the standard.
    if (name === 'fetch' || !flags.spec_compliant_property_attributes) delete (global as any)[name];
    else put(global, name, descriptor.value, false);
  }
}
