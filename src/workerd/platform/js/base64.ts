// atob() and btoa() (https://html.spec.whatwg.org/#atob).
import { DOMException } from './dom-exception';
import { badArgument } from './interface';
import { native } from './ops';

// A method, so that it is no constructor.
export const { btoa } = {
  btoa(data: string): string {
    if (arguments.length === 0) throw badArgument('btoa', 'ServiceWorkerGlobalScope', 1, 'String');
    const text = native.btoa(`${data}`);
    if (text === undefined) {
      throw new DOMException('btoa() can only operate on characters in the Latin1 (ISO/IEC 8859-1) range.', 'InvalidCharacterError');
    }
    return text;
  },
};

// A method, so that it is no constructor.
export const { atob } = {
  atob(data: string): string {
    if (arguments.length === 0) throw badArgument('atob', 'ServiceWorkerGlobalScope', 1, 'string');
    const text = native.atob(`${data}`);
    if (text === undefined) {
      throw new DOMException("atob() called with invalid base64-encoded data. (Only whitespace, '+', '/', alphanumeric ASCII, and up to " +
        "two terminal '=' signs when the input data length is divisible by 4 are allowed.)", 'InvalidCharacterError');
    }
    return text;
  },
};
