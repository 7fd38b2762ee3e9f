"""What a server asks of malloc."""

from __future__ import annotations

import subprocess
import sys

import pytest

# A block between the two thresholds, taken and freed again and again: how many pages had to be fetched for it.
PROGRAM = """
import resource
from workerd.runtime.malloc import keep_freed_memory
if {keep}:
    assert keep_freed_memory()
bytes(1 << 20)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(50):
    parts = [b"x" * (1 << 20) for _ in range(3)]
    del parts
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc only")
def test_freed_memory_is_used_again() -> None:
    def faults(keep: bool) -> int:
        program = PROGRAM.format(keep=keep)
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30)
        return int(done.stdout)

    assert faults(True) * 5 < faults(False)
