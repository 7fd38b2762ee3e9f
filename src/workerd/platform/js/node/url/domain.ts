// Names of hosts between their Unicode and ASCII forms, by the rules of the URL Standard (its parser does the work) and punycode.
import punycode from '../punycode';

/** '' for what is no domain. `lenient`: also for names that the parser would take as IP addresses in odd notations, which stay. */
export function domainToASCII(domain: string, lenient = false): string {
  // eslint-disable-next-line no-control-regex
  if (lenient && /^[\0-\x7f]*$/.test(domain)) return domain;
  if (/^[a-z0-9._+-]*$/i.test(domain) && !/xn--/i.test(domain) && !/(^|\.)(0x[0-9a-f]*|[0-9]+)\.?$/i.test(domain)) return domain.toLowerCase();
  if (/[/?#\\@:\t\n\r]/.test(domain)) return '';
  try {
    return new internals.web.URL(`ws://${domain}`).hostname;
  } catch {
    return '';
  }
}
export function domainToUnicode(domain: string): string {
  const ascii = domainToASCII(domain);
  return ascii === '' ? '' : punycode.toUnicode(ascii);
}
