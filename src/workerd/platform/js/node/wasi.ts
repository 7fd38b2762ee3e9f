// node:wasi: options are checked, and no WASI program can run.
import { ERR_METHOD_NOT_IMPLEMENTED } from './internal/errors';
import { missingMethods } from './internal/stub';
import { validateArray, validateBoolean, validateInt32, validateObject, validateOneOf } from './internal/validators';

class WASI {
  constructor(options: any = { version: 'unstable' }) {
    validateObject(options, 'options');
    const { version, args, env, preopens, stdin = 0, stdout = 1, stderr = 2, returnOnExit } = options as any;
    validateOneOf(version, 'options.version', ['unstable', 'preview1']);
    if (args !== undefined) validateArray(args, 'options.args');
    if (env !== undefined) validateObject(env, 'options.env');
    if (preopens !== undefined) validateObject(preopens, 'options.preopens');
    validateInt32(stdin, 'options.stdin', 0);
    validateInt32(stdout, 'options.stdout', 0);
    validateInt32(stderr, 'options.stderr', 0);
    if (returnOnExit !== undefined) validateBoolean(returnOnExit, 'options.returnOnExit');
    throw new ERR_METHOD_NOT_IMPLEMENTED('WASI');
  }
  getImportObject(): object {
    return {};
  }
}
missingMethods(WASI, 'finalizeBindings start initialize', 'WASI.');
export default { WASI };
