// node:util/types
import * as checks from './internal/types';

/** KeyObjects carry this brand; node:crypto sets it. */
export const kKeyObject = Symbol.for('workerd.node.KeyObject');

const types: Record<string, (value?: unknown) => boolean> = {
  isCryptoKey: (value) => checks.isCryptoKey(value),
  isKeyObject: (value: any) => value !== null && typeof value === 'object' && value[kKeyObject] === true,
};
for (const [name, fn] of Object.entries(checks)) if (name !== 'isCryptoKey') types[name] = fn as any;
export default types;
