"""The `workerd` command. Imports what a command needs only when it runs: `--version` and `--help` answer at once."""

from __future__ import annotations

import sys

from workerd.cli.parser import UsageError, Values, parse
from workerd.cli.table import COMMANDS, GLOBAL, Command
from workerd.version import RELEASE_DATE

_VERSION = f"workerd {RELEASE_DATE}"


def main(argv: list[str] | None = None) -> int:
    """Runs the command line `argv` (default: the process's), and returns the exit status."""
    words = sys.argv[1:] if argv is None else argv
    try:
        return _run(words)
    except UsageError as error:
        from workerd.cli.help import usage

        print(f"error: {error}\n\n{usage(error.command)}\n\nFor more information, try '--help'.", file=sys.stderr)
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
            return _help([])
        if rest[0] in ("-V", "--version"):
            print(_VERSION)
            return 0
        if rest[0] != "--verbose":
            raise UsageError(f"unexpected argument '{rest[0].partition('=')[0]}' found")
        verbose = True
        rest.pop(0)
    if not rest:
        return _help([], status=1)
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
        return _help([name])
    if values.on("version"):
        print(_VERSION)
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


def _help(arguments: list[str], status: int = 0) -> int:
    from workerd.cli.help import command_help, main_help

    if arguments and (name := arguments[0]) not in {flag for option in GLOBAL for flag in option.flags}:
        print(command_help(_find(name)))
    else:
        print(main_help(), file=sys.stderr if status else sys.stdout)
    return status


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
