// process.exit(): the request ends here and now, and with it the code that runs; the worker and its other requests go on.
import { currentIo } from './async-context';
import { native } from './ops';
import { reportUncaught } from './report';
import { startTimer } from './timers';

/** Does not return inside of a request; outside there is nothing to end. */
export function exitRequest(code: number): void {
  const io = currentIo();
  if (io === undefined) return;
  const error = new Error(`The Node.js process.exit(${code}) API was called. Canceling the request.`);
  reportUncaught(error, 'exit');
  if (io.exchange !== undefined) io.abort(error);
  // Whoever waits for such an event (a test) is told by a promise, whose reactions would be lost with the code that is ended.
  else startTimer(() => io.abort(error), 0);
  native.exitTurn();
  for (;;);
}
