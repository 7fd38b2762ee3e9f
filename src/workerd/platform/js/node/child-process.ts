// node:child_process: there are no processes to start.
import EventEmitter from './events';
import { ERR_METHOD_NOT_IMPLEMENTED } from './internal/errors';
import { allMissing, idleMethods } from './internal/stub';
import { validateArray, validateFunction, validateObject, validateString } from './internal/validators';

class ChildProcess extends (EventEmitter as any) {
  stdin = null;
  stdout = null;
  stderr = null;
  killed = false;
  stdio = [null, null, null, null, null];
  connected = false;
  exitCode = null;
  signalCode = null;
  spawnargs: string[] = [];
  constructor() {
    super();
    throw new ERR_METHOD_NOT_IMPLEMENTED('child_process.ChildProcess');
  }
  [Symbol.dispose](): void {
    (this as any).kill();
  }
}
idleMethods(ChildProcess, 'kill send', () => false);
idleMethods(ChildProcess, 'disconnect unref ref');

function exec(command: any, options: any, callback?: any): never {
  validateString(command, 'command');
  if (options != null) validateObject(options, 'options');
  if (callback != null) validateFunction(callback, 'callback');
  throw new ERR_METHOD_NOT_IMPLEMENTED('child_process.exec');
}
function fork(_modulePath: any, args: any, options?: any): never {
  if (args != null && typeof args === 'object' && !Array.isArray(args)) options = args;
  else if (args != null) validateArray(args, 'args');
  if (options != null) validateObject(options, 'options');
  throw new ERR_METHOD_NOT_IMPLEMENTED('child_process.fork');
}
function spawnSync(command: any, _args?: any, _options?: any): never {
  validateString(command, 'command');
  throw new ERR_METHOD_NOT_IMPLEMENTED('child_process.spawnSync');
}
const { _forkChild, execFile, execFileSync, execSync, spawn } = allMissing('_forkChild execFile execFileSync execSync spawn', 'child_process.');
export default { ChildProcess, _forkChild, exec, execFile, execFileSync, execSync, fork, spawn, spawnSync };
