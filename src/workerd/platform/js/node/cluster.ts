// node:cluster: the one process there is counts as the primary.
import EventEmitter from './events';
import { idleMethods, missing } from './internal/stub';

class Worker extends (EventEmitter as any) {
  _connected = false;
  id = 0;
  get process(): unknown {
    return (globalThis as any).process;
  }
  get exitedAfterDisconnect(): boolean {
    return this._connected;
  }
  isConnected(): boolean {
    return this._connected;
  }
}
idleMethods(Worker, 'isDead', () => true);
idleMethods(Worker, 'send', () => false);
idleMethods(Worker, 'kill destroy', (self) => { self._connected = false; });
idleMethods(Worker, 'disconnect', (self) => {
  self._connected = false;
  return self;
});

class Cluster extends (EventEmitter as any) {
  Worker = Worker;
  isMaster = true;
  isPrimary = true;
  isWorker = false;
  SCHED_NONE = 1;
  SCHED_RR = 2;
  schedulingPolicy = 2;
  settings = {};
  workers = {};
  fork = missing('cluster.fork');
  disconnect = missing('cluster.disconnect');
  setupPrimary = missing('cluster.setupPrimary');
  setupMaster = missing('cluster.setupMaster');
  Cluster = Cluster;
}
export default new Cluster();
