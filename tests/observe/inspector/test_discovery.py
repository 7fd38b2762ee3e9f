"""HTTP: how debuggers find the workers."""

from __future__ import annotations

import json
import socket

import pytest
from tests.observe.inspector.client import LIMIT, Debugger, Refused, exchange, get
from tests.observe.inspector.workers import Server


def test_version(server: Server) -> None:
    assert get(server.inspector, "/json/version") == (200, '{"Browser": "workerd", "Protocol-Version": "1.3" }')


@pytest.mark.parametrize("path", ["/json", "/json/list", "/json/list?for_tab"])
def test_one_target_for_each_worker(server: Server, path: str) -> None:
    status, body = get(server.inspector, path)
    assert status == 200
    targets = json.loads(body)
    assert [target["id"] for target in targets] == ["main", "other:side", "classic"]
    host = f"127.0.0.1:{server.inspector}"
    assert targets[1] == {
        "id": "other:side",
        "title": "workerd: worker other:side",
        "type": "node",
        "description": "workerd worker",
        "webSocketDebuggerUrl": f"ws://{host}/other:side",
        "devtoolsFrontendUrl": f"devtools://devtools/bundled/js_app.html?experiments=true&v8only=true&ws={host}/other:side",
        "devtoolsFrontendUrlCompat": (
            f"devtools://devtools/bundled/inspector.html?experiments=true&v8only=true&ws={host}/other:side"
        ),
        "faviconUrl": "https://workers.cloudflare.com/favicon.ico",
        "url": "https://workers.dev",
    }


@pytest.mark.parametrize("path", ["/", "/json/new", "/json/protocol", "/jsonx"])
def test_what_there_is_not(server: Server, path: str) -> None:
    assert get(server.inspector, path) == (500, "Not yet implemented")


def test_connections_stay_open(server: Server) -> None:
    request = f"GET /json/version HTTP/1.1\r\nHost: localhost:{server.inspector}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", server.inspector), LIMIT) as connection:
        connection.sendall(request + request[:10])
        connection.sendall(request[10:])
        answer = b""
        while answer.count(b'"Protocol-Version"') < 2:
            answer += connection.recv(4096)


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"POST /json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx", 501),
        (b"GET /json HTTP/1.1\r\n\r\n", 400),
        (b"GET /json HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", 400),
        (b"GET http://localhost/json HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET /json HTTP/1.1\r\nHost : localhost\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400),
        (b"GET /" + b"a" * 70000, 431),
        (b"GET /main HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n\r\n", 426),
        (b"GET /main HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n", 400),
    ],
)
def test_bad_requests(server: Server, request_bytes: bytes, status: int) -> None:
    assert exchange(server.inspector, request_bytes)[0] == status


def test_names_of_other_machines_are_refused(server: Server) -> None:
    status, body = get(server.inspector, "/json", Host="evil.example")
    assert status == 403 and "Host" in body
    with pytest.raises(Refused) as refused:
        Debugger(server.inspector, "main", host="evil.example")
    assert refused.value.status == 403


def test_web_pages_are_refused(server: Server) -> None:
    with pytest.raises(Refused) as refused:
        Debugger(server.inspector, "main", headers={"Origin": "https://evil.example"})
    assert refused.value.status == 403
    with Debugger(server.inspector, "main", headers={"Origin": "devtools://devtools"}) as devtools:
        assert devtools.evaluate("1 + 1") == 2


def test_workers_that_there_are_not(server: Server) -> None:
    with pytest.raises(Refused) as refused:
        server.debugger("nobody")
    assert refused.value.status == 404


@pytest.mark.parametrize("path", ["other:side", "other%3Aside", "some/where/other:side"])
def test_forms_of_a_workers_name(server: Server, path: str) -> None:
    with server.debugger(path) as debugger:
        debugger.call("Debugger.enable")
        urls = [event["params"]["url"] for event in debugger.events if event["method"] == "Debugger.scriptParsed"]
        assert "other.js" in urls and "main.js" not in urls
