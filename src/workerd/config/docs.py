"""Makes docs/config.md from the comments of workerd.capnp: `python -m workerd.config.docs > docs/config.md`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from workerd.config.textfiles import SCHEMA_PATH

_DECLARATION = re.compile(
    r"(?:(?P<kind>struct|enum) (?P<type_name>\w+) \{"
    r"|(?P<union>union) \{"
    r"|(?P<group>\w+) :(?P<group_kind>group|union) \{"
    r"|(?P<field>\w+) @(?P<ordinal>\d+)(?: :(?P<type>[\w.]+(?:\([\w.]+\))?)(?: = (?P<default>[^;]+))?)?;)$"
)


class Node:
    """A declaration: its comment and what is declared inside it."""

    def __init__(self, match: re.Match[str] | None = None) -> None:
        self.match = match
        self.comment: list[str] = []
        self.children: list[Node] = []

    def group(self, name: str) -> str:
        return (self.match[name] if self.match is not None else None) or ""

    @property
    def is_type(self) -> bool:
        return bool(self.group("kind"))


def parse(text: str) -> Node:
    """The schema's declarations, nested as in the file. Raises ValueError for a line it does not know."""
    root = Node()
    stack = [root]
    last = root
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("#"):
            last.comment.append(stripped[1:].removeprefix(" "))
        elif match := _DECLARATION.match(stripped):
            last = Node(match)
            stack[-1].children.append(last)
            if stripped.endswith("{"):
                stack.append(last)
        elif stripped == "}":
            stack.pop()
            last = Node()
        elif not stripped:
            # A comment after an empty line belongs to nothing (section titles).
            last = last if last is root else Node()
        elif not stripped.startswith("@0x"):
            raise ValueError(f"line {number} of the schema is not understood: {stripped}")
    return root


def render(root: Node) -> str:
    out = [
        "# Configuration",
        "",
        "<!-- Generated from src/workerd/config/workerd.capnp by `python -m workerd.config.docs`. Edit that. -->",
        "",
        *_text(root.comment),
        "",
    ]
    for path, node in _types(root, ""):
        out += [f"## {path}", "", *_text(node.comment), ""]
        if node.group("kind") == "enum":
            out += [line for child in node.children for line in _enumerant(child)] + [""]
            continue
        for child in node.children:
            out += _member(child, "")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(out)).rstrip() + "\n"


def _types(node: Node, prefix: str) -> Iterator[tuple[str, Node]]:
    for child in node.children:
        if child.is_type:
            path = prefix + child.group("type_name")
            yield path, child
            yield from _types(child, path + ".")


def _member(node: Node, indent: str) -> list[str]:
    if node.is_type:
        return []
    if node.group("union"):
        out = [f"{indent}* *one of:*", ""]
        for child in node.children:
            out += _member(child, indent + "  ")
        return out
    if name := node.group("group"):
        kind = "one of" if node.group("group_kind") == "union" else "group"
        out = [f"{indent}* **`{name}`** ({kind})", ""]
        out += [f"{indent}  {line}".rstrip() for line in _text(node.comment)] + [""]
        for child in node.children:
            out += _member(child, indent + "  ")
        return out
    default = f", default `{node.group('default')}`" if node.group("default") else ""
    out = [f"{indent}* **`{node.group('field')}`** `:{node.group('type')}`{default}", ""]
    return out + [f"{indent}  {line}".rstrip() for line in _text(node.comment)] + [""]


def _enumerant(node: Node) -> list[str]:
    text = " ".join(node.comment)
    return [f"* `{node.group('field')}`" + (f": {text}" if text else "")]


def _text(comment: list[str]) -> list[str]:
    return [line.rstrip() for line in comment]


def config_md() -> str:
    with open(SCHEMA_PATH, encoding="utf-8") as stream:
        return render(parse(stream.read()))


if __name__ == "__main__":
    sys.stdout.write(config_md())
