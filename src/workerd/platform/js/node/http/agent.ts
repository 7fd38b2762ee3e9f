// http.Agent and https.Agent: options only, since the runtime has the connections.
import EventEmitter from '../events';
import { ERR_METHOD_NOT_IMPLEMENTED } from '../internal/errors';
import { idleMethods } from '../internal/stub';
import { validateNumber, validateOneOf } from '../internal/validators';

export class Agent extends (EventEmitter as any) {
  [key: string]: any;
  static defaultMaxSockets = Infinity;
  defaultPort: number;
  protocol: string;
  options: any;
  agentKeepAliveTimeoutBuffer = 1000;
  keepAliveMsecs: number;
  keepAlive: boolean;
  maxSockets: number;
  maxFreeSockets: number;
  scheduling: string;
  maxTotalSockets: number;
  totalSocketCount = 0;
  freeSockets = {};
  sockets = {};
  requests = {};

  constructor(given?: any) {
    super({});
    const options = (this.options = { __proto__: null, ...given });
    this.defaultPort = options.defaultPort || 80;
    this.protocol = options.protocol || 'http:';
    options.path = null;
    options.proxyEnv ??= undefined;
    options.noDelay ??= true;
    this.keepAliveMsecs = options.keepAliveMsecs || 1000;
    this.keepAlive = options.keepAlive || false;
    this.maxSockets = options.maxSockets || Agent.defaultMaxSockets;
    this.maxFreeSockets = options.maxFreeSockets || 256;
    this.scheduling = options.scheduling || 'lifo';
    validateOneOf(this.scheduling, 'scheduling', ['fifo', 'lifo']);
    if (options.maxTotalSockets !== undefined) validateNumber(options.maxTotalSockets, 'maxTotalSockets', 1);
    this.maxTotalSockets = options.maxTotalSockets ?? Infinity;
  }
  createConnection(_options?: unknown, _callback?: unknown): never {
    throw new ERR_METHOD_NOT_IMPLEMENTED('createConnection');
  }
  getName({ host, port, localAddress, family, socketPath }: any = {}): string {
    return [host || 'localhost', port || '', localAddress || ''].join(':') + (family === 4 || family === 6 ? `:${family}` : '')
      + (socketPath ? `:${socketPath}` : '');
  }
}
idleMethods(Agent, 'addRequest createSocket removeSocket reuseSocket destroy');
idleMethods(Agent, 'keepSocketAlive', () => false);

/** What connections over TLS have to agree in to be shared. */
const TLS_NAMES = 'ca cert clientCertEngine ciphers key pfx rejectUnauthorized servername minVersion maxVersion secureProtocol crl honorCipherOrder ecdhCurve dhparam '
  + 'secureOptions sessionIdContext sigalgs privateKeyIdentifier privateKeyEngine';
export class HttpsAgent extends Agent {
  maxCachedSessions = 100;
  constructor(given?: any) {
    super({ ...given, defaultPort: given?.defaultPort ?? 443, protocol: given?.protocol ?? 'https:' });
  }
  override getName(options: any = {}): string {
    let name = super.getName(options);
    for (const key of TLS_NAMES.split(' ')) {
      const value = options[key];
      const given = ['rejectUnauthorized', 'honorCipherOrder', 'secureOptions'].includes(key) ? value !== undefined
        : key === 'servername' ? value && value !== options.host : value;
      name += `:${given ? (key === 'sigalgs' ? JSON.stringify(value) : value) : ''}`;
    }
    return name;
  }
}
Object.defineProperty(HttpsAgent, 'name', { value: 'Agent' });
const shared = { keepAlive: true, scheduling: 'lifo', timeout: 5000 };
export const globalAgent = new Agent(shared);
export const globalHttpsAgent = new HttpsAgent(shared);
