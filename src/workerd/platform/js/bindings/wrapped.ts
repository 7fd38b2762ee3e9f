// The base of bindings that a built-in module makes around a service: `cloudflare-internal:wrapped-binding`.
import { defineInterface } from '../interface';

export class WrappedBinding {
  #wrapped = true;

  static {
    defineInterface(this, 'WrappedBinding', { brand: (o) => #wrapped in o });
  }
}
