// What user code sees of a byte stream's controller: ReadableByteStreamController and ReadableStreamBYOBRequest.
import { addOwnProperties, badArgument, defineInterface, illegalInvocation, legacyOwnProperties } from '../interface';
import type { ByteController, RequestHandle } from './byte-controller';
import { bufferLength, isBuffer, isDetached, isView, viewBuffer, viewBytes, viewOffset, Bytes } from './intrinsics';
import { MathTrunc } from '../primordials';
import { isTypeScript, specMode } from './mode';
import { READABLE } from './readable-state';

let newController: (c: ByteController) => ReadableByteStreamController;
let newRequest: (c: ByteController, view: Uint8Array) => ReadableStreamBYOBRequest;

/** The controller object for user code. */
export function byteControllerFace(c: ByteController): ReadableByteStreamController {
  return (c.face ??= newController(c)) as ReadableByteStreamController;
}

// What the two constructors, which take no arguments, are to wrap.
let wrapping: ByteController | undefined;
let wrappingView: Uint8Array | undefined;

/** Web IDL's [EnforceRange] unsigned long long. */
export function enforceUnsigned(value: unknown, what: string): number {
  const n = +(value as number);
  if (!specMode()) return toCount(n);
  if (n !== n || n === Infinity || n === -Infinity) throw new TypeError(`${what} must be a finite number.`);
  const t = MathTrunc(n) + 0;
  if (t < 0 || t > 9007199254740991) throw new TypeError(`${what} is out of range: ${n}.`);
  return t;
}

/** workerd takes an int of 32 bits here: what is no number is 0, and below 0 nothing is asked for. */
function toCount(n: number): number {
  if (n !== n || n === Infinity || n === -Infinity) return 0;
  if (n <= -2147483649 || n >= 2147483648) throw new TypeError('Value out of range. Must be between -2147483648 and 2147483647 (inclusive).');
  return n < 0 ? 0 : MathTrunc(n);
}

class ReadableStreamBYOBRequest {
  #controller: ByteController | undefined;
  #view: Uint8Array | undefined;
  #ended = false;

  constructor() {
    if (wrapping === undefined) throw new TypeError('Illegal constructor');
    this.#controller = wrapping;
    this.#view = wrappingView;
    wrapping = wrappingView = undefined;
  }

  static {
    newRequest = (c, view) => {
      wrapping = c;
      wrappingView = view;
      const request = new ReadableStreamBYOBRequest();
      c.request = { face: request, invalidate() {
        request.#controller = undefined;
        request.#view = undefined;
      }, finish() {
        request.#ended = true;
        request.#view = undefined;
      } } satisfies RequestHandle;
      return request;
    };
  }

  get view(): Uint8Array | null {
    if (!(#view in this)) throw illegalInvocation();
    return this.#view ?? null;
  }

  /** Workers only: the bytes the reader of the stream wants at least. */
  get atLeast(): number | null {
    if (!(#view in this)) throw illegalInvocation();
    return this.#controller?.wanted ?? null;
  }

  respond(bytesWritten: number): void {
    if (!(#view in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('respond', 'ReadableStreamBYOBRequest', 1, 'int');
    const n = enforceUnsigned(bytesWritten, 'bytesWritten');
    const controller = this.#controller;
    if (controller === undefined) throw new TypeError('This ReadableStreamBYOBRequest has been invalidated.');
    if (this.#ended) {
      if (n !== 0) throw new TypeError('The bytesWritten must be zero after the stream is closed.');
      this.#controller = controller.request = undefined;
      return;
    }
    if (viewBytes(this.#view!) === 0 || !controller.pullIntos.first!.fits) throw new TypeError('Cannot respond with a zero-length or detached view');
    controller.respond(n);
  }

  respondWithNewView(view: ArrayBufferView): void {
    if (!(#view in this)) throw illegalInvocation();
    let buffer: ArrayBuffer;
    if (isView(view)) buffer = viewBuffer(view);
    else if (isBuffer(view) && !specMode()) view = new Bytes((buffer = view));
    else throw badArgument('respondWithNewView', 'ReadableStreamBYOBRequest', 1, 'BufferSource');
    const controller = this.#controller;
    if (controller === undefined) throw new TypeError('This ReadableStreamBYOBRequest has been invalidated.');
    if (this.#ended) {
      if (viewBytes(view) !== 0) throw new TypeError('The view byte length must be zero after the stream is closed.');
      this.#controller = controller.request = undefined;
      return;
    }
    if (!isBuffer(buffer)) throw new TypeError('Unable to use non-detachable ArrayBuffer.');
    if (isDetached(buffer)) throw new TypeError('The underlying ArrayBuffer has been detached.');
    controller.respondWithNewView(buffer, viewOffset(view), viewBytes(view), view);
  }
}

class ReadableByteStreamController {
  readonly #c: ByteController;

  constructor() {
    if (wrapping === undefined) throw new TypeError('Illegal constructor');
    this.#c = wrapping;
    wrapping = undefined;
    if (legacyOwnProperties) addOwnProperties(this);
  }

  static {
    newController = (c) => {
      wrapping = c;
      return new ReadableByteStreamController();
    };
  }

  get byobRequest(): ReadableStreamBYOBRequest | null {
    if (!(#c in this)) throw illegalInvocation();
    const c = this.#c;
    if (c.request !== undefined) return c.request.face as ReadableStreamBYOBRequest;
    const view = c.requestView();
    return view === undefined ? null : newRequest(c, view);
  }

  get desiredSize(): number | null {
    if (!(#c in this)) throw illegalInvocation();
    return this.#c.desiredSize;
  }

  close(): void {
    if (!(#c in this)) throw illegalInvocation();
    const c = this.#c;
    if (c.closeRequested || c.stream.state !== READABLE) throw new TypeError('This ReadableStream is closed.');
    c.close();
  }

  enqueue(chunk: ArrayBufferView): void {
    if (!(#c in this)) throw illegalInvocation();
    const c = this.#c;
    let buffer: ArrayBuffer;
    let offset = 0;
    let length: number;
    if (isView(chunk)) {
      buffer = viewBuffer(chunk);
      offset = viewOffset(chunk);
      length = viewBytes(chunk);
      if (!isBuffer(buffer)) throw new TypeError('The provided ArrayBuffer must be detachable.');
    } else if (isBuffer(chunk) && !specMode()) {
      buffer = chunk;
      length = bufferLength(chunk);
    } else {
      throw badArgument('enqueue', 'ReadableByteStreamController', 1, 'BufferSource');
    }
    if (length === 0) throw new TypeError('Cannot enqueue a zero-length ArrayBuffer.');
    if (c.closeRequested || c.stream.state !== READABLE) throw new TypeError('This ReadableByteStreamController is closed.');
    c.enqueueRange(buffer, offset, length);
  }

  error(reason: unknown = undefined): void {
    if (!(#c in this)) throw illegalInvocation();
    this.#c.error(reason);
  }
}

defineInterface(ReadableByteStreamController, 'ReadableByteStreamController', { standard: isTypeScript, ownProperties: ['byobRequest', 'desiredSize'] });
defineInterface(ReadableStreamBYOBRequest, 'ReadableStreamBYOBRequest', { standard: isTypeScript });
export { ReadableByteStreamController, ReadableStreamBYOBRequest };
