"""`make wpt SRC=<folder>`: see wpt_runner/main.py and docs/wpt.md."""

from __future__ import annotations

import signal
import sys

from wpt_runner.main import main

if __name__ == "__main__":
    # What was started is stopped, however the run ends.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    sys.exit(main())
