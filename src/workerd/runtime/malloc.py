"""How the C library's malloc keeps what was freed: for a server, whose next message is about as long as the last one."""

from __future__ import annotations

import ctypes

# <malloc.h>
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
#: Bytes that stay in the process at the end of the heap. By default it is twice the largest block so far, so that a message
#: of 1 MiB, in its three copies on the way through, is given back to the kernel each time and comes back as fresh pages.
_KEEP = 8 << 20
#: Blocks from this size on are mappings of their own, given back at once. (Fixing the one value fixes the other.)
_MAPPED = 4 << 20


def keep_freed_memory() -> bool:
    """Sets both for the process. False: not glibc, or not allowed."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(_M_MMAP_THRESHOLD, _MAPPED)) and bool(mallopt(_M_TRIM_THRESHOLD, _KEEP))
