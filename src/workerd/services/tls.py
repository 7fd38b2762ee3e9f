"""`TlsOptions` as `ssl.SSLContext`s, for clients and for servers."""

from __future__ import annotations

import os
import ssl
from collections.abc import Sequence
from pathlib import Path

from workerd.config.network import TlsOptions, TlsVersion

#: Where distributions keep the CA bundle, for a Python whose OpenSSL looks elsewhere.
_CA_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)

_VERSIONS = {
    TlsVersion.TLS1_0: ssl.TLSVersion.TLSv1,
    TlsVersion.TLS1_1: ssl.TLSVersion.TLSv1_1,
    TlsVersion.TLS1_2: ssl.TLSVersion.TLSv1_2,
    TlsVersion.TLS1_3: ssl.TLSVersion.TLSv1_3,
    TlsVersion.SSL3: ssl.TLSVersion.SSLv3,
}


class TlsConfigError(ValueError):
    """TLS options that cannot be used. The message says which and why."""


def client_context(options: TlsOptions, alpn: Sequence[str] = ()) -> ssl.SSLContext:
    """Certificates and host names are checked against what the options trust: nothing, if they name nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _apply(context, options, alpn)
    return context


def server_context(options: TlsOptions, alpn: Sequence[str] = ()) -> ssl.SSLContext:
    """Raises TlsConfigError without a key pair."""
    if options.keypair is None:
        raise TlsConfigError("TLS sockets need a keypair (privateKey and certificateChain).")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _apply(context, options, alpn)
    if options.require_client_certs:
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _apply(context: ssl.SSLContext, options: TlsOptions, alpn: Sequence[str]) -> None:
    if options.min_version == TlsVersion.GOOD_DEFAULT:
        context.minimum_version = ssl.TLSVersion.TLSv1_2
    else:
        try:
            context.minimum_version = _VERSIONS[options.min_version]
        except ValueError as error:
            raise TlsConfigError(f"minVersion {options.min_version.name} is not available here: {error}") from error
    if options.cipher_list is not None:
        try:
            context.set_ciphers(options.cipher_list)
        except ssl.SSLError as error:
            raise TlsConfigError(f"cipherList {options.cipher_list!r} names no usable cipher: {error}") from error
    if options.trust_browser_cas:
        _load_system_cas(context)
    for number, certificate in enumerate(options.trusted_certificates):
        try:
            context.load_verify_locations(cadata=certificate)
        except ssl.SSLError as error:
            raise TlsConfigError(f"trustedCertificates[{number}] is not a PEM certificate: {error}") from error
    if options.keypair is not None:
        _load_keypair(context, options.keypair.private_key, options.keypair.certificate_chain)
    if alpn:
        context.set_alpn_protocols(list(alpn))


def _load_system_cas(context: ssl.SSLContext) -> None:
    context.load_default_certs()
    if context.cert_store_stats()["x509_ca"] or _has_ca_directory():
        return
    for bundle in _CA_BUNDLES:
        if Path(bundle).is_file():
            context.load_verify_locations(cafile=bundle)
            return


def _has_ca_directory() -> bool:
    # OpenSSL reads such a directory at each handshake, so its certificates are in no count.
    directory = ssl.get_default_verify_paths().capath
    return directory is not None and Path(directory).is_dir() and any(Path(directory).iterdir())


def _load_keypair(context: ssl.SSLContext, private_key: str, chain: str) -> None:
    # `ssl` loads keys from files only. This one has no name and no place on disk.
    descriptor = os.memfd_create("workerd-keypair", os.MFD_CLOEXEC)
    try:
        os.write(descriptor, f"{private_key.strip()}\n{chain.strip()}\n".encode())
        context.load_cert_chain(f"/proc/self/fd/{descriptor}", password=_no_password)
    except ssl.SSLError as error:
        raise TlsConfigError(f"keypair cannot be used: {error}") from error
    finally:
        os.close(descriptor)


def _no_password() -> str:
    raise TlsConfigError("keypair: the private key is encrypted.")
