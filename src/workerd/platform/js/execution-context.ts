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
  readonly #context = true;
  // Own properties, as in workerd: what copies a context with all its properties has them.
  readonly tracing: object = tracing;
  /** What an access proxy in front of the worker said of the request; there is none here. */
  readonly access = undefined;
  /** The cache of the zone in front of the worker; there is none here. */
  readonly cache = undefined;
  readonly props: unknown;
  /** With enable_ctx_exports. */
  declare readonly exports: object;
  /** With enable_version_api: which deployment of the worker runs (and, with enable_ctx_version_metadata, its id). Only a host that keeps
   *  versions knows; the reference says undefined without one. */
  declare readonly version: undefined;

  constructor(props: unknown) {
    this.props = props;
    if (flags.enable_ctx_exports) put(this, 'exports', getLoopbackExports());
    if (flags.enable_version_api) put(this, 'version', undefined);
  }

  waitUntil(promise: Promise<unknown>): void {
    if (!(#context in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('waitUntil', 'ExecutionContext', 1, 'Promise');
    requireIoContext().waitUntil(promise);
  }

  /** If the handler throws before it has answered, the request goes to the worker's next service. */
  passThroughOnException(): void {
    if (!(#context in this)) throw illegalInvocation();
    requireIoContext().passThroughOnException();
  }

  /** Ends the request: the client's connection is closed, and nothing of it goes on. */
  abort(reason?: unknown): never {
    const error = reason === undefined ? new DOMException('The execution context which hosts this callback is no longer running.', 'AbortError') : reason;
    requireIoContext().abort(error);
    throw error;
  }

  static {
    isExecutionContext = (v): v is ExecutionContext => #context in v;
  }
}

function put(ctx: ExecutionContext, name: string, value: unknown): void {
  ObjectDefineProperty(ctx, name, { value, writable: true, enumerable: true, configurable: true });
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
}
