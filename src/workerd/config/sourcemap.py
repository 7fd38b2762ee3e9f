"""Where in the text a part of the config stands, so that what validation finds has a line and a column.

Values come from Cap'n Proto's parser, which forgets places. This reads only the shape of constants (structs, lists,
references) to find a path like ("services", 2, "worker", "bindings", 0) again. Where it cannot follow, the place of
the innermost part that it could follow is given: an error with a rough place is better than one without.
"""

from __future__ import annotations

from collections.abc import Sequence

from workerd.config.textfiles import SourceFile, TextFiles
from workerd.config.tokens import Token, unquote

Path = Sequence[str | int]

_END = Token("end", "", 0, 0)
_FOLLOWED_CONSTANTS = 20


class _Value:
    """A value's shape. `fields` for a struct, `items` for a list, `words` for anything else (its tokens)."""

    __slots__ = ("fields", "file", "items", "start", "words")

    def __init__(self, file: SourceFile, start: int) -> None:
        self.file = file
        self.start = start
        self.fields: dict[str, _Value] | None = None
        self.items: list[_Value] | None = None
        self.words: list[Token] = []


class SourceMap:
    """Finds places in the files of one config, for the constant `const_name`."""

    def __init__(self, files: TextFiles, const_name: str) -> None:
        self._constants: dict[SourceFile, dict[str, _Value]] = {}
        self._aliases: dict[SourceFile, dict[str, list[Token]]] = {}
        self._root = self._constant(files.root, const_name.split("."))

    def where(self, path: Path) -> str | None:
        """`file:line:column` of the value at `path`; of its name's place for a struct's field that is there."""
        value = self._resolve(self._root)
        if value is None:
            return None
        place = value
        for step in path:
            found = self._step(value, step)
            if found is None:
                break
            place = found
            resolved = self._resolve(found)
            if resolved is None:
                break
            value = resolved
        return place.file.source.where(place.start)

    def _step(self, value: _Value, step: str | int) -> _Value | None:
        if isinstance(step, int):
            return value.items[step] if value.items is not None and step < len(value.items) else None
        return value.fields.get(step) if value.fields is not None else None

    def _resolve(self, value: _Value | None) -> _Value | None:
        """Follow references to constants."""
        for _ in range(_FOLLOWED_CONSTANTS):
            if value is None or value.fields is not None or value.items is not None:
                return value
            target = self._target(value.file, value.words)
            if target is None:
                return value
            value = target
        return value

    def _target(self, file: SourceFile, words: list[Token]) -> _Value | None:
        if words and words[0].text == "import" and len(words) > 1:
            imported = file.imports.get(unquote(words[1]))
            names = [word.text for word in words[2:] if word.kind == "name"]
            return self._constant(imported, names) if imported is not None and names else None
        names = [word.text for word in words if word.kind == "name"]
        if not names or names[0] == "embed":
            return None
        alias = self._index(file) and self._aliases[file].get(names[0])
        if alias and len(names) > 1:
            return self._target(file, alias + [Token("name", name, 0, 0) for name in names[1:]])
        return self._constant(file, names)

    def _constant(self, file: SourceFile, names: list[str]) -> _Value | None:
        # By the last name alone: constants of the same name in two scopes of one file are rare, and only places suffer.
        return self._index(file).get(names[-1])

    def _index(self, file: SourceFile) -> dict[str, _Value]:
        if file not in self._constants:
            reader = _Reader(file)
            self._constants[file] = reader.constants
            self._aliases[file] = reader.aliases
            reader.read()
        return self._constants[file]


class _Reader:
    """Reads one file's constants, and its `using X = import "..."`."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file
        self._tokens = file.tokens
        self._at = 0
        self.constants: dict[str, _Value] = {}
        self.aliases: dict[str, list[Token]] = {}

    def read(self) -> None:
        while self._peek() is not _END:
            token = self._next()
            if token.text == "const" and self._peek().kind == "name":
                name = self._next().text
                while self._peek() is not _END and self._peek().text not in ("=", ";"):
                    self._next()
                if self._next().text == "=":
                    self.constants[name] = self._value()
            elif token.text == "using" and self._peek().kind == "name":
                name = self._next().text
                if self._next().text == "=":
                    self.aliases[name] = self._value().words

    def _peek(self) -> Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _next(self) -> Token:
        token = self._peek()
        self._at += 1
        return token

    def _value(self) -> _Value:
        token = self._peek()
        value = _Value(self._file, token.start)
        if token.text == "(":
            self._struct(value)
        elif token.text == "[":
            self._list(value)
        else:
            while self._peek() is not _END and self._peek().text not in (",", ";", ")", "]"):
                if self._peek().kind == "open":
                    break
                value.words.append(self._next())
        return value

    def _struct(self, value: _Value) -> None:
        value.fields = {}
        self._next()
        while self._peek() is not _END and self._peek().text not in (")", ";"):
            name = self._next()
            if name.kind == "name" and self._peek().text == "=":
                self._next()
                value.fields[name.text] = self._value()
            self._skip_to_comma(")")
        self._next()

    def _list(self, value: _Value) -> None:
        value.items = []
        self._next()
        while self._peek() is not _END and self._peek().text not in ("]", ";"):
            value.items.append(self._value())
            self._skip_to_comma("]")
        self._next()

    def _skip_to_comma(self, closer: str) -> None:
        """Past what was not understood, such as a value after a value."""
        depth = 0
        while self._peek() is not _END:
            token = self._peek()
            if depth == 0 and token.text == ",":
                self._next()
                return
            if depth == 0 and token.text in (closer, ";"):
                return
            depth += (token.kind == "open") - (token.kind == "close")
            self._next()
