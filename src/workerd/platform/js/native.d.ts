// The C++ side of the platform layer, as `native` of ./ops sees it. Implemented in native/flow/js_ops.cpp and
// native/engine/js_ops.cpp. Every function throws TypeError for arguments of the wrong kind.

/** Opaque handles. Dropping the last reference releases (and for an unfinished one, cancels) the C++ object. */
export interface Pipe { readonly __pipe: unique symbol }
export interface Exchange { readonly __exchange: unique symbol }
export interface ChannelEnd { readonly __channel: unique symbol }
/** What requests and remote calls can be sent to. */
export interface Target { readonly __target: unique symbol }
/** A packed value with its externals. */
export interface Message { readonly __message: unique symbol }

/** A body as it crosses: nothing, a complete one, or a stream. */
export type NativeBody = null | string | Uint8Array | Pipe;

export interface Native {
  // ---- Python operations
  /** Looks a Python operation up by its name; throws when there is none. */
  pyOp(name: string): (...args: any[]) => any;

  // ---- async context
  getAsyncFrame(): unknown;
  setAsyncFrame(frame: unknown): void;
  enqueueMicrotask(fn: () => void): void;

  /** Registers what C++ calls: dispatch.ts and uncaught-errors.ts. */
  setHandlers(handlers: {
    dispatch?: (exchange: Exchange, id: number, method: string, url: string, headers: string, body: Exclude<NativeBody, string>, cf: string | undefined, wantsWebSocket: boolean) => void;
    timer?: (id: number) => void;
    rejection?: (handledLater: boolean, promise: Promise<unknown>, reason: unknown) => void;
    makeError?: (name: string, message: string, dom: boolean) => unknown;
    uncaught?: (error: unknown) => void;
    /** The async frame in which a module's top-level code runs, made of the importer's. */
    topLevelFrame?: (frame: unknown) => unknown;
    prepareStack?: (error: unknown, sites: any[]) => unknown;
    /** Rejections are told of by a microtask that is queued when the first of them happens, not after the checkpoint. */
    earlyRejections?: boolean;
    /** Date goes in steps of so many milliseconds; 0: in its own. */
    clockStep?: number;
    /** A remote call (rpcRead() has its path and arguments); returns what its answer, if it is still to come, hangs on. `id`: an export, or
     *  an index of `entrypoints`. */
    rpcDispatch?: (exchange: Exchange, isExport: boolean, id: number, get: boolean) => object | undefined;
    /** The answer to call `number`: an error, or rpcRead() has the value. `pipeline`: where calls on the value go. */
    rpcAnswer?: (number: number, error: NativeError | undefined, hasDisposer: boolean, pipeline: Target | undefined) => void;
    /** Nobody holds an export, or an entrypoint made with rpcEntry(), any more. */
    rpcReleased?: (isExport: boolean, id: number) => void;
    /** Whoever made a call has gone. `context`: what rpcDispatch returned for it. */
    rpcCancelled?: (context: object, exchange: Exchange) => void;
  }): void;

  // ---- pipes
  /** A new pipe with a high-water mark in bytes (default 64 KiB). `length`: the known total, or -1. */
  pipeNew(highWaterMark?: number, length?: number): Pipe;
  /** 0: go on; 1: full, wait for drain; 2: the consumer has cancelled, stop. */
  pipeWrite(pipe: Pipe, chunk: Uint8Array | ArrayBuffer | string): 0 | 1 | 2;
  /** Calls `cb(cancelled)` once, when there is room again (false) or when the consumer cancelled (true); at once if so now. */
  pipeOnDrain(pipe: Pipe, cb: (cancelled: boolean) => void): void;
  pipeClose(pipe: Pipe): void;
  /** Calls `cb` once, later, after the pipe was closed, aborted or cancelled. */
  pipeOnClosed(pipe: Pipe, cb: () => void): void;
  /** Ends the pipe with an error for its consumer. */
  pipeAbort(pipe: Pipe, message: string): void;
  /** A chunk of at most `max` bytes if one is there; null at the end; undefined if nothing yet: then `cb` is called once when calling
   *  again makes sense. Throws Error(message) if the producer aborted. */
  pipeRead(pipe: Pipe, max: number, cb: () => void): Uint8Array | null | undefined;
  /** Reads to the end inside C++; calls `cb(error, result)` once, possibly at once. as: 0 ArrayBuffer, 1 UTF-8 text (BOM stripped if `stripBom`). */
  pipeReadAll(pipe: Pipe, as: 0 | 1, stripBom: boolean, cb: (error: string | undefined, result?: ArrayBuffer | string) => void): void;
  pipeCancel(pipe: Pipe, message: string): void;
  /** Moves everything from one pipe to another inside C++. cb(what, message, bytes): what 0 done, 1 the source failed, 2 the destination was cancelled. */
  pipeLink(from: Pipe, to: Pipe, close: boolean, cb: (what: 0 | 1 | 2, message: string, bytes: number) => void): void;
  /** Known total length still to come, or -1. */
  pipeLength(pipe: Pipe): number;

  // ---- exchanges
  /** Sends a request to a target, given as a handle or as a number of this worker's capability table.
   *  `headers`: "Name: value\r\n..." (latin-1). `cf`: JSON text or undefined. `flags`: 1 = wants a WebSocket.
   *  `cb` is called once, later, never inside this call. */
  subrequest(target: number | Target, method: string, url: string, headers: string, body: NativeBody, cf: string | undefined, flags: number,
    cb: (error: NativeError | undefined, status: number, statusText: string, headers: string,
         body: NativeBody, webSocket: ChannelEnd | undefined) => void): Exchange;
  /** Cancels a request this worker made: its answer, or the rest of it, is of no interest. Calls `cb` once, later, when whoever was asked
   *  in this process has heard of it. */
  exchangeCancel(exchange: Exchange, cb?: () => void): void;
  /** Answers a request this worker was given. Answering twice throws. */
  respond(exchange: Exchange, status: number, statusText: string, headers: string, body: NativeBody,
    webSocket: ChannelEnd | undefined): void;
  /** Fails it. `value` is kept for a caller in the same process (workers get it as a structured clone where it can be cloned). */
  respondError(exchange: Exchange, value: unknown): void;
  /** Calls `cb` once if the asker goes away before the answer is complete. */
  exchangeOnCancel(exchange: Exchange, cb: () => void): void;
  // ---- remote calls (native/rpc, platform/js/rpc)
  /** A handle of its own for a target. */
  rpcTarget(target: number | Target): Target;
  /** A target for export number `id` of this worker; when the last handle, here or elsewhere, goes, `rpcReleased` is called. */
  rpcExport(id: number): Target;
  /** The same for entrypoint number `id`. */
  rpcEntry(id: number): Target;
  /** A target that leads to another one, and is released like export number `id`. */
  rpcHold(target: number | Target, id: number): Target;
  /** Lets a target go; its handle can no longer be used. */
  rpcRelease(target: Target): void;
  /** `externals`: what the write hooks refer to by index; they fill it while the value is written. Numbers are targets of the capability
   *  table, or exports if they are negative. */
  rpcPack(value: unknown, externals: External[]): Message;
  /** Reads a packed message here, any number of times. */
  rpcUnpack(message: Message): unknown;
  /** Makes a call, or reads a property (`get`), of a target. The answer comes to `rpcAnswer`, later. */
  rpcCall(target: number | Target, value: unknown, externals: External[] | undefined, get: boolean, number: number): Exchange;
  /** The value of the message that is being delivered, and (for the read hooks) its externals. */
  rpcRead(): unknown;
  rpcExternal(index: number): Target & Pipe & ChannelEnd;
  rpcAnswer(exchange: Exchange, value: unknown, externals: External[], hasDisposer: boolean, pipeline: number | Target | undefined): void;
  /** Of a call that is under way: the caller has calls on the result waiting. */
  rpcSetPipelined(exchange: Exchange): void;
  rpcIsPipelined(exchange: Exchange): boolean;
  /** What a pipe was cancelled or aborted for. */
  pipeError(pipe: Pipe): string;

  // ---- channels (WebSocket messages)
  /** Two connected ends. `longest`: bytes of the longest message that either end takes from the network; default 32 MiB. */
  channelNew(longest?: number): [ChannelEnd, ChannelEnd];
  channelSend(end: ChannelEnd, data: string | ArrayBufferView | ArrayBuffer): void;
  /** code 1005: no code. */
  channelClose(end: ChannelEnd, code: number, reason: string): void;
  channelAbort(end: ChannelEnd, message: string): void;
  /** Starts delivery to this end: cb('text', s) | cb('binary', Uint8Array) | cb('close', code, reason) | cb('error', message). */
  channelListen(end: ChannelEnd, cb: (kind: string, data: any, reason?: string) => void, longest?: number): void;
  /** Calls back when the connection breaks while nobody listens to this end. */
  channelOnBroken(end: ChannelEnd, cb: () => void): void;
  /** Bytes sent and not yet taken by the other side. */
  channelBuffered(end: ChannelEnd): number;

  // ---- text, bytes
  /** Memory with anything in it: whoever asks for it fills it before anybody sees it. */
  bytesNew(size: number): Uint8Array<ArrayBuffer>;
  utf8Encode(s: string): Uint8Array;
  utf8EncodeInto(s: string, dest: Uint8Array): [read: number, written: number];
  /** The same, but the two numbers are left in `utf8Counts`. */
  utf8EncodeTo(s: string, dest: Uint8Array): void;
  utf8Counts: Uint32Array;
  utf8ByteLength(s: string): number;
  /** How many bytes at the end begin a sequence that more bytes could complete (0 to 3). */
  utf8Tail(bytes: ArrayBuffer | ArrayBufferView): number;
  /** With `replace` lone surrogates become U+FFFD, or the result is undefined when `fatal`. An odd last byte is left out. */
  utf16Decode(bytes: ArrayBuffer | ArrayBufferView, bigEndian: boolean, fatal: boolean, replace: boolean): string | undefined;
  windows1252Decode(bytes: ArrayBuffer | ArrayBufferView): string;
  isAscii(bytes: ArrayBuffer | ArrayBufferView): boolean;
  isUtf8(bytes: ArrayBuffer | ArrayBufferView): boolean;
  /** Throws TypeError when fatal and malformed. */
  /** See json.ts: words, doubles, values, and the keys of shapes from the `known`th on; undefined: JSON.parse must do it; null: no ASCII. */
  jsonTape(source: string | Uint8Array, known: number): [Int32Array<ArrayBuffer>, Float64Array<ArrayBuffer>, unknown[], string[][]] | undefined | null;
  utf8Decode(bytes: ArrayBuffer | ArrayBufferView, fatal: boolean, ignoreBOM: boolean): string;
  latin1Encode(s: string): Uint8Array;
  latin1Decode(bytes: ArrayBuffer | ArrayBufferView): string;
  base64Encode(bytes: ArrayBuffer | ArrayBufferView, url: boolean): string;
  /** Of either alphabet, padded or not; undefined when anything else is in it, white space too. */
  base64UrlDecode(text: string): Uint8Array<ArrayBuffer> | undefined;
  /** undefined: a code unit above 0xFF. */
  btoa(s: string): string | undefined;
  /** undefined: malformed. */
  atob(s: string): string | undefined;
  getRandomValues(view: ArrayBufferView): void;
  randomUUID(): string;
  timingSafeEqual(a: ArrayBuffer | ArrayBufferView, b: ArrayBuffer | ArrayBufferView): boolean;

  // ---- URL (ada)
  /** Where the parts lie in the href of the last urlParse or urlSet, as ada's url_aggregator has them (0xFFFFFFFF: absent): protocolEnd,
   *  usernameEnd, hostStart, hostEnd, pathnameStart, searchStart, hashStart, and the port. */
  urlOffsets: Uint32Array;
  /** The href, or undefined: invalid. Lone surrogates count as U+FFFD. */
  urlParse(input: string, base: string | undefined): string | undefined;
  urlCanParse(input: string, base: string | undefined): boolean;
  /** part: 0 href 1 protocol 2 username 3 password 4 host 5 hostname 6 port 7 pathname 8 search 9 hash. The new href; undefined: bad href. */
  urlSet(href: string, part: number, value: string): string | undefined;
  /** What the last formParse has to say of its list: 0, it is [name, value, name, value...]. Else the list has the length that has, but
   *  first in it is a text, in which names and values lie; the start and end of each in turn follow here after their number. When
   *  that is 0xFFFFFFFF, they follow in an array that is second in the list. */
  formPlaces: Uint32Array;
  /** Lone surrogates become U+FFFD. */
  formParse(text: string): string[];
  /** `joined`: `count` strings with U+0000 between two. Undefined: U+0000 is in one of them. */
  formSerialize(joined: string, count: number): string | undefined;
  /** One name or value. */
  formEncode(text: string): string;
  /** The four values of each of eight components: kind (0 empty, 1 exact, 2 everything, 3 regular expression; 4 more when it has groups
   *  of regular expressions), pattern, the text of an exact one or the source of a regular expression, the names of its groups.
   *  A message or undefined: invalid. `input`: a string, or a dictionary's nine members in order. */
  urlPatternParse(input: string | (string | undefined)[], base: string | undefined, ignoreCase: boolean, legacy: boolean):
    UrlPatternValue[] | string | undefined;
  /** The eight strings a pattern is matched with; undefined: no match is possible; the message of an error. */
  urlPatternInput(input: string | (string | undefined)[], base: string | undefined, legacy: boolean): string[] | string | undefined;
  domainToASCII(s: string): string;
  domainToUnicode(s: string): string;

  // ---- engine
  /** What V8 would report of an uncaught value: text ("Uncaught Error: x"), script, line, column (both 0 if unknown). */
  createMessage(error: unknown): [text: string, script: string, line: number, column: number];
  structuredSerialize(value: unknown, transfer: ArrayBuffer[] | undefined): Uint8Array;
  /** `freshStacks`: errors get the stack of the reader (only those written under enhanced_error_serialization). */
  structuredDeserialize(bytes: Uint8Array, transferred: ArrayBuffer[] | undefined, freshStacks?: boolean): unknown;
  /** `sharedRefused`: the message of the TypeError for shared memory; undefined: it is shared. */
  structuredClone(value: unknown, transfer: ArrayBuffer[] | undefined, sharedRefused?: string): unknown;
  /** Called by the (de)serializer for platform objects (Blob, Headers, streams...): see structured-clone.ts. */
  setHostObjectHooks(write: (value: object, strict: boolean) => [tag: number, data: unknown] | undefined, read: (tag: number, data: unknown) => object,
    describeErrors: ((value: unknown) => unknown[] | undefined) | undefined, restoreErrors: (list: unknown, keepStacks: boolean) => void): void;
  /** [state: 0 pending 1 fulfilled 2 rejected, result]. */
  promiseDetails(p: Promise<unknown>): [number, unknown];
  proxyDetails(p: object): [target: unknown, handler: unknown] | undefined;
  previewEntries(o: object): [entries: unknown[], isKeyValue: boolean] | undefined;
  getConstructorName(o: object): string;
  getOwnNonIndexProperties(o: object, onlyEnumerable: boolean): PropertyKey[];
  /** One bit for each IsX of v8::Value that JS cannot tell: see typeOf in ./type-bits.ts. */
  typeBits(v: unknown): number;
  /** Whether a function is one of the platform layer's scripts. */
  isPlatformFunction(fn: Function): boolean;
  detachArrayBuffer(b: ArrayBuffer): void;
  transferArrayBuffer(b: ArrayBuffer): ArrayBuffer;
  markPromiseHandled(p: Promise<unknown>): void;
  callSites(skip: number): { functionName: string; scriptName: string; lineNumber: number; column: number }[];
  /** Compiles and runs / makes a function even where eval is forbidden to users (unsafeEval bindings, node:vm). `named`: it is called like its
   *  script. (Undefined if a parameter is no name.) */
  compileFunction(source: string, name: string, params: string[], named?: boolean): Function;
  runScript(source: string, name: string): unknown;
  compileWasm(bytes: ArrayBuffer | ArrayBufferView): object;
  /** Has a WebAssembly.Instance told of the end of its CPU time, at these addresses of its memory (negative: none). */
  trackWasmInstance(instance: object, memory: object, signal: number, terminated: number): void;
  /** Pages of a WebAssembly.Memory read as zero from now on, and the system has them back. The caller has checked the region. */
  discardPages(buffer: ArrayBuffer, offset: number, length: number): void;
  gc(): void;
  /** Ends the JavaScript that runs, soon after this returns: nothing can catch it. */
  exitTurn(): void;
  /** Shows an uncaught exception to an attached inspector. */
  reportException(error: unknown): void;
  /** Only for workers with an inspector: a native function that calls `first`, then `second`, and returns nothing. */
  tee?(name: string, first: (...args: any[]) => void, second: (...args: any[]) => void): (...args: any[]) => void;

  // ---- timers
  /** Milliseconds since the worker's process started, monotonic, fractional. */
  now(): number;
  /** Calls the timer callback registered at bootstrap with `id` after `ms`. */
  timerStart(id: number, ms: number): void;
  timerCancel(id: number): void;
}

export type External = number | Target | Pipe | ChannelEnd;

export interface NativeError { name: string; message: string; stack: string | undefined; /** structured clone, if it was cloneable */ value: unknown; remote: boolean }

export type UrlPatternValue = number | string | string[] | undefined;
