"""Autogates: switches that the reference uses to roll changes out. None changes anything here; Workers can ask for one of them."""

from __future__ import annotations

import os
from collections.abc import Iterable

from workerd.observe.logs import Logs

PREFIX = "workerd-autogate-"
#: Switched on by a test config, and seen through `workerd:unsafe`.
TEST = "test-workerd"


class Autogates:
    """Those of one config. The variable WORKERD_ALL_AUTOGATES, if it is there, switches all on."""

    def __init__(self, names: Iterable[str], logs: Logs) -> None:
        self._all = "WORKERD_ALL_AUTOGATES" in os.environ
        self._names = set()
        for name in names:
            if name.startswith(PREFIX):
                self._names.add(name.removeprefix(PREFIX))
            else:
                logs.message("error", f"Autogate configuration includes gate with invalid prefix: {name!r}.")

    def on(self, name: str) -> bool:
        """Whether a gate, named without prefix, is on."""
        return self._all or name in self._names
