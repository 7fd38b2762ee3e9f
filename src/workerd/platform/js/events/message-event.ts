// MessageEvent (https://html.spec.whatwg.org/#messageevent) and CloseEvent (https://websockets.spec.whatwg.org/#the-closeevent-interface).
import { badConstructorArgument, badField, defineInterface, illegalInvocation, interfaceNameOf, toDictionary, wrongType } from '../interface';
import { ArrayIsArray, ArrayPrototypeSlice, ObjectHasOwn, StringPrototypeToWellFormed } from '../primordials';
import { Event, type EventInit, trusted } from './event';

interface MessageEventFields {
  data: unknown;
  origin: string | null;
  lastEventId: string;
  source: object | null;
}

let fill: (event: MessageEvent, fields: MessageEventFields) => void;

interface MessageEventInit extends EventInit { data?: unknown; origin?: unknown; lastEventId?: unknown; source?: unknown; ports?: unknown }

function isPort(value: unknown): value is object {
  return typeof value === 'object' && value !== null && interfaceNameOf(value) === 'MessagePort';
}

function toPorts(ports: unknown): object[] {
  if (!ArrayIsArray(ports)) throw badField('ports', 'Initializer', 'Array');
  const list: object[] = [];
  for (let i = 0; i < ports.length; i++) {
    const port: unknown = ports[i];
    if (!isPort(port)) throw new TypeError(`Incorrect type for array element ${i}: the provided value is not of type 'MessagePort'.`);
    list[list.length] = port;
  }
  return list;
}

class MessageEvent extends Event {
  #data: unknown = null;
  #origin: string | null = '';
  #lastEventId = '';
  #source: object | null = null;
  #ports: object[] | undefined = undefined;

  constructor(type: string, init: MessageEventInit = undefined!) {
    if (arguments.length === 0) throw badConstructorArgument('MessageEvent', 1, 'string');
    const dictionary = toDictionary<MessageEventInit>(init, () => badConstructorArgument('MessageEvent', 2, 'Initializer'));
    super(type, dictionary);
    if (dictionary === undefined) return;
    const { data, origin, lastEventId, source, ports } = dictionary;
    if (data !== undefined) this.#data = data;
    if (origin !== undefined) this.#origin = `${origin as string}`;
    if (lastEventId !== undefined) this.#lastEventId = `${lastEventId as string}`;
    if (source !== undefined && source !== null) {
      this.#source = isPort(source) ? source : wrongType(() => badField('source', 'Initializer', 'MessagePort'));
    }
    if (ports !== undefined) this.#ports = toPorts(ports);
  }

  get ports(): object[] { if (!(#data in this)) throw illegalInvocation(); return this.#ports === undefined ? [] : ArrayPrototypeSlice(this.#ports); }
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

interface CloseEventInit extends EventInit { code?: number; reason?: string; wasClean?: boolean }

class CloseEvent extends Event {
  readonly #code: number = 0;
  readonly #reason: string = '';
  readonly #wasClean: boolean = false;

  constructor(type: string, init: CloseEventInit = undefined!) {
    if (arguments.length === 0) throw badConstructorArgument('CloseEvent', 1, 'string');
    const dictionary = toDictionary<CloseEventInit>(init, () => badConstructorArgument('CloseEvent', 2, 'Initializer'));
    super(type, dictionary);
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
  return trusted(new CloseEvent('close', { __proto__: null, code, reason, wasClean } as CloseEventInit));
}

export { MessageEvent, CloseEvent };
