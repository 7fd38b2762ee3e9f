"""What a running server says."""

from __future__ import annotations

import http.server
import json
import re
import socket
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.observe.serving import serving

MODULE = """
import process from 'node:process';
export default {
  async fetch(request, env, ctx) {
    switch (new URL(request.url).pathname) {
      case '/log': console.log('a', { b: 1 }); console.warn('careful'); console.log('\\u2028\\ud800"\\n'); break;
      case '/stdio': process.stdout.write('out\\npart'); process.stderr.write('err'); break;
      case '/read': await request.text(); break;
      case '/throw': throw new Error('boom');
      case '/until': ctx.waitUntil(Promise.reject(new Error('until'))); break;
      case '/timer': setTimeout(() => { throw new Error('in a timer'); }, 1); await scheduler.wait(20); break;
      case '/hang': return await new Promise(() => {});
      case '/stream': {
        const { readable, writable } = new IdentityTransformStream();
        ctx.waitUntil((async () => {
          const writer = writable.getWriter();
          for (let i = 0; i < 3; i++) { await writer.write(new Uint8Array(1000)); await scheduler.wait(5); }
          await writer.close();
        })());
        return new Response(readable);
      }
      case '/endless': {
        const pull = async (controller) => { await scheduler.wait(5); controller.enqueue(new Uint8Array(10)); };
        return new Response(new ReadableStream({ pull }));
      }
    }
    return new Response('ok');
  },
};
"""


def test_readable(tmp_path: Path) -> None:
    with serving(tmp_path, MODULE) as server:
        assert server.get("/log") == (200, b"ok")
        assert server.get("/stdio") == (200, b"ok")
        assert server.get("/throw") == (500, b"Internal Server Error")
        server.get("/until")
        server.get("/timer")
        server.get("/", "script")
        server.wait(lambda: "in a timer" in server.stderr)
        out, err = server.stdout, server.stderr
    assert out == 'a { b: 1 }\n\u2028\ufffd"\n\nstdout: out\nstdout: part\nstderr: err\n'
    assert err.startswith("careful\nworker main: request ")
    assert re.search(r"request \d+\.\d+: Uncaught Error: boom\n    at Object.fetch \(main.js:\d+:\d+\)\n", err)
    assert err.count("boom") == 1
    assert "Uncaught (in waitUntil) Error: until\n" in err
    assert "script" not in out + err


def test_structured(tmp_path: Path) -> None:
    with serving(tmp_path, MODULE, config="structuredLogging = true") as server:
        for path in ("/log", "/stdio", "/throw", "/until"):
            server.get(path)
        server.wait(lambda: "boom" in server.stdout)
        lines = [json.loads(line) for line in server.stdout.split("\n") if line]
        assert server.stderr == ""
    assert [(line["level"], line["message"]) for line in lines] == [
        ("log", "a { b: 1 }"),
        ("warn", "careful"),
        ("log", '\u2028\ud800"\n'),
        ("log", "stdout: out"),
        ("log", "stdout: part"),
        ("log", "stderr: err"),
        ("error", lines[-1]["message"]),
    ]
    assert lines[-1]["message"].startswith("Uncaught exception: Error: boom\n    at Object.fetch (main.js:")


def test_verbose(tmp_path: Path) -> None:
    with serving(tmp_path, MODULE, "--verbose", config="structuredLogging = true") as server:
        server.get("/until")
        server.get("/", "script")
        server.wait(lambda: "from the script" in server.stdout)
        messages = [json.loads(line)["message"] for line in server.stdout.split("\n") if line]
    assert any(
        m.startswith("uncaught exception; source = Uncaught (in waitUntil); stack = Error: until") for m in messages
    )


def test_hang(tmp_path: Path) -> None:
    with serving(tmp_path, MODULE) as server:
        assert server.get("/hang") == (500, b"Internal Server Error")
        server.wait(lambda: "code had hung and would never generate a response" in server.stderr)
        assert server.stderr.count("code had hung") == 1
        assert server.get("/") == (200, b"ok")


def test_access_log(tmp_path: Path) -> None:
    with serving(tmp_path, MODULE, "--access-log") as server:
        server.get("/a?b=c")
        server.get("/throw", data=b"body")
        server.get("/stream")
        with socket.create_connection(("127.0.0.1", server.ports["main"])) as client:
            client.send(b"GET /endless HTTP/1.1\r\nHost: h\r\n\r\n")
            assert client.recv(10)
        server.wait(lambda: server.stdout.count("\n") == 4)
        lines = server.stdout.splitlines()
        server.wait(lambda: "boom" in server.stderr)
        request = re.search(r"request (\d+\.\d+): Uncaught", server.stderr)
    pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z 127\.0\.0\.1:\d+ %s \d+\.\d\d ms main \d+\.\d+"
    url = f"http://127.0.0.1:{server.ports['main']}"
    assert re.fullmatch(pattern % re.escape(f"GET {url}/a?b=c 200 2 B"), lines[0])
    assert re.fullmatch(pattern % re.escape(f"POST {url}/throw 500 21 B"), lines[1])
    assert re.fullmatch(pattern % re.escape(f"GET {url}/stream 200 3000 B"), lines[2])
    assert re.fullmatch(pattern % r"GET http://h/endless 200 aborted \d+ B", lines[3])
    assert request is not None and lines[1].endswith(f" main {request[1]}")


def test_access_log_structured(tmp_path: Path) -> None:
    with serving(tmp_path, MODULE, "--access-log", config="structuredLogging = true") as server:
        server.get("/read", data=b"12345")
        server.wait(lambda: server.stdout.endswith("\n"))
        line = json.loads(server.stdout)
    assert line["source"] == "access" and isinstance(line["timestamp"], str)
    assert {key: line[key] for key in ("method", "status", "bytes", "bytes_received", "worker", "complete")} == {
        "method": "POST",
        "status": 200,
        "bytes": 2,
        "bytes_received": 5,
        "worker": "main",
        "complete": True,
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_metrics(tmp_path: Path) -> None:
    port = free_port()
    with serving(tmp_path, MODULE, f"--metrics-addr=127.0.0.1:{port}") as server:
        server.get("/")
        server.get("/throw")
        server.get("/read", data=b"123")

        def read(path: str = "/metrics") -> str:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
                return str(response.read().decode())

        server.wait(lambda: 'code="500"' in read())
        text = read()
        try:
            read("/other")
        except urllib.error.HTTPError as error:
            assert error.code == 404
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.send(b"nonsense\r\n\r\n")
            assert client.recv(100).startswith(b"HTTP/1.1 405 ")
    assert 'workerd_requests_total{worker="main",method="GET",code="200"} 1\n' in text
    assert 'workerd_requests_total{worker="main",method="POST",code="200"} 1\n' in text
    assert 'workerd_request_duration_seconds_bucket{worker="main",le="+Inf"} 3\n' in text
    assert 'workerd_body_bytes_received_total{worker="main"} 3\n' in text
    assert 'workerd_uncaught_exceptions_total{worker="main",kind="fetch"} 1\n' in text
    assert re.search(r'workerd_isolate_memory_bytes\{worker="main",kind="used"\} \d+\n', text)
    # Every sample belongs to a family that was announced, and has a value.
    families = set(re.findall(r"^# TYPE (\S+) (?:counter|gauge|histogram)$", text, re.M))
    for line in text.splitlines():
        if not line.startswith("#"):
            match = re.fullmatch(r"([a-z_]+)(?:\{[^}]*\})? (\S+)", line)
            assert match is not None, line
            float(match[2])
            assert re.sub("_(bucket|sum|count)$", "", match[1]) in families or match[1] in families


@contextmanager
def collector() -> Iterator[tuple[str, list[dict[str, Any]], list[str]]]:
    """A stand-in for an OpenTelemetry collector: its address, what it got, and with which header."""
    got: list[dict[str, Any]] = []
    keys: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces" and self.headers["Content-Type"] == "application/json"
            keys.append(self.headers.get("X-Key", ""))
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", got, keys
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_traces(tmp_path: Path) -> None:
    with collector() as (endpoint, got, keys):
        environment = {"OTEL_SERVICE_NAME": "shop", "OTEL_EXPORTER_OTLP_HEADERS": "x-key=a%20b"}
        with serving(tmp_path, MODULE, f"--otlp-endpoint={endpoint}", environment=environment) as server:
            trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
            server.get("/a", traceparent=f"00-{trace}-{parent}-01")
            server.get("/not-sampled", traceparent=f"00-{trace}-{parent}-00")
            server.get("/throw", traceparent="nonsense")
        # Those that were left are sent when the server ends.
        spans = [s for each in got for s in each["resourceSpans"][0]["scopeSpans"][0]["spans"]]
    assert keys[0] == "a b"
    resource = got[0]["resourceSpans"][0]["resource"]["attributes"]
    assert {"key": "service.name", "value": {"stringValue": "shop"}} in resource
    assert len(spans) == 2
    first, second = spans
    assert (first["traceId"], first["parentSpanId"], first["name"], first["kind"]) == (trace, parent, "GET", 2)
    assert "status" not in first and second["status"] == {"code": 2}
    assert re.fullmatch("[0-9a-f]{32}", second["traceId"]) and "parentSpanId" not in second
    assert int(first["endTimeUnixNano"]) > int(first["startTimeUnixNano"])
    assert {"key": "http.response.status_code", "value": {"intValue": "500"}} in second["attributes"]


def test_a_collector_that_is_not_there(tmp_path: Path) -> None:
    endpoint = f"http://127.0.0.1:{free_port()}"
    with serving(tmp_path, MODULE, f"--otlp-endpoint={endpoint}") as server:
        assert server.get("/") == (200, b"ok")
        server.wait(lambda: "--otlp-endpoint" in server.stderr)
        assert server.stderr.count("--otlp-endpoint") == 1
