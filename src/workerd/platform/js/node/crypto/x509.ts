// crypto.X509Certificate and crypto.Certificate (SPKAC).
import { Buffer } from '../buffer';
import { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE } from '../internal/errors';
import { validateBoolean, validateObject, validateString } from '../internal/validators';
import { makeKey, materialOf, PrivateKeyObject, PublicKeyObject } from './keys';
import { sync } from './ops';
import { isBytes, output, toBytes } from './util';

const x509_ops = {
  parse: sync<Uint8Array | undefined>('x509_parse'), details: sync<any>('x509_details'), publicKey: sync<any>('x509_public_key'),
  legacy: sync<any>('x509_legacy'), checkHost: sync<string | undefined>('x509_check_host'), checkEmail: sync<string | undefined>('x509_check_email'),
  checkIP: sync<string | undefined>('x509_check_ip'), checkIssued: sync<boolean>('x509_check_issued'),
  checkPrivate: sync<boolean>('x509_check_private'), verify: sync<boolean>('x509_verify'),
  spkacVerify: sync<boolean>('spkac_verify'), spkacKey: sync<Uint8Array | undefined>('spkac_key'),
  spkacChallenge: sync<Uint8Array | undefined>('spkac_challenge'),
};

function checkOptions(options: any): object {
  if (options == null) return {};
  validateObject(options, 'options');
  for (const name of ['multiLabelWildcards', 'partialWildcards', 'singleLabelSubdomains', 'wildcards']) {
    if (options[name] !== undefined) validateBoolean(options[name], `options.${name}`);
  }
  if (options.subject !== undefined) validateString(options.subject, 'options.subject');
  return { ...options };
}

/** "OCSP - URI:http://..." lines as { 'OCSP - URI': [...] }. */
export function infoAccessObject(text: string): Record<string, string[]> {
  const out: Record<string, string[]> = {};
  for (const [, key, value] of text.matchAll(/([^\n:]*):([^\n]*)(?:\n|$)/g)) {
    const plain = value!.startsWith('"') ? JSON.parse(value!) : value!;
    (out[key!] ??= []).push(plain);
  }
  return out;
}

let derOf: (cert: X509Certificate) => Uint8Array;

export class X509Certificate {
  #der: Uint8Array;
  #details: any;
  #publicKey: any;
  #legacy: any;

  constructor(buffer: any) {
    const bytes = typeof buffer === 'string' ? Buffer.from(buffer) : buffer;
    if (!isBytes(bytes)) throw new ERR_INVALID_ARG_TYPE('buffer', ['string', 'Buffer', 'TypedArray', 'DataView'], bytes);
    const der = x509_ops.parse(toBytes(bytes, 'buffer'));
    if (der === undefined) throw new ERR_INVALID_ARG_VALUE('buffer', bytes, 'is not a valid certificate');
    this.#der = der;
  }
  static {
    derOf = (cert) => cert.#der;
  }
  #get(name: string): any {
    this.#details ??= x509_ops.details(this.#der);
    return this.#details[name] ?? undefined;
  }
  get subject(): any { return this.#get('subject'); }
  get subjectAltName(): any { return this.#get('subjectAltName'); }
  get issuer(): any { return this.#get('issuer'); }
  get issuerCertificate(): undefined { return undefined; }
  get infoAccess(): any { return this.#get('infoAccess'); }
  get validFrom(): any { return this.#get('validFrom'); }
  get validTo(): any { return this.#get('validTo'); }
  get validFromDate(): Date { return new Date(this.#get('validFrom')); }
  get validToDate(): Date { return new Date(this.#get('validTo')); }
  get fingerprint(): any { return this.#get('fingerprint'); }
  get fingerprint256(): any { return this.#get('fingerprint256'); }
  get fingerprint512(): any { return this.#get('fingerprint512'); }
  get keyUsage(): any { return this.#get('keyUsage'); }
  get serialNumber(): any { return this.#get('serialNumber'); }
  get ca(): boolean { return this.#get('ca') ?? false; }
  get raw(): any { return output(this.#der.slice()); }
  get publicKey(): any {
    if (this.#publicKey === undefined) {
      const data = x509_ops.publicKey(this.#der);
      if (data !== undefined) this.#publicKey = makeKey(data);
    }
    return this.#publicKey;
  }
  toString(): string { return this.#get('pem'); }
  toJSON(): string { return this.toString(); }
  checkHost(name: any, options?: any): any {
    validateString(name, 'name');
    return x509_ops.checkHost(this.#der, name, checkOptions(options));
  }
  checkEmail(email: any, options?: any): any {
    validateString(email, 'email');
    return x509_ops.checkEmail(this.#der, email, checkOptions(options));
  }
  checkIP(ip: any, options?: any): any {
    validateString(ip, 'ip');
    checkOptions(options);
    return x509_ops.checkIP(this.#der, ip);
  }
  checkIssued(other: any): boolean {
    if (!(other instanceof X509Certificate)) throw new ERR_INVALID_ARG_TYPE('otherCert', 'X509Certificate', other);
    return x509_ops.checkIssued(this.#der, derOf(other));
  }
  checkPrivateKey(key: any): boolean {
    if (!(key instanceof PrivateKeyObject)) throw new ERR_INVALID_ARG_TYPE('pkey', 'KeyObject', key);
    return x509_ops.checkPrivate(this.#der, materialOf(key).der);
  }
  verify(key: any): boolean {
    if (!(key instanceof PublicKeyObject)) throw new ERR_INVALID_ARG_TYPE('pkey', 'KeyObject', key);
    return x509_ops.verify(this.#der, materialOf(key).der);
  }
  toLegacyObject(): any {
    if (this.#legacy === undefined) {
      const legacy = x509_ops.legacy(this.#der);
      for (const name of ['raw', 'pubkey']) if (legacy[name] !== undefined) legacy[name] = output(legacy[name]);
      if (legacy.infoAccess !== undefined) legacy.infoAccess = infoAccessObject(legacy.infoAccess);
      this.#legacy = legacy;
    }
    return this.#legacy;
  }
}
Object.defineProperty(X509Certificate, 'name', { value: 'X509Certificate' });

function spkacBytes(spkac: any, encoding: any): Uint8Array {
  return toBytes(spkac, 'spkac', encoding, ['string', 'ArrayBuffer', 'Buffer', 'TypedArray', 'DataView']);
}
const certificateMethods = {
  verifySpkac(spkac: any, encoding?: any): boolean {
    return x509_ops.spkacVerify(spkacBytes(spkac, encoding));
  },
  exportPublicKey(spkac: any, encoding?: any): any {
    const key = x509_ops.spkacKey(spkacBytes(spkac, encoding));
    return key === undefined ? '' : output(key);
  },
  exportChallenge(spkac: any, encoding?: any): any {
    const challenge = x509_ops.spkacChallenge(spkacBytes(spkac, encoding));
    return challenge === undefined ? '' : output(challenge);
  },
};
export function Certificate(this: any): any {
  if (!(this instanceof Certificate)) return new (Certificate as any)();
  return undefined;
}
Object.assign(Certificate.prototype, certificateMethods);
Object.assign(Certificate, certificateMethods);
