"""Checks a whole config before anything is started, and finds all that is wrong with it, not just the first thing."""

from __future__ import annotations

from workerd.config import model as m
from workerd.config.record import Record
from workerd.config.validate.report import Problem, Report, lines
from workerd.config.validate.services import check_service
from workerd.config.validate.sockets import check_socket

__all__ = ["Permissions", "Problem", "Report", "lines", "validate"]


class Permissions(Record):
    """What the command line permits.

    `compat_date`: that of `workerd test --compat-date`. `fds`: names of sockets that are given by descriptor.
    """

    experimental: bool = False
    compat_date: str | None = None
    loopback: bool = False
    fds: frozenset[str] = frozenset()


def validate(config: m.Config, permissions: Permissions) -> Report:
    """Check `config`, overrides applied. What only running code can tell (missing exports) is left to the runtime."""
    report = Report()
    if config.cluster is not None:
        report.error(("cluster",), "Config.cluster is not supported by this release of workerd.")
    services: dict[str, m.ServiceBody] = {"internet": m.Network(tls_options=m.TlsOptions(trust_browser_cas=True))}
    seen: set[str] = set()
    for index, service in enumerate(config.services):
        if service.name in seen:
            report.error(("services", index, "name"), f'Config defines multiple services named "{service.name}".')
        seen.add(service.name)
        services[service.name] = service.body
    for index, service in enumerate(config.services):
        check_service(report, ("services", index), service, services, permissions)
    names: set[str] = set()
    for index, socket in enumerate(config.sockets):
        if socket.name in names:
            # Not an error: sockets need no name unless one is to be overridden, then the first one of that name is.
            report.warn(("sockets", index, "name"), f'Config defines multiple sockets named "{socket.name}".')
        names.add(socket.name)
        check_socket(report, ("sockets", index), socket, services, permissions)
    return report
