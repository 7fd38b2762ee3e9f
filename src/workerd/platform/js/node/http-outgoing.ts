// node:_http_outgoing
import { validateHeaderName, validateHeaderValue } from './http/common';
import { kHighWaterMark, kUniqueHeaders, OutgoingMessage, parseUniqueHeadersOption } from './http/outgoing';

export default { validateHeaderName, validateHeaderValue, kUniqueHeaders, kHighWaterMark, parseUniqueHeadersOption, OutgoingMessage };
