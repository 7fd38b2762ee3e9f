// node:readline and node:readline/promises: there is no terminal, so every answer is empty.
import EventEmitter from './events';
import { idleMethods } from './internal/stub';

class Base extends (EventEmitter as any) {
  terminal = false;
  line = '';
  cursor = 0;
  getPrompt(): string {
    return '';
  }
  getCursorPos(): { rows: number; cols: number } {
    return { rows: 0, cols: 0 };
  }
  [Symbol.dispose](): void {
    (this as any).close();
  }
  async [Symbol.asyncDispose](): Promise<void> {
    (this as any).close();
  }
  async* [Symbol.asyncIterator](): AsyncGenerator<string> {
    yield '';
  }
}
idleMethods(Base, 'setPrompt prompt close write');
idleMethods(Base, 'pause resume', (self) => self);

export class Interface extends Base {
  question(_query: string, optionsOrCallback: any, callback?: any): void {
    const answer = typeof optionsOrCallback === 'function' ? optionsOrCallback : callback;
    if (typeof answer === 'function') answer('');
  }
}
class PromiseInterface extends Base {
  question(_query: string, _options?: unknown): Promise<string> {
    return Promise.resolve('');
  }
}
Object.defineProperty(PromiseInterface, 'name', { value: 'Interface' });
class Readline {}
idleMethods(Readline, 'clearLine clearScreenDown cursorTo moveCursor rollback', (self) => self);
idleMethods(Readline, 'commit', () => Promise.resolve());

const promises = { Interface: PromiseInterface, Readline, createInterface: () => new PromiseInterface() };
const no = (name: string): any => ({ [name]: () => false })[name];
export default {
  clearLine: no('clearLine'), clearScreenDown: no('clearScreenDown'), createInterface: () => new Interface(), cursorTo: no('cursorTo'),
  emitKeypressEvents(): void {}, moveCursor: no('moveCursor'), Interface, promises,
};
