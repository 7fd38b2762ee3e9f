"""`workerd validate`."""

from __future__ import annotations

from workerd.cli import common
from workerd.cli.messages import say
from workerd.cli.parser import Values
from workerd.cli.table import Command
from workerd.config.errors import ConfigError
from workerd.config.load import load


def check(command: Command, values: Values) -> int:
    source = common.source(command, values)
    changes = common.overrides(command, values)
    try:
        loaded = load(source, changes, common.permissions(values, changes))
    except ConfigError as error:
        common.say_errors(error)
        return 1
    for warning in loaded.warnings:
        say(warning, "warning")
    services, sockets = len(loaded.config.services), len(loaded.config.sockets)
    print(f"The configuration is valid: {services} service(s), {sockets} socket(s).")
    return 0
