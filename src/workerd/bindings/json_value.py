"""`json`: a value parsed in the Worker from JSON text."""

from __future__ import annotations

import json
from typing import NoReturn

from workerd.bindings.context import BindingContext, BindingError, Descriptor
from workerd.config.bindings import JsonBinding


def _not_json(constant: str) -> NoReturn:
    # Python's parser takes NaN and Infinity, JavaScript's does not.
    raise ValueError(f"{constant} is not JSON")


def describe(name: str, value: JsonBinding, context: BindingContext) -> Descriptor:
    """The text goes to the Worker as it is; it is parsed here only to report a mistake before anything serves."""
    try:
        json.loads(value.json, parse_constant=_not_json)
    except (ValueError, RecursionError) as error:
        raise BindingError(f"{context.where(name)} is not valid JSON: {error}.") from error
    return {"name": name, "kind": "json", "value": value.json}
