"""Logs, apart from a server."""

from __future__ import annotations

import io
import json
import os

import pytest

from workerd.observe.lines import DescriptorSink
from workerd.observe.logs import Logs, json_line, wants_color
from workerd.observe.sourcemaps import Place


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def logs(**options: bool | str) -> tuple[Logs, io.StringIO, io.StringIO]:
    out, err = io.StringIO(), io.StringIO()
    return Logs(stdout=out, stderr=err, **options), out, err  # type: ignore[arg-type]


def test_levels_and_streams() -> None:
    log, out, err = logs()
    for level in ("log", "info", "debug", "warn", "error"):
        log.console("w", level, f"a {level}")
    assert out.getvalue() == "a log\na info\na debug\n"
    assert err.getvalue() == "a warn\na error\n"


def test_own_messages() -> None:
    log, out, err = logs()
    for level in ("debug", "info", "warn", "error"):
        log.message(level, f"a {level}")
    assert (out.getvalue(), err.getvalue()) == ("", "warning: a warn\na error\n")
    log, out, err = logs(verbose=True)
    log.message("info", "something")
    assert err.getvalue() == "info: something\n"


def test_structured_shapes() -> None:
    log, out, err = logs(structured=True)
    log.console("w", "warn", "from the worker")
    log.message("error", "from us", source="workerd.services")
    log.failure("cannot start")
    console, own = (json.loads(line) for line in out.getvalue().splitlines())
    assert list(console) == ["timestamp", "level", "message"] and isinstance(console["timestamp"], int)
    assert list(own) == ["timestamp", "level", "source", "message", "context_depth"]
    assert isinstance(own["timestamp"], str) and own["source"] == "workerd.services" and own["context_depth"] == 0
    assert json.loads(err.getvalue())["message"] == "cannot start"


@pytest.mark.parametrize(
    "text",
    [
        "two\nlines\r\n",
        "\x00\x1b[31m\x7f\x85",
        "\u2028\u2029",
        "\ud800 alone \udc00",
        '"}\n{"level":"error"}',
        "\U0001f600é",
    ],
)
def test_one_line_of_json_whatever_is_in_it(text: str) -> None:
    line = json_line({"message": text})
    assert line.endswith("\n")
    assert len(line.splitlines()) == 1  # splits at all that any reader of lines may take for an end
    line.encode("utf-8")
    assert json.loads(line) == {"message": text}


def test_stdio_lines_and_prefixes() -> None:
    log, out, _ = logs()
    log.stdio("w", 1, "one\n\ntwo\n")
    log.stdio("w", 2, "three")
    assert out.getvalue() == "stdout: one\nstdout:\nstdout: two\nstderr: three\n"
    log, out, _ = logs(stdout_prefix="O>", stderr_prefix="")
    log.stdio("w", 1, "one\n")
    log.stdio("w", 2, "two\n\n")
    assert out.getvalue() == "O> one\ntwo\n\n"


STACK = "Error: boom\n    at f (main.js:1:5)\n    at dispatch (workerd:platform:1:2)\n    at async workerd:platform:3:4"


def test_uncaught() -> None:
    log, _, err = logs()
    log.exception("w", "fetch", "Error", "boom", STACK, request="0.7", find=lambda *place: Place("main.ts", 10, 11))
    assert err.getvalue() == "worker w: request 0.7: Uncaught Error: boom\n    at f (main.ts:10:11)\n"
    log.request_failed("GET /", "Error", "boom", STACK)  # was logged where it was thrown
    assert err.getvalue().count("boom") == 1
    log.request_failed("w: GET /", "Error", "of a service", "")
    assert err.getvalue().endswith("w: GET /: Error: of a service\n")


def test_uncaught_structured() -> None:
    # Tools show such errors themselves: by default only those that a client got a 500 for are in the log.
    log, out, _ = logs(structured=True)
    log.exception("w", "promise", "Error", "boom", STACK)
    assert out.getvalue() == ""
    log.request_failed("GET /", "Error", "boom", STACK)
    assert json.loads(out.getvalue())["message"] == "Uncaught exception: Error: boom\n    at f (main.js:1:5)"
    log, out, _ = logs(structured=True, verbose=True)
    log.exception("w", "promise", "Error", "boom", STACK)
    line = json.loads(out.getvalue())
    assert line["level"] == "info"
    assert line["message"].startswith(
        "uncaught exception; source = Uncaught (in promise); stack = Error: boom\n    at f"
    )


def test_colors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    assert wants_color(True) and not wants_color(False)
    out, err = Terminal(), Terminal()
    log = Logs(stdout=out, stderr=err)
    log.name_workers = True
    log.console("main", "error", "bad")
    log.console("main", "log", "plain")
    assert err.getvalue() == "\x1b[2mmain |\x1b[0m \x1b[31mbad\x1b[0m\n"
    assert out.getvalue() == "\x1b[2mmain |\x1b[0m plain\n"
    monkeypatch.setenv("FORCE_COLOR", "0")
    assert not wants_color(True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert wants_color(False)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_color(True)


def test_status_line_gives_way() -> None:
    out, err = Terminal(), Terminal()
    log = Logs(stdout=out, stderr=err)
    log.status("[ TEST ] a")
    log.raw("[ PASS ] a\n")
    log.raw("next\n")
    assert err.getvalue() == "\r\x1b[K[ TEST ] a\r\x1b[K[ PASS ] a\nnext\n"


def test_a_reader_that_is_slow_or_gone() -> None:
    read, write = os.pipe()
    os.set_blocking(write, False)
    sink = DescriptorSink(write)
    lines = "x" * 300_000 + "\n"  # more than a pipe holds
    import threading

    received: list[bytes] = []

    def reader() -> None:
        while sum(map(len, received)) < len(lines):
            received.append(os.read(read, 5000))

    thread = threading.Thread(target=reader)
    thread.start()
    sink.write(lines)
    thread.join(10)
    assert b"".join(received).decode() == lines
    os.close(read)
    sink.write("nobody reads\n")
    sink.write("nor this\n")
    os.close(write)
