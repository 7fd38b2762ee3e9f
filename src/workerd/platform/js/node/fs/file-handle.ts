// FileHandle, what fs.promises.open gives.
import { Buffer } from '../buffer';
import EventEmitter from '../events';
import { validateBoolean, validateObject } from '../internal/validators';
import { calls } from './calls';
import { fsError } from './vfs';

const making = Symbol('making');
export const kFileHandle = Symbol('kFileHandle');

export function isFileHandle(value: any): boolean {
  return typeof value === 'object' && value !== null && value[kFileHandle] === true;
}

export class FileHandle extends EventEmitter {
  [key: string]: any;
  #fd: number | undefined;
  constructor(key: unknown, fd: number) {
    if (key !== making) throw new TypeError('Illegal constructor');
    super();
    this.#fd = fd;
    Object.defineProperty(this, kFileHandle, { value: true });
  }
  // The name is Node's; a class that refers to itself is renamed when bundled.
  static readonly name = 'FileHandle';
  static make(fd: number): FileHandle {
    return new FileHandle(making, fd);
  }
  get fd(): number | undefined {
    return this.#fd;
  }
  #open(): number {
    if (this.#fd === undefined) throw fsError('EBADF', 'stat', undefined, 'Bad file descriptor');
    return this.#fd;
  }
  async appendFile(data: any, options: any = {}): Promise<void> {
    calls.appendFile!(this.#open(), data, options)();
  }
  async chmod(mode: any): Promise<void> {
    calls.fchmod!(this.#open(), mode)();
  }
  async chown(uid: any, gid: any): Promise<void> {
    calls.fchown!(this.#open(), uid, gid)();
  }
  async datasync(): Promise<void> {
    calls.fdatasync!(this.#open())();
  }
  async sync(): Promise<void> {
    calls.fsync!(this.#open())();
  }
  async read(bufferOrOptions: any = {}, offsetOrOptions: any = {}, length?: any, position: any = null): Promise<any> {
    const fd = this.#open();
    let options: any;
    if (ArrayBuffer.isView(bufferOrOptions)) {
      options = typeof offsetOrOptions === 'number'
        ? { buffer: bufferOrOptions, offset: offsetOrOptions, length: length ?? bufferOrOptions.byteLength - offsetOrOptions, position }
        : { buffer: bufferOrOptions, ...offsetOrOptions };
    } else options = bufferOrOptions;
    const { buffer = Buffer.alloc(16384), offset = 0 } = options;
    const bytesRead = calls.read!(fd, buffer, offset, options.length ?? buffer.byteLength - offset, options.position ?? null)();
    return { bytesRead, buffer };
  }
  async readv(buffers: any, position: any = null): Promise<any> {
    return { bytesRead: calls.readv!(this.#open(), buffers, position)(), buffers };
  }
  async readFile(options: any = {}): Promise<any> {
    return calls.readFile!(this.#open(), options)();
  }
  readLines(): never {
    this.#open();
    throw new Error('not implemented');
  }
  async stat(options: any = {}): Promise<any> {
    return calls.fstat!(this.#open(), options)();
  }
  async truncate(length = 0): Promise<void> {
    calls.ftruncate!(this.#open(), length)();
  }
  async utimes(atime: any, mtime: any): Promise<void> {
    calls.futimes!(this.#open(), atime, mtime)();
  }
  async write(buffer: any, offsetPositionOrOptions: any = null, lengthOrEncoding?: any, position: any = null): Promise<any> {
    const fd = this.#open();
    const bytesWritten = calls.write!(fd, buffer, offsetPositionOrOptions, lengthOrEncoding, position)();
    return { bytesWritten, buffer: typeof buffer === 'string' ? Buffer.from(buffer, lengthOrEncoding) : buffer };
  }
  async writev(buffers: any, position: any = null): Promise<any> {
    return { bytesWritten: calls.writev!(this.#open(), buffers, position)(), buffers };
  }
  async writeFile(data: any, options: any = {}): Promise<any> {
    const bytesWritten = calls.writeFile!(this.#open(), data, options)();
    return { bytesWritten, buffer: ArrayBuffer.isView(data) ? data : Buffer.from(data, typeof options === 'string' ? options : options?.encoding) };
  }
  async close(): Promise<void> {
    if (this.#fd !== undefined) calls.close!(this.#fd)();
    this.#fd = undefined;
    this.emit('close');
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
  readableWebStream(options: any = {}): unknown {
    this.#open();
    validateObject(options, 'options');
    const { autoClose = true } = options;
    validateBoolean(autoClose, 'options.autoClose');
    const done = async (): Promise<void> => {
      if (autoClose) await this.close();
    };
    return new internals.web.ReadableStream({
      type: 'bytes', autoAllocateChunkSize: 16384,
      pull: async (controller: any) => {
        const request = controller.byobRequest;
        if (this.#fd === undefined) {
          controller.close();
          request?.respond(0);
          return;
        }
        const view = request?.view ?? new Uint8Array(16384);
        const { bytesRead } = await this.read(view, 0, view.byteLength);
        if (bytesRead === 0) {
          controller.close();
          request?.respond(0);
          await done();
        } else if (request) request.respond(bytesRead);
        else controller.enqueue(view.subarray(0, bytesRead));
      },
      cancel: done,
    });
  }
  createReadStream(options: any = {}): unknown {
    return FileHandle.streams().createReadStream('', { ...options, fd: this });
  }
  createWriteStream(options: any = {}): unknown {
    return FileHandle.streams().createWriteStream('', { ...options, fd: this });
  }
  /** Set by ./streams, which needs this module. */
  static streams: () => any = () => { throw new Error('fs streams are not loaded'); };
}
