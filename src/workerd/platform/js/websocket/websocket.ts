// WebSocket as workers have it: the client of https://websockets.spec.whatwg.org/, and the server's end, which starts to deliver when
// accept() is called or travels on in a Response. Both sit on one end of a native channel; frames and masks are the native side's.
import { makeBlob } from '../blob';
import { isBufferSource } from '../blob/bytes';
import { getFrame, setFrame } from '../async-context';
import { DOMException } from '../dom-exception';
import { Event, EventTarget, createCloseEvent, createErrorEvent, createMessageEvent, trusted } from '../events';
import { fire, fireOrThrow } from '../events/event-target';
import { toInt32 } from '../fetch/convert';
import { flags } from '../flags';
import {
  addOwnProperties, badArgument, badConstructorArgument, defineInterface, illegalInvocation, legacyOwnProperties, toDictionary,
} from '../interface';
import { IoContext, currentIoContext, requireIoContext } from '../io-context';
import type { ChannelEnd } from '../native';
import { checkOwner, currentOwner } from '../pipe-owner';
import { native } from '../ops';
import { reportUncaught } from '../report';
import {
  PrimordialPromise, StringPrototypeStartsWith, StringPrototypeToWellFormed, TypedArrayPrototypeGetBuffer,
} from '../primordials';
import { connectClient, parseClientUrl, protocolHeader } from './client';

const enum State {
  /** A client that waits for the server's answer. */
  Connecting,
  /** Has an end of a channel that nobody listens to yet. */
  Idle,
  Accepted,
  /** Given away, or over. */
  Released,
}

export const MAX_ATTACHMENT = 16384;
/** Bytes of the longest message that is taken from the network; undefined: as long as usual. Enforced where frames are read. */
export function longestMessage(): number | undefined {
  return flags.increase_websocket_message_size ? 128 * 1024 * 1024 : undefined;
}
/** What workerd calls the state of a socket. */
const NATIVE_TYPE = 'Native';
const NOT_ACCEPTED = 'You must call one of accept() or state.acceptWebSocket() on this WebSocket before sending messages.';
const WEBSOCKET_KEY = {};

export let isWebSocket: (v: unknown) => v is WebSocket;
/** A socket over a channel's end that came with a response. */
export let webSocketFromEnd: (end: ChannelEnd) => WebSocket;
/** Gives the socket's end away, for a response. Throws TypeError when it cannot. */
export let takeChannel: (ws: WebSocket) => ChannelEnd;
/** Gives the end to a Durable Object's hibernation manager, which will call deliver(). send() and close() go on working. */
export let hibernate: (ws: WebSocket) => ChannelEnd;
/** The handshake is over: what `open` waits for. */
export let clientConnected: (ws: WebSocket, end: ChannelEnd, protocol: string | null, extensions: string | null) => void;
export let clientFailed: (ws: WebSocket, error: unknown) => void;
/** Breaks the connection because of an error on this side. */
export let failWebSocket: (ws: WebSocket, error: unknown) => void;
/** The serialized attachment, as it is kept while the object hibernates. */
export let attachmentOf: (ws: WebSocket) => Uint8Array | undefined;
export let setAttachment: (ws: WebSocket, bytes: Uint8Array | undefined) => void;
/** Says which request a socket belongs to, when it was not the running one that it was made by. */
export let setSocketOwner: (ws: WebSocket, owner: object) => void;
export let setPeers: (a: WebSocket, b: WebSocket) => void;
let listen: (ws: WebSocket) => void;
let received: (ws: WebSocket, kind: string, data: any, reason: string | undefined) => void;
let holdOpen: (ws: WebSocket) => void;
let join: (ws: WebSocket) => void;
let release: (ws: WebSocket) => void;
let abandon: (ws: WebSocket) => void;
let settle: (ws: WebSocket) => void;

interface Sockets { first: WebSocket | undefined }
interface SocketOwner { sockets?: Sockets | undefined }

/** Ends all sockets that belong to `owner` (a request's IoContext, which does so by itself, or what requests share). */
export function abandonSockets(owner: object): void {
  const list = (owner as SocketOwner).sockets;
  if (list === undefined) return;
  while (list.first !== undefined) abandon(list.first);
}

export class WebSocket extends EventTarget {
  #state = State.Connecting;
  #end: ChannelEnd | undefined = undefined;
  #closedIncoming = false;
  #closedOutgoing = false;
  #outgoingAborted = false;
  #failed = false;
  #error: unknown = undefined;
  #url: string | null = null;
  #protocol: string | null = '';
  #extensions: string | null = '';
  #blobs: boolean = flags.websocket_standard_binary_type!;
  #allowHalfOpen: boolean = !flags.web_socket_auto_reply_to_close;
  #attachment: Uint8Array | undefined = undefined;
  /** The other end of a WebSocketPair. */
  #peer: WebSocket | undefined = undefined;
  /** Its other end was given away in a response: the request lasts until both directions are closed. */
  #coupled = false;
  /** Resolves what keeps the request open. */
  #done: (() => void) | undefined = undefined;
  /** close() was called before the handshake was over. */
  #givenUp = false;
  /** Gives up on a handshake that is under way. */
  #cancel: ((quietly: boolean) => void) | undefined = undefined;
  /** The list of the request's sockets that are not over. */
  #sockets: Sockets | undefined = undefined;
  #previous: WebSocket | undefined = undefined;
  #next: WebSocket | undefined = undefined;
  /** The request it belongs to. */
  #owner: object | undefined = currentOwner();

  constructor(url: string, protocols?: string | string[]) {
    super();
    if (url as any === WEBSOCKET_KEY) {
      this.#state = State.Idle;
    } else {
      if (arguments.length === 0) throw badConstructorArgument('WebSocket', 1, 'string');
      const text = `${url}`;
      requireIoContext();
      const target = parseClientUrl(text);
      const header = protocolHeader(protocols);
      this.#url = text;
      this.#cancel = connectClient(this, target, header);
    }
    join(this);
    if (legacyOwnProperties) addOwnProperties(this);
  }

  accept(options?: { allowHalfOpen?: boolean }): void {
    if (!(#state in this)) throw illegalInvocation();
    checkOwner(this.#owner, NATIVE_TYPE);
    const dictionary = toDictionary<{ allowHalfOpen?: boolean }>(options, () => badArgument('accept', 'WebSocket', 1, 'AcceptOptions'));
    const halfOpen = dictionary?.allowHalfOpen;
    switch (this.#state) {
      case State.Connecting:
        throw new TypeError("Websockets obtained from the 'new WebSocket()' constructor cannot call accept");
      case State.Released: throw new TypeError("Can't accept() WebSocket that was already used in a response.");
      case State.Accepted: return;
      case State.Idle:
    }
    if (halfOpen !== undefined) this.#allowHalfOpen = !!halfOpen;
    listen(this);
  }

  send(message: string | ArrayBuffer | ArrayBufferView): void {
    if (!(#state in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('send', 'WebSocket', 1, 'ArrayBuffer or ArrayBufferView or string');
    const data = typeof message === 'string' || isBufferSource(message) ? message : `${message as any}`;
    checkOwner(this.#owner, NATIVE_TYPE);
    if (this.#closedOutgoing) throw new TypeError("Can't call WebSocket send() after close().");
    // The spec has messages after the end of the connection dropped in silence.
    if (this.#outgoingAborted || this.#state === State.Released) return;
    if (this.#state !== State.Accepted) throw new TypeError(NOT_ACCEPTED);
    native.channelSend(this.#end!, data);
  }

  close(code?: number, reason?: string): void {
    if (!(#state in this)) throw illegalInvocation();
    const c = code === undefined ? undefined : toInt32(code);
    const r = reason === undefined ? undefined : StringPrototypeToWellFormed(`${reason}`);
    checkOwner(this.#owner, NATIVE_TYPE);
    if (c !== undefined) checkCode(c);
    if (r !== undefined && flags.websocket_close_reason_byte_limit && native.utf8Encode(r).length > 123) {
      throw new DOMException('WebSocket close reason must not be longer than 123 bytes when UTF-8 encoded.', 'SyntaxError');
    }
    if (r !== undefined && c === undefined) {
      throw new DOMException('If you specify a WebSocket close reason, you must also specify a code.', 'InvalidAccessError');
    }
    if (this.#state === State.Connecting) {
      this.#givenUp = true;
      this.#cancel?.(false);
      return;
    }
    if (this.#closedOutgoing || this.#outgoingAborted || this.#state === State.Released) return;
    if (this.#state !== State.Accepted) throw new TypeError(NOT_ACCEPTED);
    if (this.#failed) throw this.#error;
    native.channelClose(this.#end!, c ?? 1005, r ?? '');
    this.#closedOutgoing = true;
    if (this.#closedIncoming) release(this);
    settle(this);
  }

  serializeAttachment(attachment: unknown): void {
    if (!(#state in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('serializeAttachment', 'WebSocket', 1, 'Value');
    const bytes = native.structuredSerialize(attachment, undefined);
    if (bytes.length > MAX_ATTACHMENT) {
      throw new Error(`A WebSocket 'attachment' cannot be larger than ${MAX_ATTACHMENT} bytes.'attachment' was ${bytes.length} bytes.`);
    }
    this.#attachment = bytes;
  }

  deserializeAttachment(): unknown {
    if (!(#state in this)) throw illegalInvocation();
    return this.#attachment === undefined ? null : native.structuredDeserialize(this.#attachment, undefined);
  }

  get readyState(): number {
    if (!(#state in this)) throw illegalInvocation();
    checkOwner(this.#owner, NATIVE_TYPE);
    if (this.#closedIncoming && this.#closedOutgoing || this.#failed) return 3;
    if (this.#closedIncoming || this.#closedOutgoing || this.#givenUp) return 2;
    return this.#state === State.Connecting ? 0 : 1;
  }

  get bufferedAmount(): number {
    if (!(#state in this)) throw illegalInvocation();
    checkOwner(this.#owner, NATIVE_TYPE);
    return this.#end === undefined || this.#state !== State.Accepted ? 0 : native.channelBuffered(this.#end);
  }

  get url(): string | null { if (!(#state in this)) throw illegalInvocation(); return this.#url; }
  get protocol(): string | null { if (!(#state in this)) throw illegalInvocation(); return this.#protocol; }
  get extensions(): string | null { if (!(#state in this)) throw illegalInvocation(); return this.#extensions; }

  get binaryType(): string { if (!(#state in this)) throw illegalInvocation(); return this.#blobs ? 'blob' : 'arraybuffer'; }
  set binaryType(value: string) {
    if (!(#state in this)) throw illegalInvocation();
    const type = `${value}`;
    if (type === 'blob') this.#blobs = true;
    else if (type === 'arraybuffer') this.#blobs = false;
  }

  static {
    setSocketOwner = (ws, owner) => {
      ws.#owner = owner;
      join(ws);
    };
    isWebSocket = (v): v is WebSocket => typeof v === 'object' && v !== null && #state in v;
    webSocketFromEnd = (end) => {
      const ws = new WebSocket(WEBSOCKET_KEY as any);
      ws.#end = end;
      return ws;
    };
    setPeers = (a, b) => {
      a.#peer = b;
      b.#peer = a;
    };
    attachmentOf = (ws) => ws.#attachment;
    setAttachment = (ws, bytes) => { ws.#attachment = bytes; };
    takeChannel = (ws) => {
      switch (ws.#state) {
        case State.Connecting: throw new TypeError("Can't return WebSocket in a Response if it was created with `new WebSocket()`");
        case State.Released: throw new TypeError("Can't return WebSocket that was already used in a response.");
        case State.Accepted: throw new TypeError("Can't return WebSocket in a Response after calling accept().");
        case State.Idle:
      }
      release(ws);
      // The end that stays here now talks to the outside.
      const peer = ws.#peer;
      if (peer !== undefined && !peer.#closedIncoming) {
        peer.#coupled = true;
        holdOpen(peer);
        // As long as it is not accepted nobody listens to it.
        if (peer.#state === State.Idle) native.channelOnBroken(peer.#end!, () => { if (peer.#state === State.Idle) peer.#done?.(); });
      }
      return ws.#end!;
    };
    hibernate = (ws) => {
      if (ws.#state !== State.Idle) {
        throw new TypeError('Tried to make an api::WebSocket hibernatable when it was in an incompatible state.');
      }
      release(ws);
      ws.#state = State.Accepted;
      return ws.#end!;
    };
    listen = (ws) => {
      ws.#state = State.Accepted;
      if (ws.#peer === undefined || ws.#coupled) holdOpen(ws);
      const frame = getFrame();
      native.channelListen(ws.#end!, (kind, data, reason) => {
        const before = getFrame();
        setFrame(frame);
        try {
          received(ws, kind, data, reason);
        } finally {
          setFrame(before);
        }
      }, longestMessage());
    };
    join = (ws) => {
      const owner = ws.#owner as SocketOwner | undefined;
      if (owner === undefined || ws.#sockets !== undefined) return;
      if (owner.sockets === undefined) {
        owner.sockets = { first: undefined };
        if (owner instanceof IoContext) owner.onEnd(() => { abandonSockets(owner); });
      }
      const list = owner.sockets;
      ws.#sockets = list;
      ws.#next = list.first;
      if (list.first !== undefined) list.first.#previous = ws;
      list.first = ws;
    };
    release = (ws) => {
      ws.#state = State.Released;
      const list = ws.#sockets;
      if (list === undefined) return;
      if (ws.#previous === undefined) list.first = ws.#next;
      else ws.#previous.#next = ws.#next;
      if (ws.#next !== undefined) ws.#next.#previous = ws.#previous;
      ws.#sockets = ws.#previous = ws.#next = undefined;
    };
    // The request is over. Nobody is left to answer the other side, which learns of it; and the channel lets go of the listener.
    abandon = (ws) => {
      release(ws);
      ws.#closedIncoming = true;
      ws.#outgoingAborted = true;
      ws.#cancel?.(true);
      ws.#cancel = undefined;
      if (ws.#end !== undefined) native.channelAbort(ws.#end, 'The request is over.');
    };
    settle = (ws) => {
      if (ws.#closedIncoming && (!ws.#coupled || ws.#closedOutgoing || ws.#outgoingAborted)) ws.#done?.();
    };
    holdOpen = (ws) => {
      if (ws.#closedIncoming || ws.#done !== undefined) return;
      const io = currentIoContext();
      if (io === undefined) return;
      io.waitUntil(new PrimordialPromise<void>((resolve) => { ws.#done = resolve; }));
    };
    received = (ws, kind, data, reason) => {
      if (ws.#closedIncoming) {
        // After a Close frame, or an error here, there is one thing left to learn: that nobody takes anything any more.
        if (kind === 'error' && ws.#state === State.Accepted) {
          ws.#outgoingAborted = true;
          release(ws);
          settle(ws);
        }
        return;
      }
      try {
        if (kind === 'text') fireOrThrow(ws, createMessageEvent(data));
        else if (kind === 'binary') {
          fireOrThrow(ws, createMessageEvent(ws.#blobs ? makeBlob(data, '') : TypedArrayPrototypeGetBuffer(data)));
        } else if (kind === 'close') {
          ws.#closedIncoming = true;
          if (!ws.#allowHalfOpen && !ws.#closedOutgoing && !ws.#outgoingAborted && ws.#state === State.Accepted) {
            native.channelClose(ws.#end!, data, reason!);
            ws.#closedOutgoing = true;
          }
          fireOrThrow(ws, createCloseEvent(data, reason!, true));
          if (ws.#closedOutgoing && ws.#state === State.Accepted) release(ws);
          settle(ws);
        } else if (StringPrototypeStartsWith(data, 'WebSocket protocol error')) failWebSocket(ws, new Error(data));
        else {
          ws.#outgoingAborted = true;
          fireOrThrow(ws, createCloseEvent(1006, 'WebSocket disconnected without sending Close frame.', false));
          ws.#closedIncoming = true;
          release(ws);
          settle(ws);
        }
      } catch (error) {
        // A listener threw: the socket is of no use any more. (With the flag it was reported where that happened.)
        if (!flags.spec_compliant_dispatch_exceptions) reportUncaught(error, 'callback');
        failWebSocket(ws, error);
      }
    };
    failWebSocket = (ws, error) => {
      ws.#closedIncoming = true;
      if (!ws.#failed) {
        ws.#failed = true;
        ws.#error = error;
        ws.#outgoingAborted = true;
        try {
          fire(ws, createErrorEvent({ message: `Uncaught ${describe(error)}`, error }));
        } finally {
          if (ws.#end !== undefined && ws.#state === State.Accepted) native.channelAbort(ws.#end, 'WebSocket error');
          release(ws);
        }
      }
      ws.#done?.();
    };
    clientConnected = (ws, end, protocol, extensions) => {
      ws.#cancel = undefined;
      ws.#end = end;
      ws.#protocol = protocol;
      ws.#extensions = extensions;
      listen(ws);
      fire(ws, trusted(new Event('open')));
    };
    clientFailed = (ws, error) => {
      ws.#cancel = undefined;
      release(ws);
      failWebSocket(ws, error);
      fire(ws, createCloseEvent(1006, 'Failed to establish websocket connection', false));
    };
  }
}

function describe(error: unknown): string {
  try {
    return `${error as any}`;
  } catch {
    return 'exception';
  }
}

function checkCode(code: number): void {
  const ok = flags.pedantic_wpt ? code === 1000 || code >= 3000 && code <= 4999
    : code >= 1000 && code < 5000 && code !== 1004 && code !== 1005 && code !== 1006 && code !== 1015;
  if (!ok) throw new DOMException(`Invalid WebSocket close code: ${code}.`, 'InvalidAccessError');
}

defineInterface(WebSocket, 'WebSocket', {
  brand: isWebSocket,
  constants: {
    READY_STATE_CONNECTING: 0, CONNECTING: 0, READY_STATE_OPEN: 1, OPEN: 1, READY_STATE_CLOSING: 2, CLOSING: 2, READY_STATE_CLOSED: 3,
    CLOSED: 3,
  },
  ownProperties: ['readyState', 'bufferedAmount', 'url', 'protocol', 'extensions', 'binaryType'],
  inspector: { hidden: ['bufferedAmount'] },
});
