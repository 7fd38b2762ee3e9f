// node:https. https://nodejs.org/api/https.html
import { globalHttpsAgent, HttpsAgent } from './http/agent';
import { ClientRequest } from './http/client';
import { createServerOf, HttpsServer } from './http/server';
import nodeUrl, { isURL } from './url';

function request(...args: any[]): ClientRequest {
  let options: any = {};
  if (typeof args[0] === 'string') options = nodeUrl.urlToHttpOptions(new internals.web.URL(args.shift()));
  else if (isURL(args[0])) options = nodeUrl.urlToHttpOptions(args.shift());
  if (args.length > 0 && typeof args[0] !== 'function') Object.assign(options, args.shift());
  options._defaultAgent = globalHttpsAgent;
  return new ClientRequest(options, args[0]);
}
function get(...args: any[]): ClientRequest {
  return request(...args).end();
}
export default { get, request, Agent: HttpsAgent, globalAgent: globalHttpsAgent, createServer: createServerOf(HttpsServer), Server: HttpsServer };
