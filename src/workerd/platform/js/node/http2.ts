// node:http2: only its constants and settings; there is no access to HTTP/2 sessions.
import { Buffer } from './buffer';
import constants from './data/http2-constants.json';
import { allMissing, missing } from './internal/stub';

const { createSecureServer, createServer, connect, performServerHandshake } = allMissing('createSecureServer createServer connect performServerHandshake', 'http2.');
function getDefaultSettings(): any {
  return Object.create({
    headerTableSize: 4096, enablePush: true, initialWindowSize: 65535, maxFrameSize: 16384, maxConcurrentStreams: 4294967295,
    maxHeaderSize: 65535, maxHeaderListSize: 65535, enableConnectProtocol: false,
  });
}
export default {
  constants, createSecureServer, createServer, Http2ServerRequest: missing('http2.Http2ServerRequest'),
  Http2ServerResponse: missing('http2.Http2ServerResponse'), connect, getDefaultSettings,
  getPackedSettings: () => Buffer.alloc(0), getUnpackedSettings: () => ({}), performServerHandshake,
  sensitiveHeaders: Symbol('nodejs.http2.sensitiveHeaders'),
};
