// IP addresses: isIP(), net.SocketAddress, net.BlockList.
import { ERR_INVALID_ADDRESS, ERR_INVALID_ARG_VALUE, ERR_INVALID_IP_ADDRESS, ERR_OUT_OF_RANGE } from '../internal/errors';
import { validateArray, validateInt32, validateObject, validateOneOf, validatePort, validateString, validateUint32 } from '../internal/validators';

const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]\\d|\\d)';
const IPV4 = new RegExp(`^(?:${BYTE}\\.){3}${BYTE}$`);

/** Eight groups of an IPv6 address without a zone, or undefined. */
function groups6(text: string): number[] | undefined {
  const dotted = /^(.*:)([\d.]+)$/.exec(text);
  if (dotted !== null && dotted[2]!.includes('.')) {
    if (!IPV4.test(dotted[2]!)) return undefined;
    const [a, b, c, d] = dotted[2]!.split('.').map(Number) as [number, number, number, number];
    text = `${dotted[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  }
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const size = head!.length + (tail?.length ?? 0);
  if (tail === undefined ? size !== 8 : size > 7) return undefined;
  const all = tail === undefined ? head! : [...head!, ...Array<string>(8 - size).fill('0'), ...tail];
  return all.every((group) => /^[0-9a-f]{1,4}$/i.test(group)) ? all.map((group) => Number.parseInt(group, 16)) : undefined;
}

export function isIPv4(input: unknown): boolean {
  return IPV4.test(`${input as string}`);
}
export function isIPv6(input: unknown): boolean {
  const match = /^([^%]*)(%[0-9a-zA-Z\-.:]+)?$/.exec(`${input as string}`);
  return match !== null && groups6(match[1]!) !== undefined;
}
export function isIP(input: unknown): number {
  return isIPv4(input) ? 4 : isIPv6(input) ? 6 : 0;
}
/** One spelling for each address; what is none stays as it is. */
export function canonicalIp(text: string): string {
  if (isIPv4(text)) return text;
  const groups = groups6(text);
  if (groups === undefined) return '';
  const host: string = new internals.web.URL(`http://[${groups.map((g) => g.toString(16)).join(':')}]`).hostname;
  return host.slice(1, -1);
}

type Family = 'ipv4' | 'ipv6';
const inspectName = Symbol.for('nodejs.util.inspect.custom');
function inner(options: any): any {
  return { ...options, depth: options.depth == null ? null : options.depth - 1 };
}

export class SocketAddress {
  #address: string;
  #port: number;
  #family: Family;
  #flowlabel: number;

  static isSocketAddress(value: unknown): value is SocketAddress {
    return typeof value === 'object' && value !== null && #address in value;
  }
  static parse(input: any): SocketAddress | undefined {
    validateString(input, 'input');
    const url = internals.web.URL.parse(`http://${input}`);
    if (url === null) return undefined;
    const { hostname } = url;
    // The parser leaves out the port that http has anyway.
    const port = url.port || (input.endsWith(':80') ? 80 : 0);
    try {
      return hostname.startsWith('[')
        ? new SocketAddress({ address: hostname.slice(1, -1), port: Number(port), family: 'ipv6' })
        : new SocketAddress({ address: hostname, port: Number(port) });
    } catch {
      return undefined;
    }
  }
  constructor(options: any = {}) {
    validateObject(options, 'options');
    let family: any = (options as any).family || 'ipv4';
    if (typeof family.toLowerCase === 'function') family = family.toLowerCase();
    validateOneOf<Family>(family, 'options.family', ['ipv4', 'ipv6']);
    const { address = family === 'ipv4' ? '127.0.0.1' : '::', port = 0, flowlabel = 0 } = options as any;
    validateString(address, 'options.address');
    this.#port = validatePort(port, 'options.port');
    validateUint32(flowlabel, 'options.flowlabel', false);
    if (!(family === 'ipv4' ? isIPv4 : isIPv6)(address)) throw new ERR_INVALID_ADDRESS();
    this.#family = family;
    this.#address = address;
    this.#flowlabel = flowlabel;
  }
  get address(): string {
    return this.#address;
  }
  get port(): number {
    return this.#port;
  }
  get family(): Family {
    return this.#family;
  }
  get flowlabel(): number {
    return this.#flowlabel;
  }
  toJSON(): object {
    return { address: this.#address, port: this.#port, family: this.#family, flowlabel: this.#flowlabel };
  }
  [inspectName](depth: number, options: any): unknown {
    return depth < 0 ? this : `SocketAddress ${internals.inspect.inspect(this.toJSON(), inner(options))}`;
  }
}

/** An address as a number. IPv4 addresses in IPv6 form count as IPv4, so that rules for those find them. */
function value(address: string, family: Family): { family: Family; number: bigint } {
  if (family === 'ipv4') return { family, number: address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n) };
  const number = groups6(address.replace(/%.*/, ''))!.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
  return { family, number };
}
function mapped(number: bigint): bigint | undefined {
  return number >> 32n === 0xffffn ? number & 0xffffffffn : undefined;
}

interface Rule { family: Family; first: bigint; last: bigint; text: string }
const label = (family: Family): string => (family === 'ipv4' ? 'IPv4' : 'IPv6');

export class BlockList {
  #rules: Rule[] = [];

  static isBlockList(value_: unknown): value_ is BlockList {
    return typeof value_ === 'object' && value_ !== null && #rules in value_;
  }
  #read(address: any, family: any, name: string): [string, Family] {
    if (SocketAddress.isSocketAddress(address)) return [address.address, address.family];
    validateString(address, name);
    validateOneOf(family, 'family', ['ipv4', 'ipv6']);
    return [address, family as Family];
  }
  #check(address: string, family: Family): void {
    if (family === 'ipv4' ? !isIPv4(address) : !isIPv6(address)) throw new ERR_INVALID_IP_ADDRESS(`Invalid ${label(family)} address`);
  }
  addAddress(address: any, family: any = 'ipv4'): void {
    const [text, kind] = this.#read(address, family, 'address');
    this.#check(text, kind);
    const { number } = value(text, kind);
    this.#rules.push({ family: kind, first: number, last: number, text: `Address: ${label(kind)} ${text}` });
  }
  addRange(start: any, end: any, family: any = 'ipv4'): void {
    const [from, kind] = this.#read(start, family, 'start');
    let to = end;
    if (SocketAddress.isSocketAddress(end)) {
      to = end.address;
      if (SocketAddress.isSocketAddress(start) && end.family !== kind) throw new ERR_INVALID_ARG_VALUE('end', end, 'must be same family as start');
    } else validateString(end, 'end');
    this.#check(from, kind);
    this.#check(to, kind);
    const [first, last] = [value(from, kind).number, value(to, kind).number];
    if (first > last) throw new ERR_INVALID_ARG_VALUE('start', from, 'must come before end');
    this.#rules.push({ family: kind, first, last, text: `Range: ${label(kind)} ${from}-${to}` });
  }
  addSubnet(network: any, prefix: any, family: any = 'ipv4'): void {
    const [text, kind] = this.#read(network, family, 'network');
    validateInt32(prefix, 'prefix');
    const bits = kind === 'ipv4' ? 32 : 128;
    if (prefix < 0 || prefix > bits) throw new ERR_OUT_OF_RANGE('prefix', `between 0 and ${bits}`, prefix);
    this.#check(text, kind);
    const size = 1n << BigInt(bits - prefix);
    const first = (value(text, kind).number / size) * size;
    this.#rules.push({ family: kind, first, last: first + size - 1n, text: `Subnet: ${label(kind)} ${text}/${prefix}` });
  }
  check(address: any, family: any = 'ipv4'): boolean {
    const [text, kind] = this.#read(address, family, 'address');
    if (kind === 'ipv4' ? !isIPv4(text) : !isIPv6(text)) return false;
    const { number } = value(text, kind);
    const inside = kind === 'ipv6' ? mapped(number) : undefined;
    return this.#rules.some((rule) => {
      const n = rule.family === kind ? number : rule.family === 'ipv4' ? inside : undefined;
      return n !== undefined && n >= rule.first && n <= rule.last;
    });
  }
  get rules(): string[] {
    return this.#rules.map((rule) => rule.text);
  }
  toJSON(): string[] {
    return this.rules;
  }
  fromJSON(data: any): void {
    let rules = data;
    if (typeof data === 'string') {
      try {
        rules = JSON.parse(data);
      } catch {
        throw new ERR_INVALID_ARG_VALUE('data', data, 'must be valid JSON');
      }
    }
    validateArray(rules, 'data');
    for (const text of rules as string[]) {
      const match = /^(Address|Range|Subnet): IPv([46]) ([^-/\s]+)(?:[-/](\S+))?$/.exec(text);
      if (match === null) continue;
      const family = `ipv${match[2]}`;
      if (match[1] === 'Address') this.addAddress(match[3], family);
      else if (match[1] === 'Range') this.addRange(match[3], match[4], family);
      else this.addSubnet(match[3], Number(match[4]), family);
    }
  }
  [inspectName](depth: number, options: any): string {
    return depth < 0 ? '[BlockList]' : `BlockList {\n  rules: ${internals.inspect.inspect(this.rules, inner(options))}\n}`;
  }
}
