"""What a listener tells of its requests, passed on to those who want to know."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from workerd.observe.logs import Logs
from workerd.observe.requests import Observer, Request
from workerd.runtime.hang import request_id
from workerd.sockets.peer import remote_address


class Observation:
    """One for all sockets of the process."""

    def __init__(self, logs: Logs, observers: Sequence[Observer] = ()) -> None:
        self._logs = logs
        self._observers = tuple(observers)

    def finished(
        self,
        socket: str,
        worker: str,
        transport: asyncio.BaseTransport | None,
        method: str,
        url: str,
        status: int,
        complete: bool,
        seconds: float,
        received: int,
        sent: int,
        number: float,
        trace: str,
    ) -> None:
        """A request is over. `number`: in the worker that took it; -1: none did."""
        request = Request(
            socket,
            worker,
            method,
            url,
            status,
            complete,
            seconds,
            received,
            sent,
            request_id(number) if number >= 0 else "",
            remote_address(transport) if transport is not None else "",
            trace,
        )
        for observer in self._observers:
            observer(request)

    def failed(self, worker: str, method: str, url: str, name: str, message: str, stack: str) -> None:
        """A request was answered with 500."""
        self._logs.request_failed(f"{worker}: {method} {url}", name, message, stack)
