// node:_http_common
import { _checkInvalidHeaderChar, _checkIsHttpToken, chunkExpression, kIncomingMessage, METHODS } from './http/common';

export default {
  _checkIsHttpToken, _checkInvalidHeaderChar, chunkExpression, CRLF: '\r\n', continueExpression: /(?:^|\W)100-continue(?:$|\W)/i, methods: METHODS,
  parsers: { name: 'parsers', max: 1000 }, kIncomingMessage,
};
