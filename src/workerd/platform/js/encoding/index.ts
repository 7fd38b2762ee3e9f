export { TextDecoder } from './text-decoder';
export { TextEncoder } from './text-encoder';
export { encodingName } from './labels';
