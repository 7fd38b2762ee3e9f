"""Bodies that a worker writes bit by bit."""

from __future__ import annotations

import asyncio

import pytest
from tests.runtime.running import Answer, World, with_workers, worker

SOURCE = """
const encoder = new TextEncoder();
export default { fetch(request) {
  const what = new URL(request.url).pathname;
  let n = 0;
  return new Response(new ReadableStream({
    async pull(controller) {
      if (what === '/slow') await scheduler.wait(5);
      if (what === '/broken' && n === 2) throw new Error('broken source');
      if (n === 3) return controller.close();
      controller.enqueue(encoder.encode(`chunk ${n++};`));
    },
    cancel() { console.log('cancelled'); },
  }));
} }
"""


def test_chunks_arrive_in_order() -> None:
    async def ask(world: World) -> None:
        answer = await world.ask(path="/slow")
        assert isinstance(answer, Answer)
        assert answer.body == b"chunk 0;chunk 1;chunk 2;"

    with_workers({"main": worker(SOURCE)}, ask)


def test_a_source_that_fails_breaks_the_body_and_is_logged() -> None:
    async def ask(world: World) -> None:
        with pytest.raises(ConnectionError):
            await world.ask(path="/broken")
        await asyncio.sleep(0.01)
        assert "broken source" in world.log
        answer = await world.ask(path="/slow")
        assert isinstance(answer, Answer)

    with_workers({"main": worker(SOURCE)}, ask)
