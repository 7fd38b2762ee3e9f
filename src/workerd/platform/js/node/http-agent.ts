// node:_http_agent
import { Agent, globalAgent } from './http/agent';

export default { Agent, globalAgent };
