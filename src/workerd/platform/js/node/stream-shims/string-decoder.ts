export { StringDecoder } from '../string-decoder';
