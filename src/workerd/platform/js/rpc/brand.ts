// How the platform recognises its callable objects (stubs, promises and properties of remote calls, `ctx.exports` members). They are proxies
// of a function, so that any property can be asked for; what they stand for is their handler, kept in a private field of the proxy itself.

/** The traps of such an object, and its state. `this` in a trap is the handler: there is one for each object. */
export interface Handler {
  /** What the object is called: by inspect(), and in errors. */
  readonly className: string;
}

class Given {
  constructor(object: object) {
    return object;
  }
}

class Branded extends Given {
  #handler: Handler;
  constructor(object: object, handler: Handler) {
    super(object);
    this.#handler = handler;
  }
  static handler(value: object): Handler | undefined {
    return #handler in value ? value.#handler : undefined;
  }
}

export function brand(object: object, handler: Handler): void {
  new Branded(object, handler);
}

/** The handler of a callable object of the platform's; undefined for anything else. Runs no user code. */
export function handlerOf(value: unknown): Handler | undefined {
  return typeof value === 'function' ? Branded.handler(value) : undefined;
}
