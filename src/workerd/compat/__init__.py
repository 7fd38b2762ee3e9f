"""Compatibility dates and flags: the table (`table`), and what a Worker gets from it (`compute`)."""

from workerd.compat.compute import CompatFlags, compute
from workerd.compat.flags import FLAGS, Flag

__all__ = ["FLAGS", "CompatFlags", "Flag", "compute"]
