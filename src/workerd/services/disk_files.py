"""The disk service's file system calls: blocking, each relative to the descriptor of the service's directory."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass

#: What opening fails with where there is no such file: the path is no path, or leads nowhere.
_NOWHERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG})

_TYPES = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "directory",
    stat.S_IFLNK: "symlink",
    stat.S_IFBLK: "blockDevice",
    stat.S_IFCHR: "characterDevice",
    stat.S_IFIFO: "namedPipe",
    stat.S_IFSOCK: "socket",
}


class MissingError(Exception):
    """There is no such file."""


@dataclass(slots=True)
class Node:
    """What a path leads to."""

    #: 'file' | 'directory' | 'other'
    kind: str
    #: Bytes of a file.
    size: int
    #: Seconds since 1970.
    modified: float
    #: A small file's bytes, a directory's listing; None: read from the descriptor.
    content: bytes | None = None
    descriptor: int | None = None

    def close(self) -> None:
        """Frees the descriptor."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None


@contextlib.contextmanager
def _missing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _NOWHERE:
            raise MissingError from error
        raise


def open_node(root: int, parts: list[bytes], dotfiles: bool, small: int) -> Node:
    """Opens what `parts` name. Files up to `small` bytes are read at once. Raises MissingError, OSError."""
    path = b"/".join(parts) or b"."
    with _missing():
        # Looked at before it is opened: opening a device or a named pipe is an act of its own.
        before = os.stat(path, dir_fd=root)
        if not stat.S_ISREG(before.st_mode) and not stat.S_ISDIR(before.st_mode):
            return Node("other", 0, before.st_mtime)
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY, dir_fd=root)
    keep = False
    try:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            return Node("directory", 0, status.st_mtime, _listing(descriptor, dotfiles))
        if not stat.S_ISREG(status.st_mode):
            return Node("other", 0, status.st_mtime)
        if status.st_size <= small:
            content = _read(descriptor, small)
            return Node("file", len(content), status.st_mtime, content)
        keep = True
        return Node("file", status.st_size, status.st_mtime, None, descriptor)
    finally:
        if not keep:
            os.close(descriptor)


def _read(descriptor: int, most: int) -> bytes:
    chunks = []
    left = most
    while left > 0 and (chunk := os.read(descriptor, left)):
        chunks.append(chunk)
        left -= len(chunk)
    return b"".join(chunks)


def _listing(descriptor: int, dotfiles: bool) -> bytes:
    entries = []
    with os.scandir(descriptor) as found:
        for entry in found:
            if dotfiles or not entry.name.startswith("."):
                entries.append((os.fsencode(entry.name), _type(entry)))
    entries.sort()
    listed = [{"name": name.decode("utf-8", "replace"), "type": kind} for name, kind in entries]
    return json.dumps(listed, ensure_ascii=False, separators=(",", ":")).encode()


def _type(entry: os.DirEntry[str]) -> str:
    # The first three are told by the directory itself, without a look at the file.
    if entry.is_symlink():
        return "symlink"
    if entry.is_dir(follow_symlinks=False):
        return "directory"
    if entry.is_file(follow_symlinks=False):
        return "file"
    try:
        return _TYPES.get(stat.S_IFMT(entry.stat(follow_symlinks=False).st_mode), "other")
    except FileNotFoundError:
        return "other"


def remove(root: int, parts: list[bytes]) -> bool:
    """Removes what `parts` name: a link itself, a directory with its contents. False: there was nothing."""
    path = b"/".join(parts)
    try:
        with _missing():
            status = os.stat(path, dir_fd=root, follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode):
                shutil.rmtree(path, dir_fd=root)
            else:
                os.unlink(path, dir_fd=root)
    except MissingError:
        return False
    return True


class Replacement:
    """A file written beside the one it will replace, so that others see the old one or the new one, whole."""

    def __init__(self, root: int, parts: list[bytes]) -> None:
        """Makes the directories above it. Raises OSError."""
        for depth in range(1, len(parts)):
            with contextlib.suppress(FileExistsError):
                os.mkdir(b"/".join(parts[:depth]), dir_fd=root)
        self._name = parts[-1]
        above = b"/".join(parts[:-1]) or b"."
        self._directory = os.open(above, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=root)
        self._temporary: bytes | None = b".workerd-" + secrets.token_hex(8).encode()
        self._file: int | None = None
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            self._file = os.open(self._temporary, flags, 0o666, dir_fd=self._directory)
        except OSError:
            self._temporary = None
            self.close()
            raise

    def write(self, data: bytes) -> None:
        assert self._file is not None
        view = memoryview(data)
        while view:
            view = view[os.write(self._file, view) :]

    def commit(self) -> None:
        """The new file takes the old one's place."""
        assert self._temporary is not None
        os.rename(self._temporary, self._name, src_dir_fd=self._directory, dst_dir_fd=self._directory)
        self._temporary = None

    def close(self) -> None:
        """Frees what is held; what was not committed is gone. May be called twice."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._directory >= 0:
            if self._temporary is not None:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(self._temporary, dir_fd=self._directory)
                self._temporary = None
            os.close(self._directory)
            self._directory = -1
