// node:diagnostics_channel. https://nodejs.org/api/diagnostics_channel.html
import { ERR_INVALID_ARG_TYPE } from './internal/errors';
import { nextTick } from './internal/next-tick';
import { validateFunction, type Fn } from './internal/validators';

const channels = new Map<PropertyKey, Channel>();
const making = Symbol('making');
let active: (channel: Channel) => boolean;

export class Channel {
  name: PropertyKey;
  #subscribers: Fn[] = [];
  #stores = new Map<any, Fn | undefined>();

  constructor(key: unknown, name: PropertyKey) {
    if (key !== making) throw new TypeError('Illegal constructor');
    this.name = name;
  }
  static {
    active = (channel) => channel.#subscribers.length > 0 || channel.#stores.size > 0;
  }
  subscribe(listener: Fn): void {
    validateFunction(listener, 'subscription');
    this.#subscribers = [...this.#subscribers, listener];
  }
  unsubscribe(listener: Fn): boolean {
    const at = this.#subscribers.indexOf(listener);
    if (at < 0) return false;
    this.#subscribers = this.#subscribers.filter((_, i) => i !== at);
    return true;
  }
  bindStore(store: any, transform?: Fn): void {
    this.#stores.set(store, transform);
  }
  unbindStore(store: any): boolean {
    return this.#stores.delete(store);
  }
  publish(message: unknown): void {
    const subscribers = this.#subscribers;
    for (let i = 0; i < subscribers.length; i++) {
      try {
        subscribers[i]!(message, this.name);
      } catch (error) {
        nextTick(() => { throw error; });
      }
    }
    internals.native !== undefined && (internals as any).onDiagnostic?.(this.name, message);
  }
  runStores(message: unknown, fn: Fn, thisArg?: unknown, ...args: unknown[]): unknown {
    let run = (): unknown => {
      this.publish(message);
      return Reflect.apply(fn, thisArg, args);
    };
    for (const [store, transform] of this.#stores) {
      const inner = run;
      run = () => {
        let value = message;
        if (transform !== undefined) {
          try {
            value = transform(message);
          } catch (error) {
            nextTick(() => { throw error; });
            return inner();
          }
        }
        return store.run(value, inner);
      };
    }
    return run();
  }
}
// A getter from some date on; a method before.
const getter = internals.flags.diagnostics_channel_has_subscribers_getter;
Object.defineProperty(Channel.prototype, 'hasSubscribers', getter
  ? { get(this: Channel) { return active(this); }, configurable: true, enumerable: false }
  : { value: function hasSubscribers(this: Channel) { return active(this); }, configurable: true, writable: true, enumerable: false });

function channel(name: PropertyKey): Channel {
  if (typeof name !== 'string' && typeof name !== 'symbol') throw new ERR_INVALID_ARG_TYPE('channel', ['string', 'symbol'], name);
  let found = channels.get(name);
  if (found === undefined) channels.set(name, (found = new Channel(making, name)));
  return found;
}
function hasSubscribers(name: PropertyKey): boolean {
  const found = channels.get(name);
  return found !== undefined && active(found);
}
function subscribe(name: PropertyKey, listener: Fn): void {
  channel(name).subscribe(listener);
}
function unsubscribe(name: PropertyKey, listener: Fn): boolean {
  return channel(name).unsubscribe(listener);
}

const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;

export class TracingChannel {
  start!: Channel;
  end!: Channel;
  asyncStart!: Channel;
  asyncEnd!: Channel;
  error!: Channel;
  constructor(nameOrChannels: any) {
    for (const event of EVENTS) {
      let value: Channel;
      if (typeof nameOrChannels === 'string') value = channel(`tracing:${nameOrChannels}:${event}`);
      else if (typeof nameOrChannels === 'object' && nameOrChannels !== null) {
        value = nameOrChannels[event];
        if (!(value instanceof Channel)) throw new ERR_INVALID_ARG_TYPE(`nameOrChannels.${event}`, ['Channel'], value);
      } else throw new ERR_INVALID_ARG_TYPE('nameOrChannels', ['string', 'object', 'TracingChannel'], nameOrChannels);
      Object.defineProperty(this, event, { value, enumerable: true });
    }
  }
  subscribe(handlers: any): void {
    for (const event of EVENTS) if (handlers[event]) this[event].subscribe(handlers[event]);
  }
  unsubscribe(handlers: any): boolean {
    let done = true;
    for (const event of EVENTS) if (handlers[event] && !this[event].unsubscribe(handlers[event])) done = false;
    return done;
  }
  traceSync(fn: Fn, context: any = {}, thisArg?: unknown, ...args: unknown[]): unknown {
    return this.start.runStores(context, () => {
      try {
        const result = Reflect.apply(fn, thisArg, args);
        context.result = result;
        return result;
      } catch (error) {
        context.error = error;
        this.error.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }
  tracePromise(fn: Fn, context: any = {}, thisArg?: unknown, ...args: unknown[]): unknown {
    const { asyncStart, asyncEnd, error: errors } = this;
    const resolved = (result: unknown): unknown => {
      context.result = result;
      asyncStart.publish(context);
      asyncEnd.publish(context);
      return result;
    };
    const failed = (error: unknown): Promise<never> => {
      context.error = error;
      errors.publish(context);
      asyncStart.publish(context);
      asyncEnd.publish(context);
      return Promise.reject(error);
    };
    return this.start.runStores(context, () => {
      try {
        let promise = Reflect.apply(fn, thisArg, args);
        if (!(promise instanceof Promise)) promise = Promise.resolve(promise);
        return promise.then(resolved, failed);
      } catch (error) {
        context.error = error;
        errors.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }
  traceCallback(fn: Fn, position = -1, context: any = {}, thisArg?: unknown, ...args: any[]): unknown {
    const { asyncStart, asyncEnd, error: errors } = this;
    const callback = args.at(position);
    validateFunction(callback, 'callback');
    function wrapped(this: unknown, error: unknown, result: unknown): void {
      if (error) {
        context.error = error;
        errors.publish(context);
      } else context.result = result;
      asyncStart.runStores(context, () => {
        try {
          return Reflect.apply(callback, thisArg ?? this, [error, result]);
        } finally {
          asyncEnd.publish(context);
        }
      });
    }
    args.splice(position, 1, wrapped);
    return this.start.runStores(context, () => {
      try {
        return Reflect.apply(fn, thisArg, args);
      } catch (error) {
        context.error = error;
        errors.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }
}

Object.defineProperty(TracingChannel.prototype, 'hasSubscribers', getter
  ? { get(this: TracingChannel) { return EVENTS.some((event) => active(this[event])); }, configurable: true, enumerable: false }
  : {
    value: function hasSubscribers(this: TracingChannel) { return EVENTS.some((event) => active(this[event])); },
    configurable: true, writable: true, enumerable: false,
  });

function tracingChannel(nameOrChannels: unknown): TracingChannel {
  return new TracingChannel(nameOrChannels);
}
export default { hasSubscribers, channel, subscribe, unsubscribe, tracingChannel, Channel, TracingChannel };
