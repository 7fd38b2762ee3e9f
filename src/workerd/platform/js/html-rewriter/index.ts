// HTMLRewriter (https://developers.cloudflare.com/workers/runtime-apis/html-rewriter/), over lol-html compiled to WebAssembly.
import { badArgument, badField, defineInterface, illegalInvocation } from '../interface';
import { requireIoContext } from '../io-context';
import { getHeader } from '../fetch/headers';
import { extractMime, mimeParam } from '../fetch/mime';
import { Response, headerName, headersOf, isResponse } from '../fetch';
import { responseStatus } from '../fetch/response';
import { encodingName } from '../encoding';
import { ObjectDefineProperty } from '../primordials';
import { readableFromSource } from '../streams';
import { TypeBit, typeOf } from '../type-bits';
import { bodyOf } from './content';
import { type HandlerTable, captureWebAssembly, takeLol } from './lol-html';
import { Transform, type UserHandler, type UserHandlers } from './transform';

const CONTENT_TYPE = headerName('content-type');
/** Without a prototype: users may have put something in Object's. */
const NO_HANDLERS = { __proto__: null } as HandlerTable;

let isHtmlRewriter: (value: unknown) => boolean;

class HTMLRewriter {
  readonly #handlers: UserHandlers[] = [];

  on(...args: [selector?: unknown, handlers?: unknown]): this {
    if (!isHtmlRewriter(this)) throw illegalInvocation();
    if (args.length < 1) throw badArgument('on', 'HTMLRewriter', 1, 'string');
    const selector = `${args[0] as string}`;
    const dictionary = 'ElementContentHandlers';
    const given = toHandlers(args[1], args.length > 1, 'on', 2, dictionary);
    const handlers = {
      __proto__: null as never, selector, element: handler(given, 'element', dictionary), comments: handler(given, 'comments', dictionary),
      text: handler(given, 'text', dictionary),
    };
    checkSelector(selector);
    this.#handlers[this.#handlers.length] = handlers;
    return this;
  }

  onDocument(...args: [handlers?: unknown]): this {
    if (!isHtmlRewriter(this)) throw illegalInvocation();
    const dictionary = 'DocumentContentHandlers';
    const given = toHandlers(args[0], args.length > 0, 'onDocument', 1, dictionary);
    const handlers = {
      __proto__: null as never, selector: undefined, doctype: handler(given, 'doctype', dictionary), comments: handler(given, 'comments', dictionary),
      text: handler(given, 'text', dictionary), end: handler(given, 'end', dictionary),
    };
    this.#handlers[this.#handlers.length] = handlers;
    return this;
  }

  transform(...args: [response?: unknown]): Response {
    if (!isHtmlRewriter(this)) throw illegalInvocation();
    const response = args[0];
    if (!isResponse(response)) throw badArgument('transform', 'HTMLRewriter', 1, 'Response');
    if (responseStatus(response) === 0) throw new TypeError('HTMLRewriter cannot transform an error response');
    const input = bodyOf(response);
    if (input === null) return response;
    requireIoContext();
    const transform = new Transform(this.#handlers, encodingOf(response));
    const result = new Response(readableFromSource(transform), response);
    transform.start(input);
    return result;
  }

  static {
    isHtmlRewriter = (value) => typeof value === 'object' && value !== null && #handlers in value;
  }
}

function toHandlers(value: unknown, given: boolean, method: string, index: number, dictionary: string): object | undefined {
  if (given && (value === undefined || value === null)) return undefined;
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') {
    throw badArgument(method, 'HTMLRewriter', index, dictionary);
  }
  return value;
}

function handler(handlers: any, name: string, dictionary: string): UserHandler | undefined {
  if (handlers === undefined) return undefined;
  const fn = handlers[name];
  if (fn === undefined) return undefined;
  if (typeof fn !== 'function') throw badField(name, dictionary, 'function');
  return { fn, receiver: handlers, waits: (typeOf(fn) & TypeBit.AsyncFunction) !== 0 };
}

/** Throws TypeError for what is no selector. */
function checkSelector(selector: string): void {
  const lol = takeLol(false);
  const { exports } = lol;
  const label = lol.putText('utf-8');
  const rewriter = exports.htmlrewriter_new(label, lol.textSize, {})[0] >>> 0;
  try {
    const text = lol.putText(selector);
    lol.takeVoid(exports.htmlrewriter_on(rewriter, text, lol.textSize, NO_HANDLERS));
  } finally {
    exports.__wbg_htmlrewriter_free(rewriter, 0);
  }
}

/** The name of the document's encoding, which must be one that has ASCII in it. */
function encodingOf(response: Response): string {
  const type = getHeader(headersOf(response), CONTENT_TYPE);
  const mime = type === null ? undefined : extractMime(type);
  const charset = mime === undefined ? undefined : mimeParam(mime, 'charset');
  if (charset === undefined || charset === '') return 'utf-8';
  const name = encodingName(charset);
  if (name === undefined || name === 'replacement') {
    throw new TypeError('Parser error: Unknown character encoding has been provided.');
  }
  if (name === 'utf-16le' || name === 'utf-16be' || name === 'iso-2022-jp') {
    throw new TypeError('Parser error: Expected ASCII-compatible encoding.');
  }
  return name;
}

defineInterface(HTMLRewriter, 'HTMLRewriter', { brand: (o) => isHtmlRewriter(o) });

/** Called by bootstrap. */
export function install(global: object): void {
  captureWebAssembly();
  ObjectDefineProperty(global, 'HTMLRewriter', { value: HTMLRewriter, writable: true, enumerable: false, configurable: true });
}
