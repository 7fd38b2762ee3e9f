// JavaScript RPC: what the rest of the platform layer needs of it.
import { onAnswer } from './calls';
import { installCapabilities } from './capabilities';
import { onReleased } from './exports';
import { installFetcherRpc } from './fetchers';
import './socket-transfer';
import { onCall, onCancelled } from './serve';
import { installTransfers } from './transfers';
import { installWriting } from './writing';

export { serveObject } from './serve';
export { RpcPromise, RpcProperty, RpcStub } from './stubs';
export { RpcTarget } from './stub-type';

/** What C++ calls. */
export const rpcHandlers = { rpcDispatch: onCall, rpcAnswer: onAnswer, rpcReleased: onReleased, rpcCancelled: onCancelled };

/** Called at bootstrap. */
export function install(): void {
  installWriting();
  installCapabilities();
  installTransfers();
  installFetcherRpc();
}
