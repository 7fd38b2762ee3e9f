// node:_stream_wrap: a JS stream seen as a socket's handle; see tls.
declare function require(path: string): any;
const { JSStreamSocket } = require('./tls');
export default JSStreamSocket;
