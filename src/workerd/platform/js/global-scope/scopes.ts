// The interfaces of the global object: ServiceWorkerGlobalScope -> WorkerGlobalScope -> EventTarget. The global object is the only
// instance; its event target half lives in events/event-target.ts.
import { EventTarget } from '../events';
import { defineInterface } from '../interface';
import { ObjectSetPrototypeOf } from '../primordials';

let globalObject: object | undefined;

class WorkerGlobalScope extends EventTarget {
  constructor() {
    super();
    throw new TypeError('Illegal constructor');
  }

  static {
    defineInterface(this, 'WorkerGlobalScope', { brand: (o) => o === globalObject });
  }
}

class ServiceWorkerGlobalScope extends WorkerGlobalScope {
  static {
    defineInterface(this, 'ServiceWorkerGlobalScope', { brand: (o) => o === globalObject });
  }
}

/** Puts the global object under its interfaces. */
export function adoptGlobal(global: object): void {
  globalObject = global;
  ObjectSetPrototypeOf(global, ServiceWorkerGlobalScope.prototype);
}

export { ServiceWorkerGlobalScope, WorkerGlobalScope };
