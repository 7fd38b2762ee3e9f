"""What the binding kinds share: where they report errors and how they reach the services they name."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from workerd.config.model import ServiceDesignator

#: One member of env, as plain data: see the package's docstring.
Descriptor = dict[str, Any]


class BindingError(Exception):
    """A binding cannot be made from its config. The message names the Worker and the binding."""


@dataclass(slots=True)
class BindingContext:
    """The surroundings of the bindings of one Worker.

    `service_target` gives the number, in this Worker's capability table, of the service that a designator names; it may
    raise BindingError. `environ` is what `fromEnvironment` looks into.
    """

    worker_name: str
    service_target: Callable[[ServiceDesignator, str], int]
    service_worker_syntax: bool = False
    experimental: bool = False
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def where(self, binding_name: str) -> str:
        """How error messages call a binding."""
        return f'Worker "{self.worker_name}"\'s binding "{binding_name}"'
