"""A debugger for tests: HTTP, and the Chrome DevTools Protocol over a WebSocket. Everything blocks, with a time limit."""

from __future__ import annotations

import json
import socket
import time
from typing import Any
from urllib.request import urlopen

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, BytesMessage, CloseConnection, RejectConnection, Request, TextMessage

LIMIT = 20.0


class Refused(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


class Closed(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


class CommandError(Exception):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Debugger:
    def __init__(
        self, port: int, target: str, *, host: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), LIMIT)
        self._ws = WSConnection(ConnectionType.CLIENT)
        extra = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
        request = Request(host=host or f"127.0.0.1:{port}", target=f"/{target}", extra_headers=extra)
        self._socket.sendall(self._ws.send(request))
        self._partial = ""
        self._last_id = 0
        self.events: list[dict[str, Any]] = []
        self._answers: dict[int | None, dict[str, Any]] = {}
        self._accepted = False
        self._close_code: int | None = None
        while not self._accepted:
            self._receive(LIMIT)

    def __enter__(self) -> Debugger:
        return self

    def __exit__(self, *error: object) -> None:
        self.drop()

    # ---- the protocol

    def send(self, method: str, **params: Any) -> int:
        self._last_id += 1
        self.send_text(json.dumps({"id": self._last_id, "method": method, "params": params}))
        return self._last_id

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        return self.answer(self.send(method, **params))

    def answer(self, number: int | None, limit: float = LIMIT) -> dict[str, Any]:
        """The answer to a command; None: to something that had no id. Raises CommandError."""
        deadline = time.monotonic() + limit
        while number not in self._answers:
            self._receive(deadline - time.monotonic())
        answer = self._answers.pop(number)
        if "error" in answer:
            raise CommandError(answer["error"]["code"], answer["error"]["message"])
        result: dict[str, Any] = answer["result"]
        return result

    def wait(self, method: str, limit: float = LIMIT) -> dict[str, Any]:
        """The parameters of the next such event, of those not waited for yet."""
        deadline = time.monotonic() + limit
        while True:
            for event in self.events:
                if event["method"] == method:
                    self.events.remove(event)
                    params: dict[str, Any] = event["params"]
                    return params
            self._receive(deadline - time.monotonic())

    def evaluate(self, expression: str, **params: Any) -> Any:
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True, **params)["result"].get("value")

    # ---- the connection

    def send_text(self, text: str) -> None:
        self._socket.sendall(self._ws.send(TextMessage(text)))

    def send_bytes(self, data: bytes) -> None:
        self._socket.sendall(self._ws.send(BytesMessage(data)))

    def send_raw(self, data: bytes) -> None:
        self._socket.sendall(data)

    def drop(self) -> None:
        """Goes away without a word."""
        self._socket.close()

    def expect_close(self, limit: float = LIMIT) -> int:
        deadline = time.monotonic() + limit
        try:
            while True:
                self._receive(deadline - time.monotonic())
        except Closed as closed:
            return closed.code

    def _receive(self, limit: float) -> None:
        if self._close_code is not None:
            raise Closed(self._close_code)
        if limit <= 0:
            raise TimeoutError
        self._socket.settimeout(limit)
        data = self._socket.recv(1 << 20)
        if not data:
            raise Closed(1006)
        self._ws.receive_data(data)
        for event in self._ws.events():
            if isinstance(event, AcceptConnection):
                self._accepted = True
            elif isinstance(event, RejectConnection):
                raise Refused(event.status_code)
            elif isinstance(event, CloseConnection):
                self._close_code = event.code
            elif isinstance(event, TextMessage):
                self._partial += event.data
                if event.message_finished:
                    message, self._partial = json.loads(self._partial), ""
                    if "method" in message and "id" not in message:
                        self.events.append(message)
                    else:
                        self._answers[message.get("id")] = message


def get(port: int, path: str, **headers: str) -> tuple[int, str]:
    """Status and body of a GET request; `headers` with _ for -."""
    sent = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    if "Host" not in headers:
        sent += f"Host: 127.0.0.1:{port}\r\n"
    return exchange(port, f"GET {path} HTTP/1.1\r\n{sent}Connection: close\r\n\r\n".encode())


def exchange(port: int, request: bytes) -> tuple[int, str]:
    with socket.create_connection(("127.0.0.1", port), LIMIT) as connection:
        connection.sendall(request)
        answer = b""
        while data := connection.recv(65536):
            answer += data
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), body.decode()


def fetch(port: int, path: str) -> str:
    with urlopen(f"http://127.0.0.1:{port}{path}", timeout=LIMIT) as response:
        text: str = response.read().decode()
        return text
