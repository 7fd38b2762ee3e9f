// node:tty: nothing is a terminal.
import { idleMethods } from './internal/stub';
import { Socket } from './net/socket';

function isatty(_fd: number): boolean {
  return false;
}
function ReadStream(this: any, fd: number, _options: any = {}): any {
  this.fd = fd;
  this.isRaw = false;
  this.isTTY = false;
  return this;
}
Object.setPrototypeOf(ReadStream.prototype, Socket.prototype);
Object.setPrototypeOf(ReadStream, Socket);
ReadStream.prototype.setRawMode = function setRawMode(this: any, mode: boolean): any {
  this.isRaw = mode;
  return this;
};
function WriteStream(this: any, fd: number, _options: any = {}): any {
  this.fd = fd;
  this.columns = 0;
  this.rows = 0;
  return this;
}
Object.setPrototypeOf(WriteStream.prototype, Socket.prototype);
Object.setPrototypeOf(WriteStream, Socket);
const proto: any = WriteStream.prototype;
proto.isTTY = true;
idleMethods(WriteStream, 'getColorDepth', () => 8);
idleMethods(WriteStream, 'hasColors', () => false);
idleMethods(WriteStream, '_refreshSize');
for (const name of ['cursorTo', 'moveCursor', 'clearLine', 'clearScreenDown']) {
  // The last argument is told that it is done.
  proto[name] = { [name](...args: any[]): boolean {
    args.find((argument) => typeof argument === 'function')?.();
    return false;
  } }[name];
}
proto.getWindowSize = function getWindowSize(this: any): [number, number] {
  return [this.columns ?? 0, this.rows ?? 0];
};
export default { isatty, ReadStream, WriteStream };
