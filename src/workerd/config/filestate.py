"""What a file was when it was read, to tell later whether it has changed since."""

from __future__ import annotations

import os
from collections.abc import Mapping

#: A file's time, size and inode; None: it is not there.
FileState = tuple[int, int, int] | None

#: Path -> state. Taken just before each file is read, so that no change after that goes unnoticed.
FileStates = Mapping[str, FileState]


def state(path: str) -> FileState:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
