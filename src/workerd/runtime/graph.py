"""From a Config to running services: makes each one, gives every worker what its config lets it reach, and starts them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workerd.bindings import BindingsError, build_env
from workerd.compat.compute import compute
from workerd.config.model import Config, DiskDirectory, ExternalServer, Network, ServiceDesignator
from workerd.config.model import Worker as WorkerConfig
from workerd.engine.library import initialize
from workerd.observe.logs import Logs
from workerd.platform import bundles
from workerd.runtime.autogates import Autogates
from workerd.runtime.limits import Limits
from workerd.runtime.modules import Source
from workerd.runtime.modules.typescript import TypeScriptError, strip_all
from workerd.runtime.worker import Worker, WorkerError
from workerd.services.make import ServiceConfigError, default_internet, make_service


class StartError(Exception):
    """The config's services cannot all start; `messages` has every reason found."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__("\n".join(messages))
        self.messages = messages


class LazyService:
    """Made at its first request: most workers never use what every worker has (the `internet` service, and TLS with it)."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._service: Any = None

    def request(self, exchange: Any) -> None:
        if self._service is None:
            self._service = self._make()
        self._service.request(exchange)

    def close(self) -> None:
        if self._service is not None:
            self._service.close()


class Graph:
    """The running services of one config."""

    def __init__(
        self,
        config: Config,
        *,
        logs: Logs,
        limits: Limits,
        experimental: bool = False,
        compat_date: str | None = None,
        predictable: bool = False,
        extra_v8_flags: tuple[str, ...] = (),
        only: frozenset[str] | None = None,
        on_worker: Callable[[Worker], object] | None = None,
    ) -> None:
        """`compat_date`: for workers that set none (`workerd test --compat-date`). `on_worker` is told each worker before any code of
        it runs. Raises StartError."""
        self._config = config
        self._logs = logs
        self._limits = limits
        self._experimental = experimental
        self._compat_date = compat_date
        self._predictable = predictable
        self._on_worker = on_worker
        self._autogates = Autogates(config.autogates, logs)
        self._errors: list[str] = []
        self._closed = False
        v8_flags = (*extra_v8_flags, *config.v8_flags)
        self.native = initialize(v8_flags)
        self._snapshot = bundles.startup_snapshot(self.native)
        self._extensions = {
            module.name: Source(module.name, "esModule", module.es_module, internal=module.internal)
            for extension in config.extensions
            for module in extension.modules
        }
        self.workers: dict[str, Worker] = {}
        self._services: dict[str, Any] = {}
        self._targets: dict[str, Any] = {}
        self._configs: dict[str, WorkerConfig] = {}
        self._loopbacks: dict[str, str] = {}
        try:
            self._make()
            self._link()
            self._raise()
            self._start()
            self._raise()
        except BaseException:
            self.close()
            raise

    def _raise(self) -> None:
        if self._errors:
            raise StartError(self._errors)

    # ---- the three steps

    def _make(self) -> None:
        for service in self._config.services:
            body = service.body
            if isinstance(body, WorkerConfig):
                worker = self._make_worker(service.name, body)
                if worker is not None:
                    self.workers[service.name] = worker
                    self._configs[service.name] = body
            elif isinstance(body, ExternalServer) and body.address is not None and body.address.startswith("loopback:"):
                self._loopbacks[service.name] = body.address
            elif isinstance(body, Network | ExternalServer | DiskDirectory):
                try:
                    self._add_service(service.name, make_service(service.name, body))
                except ServiceConfigError as error:
                    self._errors.append(str(error))
            else:
                kind = type(body).__name__
                self._errors.append(f'Service "{service.name}" is of kind {kind}, which this release does not support.')
        self._raise()

    def _add_service(self, name: str, service: Any) -> None:
        self._services[name] = service
        self._targets[name] = self.native.service_target(service)

    def _make_worker(self, name: str, config: WorkerConfig) -> Worker | None:
        date = config.compatibility_date or self._compat_date
        if date is None:
            self._errors.append(f"service {name}: Worker must specify compatibilityDate.")
            return None
        compat = compute(
            date,
            config.compatibility_flags,
            experimental=self._experimental,
            any_date=self._compat_date is not None,
        )
        self._errors.extend(f"service {name}: {error}" for error in compat.errors)
        for warning in compat.warnings:
            self._logs.message("warn", f"service {name}: {warning}")
        if compat.errors:
            return None
        modules = [Source(m.name, m.kind, m.body, tuple(m.named_exports)) for m in config.modules or ()]
        if config.modules is not None and not modules:
            self._errors.append(f"service {name}: modules list cannot be empty")
            return None
        if "typescript_strip_types" in compat.enabled:
            try:
                modules = strip_all(self.native, modules)
            except TypeScriptError as error:
                self._errors.append(f"service {name}: {error}")
                return None
        worker = Worker(
            self.native,
            name,
            snapshot=self._snapshot,
            flags=compat.enabled,
            compatibility_date=date,
            limits=self._limits,
            logs=self._logs,
            modules=modules,
            script=config.service_worker_script,
            extensions=self._extensions,
            module_fallback=config.module_fallback,
            predictable=self._predictable,
        )
        worker.autogates = self._autogates
        worker.hooks.on_condemned = lambda: self._restart(name)
        if self._on_worker is not None:
            self._on_worker(worker)
        return worker

    def _restart(self, name: str) -> None:
        """Puts a new worker in the place of one whose isolate ran out of memory. Its state in memory is gone; the others go on."""
        old = self.workers.get(name)
        if old is None or self._closed:
            return
        self._logs.message("error", f"worker {name}: ran out of memory and is started anew")
        self._errors.clear()
        worker = self._make_worker(name, self._configs[name])
        if worker is None:
            return
        worker.adopt(old)
        self.workers[name] = worker
        self._link_worker(name, worker)
        try:
            worker.start()
        except WorkerError as error:
            self._logs.message("error", f"service {name}: {error}")
        worker.take_over()
        old.close()

    def _link(self) -> None:
        self._connect_loopbacks()
        for name, worker in self.workers.items():
            self._link_worker(name, worker)

    def _link_worker(self, name: str, worker: Worker) -> None:
        config = self._configs[name]
        table: list[Any] = [self._designated(config.global_outbound, f'Worker "{name}"\'s globalOutbound'), None]
        cache: int | None = None
        if config.cache_api_outbound is not None:
            table[1] = self._designated(config.cache_api_outbound, f'Worker "{name}"\'s cacheApiOutbound')
            cache = 1

        def number(designator: ServiceDesignator, where: str) -> int:
            table.append(self._designated(designator, where))
            return len(table) - 1

        try:
            env = build_env(name, config, number, experimental=self._experimental)
        except BindingsError as error:
            self._errors.append(str(error))
            return
        worker.link(table, env, global_outbound=0, cache_api_outbound=cache)

    def _connect_loopbacks(self) -> None:
        """External services at `loopback:x` (tests) are what the socket with that address leads to."""
        for name, address in self._loopbacks.items():
            socket = next((s for s in self._config.sockets if s.address == address), None)
            if socket is None:
                self._errors.append(f'External service "{name}": no socket has the address "{address}".')
                continue
            target = self._designated(socket.service, f'Socket "{socket.name}"')
            if target is not None:
                self._targets[name] = target

    def _designated(self, designator: ServiceDesignator, where: str) -> Any:
        """The Target a designator means; None, with an error noted, when there is none."""
        worker = self.workers.get(designator.name)
        if worker is not None:
            return worker.target(designator.entrypoint, designator.props_json)
        if designator.name not in self._targets and designator.name == "internet":
            self._add_service("internet", LazyService(default_internet))
        target = self._targets.get(designator.name)
        if target is None:
            self._errors.append(f'{where} refers to a service "{designator.name}", but no such service is defined.')
        elif designator.entrypoint is not None:
            self._errors.append(
                f'{where} refers to service "{designator.name}" with a named entrypoint '
                f'"{designator.entrypoint}", but "{designator.name}" is not a Worker, so does not have entrypoints.'
            )
        return target

    def _start(self) -> None:
        for name, worker in self.workers.items():
            try:
                worker.start()
            except WorkerError as error:
                self._errors.append(f"service {name}: {error}")

    # ---- use

    def target(self, designator: ServiceDesignator, where: str) -> Any:
        """The Target for a socket. Raises StartError."""
        before = len(self._errors)
        target = self._designated(designator, where)
        if len(self._errors) > before:
            raise StartError(self._errors[before:])
        return target

    def services(self) -> Mapping[str, Any]:
        return self._services

    def close(self) -> None:
        """Ends every worker and the connections of every service."""
        self._closed = True
        for worker in self.workers.values():
            worker.close()
        for service in self._services.values():
            close = getattr(service, "close", None)
            if close is not None:
                close()
