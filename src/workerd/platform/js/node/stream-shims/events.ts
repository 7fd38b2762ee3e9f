// readable-stream says both `require('events').EventEmitter` and `.addAbortListener`.
export { EventEmitter, addAbortListener } from '../events';
