// node:tls: TLS clients. https://nodejs.org/api/tls.html
import { Buffer } from './buffer';
import { ERR_METHOD_NOT_IMPLEMENTED, ERR_OUT_OF_RANGE } from './internal/errors';
import { createSecureContext, SecureContext, translatePeerCertificate } from './tls/context';
import { checkServerIdentity } from './tls/identity';
import { JSStreamSocket } from './tls/js-stream';
import { connect, TLSSocket } from './tls/socket';

/** Protocol names with their lengths before them, as in the ALPN extension. */
function convertALPNProtocols(protocols: any, out: any): void {
  if (Array.isArray(protocols)) {
    out.ALPNProtocols = Buffer.concat(protocols.map((name, i) => {
      const bytes = Buffer.from(name);
      if (bytes.length > 255) {
        throw new ERR_OUT_OF_RANGE(`The byte length of the protocol at index ${i} exceeds the maximum length.`, '<= 255', bytes.length, true);
      }
      return Buffer.concat([Buffer.from([bytes.length]), bytes]);
    }));
  } else if (ArrayBuffer.isView(protocols)) {
    out.ALPNProtocols = Buffer.from(new Uint8Array(protocols.buffer as ArrayBuffer, protocols.byteOffset, protocols.byteLength));
  }
}
const no = (name: string): any => ({ [name](): never { throw new Error('Not implemented'); } })[name];
const createSecurePair = internals.flags.remove_nodejs_compat_eol_v24 ? undefined : function createSecurePair(): never {
  throw new ERR_METHOD_NOT_IMPLEMENTED('createSecurePair');
};
export const tlsCommon = { createSecureContext, SecureContext, translatePeerCertificate };
export const tlsWrap = { connect, TLSSocket };
export { JSStreamSocket };
function Server(): never {
  throw new Error('Not implemented');
}
export default {
  SecureContext, Server, TLSSocket, connect, createSecureContext, createServer: no('createServer'), checkServerIdentity, convertALPNProtocols,
  getCiphers: no('getCiphers'), createSecurePair, CLIENT_RENEG_LIMIT: 3, CLIENT_RENEG_WINDOW: 600, DEFAULT_CIPHERS: '', DEFAULT_ECDH_CURVE: 'auto',
  DEFAULT_MIN_VERSION: 'TLSv1.2', DEFAULT_MAX_VERSION: 'TLSv1.3', rootCertificates: [],
};
