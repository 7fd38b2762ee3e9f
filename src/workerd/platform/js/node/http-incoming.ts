// node:_http_incoming
import { IncomingMessage } from './http/incoming';

export default { IncomingMessage };
