// FetchEvent (https://w3c.github.io/ServiceWorker/#fetchevent-interface), for workers in the service worker syntax.
import { DOMException } from '../dom-exception';
import { constructExtendable, ExtendableEvent } from '../events';
import { badArgument, defineInterface, illegalInvocation } from '../interface';
import { requireIoContext } from '../io-context';
import { PromiseResolve } from '../primordials';
import { isPromiseLike } from '../thenables';
import type { Request } from './request';
import { isResponse, type Response } from './response';

const enum State { Awaiting, Called, Sent }

/** What respondWith() was given, or undefined; closes the event for later calls. */
export let fetchEventResponse: (e: FetchEvent) => Promise<Response> | undefined;
let setRequest: (e: FetchEvent, request: Request) => void;

export class FetchEvent extends ExtendableEvent {
  #request: Request | undefined = undefined;
  #state = State.Awaiting;
  #response: Promise<Response> | undefined = undefined;

  get request(): Request {
    if (!(#request in this)) throw illegalInvocation();
    return this.#request!;
  }

  respondWith(response: Response | Promise<Response>): void {
    if (!(#request in this)) throw illegalInvocation();
    if (!isResponse(response) && !isPromiseLike(response)) throw badArgument('respondWith', 'FetchEvent', 1, 'Promise');
    this.preventDefault();
    if (this.#state === State.Called) {
      throw new DOMException('FetchEvent.respondWith() has already been called; it can only be called once.', 'InvalidStateError');
    }
    if (this.#state === State.Sent) {
      throw new DOMException('Too late to call FetchEvent.respondWith(). It must be called synchronously in the event handler.',
        'InvalidStateError');
    }
    this.#state = State.Called;
    this.#response = PromiseResolve(response);
    this.stopImmediatePropagation();
  }

  passThroughOnException(): void {
    if (!(#request in this)) throw illegalInvocation();
    requireIoContext().passThroughOnException();
  }

  static {
    setRequest = (e, request) => { e.#request = request; };
    fetchEventResponse = (e) => {
      e.#state = State.Sent;
      return e.#response;
    };
    defineInterface(this, 'FetchEvent', { brand: (o) => #request in o, ownProperties: ['request'] });
  }
}

export function makeFetchEvent(request: Request): FetchEvent {
  const event = constructExtendable(() => new FetchEvent('fetch'));
  setRequest(event, request);
  return event;
}
