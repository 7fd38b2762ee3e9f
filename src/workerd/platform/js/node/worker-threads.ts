// node:worker_threads: no threads; message channels are the worker's own.
import EventEmitter from './events';
import { ERR_METHOD_NOT_IMPLEMENTED } from './internal/errors';
import { idleMethods, missing } from './internal/stub';

const { MessageChannel, MessagePort } = internals.messageChannel;
const rejecting = (label: string) => async (): Promise<never> => { throw new ERR_METHOD_NOT_IMPLEMENTED(label); };

class Worker extends (EventEmitter as any) {
  stdin = null;
  threadName = 'workerd';
  constructor() {
    super();
    throw new ERR_METHOD_NOT_IMPLEMENTED('Worker');
  }
  async postMessageToThread(): Promise<void> {}
  async [Symbol.asyncDispose](): Promise<void> {}
}
idleMethods(Worker, 'postMessage ref unref');
for (const name of ['cpuUsage', 'terminate', 'getHeapSnapshot', 'getHeapStatistics', 'startCpuProfile', 'startHeapProfile']) {
  Object.defineProperty(Worker.prototype, name, { value: rejecting(`Worker.${name}`), writable: true, configurable: true });
}
const environment = new Map<string, unknown>();
export default {
  BroadcastChannel: missing('BroadcastChannel'), MessageChannel, MessagePort, Worker, SHARE_ENV: Symbol.for('nodejs.worker_threads.SHARE_ENV'),
  getEnvironmentData: (key: string) => environment.get(key), isMainThread: true, isMarkedAsUntransferable: (_value: unknown) => false,
  markAsUntransferable: (_value: unknown): void => {}, markAsUncloneable: (_value: unknown): void => {},
  moveMessagePortToContext: (_port: unknown, _sandbox: unknown) => new MessagePort(), parentPort: null,
  receiveMessageOnPort: (_port: unknown): undefined => undefined, resourceLimits: {},
  setEnvironmentData: (key: string, value: unknown): void => { environment.set(key, value); },
  postMessageToThread: missing('postMessageToThread'), threadId: 0, workerData: null, isInternalThread: false,
};
