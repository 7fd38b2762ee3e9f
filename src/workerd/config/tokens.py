"""Tokens of Cap'n Proto's schema language, with their places: for finding things in configs, not for reading values.

Language: https://capnproto.org/language.html
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from workerd.config.record import Record

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|\#[^\n]*|\ufeff)
  | (?P<string>"(?:[^"\\\n]|\\.)*"|`[^\n]*)
  | (?P<data>0x"[0-9a-fA-F\s]*")
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<number>\d[0-9A-Za-z_.]*(?:(?<=[eE])[+-]?\d+)?)
  | (?P<open>[(\[{])
  | (?P<close>[)\]}])
  | (?P<punct>[=:;,.@$*&+!<>?/|~%^-]+?)
    """,
    re.VERBOSE,
)

_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|[0-7]{1,3}|.)", re.DOTALL)
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}

CLOSERS = {"(": ")", "[": "]", "{": "}"}


class Token(Record):
    """kind: 'string' | 'data' | 'name' | 'number' | 'open' | 'close' | 'punct' | 'bad'. `start`, `end`: offsets."""

    kind: str
    text: str
    start: int
    end: int


class Source:
    """One file's text, with offsets turned into lines and columns, both counted from 1."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]

    def place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    def where(self, offset: int) -> str:
        """`path:line:column`."""
        line, column = self.place(offset)
        return f"{self.path}:{line}:{column}"

    def line(self, number: int) -> str:
        start = self._lines[number - 1]
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else len(self.text)]

    def line_start(self, number: int) -> int:
        return self._lines[number - 1]

    @property
    def line_count(self) -> int:
        return len(self._lines)


def tokenize(text: str) -> Iterator[Token]:
    """All tokens but space and comments. What is no token comes as one 'bad' character."""
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            yield Token("bad", text[position], position, position + 1)
            position += 1
            continue
        if match.lastgroup != "space":
            yield Token(match.lastgroup or "", match[0], position, match.end())
        position = match.end()


def unquote(token: Token) -> str:
    """The value of a 'string' token."""
    if token.text.startswith("`"):
        return token.text[1:] + "\n"

    def escape(match: re.Match[str]) -> str:
        what = match[1]
        if what[0] == "x":
            return chr(int(what[1:], 16))
        if what[0] in "01234567":
            return chr(int(what, 8))
        return _ESCAPES.get(what, what)

    return _ESCAPE.sub(escape, token.text[1:-1])


def quote(value: str) -> str:
    """A string literal for `value`."""
    out = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f]", lambda match: f"\\x{ord(match[0]):02x}", out) + '"'


def structure_errors(source: Source, tokens: list[Token]) -> list[str]:
    """Mistakes that need no grammar: strange characters, unterminated strings, brackets that do not pair."""
    errors: list[str] = []
    open_tokens: list[Token] = []
    for token in tokens:
        if token.kind == "bad":
            what = "Unterminated string." if token.text == '"' else f"Unexpected character {token.text!r}."
            errors.append(f"{source.where(token.start)}: {what}")
            if token.text == '"':
                break  # what follows is inside the string, or is not: nothing more to learn
        elif token.kind == "open":
            open_tokens.append(token)
        elif token.kind == "close":
            if open_tokens and CLOSERS[open_tokens[-1].text] == token.text:
                open_tokens.pop()
                continue
            if open_tokens:
                begin = open_tokens[-1]
                line, column = source.place(begin.start)
                errors.append(
                    f"{source.where(token.start)}: Expected '{CLOSERS[begin.text]}' for the '{begin.text}' of line "
                    f"{line}, column {column}, found '{token.text}'."
                )
            else:
                errors.append(f"{source.where(token.start)}: '{token.text}' closes nothing.")
            break
        elif token.text == ";" and open_tokens and open_tokens[-1].text != "{":
            begin = open_tokens[-1]
            errors.append(f"{source.where(begin.start)}: '{begin.text}' is never closed.")
            break
    else:
        if open_tokens:
            begin = open_tokens[-1]
            errors.append(f"{source.where(begin.start)}: '{begin.text}' is never closed.")
    return errors
