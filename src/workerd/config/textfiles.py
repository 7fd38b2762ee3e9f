"""The files a text config is made of, read and made ready for Cap'n Proto's parser.

pycapnp's parser wants a file id in each file, and resolves names its own way. So each file gets an id if it has none,
in front of its first line, and each `import` and `embed` is replaced by what it means, found here by the rules of the
command line: relative to the file it stands in; with a leading `/`, in the `-I` directories, then among the built-in
ones. Lines stay where they are. On the way all missing files are found, and all files to watch.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from workerd.config.errors import ConfigError
from workerd.config.filestate import FileState, FileStates, state
from workerd.config.tokens import Source, Token, quote, structure_errors, tokenize, unquote

#: The schema, as `import "/workerd/workerd.capnp"`.
SCHEMA_PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "workerd.capnp")

#: Ids for files without one count up from here. Any with the high bit set will do: they never leave the process.
_FIRST_ID = 0xF35C_8A1B_0000_0000


class SourceFile:
    """A config file: its text, where its prepared copy is, and what it imports (the name as written -> file)."""

    def __init__(self, source: Source, tokens: list[Token], copy: str) -> None:
        self.source = source
        self.tokens = tokens
        self.copy = copy
        self.imports: dict[str, SourceFile | None] = {}


class TextFiles:
    """All the files of one config. `root` is the config file, `watched` every file that was looked at."""

    def __init__(self, root: SourceFile, by_copy: dict[str, SourceFile], watched: FileStates) -> None:
        self.root = root
        self._by_copy = by_copy
        self.watched = watched

    def by_copy(self, path: str) -> SourceFile | None:
        """The file whose prepared copy has this path: whole, without its first slash, or just the name."""
        return self._by_copy.get(os.path.basename(path))


@contextmanager
def prepare(path: str, import_paths: Sequence[str] = ()) -> Iterator[TextFiles]:
    """Read the config at `path` and all it imports. The copies live as long as the context.

    Raises ConfigError with all mistakes that were found.
    """
    with _copies() as copies:
        loader = _Loader(import_paths, copies)
        try:
            root = loader.load(os.path.abspath(path))
            if loader.errors:
                raise ConfigError(loader.errors)
            yield TextFiles(root, loader.by_copy, loader.watched)
        except ConfigError as error:
            error.watched = loader.watched
            raise


class _Loader:
    def __init__(self, import_paths: Sequence[str], copies: _Copies) -> None:
        self._roots = [os.path.abspath(path) for path in import_paths]
        self._copies = copies
        self._loaded: dict[str, SourceFile] = {}
        self.by_copy: dict[str, SourceFile] = {}
        self.errors: list[str] = []
        self.watched: dict[str, FileState] = {}

    def load(self, path: str, base: str = "") -> SourceFile:
        """Read one file. `base`: the -I directory in which it was found."""
        if path in self._loaded:
            return self._loaded[path]
        self.watched[path] = state(path)
        try:
            with open(path, encoding="utf-8") as stream:
                text = stream.read()
        except UnicodeDecodeError as error:
            raise ConfigError(f"{_display(path)}: The file is not UTF-8 text (byte {error.start}).") from None
        except OSError as error:
            raise ConfigError(f"{_display(path)}: {error.strerror}.") from None
        source = Source(_display(path), text)
        tokens = list(tokenize(text))
        self.errors.extend(structure_errors(source, tokens))
        # Known before the imports are followed: files may import each other.
        file = self._loaded[path] = SourceFile(source, tokens, self._copies.new())
        self.by_copy[os.path.basename(file.copy)] = file
        number = len(self._loaded)
        prepared = self._prepare(file, path, base)
        if not _has_id(tokens):
            prepared = f"@0x{_FIRST_ID + number:x};{prepared}"
        self._copies.write(file.copy, prepared)
        return file

    def _prepare(self, file: SourceFile, path: str, base: str) -> str:
        pieces: list[str] = []
        position = 0
        previous: Token | None = None
        for token in file.tokens:
            if token.kind == "string" and previous is not None and previous.kind == "name":
                target = None
                if previous.text == "import":
                    target = self._import(file, token, path, base)
                elif previous.text == "embed":
                    target = self._embed(file, token, path, base)
                if target is not None and previous.text == "embed" and os.path.getsize(target) == 0:
                    # The parser crashes on empty files. An empty literal is what one means, as Text and as Data.
                    pieces += [file.source.text[position : previous.start], '""']
                    position = token.end
                elif target is not None:
                    pieces += [file.source.text[position : token.start], quote(target)]
                    position = token.end
            previous = token
        pieces.append(file.source.text[position:])
        return "".join(pieces)

    def _import(self, file: SourceFile, token: Token, path: str, base: str) -> str | None:
        name = unquote(token)
        if found := self._find(name, path, base):
            place, its_base = found
            imported = file.imports[name] = self.load(place, its_base)
            # Not by its whole path: the parser takes files for the same only if they were found in the same directory,
            # and finds the root file in this one.
            return "/" + os.path.basename(imported.copy)
        file.imports[name] = None
        if name == "/workerd/workerd.capnp":
            return SCHEMA_PATH
        if name == "/capnp/c++.capnp":
            return _cxx_path()
        self.errors.append(f"{file.source.where(token.start)}: Import failed: {name}")
        return None

    def _embed(self, file: SourceFile, token: Token, path: str, base: str) -> str | None:
        name = unquote(token)
        if found := self._find(name, path, base):
            self.watched.setdefault(found[0], state(found[0]))
            return found[0]
        if not name.startswith("/"):
            # Watched although it is missing, so that `--watch` notices when it comes.
            self.watched[os.path.normpath(os.path.join(os.path.dirname(path), name))] = None
        self.errors.append(f"{file.source.where(token.start)}: Couldn't read file for embed: {name}")
        return None

    def _find(self, name: str, path: str, base: str) -> tuple[str, str] | None:
        if name.startswith("/"):
            candidates = [(os.path.normpath(root + name), root) for root in self._roots]
        else:
            candidates = [(os.path.normpath(os.path.join(os.path.dirname(path), name)), base)]
        return next(((place, root) for place, root in candidates if os.path.isfile(place)), None)


def _has_id(tokens: list[Token]) -> bool:
    """Whether the file declares an id: `@0x...;` as a statement of its own."""
    depth = 0
    start = True
    for index, token in enumerate(tokens):
        if token.kind == "open":
            depth += 1
        elif token.kind == "close":
            depth -= 1
        elif depth == 0 and start and token.text == "@" and index + 1 < len(tokens):
            return tokens[index + 1].kind == "number"
        start = token.text in (";", "}")
    return False


def _display(path: str) -> str:
    """The path as people wrote it, as far as can be known: without the current directory."""
    here = os.getcwd().rstrip("/") + "/"
    return path[len(here) :] if path.startswith(here) else path


def _cxx_path() -> str:
    import capnp

    return os.path.join(os.path.dirname(os.path.abspath(capnp.__file__)), "c++.capnp")


class _Copies(Protocol):
    def new(self) -> str:
        """A path for a copy yet to be written."""

    def write(self, path: str, text: str) -> None: ...


class _InMemory:
    """Copies without a file system: it may be read-only."""

    def __init__(self) -> None:
        self.fds: dict[str, int] = {}

    def new(self) -> str:
        fd = os.memfd_create("workerd-config")
        path = f"/proc/self/fd/{fd}"
        self.fds[path] = fd
        return path

    def write(self, path: str, text: str) -> None:
        data = memoryview(text.encode())
        while data:
            data = data[os.write(self.fds[path], data) :]

    def remove(self) -> None:
        for fd in self.fds.values():
            os.close(fd)


class _OnDisk:
    """Copies in a temporary directory, for systems without memfd."""

    def __init__(self) -> None:
        import tempfile

        self._directory = tempfile.TemporaryDirectory(prefix="workerd-config-")
        self._count = 0

    def new(self) -> str:
        self._count += 1
        return os.path.join(os.path.realpath(self._directory.name), f"{self._count}.capnp")

    def write(self, path: str, text: str) -> None:
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text)

    def remove(self) -> None:
        self._directory.cleanup()


@contextmanager
def _copies() -> Iterator[_Copies]:
    copies = _InMemory() if hasattr(os, "memfd_create") and os.path.isdir("/proc/self/fd") else _OnDisk()
    try:
        yield copies
    finally:
        copies.remove()
