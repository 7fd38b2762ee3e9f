// navigator (https://html.spec.whatwg.org/#the-navigator-object), what of it a worker on a server has.
import { fetch } from './fetch';
import { flags } from './flags';
import { badArgument, defineInterface, illegalInvocation } from './interface';
import { currentIoContext } from './io-context';
import { ObjectDefineProperty } from './primordials';

let constructing = false;

class Navigator {
  readonly #navigator = true;

  constructor() {
    if (!constructing) throw new TypeError('Illegal constructor');
    const own = (name: string, value: unknown): void => {
      ObjectDefineProperty(this, name, { value, writable: false, enumerable: true, configurable: true });
    };
    if (flags.enable_navigator_language) {
      own('languages', ['en']);
      own('language', 'en');
    }
    own('platform', '');
    own('hardwareConcurrency', 1);
    own('userAgent', 'Cloudflare-Workers');
  }

  /** Posts data without waiting for the answer; false outside of a request. */
  sendBeacon(url: string, body: any = undefined): boolean {
    if (!(#navigator in this)) throw illegalInvocation();
    if (arguments.length === 0) throw badArgument('sendBeacon', 'Navigator', 1, 'string');
    const io = currentIoContext();
    if (io === undefined) return false;
    io.waitUntil(fetch(`${url}`, { method: 'POST', body }));
    return true;
  }

  static {
    defineInterface(this, 'Navigator', { brand: (o) => #navigator in o });
  }
}

export function createNavigator(): Navigator {
  constructing = true;
  try {
    return new Navigator();
  } finally {
    constructing = false;
  }
}

export { Navigator };
