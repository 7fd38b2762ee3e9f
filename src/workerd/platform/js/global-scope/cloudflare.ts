// `Cloudflare`: what a worker may know of its configuration.
import { defineInterface } from '../interface';
import { options } from '../options';
import { ObjectCreate, ObjectDefineProperty, ObjectKeys } from '../primordials';

let constructing = false;

class Cloudflare {
  readonly #cloudflare = true;

  constructor() {
    if (!constructing) throw new TypeError('Illegal constructor');
    // Every enable flag, on or off; made when first asked for.
    ObjectDefineProperty(this, 'compatibilityFlags', {
      get: () => {
        const value = compatibilityFlags();
        ObjectDefineProperty(this, 'compatibilityFlags', { value, writable: false, enumerable: true, configurable: true });
        return value;
      },
      enumerable: true, configurable: true,
    });
  }

  static {
    defineInterface(this, 'Cloudflare', { brand: (o) => #cloudflare in o });
  }
}

function compatibilityFlags(): object {
  const flags = ObjectCreate(null) as object;
  const all = options.allFlags ?? {};
  const names = ObjectKeys(all);
  for (let i = 0; i < names.length; i++) {
    ObjectDefineProperty(flags, names[i]!, { value: all[names[i]!], writable: false, enumerable: true, configurable: true });
  }
  return Object.seal(flags);
}

export function createCloudflare(): Cloudflare {
  constructing = true;
  try {
    return new Cloudflare();
  } finally {
    constructing = false;
  }
}
