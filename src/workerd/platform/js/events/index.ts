// The events of the platform. Other files import from here.
export { applyEventFlags, Event, type EventInit, isEvent, trusted } from './event';
export {
  addNativeListener, dispatch, enableSpecialEventWarnings, EventTarget, isEventTarget, listenerCount, listenerTypes,
  removeAllListeners, setGlobalTarget,
} from './event-target';
export { CustomEvent } from './custom-event';
export { CloseEvent, createCloseEvent, createMessageEvent, MessageEvent } from './message-event';
export { createErrorEvent, createRejectionEvent, ErrorEvent, type ErrorEventInit, PromiseRejectionEvent } from './error-event';
export { constructExtendable, ExtendableEvent } from './extendable-event';
export { TailEvent } from './tail-event';
