"""Files that the kernel has in memory, read at once: no disk is waited for, so no thread is needed.

Linux can be asked to open a path only if all of it is in the directory cache (openat2, RESOLVE_CACHED), and to read
only what is in the page cache (preadv2, RWF_NOWAIT). Whatever is not, or is no small regular file, is left to the
threads: `open_cached()` says None.
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys

from workerd.services.disk_files import Node

_SYS_OPENAT2 = 437
_RESOLVE_CACHED = 0x20


class _OpenHow(ctypes.Structure):
    _fields_ = [("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64)]


def _find_openat2() -> ctypes._NamedFuncPointer | None:
    if not sys.platform.startswith("linux") or not hasattr(os, "RWF_NOWAIT"):
        return None
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    call.argtypes = [
        ctypes.c_long,
        ctypes.c_int,
        ctypes.c_char_p,
        ctypes.POINTER(_OpenHow),
        ctypes.c_size_t,
    ]
    return call


_openat2 = _find_openat2()
# O_PATH: a look at what it is, before it is opened; opening a device or a named pipe is an act of its own.
_HOW = _OpenHow(getattr(os, "O_PATH", 0) | os.O_CLOEXEC, 0, _RESOLVE_CACHED)
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


def open_cached(root: int, path: bytes, small: int) -> Node | None:
    """The regular file `path`, of at most `small` bytes, with its content; None where that would take time."""
    if _openat2 is None:
        return None
    place = _openat2(_SYS_OPENAT2, root, path, ctypes.byref(_HOW), ctypes.sizeof(_HOW))
    if place < 0:
        return None
    descriptor = -1
    try:
        status = os.fstat(place)
        size = status.st_size
        if not stat.S_ISREG(status.st_mode) or size > small:
            return None
        # The same inode again, through the link that stands for it.
        descriptor = os.open(f"/proc/self/fd/{place}", _READ)
        content = bytearray(size)
        if size and os.preadv(descriptor, [content], 0, os.RWF_NOWAIT) != size:
            return None
        return Node("file", size, status.st_mtime, bytes(content))
    except OSError:
        # Not in memory, or a file system that cannot tell. Real errors come up again in the thread.
        return None
    finally:
        os.close(place)
        if descriptor >= 0:
            os.close(descriptor)
