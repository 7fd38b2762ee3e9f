// node:constants, the deprecated union of all constant tables.
import constants from './data/constants.json';

export default Object.freeze(Object.assign(Object.create(null), constants)) as Record<string, unknown>;
