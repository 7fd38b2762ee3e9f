// CloneableTestBox and CloneableTestError: classes whose instances can be cloned, for tests of serialization
// (expose_serialization_test_class).
import { addBrand } from './interface';
import { ObjectDefineProperty } from './primordials';
import { cloneParts, CloneTag, registerCloneable } from './structured-clone';

class CloneableTestBox {
  #label: string;
  #value: unknown;

  constructor(label: string, value: unknown) {
    if (typeof label !== 'string') throw new TypeError('CloneableTestBox label must be a string');
    this.#label = label;
    this.#value = value;
  }

  get label(): string {
    if (!(#label in this)) throw new TypeError('Illegal invocation');
    return this.#label;
  }

  get value(): unknown {
    if (!(#label in this)) throw new TypeError('Illegal invocation');
    return this.#value;
  }

  static {
    addBrand(this, 'CloneableTestBox', (o) => #label in o, { hidden: ['label', 'value'] });
    registerCloneable('CloneableTestBox', CloneTag.TestBox, (box: CloneableTestBox) => [box.#label, box.#value],
      (data) => {
        const [label, value] = cloneParts<[label: string, value: unknown]>(data, ['string']);
        return new CloneableTestBox(label, value);
      });
  }
}

class CloneableTestError extends Error {
  readonly #real = true;

  constructor(message: string) {
    super(message);
  }

  static {
    ObjectDefineProperty(this.prototype, 'name', { value: 'CloneableTestError', writable: true, configurable: true });
    addBrand(this, 'CloneableTestError', (o) => #real in o);
    registerCloneable('CloneableTestError', CloneTag.TestError,
      (error: CloneableTestError) => [error.message, typeof error.stack === 'string' ? error.stack : ''],
      (data) => {
        const [message, stack] = cloneParts<[message: string, stack: string]>(data, ['string', 'string']);
        const error = new CloneableTestError(message);
        ObjectDefineProperty(error, 'stack', { value: stack, writable: true, configurable: true });
        return error;
      });
  }
}

export { CloneableTestBox, CloneableTestError };
