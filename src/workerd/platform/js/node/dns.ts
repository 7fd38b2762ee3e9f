// node:dns and node:dns/promises. https://nodejs.org/api/dns.html
import { type Answer, FORMATS, query } from './dns/query';
import { DnsError, ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OPTION_NOT_IMPLEMENTED } from './internal/errors';
import { validateBoolean, validateFunction, validateNumber, validateOneOf, validateString } from './internal/validators';
import { isIP } from './net/address';
import { callbackify } from './util';

type Fn = (...args: any[]) => any;
const later = (fn: Fn, ...args: unknown[]): void => internals.web.queueMicrotask(() => fn(...args));
const ORDERS = ['verbatim', 'ipv4first', 'ipv6first'];
const FAMILIES = [0, 4, 6];
let defaultOrder = 'verbatim';

function getServers(): string[] {
  return ['1.1.1.1', '2606:4700:4700::1111', '1.0.0.1', '2606:4700:4700::1001'];
}
function setServers(): never {
  throw new Error('Not implemented');
}
function getDefaultResultOrder(): string {
  return defaultOrder;
}
function setDefaultResultOrder(value: any): void {
  validateOneOf(value, 'dnsOrder', ORDERS);
  defaultOrder = value;
}

/** (options?, callback) of lookup(), checked. */
function lookupOptions(options: any, callback: any, count: number): { family: number; all: boolean; order: string; callback: Fn } {
  const out = { family: 0, all: false, order: defaultOrder, callback };
  if (typeof options === 'function') return { ...out, callback: options };
  if (typeof options === 'number') {
    validateFunction(callback, 'callback');
    validateOneOf(options, 'family', FAMILIES);
    return { ...out, family: options };
  }
  if (options !== undefined && typeof options !== 'object') {
    validateFunction(count === 2 ? options : callback, 'callback');
    throw new ERR_INVALID_ARG_TYPE('options', ['integer', 'object'], options);
  }
  validateFunction(callback, 'callback');
  const { hints, family, all, verbatim, order } = options ?? {};
  if (hints != null) {
    validateNumber(hints, 'options.hints');
    throw new ERR_OPTION_NOT_IMPLEMENTED('options.hints');
  }
  if (family === 'IPv4' || family === 'IPv6') out.family = Number(family.slice(3));
  else if (family != null) {
    validateOneOf(family, 'options.family', FAMILIES);
    out.family = family;
  }
  if (all != null) {
    validateBoolean(all, 'options.all');
    out.all = all;
  }
  if (verbatim != null) {
    validateBoolean(verbatim, 'options.verbatim');
    out.order = verbatim ? 'verbatim' : 'ipv4first';
  }
  if (order != null) {
    validateOneOf(order, 'options.order', ORDERS);
    out.order = order;
  }
  return out;
}

async function addresses(hostname: string, family: number, order: string): Promise<{ address: string; family: number }[]> {
  const ask = async (type: 'A' | 'AAAA'): Promise<{ address: string; family: number }[]> => {
    const answer = await query(hostname, type);
    if (answer === undefined && family !== 0) throw new DnsError(hostname, 'ENOTFOUND', `query${type}`);
    return (answer ?? []).map(({ data }) => ({ address: data, family: type === 'A' ? 4 : 6 }));
  };
  if (family !== 0) return ask(family === 4 ? 'A' : 'AAAA');
  const [four, six] = await Promise.all([ask('A').catch(() => []), ask('AAAA').catch(() => [])]);
  const found = order === 'ipv6first' ? [...six, ...four] : [...four, ...six];
  if (found.length === 0) throw new DnsError(hostname, 'ENOTFOUND', 'queryA');
  return found;
}

function lookup(hostname: any, options?: any, done?: any): void {
  if (hostname) validateString(hostname, 'hostname');
  const { family, all, order, callback } = lookupOptions(options, done, arguments.length);
  if (!hostname) {
    if (all) later(callback, null, []);
    else later(callback, null, null, family === 6 ? 6 : 4);
    return;
  }
  const kind = isIP(hostname);
  const known = kind === 0 ? addresses(hostname, family, order) : Promise.resolve([{ address: hostname, family: kind }]);
  known.then(
    (found) => {
      if (all) later(callback, null, found);
      else later(callback, null, found[0]!.address, found[0]!.family);
    },
    (error) => later(callback, error),
  );
}
function lookupPromise(hostname: any, options?: any): Promise<unknown> {
  const { promise, resolve: fulfil, reject } = Promise.withResolvers<unknown>();
  lookup(hostname, options, (error: unknown, address: any, family: any) => {
    if (error) reject(error);
    else fulfil(Array.isArray(address) ? address : { address, family });
  });
  return promise;
}

async function records(name: string, type: string, syscall: string): Promise<Answer[]> {
  const answer = await query(name, type);
  if (answer == null) throw new DnsError(name, 'ENOTFOUND', syscall);
  return answer;
}
function resolver(type: string): Fn {
  const label = type[0] + type.slice(1).toLowerCase();
  return { [`resolve${label}`](name: any): Promise<unknown> {
    validateString(name, 'name');
    return records(name, type, `query${label}`).then((answer) => {
      if (type !== 'SOA') return answer.map(({ data }) => FORMATS[type]!(data, name));
      if (answer.length === 0) throw new DnsError(name, 'ENOTFOUND', 'querySoa');
      return FORMATS.SOA!(answer[0]!.data, name);
    });
  } }[`resolve${label}`]!;
}
function addressResolver(method: string, type: string, syscall: string): Fn {
  return { [method](name: any, options?: any): Promise<unknown> {
    validateString(name, 'name');
    return records(name, type, syscall).then((answer) => answer.map(({ data, TTL }) => (options?.ttl ? { ttl: TTL, address: data } : data)));
  } }[method]!;
}
const unimplemented = (name: string): Fn => ({ async [name](): Promise<never> { throw new Error('Not implemented'); } })[name]!;

const resolvers: Record<string, Fn> = {
  resolve4: addressResolver('resolve4', 'A', 'queryA'), resolve6: addressResolver('resolve6', 'AAAA', 'queryAaaa'), resolveAny: unimplemented('resolveAny'),
};
for (const type of Object.keys(FORMATS)) {
  const fn = resolver(type);
  resolvers[fn.name] = fn;
}
function resolve(name: any, rrtype: any): Promise<unknown> {
  validateString(name, 'name');
  const methods: Record<string, string> = { A: 'resolve4', AAAA: 'resolve6', ANY: 'resolveAny' };
  const method = methods[rrtype] ?? (Object.hasOwn(FORMATS, rrtype) ? `resolve${rrtype[0]}${rrtype.slice(1).toLowerCase()}` : undefined);
  if (method === undefined) throw new ERR_INVALID_ARG_VALUE('rrtype', rrtype);
  return resolvers[method]!(name);
}
function reverse(name: any): Promise<unknown> {
  validateString(name, 'name');
  return records(name, 'PTR', 'queryPtr').then((answer) => answer.map(({ data }) => FORMATS.PTR!(data, name)));
}

/** A class whose methods are the functions of the module. */
function resolverClass(functions: Record<string, Fn>): any {
  class Resolver {
    cancel(): never {
      throw new Error('Not implemented');
    }
    setLocalAddress(): never {
      throw new Error('Not implemented');
    }
  }
  for (const [name, fn] of Object.entries<Fn>({ getServers, setServers, ...functions })) {
    const value = { [name](...args: any[]): unknown { return fn(...args); } }[name];
    Object.defineProperty(Resolver.prototype, name, { value, writable: true, configurable: true });
  }
  return Resolver;
}

const codes: Record<string, string | number> = { EOF: 'EOF', ADDRCONFIG: 1024, ALL: 256, V4MAPPED: 2048 };
for (const name of ('NODATA FORMERR SERVFAIL NOTFOUND NOTIMP REFUSED BADQUERY BADNAME BADFAMILY BADRESP CONNREFUSED TIMEOUT FILE NOMEM DESTRUCTION BADSTR BADFLAGS '
  + 'NONAME BADHINTS NOTINITIALIZED LOADIPHLPAPI ADDRGETNETWORKPARAMS CANCELLED').split(' ')) codes[name] = `E${name}`;

const questions = { resolve, ...resolvers, reverse };
const lookupService = unimplemented('lookupService');
export const promises: any = {
  ...questions, getServers, setServers, getDefaultResultOrder, setDefaultResultOrder, lookup: lookupPromise, lookupService,
  Resolver: resolverClass(questions), ...codes,
};
// callbackify() appends the callback, so that what is missing before it has to be there.
const called: Record<string, Fn> = Object.fromEntries(Object.entries(questions).map(([name, fn]) => [name, callbackify(fn)]));
export default {
  getServers, lookup, lookupService: callbackify(lookupService), ...called, setDefaultResultOrder, getDefaultResultOrder, setServers,
  Resolver: resolverClass(called), promises, ...codes,
};
