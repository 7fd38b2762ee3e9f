// A duplex stream of JavaScript in the place of a connection, so that a TLSSocket can be laid over it.
import { ERR_STREAM_WRAP } from '../internal/errors';
import { Socket } from '../net/socket';
import { Buffer } from '../buffer';

const { web } = internals;

export class JSStreamSocket extends Socket {
  stream: any;

  constructor(stream: any) {
    const closed = Promise.withResolvers<void>();
    let bytes: any;
    const readable = new web.ReadableStream({
      type: 'bytes',
      start(controller: any) { bytes = controller; },
      pull() { stream.resume(); },
      cancel(reason: any) { stream.destroy(reason); },
    });
    const handle = {
      reading: true, bytesRead: 0, bytesWritten: 0,
      socket: {
        startTls(): never { throw new Error('startTls() should not be called for a duplex stream'); },
        upgraded: false, secureTransport: 'off', closed: closed.promise, opened: Promise.resolve({}), readable,
        close: (): Promise<void> => {
          web.queueMicrotask(closed.resolve);
          return closed.promise;
        },
      },
      reader: readable.getReader({ mode: 'byob' }),
      writer: {
        write: (chunk: any) => new Promise<void>((resolve, reject) => stream.write(chunk, (error: any) => (error ? reject(error) : resolve()))),
        close: () => new Promise<void>((resolve) => { stream.end(() => resolve()); }),
        releaseLock(): void {},
      },
      options: { host: '0.0.0.0', port: 0, addressType: 4 },
    };
    super({ handle });
    stream.pause();
    this.stream = stream;
    stream.on('error', (error: unknown) => this.emit('error', error));
    let ended = false;
    const end = (): void => {
      if (ended) return;
      ended = true;
      try {
        bytes.close();
        bytes.byobRequest?.respond(0);
      } catch { /* Closed or cancelled already. */ }
      closed.resolve();
    };
    const take = (chunk: any): void => {
      if (typeof chunk === 'string' || stream.readableObjectMode === true) {
        // Text has no bytes to encrypt.
        stream.pause();
        stream.removeListener('data', take);
        this.emit('error', new ERR_STREAM_WRAP());
        return;
      }
      if (!ended) bytes.enqueue(new Uint8Array(Buffer.from(chunk)));
    };
    stream.on('data', take);
    stream.once('end', end);
    stream.once('close', () => {
      end();
      this.destroy();
    });
    closed.promise.then(() => this.doClose());
    this.read(0);
  }
  isClosing(): boolean {
    return !this.readable || !this.writable;
  }
  readStart(): number {
    this.stream.resume();
    return 0;
  }
  readStop(): number {
    this.stream.pause();
    return 0;
  }
  doShutdown(_request: unknown): number {
    web.queueMicrotask(() => this.stream.end());
    return 0;
  }
  doClose(): void {
    this.stream.destroy();
  }
}
