// node:trace_events: can be switched on, and records nothing.
import { ERR_TRACE_EVENTS_CATEGORY_REQUIRED } from './internal/errors';
import { validateObject, validateStringArray } from './internal/validators';

class Tracing {
  #categories: string[];
  #enabled = false;
  constructor(categories: string[]) {
    this.#categories = categories;
  }
  enable(): void {
    this.#enabled = true;
  }
  disable(): void {
    this.#enabled = false;
  }
  get enabled(): boolean {
    return this.#enabled;
  }
  get categories(): string {
    return this.#categories.join(',');
  }
  [Symbol.for('nodejs.util.inspect.custom')](depth?: number): unknown {
    if (typeof depth === 'number' && depth < 0) return this;
    return `Tracing ${internals.inspect.format({ enabled: this.enabled, categories: this.categories })}`;
  }
}
function createTracing(options: any): Tracing {
  validateObject(options, 'options');
  const { categories } = options as any;
  validateStringArray(categories, 'options.categories');
  if (categories.length === 0) throw new ERR_TRACE_EVENTS_CATEGORY_REQUIRED();
  return new Tracing(categories);
}
export default { createTracing, getEnabledCategories: (): undefined => undefined };
