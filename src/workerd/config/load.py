"""From a file name and options to a checked Config: the way in that the commands use."""

from __future__ import annotations

import sys
from collections.abc import Callable

from workerd.config import decode, overrides
from workerd.config import model as m
from workerd.config.errors import ConfigError
from workerd.config.filestate import FileStates, state
from workerd.config.overrides import Overrides
from workerd.config.record import Record
from workerd.config.validate import Permissions, lines, validate


class Source(Record):
    """Where a config comes from. path: a file, or "-" for standard input (binary only)."""

    path: str
    const_name: str | None = None
    binary: bool = False
    import_paths: tuple[str, ...] = ()
    #: A config that is already there (executables made by `workerd compile`); `path` then only names where.
    config: m.Config | None = None


class Raw(Record):
    """A config read but not checked. `watched`: the files it came from; `where`: places of its parts in the text."""

    config: m.Config
    message: bytes
    watched: FileStates
    where: Callable[[tuple[str | int, ...]], str | None]


class Loaded(Record):
    """A config fit to be served."""

    config: m.Config
    watched: FileStates
    warnings: tuple[str, ...]


def read(source: Source) -> Raw:
    """Read and decode. ConfigError when that fails."""
    if source.config is not None:
        return Raw(source.config, b"", {}, lambda path: None)
    if source.path == "-":
        if not source.binary:
            raise ConfigError("Reading config from stdin is only allowed with --binary.")
        return _binary(sys.stdin.buffer.read(), {})
    check_file(source.path)
    if not source.binary and source.path.endswith((".json", ".jsonc", ".toml")):
        raise ConfigError(
            f"{source.path}: This looks like a configuration of wrangler. Only Cap'n Proto configurations are supported; "
            "to run a wrangler project on this server, set MINIFLARE_WORKERD_PATH to it for `wrangler dev`."
        )
    if source.binary:
        watched = {source.path: state(source.path)}
        with open(source.path, "rb") as stream:
            return _binary(stream.read(), watched)
    return _text(source)


def check_file(path: str) -> None:
    import os

    if not os.path.exists(path):
        raise ConfigError(f"{path}: No such file.")
    if not os.path.isfile(path):
        raise ConfigError(f"{path}: Config path is not a file.")


def load(source: Source, changes: Overrides, permissions: Permissions, *, for_test: bool = False) -> Loaded:
    """Read, override and check. ConfigError with everything that is wrong."""
    raw = read(source)
    config, unmatched = overrides.apply(raw.config, changes, for_test=for_test)
    report = validate(config, permissions)
    errors = lines(report.errors + unmatched.errors, raw.where)
    if errors:
        failure = ConfigError(errors, structured=config.logging.structured)
        failure.watched = raw.watched
        raise failure
    return Loaded(config, raw.watched, tuple(lines(report.warnings, raw.where)))


def _binary(message: bytes, watched: FileStates) -> Raw:
    try:
        return Raw(decode.decode(message), message, watched, lambda path: None)
    except ConfigError as error:
        error.watched = watched
        raise


def _text(source: Source) -> Raw:
    from workerd.config.parse import parse
    from workerd.config.textfiles import prepare

    with prepare(source.path, source.import_paths) as files:
        name, message = parse(files, source.const_name)

    def where(path: tuple[str | int, ...]) -> str | None:
        from workerd.config.sourcemap import SourceMap

        return SourceMap(files, name).where(path)

    try:
        return Raw(decode.decode(message), message, files.watched, where)
    except ConfigError as error:
        error.watched = files.watched
        raise
