"""X.509 certificates: what crypto.X509Certificate shows and checks."""

from __future__ import annotations

import ipaddress
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from workerd.platform.node_crypto.errors import error
from workerd.platform.node_crypto.keys import describe, private_key, public_key
from workerd.platform.ops import OpContext, op

_SHORT = {
    NameOID.COMMON_NAME: "CN",
    NameOID.COUNTRY_NAME: "C",
    NameOID.LOCALITY_NAME: "L",
    NameOID.STATE_OR_PROVINCE_NAME: "ST",
    NameOID.ORGANIZATION_NAME: "O",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "OU",
    NameOID.EMAIL_ADDRESS: "emailAddress",
    NameOID.SERIAL_NUMBER: "serialNumber",
    NameOID.STREET_ADDRESS: "street",
    NameOID.DOMAIN_COMPONENT: "DC",
    NameOID.USER_ID: "UID",
    NameOID.GIVEN_NAME: "GN",
    NameOID.SURNAME: "SN",
    NameOID.TITLE: "title",
}
_ACCESS = {"1.3.6.1.5.5.7.48.1": "OCSP", "1.3.6.1.5.5.7.48.2": "CA Issuers"}
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_NIST = {"secp256r1": "P-256", "secp224r1": "P-224", "secp384r1": "P-384", "secp521r1": "P-521"}
_ASN1 = {"secp256r1": "prime256v1"}


def _load(der: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(der)


def _time(when: datetime) -> str:
    return f"{_MONTHS[when.month - 1]} {when.day:2d} {when:%H:%M:%S} {when.year} GMT"


def _name_lines(name: x509.Name) -> str:
    return "\n".join(f"{_SHORT.get(a.oid, a.oid.dotted_string)}={a.value!s}" for a in name)


def _name_object(name: x509.Name) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for attribute in name:
        key, value = _SHORT.get(attribute.oid, attribute.oid.dotted_string), str(attribute.value)
        if key in out:
            before = out[key]
            out[key] = [*(before if isinstance(before, list) else [before]), value]
        else:
            out[key] = value
    return out


def _extension(cert: x509.Certificate, kind: type[Any]) -> Any:
    try:
        return cert.extensions.get_extension_for_class(kind).value
    except (x509.ExtensionNotFound, ValueError):
        return None


def _quoted(text: str) -> str:
    """Values that could be taken for several are quoted as JSON strings."""
    if any(c in text for c in ",'\"\\") or any(ord(c) < 0x20 or ord(c) > 0x7E for c in text):
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return text


def _general_name(name: x509.GeneralName) -> str:
    match name:
        case x509.DNSName():
            return f"DNS:{_quoted(name.value)}"
        case x509.RFC822Name():
            return f"email:{_quoted(name.value)}"
        case x509.UniformResourceIdentifier():
            return f"URI:{_quoted(name.value)}"
        case x509.IPAddress():
            return f"IP Address:{name.value}"
        case x509.RegisteredID():
            return f"Registered ID:{name.value.dotted_string}"
        case x509.DirectoryName():
            return "DirName:" + _quoted(
                "/".join(f"{_SHORT.get(a.oid, a.oid.dotted_string)} = {a.value!s}" for a in name.value)
            )
        case _:
            return "othername:<unsupported>"


def _alt_names(cert: x509.Certificate) -> list[x509.GeneralName]:
    found = _extension(cert, x509.SubjectAlternativeName)
    return list(found) if found is not None else []


def _access(cert: x509.Certificate) -> str | None:
    found = _extension(cert, x509.AuthorityInformationAccess)
    if found is None:
        return None
    return "".join(
        f"{_ACCESS.get(d.access_method.dotted_string, d.access_method.dotted_string)} - {_general_name(d.access_location)}\n"
        for d in found
    )


def _fingerprint(cert: x509.Certificate, algorithm: hashes.HashAlgorithm) -> str:
    return ":".join(f"{b:02X}" for b in cert.fingerprint(algorithm))


def _serial(cert: x509.Certificate) -> str:
    text = f"{cert.serial_number:X}"
    return text if len(text) % 2 == 0 else "0" + text


@op("node_crypto.x509_parse")
def x509_parse(ctx: OpContext, data: bytes) -> bytes | None:
    """The DER of a certificate given as PEM or DER, or None when it is none."""
    try:
        cert = x509.load_pem_x509_certificate(data) if b"-----BEGIN" in data else x509.load_der_x509_certificate(data)
    except ValueError:
        return None
    return cert.public_bytes(Encoding.DER)


@op("node_crypto.x509_details")
def x509_details(ctx: OpContext, der: bytes) -> dict[str, Any]:
    cert = _load(der)
    basic = _extension(cert, x509.BasicConstraints)
    usage = _extension(cert, x509.ExtendedKeyUsage)
    names = _alt_names(cert)
    return {
        "subject": _name_lines(cert.subject) or None,
        "issuer": _name_lines(cert.issuer) or None,
        "subjectAltName": ", ".join(_general_name(name) for name in names) or None,
        "infoAccess": _access(cert),
        "validFrom": _time(cert.not_valid_before_utc),
        "validTo": _time(cert.not_valid_after_utc),
        "fingerprint": _fingerprint(cert, hashes.SHA1()),
        "fingerprint256": _fingerprint(cert, hashes.SHA256()),
        "fingerprint512": _fingerprint(cert, hashes.SHA512()),
        "keyUsage": [oid.dotted_string for oid in usage] if usage is not None else None,
        "serialNumber": _serial(cert),
        "pem": cert.public_bytes(Encoding.PEM).decode(),
        "ca": bool(basic is not None and basic.ca),
    }


@op("node_crypto.x509_public_key")
def x509_public_key(ctx: OpContext, der: bytes) -> dict[str, Any] | None:
    try:
        return describe(_load(der).public_key())
    except (UnsupportedAlgorithm, ValueError):
        return None


@op("node_crypto.x509_legacy")
def x509_legacy(ctx: OpContext, der: bytes) -> dict[str, Any]:
    cert = _load(der)
    details = x509_details(ctx, der)
    out: dict[str, Any] = {
        "subject": _name_object(cert.subject),
        "issuer": _name_object(cert.issuer),
        "infoAccess": details["infoAccess"],
        "ca": details["ca"],
        "subjectaltname": details["subjectAltName"],
    }
    key = cert.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        out |= {"modulus": f"{numbers.n:X}", "bits": key.key_size, "exponent": f"0x{numbers.e:x}"}
        out["pubkey"] = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        out["bits"] = key.curve.key_size
        out["pubkey"] = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        out |= {"asn1Curve": _ASN1.get(key.curve.name, key.curve.name), "nistCurve": _NIST.get(key.curve.name)}
    out |= {"valid_from": details["validFrom"], "valid_to": details["validTo"]}
    out |= {name: details[name] for name in ("fingerprint", "fingerprint256", "fingerprint512", "serialNumber")}
    out |= {"ext_key_usage": details["keyUsage"], "raw": der}
    return out


def _checked(text: str, what: str) -> str:
    if "\0" in text:
        raise error(f"Invalid {what}", "ERR_INVALID_ARG_VALUE", "TypeError")
    return text


def _host_matches(pattern: str, host: str, options: dict[str, Any]) -> bool:
    pattern, host = pattern.lower().rstrip("."), host.lower().rstrip(".")
    if pattern == host:
        return True
    if options.get("wildcards") is False or "*" not in pattern:
        return False
    first, dot, rest = pattern.partition(".")
    label, host_dot, host_rest = host.partition(".")
    if not dot or not host_dot or first.count("*") != 1 or "." not in rest:
        return False
    if options.get("multiLabelWildcards"):
        return host.endswith("." + rest)
    if rest != host_rest:
        return False
    before, _, after = first.partition("*")
    if first != "*" and options.get("partialWildcards") is False:
        return False
    return len(label) >= len(first) - 1 and label.startswith(before) and label.endswith(after)


@op("node_crypto.x509_check_host")
def x509_check_host(ctx: OpContext, der: bytes, name: str, options: dict[str, Any]) -> str | None:
    _checked(name, "name")
    cert = _load(der)
    dns = [str(n.value) for n in _alt_names(cert) if isinstance(n, x509.DNSName)]
    subject = options.get("subject", "default")
    candidates = list(dns)
    if subject == "always" or (subject == "default" and not dns):
        candidates += [str(a.value) for a in cert.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    return next((c for c in candidates if _host_matches(c, name, options)), None)


@op("node_crypto.x509_check_email")
def x509_check_email(ctx: OpContext, der: bytes, email: str, options: dict[str, Any]) -> str | None:
    _checked(email, "email")
    cert = _load(der)
    found = [str(n.value) for n in _alt_names(cert) if isinstance(n, x509.RFC822Name)]
    subject = options.get("subject", "default")
    if subject == "always" or (subject == "default" and not found):
        found += [str(a.value) for a in cert.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)]
    local, _, domain = email.rpartition("@")
    return (
        email
        if any(f.rpartition("@")[0] == local and f.rpartition("@")[2].lower() == domain.lower() for f in found)
        else None
    )


@op("node_crypto.x509_check_ip")
def x509_check_ip(ctx: OpContext, der: bytes, ip: str) -> str | None:
    try:
        address = ipaddress.ip_address(_checked(ip, "IP"))
    except ValueError:
        raise error("Invalid IP", "ERR_INVALID_ARG_VALUE", "TypeError") from None
    return ip if any(isinstance(n, x509.IPAddress) and n.value == address for n in _alt_names(_load(der))) else None


@op("node_crypto.x509_check_issued")
def x509_check_issued(ctx: OpContext, der: bytes, issuer: bytes) -> bool:
    """Whether `issuer` may have issued the certificate, by names and identifiers; signatures are verify()'s business."""
    cert, other = _load(der), _load(issuer)
    if cert.issuer != other.subject:
        return False
    authority, subject = _extension(cert, x509.AuthorityKeyIdentifier), _extension(other, x509.SubjectKeyIdentifier)
    if (
        authority is not None
        and authority.key_identifier is not None
        and subject is not None
        and authority.key_identifier != subject.digest
    ):
        return False
    usage = _extension(other, x509.KeyUsage)
    return usage is None or bool(usage.key_cert_sign)


@op("node_crypto.x509_check_private")
def x509_check_private(ctx: OpContext, der: bytes, key: bytes) -> bool:
    return bool(private_key(key).public_key() == _load(der).public_key())


@op("node_crypto.x509_verify")
def x509_verify(ctx: OpContext, der: bytes, key: bytes) -> bool:
    cert, public = _load(der), public_key(key)
    algorithm = cert.signature_hash_algorithm
    try:
        if isinstance(public, rsa.RSAPublicKey) and algorithm is not None:
            parameters = cert.signature_algorithm_parameters
            scheme: Any = parameters if isinstance(parameters, padding.PSS) else padding.PKCS1v15()
            public.verify(cert.signature, cert.tbs_certificate_bytes, scheme, algorithm)
        elif isinstance(public, ec.EllipticCurvePublicKey) and algorithm is not None:
            public.verify(cert.signature, cert.tbs_certificate_bytes, ec.ECDSA(algorithm))
        elif hasattr(public, "verify"):
            public.verify(cert.signature, cert.tbs_certificate_bytes)
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True
