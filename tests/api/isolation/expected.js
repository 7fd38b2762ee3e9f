// What may be reached.

/** The functions of `native` (platform/js/native.d.ts) but for those that public functions are named like. */
export const NATIVE_NAMES = new Set(`base64Encode bytesNew callSites channelAbort channelBuffered channelClose channelListen channelNew channelOnBroken channelSend
compileWasm createMessage detachArrayBuffer discardPages enqueueMicrotask exchangeCancel exchangeOnCancel exitTurn getAsyncFrame getConstructorName
getContinuationPreservedEmbedderData setContinuationPreservedEmbedderData getOwnNonIndexProperties isPlatformFunction jsonTape latin1Decode latin1Encode
markPromiseHandled pipeAbort pipeCancel pipeClose pipeError pipeLength pipeLink pipeNew pipeOnClosed pipeOnDrain pipeRead pipeReadAll pipeWrite previewEntries
promiseDetails proxyDetails pyOp reportException respondError rpcAnswer rpcCall rpcEntry rpcExport rpcExternal rpcHold rpcIsPipelined rpcPack rpcRead
rpcRelease rpcSetPipelined rpcTarget rpcUnpack runScript setAsyncFrame setHandlers setHostObjectHooks structuredDeserialize structuredSerialize subrequest
timerCancel timerStart typeBits urlCanParse urlParse urlPatternInput urlPatternParse urlSet utf16Decode utf8ByteLength utf8Decode utf8Encode
utf8EncodeInto utf8EncodeTo utf8Tail windows1252Decode`.split(/\s+/));

/** Names of the constructors, or the string tags, of what may be reached. */
export const PUBLIC_CLASSES = new Set([
  'TextDecoder', 'Socket',
  'AbortController', 'AbortSignal', 'AbstractModuleSource', 'Agent', 'Array', 'Array Iterator', 'ArrayBuffer', 'AsymmetricKeyObject',
  'AsyncGenerator', 'AsyncResource', 'AttributesIterator', 'Blob', 'Body', 'Brotli', 'Cache', 'CacheStorage', 'CallSite', 'CloseEvent', 'Cloudflare',
  'Comment', 'CompressionStream', 'Crypto', 'CryptoKey', 'CustomEvent', 'DOMException', 'DigestStream', 'Doctype', 'DocumentEnd', 'Duplex',
  'Element', 'EndTag', 'EntryIterator', 'Error', 'Event', 'EventCounts', 'EventEmitter', 'EventSource', 'EventTarget', 'ExecutionContext',
  'ExtendableEvent', 'Fetcher', 'FixedLengthStream', 'FormData', 'Function', 'Generator', 'HTMLRewriter', 'Headers', 'IdentityTransformStream',
  'Immediate', 'KeyObject', 'KvNamespace', 'MessageChannel', 'MessageEvent', 'MessagePort', 'Navigator', 'OutgoingMessage', 'PairIterator',
  'Performance', 'PerformanceEntry', 'PerformanceNodeTiming', 'Promise', 'R2Bucket', 'RangeError', 'ReadStream', 'Readable',
  'ReadableByteStreamController', 'ReadableState', 'ReadableStream', 'ReadableStream AsyncIterator', 'ReadableStreamBYOBReader',
  'ReadableStreamBYOBRequest', 'ReadableStreamDefaultController', 'Request', 'Response', 'Scheduler', 'ServiceWorkerGlobalScope', 'Set',
  'Set Iterator', 'Stream', 'SubtleCrypto', 'Tag', 'TestController', 'Text', 'Timeout', 'Tracing', 'Transform', 'TransformStream',
  'TransformStreamDefaultController', 'TypeError', 'TypedArray', 'URL', 'URLSearchParams', 'Uint8Array', 'ValueIterator', 'WebSocket',
  'WebSocketPair', 'WorkerGlobalScope', 'WorkerQueue', 'Writable', 'WritableState', 'WritableStream', 'WritableStreamDefaultController',
  'WritableStreamDefaultWriter', 'Zlib', 'ZlibBase', 'Zstd', 'value',
]);
