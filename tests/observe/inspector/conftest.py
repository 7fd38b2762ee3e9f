from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.observe.inspector.workers import Server, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("inspected")) as running:
        yield running
