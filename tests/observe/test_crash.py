"""Crashes say what to do."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.observe.serving import serving


def test_signal(tmp_path: Path) -> None:
    with serving(tmp_path, "export default { fetch() { return new Response('ok'); } }") as server:
        server.process.send_signal(signal.SIGSEGV)
        assert server.process.wait(20) == -signal.SIGSEGV
        assert (
            "\n*** Received signal #11: Segmentation fault\nThis is an error in workerd, not in a Worker. Please report it"
            in (server.stderr)
        )
        assert "V8 14." in server.stderr
        assert "Current thread" in server.stderr  # where Python was
