"""`make wpt SRC=<folder>`: see wpt_runner/main.py and docs/wpt.md."""

from __future__ import annotations

import sys

from wpt_runner.main import main

if __name__ == "__main__":
    sys.exit(main())
