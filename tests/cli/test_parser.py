"""Command lines: every way to write an option, and what is said about wrong ones."""

from __future__ import annotations

import pytest

from workerd.cli.main import main
from workerd.cli.parser import UsageError, parse
from workerd.cli.table import COMMANDS, SERVE, TEST


@pytest.mark.parametrize(
    "argv",
    [
        ["-I", "dir", "config"],
        ["-Idir", "config"],
        ["-I=dir", "config"],
        ["--import-path", "dir", "config"],
        ["--import-path=dir", "config"],
        ["config", "--import-path=dir"],
        ["config", "-I", "dir"],
        ["-I", "dir", "--", "config"],
    ],
)
def test_all_spellings_mean_the_same(argv: list[str]) -> None:
    values = parse(SERVE, argv)
    assert values.many("import_path") == ["dir"]
    assert values["config_file"] == "config"


def test_the_line_that_miniflare_uses() -> None:
    values = parse(
        SERVE,
        [
            "--binary",
            "--experimental",
            "--socket-addr=entry=127.0.0.1:0",
            "--external-addr=loopback=127.0.0.1:39347",
            "--control-fd=3",
            "-",
            "--inspector-addr=127.0.0.1:0",
            "--debug-port=127.0.0.1:0",
            "--verbose",
        ],
    )
    assert values["config_file"] == "-"
    assert values.many("socket_addr") == ["entry=127.0.0.1:0"]
    assert values.many("external_addr") == ["loopback=127.0.0.1:39347"]
    assert (values["control_fd"], values["inspector_addr"], values["debug_port"]) == ("3", "127.0.0.1:0", "127.0.0.1:0")
    assert all(values.on(dest) for dest in ("binary", "experimental", "verbose"))


def test_the_line_that_the_reference_tests_use() -> None:
    values = parse(
        TEST, ["--predictable", "f.wd-test", "--experimental", "--compat-date=2000-01-01", "-dTEST_TMPDIR=/tmp/x"]
    )
    assert values["compat_date"] == "2000-01-01"
    assert values.many("directory_path") == ["TEST_TMPDIR=/tmp/x"]
    assert values.on("predictable") and values.on("experimental")


def test_joined_switches_and_repetition() -> None:
    values = parse(SERVE, ["-bw", "config", "name", "-Ia", "-I", "b", "--control-fd=1", "--control-fd=2"])
    assert values.on("binary") and values.on("watch")
    assert values.many("import_path") == ["a", "b"]
    assert values["control_fd"] == "2"
    assert values["const_name"] == "name"


def test_values_may_look_like_options() -> None:
    assert parse(SERVE, ["c", "-i", "-1"])["inspector_addr"] == "-1"


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["c", "--bogus"], "unexpected argument '--bogus' found"),
        (["c", "--bogus=1"], "unexpected argument '--bogus' found"),
        (["c", "-x"], "unexpected argument '-x' found"),
        (["c", "-bx"], "unexpected argument '-x' found"),
        (
            ["c", "--control-fdd=3"],
            "unexpected argument '--control-fdd' found\n\n  a similar one exists: '--control-fd'",
        ),
        (["a", "b", "c"], "unexpected argument 'c' found"),
        ([], "the following required arguments were not provided:\n  <config-file>"),
        (["c", "--import-path"], "a value is required for '--import-path <dir>' but none was supplied"),
        (["c", "--binary=yes"], "unexpected value 'yes' for '--binary' found; no more were expected"),
    ],
)
def test_wrong_lines(argv: list[str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(SERVE, argv)
    assert str(caught.value) == message
    assert caught.value.command is SERVE


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["bogus"], "unrecognized subcommand 'bogus'"),
        (["--bogus"], "unexpected argument '--bogus' found"),
        (["serv"], "unrecognized subcommand 'serv'\n\n  a similar one exists: 'serve'"),
        (["serve", "-"], "Reading config from stdin is only allowed with --binary."),
        (
            ["serve", "c", "-I", "/nonexistent"],
            "invalid value '/nonexistent' for '--import-path <dir>': No such directory.",
        ),
        (["serve", "c", "-s", "foo"], "invalid value 'foo' for '--socket-addr <name>=<addr>': Expected <name>=<value>"),
        (["serve", "c", "-S", "a=b"], "Socket value must be a file descriptor (non-negative integer)."),
        (["serve", "c", "-S", "a=999"], "File descriptor is not open."),
        (["serve", "c", "--control-fd=x"], "Output value must be a file descriptor (non-negative integer)."),
        (["serve", "c", "--control-fd=999"], "File descriptor is not open."),
        (["test", "c", "a:b:c:d"], "Too many colons."),
        (["test", "c", "--compat-date=1999-01-01"], "Expected YYYY-MM-DD, from 2000-01-01 to 2999-12-31"),
        (["test", "c", "-j", "0"], "invalid value '0' for '--jobs <n>': Expected a number"),
        (["test", "c", "--timeout", "soon"], "invalid value 'soon' for '--timeout <seconds>': Expected a number"),
        (["deploy"], "the subcommand 'deploy' is not available: clusters are not supported by this release"),
        (["completions", "csh"], "Expected bash, zsh or fish"),
    ],
)
def test_wrong_lines_end_with_status_1(argv: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(argv) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert message in err
    assert err.endswith("For more information, try '--help'.\n")


def test_no_command_shows_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 1
    assert "Commands:" in capsys.readouterr().err


@pytest.mark.parametrize("argv", [["--version"], ["-V"], ["serve", "--version"], ["--verbose", "-V"]])
def test_version(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(argv) == 0
    assert capsys.readouterr().out == "workerd 2026-11-17\n"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_help_names_everything(command: object, capsys: pytest.CaptureFixture[str]) -> None:
    from workerd.cli.table import Command

    assert isinstance(command, Command)
    assert main([command.name, "--help"]) == 0
    out = capsys.readouterr().out
    for option in command.options:
        assert all(flag in out for flag in option.flags)
    for argument in command.arguments:
        assert argument.metavar in out
    if not command.unsupported:
        assert all(len(line) <= 100 for line in out.splitlines() if not line.startswith("    "))


def test_help_of_all(capsys: pytest.CaptureFixture[str]) -> None:
    for argv in (["--help"], ["help"], ["-h"]):
        assert main(argv) == 0
        out = capsys.readouterr().out
        assert all(f"  {command.name} " in out for command in COMMANDS if not command.unsupported)
    assert main(["help", "test"]) == 0
    assert "Usage: workerd test [OPTIONS] <config-file> [filter]" in capsys.readouterr().out
