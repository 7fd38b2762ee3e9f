export { Buffer } from '../buffer';
export const Blob = internals.web.Blob;
