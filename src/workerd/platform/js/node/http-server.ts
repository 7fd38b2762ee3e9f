// node:_http_server
import { kServerResponse, STATUS_CODES } from './http/common';
import {
  _connectionListener, httpServerPreClose, kConnectionsCheckingInterval, Server, ServerResponse, setupConnectionsTracking, storeHTTPOptions,
} from './http/server';

export default {
  STATUS_CODES, Server, ServerResponse, setupConnectionsTracking, storeHTTPOptions, _connectionListener, kServerResponse, httpServerPreClose,
  kConnectionsCheckingInterval,
};
