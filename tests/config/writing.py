"""Helpers: writing config files and loading them."""

from __future__ import annotations

from pathlib import Path

import pytest

from workerd.config.errors import ConfigError
from workerd.config.load import Loaded, Source, load
from workerd.config.overrides import Overrides
from workerd.config.validate import Permissions

HEAD = 'using Workerd = import "/workerd/workerd.capnp";\n'
#: The inside of a Worker that is fine.
CODE = 'modules = [(name = "m.js", esModule = "export default {}")], compatibilityDate = "2024-01-01"'


def write(directory: Path, text: str, name: str = "config.capnp") -> str:
    """A config file; `text` may leave out the `using` line."""
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text if "using Workerd" in text else HEAD + text)
    return str(path)


def load_text(
    directory: Path,
    text: str,
    *,
    const_name: str | None = None,
    import_paths: tuple[str, ...] = (),
    changes: Overrides = Overrides(),  # noqa: B008  (frozen)
    permissions: Permissions = Permissions(),  # noqa: B008
    for_test: bool = False,
) -> Loaded:
    source = Source(write(directory, text), const_name, False, import_paths)
    return load(source, changes, permissions, for_test=for_test)


def errors_of(directory: Path, text: str, **options: object) -> list[str]:
    """The errors, without the directory in front of the file's name."""
    with pytest.raises(ConfigError) as caught:
        load_text(directory, text, **options)  # type: ignore[arg-type]
    return [error.replace(f"{directory}/", "") for error in caught.value.errors]
