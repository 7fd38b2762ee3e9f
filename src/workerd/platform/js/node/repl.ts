// node:repl: there is nobody to type.
import { ERR_METHOD_NOT_IMPLEMENTED } from './internal/errors';
import { missing, missingMethods } from './internal/stub';
import { builtinModules as all } from './module';
import { Interface } from './readline';

const writer = Object.assign(missing('writer'), {
  options: {
    showHidden: false, depth: 2, colors: true, customInspect: true, showProxy: true, maxArrayLength: 100, maxStringLength: 10000, breakLength: 80,
    compact: 3, sorted: false, getters: false, numericSeparator: false,
  },
});
class Recoverable extends SyntaxError {
  err: unknown;
  constructor(error: unknown) {
    super();
    this.err = error;
  }
}
class REPLServer extends Interface {
  constructor() {
    super();
    throw new ERR_METHOD_NOT_IMPLEMENTED('REPLServer');
  }
}
missingMethods(REPLServer, 'setupHistory defineCommand displayPrompt clearBufferedCommand');
const builtinModules = all.filter((name) => name[0] !== '_');
export default {
  writer, start: missing('start'), Recoverable, REPLServer, builtinModules, _builtinLibs: builtinModules,
  REPL_MODE_SLOPPY: Symbol('repl-sloppy'), REPL_MODE_STRICT: Symbol('repl-strict'),
};
