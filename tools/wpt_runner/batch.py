"""Runs several files of one suite in one process, each as a worker of its own, and goes on after a crash or a hang."""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wpt_runner.files import REWRITTEN, TestFile
from wpt_runner.results import FILE_STATES, SUBTEST_STATES, FileResult
from wpt_runner.suites import FLAGS

GLUE = Path(__file__).with_name("worker.js")
MARK = "@@wpt "
FAILED = "[ FAIL ] w"
#: What a file gets on top of its own time before it counts as a hang, and what a process gets to start, in seconds.
SLACK = 15
START = 60
#: What a file's worker gets to end after its results, in seconds: connections may keep it.
END = 5
#: Kept of what a process prints, for the reason of a crash.
TAIL_CHARS = 2000


@dataclass(frozen=True)
class Setting:
    """`root`: the tests' folder. `origin`: where tests believe they come from. `patience`: factor of all time limits."""

    root: Path
    binary: tuple[str, ...]
    own_binary: bool
    patience: float = 2.0
    origin: str = "http://127.0.0.1:8000"
    server: bool = False
    substitutions: dict[str, str] = field(default_factory=dict)
    #: {a port of the server: its name}: subtests' names have the name, so that they are the same in every run.
    port_names: dict[int, str] = field(default_factory=dict)
    ca_certificate: Path | None = None


def _quote(text: str) -> str:
    # Cap'n Proto's text literals have C's escapes; names here are ASCII.
    return json.dumps(text)


def config_text(files: Sequence[TestFile], setting: Setting) -> str:
    services = []
    for number, file in enumerate(files):
        run = {
            "path": file.path,
            "query": file.query,
            "origin": setting.origin,
            "scripts": file.scripts,
            "imports": file.imports,
            "seconds": file.seconds * setting.patience,
            "rewritten": REWRITTEN,
            "substitutions": setting.substitutions,
            "server": setting.server and file.suite.server,
            "plainListeners": file.suite.plain_listeners,
        }
        flags = ", ".join(map(_quote, (*FLAGS, *file.suite.flags)))
        services.append(
            f"""(name = "w{number}", worker = (
      modules = [(name = "worker", esModule = embed "worker.js")],
      compatibilityFlags = [{flags}],
      bindings = [(name = "FILES", service = "files"), (name = "UNSAFE", unsafeEval = void),
        (name = "RUN", json = {_quote(json.dumps(run))})]))"""
        )
    trusted = ""
    if setting.ca_certificate is not None:
        trusted = f", tlsOptions = (trustedCertificates = [{_quote(setting.ca_certificate.read_text())}])"
    services.append(f'(name = "internet", network = (allow = ["private"]{trusted}))')
    services.append(f'(name = "files", disk = {_quote(str(setting.root))})')
    joined = ",\n    ".join(services)
    return f"""using Workerd = import "/workerd/workerd.capnp";
const tests :Workerd.Config = (
  services = [
    {joined}
  ],
  v8Flags = ["--expose-gc"]
);
"""


_running: set[Process] = set()
_given_up = threading.Event()


def stop_all() -> None:
    """Ends the processes of a run that is given up; no others are started."""
    _given_up.set()
    for process in list(_running):
        process.end()


class Process:
    """One `workerd test`, its output line by line."""

    def __init__(self, files: Sequence[TestFile], setting: Setting, folder: Path) -> None:
        shutil.copy(GLUE, folder / "worker.js")
        (folder / "config.capnp").write_text(config_text(files, setting))
        command = [*setting.binary, "test", "config.capnp", "--experimental", f"--compat-date={files[0].suite.date}"]
        if setting.own_binary:
            command.append("--timeout=0")
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        _running.add(self)
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line.decode(errors="surrogateescape"))
        self._lines.put(None)

    def line(self, seconds: float) -> str | None:
        """None at the end of the output. Raises queue.Empty when nothing came in time."""
        return self._lines.get(timeout=max(seconds, 0))

    def end(self) -> int:
        """Stops what is left of it; the exit status."""
        if self._process.poll() is None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except ProcessLookupError:
                self._process.kill()
        _running.discard(self)
        return self._process.wait()


def run_some(files: Sequence[TestFile], setting: Setting) -> dict[str, FileResult]:
    """{file's name: result} for at least the first of `files`: a crash or a hang ends the process, and the rest is left out."""
    results: dict[str, FileResult] = {}
    by_address = {file.path + file.query: file for file in files}
    current: TestFile | None = None
    tail = ""
    with tempfile.TemporaryDirectory(prefix="wpt-") as name:
        process = Process(files, setting, Path(name))
        deadline = time.monotonic() + START * setting.patience
        hung = False
        try:
            while (line := process.line(deadline - time.monotonic())) is not None:
                # Other output (a test's own, not ended by a newline) can stand before the mark.
                _before, mark, data = line.partition(MARK)
                if not mark:
                    tail = (tail + line)[-TAIL_CHARS:]
                    if current is not None and FAILED in line:
                        # The worker's own end, without results: what it ran never finished, or the glue could not begin.
                        results[current.name].state = "ERROR"
                        results[current.name].messages[""] = tail
                        current = None
                    continue
                record = json.loads(data)
                if "start" in record:
                    current = by_address[record["start"]]
                    deadline = time.monotonic() + current.seconds * setting.patience + SLACK
                    results[current.name] = FileResult("CRASH")
                    tail = ""
                elif current is not None:
                    _take(results[current.name], record, setting.port_names)
                    if "status" in record:
                        current = None
                        deadline = time.monotonic() + END * setting.patience
        except queue.Empty:
            hung = True
        status = process.end()
    if current is not None:
        result = results[current.name]
        result.state = "HANG" if hung else "CRASH"
        result.messages[""] = tail if hung else f"exit status {status}: {tail}"
    elif not results:
        results[files[0].name] = FileResult("CRASH", messages={"": f"exit status {status}: {tail}"})
    return results


def _take(result: FileResult, record: dict[str, Any], port_names: dict[int, str]) -> None:
    for name, state, message in record.get("subtests", ()):
        for port, port_name in port_names.items():
            name = name.replace(f":{port}", f":{{{port_name}}}")
        result.add(name, SUBTEST_STATES[state], message)
    if "thrown" in record:
        result.messages[""] = record["thrown"]
    if "status" in record:
        thrown = "" in result.messages
        result.state = "ERROR" if thrown and record["status"] == 0 else FILE_STATES[record["status"]]
        if record["message"]:
            result.messages.setdefault("", record["message"])


def run_all(files: Sequence[TestFile], setting: Setting) -> dict[str, FileResult]:
    """Every file's result."""
    results: dict[str, FileResult] = {}
    left = list(files)
    while left and not _given_up.is_set():
        results.update(run_some(left, setting))
        left = [file for file in left if file.name not in results]
    return results
