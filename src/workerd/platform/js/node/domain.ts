// node:domain, which does nothing: errors are not routed anywhere.
import EventEmitter from './events';
import { idleMethods } from './internal/stub';

(EventEmitter as any).usingDomains = false;
class Domain extends (EventEmitter as any) {
  members = undefined;
  _errorHandler(error: unknown): never {
    throw error;
  }
  run(fn: any, ...args: unknown[]): unknown {
    return Reflect.apply(fn, this, args);
  }
  intercept(callback: any): any {
    return callback;
  }
  bind(callback: any): any {
    return callback;
  }
}
idleMethods(Domain, 'enter exit add remove');
function createDomain(): Domain {
  return new Domain();
}
export default { Domain, active: null, createDomain, create: createDomain() };
