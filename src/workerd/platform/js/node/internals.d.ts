// What the node:* bundle gets from the platform bundle, as the free variable `internals` (the bundle is a function body with that
// parameter). Filled in by platform/js/internals.ts; nothing else of the platform is reachable from here.
import type { Native } from '../native';
import type { AsyncFrame } from '../async-context';

export interface NodeInternals {
  native: Native;
  pyOp<F extends (...args: any[]) => any>(name: string): F;
  flags: Record<string, boolean>;
  /** Globals as bootstrap made them, before user code could patch them: EventTarget, URL, ReadableStream, setTimeout, fetch ... */
  web: Record<string, any>;
  /** platform/js/inspect. */
  inspect: {
    inspect: any;
    format(...args: unknown[]): string;
    formatWithOptions(options: object, ...args: unknown[]): string;
    stripVTControlCharacters?(text: string): string;
  };
  async: {
    getFrame(): AsyncFrame | undefined;
    setFrame(frame: AsyncFrame | undefined): void;
    currentIo(): any;
    frameWithIo(frame: AsyncFrame | undefined, io: any): AsyncFrame | undefined;
    frameGet(frame: AsyncFrame | undefined, key: object, missing: unknown): unknown;
    frameWith(frame: AsyncFrame | undefined, key: object, value: unknown): AsyncFrame;
    runInFrame<R>(frame: AsyncFrame | undefined, fn: (...args: any[]) => R, self: unknown, args: readonly unknown[]): R;
  };
  /** The worker's bindings (what `env` holds), for process.env. */
  env(): Record<string, unknown>;
  /** Loads a module for require(): `specifier` as written, `referrer` the requiring module's URL. Throws when there is none. */
  requireModule(specifier: string, referrer: string): unknown;
  /** The namespace of a cloudflare: or workerd: module, or undefined. */
  builtinModule(specifier: string): unknown;
  /** The worker's own modules and their texts, for /bundle: [name, content]. */
  bundleFiles(): [string, string | Uint8Array][];
  /** connect() of cloudflare:sockets. */
  connect(address: { hostname: string; port: number }, options?: object): any;
  /** Ends the current request for process.exit(): the isolate's turn is stopped, nothing after the call runs. */
  exit(code: number): never;
  /** Writes text to the worker's standard output (1) or error (2) without a prefix. */
  writeStdio(fd: 1 | 2, text: string): void;
  /** Throws where no request is running: randomness is not to be had there. */
  requireRequest(): void;
  /** Reports an exception that nobody caught, as the global error event does. */
  reportError(error: unknown): void;
  isCryptoKey(value: unknown): boolean;
  /** What is in a CryptoKey: raw bytes of a secret one, PKCS #8 or SubjectPublicKeyInfo of the others. */
  cryptoKeyData(key: unknown): { type: 'secret' | 'public' | 'private'; bytes: Uint8Array };
  /** Ports of node:http servers, which cloudflare:node looks up. */
  serverPorts: Map<number, any>;
  /** The classes, whether or not they are globals. */
  messageChannel: { MessageChannel: any; MessagePort: any };
  predictable: boolean;
}

declare global {
  const internals: NodeInternals;
}
