"""`workerd serve`."""

from __future__ import annotations

import gc

from workerd.cli import common
from workerd.cli.parser import Values
from workerd.cli.table import Command
from workerd.config.errors import ConfigError
from workerd.config.load import Loaded, Source, load
from workerd.config.options import ServeOptions
from workerd.runtime.malloc import keep_freed_memory


def serve(command: Command, values: Values) -> int:
    return serve_source(command, values, common.source(command, values))


def serve_source(command: Command, values: Values, source: Source) -> int:
    """Serve the config at `source` with the options of the command line."""
    # Nearly all that is made until the server listens is there to stay: looking for garbage among it takes a tenth of the time.
    gc.disable()
    keep_freed_memory()
    try:
        return _serve(command, values, source)
    finally:
        gc.enable()


def _serve(command: Command, values: Values, source: Source) -> int:
    common.warn_without_effect(command, values)
    changes = common.overrides(command, values)
    control_fd = common.descriptor(command, values, "control_fd")

    def read() -> Loaded:
        return load(source, changes, common.permissions(values, changes))

    try:
        loaded = read()
    except ConfigError as error:
        common.say_errors(error)
        if not values.on("watch") or not error.watched:
            return 1
        from workerd.cli.messages import say
        from workerd.config.watch import wait_for_valid

        say("Can't start server due to config errors, waiting for config files to change...", "warning")
        loaded = wait_for_valid(read, error.watched, common.say_errors)
    common.say_warnings(loaded, values.on("verbose"))
    options = ServeOptions(
        experimental=values.on("experimental"),
        verbose=values.on("verbose"),
        inspector_addr=values.get("inspector_addr"),
        socket_fds=changes.socket_fds,
        control_fd=control_fd,
        debug_port=values.get("debug_port"),
        watch=values.on("watch"),
        watched=loaded.watched,
        reload=read if values.on("watch") else None,
        access_log=values.on("access_log"),
        metrics_addr=values.get("metrics_addr"),
        otlp_endpoint=values.get("otlp_endpoint"),
    )
    from workerd.runtime.server import serve as run

    return run(loaded.config, options)
