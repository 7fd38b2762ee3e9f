// node:_http_client
import { ClientRequest } from './http/client';

export default { ClientRequest };
