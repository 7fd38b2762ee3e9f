"""`workerd test --inspector-addr`."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.observe.inspector.client import Debugger, Refused
from tests.observe.inspector.workers import SOURCE

CONFIG = """
using Workerd = import "/workerd/workerd.capnp";
const unitTests :Workerd.Config = ( services = [
  ( name = "waits", worker = ( modules = [ (name = "worker", esModule = embed "test.js") ], compatibilityDate = "2025-01-01" ) ),
] );
"""
CODE = """
globalThis.attached = false;
export default {
  async test() {
    while (!attached) await new Promise((resolve) => setTimeout(resolve, 10));
    const found = 'here';
    debugger;
  },
};
"""


def test_a_debugger_looks_at_a_test_for_longer_than_tests_may_take(tmp_path: Path) -> None:
    (tmp_path / "all.wd-test").write_text(CONFIG)
    (tmp_path / "test.js").write_text(CODE)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "workerd", "test", "all.wd-test", f"-i127.0.0.1:{port}", "--timeout", "0.5"]
    environment = {**os.environ, "PYTHONPATH": SOURCE}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 10
        while True:
            try:
                debugger = Debugger(port, "waits")
                break
            except (OSError, Refused):  # not listening yet, or the worker is not made yet
                assert time.monotonic() < deadline
                time.sleep(0.05)
        with debugger:
            debugger.call("Debugger.enable")
            debugger.evaluate("attached = true")
            frame = debugger.wait("Debugger.paused")["callFrames"][0]["callFrameId"]
            found = debugger.call("Debugger.evaluateOnCallFrame", callFrameId=frame, expression="found")
            assert found["result"]["value"] == "here"
            time.sleep(0.7)
            debugger.call("Debugger.resume")
            assert debugger.expect_close() == 1001
        _, errors = process.communicate(timeout=10)
        assert process.returncode == 0 and b"[ PASS ] waits" in errors
    finally:
        process.kill()
        process.communicate()
