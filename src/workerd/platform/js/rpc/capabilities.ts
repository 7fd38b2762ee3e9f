// How capabilities are written and read: RpcTargets, functions, proxies, stubs and service bindings.
import { fetcherTarget, isFetcher, makeFetcher, type Fetcher } from '../fetch/fetcher';
import type { External } from '../native';
import { ReflectApply } from '../primordials';
import { CloneTag, dataCloneError, registerCloneable } from '../structured-clone';
import { handlerOf } from './brand';
import { disposeMethod, exportObject } from './exports';
import { capOf, makeStub } from './stubs';
import { checkStubType, isFunctionForRpc, isRpcTarget } from './stub-type';
import { currentReading, currentWriting, external, setDescribeCallable, type Writing } from './writing';

function unsupported(name: string): Error {
  return dataCloneError(`Could not serialize object of type "${name}". This type does not support serialization.`);
}

/** Where stubs stay the sender's, an object that can duplicate itself is duplicated. `same`: the duplicate is of the right kind. */
function duplicated(writing: Writing, object: object, same: (duplicate: object) => boolean, error: string): object {
  if (!writing.duplicate) return object;
  const method: unknown = (object as { dup?: unknown }).dup;
  if (typeof method !== 'function') return object;
  const duplicate: unknown = ReflectApply(method, object, []);
  if (((typeof duplicate === 'object' && duplicate !== null) || typeof duplicate === 'function') && same(duplicate)) return duplicate;
  throw dataCloneError(error);
}

function give(writing: Writing, object: object, instance: boolean): External {
  return writing.exported(exportObject(object, writing.state!, instance, disposeMethod(object), writing.retains));
}

function describe(writing: Writing, value: object, proxy: boolean): [tag: number, index: number] {
  const handler = handlerOf(value);
  if (handler !== undefined) {
    if (isFetcher(value)) return [CloneTag.ServiceStub, writing.external(value, fetcherTarget)];
    const cap = capOf(value);
    if (cap === undefined) throw unsupported(handler.className);
    if (writing.state === undefined) throw dataCloneError('RpcStub cannot be serialized in this context because it is not a persistent stub.');
    return [CloneTag.JsRpcStub, writing.external(value, () => {
      const handle = cap.use();
      if (!writing.duplicate) writing.giveAway(cap);
      return writing.passOn(handle);
    })];
  }
  if (writing.state === undefined) throw dataCloneError(`${proxy ? '#<Object>' : String(value)} could not be cloned.`);
  return [CloneTag.JsRpcStub, writing.external(value, () => {
    if (!proxy) {
      const object = duplicated(writing, value, isFunctionForRpc, "Couldn't create a stub for the function because it has a dup() method which " +
        'did not return another function. Either remove the dup() method or make sure it returns a function.');
      return give(writing, object, true);
    }
    const instance = checkStubType(value);
    if (instance === undefined) {
      throw dataCloneError('Proxy could not be serialized because it is not a valid RPC receiver type. The Proxy must emulate either a plain ' +
        "object or an RpcTarget, as indicated by the Proxy's prototype chain.");
    }
    const object = duplicated(writing, value, (duplicate) => checkStubType(duplicate) === instance, "Couldn't create a stub for the Proxy because " +
      'it has a dup() method which did not return the same underlying type (RpcTarget or Function) as the Proxy itself represents. Either ' +
      'remove the dup() method or make sure it returns an RpcTarget.');
    return give(writing, object, instance);
  })];
}

/** Called at bootstrap. */
export function installCapabilities(): void {
  setDescribeCallable(describe);
}

registerCloneable('RpcTarget', CloneTag.JsRpcStub, (value: object) => {
  const writing = currentWriting();
  if (writing?.state === undefined) throw dataCloneError('Remote RPC references can only be serialized for RPC.');
  return writing.external(value, () => {
    const object = duplicated(writing, value, isRpcTarget, "Couldn't create a stub for the RcpTarget because it has a dup() method which did not " +
      'return another RpcTarget. Either remove the dup() method or make sure it returns an RpcTarget.');
    return give(writing, object, false);
  });
}, (index: unknown) => {
  const group = currentReading();
  if (group === undefined) throw dataCloneError('RpcStub cannot be deserialized in this context.');
  return makeStub(group.hold(external(index)));
});

registerCloneable('Fetcher', CloneTag.ServiceStub, (value: Fetcher) => {
  const writing = currentWriting();
  if (writing === undefined) throw dataCloneError('ServiceStub cannot be serialized in this context.');
  return writing.external(value, fetcherTarget);
}, (index: unknown) => {
  // Properties of entrypoints are read without a group: services belong to no request.
  return makeFetcher(external(index));
});
