// `tracing` of cloudflare:workers. No tracer is ever attached here, so spans are made and run through, and nothing is recorded: what the
// reference does where a request is not traced.
import { badArgument, defineInterface, illegalInvocation } from './interface';
import { ReflectApply } from './primordials';

let constructing = false;

class Span {
  readonly #span = true;

  constructor() {
    if (!constructing) throw new TypeError('Illegal constructor');
  }

  /** Whether anybody will see the span. */
  get isTraced(): boolean {
    if (!(#span in this)) throw illegalInvocation();
    return false;
  }

  setAttribute(key: string, _value?: unknown): this {
    if (!(#span in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('setAttribute', 'Span', 1, 'string');
    void `${key}`;
    return this;
  }

  setAttributes(attributes: object): this {
    if (!(#span in this)) throw illegalInvocation();
    if (typeof attributes !== 'object' || attributes === null) throw badArgument('setAttributes', 'Span', 1, 'object');
    return this;
  }

  end(): void {
    if (!(#span in this)) throw illegalInvocation();
  }

  static {
    defineInterface(this, 'Span', { brand: (value) => #span in value });
  }
}

function makeSpan(): Span {
  constructing = true;
  try {
    return new Span();
  } finally {
    constructing = false;
  }
}

function run(method: string, name: unknown, callback: unknown, args: unknown[]): unknown {
  void `${name as string}`;
  if (typeof callback !== 'function') throw badArgument(method, 'Tracing', 2, 'function');
  const all: unknown[] = [makeSpan()];
  for (let i = 0; i < args.length; i++) all[all.length] = args[i];
  return ReflectApply(callback, undefined, all);
}

class Tracing {
  enterSpan(name: string, callback: (...args: any[]) => unknown, ...args: unknown[]): unknown {
    return run('enterSpan', name, callback, args);
  }
  startActiveSpan(name: string, callback: (...args: any[]) => unknown, ...args: unknown[]): unknown {
    return run('startActiveSpan', name, callback, args);
  }
  startSpan(name: string): Span {
    void `${name}`;
    return makeSpan();
  }
  get Span(): typeof Span {
    return Span;
  }
}

defineInterface(Tracing, 'Tracing');

export const tracing = new Tracing();
