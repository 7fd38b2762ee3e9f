"""From parsed options to what the config package takes."""

from __future__ import annotations

import os

from workerd.cli.messages import say
from workerd.cli.parser import UsageError, Values
from workerd.cli.table import Command, Option
from workerd.config.errors import ConfigError
from workerd.config.load import Loaded, Source
from workerd.config.overrides import Overrides
from workerd.config.validate import Permissions


def source(command: Command, values: Values) -> Source:
    path = values["config_file"]
    if path == "-" and not values.on("binary"):
        raise UsageError("Reading config from stdin is only allowed with --binary.", command)
    for directory in values.many("import_path"):
        if not os.path.isdir(directory):
            raise _bad(command, "import_path", directory, "No such directory.")
    return Source(path, values.get("const_name"), values.on("binary"), tuple(values.many("import_path")))


def overrides(command: Command, values: Values) -> Overrides:
    fds: dict[str, int] = {}
    for name, (value, whole) in _pairs(command, values, "socket_fd").items():
        if not value.isdecimal():
            raise _bad(command, "socket_fd", whole, "Socket value must be a file descriptor (non-negative integer).")
        fds[name] = int(value)
        _check_listening(command, name, int(value), whole)
    return Overrides(
        directories=_texts(command, values, "directory_path"),
        externals=_texts(command, values, "external_addr"),
        socket_addrs=_texts(command, values, "socket_addr"),
        socket_fds=fds,
    )


def _texts(command: Command, values: Values, dest: str) -> dict[str, str]:
    return {name: value for name, (value, _) in _pairs(command, values, dest).items()}


def descriptor(command: Command, values: Values, dest: str) -> int | None:
    """The value of an option that is an open descriptor."""
    text = values.get(dest)
    if text is None:
        return None
    if not text.isdecimal():
        raise _bad(command, dest, text, "Output value must be a file descriptor (non-negative integer).")
    try:
        os.fstat(int(text))
    except (OSError, OverflowError):
        raise _bad(command, dest, text, "File descriptor is not open.") from None
    return int(text)


def permissions(values: Values, changes: Overrides) -> Permissions:
    return Permissions(experimental=values.on("experimental"), fds=frozenset(changes.socket_fds))


def warn_without_effect(command: Command, values: Values) -> None:
    for option in command.options:
        if option.without_effect and values.on(option.dest):
            say(f"{option.flags[-1]} has no effect: {option.without_effect}.", "warning")


def say_errors(error: ConfigError) -> None:
    for message in error.errors:
        say(message, structured=error.structured)


def say_warnings(loaded: Loaded, verbose: bool) -> None:
    """Warnings about a config that works: only for those who ask, as they come again at each start."""
    if verbose:
        for message in loaded.warnings:
            say(message, "warning", structured=loaded.config.logging.structured)


def option_of(command: Command, dest: str) -> Option:
    return next(option for option in command.options if option.dest == dest)


def _pairs(command: Command, values: Values, dest: str) -> dict[str, tuple[str, str]]:
    """name -> (value, the whole text) of an option `<name>=<value>` that repeats; the last one of a name counts."""
    pairs: dict[str, tuple[str, str]] = {}
    for text in values.many(dest):
        name, equals, value = text.partition("=")
        if not equals:
            raise _bad(command, dest, text, "Expected <name>=<value>")
        pairs[name] = (value, text)
    return pairs


def _check_listening(command: Command, name: str, fd: int, whole: str) -> None:
    import socket

    try:
        with socket.socket(fileno=os.dup(fd)) as inherited:
            listening = inherited.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except (OSError, OverflowError) as error:
        import errno

        not_socket = getattr(error, "errno", None) == errno.ENOTSOCK
        reason = "File descriptor is not a socket." if not_socket else "File descriptor is not open."
        raise _bad(command, "socket_fd", whole, reason) from None
    if not listening:
        raise _bad(command, "socket_fd", whole, f"Socket for {name} is not listening.")


def _bad(command: Command, dest: str, value: str, reason: str) -> UsageError:
    option = option_of(command, dest)
    return UsageError(f"invalid value '{value}' for '{option.flags[-1]} {option.metavar}': {reason}", command)
