// node:sqlite: the names only.
import constants from './data/sqlite-constants.json';
import { missing } from './internal/stub';

class DatabaseSync {
  constructor() {
    throw new TypeError('Illegal constructor');
  }
}
class StatementSync {
  constructor() {
    throw new TypeError('Illegal constructor');
  }
}
export default { DatabaseSync, StatementSync, constants, backup: missing('backup') };
