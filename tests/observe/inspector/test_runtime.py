"""The Runtime domain: contexts, console, exceptions, evaluation; and what clients may do wrong."""

from __future__ import annotations

import pytest
from tests.observe.inspector.client import CommandError
from tests.observe.inspector.workers import Server, line_of


def test_what_was_printed_before_is_replayed(server: Server) -> None:
    with server.debugger() as debugger:
        debugger.call("Runtime.enable")
        assert debugger.wait("Runtime.executionContextCreated")["context"]["name"] == "Worker"
        message = debugger.wait("Runtime.consoleAPICalled")
        assert message["type"] == "log"
        assert message["args"][0] == {"type": "string", "value": "at startup"}
        assert [(frame["url"], frame["lineNumber"]) for frame in message["stackTrace"]["callFrames"]] == [
            ("main.js", 1)
        ]


def test_console_messages_come_as_they_are_made(server: Server) -> None:
    with server.debugger() as debugger:
        debugger.call("Runtime.enable")
        debugger.call("Runtime.discardConsoleEntries")
        debugger.events.clear()
        assert server.fetch("/log") == "logged"
        seen = debugger.wait("Runtime.consoleAPICalled")
        assert seen["args"][1]["preview"]["properties"][1] == {"name": "1", "type": "number", "value": "2"}
        frames = seen["stackTrace"]["callFrames"]
        assert [frame["url"] for frame in frames] == ["main.js"] * len(frames) and frames[0]["functionName"] == "/log"
        assert debugger.wait("Runtime.consoleAPICalled")["type"] == "warning"


def test_uncaught_exceptions(server: Server) -> None:
    with server.debugger() as debugger:
        debugger.call("Runtime.enable")
        debugger.events.clear()
        with pytest.raises(OSError, match="500"):
            server.fetch("/throw")
        details = debugger.wait("Runtime.exceptionThrown")["exceptionDetails"]
        assert details["text"] == "Uncaught RangeError: on purpose 💥"
        assert (details["url"], details["lineNumber"]) == ("main.js", line_of("on purpose"))
        assert all(frame["url"] == "main.js" for frame in details["stackTrace"]["callFrames"])
        assert server.fetch("/reject") == "rejected"
        assert (
            debugger.wait("Runtime.exceptionThrown")["exceptionDetails"]["text"] == "Uncaught TypeError: nobody cares"
        )


def test_evaluation(server: Server) -> None:
    with server.debugger() as debugger:
        assert debugger.evaluate("6 * 7") == 42
        assert debugger.evaluate("'é€💥' + '\\ud800'.length") == "é€💥1"
        assert debugger.evaluate("new Blob(['text']).text()", awaitPromise=True) == "text"
        assert debugger.evaluate("eval('1 + 2')") == 3
        failed = debugger.call("Runtime.evaluate", expression="missing")
        assert failed["exceptionDetails"]["exception"]["className"] == "ReferenceError"
        late = "new Promise((resolve) => queueMicrotask(() => resolve('late')))"
        assert debugger.evaluate(late, awaitPromise=True) == "late"


def test_heap_usage_and_isolate(server: Server) -> None:
    with server.debugger() as debugger, server.debugger("classic") as other:
        assert (
            0 < debugger.call("Runtime.getHeapUsage")["usedSize"] <= debugger.call("Runtime.getHeapUsage")["totalSize"]
        )
        assert debugger.call("Runtime.getIsolateId")["id"] != other.call("Runtime.getIsolateId")["id"]


def test_what_devtools_asks_of_other_domains(server: Server) -> None:
    with server.debugger() as debugger:
        assert debugger.call("Network.enable") == {}
        assert debugger.call("Network.disable") == {}
        with pytest.raises(CommandError) as missing:
            debugger.call("Page.foo")
        assert (missing.value.code, str(missing.value)) == (-32601, "'Page.foo' wasn't found")
        with pytest.raises(CommandError):
            debugger.call("Network.getResponseBody", requestId="1")


def test_garbage_is_answered_and_harms_nothing(server: Server) -> None:
    with server.debugger() as debugger:
        for garbage, code in (
            ("garbage", -32700),
            ('{"id":"x"}', -32600),
            ("[]", -32600),
            ("{", -32700),
            ('"Network.', -32700),
        ):
            debugger.send_text(garbage)
            with pytest.raises(CommandError) as error:
                debugger.answer(None)
            assert error.value.code == code
        debugger.send_bytes(b"\x00\x01")
        debugger.send_text('{"id":7,"method":"Network.enable","params":"\\ud800"}')
        assert debugger.answer(7) == {}
        with pytest.raises(CommandError):
            debugger.call("Runtime.evaluate", expression=5)
        with pytest.raises(CommandError):
            debugger.call("Debugger.setBlackboxPatterns", patterns="no list")
        assert debugger.evaluate("'still ' + 'there'") == "still there"


def test_a_broken_frame_ends_that_connection_only(server: Server) -> None:
    with server.debugger() as debugger, server.debugger() as other:
        debugger.send_raw(b"\x83\x80\x00\x00\x00\x00")
        assert debugger.expect_close() == 1002
        assert other.evaluate("2") == 2


def test_large_messages(server: Server) -> None:
    with server.debugger() as debugger:
        assert debugger.evaluate(f"'{'x' * 3_000_000}'.length") == 3_000_000
        assert len(debugger.evaluate("'é'.repeat(2_000_000)")) == 2_000_000


def test_sessions_of_one_worker_do_not_share_their_state(server: Server) -> None:
    with server.debugger() as one, server.debugger() as two:
        one.call("Runtime.enable")
        two.call("Runtime.getIsolateId")
        one.events.clear()
        server.fetch("/log")
        one.wait("Runtime.consoleAPICalled")
        assert two.call("Runtime.getIsolateId")["id"] and not two.events
