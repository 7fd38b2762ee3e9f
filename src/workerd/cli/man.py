"""The manual page, in roff, made from the table."""

from __future__ import annotations

from workerd.cli.help import described
from workerd.cli.table import COMMANDS, ENVIRONMENT, GLOBAL, Command, Option
from workerd.version import RELEASE_DATE


def man_page() -> str:
    out = [
        f'.TH WORKERD 1 "{RELEASE_DATE}" "workerd {RELEASE_DATE}" "User Commands"',
        ".SH NAME",
        "workerd \\- a JavaScript/Wasm server runtime for Workers",
        ".SH SYNOPSIS",
    ]
    known = [command for command in COMMANDS if not command.unsupported]
    for command in known:
        words = [f"\\fBworkerd {command.name}\\fR"]
        if command.options:
            words.append("[\\fIoption\\fR ...]")
        for argument in command.arguments:
            name = f"\\fI{_escape(argument.metavar.strip('<>'))}\\fR"
            words.append(name if argument.required else f"[{name}]")
        out += [" ".join(words), ".br"]
    out += [
        ".SH DESCRIPTION",
        "Runs code written for Cloudflare Workers, in one process, as a configuration file describes. Options may "
        "stand before and after the arguments.",
    ]
    for command in known:
        out += _command(command)
    out += [".SH OPTIONS OF ALL COMMANDS"]
    for option in GLOBAL:
        out += _option(option)
    out += [".SH ENVIRONMENT"]
    for name, text in ENVIRONMENT.items():
        out += [".TP", f"\\fB{name}\\fR", _escape(text)]
    out += [
        ".SH EXIT STATUS",
        "0 if all went well; 1 for mistakes on the command line or in the configuration, for tests that failed, and "
        "for servers that could not start.",
        ".SH FILES",
        ".TP",
        "$XDG_CACHE_HOME/workerd, ~/.cache/workerd",
        "What is made once and kept: the startup snapshot, and what compiled executables unpack.",
    ]
    return "\n".join(out) + "\n"


def _command(command: Command) -> list[str]:
    out = [f".SH {command.name.upper()}"]
    for paragraph in (command.description or command.summary).split("\n\n"):
        if paragraph.startswith("    "):
            out += [".nf", *(_escape(line) for line in paragraph.split("\n")), ".fi"]
        else:
            out += [".PP", _escape(paragraph)]
    for argument in command.arguments:
        out += [".TP", f"\\fI{_escape(argument.metavar.strip('<>'))}\\fR", _escape(argument.help)]
    for option in command.options:
        out += _option(option)
    return out


def _option(option: Option) -> list[str]:
    flags = ", ".join(f"\\fB{_escape(flag)}\\fR" for flag in option.flags)
    value = f" \\fI{_escape(option.metavar)}\\fR" if option.metavar else ""
    return [".TP", flags + value, _escape(described(option))]


def _escape(text: str) -> str:
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + escaped if escaped.startswith((".", "'")) else escaped
