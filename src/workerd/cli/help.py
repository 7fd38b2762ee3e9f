"""`--help`, usage lines and the version."""

from __future__ import annotations

import textwrap

from workerd.cli.table import COMMANDS, ENVIRONMENT, GLOBAL, Command, Option

_WIDTH = 100
_COLUMN = 34


def usage(command: Command | None) -> str:
    if command is None:
        return "Usage: workerd [OPTIONS] <COMMAND>"
    words = ["Usage: workerd", command.name]
    if command.options:
        words.append("[OPTIONS]")
    words += [argument.metavar if argument.required else f"[{argument.metavar}]" for argument in command.arguments]
    return " ".join(words)


def main_help() -> str:
    width = max(len(command.name) for command in COMMANDS)
    commands = [f"  {command.name.ljust(width)}  {command.summary}" for command in COMMANDS if not command.unsupported]
    return "\n".join(
        [
            "Runs the Workers JavaScript/Wasm runtime",
            "",
            usage(None),
            "",
            "Commands:",
            *commands,
            f"  {'help'.ljust(width)}  print this message or the help of a command",
            "",
            "Options:",
            *_rows([(spelled(option), option.help) for option in GLOBAL]),
            "",
            "Environment:",
            *_rows(list(ENVIRONMENT.items())),
        ]
    )


def command_help(command: Command) -> str:
    out = [*_paragraphs(command.description or command.summary), "", usage(command)]
    if command.arguments:
        out += ["", "Arguments:", *_rows([(argument.metavar, argument.help) for argument in command.arguments])]
    options = (*command.options, *GLOBAL)
    out += ["", "Options:", *_rows([(spelled(option), described(option)) for option in options])]
    return "\n".join(out)


def spelled(option: Option) -> str:
    flags = ", ".join(option.flags)
    # Long-only options are set in by the width of "-x, ", so that long names stand in one column.
    lead = "" if option.flags[0][1] != "-" else "    "
    return f"{lead}{flags}{' ' + option.metavar if option.metavar else ''}"


def described(option: Option) -> str:
    return f"{option.help} (No effect: {option.without_effect}.)" if option.without_effect else option.help


def _rows(rows: list[tuple[str, str]]) -> list[str]:
    out: list[str] = []
    for left, right in rows:
        lines = textwrap.wrap(right, _WIDTH - _COLUMN - 2)
        if len(left) > _COLUMN - 2:
            out.append(f"  {left}")
        else:
            out.append(f"  {left.ljust(_COLUMN)}{lines.pop(0)}")
        out += [" " * (_COLUMN + 2) + line for line in lines]
    return out


def _paragraphs(text: str) -> list[str]:
    out: list[str] = []
    for paragraph in text.split("\n\n"):
        if out:
            out.append("")
        out += paragraph.split("\n") if paragraph.startswith("    ") else textwrap.wrap(paragraph, _WIDTH)
    return out
