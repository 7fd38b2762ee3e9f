// node:console: the worker's console, with what Node has beside it.
import { missing } from './internal/stub';
import process from './process';

const METHODS = 'log info debug warn error dir time timeEnd timeLog trace assert clear count countReset group groupEnd table dirxml groupCollapsed profile profileEnd timeStamp'.split(' ');
const none = (): void => {};
const { console } = internals.web;
const Console: any = missing('Console');
const api: any = Object.assign(console, {
  _times: new Map(), _ignoreErrors: true, _stderrErrorHandler: none, _stdoutErrorHandler: none, _stderr: process.stderr, _stdout: process.stdout,
  Console, context: missing('Console.context'), createTask: missing('Console.createTask'),
});
for (const name of METHODS) {
  // Methods can be taken off and called on their own.
  Console.prototype[name] = typeof console[name] === 'function' ? console[name].bind(console) : none;
  if (typeof console[name] !== 'function') console[name] = none;
}
Console.prototype.context = api.context;
Console.prototype.createTask = api.createTask;
export default api;
