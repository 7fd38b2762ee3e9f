"""Checks services that are not Workers, and hands Workers on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from workerd.config import model as m
from workerd.config.addresses import check_block
from workerd.config.validate.designators import Services
from workerd.config.validate.report import Path, Report
from workerd.config.validate.sockets import check_address, check_tls
from workerd.config.validate.workers import check_worker

if TYPE_CHECKING:
    from workerd.config.validate import Permissions


def check_service(report: Report, path: Path, service: m.Service, services: Services, permissions: Permissions) -> None:
    name, body = service.name, service.body
    match body:
        case m.Worker():
            check_worker(report, (*path, "worker"), name, body, services, permissions)
        case m.Network():
            _check_network(report, (*path, "network"), name, body)
        case m.ExternalServer():
            _check_external(report, (*path, "external"), name, body, permissions)
        case m.DiskDirectory():
            _check_disk(report, (*path, "disk"), name, body)
        case m.ClusterBucket():
            _unsupported(report, (*path, "bucket"), name, "bucket")
        case m.AssetsService():
            _unsupported(report, (*path, "assets"), name, "assets")
        case m.Unspecified():
            report.error(path, f'Service named "{name}" does not specify what to serve.')
        case m.Unknown():
            report.error(
                path,
                f'Service named "{name}" has unrecognized type. Was the config compiled with a newer version of the '
                "schema?",
            )


def _unsupported(report: Report, path: Path, name: str, kind: str) -> None:
    report.error(path, f"service {name}: Services of type `{kind}` are not supported by this release of workerd.")


def _check_network(report: Report, path: Path, name: str, network: m.Network) -> None:
    for field, blocks in (("allow", network.allow), ("deny", network.deny)):
        for index, block in enumerate(blocks):
            try:
                check_block(block)
            except ValueError as error:
                report.error((*path, field, index), f"service {name}: {error}")
    if network.tls_options is not None:
        check_tls(report, (*path, "tlsOptions"), f"service {name}", network.tls_options)


def _check_external(report: Report, path: Path, name: str, server: m.ExternalServer, permissions: Permissions) -> None:
    if server.kind == "unknown":
        report.error(
            path,
            f'External service named "{name}" has unrecognized protocol. Was the config compiled with a newer version '
            "of the schema?",
        )
    if server.address is None:
        report.error(
            path,
            f'External service "{name}" has no address in the config, so must be specified on the command line with '
            "`--external-addr`.",
        )
    else:
        check_address(report, (*path, "address"), f'External service "{name}"', server.address, permissions)
    if server.tls_options is not None:
        check_tls(report, (*path, server.kind, "tlsOptions"), f'External service "{name}"', server.tls_options)


def _check_disk(report: Report, path: Path, name: str, disk: m.DiskDirectory) -> None:
    if disk.path is None:
        report.error(
            path,
            f'Directory "{name}" has no path in the config, so must be specified on the command line with '
            "`--directory-path`.",
        )
    elif not os.path.isdir(disk.path):
        report.error((*path, "path"), f'Directory named "{name}" not found: {disk.path}')
    elif not os.access(disk.path, os.R_OK | os.X_OK | (os.W_OK if disk.writable else 0)):
        right = "read and write" if disk.writable else "read"
        report.error((*path, "path"), f'Directory named "{name}" may not be {right} by this process: {disk.path}')
