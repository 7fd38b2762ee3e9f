// Whether a certificate is for a host. https://nodejs.org/api/tls.html#tlscheckserveridentityhostname-cert (RFC 6125, RFC 2818)
import { ERR_TLS_CERT_ALTNAME_FORMAT, ERR_TLS_CERT_ALTNAME_INVALID } from '../internal/errors';
import { canonicalIp, isIP } from '../net/address';

const withoutDot = (host: string): string => host.replace(/\.$/, '');
const parts = (host: string): string[] => withoutDot(host).replace(/[A-Z]/g, (c) => c.toLowerCase()).split('.');

/** One * is allowed, in the first part, of names with more than two. */
function matches(host: string[], pattern: string | undefined): boolean {
  if (!pattern) return false;
  const wanted = parts(pattern);
  if (host.length !== wanted.length || wanted.includes('') || wanted.some((part) => /[^\u0021-\u007f]/u.test(part))) return false;
  if (host.slice(1).some((part, i) => part !== wanted[i + 1])) return false;
  const [name, first] = [host[0]!, wanted[0]!];
  const pieces = first.split('*', 3);
  if (pieces.length === 1 || first.includes('xn--')) return name === first;
  if (pieces.length > 2 || wanted.length <= 2) return false;
  const [prefix, suffix] = pieces as [string, string];
  return prefix.length + suffix.length <= name.length && name.startsWith(prefix) && name.endsWith(suffix);
}

/** `DNS:a, DNS:"b\u002cc"`: items with commas and the like are JSON strings. */
function splitNames(text: string): string[] {
  if (!text.includes('"')) return text.split(', ');
  const out: string[] = [];
  let current = '';
  let at = 0;
  while (at !== text.length) {
    const comma = text.indexOf(',', at);
    const quote = text.indexOf('"', at);
    if (quote !== -1 && (comma === -1 || quote < comma)) {
      current += text.slice(at, quote);
      // eslint-disable-next-line no-control-regex
      const quoted = /^"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/.exec(text.slice(quote));
      if (quoted === null) throw new ERR_TLS_CERT_ALTNAME_FORMAT();
      current += JSON.parse(quoted[0]);
      at = quote + quoted[0].length;
    } else {
      current += text.slice(at, comma === -1 ? undefined : comma);
      at = comma === -1 ? text.length : comma + 2;
      if (comma !== -1) {
        out.push(current);
        current = '';
      }
    }
  }
  out.push(current);
  return out;
}

export function checkServerIdentity(hostname: any, cert: any): Error | undefined {
  const { subject, subjectaltname } = cert;
  const names = subjectaltname ? splitNames(subjectaltname) : [];
  const dns = names.filter((name) => name.startsWith('DNS:')).map((name) => name.slice(4));
  const ips = names.filter((name) => name.startsWith('IP Address:')).map((name) => canonicalIp(name.slice(11)));
  hostname = withoutDot(`${hostname}`);
  let reason: string;
  if (isIP(hostname)) {
    if (ips.includes(canonicalIp(hostname))) return undefined;
    reason = `IP: ${hostname} is not in the cert's list: ${ips.join(', ')}`;
  } else if (dns.length > 0) {
    const host = parts(hostname);
    if (dns.some((pattern) => matches(host, pattern))) return undefined;
    reason = `Host: ${hostname}. is not in the cert's altnames: ${subjectaltname}`;
  } else if (subject?.CN) {
    const host = parts(hostname);
    if ([subject.CN].flat().some((pattern: string) => matches(host, pattern))) return undefined;
    reason = `Host: ${hostname}. is not cert's CN: ${subject.CN}`;
  } else reason = 'Cert does not contain a DNS name';
  return new ERR_TLS_CERT_ALTNAME_INVALID(reason, hostname, cert);
}
