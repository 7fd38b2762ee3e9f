// WebSocketPair: two connected sockets, one to keep and one to give away.
import { iteratorFactory } from '../fetch/iterators';
import { defineInterface, illegalInvocation } from '../interface';
import { requireIoContext } from '../io-context';
import { native } from '../ops';
import { ObjectDefineProperty } from '../primordials';
import { longestMessage, setPeers, webSocketFromEnd, type WebSocket } from './websocket';

const pairIterator = iteratorFactory('PairIterator');

export class WebSocketPair {
  declare readonly 0: WebSocket;
  declare readonly 1: WebSocket;
  #sockets: readonly [WebSocket, WebSocket];

  constructor() {
    requireIoContext();
    const ends = native.channelNew(longestMessage());
    const first = webSocketFromEnd(ends[0]);
    const second = webSocketFromEnd(ends[1]);
    setPeers(first, second);
    this.#sockets = [first, second];
    ObjectDefineProperty(this, 0, { value: first, writable: false, enumerable: true, configurable: true });
    ObjectDefineProperty(this, 1, { value: second, writable: false, enumerable: true, configurable: true });
  }

  declare [Symbol.iterator]: () => IterableIterator<WebSocket>;

  static {
    ObjectDefineProperty(WebSocketPair.prototype, Symbol.iterator, {
      value: function entries(this: WebSocketPair): IterableIterator<WebSocket> {
        if (!(#sockets in this)) throw illegalInvocation();
        return pairIterator((i) => this.#sockets[i]);
      },
      writable: true, enumerable: false, configurable: true,
    });
    defineInterface(WebSocketPair, 'WebSocketPair', { brand: (v) => #sockets in v });
  }
}
