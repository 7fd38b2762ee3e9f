// MessageEvent (https://html.spec.whatwg.org/#messageevent) and CloseEvent (https://websockets.spec.whatwg.org/#the-closeevent-interface).
import { badConstructorArgument, defineInterface, illegalInvocation, toDictionary } from '../interface';
import { ObjectHasOwn, StringPrototypeToWellFormed } from '../primordials';
import { Event, trusted } from './event';

interface MessageEventFields {
  data: unknown;
  origin: string | null;
  lastEventId: string;
  source: object | null;
}

let fill: (event: MessageEvent, fields: MessageEventFields) => void;

class MessageEvent extends Event {
  #data: unknown;
  #origin: string | null = null;
  #lastEventId = '';
  #source: object | null = null;

  constructor(type: string, init: { data?: unknown } = undefined!) {
    if (arguments.length === 0) throw badConstructorArgument('MessageEvent', 1, 'string');
    super(type, undefined);
    const dictionary = toDictionary<{ data?: unknown }>(init, () => badConstructorArgument('MessageEvent', 2, 'Initializer'));
    this.#data = dictionary?.data === undefined ? null : dictionary.data;
  }

  get ports(): object[] { if (!(#data in this)) throw illegalInvocation(); return []; }
  get source(): object | null { if (!(#data in this)) throw illegalInvocation(); return this.#source; }
  get lastEventId(): string { if (!(#data in this)) throw illegalInvocation(); return this.#lastEventId; }
  get origin(): string | null { if (!(#data in this)) throw illegalInvocation(); return this.#origin; }
  get data(): any { if (!(#data in this)) throw illegalInvocation(); return this.#data; }

  static {
    fill = (event, fields) => {
      event.#data = fields.data;
      event.#origin = fields.origin;
      event.#lastEventId = fields.lastEventId;
      event.#source = fields.source;
    };
    defineInterface(this, 'MessageEvent', { brand: (o) => #data in o });
  }
}

const NO_FIELDS: Partial<Omit<MessageEventFields, 'data'>> = { __proto__: null } as never;

/** A 'message' event (or one named `type`) made by the platform. */
export function createMessageEvent(data: unknown, type = 'message', fields: Partial<Omit<MessageEventFields, 'data'>> = NO_FIELDS): MessageEvent {
  const event = trusted(new MessageEvent(type));
  fill(event, { data, origin: fields.origin ?? null, lastEventId: fields.lastEventId ?? '', source: ObjectHasOwn(fields, 'source') ? fields.source ?? null : null });
  return event;
}

interface CloseEventInit { code?: number; reason?: string; wasClean?: boolean }

class CloseEvent extends Event {
  readonly #code: number = 0;
  readonly #reason: string = '';
  readonly #wasClean: boolean = false;

  constructor(type: string, init: CloseEventInit = undefined!) {
    if (arguments.length === 0) throw badConstructorArgument('CloseEvent', 1, 'string');
    super(type, undefined);
    const dictionary = toDictionary<CloseEventInit>(init, () => badConstructorArgument('CloseEvent', 2, 'Initializer'));
    if (dictionary === undefined) return;
    const { code, reason, wasClean } = dictionary;
    if (code !== undefined) {
      const n = Number(code);
      this.#code = n === n && n !== Infinity && n !== -Infinity ? n | 0 : 0;
    }
    if (reason !== undefined) this.#reason = StringPrototypeToWellFormed(`${reason}`);
    if (wasClean !== undefined) this.#wasClean = !!wasClean;
  }

  get code(): number { if (!(#code in this)) throw illegalInvocation(); return this.#code; }
  get reason(): string { if (!(#code in this)) throw illegalInvocation(); return this.#reason; }
  get wasClean(): boolean { if (!(#code in this)) throw illegalInvocation(); return this.#wasClean; }

  static {
    defineInterface(this, 'CloseEvent', { brand: (o) => #code in o });
  }
}

export function createCloseEvent(code: number, reason: string, wasClean: boolean): CloseEvent {
  return trusted(new CloseEvent('close', { code, reason, wasClean }));
}

export { MessageEvent, CloseEvent };
