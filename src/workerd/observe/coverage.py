"""Which lines of the workers' code a run of tests ran (`workerd test --coverage`)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from workerd.observe import source_map
from workerd.observe.inspector.local import InspectorError, LocalSession
from workerd.observe.lcov import FileCoverage, Script, write_lcov

if TYPE_CHECKING:
    from workerd.runtime.worker import Worker


class Coverage:
    """Counts in every worker that is added, by V8's precise coverage; on the workers' thread."""

    def __init__(self, embedded: Iterable[str] = ()) -> None:
        """`embedded`: paths of the files that the config may have its modules from."""
        self._embedded = list(embedded)
        self._sessions: list[tuple[Worker, LocalSession]] = []
        self._files: dict[str, FileCoverage] = {}
        self._paths: dict[str, str] | None = None
        #: What could not be counted, and why.
        self.problems: list[str] = []

    def add(self, worker: Worker, inspector: Any) -> None:
        """Before any code of the worker is compiled: V8 counts blocks only of what it compiles from then on."""
        session = LocalSession(inspector)
        session.call("Profiler.enable")
        session.call("Profiler.startPreciseCoverage", callCount=True, detailed=True)
        self._sessions.append((worker, session))

    def collect(self) -> None:
        """Takes the counts; before the workers are closed."""
        for worker, session in self._sessions:
            try:
                self._collect(worker, session)
            except (InspectorError, RuntimeError) as error:  # RuntimeError: it ran out of memory, and is gone
                self.problems.append(f"coverage of worker {worker.name}: {error}")
            session.close()
        self._sessions.clear()

    def _collect(self, worker: Worker, session: LocalSession) -> None:
        counted = session.call("Profiler.takePreciseCoverage")["result"]
        session.call("Profiler.stopPreciseCoverage")
        # Texts are known to the debugger only; it must not stop at `debugger` statements meanwhile.
        session.call("Debugger.setSkipAllPauses", skip=True)
        session.call("Debugger.enable")
        bodies = worker.texts()
        for script in counted:
            try:
                text = session.call("Debugger.getScriptSource", scriptId=script["scriptId"])["scriptSource"]
            except InspectorError:
                continue  # the worker let go of it
            name = bodies.get(text)
            if name is not None:
                self._add(name, text, script["functions"])
        session.call("Debugger.disable")

    def _add(self, name: str, text: str, functions: list[dict[str, Any]]) -> None:
        script = Script(text, functions)
        path = self._path(text)
        mapped = self._source_map(text, path, name)
        if mapped is None:
            script.add_to(self._file(path or name))
            return
        folder = os.path.dirname(path or name)
        files = {
            number: self._file(os.path.normpath(os.path.join(folder, source)))
            for number, source in enumerate(mapped.sources)
            if source and "node_modules/" not in source
        }
        script.add_mapped(files, mapped)

    def _file(self, path: str) -> FileCoverage:
        if os.path.isabs(path):
            relative = os.path.relpath(path)
            path = path if relative.startswith("..") else relative
        return self._files.setdefault(path, FileCoverage())

    def _path(self, text: str) -> str | None:
        """The file that a module was embedded from."""
        if self._paths is None:
            self._paths = {}
            for path in self._embedded:
                try:
                    with open(path, encoding="utf-8") as file:
                        self._paths.setdefault(file.read(), os.path.abspath(path))
                except (OSError, UnicodeDecodeError):
                    continue  # a folder, a file that is gone, or one that is no text: no module
        return self._paths.get(text)

    def _source_map(self, text: str, path: str | None, name: str) -> source_map.SourceMap | None:
        url = source_map.url_of(text)
        if url is None:
            return None
        try:
            inline = source_map.inline_text(url)
            if inline is None:
                if path is None or ":" in url:
                    return None
                with open(os.path.join(os.path.dirname(path), url), encoding="utf-8") as file:
                    inline = file.read()
            return source_map.parse(inline)
        except (OSError, UnicodeDecodeError, source_map.SourceMapError) as error:
            self.problems.append(f"coverage of {name} counts the generated code: {error}")
            return None

    def files(self) -> Mapping[str, FileCoverage]:
        return self._files

    def write(self, path: str) -> None:
        """Writes an lcov tracefile. Raises OSError."""
        with open(path, "w", encoding="utf-8") as file:
            file.write(write_lcov(self._files))
