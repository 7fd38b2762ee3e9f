// What connect() is given: "host:port" or { hostname, port }.
import { badField } from '../interface';
import { splitUrl } from '../fetch/legacy-url';
import { native } from '../ops';
import { RegExpPrototypeExec } from '../primordials';

export interface Address {
  /** As it is sent: host:port. */
  text: string;
  host: string;
  /** 80 or 443: fetch() may be what was meant. */
  isHttpPort: boolean;
}

const HOST_PORT = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/;
const ALLOWED = /^[A-Za-z0-9\-._[\]:]{1,255}$/;

export function parseAddress(address: unknown, badType: () => TypeError): Address {
  let text: string;
  let host: string;
  let port: string;
  if (typeof address === 'object' && address !== null) {
    const { hostname, port: number } = address as { hostname?: unknown; port?: unknown };
    if (hostname === undefined) throw badField('hostname', 'SocketAddress', 'string');
    if (number === undefined) throw badField('port', 'SocketAddress', 'number');
    host = `${hostname as any}`;
    port = portText(+(number as any));
    text = `${host}:${port}`;
  } else if (address === undefined) throw badType();
  else {
    text = `${address as any}`;
    const href = native.urlParse(`fake://${text}`, undefined);
    const split = href === undefined ? undefined : splitUrl(href);
    if (split === undefined) throw new TypeError('Specified address could not be parsed.');
    const m = RegExpPrototypeExec(HOST_PORT, split.host)!;
    host = m[1]!;
    port = m[2] ?? '';
    if (host === '') throw new TypeError('Specified address is missing hostname.');
    if (port === '') throw new TypeError('Specified address is missing port.');
  }
  if (RegExpPrototypeExec(ALLOWED, text) === null) {
    throw new TypeError('Specified address is empty string, contains unsupported characters or is too long.');
  }
  return { text, host, isHttpPort: port === '80' || port === '443' };
}

function portText(port: number): string {
  if (port !== port || port === Infinity || port === -Infinity) {
    throw new TypeError('The value cannot be converted because it is not an integer.');
  }
  if (port < 0) throw new TypeError('The value cannot be converted because it is negative and this API expects a positive number.');
  if (port > 65535) throw new TypeError('Value out of range. Must be less than or equal to 65535.');
  return `${port | 0}`;
}
