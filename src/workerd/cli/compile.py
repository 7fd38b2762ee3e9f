"""`workerd compile`: an executable of a config. It is a zip file that Python can run: launcher, runtime and config."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import pickle
import re
import stat
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from workerd.cli import common
from workerd.cli.messages import say
from workerd.cli.parser import Values
from workerd.cli.table import COMPILE
from workerd.config.errors import ConfigError
from workerd.config.load import read

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
#: Zip cannot say earlier; files get this time so that the same input gives the same output.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_SKIPPED = re.compile(r"(^|/)(__pycache__|tests?|includes?|node_modules)(/|$)|\.(pyc|pyx|pxd|pyi|snapshot|h|cpp)$")


def compile_config(values: Values) -> int:
    try:
        raw = read(common.source(COMPILE, values))
    except ConfigError as error:
        common.say_errors(error)
        return 1
    path = values.get("output")
    if path is None and sys.stdout.isatty():
        say("Refusing to write binary to the terminal. Please use `>` to send the output to a file.")
        return 1
    try:
        with open(path, "wb") if path is not None else os.fdopen(os.dup(1), "wb") as out:
            if values.on("config_only"):
                out.write(raw.message)
                return 0
            executable = _may_become_executable(out)
            write_executable(out, pickle.dumps(raw.config, protocol=4))
            if executable:
                _make_executable(out)
    except OSError as error:
        say(f"{path or 'standard output'}: {error.strerror}")
        return 1
    return 0


def write_executable(out: BinaryIO, config: bytes) -> None:
    """Write the executable. `config`: the pickled Config."""
    files = dict(sorted(_runtime_files()))
    digest = hashlib.sha256()
    for name, path in files.items():
        digest.update(f"{name}\0{os.path.getsize(path)}\0".encode())
        with open(path, "rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    about = {
        "runtime": f"runtime-{digest.hexdigest()[:20]}",
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "ext_suffix": sysconfig.get_config_var("EXT_SUFFIX"),
    }
    out.write(b"#!/usr/bin/env python3\n")
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        with open(os.path.join(os.path.dirname(__file__), "launcher.py"), "rb") as stream:
            _add(archive, "__main__.py", stream.read())
        _add(archive, "about.json", json.dumps(about).encode())
        _add(archive, "config.pickle", config)
        for name, path in files.items():
            with open(path, "rb") as stream:
                _add(archive, f"runtime/{name}", stream.read())


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, data)


def _runtime_files() -> Iterator[tuple[str, str]]:
    """(name below the import root, path) of workerd's files and those of the distributions it needs."""
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    for directory, subdirectories, names in os.walk(_PACKAGE):
        relative = os.path.relpath(directory, os.path.dirname(_PACKAGE))
        if relative == os.path.join("workerd", "platform", "js"):
            subdirectories.clear()
            continue
        for name in names:
            full = os.path.join(relative, name)
            foreign = name.endswith(".so") and not name.endswith(suffix)
            if not _SKIPPED.search(full) and not foreign and not full.endswith(".ts"):
                yield full, os.path.join(directory, name)
    for distribution in _distributions():
        for file in distribution.files or ():
            full = str(file)
            if not full.startswith("..") and not _SKIPPED.search(full):
                yield full, str(distribution.locate_file(file))


def _distributions() -> Iterator[importlib.metadata.Distribution]:
    """What workerd depends on, and what that depends on. Those that are not installed are not needed here."""
    seen: set[str] = set()
    waiting = _requirements()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        yield distribution
        waiting += _names(distribution.requires or [])


def _requirements() -> list[str]:
    try:
        return _names(importlib.metadata.requires("workerd") or [])
    except importlib.metadata.PackageNotFoundError:
        # Run from the source tree.
        import tomllib

        with open(os.path.join(_PACKAGE, "..", "..", "pyproject.toml"), "rb") as stream:
            return _names(tomllib.load(stream)["project"]["dependencies"])


def _names(requirements: list[str]) -> list[str]:
    """Names in requirement strings, without those for extras."""
    names = []
    for requirement in requirements:
        if "extra" not in requirement.partition(";")[2] and (match := re.match(r"[\w.-]+", requirement)):
            names.append(re.sub(r"[-_.]+", "-", match[0]).lower())
    return names


def _may_become_executable(out: BinaryIO) -> bool:
    """Whether `out` is an empty regular file: then nobody has said yet what it should be."""
    status = os.fstat(out.fileno())
    return stat.S_ISREG(status.st_mode) and status.st_size == 0


def _make_executable(out: BinaryIO) -> None:
    """For everyone who may read it."""
    out.flush()
    mode = stat.S_IMODE(os.fstat(out.fileno()).st_mode)
    os.fchmod(out.fileno(), mode | (mode & 0o444) >> 2)
