"""A module fallback service of the tests' own: answers by specifier, and remembers what it was asked."""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
import urllib.parse
from collections.abc import Iterator, Mapping
from typing import Any

#: A module; a str: another name for it (301); an int: that status; bytes: this as the body of a 200.
Reply = Mapping[str, Any] | str | int | bytes


class Service:
    def __init__(self, replies: Mapping[str, Reply]) -> None:
        self.replies = replies
        self.asked: list[dict[str, Any]] = []
        #: How many connections were made, and after how many answers one is closed (0: never).
        self.connections = 0
        self.close_after = 0
        self.address = ""


@contextlib.contextmanager
def serving(replies: Mapping[str, Reply]) -> Iterator[Service]:
    service = Service(replies)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            service.connections += 1
            self.answers = 0

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_GET(self) -> None:
            query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query, keep_blank_values=True))
            service.asked.append({"method": self.headers["x-resolve-method"], "host": self.headers["Host"], **query})
            self.answer(query["specifier"])

        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            service.asked.append(question)
            self.answer(question["specifier"])

        def answer(self, specifier: str) -> None:
            reply = service.replies.get(specifier, 404)
            body = b""
            if isinstance(reply, str):
                self.send_response(301)
                if reply:
                    self.send_header("Location", reply)
            elif isinstance(reply, int):
                self.send_response(reply)
                body = b"there is no such thing"
            else:
                self.send_response(200)
                body = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.answers += 1
            # Without a word: the client finds out when it asks again.
            self.close_connection = self.answers == service.close_after

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    service.address = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
