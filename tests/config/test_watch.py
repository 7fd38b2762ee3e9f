"""Noticing changes of files."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.config.writing import CODE, write

from workerd.config import watch
from workerd.config.errors import ConfigError
from workerd.config.load import Loaded, Source, load
from workerd.config.overrides import Overrides
from workerd.config.validate import Permissions


def after(seconds: float, action: Callable[[], object]) -> None:
    threading.Timer(seconds, action).start()


def replace_file(path: Path) -> None:
    """As editors do: a new file takes the place of the old one."""
    new = path.with_name("new")
    new.write_text("replaced")
    os.replace(new, path)


@pytest.mark.parametrize(
    "action",
    [
        lambda path: path.write_text("changed"),
        lambda path: path.unlink(),
        replace_file,
        lambda path: shutil.rmtree(path.parent),
    ],
    ids=["written", "removed", "replaced", "directory removed"],
)
def test_changes_are_noticed(tmp_path: Path, action: Callable[[Path], object]) -> None:
    path = tmp_path / "dir/file"
    path.parent.mkdir()
    path.write_text("first")
    before = watch.states([str(path)])
    after(0.1, lambda: action(path))
    start = time.monotonic()
    assert watch.changed(before)
    assert 0.1 <= time.monotonic() - start < 1.5


def test_a_file_that_appears_in_a_new_directory(tmp_path: Path) -> None:
    path = tmp_path / "a/b/file"

    def create() -> None:
        path.parent.mkdir(parents=True)
        path.write_text("x")

    before = watch.states([str(path)])
    after(0.1, create)
    assert watch.changed(before)
    assert path.exists()


def test_a_change_before_watching_begins_counts(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("first")
    before = watch.states([str(path)])
    path.write_text("second")
    assert watch.changed(before)


def test_neighbours_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("x")
    before = watch.states([str(path)])
    (tmp_path / "other").write_text("x")
    over = threading.Event()
    after(0.05, lambda: (tmp_path / "other").write_text("y"))
    after(0.3, over.set)
    assert not watch.changed(before, over.is_set)


def test_polling_notices_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "_watcher", lambda paths: watch._Polling())
    path = tmp_path / "file"
    path.write_text("x")
    before = watch.states([str(path)])
    after(0.1, lambda: path.write_text("longer"))
    assert watch.changed(before)


def test_changes_gives_good_configs_and_tells_bad_ones(tmp_path: Path) -> None:
    def good(name: str) -> str:
        return f'const config :Workerd.Config = (services = [(name = "{name}", worker = ({CODE}))]);'

    path = write(tmp_path, good("one"))
    applied: list[str] = []
    told: list[tuple[str, ...]] = []

    def read() -> Loaded:
        return load(Source(path), Overrides(), Permissions())

    async def follow() -> None:
        async for loaded in watch.changes(read, watch.states([path]), lambda error: told.append(error.errors)):
            applied.append(loaded.config.services[0].name)

    async def until(condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not condition():
                await asyncio.sleep(0.02)

    async def main() -> None:
        task = asyncio.create_task(follow())
        await asyncio.sleep(0.1)
        write(tmp_path, "const config :Workerd.Config = (x = 1);")
        await until(lambda: len(told) == 1)
        write(tmp_path, good("two"))
        await until(lambda: applied == ["two"])
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert told[0][0].endswith("Struct has no field named 'x'.")


def test_wait_for_valid_goes_on_until_it_loads(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("bad")

    def read() -> Loaded:
        if path.read_text() != "good":
            raise ConfigError("not yet")
        return Loaded(None, {}, ())  # type: ignore[arg-type]

    told: list[str] = []
    before = watch.states([str(path)])
    after(0.1, lambda: path.write_text("still bad"))
    after(0.4, lambda: path.write_text("good"))
    assert watch.wait_for_valid(read, before, lambda error: told.append(error.errors[0])).watched == {}
    assert told == ["not yet"]
