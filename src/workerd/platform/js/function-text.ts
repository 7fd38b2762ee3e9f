// Function.prototype.toString() of the platform's own functions: they are native code to the worker, as the browser's and workerd's are,
// and libraries tell the real thing from a stand-in by that text.
import { native } from './ops';
import { ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, SafeWeakSet, WeakSetPrototypeAdd, WeakSetPrototypeHas, uncurryThis } from './primordials';

const original = uncurryThis(Function.prototype.toString);
const shown = new SafeWeakSet<Function>();

/** Has the worker see the text of one of the platform's functions. */
export function showText(fn: Function): void {
  WeakSetPrototypeAdd(shown, fn);
}

function nameOf(fn: Function): string {
  const name: unknown = ObjectGetOwnPropertyDescriptor(fn, 'name')?.value;
  return typeof name === 'string' ? name : '';
}

// A method, so that it is no constructor.
const { toString } = {
  toString(this: unknown): string {
    if (typeof this === 'function' && native.isPlatformFunction(this) && !WeakSetPrototypeHas(shown, this)) return `function ${nameOf(this)}() { [native code] }`;
    return original(this as never);
  },
};

ObjectDefineProperty(Function.prototype, 'toString', { value: toString, writable: true, enumerable: false, configurable: true });
