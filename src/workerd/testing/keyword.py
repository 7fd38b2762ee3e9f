"""`-k`: an expression over test names, as pytest has it: words, `and`, `or`, `not`, parentheses."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\s*(?:(\(|\))|([^\s()]+))")


class KeywordError(ValueError):
    """The expression is malformed."""


def matches(expression: str, name: str) -> bool:
    """Whether `name` satisfies the expression: a word holds if it occurs in the name (case does not matter). Raises KeywordError."""
    tokens = [match.group(1) or match.group(2) for match in _TOKEN.finditer(expression)]
    parser = _Parser(tokens, name.lower(), expression)
    value = parser.either()
    if parser.position != len(tokens):
        raise KeywordError(f"-k {expression!r}: unexpected {tokens[parser.position]!r}")
    return value


class _Parser:
    def __init__(self, tokens: list[str], name: str, expression: str) -> None:
        self.tokens = tokens
        self.position = 0
        self.name = name
        self.expression = expression

    def take(self, word: str) -> bool:
        if self.position < len(self.tokens) and self.tokens[self.position] == word:
            self.position += 1
            return True
        return False

    def either(self) -> bool:
        value = self.both()
        while self.take("or"):
            value = self.both() or value
        return value

    def both(self) -> bool:
        value = self.single()
        while self.take("and"):
            value = self.single() and value
        return value

    def single(self) -> bool:
        if self.take("not"):
            return not self.single()
        if self.take("("):
            value = self.either()
            if not self.take(")"):
                raise KeywordError(f"-k {self.expression!r}: missing )")
            return value
        if self.position >= len(self.tokens) or self.tokens[self.position] in (")", "and", "or"):
            raise KeywordError(f"-k {self.expression!r}: a word is missing")
        self.position += 1
        return self.tokens[self.position - 1].lower() in self.name
