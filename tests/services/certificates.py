"""Certificates made for one test run."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from workerd.config.network import TlsKeypair, TlsOptions
from workerd.services.tls import server_context

_NOW = datetime.datetime.now(datetime.UTC)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


class Authority:
    """A CA that nobody trusts but those who are told to."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("Test CA")
        certificate = (
            self._builder("Test CA", self._key.public_key(), 1)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.pem = certificate.public_bytes(serialization.Encoding.PEM).decode()

    def _builder(self, name: str, key: ec.EllipticCurvePublicKey, days: int) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(_NOW - datetime.timedelta(days=2))
            .not_valid_after(_NOW + datetime.timedelta(days=days))
        )

    def keypair(self, host: str, days: int = 1) -> TlsKeypair:
        """For `host`, a name or an IP address. `days` below zero: it has run out."""
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            names: list[x509.GeneralName] = [x509.IPAddress(ipaddress.ip_address(host))]
        except ValueError:
            names = [x509.DNSName(host)]
        certificate = (
            self._builder(host, key.public_key(), days)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return TlsKeypair(_pem(key), certificate.public_bytes(serialization.Encoding.PEM).decode())


@lru_cache
def authority() -> Authority:
    return Authority()


def server_tls(host: str = "127.0.0.1", alpn: tuple[str, ...] = (), days: int = 1, **options: object) -> ssl.SSLContext:
    return server_context(TlsOptions(keypair=authority().keypair(host, days), **options), alpn)  # type: ignore[arg-type]


def trusting(**options: object) -> TlsOptions:
    return TlsOptions(trusted_certificates=(authority().pem,), **options)  # type: ignore[arg-type]
