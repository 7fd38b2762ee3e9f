// WebSocketRequestResponsePair: a message and the answer that a hibernating socket gives to it by itself.
import { addOwnProperties, badConstructorArgument, defineInterface, illegalInvocation, legacyOwnProperties } from '../interface';
import { StringPrototypeToWellFormed } from '../primordials';

export let isRequestResponsePair: (value: unknown) => value is WebSocketRequestResponsePair;

class WebSocketRequestResponsePair {
  readonly #request: string;
  readonly #response: string;

  constructor(request: string, response: string) {
    if (arguments.length === 0) throw badConstructorArgument('WebSocketRequestResponsePair', 1, 'string');
    const first = StringPrototypeToWellFormed(`${request}`);
    if (arguments.length === 1) throw badConstructorArgument('WebSocketRequestResponsePair', 2, 'string');
    this.#request = first;
    this.#response = StringPrototypeToWellFormed(`${response}`);
    if (legacyOwnProperties) addOwnProperties(this);
  }

  get request(): string { if (!(#request in this)) throw illegalInvocation(); return this.#request; }
  get response(): string { if (!(#request in this)) throw illegalInvocation(); return this.#response; }

  static {
    isRequestResponsePair = (value): value is WebSocketRequestResponsePair => typeof value === 'object' && value !== null && #request in value;
    defineInterface(this, 'WebSocketRequestResponsePair', { brand: isRequestResponsePair });
  }
}

export { WebSocketRequestResponsePair };
