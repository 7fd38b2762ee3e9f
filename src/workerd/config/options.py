"""What the command line decides besides the config: handed to the server and to the test runner."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from workerd.config.filestate import FileStates
from workerd.config.record import Record

if TYPE_CHECKING:
    from workerd.config.load import Loaded


class ServeOptions(Record):
    """Options common to `serve` and `test`. Overrides of addresses and paths are already applied to the Config."""

    experimental: bool = False
    verbose: bool = False
    inspector_addr: str | None = None
    #: Inherited, already listening descriptors: socket name -> descriptor.
    socket_fds: Mapping[str, int] = MappingProxyType({})
    #: Where `{"event":"listen",...}` lines go; None: nowhere.
    control_fd: int | None = None
    debug_port: str | None = None
    watch: bool = False
    #: For `watch`: the files whose change means a new config, as they were when it was read; and what reads it again
    #: (raises ConfigError).
    watched: FileStates = MappingProxyType({})
    reload: Callable[[], Loaded] | None = None
    access_log: bool = False
    #: Where Prometheus finds metrics.
    metrics_addr: str | None = None
    #: Where OpenTelemetry traces are sent (OTLP over HTTP).
    otlp_endpoint: str | None = None

    @property
    def observes(self) -> bool:
        """Whether somebody wants to know of each request."""
        return self.access_log or self.metrics_addr is not None or self.otlp_endpoint is not None


class TestOptions(ServeOptions):
    """Options of `workerd test`."""

    #: Keeps pytest from taking this for a test class.
    __test__: ClassVar[bool] = False

    #: Globs over service names and entrypoint names.
    service_pattern: str = "*"
    entrypoint_pattern: str = "*"
    #: Compatibility date of every Worker; None: as the config says.
    compat_date: str | None = None
    predictable: bool = False
    gc_stress: bool = False
    all_autogates: bool = False
    #: -k: an expression over test names ("fetch and not redirect"); None: all.
    keyword: str | None = None
    junit_path: str | None = None
    coverage_path: str | None = None
    #: Number of test processes.
    jobs: int = 1
    #: Seconds until a test counts as hung; 0: never.
    timeout: float = 60.0
    fake_timers: bool = False
    #: The whole command line after the program's name, for processes that share the work (`jobs` > 1).
    argv: tuple[str, ...] = ()
