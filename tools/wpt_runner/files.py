"""Finding test files and reading what their `// META:` lines say.

Source: https://web-platform-tests.org/writing-tests/testharness.html (multi-global tests).
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from pathlib import Path

from wpt_runner.suites import Suite

META = re.compile(r"^//\s*META:\s*(\w+)=(.*?)\s*$", re.MULTILINE)
TEST_FILE = re.compile(r"\.(any|window|worker)\.js$")
TENTATIVE = re.compile(r"\.tentative\.|/tentative/")
#: What only an HTTP/2 server can answer, and variants over TLS: the tests' certificate names hosts that lead nowhere here.
NEEDS_HTTP2 = re.compile(r"\.h2\.")
NEEDS_TLS = re.compile(r"wpt_flags=(h2|https)|\bwss\b")
#: A test written for a window is of use here only if it needs nothing of a document.
NEEDS_WINDOW = re.compile(r"\bdocument\b|\bwindow\b|\biframe|createElement|\bparent\b|\bopener\b")
#: Of use all the same: only some of its cases ask a document.
WANTED = {"/url/toascii.window.js"}
IMPORTED = re.compile(r"""importScripts\(([^)]*)\)""")
QUOTED = re.compile(r"""["']([^"']+)["']""")
#: `global=` values that a Worker can stand for.
WORKER_GLOBALS = {"worker", "dedicatedworker", "sharedworker", "serviceworker"}
SECONDS = {"normal": 10, "long": 60}
HARNESS = "/resources/testharness.js"
#: Addresses that the tests' own server answers with another file.
REWRITTEN = {"/resources/WebIDLParser.js": "/resources/webidl2/lib/webidl2.js"}


@dataclass(frozen=True)
class TestFile:
    """One run: a file and one of its variants. Paths begin with a slash and are relative to the tests' root."""

    __test__ = False  # not a pytest class

    suite: Suite
    path: str
    query: str
    scripts: tuple[str, ...]
    imports: tuple[str, ...]
    seconds: int

    @property
    def name(self) -> str:
        """Unique within a suite."""
        return self.path.removeprefix(f"/{self.suite.folder}/") + self.query


@dataclass
class Meta:
    scripts: list[str] = field(default_factory=list)
    variants: list[str] = field(default_factory=list)
    timeout: str = "normal"
    globals: set[str] = field(default_factory=set)


def read_meta(text: str) -> Meta:
    meta = Meta()
    for key, value in META.findall(text):
        if key == "script":
            meta.scripts.append(value)
        elif key == "variant":
            meta.variants.append(value)
        elif key == "timeout":
            meta.timeout = value
        elif key == "global":
            meta.globals = {part.strip() for part in value.split(",")}
    return meta


def _for_windows_only(path: str, meta: Meta) -> bool:
    if path.endswith(".window.js"):
        return path not in WANTED
    return path.endswith(".any.js") and bool(meta.globals) and not meta.globals & WORKER_GLOBALS


def _resolve(path: str, script: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), script.split("?")[0]))


def _exists(root: Path, path: str) -> bool:
    return (root / REWRITTEN.get(path, path).lstrip("/")).is_file()


def discover(root: Path, suite: Suite) -> list[TestFile]:
    """The runs of a suite, in order; empty if its folder is not among the files."""
    found = []
    for file in sorted((root / suite.folder).rglob("*.js")):
        path = "/" + file.relative_to(root).as_posix()
        if not TEST_FILE.search(path) or NEEDS_HTTP2.search(path) or file.parent.name == "resources":
            continue
        if TENTATIVE.search(path) and not suite.tentative:
            continue
        text = file.read_text(errors="replace")
        meta = read_meta(text)
        if _for_windows_only(path, meta) and NEEDS_WINDOW.search(text):
            continue
        imports = [_resolve(path, url) for arguments in IMPORTED.findall(text) for url in QUOTED.findall(arguments)]
        for query in meta.variants or [""]:
            if NEEDS_TLS.search(query):
                continue
            found.append(
                TestFile(
                    suite=suite,
                    path=path,
                    query=query,
                    scripts=tuple(s for s in (_resolve(path, script) for script in meta.scripts) if s != HARNESS),
                    imports=tuple(i for i in imports if i != HARNESS and _exists(root, i)),
                    seconds=SECONDS.get(meta.timeout, SECONDS["normal"]),
                )
            )
    return found
