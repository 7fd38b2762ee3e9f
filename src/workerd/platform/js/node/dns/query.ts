// DNS questions over HTTPS, in JSON: https://developers.cloudflare.com/1.1.1.1/encryption/dns-over-https/make-api-requests/dns-json/
import { DnsError } from '../internal/errors';

export interface Answer { name: string; type: number; TTL: number; data: string }

/** The records of one type for a name; undefined where the answer has no such part. */
export async function query(name: string, type: string): Promise<Answer[] | undefined> {
  const { URL, fetch } = internals.web;
  const url = new URL('https://cloudflare-dns.com/dns-query');
  url.searchParams.set('name', name);
  url.searchParams.set('type', type);
  const syscall = `query${type}`;
  let json: any;
  try {
    const response = await fetch(url, { headers: { Accept: 'application/dns-json' } });
    json = response.ok ? await response.json() : undefined;
  } catch {
    throw new DnsError(name, 'EBADQUERY', syscall);
  }
  if (json === undefined || 'error' in json || !json.Question?.[0]) throw new DnsError(name, 'EBADRESP', syscall);
  if (json.Answer?.[0]?.name === '') throw new DnsError(name, 'ENOTFOUND', syscall);
  return json.Answer;
}

const withoutDot = (name: string): string => name.replace(/\.$/, '');
const number = (text: string | undefined): number => Number.parseInt(text ?? '', 10);

/** The bytes of a record that is given as `\# length hex...` (RFC 3597). */
function rawBytes(data: string): Uint8Array | undefined {
  const match = /^\\#\s+\d+\s+([0-9a-f\s]+)$/i.exec(data);
  return match === null ? undefined : Uint8Array.from(match[1]!.replace(/\s+/g, '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
const text = (bytes: Uint8Array): string => new internals.web.TextDecoder().decode(bytes);
/** The fields of a record's text form; those in quotes may have spaces. */
function fields(data: string): string[] {
  return [...data.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map((match) => match[2] ?? match[1]!.replace(/\\(.)/g, '$1'));
}

function caa(data: string): object {
  const bytes = rawBytes(data);
  if (bytes === undefined) {
    const [critical, field, value] = fields(data);
    return { critical: number(critical), [field!]: value };
  }
  const size = bytes[1]!;
  return { critical: bytes[0]!, [text(bytes.subarray(2, 2 + size))]: text(bytes.subarray(2 + size)) };
}

function naptr(data: string): object {
  const bytes = rawBytes(data);
  if (bytes === undefined) {
    const [order, preference, flags, service, regexp, replacement] = fields(data);
    return { flags, service, regexp, replacement: withoutDot(replacement ?? ''), order: number(order), preference: number(preference) };
  }
  let at = 4;
  const next = (): string => {
    const size = bytes[at]!;
    at += 1 + size;
    return text(bytes.subarray(at - size, at));
  };
  const [flags, service, regexp] = [next(), next(), next()];
  const labels: string[] = [];
  while (at < bytes.length && bytes[at] !== 0) labels.push(next());
  const short = (i: number): number => (bytes[i]! << 8) | bytes[i + 1]!;
  return { flags, service, regexp, replacement: labels.join('.'), order: short(0), preference: short(2) };
}

/** How the data of each type look in Node. */
export const FORMATS: Record<string, (data: string, name: string) => unknown> = {
  CAA: caa,
  CNAME: withoutDot,
  NAPTR: naptr,
  NS: withoutDot,
  PTR: withoutDot,
  MX(data, name) {
    const [priority, exchange] = data.split(' ');
    if (exchange === undefined) throw new DnsError(name, 'EBADRESP', 'queryMx');
    return { exchange: withoutDot(exchange), priority: number(priority) };
  },
  SOA(data) {
    const [nsname, hostmaster, ...numbers] = data.split(' ');
    const [serial, refresh, retry, expire, minttl] = numbers.map(number);
    return { nsname, hostmaster, serial, refresh, retry, expire, minttl };
  },
  SRV(data) {
    const [priority, weight, port, name] = data.split(' ');
    return { priority: number(priority), weight: number(weight), port: number(port), name };
  },
  TXT(data) {
    if (!data.startsWith('"') || !data.endsWith('"')) return [data];
    return [...data.matchAll(/"((?:[^"]|"(?!"))*)"/g)].map((match) => match[1]);
  },
};
