// Cron events (https://developers.cloudflare.com/workers/runtime-apis/handlers/scheduled/).
import { constructExtendable, ExtendableEvent } from '../events';
import { fetcherTarget, isFetcher, type Fetcher } from '../fetch/fetcher';
import { badArgument, badField, defineInterface, illegalInvocation, toDictionary } from '../interface';
import { DateNow } from '../primordials';
import { callEvent } from '../rpc/stubs';
import { asyncApi } from '../bindings/send';
import { toTime } from './time';
import { fix, ServiceEvent, type Received } from './types';

const KEY = {};

interface Sent { scheduledTime: number; cron: string }
interface ScheduledResult { outcome: string; noRetry: boolean }

export let retries: (event: ScheduledEvent) => boolean;

export class ScheduledEvent extends ExtendableEvent {
  #retry = true;

  noRetry(): void {
    if (!(#retry in this)) throw illegalInvocation();
    this.#retry = false;
  }

  static {
    retries = (event) => event.#retry;
    defineInterface(this, 'ScheduledEvent', { brand: (o) => #retry in o });
  }
}

export class ScheduledController {
  #event: ScheduledEvent;

  constructor(key: unknown, event: ScheduledEvent, sent: Sent) {
    if (key !== KEY) throw new TypeError('Illegal constructor');
    this.#event = event;
    fix(this, 'scheduledTime', sent.scheduledTime);
    fix(this, 'cron', sent.cron);
  }

  noRetry(): void {
    if (!(#event in this)) throw illegalInvocation();
    noRetryOf(this.#event);
  }

  static {
    defineInterface(this, 'ScheduledController', { brand: (o) => #event in o });
  }
}

const { noRetry } = ScheduledEvent.prototype;
const noRetryOf = (event: ScheduledEvent): void => Reflect.apply(noRetry, event, []);

export function receiveScheduled(sent: Sent): Received {
  const event = constructExtendable(() => new ScheduledEvent('scheduled'));
  fix(event, 'scheduledTime', sent.scheduledTime);
  fix(event, 'cron', sent.cron);
  return {
    type: 'scheduled', event, controller: new ScheduledController(KEY, event, sent),
    result: (outcome) => ({ outcome, noRetry: !retries(event) }),
  };
}

/** `Fetcher.prototype.scheduled`. */
export function scheduled(this: Fetcher, options?: { scheduledTime?: unknown; cron?: unknown }): Promise<ScheduledResult> {
  if (!isFetcher(this)) throw illegalInvocation();
  const target = fetcherTarget(this);
  return asyncApi(async () => {
    const given = toDictionary<{ scheduledTime?: unknown; cron?: unknown }>(options, () => badArgument('scheduled', 'Fetcher', 1, 'ScheduledOptions'));
    const time = given?.scheduledTime;
    const cron = given?.cron;
    const sent: Sent = {
      scheduledTime: time === undefined ? DateNow() : toTime(time, () => badField('scheduledTime', 'ScheduledOptions', 'date')),
      cron: cron === undefined ? '' : `${cron as string}`,
    };
    const result = await callEvent(target, ServiceEvent.Scheduled, sent) as ScheduledResult;
    return { outcome: result.outcome, noRetry: result.noRetry };
  });
}
