// EventSource (https://html.spec.whatwg.org/multipage/server-sent-events.html), also over a stream that the worker has already.
import { createAbortSignal, signalAbort } from './abort';
import { getFrame, runInFrame, type AsyncFrame } from './async-context';
import { DOMException } from './dom-exception';
import { Event, EventTarget, createErrorEvent, createMessageEvent, trusted } from './events';
import { fire, fireOrThrow, getEventHandler, setEventHandler } from './events/event-target';
import { flags } from './flags';
import { EventStreamParser } from './eventsource-parser';
import { headersOf } from './fetch/body';
import { fetchWith } from './fetch/fetch';
import { isFetcher, type Fetcher } from './fetch/fetcher';
import { getHeader } from './fetch/headers';
import { splitUrl } from './fetch/legacy-url';
import { headerName } from './fetch/header-text';
import { parseMime } from './fetch/mime';
import { responseRedirected, responseStatus, responseUrl, type Response } from './fetch/response';
import { badArgument, badConstructorArgument, badField, defineInterface, illegalInvocation, toDictionary } from './interface';
import { currentIoContext } from './io-context';
import type { Pipe } from './native';
import { native } from './ops';
import { checkOwner, currentOwner } from './pipe-owner';
import { MathMax, MathMin, PromisePrototypeThen } from './primordials';
import { reportUncaught } from './report';
import { isDisturbed, isLocked, isReadableStream, pipeFromReadable, type ReadableStream } from './streams';
import { startTimer } from './timers';

interface EventSourceInit { withCredentials?: boolean; fetcher?: unknown }

const CONTENT_TYPE = headerName('content-type');
const DEFAULT_RETRY = 2000;
const READ_SIZE = 65536;
const enum State { Connecting, Open, Closed }
const STREAM_KEY = {};

function requireRequest(): void {
  if (currentIoContext() === undefined) {
    throw new DOMException('An EventSource can only be created within the context of a worker request.', 'NotSupportedError');
  }
}

export class EventSource extends EventTarget {
  #url: string | undefined = undefined;
  #origin: string | null = null;
  #fetcher: Fetcher | undefined = undefined;
  #state = State.Connecting;
  #parser = new EventStreamParser();
  #lastEventId = '';
  #retry = DEFAULT_RETRY;
  #hadNoBody = false;
  /** Of the request under way. */
  #signal = createAbortSignal();
  #frame: AsyncFrame | undefined = getFrame();
  #owner: object | undefined = currentOwner();

  constructor(url: string, init?: EventSourceInit) {
    super();
    if (url as any === STREAM_KEY) return;
    if (arguments.length === 0) throw badConstructorArgument('EventSource', 1, 'string');
    const text = `${url}`;
    const dictionary = toDictionary<EventSourceInit>(init, () => badConstructorArgument('EventSource', 2, 'EventSourceInit'));
    const withCredentials = dictionary?.withCredentials;
    const fetcher = dictionary?.fetcher;
    if (fetcher !== undefined && !isFetcher(fetcher)) throw badField('fetcher', 'EventSourceInit', 'Fetcher');
    requireRequest();
    if (withCredentials) {
      throw new DOMException('The init.withCredentials option is not supported. It must be false or undefined.', 'NotSupportedError');
    }
    const parsed = native.urlParse(text, undefined);
    if (parsed === undefined) throw new DOMException(`Cannot open an EventSource to '${text}'. The URL is invalid.`, 'SyntaxError');
    this.#moveTo(parsed);
    this.#fetcher = fetcher as Fetcher | undefined;
    this.#start();
  }

  static from(stream: ReadableStream): EventSource {
    if (!isReadableStream(stream)) throw badArgument('from', 'EventSource', 1, 'ReadableStream');
    requireRequest();
    if (isLocked(stream)) throw new TypeError('This ReadableStream is locked.');
    if (isDisturbed(stream)) throw new TypeError('This ReadableStream has already been read from.');
    const source = new EventSource(STREAM_KEY as any);
    source.#run(stream, false);
    return source;
  }

  close(): void {
    if (!(#state in this)) throw illegalInvocation();
    if (this.#state === State.Closed) return;
    checkOwner(this.#owner, undefined);
    this.#state = State.Closed;
    signalAbort(this.#signal);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  get url(): string { if (!(#state in this)) throw illegalInvocation(); return this.#url ?? ''; }
  get withCredentials(): boolean { if (!(#state in this)) throw illegalInvocation(); return false; }
  get readyState(): number { if (!(#state in this)) throw illegalInvocation(); return this.#state; }
  get onopen(): unknown { if (!(#state in this)) throw illegalInvocation(); return getEventHandler(this, 'open'); }
  set onopen(f: unknown) { if (!(#state in this)) throw illegalInvocation(); setEventHandler(this, 'open', f); }
  get onmessage(): unknown { if (!(#state in this)) throw illegalInvocation(); return getEventHandler(this, 'message'); }
  set onmessage(f: unknown) { if (!(#state in this)) throw illegalInvocation(); setEventHandler(this, 'message', f); }
  get onerror(): unknown { if (!(#state in this)) throw illegalInvocation(); return getEventHandler(this, 'error'); }
  set onerror(f: unknown) { if (!(#state in this)) throw illegalInvocation(); setEventHandler(this, 'error', f); }

  #moveTo(href: string): void {
    const split = splitUrl(href);
    this.#url = href;
    this.#origin = split === undefined ? 'null' : `${split.scheme}://${split.host}`;
  }

  #fail(error: unknown, reconnecting = false, reported = false): void {
    if (this.#state === State.Closed) return;
    signalAbort(this.#signal, error);
    this.#state = reconnecting ? State.Connecting : State.Closed;
    fire(this, createErrorEvent({ message: '', error }));
    if (!reported) reportUncaught(error, 'EventSource');
  }

  #start(): void {
    if (this.#state === State.Closed) return;
    const headers: Record<string, string> = { 'Accept': 'text/event-stream', 'Cache-Control': 'no-cache' };
    if (this.#lastEventId !== '') headers['Last-Event-ID'] = this.#lastEventId;
    const signal = this.#signal;
    PromisePrototypeThen(
      fetchWith(this.#fetcher, this.#url!, { headers, signal }), (response) => this.#connected(response), (error) => this.#fail(error));
  }

  #connected(response: Response): void {
    if (this.#state === State.Closed) return;
    const status = responseStatus(response);
    if (status < 200 || status >= 300) return this.#refuse(`The response status code was ${status}.`);
    const type = getHeader(headersOf(response), CONTENT_TYPE);
    if (type === null) return this.#refuse('No content type header was present in the response.');
    if (parseMime(type)?.essence !== 'text/event-stream') return this.#refuse(`The content type '${type}' is invalid.`);
    if (responseRedirected(response)) {
      const parsed = native.urlParse(responseUrl(response), undefined);
      if (parsed !== undefined) this.#moveTo(parsed);
    }
    const { body } = response;
    if (body !== null) this.#run(body, true);
    else if (this.#hadNoBody) this.#fail(new Error('The server provided no content.'));
    else {
      this.#hadNoBody = true;
      this.#fail(new Error('The server provided no content. Will try reconnecting.'), true);
      this.#reconnect();
    }
  }

  #refuse(message: string): void {
    this.#fail(new DOMException(message, 'AbortError'));
  }

  #reconnect(): void {
    if (this.#state === State.Closed) return;
    this.#signal = createAbortSignal();
    startTimer(() => this.#start(), this.#retry);
  }

  #run(stream: ReadableStream, withReconnection: boolean): void {
    this.#parser = new EventStreamParser();
    this.#parser.lastEventId = this.#lastEventId;
    const pipe = pipeFromReadable(stream);
    this.#state = State.Open;
    try {
      fireOrThrow(this, trusted(new Event('open')));
    } catch (error) {
      native.pipeCancel(pipe, 'An open listener threw.');
      return this.#fail(error, false, flags.spec_compliant_dispatch_exceptions);
    }
    // Data may be there already: whoever made this source listens first.
    const frame = getFrame();
    native.enqueueMicrotask(() => runInFrame(frame, () => this.#read(pipe, withReconnection), undefined, []));
  }

  #read(pipe: Pipe, withReconnection: boolean): void {
    for (;;) {
      if (this.#state === State.Closed) {
        native.pipeCancel(pipe, 'The EventSource was closed.');
        return;
      }
      let chunk: Uint8Array | null | undefined;
      try {
        chunk = native.pipeRead(pipe, READ_SIZE, () => runInFrame(this.#frame, () => this.#read(pipe, withReconnection), undefined, []));
      } catch (error) {
        if (withReconnection && (error as Error).message === 'Network connection lost.') chunk = null;
        else return this.#fail(error);
      }
      if (chunk === undefined) return;
      if (chunk === null) {
        this.#fail(new Error('The server disconnected.'), withReconnection);
        if (withReconnection) this.#reconnect();
        return;
      }
      this.#take(chunk);
    }
  }

  #take(chunk: Uint8Array): void {
    const messages = this.#parser.feed(chunk);
    this.#lastEventId = this.#parser.lastEventId;
    if (this.#parser.retry !== undefined) this.#retry = MathMax(1000, MathMin(this.#parser.retry, 10000));
    try {
      for (let i = 0; i < messages.length && this.#state !== State.Closed; i++) {
        const { type, data, lastEventId } = messages[i]!;
        fireOrThrow(this, createMessageEvent(data, type, { lastEventId, origin: this.#origin }));
      }
    } catch (error) {
      this.#fail(error, false, flags.spec_compliant_dispatch_exceptions);
    }
  }

  static {
    const constants = { CONNECTING: 0, OPEN: 1, CLOSED: 2 };
    defineInterface(EventSource, 'EventSource', { brand: (o) => #state in o, constants });
  }
}

export function install(global: any): void {
  Object.defineProperty(global, 'EventSource', { value: EventSource, writable: true, enumerable: false, configurable: true });
}
