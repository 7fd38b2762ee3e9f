"""Parses arguments by the table. Options may stand anywhere, also after the arguments; `--` ends them.

`--x=y`, `--x y`, `-xy`, `-x=y` and `-x y` are all the same; switches of one letter may be joined (`-bw`).
"""

from __future__ import annotations

from typing import Any

from workerd.cli.table import GLOBAL, Command, Option


class UsageError(Exception):
    """The command line makes no sense. `command`: whose usage to show."""

    def __init__(self, message: str, command: Command | None = None) -> None:
        super().__init__(message)
        self.command = command


class Values(dict[str, Any]):
    """What was given: dest -> str, True for switches, list for options that repeat. Absent: not given."""

    def many(self, dest: str) -> list[str]:
        values: list[str] = self.get(dest, [])
        return values

    def on(self, dest: str) -> bool:
        return dest in self


def parse(command: Command, argv: list[str]) -> Values:
    """Raises UsageError. With --help or --version among the options, arguments may be missing."""
    by_flag = {flag: option for option in (*command.options, *GLOBAL) for flag in option.flags}
    values = Values()
    positional: list[str] = []
    rest = list(reversed(argv))
    while rest:
        word = rest.pop()
        if word == "--":
            positional.extend(reversed(rest))
            break
        if word.startswith("--"):
            flag, equals, value = word.partition("=")
            option = by_flag.get(flag)
            if option is None:
                raise UsageError(_unexpected(flag, list(by_flag)), command)
            _store(values, option, command, flag, value if equals else None, rest)
        elif word.startswith("-") and word != "-":
            _short(values, by_flag, command, word, rest)
        else:
            positional.append(word)
    for argument, value in zip(command.arguments, positional, strict=False):
        values[argument.dest] = value
    if len(positional) > len(command.arguments):
        raise UsageError(f"unexpected argument '{positional[len(command.arguments)]}' found", command)
    if not (values.on("help") or values.on("version")):
        missing = [argument.metavar for argument in command.arguments if argument.required][len(positional) :]
        if missing:
            listed = "\n".join(f"  {name}" for name in missing)
            raise UsageError(f"the following required arguments were not provided:\n{listed}", command)
    return values


def _short(values: Values, by_flag: dict[str, Option], command: Command, word: str, rest: list[str]) -> None:
    letters = word[1:]
    while letters:
        flag, letters = f"-{letters[0]}", letters[1:]
        option = by_flag.get(flag)
        if option is None:
            raise UsageError(f"unexpected argument '{flag}' found", command)
        if option.metavar is None:
            _store(values, option, command, flag, None, rest)
        else:
            _store(values, option, command, flag, letters.removeprefix("=") if letters else None, rest)
            return


def _store(values: Values, option: Option, command: Command, flag: str, value: str | None, rest: list[str]) -> None:
    if option.metavar is None:
        if value is not None:
            raise UsageError(f"unexpected value '{value}' for '{flag}' found; no more were expected", command)
        values[option.dest] = True
        return
    if value is None:
        if not rest:
            raise UsageError(
                f"a value is required for '{option.flags[-1]} {option.metavar}' but none was supplied", command
            )
        value = rest.pop()
    if option.repeat:
        values.setdefault(option.dest, []).append(value)
    else:
        values[option.dest] = value


def _unexpected(flag: str, known: list[str]) -> str:
    import difflib

    close = difflib.get_close_matches(flag, known, 1, 0.7)
    hint = f"\n\n  a similar one exists: '{close[0]}'" if close else ""
    return f"unexpected argument '{flag}' found{hint}"
