"""The Debugger domain: breakpoints, stepping, and what goes on while a worker is held."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.observe.inspector.client import Debugger, get
from tests.observe.inspector.workers import Server, line_of, serving


@contextmanager
def debugging(server: Server, target: str = "main") -> Iterator[Debugger]:
    with server.debugger(target) as debugger:
        debugger.call("Debugger.enable")
        yield debugger
    # The server notices; what was held goes on.
    assert server.fetch("/", "other" if target != "main" else "main")


def place(paused: dict[str, Any]) -> tuple[str, int]:
    frame = paused["callFrames"][0]
    return frame["functionName"], frame["location"]["lineNumber"]


def test_scripts(server: Server) -> None:
    with debugging(server) as debugger:
        scripts = {}
        for event in debugger.events:
            if event["method"] == "Debugger.scriptParsed":
                scripts[event["params"]["url"]] = event["params"]
        assert scripts["lib.js"]["sourceMapURL"] == "lib.js.map" and scripts["main.js"]["isModule"]
        source = debugger.call("Debugger.getScriptSource", scriptId=scripts["lib.js"]["scriptId"])["scriptSource"]
        assert source.startswith("export function twice(n) {")


def test_a_debugger_statement_and_steps(server: Server) -> None:
    with debugging(server) as debugger:
        answer = server.begin("/stop")
        paused = debugger.wait("Debugger.paused")
        assert place(paused) == ("/stop", line_of("debugger;"))
        frame = paused["callFrames"][0]
        scope = frame["scopeChain"][0]["object"]["objectId"]
        values = {
            p["name"]: p.get("value", {}).get("value")
            for p in debugger.call("Runtime.getProperties", objectId=scope)["result"]
        }
        assert values == {"local": 40, "answer": None}
        on_frame = debugger.call(
            "Debugger.evaluateOnCallFrame", callFrameId=frame["callFrameId"], expression="local + twice(1)"
        )
        assert on_frame["result"]["value"] == 42
        debugger.call(
            "Debugger.setVariableValue",
            scopeNumber=0,
            variableName="local",
            newValue={"value": 7},
            callFrameId=frame["callFrameId"],
        )
        debugger.call("Debugger.stepOver")
        assert place(debugger.wait("Debugger.paused")) == ("/stop", line_of("debugger;") + 1)
        debugger.call("Debugger.resume")
        assert answer.result(10) == "8"


def test_breakpoints_and_stepping_into_and_out(server: Server) -> None:
    with debugging(server) as debugger:
        found = debugger.call("Debugger.setBreakpointByUrl", url="main.js", lineNumber=line_of("twice(21)"))
        assert len(found["locations"]) == 1
        answer = server.begin("/twice")
        assert debugger.wait("Debugger.paused")["hitBreakpoints"] == [found["breakpointId"]]
        debugger.call("Debugger.stepInto")
        paused = debugger.wait("Debugger.paused")
        assert place(paused) == ("twice", 1)
        debugger.call("Debugger.stepOut")
        assert place(debugger.wait("Debugger.paused")) == ("/twice", line_of("twice(21)"))
        debugger.call("Debugger.removeBreakpoint", breakpointId=found["breakpointId"])
        debugger.call("Debugger.resume")
        assert answer.result(10) == "42"
        conditional = debugger.call("Debugger.setBreakpointByUrl", url="lib.js", lineNumber=1, condition="n === 20")
        assert server.fetch("/twice") == "42"
        answer = server.begin("/stop")
        assert place(debugger.wait("Debugger.paused")) == ("twice", 1)
        debugger.call("Debugger.removeBreakpoint", breakpointId=conditional["breakpointId"])
        debugger.call("Debugger.setSkipAllPauses", skip=True)
        debugger.call("Debugger.resume")
        assert answer.result(10) == "41"


def test_steps_pass_over_the_platform(server: Server) -> None:
    with debugging(server) as debugger:
        debugger.call("Debugger.setBlackboxPatterns", patterns=["^nothing"])
        debugger.call("Debugger.setBreakpointByUrl", url="main.js", lineNumber=line_of("'seen'"))
        answer = server.begin("/log")
        assert place(debugger.wait("Debugger.paused")) == ("/log", line_of("'seen'"))
        columns = []
        for _ in range(3):  # console.log(), console.warn(), return
            debugger.call("Debugger.stepInto")
            paused = debugger.wait("Debugger.paused")
            assert place(paused) == ("/log", line_of("'seen'"))
            columns.append(paused["callFrames"][0]["location"]["columnNumber"])
        assert columns == sorted(set(columns))
        debugger.call("Debugger.disable")
        assert answer.result(10) == "logged"


def test_a_pause_asked_for_stops_in_the_users_code(server: Server) -> None:
    with debugging(server) as debugger:
        debugger.call("Debugger.pause")
        answer = server.begin("/twice")
        assert place(debugger.wait("Debugger.paused"))[0] == "fetch"
        debugger.call("Debugger.resume")
        assert answer.result(10) == "42"


def test_exceptions_can_pause(server: Server) -> None:
    with debugging(server) as debugger:
        debugger.call("Debugger.setPauseOnExceptions", state="all")
        answer = server.begin("/throw")
        paused = debugger.wait("Debugger.paused")
        assert paused["data"]["description"].startswith("RangeError: on purpose") and place(paused)[0] == "/throw"
        debugger.call("Debugger.resume")
        with pytest.raises(OSError, match="500"):
            answer.result(10)


def test_other_workers_go_on_and_the_held_one_catches_up(server: Server) -> None:
    with debugging(server) as debugger:
        answer = server.begin("/stop")
        debugger.wait("Debugger.paused")
        for _ in range(3):
            assert server.fetch("/", "other") == "other"
        assert get(server.inspector, "/json/version")[0] == 200
        waiting = [server.begin("/twice"), server.begin("/main", "other"), server.begin("/later")]
        time.sleep(0.2)
        assert not any(future.done() for future in [answer, *waiting])
        debugger.call("Debugger.resume")
        assert [future.result(10) for future in waiting] == ["42", "42", "later"]
        assert answer.result(10) == "41"


def test_timers_of_a_held_worker_wait(server: Server) -> None:
    with debugging(server) as debugger:
        debugger.evaluate("kept = 'nothing yet'; 0")
        later = server.begin("/later")
        answer = server.begin("/stop")
        frame = debugger.wait("Debugger.paused")["callFrames"][0]["callFrameId"]
        time.sleep(0.2)
        kept = debugger.call("Debugger.evaluateOnCallFrame", callFrameId=frame, expression="kept")
        assert kept["result"]["value"] == "nothing yet"
        debugger.call("Debugger.resume")
        assert (answer.result(10), later.result(10)) == ("41", "later")


def test_stacks_go_on_where_the_timer_was_started(server: Server) -> None:
    with debugging(server) as debugger:
        debugger.call("Debugger.setAsyncCallStackDepth", maxDepth=8)
        answer = server.begin("/timer")
        paused = debugger.wait("Debugger.paused")
        assert place(paused)[0] == "fired"
        parent = paused["asyncStackTrace"]
        assert parent["description"] == "setTimeout"
        assert "/timer" in [frame["functionName"] for frame in parent["callFrames"]]
        assert not [frame for frame in parent["callFrames"] if frame["url"].startswith("workerd:")]
        debugger.call("Debugger.resume")
        assert answer.result(10) == "timer"


def test_two_workers_held_at_once(server: Server) -> None:
    with debugging(server) as main, debugging(server, "other:side") as other:
        one = server.begin("/stop")
        main.wait("Debugger.paused")
        two = server.begin("/stop", "other")
        other.wait("Debugger.paused")
        # The one that stopped first lies below the second on the stack: it goes on after that.
        main.call("Debugger.resume")
        time.sleep(0.1)
        assert not one.done()
        other.call("Debugger.resume")
        assert (two.result(10), one.result(10)) == ("other", "41")


def test_code_that_computes_forever(server: Server) -> None:
    with debugging(server) as debugger:
        answer = server.begin("/forever")
        time.sleep(0.2)
        assert get(server.inspector, "/json")[0] == 200
        assert debugger.evaluate("'in between'") == "in between"
        debugger.call("Debugger.pause")
        assert debugger.wait("Debugger.paused")["callFrames"][-1]["functionName"] != ""
        assert server.fetch("/", "other") == "other"
        debugger.call("Debugger.resume")
        debugger.call("Runtime.terminateExecution")
        with pytest.raises(OSError, match="503"):
            answer.result(10)
        assert server.fetch("/twice") == "42"


def test_a_worker_goes_on_when_its_last_debugger_leaves(server: Server) -> None:
    with debugging(server) as stays, debugging(server) as goes:
        answer = server.begin("/stop")
        goes.wait("Debugger.paused")
        goes.drop()
        time.sleep(0.1)
        paused = stays.wait("Debugger.paused")
        frame = paused["callFrames"][0]["callFrameId"]
        local = stays.call("Debugger.evaluateOnCallFrame", callFrameId=frame, expression="local")
        assert local["result"]["value"] == 40 and not answer.done()
        stays.drop()
        assert answer.result(10) == "41"


def test_a_debugger_leaves_in_the_middle_of_its_own_command(server: Server) -> None:
    debugger = server.debugger()
    debugger.call("Debugger.enable")
    debugger.send("Runtime.evaluate", expression="debugger; 5")
    debugger.wait("Debugger.paused")
    debugger.drop()
    assert server.fetch("/twice") == "42"


def test_no_cpu_limit_while_a_worker_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKERD_CPU_LIMIT_MS", "300")
    with serving(tmp_path) as server, debugging(server) as debugger:
        answer = server.begin("/stop")
        debugger.wait("Debugger.paused")
        time.sleep(0.7)
        debugger.call("Debugger.resume")
        assert answer.result(10) == "41"
        with pytest.raises(OSError, match="503"):
            server.fetch("/forever")


def test_the_memory_limit_holds_under_a_debugger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKERD_HEAP_LIMIT_MB", "48")
    with serving(tmp_path) as server, debugging(server):
        for _ in range(2):
            with pytest.raises(OSError, match="503"):
                server.fetch("/hog")
            assert server.fetch("/", "other") == "other"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_end_of_the_server_lets_a_held_worker_go(tmp_path: Path, number: signal.Signals) -> None:
    with serving(tmp_path) as server:
        debugger = server.debugger()
        debugger.call("Debugger.enable")
        answer = server.begin("/stop")
        debugger.wait("Debugger.paused")
        server.process.send_signal(number)
        assert answer.result(10) == "41"
        assert debugger.expect_close() == 1001
        assert server.process.wait(10) == 0


def test_a_reload_while_a_worker_is_held(tmp_path: Path) -> None:
    with serving(tmp_path, "--watch") as server:
        debugger = server.debugger()
        debugger.call("Debugger.enable")
        answer = server.begin("/stop")
        debugger.wait("Debugger.paused")
        (tmp_path / "other.js").write_text("export default { fetch() { return new Response('changed'); } };")
        deadline = time.monotonic() + 10
        while server.fetch("/", "other") != "changed":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        with server.debugger() as fresh:
            assert fresh.evaluate("1") == 1
        debugger.call("Debugger.resume")
        assert answer.result(10) == "41"
        assert debugger.expect_close() == 1001  # the worker it looked at has ended
