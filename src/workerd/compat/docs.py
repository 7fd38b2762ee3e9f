"""Makes docs/compatibility.md from the table: `python -m workerd.compat.docs > docs/compatibility.md`."""

from __future__ import annotations

import sys

from workerd.compat.flags import FLAGS, Flag
from workerd.version import RELEASE_DATE

_AREAS = {
    "fetch": "Fetch, HTTP, cache",
    "web": "URL, encoding, crypto, Blob, FormData, events",
    "streams": "Streams",
    "websocket": "WebSocket",
    "runtime": "Modules, globals, JavaScript",
    "node": "Node.js compatibility",
    "products": "Durable Objects, RPC, storage, queues and other products",
    "python": "Python Workers",
}

_STATES = {
    "done": "yes",
    "part": "partly",
    "todo": "accepted, no effect yet",
    "cloudflare": "accepted; acts only on Cloudflare's network",
    "obsolete": "accepted; has no effect any more",
}


def compatibility_md() -> str:
    counts = {state: sum(flag.state == state for flag in FLAGS) for state in _STATES}
    out = [
        "# Compatibility dates and flags",
        "",
        "<!-- Generated from src/workerd/compat/table.py by `python -m workerd.compat.docs`. Edit that. -->",
        "",
        "A Worker's `compatibilityDate` decides which behaviour it gets: everything that changed by default on or "
        "before that day. `compatibilityFlags` take single changes early (the flag's name) or refuse them (the name in "
        '"off"). Flags marked "experimental" need `--experimental`. "With X from DATE" means: on if X is on and the '
        "Worker's date is DATE or later.",
        "",
        f"The list is that of {RELEASE_DATE}: {len(FLAGS)} flags. Of these, {counts['done']} are implemented, "
        f"{counts['part']} partly, {counts['todo']} are accepted without an effect so far, {counts['cloudflare']} act "
        f"only on Cloudflare's network, and {counts['obsolete']} have no effect any more.",
        "",
    ]
    for area, title in _AREAS.items():
        flags = [flag for flag in FLAGS if flag.area == area]
        out += [f"## {title}", "", "| flag | off | default | implemented |", "|---|---|---|---|"]
        out += [
            f"| `{flag.enable}` | {f'`{flag.disable}`' if flag.disable else ''} | {_default(flag)} | "
            f"{_STATES[flag.state]} |"
            for flag in flags
        ]
        out.append("")
    return "\n".join(out)


def _default(flag: Flag) -> str:
    names = {other.field: other.enable for other in FLAGS}
    parts = []
    if flag.all_dates:
        parts.append("always on")
    if flag.date is not None:
        parts.append(f"on from {flag.date}")
    if flag.implied_by:
        others = " or ".join(f"`{names[field]}`" for field in flag.implied_by)
        parts.append(f"with {others} from {flag.implied_from}")
    if flag.experimental:
        parts.append("experimental")
    return "; ".join(parts) or "off"


if __name__ == "__main__":
    sys.stdout.write(compatibility_md())
