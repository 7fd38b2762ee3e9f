// TailEvent, also called TraceEvent: what a tail worker in service-worker syntax is told of other workers' invocations. Scripts cannot
// make one.
import { defineInterface } from '../interface';
import { ExtendableEvent } from './extendable-event';

class TailEvent extends ExtendableEvent {
  readonly #tail = true;

  static {
    defineInterface(this, 'TailEvent', { brand: (value) => #tail in value });
  }
}

export { TailEvent };
