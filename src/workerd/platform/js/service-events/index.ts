// Events that one service sends another beside requests and remote calls: `scheduled` and `queue`. They travel as remote calls whose
// path is a number, which no code of a user's can ask for.
import { getEnv, instantiate, type Entrypoint } from '../entrypoints';
import { dispatch, listenerCount } from '../events';
import type { ExecutionContext } from '../execution-context';
import { Fetcher } from '../fetch/fetcher';
import { flags } from '../flags';
import type { IoContext } from '../io-context';
import { ObjectDefineProperty } from '../primordials';
import { reportUncaught } from '../report';
import type { Found } from '../rpc/lookup';
import { logWarning } from '../warnings';
import { Decisions, queue, receiveQueue } from './queue';
import { receiveScheduled, scheduled, ScheduledEvent } from './scheduled';
import { ServiceEvent, type Received } from './types';

function missing(type: string, listener: boolean): Error {
  const name = type === 'queue' ? 'QueueEvent' : 'ScheduledEvent';
  if (listener) {
    logWarning(`Received a ${name} but we lack an event listener for ${type} events. Did you remember to call addEventListener("${type}", ...)?`);
    return new Error(`No event listener registered for ${type === 'queue' ? 'queue messages' : 'scheduled events'}.`);
  }
  logWarning(`Received a ${name} but we lack a handler for ${name}s. Did you remember to export a ${type}() function?`);
  return new Error(`Handler does not export a ${type}() function.`);
}

/** `sent`: what the sender packed, and maybe no handler can be shown. */
async function receiveAndRun(event: ServiceEvent, sent: any, entry: Entrypoint, io: IoContext, ctx: ExecutionContext): Promise<unknown> {
  const scheduledEvent = event === ServiceEvent.Scheduled;
  let received: Received;
  try {
    received = scheduledEvent ? receiveScheduled(sent) : receiveQueue(sent);
  } catch (error) {
    reportUncaught(error, scheduledEvent ? 'scheduled' : 'queue');
    return scheduledEvent ? { outcome: 'exception', noRetry: false } : new Decisions().result('exception');
  }
  return run(received, entry, io, ctx);
}

async function run(received: Received, entry: Entrypoint, io: IoContext, ctx: ExecutionContext): Promise<unknown> {
  const { type } = received;
  const listeners = entry.kind === 'service-worker';
  let failed = false;
  try {
    if (listeners) {
      if (listenerCount(globalThis, type) === 0) throw missing(type, true);
      dispatch(globalThis, received.event);
    } else {
      const target = instantiate(entry, ctx);
      if (typeof target[type] !== 'function') throw missing(type, false);
      await (entry.kind === 'class' ? target[type](received.controller) : target[type](received.controller, getEnv(), ctx));
    }
  } catch (error) {
    failed = true;
    reportUncaught(error, type);
  }
  // Listeners have no other way to say that they are done.
  if (listeners || type !== 'queue' || !flags.queue_consumer_no_wait_for_wait_until) await io.whenAlone();
  return received.result(failed || io.hasFailed ? 'exception' : 'ok');
}

/** What a call of event number `event` calls. Its one argument is what the sender packed. */
export function findEvent(event: number, entry: Entrypoint, io: IoContext, ctx: ExecutionContext): Found {
  if (event !== ServiceEvent.Scheduled && event !== ServiceEvent.Queue) throw new TypeError('The receiver does not know this kind of event.');
  return { value: (sent: unknown) => receiveAndRun(event, sent, entry, io, ctx), self: globalThis, name: 'event' };
}

/** Called at bootstrap. */
export function install(global: object): void {
  ObjectDefineProperty(global, 'ScheduledEvent', { value: ScheduledEvent, writable: true, enumerable: false, configurable: true });
  if (!flags.service_binding_extra_handlers) return;
  ObjectDefineProperty(Fetcher.prototype, 'queue', { value: queue, writable: true, enumerable: true, configurable: true });
  ObjectDefineProperty(Fetcher.prototype, 'scheduled', { value: scheduled, writable: true, enumerable: true, configurable: true });
}
