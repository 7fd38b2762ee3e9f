"""From a service's config to the service. (Workers are made by runtime/.)"""

from __future__ import annotations

from workerd.config.model import DiskDirectory, ExternalServer, Network
from workerd.services.contract import Service


class ServiceConfigError(Exception):
    """The config of a service cannot be used. The message names the service."""


def make_service(name: str, body: Network | ExternalServer | DiskDirectory) -> Service:
    """The service `name`. Raises ServiceConfigError. Each has `close()`, which ends its connections."""
    try:
        if isinstance(body, Network):
            from workerd.services.network import NetworkService

            return NetworkService(body)
        if isinstance(body, ExternalServer):
            if body.address is None:
                raise ServiceConfigError(
                    f'External service "{name}" has no address in the config, so must be specified on the command '
                    "line with `--external-addr`."
                )
            from workerd.services.external import make_external

            return make_external(body)
        return _make_disk(name, body)
    except ValueError as error:
        raise ServiceConfigError(f'Service "{name}": {error}') from error


def _make_disk(name: str, body: DiskDirectory) -> Service:
    if body.path is None:
        raise ServiceConfigError(
            f'Directory "{name}" has no path in the config, so must be specified on the command line with '
            "`--directory-path`."
        )
    from workerd.services.disk import DiskService

    try:
        return DiskService(body)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ServiceConfigError(f'Directory named "{name}" not found: {body.path}') from error
    except OSError as error:
        raise ServiceConfigError(f'Directory named "{name}" cannot be opened: {body.path}: {error.strerror}') from error


def default_internet() -> Service:
    """The `internet` service of a config that defines none: public addresses, https with the system's CAs."""
    from workerd.config.network import TlsOptions
    from workerd.services.network import NetworkService

    return NetworkService(Network(("public",), (), TlsOptions(trust_browser_cas=True)))
