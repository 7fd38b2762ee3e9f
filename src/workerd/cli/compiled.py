"""The command line of an executable made by `workerd compile`: the options of `serve`, without a config file."""

from __future__ import annotations

import pickle
import sys

from workerd.cli.parser import UsageError, parse
from workerd.cli.table import SERVE, Command
from workerd.config.load import Source
from workerd.version import RELEASE_DATE

_WITHOUT = ("import_path", "binary", "watch")

COMPILED = Command(
    "",
    "serve the compiled configuration",
    "Serves the configuration that is inside this file.",
    (),
    tuple(option for option in SERVE.options if option.dest not in _WITHOUT),
)


def main(config: bytes, executable: str) -> int:
    """`config`: the pickled Config of the executable, which is as much to be trusted as the rest of it."""
    try:
        values = parse(COMPILED, sys.argv[1:])
        if values.on("help"):
            from workerd.cli.help import command_help

            print(command_help(COMPILED))
            return 0
        if values.on("version"):
            print(f"workerd {RELEASE_DATE}")
            return 0
        from workerd.cli.serve import serve_source

        return serve_source(COMPILED, values, Source(executable, config=pickle.loads(config)))
    except UsageError as error:
        print(f"error: {error}\n\nFor more information, try '--help'.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
