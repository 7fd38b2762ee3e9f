// The Python operations of node:crypto (src/workerd/platform/node_crypto). An error's code comes in front of its message.
const CODED = /^\[(\w+)\] ([\s\S]*)$/;

/** Gives an error of an operation the form Node's have. */
export function translate(error: any): any {
  const parts = typeof error?.message === 'string' ? CODED.exec(error.message) : null;
  if (parts === null) return error;
  if (parts[1] === 'OperationError') return new internals.web.DOMException(parts[2], 'OperationError');
  const Class = error instanceof RangeError ? RangeError : error instanceof TypeError ? TypeError : Error;
  const copy: any = parts[1] === 'RangeError' ? new RangeError(parts[2]) : new Class(parts[2]);
  if (parts[1] !== 'RangeError') copy.code = parts[1];
  return copy;
}

/** A function of node_crypto that works at once. */
export function sync<T>(name: string): (...args: any[]) => T {
  const call = internals.pyOp<(...args: any[]) => T>(`node_crypto.${name}`);
  return (...args) => {
    try {
      return call(...args);
    } catch (e) {
      throw translate(e);
    }
  };
}

/** A function of node_crypto that leaves the thread. */
export function later<T>(name: string): (...args: any[]) => Promise<T> {
  const call = internals.pyOp<(...args: any[]) => Promise<T>>(`node_crypto.${name}_later`);
  return (...args) => call(...args).catch((e) => { throw translate(e); });
}

/** Methods of a Python object, as an operation gives them. */
export function wrapHandle(handle: Record<string, (...args: any[]) => any>): any {
  const out: any = {};
  for (const [name, method] of Object.entries(handle)) {
    out[name] = (...args: any[]) => {
      try {
        return method(...args);
      } catch (e) {
        throw translate(e);
      }
    };
  }
  return out;
}
