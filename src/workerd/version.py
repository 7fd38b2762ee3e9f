"""The release, as a date. The only place that names it.

`workerd --version` prints it, and it is the compatibility date this release was checked against.
Kept free of imports: `--version` must answer at once.
"""

RELEASE_DATE = "2026-11-17"
