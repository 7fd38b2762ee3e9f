"""The schema's text, its document, and that the model keeps up with it."""

from __future__ import annotations

import pytest

from workerd.config.docs import Node, config_md, parse
from workerd.config.record import Record, replace
from workerd.config.textfiles import SCHEMA_PATH


def schema() -> Node:
    with open(SCHEMA_PATH) as stream:
        return parse(stream.read())


def test_the_document_is_current(request: pytest.FixtureRequest) -> None:
    current = (request.config.rootpath / "docs/config.md").read_text()
    assert current == config_md(), "run `python -m workerd.config.docs > docs/config.md`"


def test_every_declaration_has_a_comment() -> None:
    #: Names that say it all, next to commented ones.
    bare = {"Type", "Usage", "Version", "Device", "Attribute"}

    def walk(node: Node, where: str) -> None:
        name = node.group("type_name") or node.group("field") or node.group("group")
        path = f"{where}.{name}"
        if name and not bare & set(where.split(".")):
            assert node.comment, f"{path} has no comment"
        for child in node.children:
            walk(child, path)

    walk(schema(), "")


def test_a_line_that_is_not_understood_is_an_error() -> None:
    with pytest.raises(ValueError, match="line 2"):
        parse("struct A {\n  interface B\n}\n")


class Point(Record):
    x: int
    y: int = 2


class Point3(Point):
    z: int = 3


class Other(Record):
    x: int
    y: int = 2


def test_records_are_values() -> None:
    assert Point(1) == Point(1, 2) == Point(y=2, x=1)
    assert Point(1) != Other(1)
    assert hash(Point(1)) == hash(Point(1, 2))
    assert repr(Point3(1)) == "Point3(x=1, y=2, z=3)"
    assert replace(Point3(1), y=5) == Point3(1, 5, 3)
    match Point(7):
        case Point(x, y):
            assert (x, y) == (7, 2)


def test_records_are_frozen_and_checked() -> None:
    point = Point(1)
    with pytest.raises(AttributeError):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del point.x
    with pytest.raises(AttributeError):
        object.__setattr__(point, "w", 1)
    for args, kwargs in (((), {}), ((1, 2, 3), {}), ((1,), {"w": 1})):
        with pytest.raises(TypeError):
            Point(*args, **kwargs)
