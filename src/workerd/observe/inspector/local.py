"""A session with a worker's inspector from within the process."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from typing import Any


class InspectorError(Exception):
    """A command failed, or its answer did not come at once."""


class LocalSession:
    """Commands and events; on the worker's thread. `inspector`: a native.Inspector."""

    def __init__(self, inspector: Any) -> None:
        self._session = inspector.connect(self._receive)
        self._last_id = 0
        self._answers: dict[int, dict[str, Any]] = {}
        self._handlers: dict[str, Callable[[dict[str, Any]], object]] = {}
        self._events: deque[dict[str, Any]] = deque()

    def on(self, event: str, handler: Callable[[dict[str, Any]], object]) -> None:
        """`handler` gets the parameters of each such event, while a command is being worked on or before the next one."""
        self._handlers[event] = handler

    def call(self, method: str, **params: object) -> dict[str, Any]:
        """The result of a command that V8 answers at once. Raises InspectorError."""
        self._last_id += 1
        number = self._last_id
        self._session.dispatch(json.dumps({"id": number, "method": method, "params": params}))
        while self._events:
            event = self._events.popleft()
            self._handlers[event["method"]](event["params"])
        answer = self._answers.pop(number, None)
        if answer is None:
            raise InspectorError(f"{method}: no answer")
        if "error" in answer:
            raise InspectorError(f"{method}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    def close(self) -> None:
        self._session.close()

    def _receive(self, text: str | None) -> None:
        if text is None:
            return
        message = json.loads(text)
        if "id" in message:
            self._answers[message["id"]] = message
        elif message["method"] in self._handlers:
            self._events.append(message)
