"""`workerd test`."""

from __future__ import annotations

from workerd.cli import common
from workerd.cli.messages import say
from workerd.cli.parser import UsageError, Values
from workerd.cli.table import Command
from workerd.compat.dates import is_date
from workerd.config.errors import ConfigError
from workerd.config.filestate import FileStates
from workerd.config.load import Loaded, load
from workerd.config.options import TestOptions
from workerd.config.record import replace


def test(command: Command, values: Values, words: list[str]) -> int:
    common.warn_without_effect(command, values)
    const_name, services, entrypoints = _filter(command, values.get("filter"))
    source = replace(common.source(command, values), const_name=const_name)
    changes = common.overrides(command, values)
    date = values.get("compat_date")
    if date is not None and not is_date(date):
        raise UsageError(
            f"invalid value '{date}' for '--compat-date <date>': Expected YYYY-MM-DD, from 2000-01-01 to 2999-12-31",
            command,
        )
    permissions = replace(common.permissions(values, changes), compat_date=date, loopback=True)

    def read() -> Loaded:
        return load(source, changes, permissions, for_test=True)

    options = TestOptions(
        experimental=values.on("experimental"),
        verbose=not values.on("no_verbose"),
        inspector_addr=values.get("inspector_addr"),
        watch=values.on("watch"),
        reload=read if values.on("watch") else None,
        service_pattern=services,
        entrypoint_pattern=entrypoints,
        compat_date=date,
        predictable=values.on("predictable"),
        gc_stress=values.on("gc_stress"),
        all_autogates=values.on("all_autogates"),
        keyword=values.get("keyword"),
        junit_path=values.get("junit"),
        coverage_path=values.get("coverage"),
        jobs=int(_number(command, values, "jobs", 1, least=1)),
        timeout=_number(command, values, "timeout", 60.0, least=0),
        fake_timers=values.on("fake_timers"),
        argv=tuple(words),
    )
    if not values.on("watch"):
        try:
            return _run(read(), options)
        except ConfigError as error:
            common.say_errors(error)
            return 1
    from workerd.config.watch import changed, states

    watched: FileStates = {source.path: None}
    while True:
        try:
            loaded = read()
            watched = loaded.watched
            _run(loaded, options)
        except ConfigError as error:
            common.say_errors(error)
            watched = error.watched or states(watched)
        say("Waiting for a change...", "info")
        changed(watched)


def _run(loaded: Loaded, options: TestOptions) -> int:
    common.say_warnings(loaded, False)
    from workerd.testing.runner import run

    status: int = run(loaded.config, replace(options, watched=loaded.watched))
    return status


def _filter(command: Command, text: str | None) -> tuple[str | None, str, str]:
    """(constant, service glob, entrypoint glob) from `service`, `service:entrypoint` or `const:service:entrypoint`."""
    if text is None:
        return None, "*", "*"
    parts = text.split(":")
    match parts:
        case [services]:
            return None, services, "*"
        case [services, entrypoints]:
            return None, services, entrypoints
        case [const_name, services, entrypoints]:
            return const_name, services, entrypoints
    raise UsageError(f"invalid value '{text}' for '[filter]': Too many colons.", command)


def _number(command: Command, values: Values, dest: str, default: int | float, *, least: int) -> int | float:
    text = values.get(dest)
    if text is None:
        return default
    try:
        number = type(default)(text)
    except ValueError:
        number = -1
    if not least <= number < 1e9:
        option = common.option_of(command, dest)
        raise UsageError(
            f"invalid value '{text}' for '{option.flags[-1]} {option.metavar}': Expected a number", command
        )
    return number
