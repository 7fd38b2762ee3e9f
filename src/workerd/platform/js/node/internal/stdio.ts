// process.stdin, stdout and stderr. Output goes to the runtime's own, whole lines at a time; there is no input.
import { Buffer } from '../buffer';
import { writeStdio } from '../fs/stdio-node';
import { ReadStream } from '../fs/streams';
import { Readable, Writable } from '../stream';

export function make(name: string): any {
  if (name === 'stdin') {
    const stdin: any = new Readable({ read() { (this as any).push(null); }, autoDestroy: false });
    Object.setPrototypeOf(stdin, ReadStream.prototype);
    return Object.assign(stdin, { fd: 0, allowHalfOpen: false, bufferSize: 0, connecting: false, readyState: 'open' });
  }
  const fd = name === 'stdout' ? 1 : 2;
  const stream: any = new Writable({
    autoDestroy: true, decodeStrings: false,
    write(chunk: any, encoding: any, callback: (error?: unknown) => void) {
      try {
        writeStdio(fd, typeof chunk === 'string' ? chunkText(chunk, encoding) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString());
      } catch (e) {
        callback(e);
        return;
      }
      callback();
    },
  });
  Object.defineProperty(stream, 'readable', { value: false, writable: true, configurable: true });
  return Object.assign(stream, {
    fd, _type: 'fs', _isStdio: true, allowHalfOpen: false, bufferSize: 0, bytesRead: 0, bytesWritten: 0, connecting: false, pending: false,
    readableAborted: false, readableDidRead: false, readableEnded: false, readableHighWaterMark: 16384, readableLength: 0,
    readableObjectMode: false, readyState: 'open',
  });
}

function chunkText(chunk: string, encoding: any): string {
  return encoding === 'utf8' || encoding === 'utf-8' ? chunk : Buffer.from(chunk, encoding).toString();
}
