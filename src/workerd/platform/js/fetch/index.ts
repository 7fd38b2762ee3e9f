// The fetch family's face towards the rest of the platform layer. Users see what `install` puts on the global; other
// platform files use the functions below.
//
// Contract (files follow):
//   Headers      headersFromRaw(raw, guard), headersToRaw(h), headersGet(h, lowerName), headersSet(h, name, value), Guard
//   Request      requestFromNative(exchange, method, url, rawHeaders, body, cf), requestToNative(req), isRequest(v)
//   Response     responseFromNative(...), responseToNative(res): { status, statusText, rawHeaders, body, webSocket }, isResponse(v)
//   Body         extractBody(init), bodyIsUsed(b)
//   Fetcher      class Fetcher, makeFetcher(target, requiresHost?), fetcherTarget(f)
//   fetch        fetch(input, init), setGlobalOutbound(target), fetchWith(fetcher | undefined, input, init)
//   FetchEvent   makeFetchEvent(request), fetchEventResponse(event)
//   install(global)
// ../blob: Blob, File, isBlob, blobBytes(b), blobType(b), makeBlob(bytes, type), makeFile(bytes, type, name, lastModified), install
// ../form-data: FormData, formDataSerialize(fd, boundary), formDataParse(bytes, contentType), install
// ../cache: CacheStorage, Cache, makeCacheStorage(target | undefined), install
// ../websocket: WebSocket, WebSocketPair, webSocketFromChannel(end, ...), webSocketTakeChannel(ws), install
// ../eventsource: EventSource, install
// ../sockets: connect, Socket, socketFromExchange(...)
export {};
