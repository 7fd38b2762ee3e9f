// The parts of process that the streams use.
export { nextTick } from '../internal/next-tick';
export const env = {};
