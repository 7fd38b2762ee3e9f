// The `ctx` that handlers get.
import { DOMException } from './dom-exception';
import { isFetcher } from './fetch/fetcher';
import { badArgument, defineInterface, illegalInvocation } from './interface';
import { requireIoContext } from './io-context';
import { flags } from './flags';
import { ObjectDefineProperty } from './primordials';
import { getLoopbackExports } from './loopback';
import { virtualHost } from './sockets/virtual-host';
import { tracing } from './tracing';

export let isExecutionContext: (v: any) => v is ExecutionContext;

export class ExecutionContext {
  #props: unknown;

  constructor(props: unknown) {
    this.#props = props;
  }

  waitUntil(promise: Promise<unknown>): void {
    if (!(#props in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('waitUntil', 'ExecutionContext', 1, 'Promise');
    requireIoContext().waitUntil(promise);
  }

  /** If the handler throws before it has answered, the request goes to the worker's next service. */
  passThroughOnException(): void {
    if (!(#props in this)) throw illegalInvocation();
    requireIoContext().passThroughOnException();
  }

  /** Ends the request: the client's connection is closed, and nothing of it goes on. */
  abort(reason?: unknown): never {
    const error = reason === undefined ? new DOMException('The execution context which hosts this callback is no longer running.', 'AbortError') : reason;
    requireIoContext().abort(error);
    throw error;
  }

  get tracing(): object {
    if (!(#props in this)) throw illegalInvocation();
    return tracing;
  }

  /** What an access proxy in front of the worker said of the request; there is none here. */
  get access(): undefined {
    if (!(#props in this)) throw illegalInvocation();
    return undefined;
  }

  /** The cache of the zone in front of the worker; there is none here. */
  get cache(): undefined {
    if (!(#props in this)) throw illegalInvocation();
    return undefined;
  }

  get props(): unknown {
    if (!(#props in this)) throw illegalInvocation();
    return this.#props;
  }

  static {
    isExecutionContext = (v): v is ExecutionContext => #props in v;
  }
}

defineInterface(ExecutionContext, 'ExecutionContext', { brand: isExecutionContext });

/** What flags add. Called at bootstrap. */
export function installExecutionContext(): void {
  if (flags.experimental) {
    ObjectDefineProperty(ExecutionContext.prototype, 'mapVirtualHost', {
      value(this: ExecutionContext, fetcher: unknown, port: unknown) {
        if (!isExecutionContext(this)) throw illegalInvocation();
        if (!isFetcher(fetcher)) throw badArgument('mapVirtualHost', 'ExecutionContext', 1, 'Fetcher');
        return virtualHost(fetcher, Number(port) & 0xffff);
      },
      writable: true, enumerable: true, configurable: true,
    });
  }
  if (flags.enable_version_api) {
    // Which deployment of the worker runs (and, with enable_ctx_version_metadata, its id): only a host that keeps versions knows, and
    // the reference says undefined without one.
    ObjectDefineProperty(ExecutionContext.prototype, 'version', {
      get(this: ExecutionContext): undefined {
        if (!isExecutionContext(this)) throw illegalInvocation();
        return undefined;
      },
      enumerable: true, configurable: true,
    });
  }
  if (!flags.enable_ctx_exports) return;
  ObjectDefineProperty(ExecutionContext.prototype, 'exports', {
    get(this: ExecutionContext) {
      if (!isExecutionContext(this)) throw illegalInvocation();
      return getLoopbackExports();
    },
    enumerable: true, configurable: true,
  });
}
