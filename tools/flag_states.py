"""Brings the `state` column of compat/table.py up to date with the source, and docs/compatibility.md with both.

    python tools/flag_states.py

A flag that the source names, outside of comments, is `done`, one that it does not name is `todo`. The other
states are people's to set, and stay.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src/workerd"
TABLE = SOURCE / "compat/table.py"
sys.path.insert(0, str(ROOT / "src"))

#: Where flags are named without being implemented.
NOT_THERE = ("compat", "config", "cli", "platform/dist")


#: Where naming says nothing: a module that only refuses, and a flag that only brings others with time.
BY_HAND = {"rtti_api": "todo", "remove_nodejs_compat_eol": "done"}


def source_text() -> str:
    parts = []
    for folder in (SOURCE, ROOT / "native"):
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder).as_posix()
            elsewhere = folder == SOURCE and inside.startswith(NOT_THERE)
            if path.suffix in (".py", ".ts", ".cpp", ".h") and "node_modules" not in inside and not elsewhere:
                parts.append(re.sub(r"^\s*(//|# |\*[ /]).*$", "", path.read_text(errors="replace"), flags=re.MULTILINE))
    return "\n".join(parts)


def main() -> None:
    text = source_text()
    # Names of one word are words of other meanings, too.
    used = set(re.findall(r"flags\??\.(\w+)", text)) | set(re.findall(r"\b\w+(?:[_-]\w+)+\b", text))
    changed = []
    lines = []
    for line in TABLE.read_text().splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 8 and cells[-1] in ("todo", "done"):
            state = BY_HAND.get(cells[1], "done" if cells[1] in used else "todo")
            if state != cells[-1]:
                changed.append(f"{cells[1]}: {cells[-1]} -> {state}")
                line = line[: line.rindex("|")] + f"| {state}"
        lines.append(line)
    TABLE.write_text("\n".join(lines) + "\n")

    from workerd.compat.docs import compatibility_md

    (ROOT / "docs/compatibility.md").write_text(compatibility_md())
    print("\n".join(changed) or "nothing changed")


if __name__ == "__main__":
    main()
