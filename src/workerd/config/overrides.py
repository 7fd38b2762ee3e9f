"""What the command line says instead of the config: addresses of sockets and external services, directories."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from workerd.config import model as m
from workerd.config.record import Record, replace
from workerd.config.validate.report import Report

_NONE: Mapping[str, str] = MappingProxyType({})


class Overrides(Record):
    """Each maps a name in the config to what replaces its address or path.

    `socket_fds`: open, listening descriptors.
    """

    directories: Mapping[str, str] = _NONE
    externals: Mapping[str, str] = _NONE
    socket_addrs: Mapping[str, str] = _NONE
    socket_fds: Mapping[str, int] = MappingProxyType({})


def apply(config: m.Config, overrides: Overrides, *, for_test: bool = False) -> tuple[m.Config, Report]:
    """The config with overrides in it, and what is wrong with them: those that match nothing.

    for_test: a directory TEST_TMPDIR may match nothing, as test runners always give it.
    """
    report = Report()
    directories = dict(overrides.directories)
    externals = dict(overrides.externals)
    addresses = dict(overrides.socket_addrs)
    fds = set(overrides.socket_fds)

    services = []
    for service in config.services:
        body = service.body
        if isinstance(body, m.DiskDirectory) and service.name in directories:
            service = replace(service, body=replace(body, path=directories.pop(service.name)))
        elif isinstance(body, m.ExternalServer) and service.name in externals:
            service = replace(service, body=replace(body, address=externals.pop(service.name)))
        services.append(service)
    sockets = []
    for socket in config.sockets:
        if socket.name in addresses:
            socket = replace(socket, address=addresses.pop(socket.name))
        fds.discard(socket.name)
        sockets.append(socket)

    if for_test:
        directories.pop("TEST_TMPDIR", None)
    for kind, names in (
        ("socket", [*addresses, *sorted(fds)]),
        ("external service", externals),
        ("disk service", directories),
    ):
        for name in names:
            report.error(
                (),
                f'Config did not define any {kind} named "{name}" to match the override provided on the command line.',
            )
    return replace(config, services=tuple(services), sockets=tuple(sockets)), report
