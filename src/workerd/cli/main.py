"""The `workerd` command. Imports what a command needs only when it runs: `--version` and `--help` answer at once."""

from __future__ import annotations

import sys

from workerd.cli import help as texts
from workerd.cli.parser import UsageError, Values, parse
from workerd.cli.table import COMMANDS, GLOBAL, Command


def main(argv: list[str] | None = None) -> int:
    """Runs the command line `argv` (default: the process's), and returns the exit status."""
    words = sys.argv[1:] if argv is None else argv
    try:
        return _run(words)
    except UsageError as error:
        print(f"error: {error}\n\n{texts.usage(error.command)}\n\nFor more information, try '--help'.", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read our output is gone; there is nobody to tell, and Python must not try at exit.
        sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        return 130


def _run(words: list[str]) -> int:
    verbose = False
    rest = list(words)
    while rest and rest[0].startswith("-"):
        if rest[0] in ("-h", "--help"):
            print(texts.main_help())
            return 0
        if rest[0] in ("-V", "--version"):
            print(texts.version())
            return 0
        if rest[0] != "--verbose":
            raise UsageError(f"unexpected argument '{rest[0].partition('=')[0]}' found")
        verbose = True
        rest.pop(0)
    if not rest:
        print(texts.main_help(), file=sys.stderr)
        return 1
    name, *arguments = rest
    if name == "help":
        return _help(arguments)
    command = _find(name)
    if command.unsupported:
        if any(word in ("-h", "--help") for word in arguments):
            print(f"workerd {name}: not available: {command.unsupported}.")
            return 0
        raise UsageError(f"the subcommand '{name}' is not available: {command.unsupported}")
    values = parse(command, arguments)
    if verbose:
        values["verbose"] = True
    if values.on("help"):
        print(texts.command_help(command))
        return 0
    if values.on("version"):
        print(texts.version())
        return 0
    return _dispatch(command, values, words)


def _find(name: str) -> Command:
    for command in COMMANDS:
        if command.name == name:
            return command
    import difflib

    close = difflib.get_close_matches(name, [command.name for command in COMMANDS], 1, 0.6)
    hint = f"\n\n  a similar one exists: '{close[0]}'" if close else ""
    raise UsageError(f"unrecognized subcommand '{name}'{hint}")


def _help(arguments: list[str]) -> int:
    if arguments and (name := arguments[0]) not in {flag for option in GLOBAL for flag in option.flags}:
        print(texts.command_help(_find(name)))
    else:
        print(texts.main_help())
    return 0


def _dispatch(command: Command, values: Values, words: list[str]) -> int:
    match command.name:
        case "serve":
            from workerd.cli.serve import serve

            return serve(command, values)
        case "test":
            from workerd.cli.test import test

            return test(command, values, words)
        case "compile":
            from workerd.cli.compile import compile_config

            return compile_config(values)
        case "validate":
            from workerd.cli.validate import check

            return check(command, values)
        case "doctor":
            from workerd.cli.doctor import doctor

            return doctor()
        case "completions":
            from workerd.cli.completions import completions

            print(completions(values["shell"]), end="")
            return 0
        case "man":
            from workerd.cli.man import man_page

            print(man_page(), end="")
            return 0
    raise AssertionError(command.name)


if __name__ == "__main__":
    sys.exit(main())
