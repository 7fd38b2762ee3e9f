"""How configuration mistakes are reported: all that were found, each a line that names the place."""

from __future__ import annotations

from collections.abc import Iterable

from workerd.config.filestate import FileStates


class ConfigError(Exception):
    """A configuration that cannot be used. `errors`: one message each, most with `file:line:column: ` in front.

    `watched`: files whose change may mend it, as far as they are known. `structured`: it asks for logs as JSON.
    """

    def __init__(self, errors: str | Iterable[str], *, structured: bool = False) -> None:
        self.watched: FileStates = {}
        self.structured = structured
        self.errors: tuple[str, ...] = (errors,) if isinstance(errors, str) else tuple(errors)
        super().__init__("\n".join(self.errors))
