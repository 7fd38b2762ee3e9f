// tls.SecureContext: nothing of it can be set, since the runtime secures connections.
import { validateInteger } from '../internal/validators';

export function SecureContext(this: any, secureProtocol?: any, secureOptions?: any, minVersion?: any, maxVersion?: any): any {
  if (!(this instanceof (SecureContext as any))) return new (SecureContext as any)(secureProtocol, secureOptions, minVersion, maxVersion);
  if (secureOptions !== undefined) validateInteger(secureOptions, 'secureOptions');
  this.context = undefined;
  return this;
}
export function createSecureContext(options: any = {}): any {
  const { secureProtocol, secureOptions, minVersion, maxVersion } = options;
  return new (SecureContext as any)(secureProtocol, secureOptions, minVersion, maxVersion);
}

/** Puts what is text in a certificate's infoAccess into lists. */
export function translatePeerCertificate(certificate?: any): any {
  if (!certificate) return null;
  const { issuerCertificate, infoAccess } = certificate;
  if (issuerCertificate != null && issuerCertificate !== certificate) certificate.issuerCertificate = translatePeerCertificate(issuerCertificate);
  if (infoAccess != null) {
    certificate.infoAccess = Object.create(null);
    for (const [, key, value] of String(infoAccess).matchAll(/([^\n:]*):([^\n]*)(?:\n|$)/g)) {
      (certificate.infoAccess[key!] ??= []).push(value!.startsWith('"') ? JSON.parse(value!) : value);
    }
  }
  return certificate;
}
