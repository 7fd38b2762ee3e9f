"""Checks sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workerd.config import model as m
from workerd.config.addresses import parse_address
from workerd.config.validate.designators import Services, check_designator
from workerd.config.validate.report import Path, Report

if TYPE_CHECKING:
    from workerd.config.validate import Permissions


def check_socket(report: Report, path: Path, socket: m.Socket, services: Services, permissions: Permissions) -> None:
    subject = f'Socket "{socket.name}"'
    check_designator(report, (*path, "service"), socket.service, subject, services)
    protocol = socket.protocol
    if isinstance(protocol, m.Unknown):
        report.error(
            path,
            f'Encountered unknown socket type in "{socket.name}". Was the config compiled with a newer version of the '
            "schema?",
        )
    elif isinstance(protocol, m.UdpSocket):
        report.error((*path, "udp"), f"{subject} is a UDP socket, which is not supported by this release of workerd.")
    elif isinstance(protocol, m.HttpsSocket):
        check_server_tls(report, (*path, "https", "tlsOptions"), subject, protocol.tls_options)
    elif isinstance(protocol, m.TcpSocket) and protocol.tls_options is not None:
        check_server_tls(report, (*path, "tcp", "tlsOptions"), subject, protocol.tls_options)
    if isinstance(protocol, m.HttpSocket | m.HttpsSocket) and protocol.options.capnp_connect_host is not None:
        kind = "http" if isinstance(protocol, m.HttpSocket) else "https"
        report.warn(
            (*path, kind, "capnpConnectHost"),
            f"{subject}: `capnpConnectHost` has no effect: this release of workerd does not support it yet.",
        )
    if socket.name in permissions.fds:
        return
    if socket.address is None:
        report.error(
            path,
            f"{subject} has no address in the config, so must be specified on the command line with `--socket-addr`.",
        )
    else:
        check_address(report, (*path, "address"), subject, socket.address, permissions)


def check_address(report: Report, path: Path, subject: str, address: str, permissions: Permissions) -> None:
    try:
        parsed = parse_address(address)
    except ValueError as error:
        report.error(path, f"{subject}: parseAddress: {error} ({address!r})")
        return
    if parsed.kind == "loopback" and not permissions.loopback:
        report.error(
            path, f"{subject} has the address {address!r}; `loopback:` addresses exist in `workerd test` only."
        )


def check_server_tls(report: Report, path: Path, subject: str, options: m.TlsOptions) -> None:
    if options.keypair is None:
        report.error(path, f"{subject} has TLS options without a keypair, which a server needs.")
    elif not options.keypair.private_key or not options.keypair.certificate_chain:
        report.error(path, f"{subject} has a TLS keypair of which the privateKey or the certificateChain is empty.")
    check_tls(report, path, subject, options)


def check_tls(report: Report, path: Path, subject: str, options: m.TlsOptions) -> None:
    for index, certificate in enumerate(options.trusted_certificates):
        if "-----BEGIN" not in certificate:
            report.error(
                (*path, "trustedCertificates", index), f"{subject} has a trusted certificate that is not in PEM format."
            )
    if options.min_version == m.TlsVersion.SSL3:
        report.warn(path, f"{subject} permits SSL 3.0, which this release does not speak; TLS 1.0 is the oldest.")
